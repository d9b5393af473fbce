//! What articles that come over HTTP say of when and where they show, and what editors say of them: it holds when the answer comes,
//! after a restart and in the next generation alike.

use std::time::Duration;

use serde_json::{Value, json};

use crate::articles_http::Keyed;
use crate::site::Site;

/// How long a switch to the next generation may take.
const SOON: Duration = Duration::from_secs(20);
/// The pages of the site that say nothing.
const PLAIN: std::ops::Range<usize> = 1..6;

/// Pages on other things.
const OTHERS: usize = 360;

/// Where a card shows.
#[derive(Clone, Copy, Debug)]
enum Shows {
    /// In the panels of all plain pages.
    Everywhere,
    Nowhere,
    In(&'static str),
    NotIn(&'static str),
    /// As a pin.
    PinnedIn(&'static str),
}
use Shows::{Everywhere, In, NotIn, Nowhere, PinnedIn};

/// What is written, and where the cards show afterwards.
struct Case {
    id: &'static str,
    says: Value,
    then: Vec<(&'static str, Shows)>,
}

fn case(id: &'static str, says: Value, then: &[(&'static str, Shows)]) -> Case {
    Case {
        id,
        says,
        then: then.to_vec(),
    }
}

/// So many words that no other page has.
fn words(id: &str, count: usize) -> String {
    let own = id.replace(['/', '-', '.'], "w");
    let words: Vec<String> = (0..count).map(|number| format!("{own}{number}")).collect();
    words.join(" ")
}

/// A text about one thing, with words of its own.
fn text(id: &str) -> String {
    format!(
        "Burr grinders crush coffee beans between burrs for espresso and filter alike. {}.",
        words(id, 24)
    )
}

/// A server over pages of which some say something, beside editors who name pages that are not there yet.
fn served() -> (Site, Keyed) {
    let site = Site::new();
    site.write(
        "readnext.toml",
        "rebuild_percent = 100\nfill = false\nexploration = 0\n",
    );
    let plain = PLAIN.map(|number| (format!("g{number}"), ""));
    let others = [
        ("keyed", "translation_key: one\n"),
        ("two", "translation_key: two\n"),
        ("zwei", "translation_key: two\n"),
        ("part-1", "series: tour\nseries_order: 1\n"),
        ("part-3", "series: tour\nseries_order: 3\n"),
        ("was-expired", "expires: 2025-01-01\n"),
        ("was-never", "related:\n  never_recommend: true\n"),
        ("pinned", ""),
        ("to-expire", ""),
        ("to-keep-out", ""),
        ("waits", "related:\n  pin: /comes-to-pin\n"),
        ("leads", "canonical: /comes-to-lead\n"),
        ("docs/1.2/page", ""),
        ("docs/2.0/other", ""),
        ("docs/1.2/other", ""),
    ];
    let others = others.map(|(name, says)| (name.to_owned(), says));
    // Pages on other things, beside which words on coffee say something.
    for number in 0..OTHERS {
        let name = format!("other-{number}");
        let body = words(&name, 24);
        site.write(
            &format!("corpus/{name}.md"),
            &format!("---\ntitle: {body}\n---\n{body}\n"),
        );
    }
    for (name, says) in plain.chain(others) {
        let body = text(&format!("/{name}"));
        let page = format!("---\ntitle: Burr grinder {name}\n{says}---\n{body}\n");
        site.write(&format!("corpus/{name}.md"), &page);
    }
    site.write(
        "corpus/editorial.toml",
        "[[never-recommend]]\ncard = \"/named-never\"\n\
         [[block]]\nhost = \"/g1\"\ncard = \"/named-blocked\"\n\
         [[panel-off]]\nhost = \"/named-off\"\n\
         [[pin]]\nhost = \"/g2\"\ncard = \"/named-pinned\"\n\
         [[pin]]\nhost = \"/g3\"\ncard = \"/pinned\"\n",
    );
    let site = site.indexed();
    let server = Keyed::start(&site);
    (site, server)
}

fn cases() -> Vec<Case> {
    vec![
        case("/plain", json!({}), &[("/plain", Everywhere)]),
        case(
            "/expired",
            json!({"expires": "2025-01-01"}),
            &[("/expired", Nowhere)],
        ),
        case(
            "/embargoed",
            json!({"starts": "2130-01-01"}),
            &[("/embargoed", Nowhere)],
        ),
        case(
            "/current",
            json!({"starts": "2025-01-01", "expires": "2130-01-01"}),
            &[("/current", Everywhere)],
        ),
        case(
            "/never",
            json!({"related": {"never_recommend": true}}),
            &[("/never", Nowhere)],
        ),
        case(
            "/to-expire",
            json!({"expires": "2025-01-01"}),
            &[("/to-expire", Nowhere)],
        ),
        case(
            "/to-keep-out",
            json!({"related": {"never_recommend": true}}),
            &[("/to-keep-out", Nowhere)],
        ),
        case("/was-expired", json!({}), &[("/was-expired", Everywhere)]),
        case("/was-never", json!({}), &[("/was-never", Everywhere)]),
        case(
            "/pinned",
            json!({"expires": "2025-01-01"}),
            &[("/pinned", Nowhere)],
        ),
        case(
            "/translated",
            json!({"translation_key": "one"}),
            &[
                ("/translated", NotIn("/keyed")),
                ("/keyed", NotIn("/translated")),
            ],
        ),
        case(
            "/zwei",
            json!({}),
            &[("/zwei", In("/two")), ("/two", In("/zwei"))],
        ),
        case(
            "/part-2",
            json!({"series": "tour", "series_order": 2}),
            &[
                ("/part-1", NotIn("/part-2")),
                ("/part-3", NotIn("/part-2")),
                ("/part-2", NotIn("/part-1")),
                ("/part-2", NotIn("/part-3")),
                ("/part-1", In("/part-3")),
                ("/part-2", Everywhere),
            ],
        ),
        case(
            "/copy",
            json!({"canonical": "/g4"}),
            &[
                ("/copy", Nowhere),
                ("/g4", NotIn("/copy")),
                ("/g5", In("/copy")),
            ],
        ),
        case(
            "/comes-to-lead",
            json!({}),
            &[
                ("/comes-to-lead", NotIn("/leads")),
                ("/comes-to-lead", Everywhere),
            ],
        ),
        case(
            "/docs/2.0/page",
            json!({}),
            &[
                ("/docs/2.0/page", NotIn("/docs/1.2/page")),
                ("/docs/1.2/page", NotIn("/docs/2.0/page")),
                ("/docs/2.0/page", Everywhere),
            ],
        ),
        case(
            "/docs/1.1/other",
            json!({}),
            &[
                ("/docs/1.1/other", Nowhere),
                ("/docs/2.0/other", NotIn("/docs/1.1/other")),
            ],
        ),
        case("/named-never", json!({}), &[("/named-never", Nowhere)]),
        case(
            "/named-blocked",
            json!({}),
            &[
                ("/named-blocked", NotIn("/g1")),
                ("/named-blocked", In("/g2")),
            ],
        ),
        case(
            "/named-off",
            json!({}),
            &[("/g1", NotIn("/named-off")), ("/g2", NotIn("/named-off"))],
        ),
        case(
            "/named-pinned",
            json!({}),
            &[("/named-pinned", PinnedIn("/g2"))],
        ),
        case(
            "/comes-to-pin",
            json!({}),
            &[("/comes-to-pin", PinnedIn("/waits"))],
        ),
        case(
            "/tells",
            json!({"related": {"pin": "/g5", "block": ["/g1"]}}),
            &[
                ("/g5", PinnedIn("/tells")),
                ("/g1", NotIn("/tells")),
                ("/g2", In("/tells")),
            ],
        ),
        case(
            "/silent",
            json!({"related": {"panel": false}}),
            &[("/g1", NotIn("/silent")), ("/silent", Everywhere)],
        ),
    ]
}

/// Each card of `host` and its reason.
fn panel(server: &Keyed, host: &str) -> Vec<(String, String)> {
    let address = format!("/v1/related?id={host}&limit=100");
    let panel = server.server.json(&address);
    let items = panel["items"].as_array().expect("items").iter();
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    items
        .map(|item| (text(&item["id"]), text(&item["reason"])))
        .collect()
}

fn holds(server: &Keyed, card: &str, shows: Shows) -> bool {
    let reason = |host: &str| {
        let panel = panel(server, host);
        let found = panel.into_iter().find(|(id, _)| id == card);
        found.map(|(_, reason)| reason)
    };
    let of_plain = || PLAIN.map(|number| reason(&format!("/g{number}")));
    match shows {
        Everywhere => of_plain().all(|reason| reason.is_some()),
        Nowhere => of_plain().all(|reason| reason.is_none()),
        In(host) => reason(host).is_some(),
        NotIn(host) => reason(host).is_none(),
        PinnedIn(host) => reason(host).is_some_and(|reason| reason == "Editor's pick"),
    }
}

/// What does not hold of `cases`.
fn broken(server: &Keyed, cases: &[Case]) -> Vec<String> {
    let all = cases.iter().flat_map(|case| {
        let then = case.then.iter();
        then.map(move |&(card, shows)| (case.id, card, shows))
    });
    let broken = all.filter(|&(_, card, shows)| !holds(server, card, shows));
    broken
        .map(|(id, card, shows)| format!("{id}: {card} {shows:?}"))
        .collect()
}

fn write(server: &Keyed, id: &str, says: &Value) {
    let mut record = json!({"title": format!("Burr grinder {}", &id[1..]), "body": text(id)});
    let members = record.as_object_mut().expect("an object");
    members.extend(says.as_object().expect("an object").clone());
    let (status, answer) = server.put(id, &record);
    assert!(status == 200 || status == 201, "{id}: {answer}");
    assert!(
        answer.get("warnings").is_none_or(|none| none == &json!([])),
        "{answer}"
    );
}

#[test]
fn what_newcomers_say_and_editors_of_them_holds_at_once_after_a_restart_and_in_the_next_generation()
{
    let (site, server) = served();
    let cases = cases();
    for case in &cases {
        write(&server, case.id, &case.says);
        let alone = std::slice::from_ref(case);
        assert_eq!(broken(&server, alone), [""; 0], "when it comes");
    }
    assert_eq!(broken(&server, &cases), [""; 0], "when all came");
    let key = server.key.clone();
    drop(server);
    let server = Keyed {
        server: site.start(&["serve"]),
        key,
    };
    assert!(server.comes_to(|server| server.server.get("/v1/related?id=/silent").0 == 200));
    assert_eq!(broken(&server, &cases), [""; 0], "after a restart");
    site.ok(&["reindex", "--full"]);
    assert!(server.server.moves_to(2, SOON));
    assert_eq!(broken(&server, &cases), [""; 0], "in the next generation");
}

#[test]
fn what_is_taken_back_or_deleted_holds_no_longer() {
    let (_site, server) = served();
    let shown = |card: &str| holds(&server, card, Everywhere);
    let hidden = |card: &str| holds(&server, card, Nowhere);
    for says in [
        json!({"starts": "2130-01-01"}),
        json!({"related": {"never_recommend": true}}),
    ] {
        write(&server, "/new", &says);
        assert!(hidden("/new"), "{says}");
        write(&server, "/new", &json!({}));
        assert!(shown("/new"), "{says}");
    }
    write(&server, "/new", &json!({"related": {"pin": "/g3"}}));
    assert!(holds(&server, "/g3", PinnedIn("/new")));
    write(&server, "/new", &json!({"translation_key": "one"}));
    assert!(!holds(&server, "/g3", PinnedIn("/new")));
    assert!(holds(&server, "/keyed", NotIn("/new")));
    write(&server, "/new", &json!({}));
    assert!(holds(&server, "/keyed", In("/new")) && holds(&server, "/new", In("/keyed")));
    // What stood between two parts of a series.
    let beside = || holds(&server, "/part-1", In("/part-3"));
    assert!(!beside());
    write(
        &server,
        "/part-2",
        &json!({"series": "tour", "series_order": 2}),
    );
    assert!(beside());
    assert_eq!(server.delete("/part-2"), 204);
    assert!(!beside());
}
