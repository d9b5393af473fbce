//! What pages ask for is joined from cards that were written when the index was built, or when an article came. It says what a
//! panel with evidence says, which is serialised from its texts, and what files show.

use serde_json::{Value, json};

use crate::articles_http::Keyed;
use crate::site::Site;

/// What JSON escapes, what it does not, and what looks like either.
const TITLES: [&str; 6] = [
    "plain",
    "\"quoted\" and \\ and \\\"",
    "tab\there, a line\nthere\u{1}\u{1f}",
    "ä\u{fffd}𝄞\u{2028}\u{7f}",
    "null",
    "\\u0022,\"match\":100",
];

fn record(id: &str, text: &str) -> Value {
    json!({
        "id": id, "url": format!("/at{id}?\"\\ä"), "kind": "tool", "title": text, "summary": text, "author": text,
        "image": "/i.png", "topic": "brewing", "published": "2025-02-03T10:00:00Z",
        "body": "Espresso needs fresh beans, a grinder and pressure, and so does every other coffee.",
    })
}

/// The panel of `host` as pages ask for it, and the same by way of its evidence.
fn both(server: &Keyed, host: &str) -> (Value, Value) {
    let path = format!("/v1/related?id={host}");
    let joined = server.server.json(&path);
    let mut told = server.server.json(&format!("{path}&explain=true"));
    for item in told["items"].as_array_mut().expect("items") {
        let members = item.as_object_mut().expect("an object");
        assert!(members.remove("evidence").is_some());
    }
    (joined, told)
}

#[test]
fn cards_that_were_written_beforehand_say_what_a_serialiser_says_of_their_texts() {
    let site = Site::new();
    site.write("readnext.toml", "rebuild_percent = 100\n");
    let records = (0..).zip(TITLES);
    let records =
        records.map(|(number, text)| record(&format!("/page/{number}"), text).to_string());
    site.write("articles.jsonl", &records.collect::<Vec<_>>().join("\n"));
    let corpus = site.path("articles.jsonl");
    site.ok(&["reindex", "--corpus", corpus.to_str().expect("UTF-8")]);
    let server = Keyed::start(&site);
    // One more comes, and one comes anew, in other words.
    let late = "\"late\" \\ \n";
    assert_eq!(server.put("/page/6", &record("/page/6", late)).0, 201);
    let anew = "\"anew\" \\ \t";
    assert_eq!(server.put("/page/0", &record("/page/0", anew)).0, 200);
    for number in 0..=6 {
        let host = format!("/page/{number}");
        let (joined, told) = both(&server, &host);
        assert_eq!(joined, told, "{host}");
        let items = joined["items"].as_array().expect("items");
        assert_eq!(items.len(), 6, "{host}");
        for item in items {
            let text = match item["id"].as_str().expect("an id") {
                "/page/0" => anew,
                "/page/6" => late,
                id => TITLES[usize::from(id.as_bytes()[6] - b'0')],
            };
            // Spaces and what nobody sees are put in order when an article is read.
            let seen =
                |text: &str| text.replace(|one: char| one.is_control() || one.is_whitespace(), "");
            for member in ["title", "author"] {
                let shown = item[member].as_str().expect("a text");
                assert_eq!(seen(shown), seen(text), "{member} of {}", item["id"]);
            }
        }
    }
}
