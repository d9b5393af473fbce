//! Articles that come over HTTP where a site is more than a few pages: hosts that keep them, copies that part, the number that is
//! compared, and languages.

use serde_json::{Value, json};

use crate::articles_http::Keyed;
use crate::newcomers::restarted;
use crate::site::Site;

/// A server of `pages`, titles and bodies by id, that rebuilds only when it is told to.
fn served(pages: &[(String, String)], settings: &str) -> (Site, Keyed) {
    let site = Site::new();
    let settings = format!("rebuild_percent = 100\nfill = false\nexploration = 0\n{settings}");
    site.write("readnext.toml", &settings);
    for (id, body) in pages {
        let page = format!("---\ntitle: About {id}\n---\n{body}\n");
        site.write(&format!("corpus/{id}.md"), &page);
    }
    let site = site.indexed();
    let server = Keyed::start(&site);
    (site, server)
}

/// The ids on the cards of `host`, best first.
fn cards(server: &Keyed, host: &str) -> Vec<String> {
    let panel = server
        .server
        .json(&format!("/v1/related?url={host}&limit=100"));
    let items = panel["items"].as_array().expect("items").iter();
    let ids = items.map(|item| item["id"].as_str().expect("an id").to_owned());
    ids.collect()
}

fn article(title: &str, body: &str) -> Value {
    json!({"title": title, "body": body})
}

/// A word of its own for every number.
fn word(number: usize) -> String {
    let syllables = [
        "ba", "ce", "di", "fo", "gu", "ky", "lar", "mos", "nid", "pel",
    ];
    let digits = [
        number / 1000,
        number / 100 % 10,
        number / 10 % 10,
        number % 10,
    ];
    digits.map(|digit| syllables[digit]).concat()
}

fn words(numbers: std::ops::Range<usize>) -> String {
    numbers.map(word).collect::<Vec<_>>().join(" ")
}

/// Subjects, and pages of each, in the site of the next test: more pages than an article has neighbours by text.
const SUBJECTS: usize = 20;
const PAGES: usize = 6;

#[test]
fn a_mended_newcomer_stands_where_it_would_had_it_come_so_at_once() {
    let mut pages: Vec<(String, String)> = (0..SUBJECTS * PAGES)
        .map(|page| {
            let own = 1000 + 8 * page;
            let body = format!("{} {}", word(page % SUBJECTS), words(own..own + 8));
            (format!("crowd{page}"), body)
        })
        .collect();
    let far = format!(
        "{} {} {}",
        words(0..2),
        "orchard ".repeat(9),
        words(3000..3080)
    );
    pages.push(("far".to_owned(), far));
    let (site, server) = served(&pages, "");
    let crowd = words(0..SUBJECTS);
    let first = article("Hike", &format!("{crowd} orchard"));
    assert_eq!(server.put("/new", &first).0, 201);
    assert!(cards(&server, "/far").contains(&"/new".to_owned()));
    assert!(cards(&server, "/new").contains(&"/far".to_owned()));
    assert_eq!(server.put("/new", &article("Hike", &crowd)).0, 200);
    // It is not near enough to be found now.
    let hosts = ["/new", "/far", "/crowd0", "/crowd7"];
    let panels = |server: &Keyed| hosts.map(|host| cards(server, host));
    let mended = panels(&server);
    assert!(!mended[1].contains(&"/new".to_owned()));
    assert_eq!(panels(&restarted(&site, server)), mended);
}

/// Pages of one subject.
fn cycling() -> Vec<(String, String)> {
    let bodies = [
        "A derailleur needs a sprocket, and a crankset turns the chain of the bicycle.",
        "Whoever has a sprocket looks for a derailleur that fits the chain of the bicycle.",
        "The saddle of a bicycle is as high as the crankset lets the rider sit.",
        "A spoke of the wheel broke, and the bicycle stood beside the saddle and the chain.",
    ];
    let numbered = bodies.iter().enumerate();
    numbered
        .map(|(number, body)| (format!("ride{number}"), (*body).to_owned()))
        .collect()
}

#[test]
fn a_mended_newcomer_may_have_had_a_host_that_is_gone() {
    let (_site, server) = served(&cycling(), "");
    let text = "A derailleur and a sprocket of the bicycle, and a chain.";
    assert_eq!(server.put("/host", &article("A host", text)).0, 201);
    assert_eq!(server.put("/new", &article("A ride", text)).0, 201);
    assert_eq!(server.delete("/host"), 204);
    let mended = article("A ride", &format!("{text} And a crankset."));
    assert_eq!(server.put("/new", &mended).0, 200);
    let shown = cards(&server, "/new");
    assert!(shown.contains(&"/ride0".to_owned()), "{shown:?}");
    assert!(!shown.contains(&"/host".to_owned()), "{shown:?}");
    assert!(cards(&server, "/ride0").contains(&"/new".to_owned()));
}

#[test]
fn a_copy_that_is_rewritten_stands_beside_what_it_was_a_copy_of() {
    let mut pages = cycling();
    let (first, long) = (
        "ride0".to_owned(),
        pages.iter().map(|(_, body)| &**body).collect::<String>(),
    );
    pages[0] = (first, long.clone());
    pages.push(("copy".to_owned(), long.clone()));
    let (_site, server) = served(&pages, "");
    let both = |server: &Keyed| {
        let shown = cards(server, "/ride1");
        ["/copy", "/ride0"].map(|id| shown.contains(&id.to_owned()))
    };
    assert_ne!(both(&server), [true; 2]);
    assert!(!cards(&server, "/copy").contains(&"/ride0".to_owned()));
    let other = "Tighten a spoke of the wheel before the chain of the bicycle: a sprocket tells whether the derailleur turns.";
    assert_eq!(server.put("/copy", &article("Spokes", other)).0, 200);
    assert_eq!(both(&server), [true; 2]);
    assert!(cards(&server, "/copy").contains(&"/ride0".to_owned()));
    assert!(cards(&server, "/ride0").contains(&"/copy".to_owned()));
    // And it is one again once it says the same.
    assert_eq!(server.put("/copy", &article("About copy", &long)).0, 200);
    assert_ne!(both(&server), [true; 2]);
}

#[test]
fn of_more_newcomers_than_are_compared_the_neighbours_come_with_the_next_generation() {
    let (site, server) = served(&cycling(), "compared = 2\n");
    for number in 0..3 {
        let body = format!("A derailleur and a sprocket for the chain of bicycle {number}.");
        let title = format!("Ride {number}");
        assert_eq!(
            server
                .put(&format!("/new{number}"), &article(&title, &body))
                .0,
            201
        );
    }
    let shown = cards(&server, "/ride0");
    for (number, is_compared) in [true, true, false].into_iter().enumerate() {
        let id = format!("/new{number}");
        assert_eq!(shown.contains(&id), is_compared, "{shown:?}");
        assert_eq!(!cards(&server, &id).is_empty(), is_compared, "{id}");
    }
    // One of those that are compared is so again when it changes.
    let mended = article("Ride 1", "A saddle and a crankset for a bicycle.");
    assert_eq!(server.put("/new1", &mended).0, 200);
    assert!(cards(&server, "/new1").contains(&"/ride2".to_owned()));
    site.ok(&["reindex"]);
    assert!(
        server
            .server
            .moves_to(2, std::time::Duration::from_secs(20))
    );
    assert!(cards(&server, "/ride0").contains(&"/new2".to_owned()));
    assert!(!cards(&server, "/new2").is_empty());
    // Those that the generation has take up no room beside it.
    let next = article("Ride 9", "A saddle and a derailleur for a bicycle.");
    assert_eq!(server.put("/new9", &next).0, 201);
    assert!(!cards(&server, "/new9").is_empty());
}

/// Pages of each of two groups in the site of the next test: more than the neighbours by text that an article is compared with.
const COPIES: usize = 105;
/// What the pages of each group have for themselves.
const GROUPS: [(&str, &str); 2] = [
    ("ka", "norvane selkirt podrima "),
    ("ko", "talvorn mestrick rudelan "),
];

#[test]
fn a_page_that_a_build_keeps_apart_from_like_ones_stays_in_their_panels_when_its_title_changes() {
    let others = (0..150).map(|at| word(at * 7 % 150));
    let others = others.collect::<Vec<_>>().join(" ");
    let body = |own: &str| format!("{} {} {others}", words(0..150), own.repeat(3));
    let copies = GROUPS.iter().flat_map(|(group, own)| {
        let body = body(own);
        (0..COPIES).map(move |page| (format!("{group}{}", word(2000 + page)), body.clone()))
    });
    // So many that what the copies have in common still tells them from most pages.
    let rest = (0..2300).map(|page| {
        let own = 4000 + 2 * page;
        (format!("page{page}"), words(own..own + 2))
    });
    let pages: Vec<(String, String)> = copies.chain(rest).collect();
    let (site, server) = served(&pages, "");
    let [host, page] = ["ka", "ko"].map(|group| format!("/{group}{}", word(2007)));
    // Nine tenths of the words of all of them are the same, but each is compared with its own group.
    assert!(cards(&server, &host).contains(&page));
    let title = format!("About {} (7)", &page[1..]);
    let (_, own) = GROUPS[1];
    assert_eq!(server.put(&page, &article(&title, &body(own))).0, 200);
    assert!(cards(&server, &host).contains(&page));
    site.ok(&["reindex", "--full"]);
    let soon = std::time::Duration::from_secs(20);
    assert!(server.server.moves_to(2, soon));
    assert!(cards(&server, &host).contains(&page));
}

/// Articles of one subject in two languages, and in one that no page of the site is in.
const SPOKEN: [(&str, [&str; 3]); 3] = [
    (
        "en",
        [
            "The lighthouse keeper climbs the stairs of the lighthouse and lights the lamp for the ships.",
            "For the ships on the coast the lamp of the lighthouse is what the stars are for the keeper.",
            "A keeper who has lit the lamp looks from the stairs of the lighthouse to the coast.",
        ],
    ),
    (
        "de",
        [
            "Der Wärter steigt die Treppe vom Leuchtturm hinauf und zündet für die Schiffe die Lampe an.",
            "Für die Schiffe an der Küste ist die Lampe vom Leuchtturm das, was die Sterne für den Wärter sind.",
            "Ein Wärter, der die Lampe angezündet hat, sieht von der Treppe im Leuchtturm auf die Küste.",
        ],
    ),
    (
        "fr",
        [
            "Le gardien monte les escaliers du phare et il allume la lampe pour les navires de la côte.",
            "Pour les navires sur la côte, la lampe du phare est ce que les étoiles sont pour le gardien.",
            "Un gardien qui a allumé la lampe regarde la côte depuis les escaliers du phare.",
        ],
    ),
];

#[test]
fn newcomers_meet_those_of_their_own_language_alone() {
    let known = SPOKEN[..2].iter().flat_map(|(lang, bodies)| {
        let numbered = bodies[..2].iter().enumerate();
        numbered.map(move |(number, body)| (format!("{lang}{number}"), (*body).to_owned()))
    });
    let known: Vec<(String, String)> = known.collect();
    let (site, server) = served(&known, "");
    for (lang, bodies) in SPOKEN {
        let bodies = bodies.iter().enumerate();
        for (number, body) in bodies.skip(if lang == "fr" { 0 } else { 2 }) {
            let id = format!("/{lang}{number}");
            assert_eq!(server.put(&id, &article(&id, body)).0, 201);
        }
    }
    let panels = |server: &Keyed| {
        let hosts = SPOKEN.iter().flat_map(|(lang, bodies)| {
            (0..bodies.len()).map(move |number| (*lang, format!("/{lang}{number}")))
        });
        let panels = hosts.map(|(lang, host)| {
            let shown = cards(server, &host);
            let own = format!("/{lang}");
            assert!(
                shown.iter().all(|id| id.starts_with(&own)),
                "{host}: {shown:?}"
            );
            assert_eq!(shown.len(), 2, "{host}: {shown:?}");
            let host = server.server.json(&format!("/v1/related?url={host}"));
            assert_eq!(host["article"]["lang"], lang);
            shown
        });
        panels.collect::<Vec<_>>()
    };
    let before = panels(&server);
    site.ok(&["reindex", "--full"]);
    assert!(
        server
            .server
            .moves_to(2, std::time::Duration::from_secs(20))
    );
    assert_eq!(panels(&server).len(), before.len());
}

#[test]
fn a_new_page_of_an_older_version_has_the_cards_that_a_full_build_gives_it() {
    let mut pages = Vec::new();
    for version in ["1.2", "2.0"] {
        for page in 0..8 {
            // What a page says changes a little from version to version.
            let own = words(10 * page..10 * page + 30) + " " + &words(500..510);
            let news =
                words(1000 + 10 * page..1000 + 10 * page + if version == "2.0" { 9 } else { 0 });
            pages.push((
                format!("docs/{version}/page{page}"),
                format!("{own} {news}."),
            ));
        }
    }
    let (site, server) = served(&pages, "");
    let body = words(20..60);
    assert_eq!(
        server
            .put("/docs/1.2/more", &article("More of it", &body))
            .0,
        201
    );
    assert_eq!(
        server
            .put("/docs/2.0/more2", &article("More of this", &body))
            .0,
        201
    );
    let hosts = ["/docs/1.2/more", "/docs/2.0/more2"];
    let of = |server: &Keyed| hosts.map(|host| cards(server, host));
    let at_once = of(&server);
    assert!(at_once[0].len() > 3, "{at_once:?}");
    let is_of_own = |id: &String| id.starts_with("/docs/1.2/") || id == "/docs/2.0/more2";
    assert!(at_once[0].iter().all(is_of_own), "{at_once:?}");
    drop(server);
    site.ok(&["reindex", "--full"]);
    assert_eq!(of(&Keyed::start(&site)), at_once);
}
