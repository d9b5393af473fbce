//! Relevance by construction: generated sites on which it is known what belongs together.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::chance::Chance;
use crate::site::Site;

const SIGNALS: [&str; 4] = ["behavior", "content", "research", "seo"];
/// Subjects of a generated site, and words of each.
const SUBJECTS: usize = 8;
const WORDS: usize = 40;

/// What the articles of a generated site have.
#[derive(Clone, Copy)]
struct Plan {
    articles: usize,
    /// Words of a body, for even and for odd rounds of subjects; 0 for no body.
    lengths: [usize; 2],
    /// Words of its subject that one article uses: neighbouring ones, the same for an even and the odd round after it.
    spread: usize,
    topic: fn(usize) -> Option<&'static str>,
    links: bool,
}

const NAMES: [&str; SUBJECTS] = [
    "glass", "tides", "looms", "kites", "moss", "bells", "ink", "salt",
];

const PLAIN: Plan = Plan {
    articles: 80,
    lengths: [60, 60],
    spread: WORDS,
    topic: |_| None,
    links: false,
};

/// A site that uses all there is: enough articles to learn latent vectors from, with topics and links; lines of JSON.
pub(crate) fn full_site() -> Vec<String> {
    let plan = Plan {
        articles: 320,
        topic: |subject| Some(NAMES[subject]),
        links: true,
        ..PLAIN
    };
    articles(plan, 9).iter().map(ToString::to_string).collect()
}

/// Article i is about subject i modulo 8.
fn articles(plan: Plan, seed: u64) -> Vec<Value> {
    let mut chance = Chance::seeded(seed);
    let word = |subject: usize, number: usize| format!("{}{}", NAMES[subject], stem(number));
    (0..plan.articles)
        .map(|at| {
            let subject = at % SUBJECTS;
            let first = at / SUBJECTS / 2 * 5;
            let own =
                |chance: &mut Chance| word(subject, (first + chance.below(plan.spread)) % WORDS);
            let title = format!("{} {} {at}", own(&mut chance), own(&mut chance));
            let length = plan.lengths[at / SUBJECTS % 2];
            let body: Vec<String> = (0..length)
                .map(|_| match chance.below(3) {
                    0 => own(&mut chance),
                    _ => format!("filler{}", stem(chance.below(300))),
                })
                .collect();
            let mut article = json!({"id": format!("/a{at:03}"), "kind": "article", "title": title,
                "body": body.join(" ")});
            if let Some(topic) = (plan.topic)(subject) {
                article["topic"] = json!(topic);
            }
            if plan.links {
                let same = (at + SUBJECTS) % plan.articles;
                let any = chance.below(plan.articles);
                article["links"] = json!([format!("/a{same:03}"), format!("/a{any:03}")]);
            }
            article
        })
        .collect()
}

/// A made-up ending that no stemmer cuts.
fn stem(number: usize) -> String {
    let letters = b"bdfgkmnprtvz";
    let letter = |at: usize| char::from(letters[at % letters.len()]);
    format!("o{}u{}", letter(number), letter(number / letters.len()))
}

fn indexed(articles: &[Value]) -> Site {
    let site = Site::new();
    let lines: Vec<String> = articles.iter().map(ToString::to_string).collect();
    site.write("corpus/articles.jsonl", &lines.join("\n"));
    site.indexed()
}

/// The ranking of every host: candidates with their scores, best first.
fn ranking(site: &Site, more: &[&str]) -> BTreeMap<String, Vec<(String, f64)>> {
    let arguments = [
        &["export", "--format", "run", "--out", "-", "--limit", "100"],
        more,
    ]
    .concat();
    let mut ranking: BTreeMap<String, Vec<(String, f64)>> = BTreeMap::new();
    for line in site.ok(&arguments).lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let score = fields[2].parse().expect("a score");
        let row = ranking.entry(fields[0].to_owned()).or_default();
        row.push((fields[1].to_owned(), score));
    }
    ranking
}

fn number(id: &str) -> usize {
    id[2..].parse().expect("a number")
}

/// Of the first `depth` candidates of all hosts, the share that is about the host's subject.
fn precision(ranking: &BTreeMap<String, Vec<(String, f64)>>, depth: usize) -> f64 {
    let (mut own, mut all) = (0, 0);
    for (host, row) in ranking {
        for (id, _) in row.iter().take(depth) {
            own += usize::from(number(id) % SUBJECTS == number(host) % SUBJECTS);
            all += 1;
        }
    }
    assert!(all > ranking.len() * depth / 2, "{all} candidates");
    own as f64 / all as f64
}

#[test]
fn own_subjects_come_first_whatever_a_site_lacks() {
    let one_topic: fn(usize) -> Option<&'static str> = |_| Some("everything");
    let own_topic: fn(usize) -> Option<&'static str> = |subject| Some(NAMES[subject]);
    for (name, plan, least) in [
        ("no topics, no links", PLAIN, 0.95),
        (
            "one topic",
            Plan {
                topic: one_topic,
                ..PLAIN
            },
            0.95,
        ),
        (
            "topics",
            Plan {
                topic: own_topic,
                ..PLAIN
            },
            0.99,
        ),
        (
            "links",
            Plan {
                links: true,
                ..PLAIN
            },
            0.85,
        ),
        (
            "titles only",
            Plan {
                lengths: [0, 0],
                ..PLAIN
            },
            0.8,
        ),
        (
            "enough to learn from",
            Plan {
                articles: 320,
                ..PLAIN
            },
            0.97,
        ),
    ] {
        let found = precision(&ranking(&indexed(&articles(plan, 1)), &[]), 5);
        println!("{name}: {found}");
        assert!(found >= least, "{name}: {found}, expected at least {least}");
    }
}

#[test]
fn neither_long_nor_short_articles_win() {
    let plan = Plan {
        articles: 160,
        lengths: [30, 900],
        spread: 10,
        ..PLAIN
    };
    let ranking = ranking(&indexed(&articles(plan, 2)), &[]);
    let found = precision(&ranking, 10);
    assert!(found >= 0.95, "{found}");
    let is_long = |id: &str| number(id) / SUBJECTS % 2 == 1;
    for long_hosts in [false, true] {
        let hosts = ranking
            .iter()
            .filter(|(host, _)| is_long(host) == long_hosts);
        let cards: Vec<&String> = hosts
            .flat_map(|(_, row)| row.iter().take(10).map(|card| &card.0))
            .collect();
        let long = cards.iter().filter(|id| is_long(id)).count() as f64 / cards.len() as f64;
        println!("long hosts {long_hosts}: {long} of the cards are long");
        assert!(
            (0.2..=0.8).contains(&long),
            "long hosts {long_hosts}: {long}"
        );
    }
}

#[test]
fn one_more_link_never_lowers_what_it_leads_to() {
    let mut pages = articles(
        Plan {
            links: true,
            ..PLAIN
        },
        3,
    );
    let mut chance = Chance::seeded(4);
    let score = |site: &Site, host: usize, other: usize| {
        let all = ranking(site, &[]);
        let row = all
            .get(&format!("/a{host:03}"))
            .cloned()
            .unwrap_or_default();
        let wanted = format!("/a{other:03}");
        row.into_iter()
            .find(|card| card.0 == wanted)
            .map_or(0.0, |card| card.1)
    };
    for round in 0..6 {
        let (host, other) = (chance.below(pages.len()), chance.below(pages.len()));
        let target = json!(format!("/a{other:03}"));
        if host == other
            || pages[host]["links"]
                .as_array()
                .expect("links")
                .contains(&target)
        {
            continue;
        }
        let before = indexed(&pages);
        pages[host]["links"]
            .as_array_mut()
            .expect("links")
            .push(target);
        let after = indexed(&pages);
        for (one, two) in [(host, other), (other, host)] {
            let (before, after) = (score(&before, one, two), score(&after, one, two));
            assert!(
                after > before - 1e-9,
                "round {round}, /a{one:03} and /a{two:03}: {before} to {after}"
            );
        }
    }
}

#[test]
fn a_score_does_not_depend_on_what_else_is_asked_for() {
    let mut pages = articles(
        Plan {
            links: true,
            ..PLAIN
        },
        5,
    );
    for page in pages.iter_mut().step_by(3) {
        page["kind"] = json!("howto");
    }
    let site = indexed(&pages);
    let server = site.start(&["serve"]);
    let scores = |more: &str| -> BTreeMap<String, f64> {
        let body = server.json(&format!("/v1/related?id=/a000{more}"));
        let items = body["items"].as_array().expect("items").iter();
        let scored = items
            .filter_map(|item| Some((item["id"].as_str()?.to_owned(), item["score"].as_f64()?)));
        scored.collect()
    };
    let all = scores("&limit=100");
    let first = all.keys().next().expect("a card");
    let others = format!("&exclude={first}&limit=100");
    for more in [
        "&limit=3",
        "&limit=20",
        "&kind=howto&limit=100",
        "&lang=en",
        &others,
    ] {
        let some = scores(more);
        assert!(!some.is_empty() && some.len() <= all.len(), "{more}");
        for (id, score) in some {
            assert_eq!(all.get(&id), Some(&score), "{more}");
        }
    }
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn contributions_add_up_to_the_score_for_every_choice_of_signals() {
    for site in [
        indexed(&articles(
            Plan {
                links: true,
                ..PLAIN
            },
            6,
        )),
        Site::sample().indexed(),
    ] {
        for chosen in 1..1 << SIGNALS.len() {
            let signals = SIGNALS.iter().enumerate();
            let signals: Vec<&str> = signals
                .filter(|(at, _)| chosen >> at & 1 == 1)
                .map(|(_, &signal)| signal)
                .collect();
            let panels = site.json_export(&["--signals", &signals.join(",")]);
            let mut cards = 0;
            for line in panels.lines() {
                let panel: Value = serde_json::from_str(line).expect("JSON");
                for item in panel["items"].as_array().expect("items") {
                    let Some(score) = item["score"].as_f64() else {
                        continue;
                    };
                    let given = item["signals"].as_object().expect("signals");
                    let sum: f64 = given.values().filter_map(Value::as_f64).sum();
                    assert!((sum - score).abs() < 1e-3, "{item}");
                    for (signal, given) in given {
                        let asked = signals.contains(&signal.as_str());
                        assert!(asked || given.as_f64() == Some(0.0), "{signals:?}: {item}");
                    }
                    cards += 1;
                }
            }
            // Behavior knows nothing here.
            let telling = signals != ["behavior"];
            assert_eq!(cards > 50, telling, "{signals:?}: {cards}");
        }
    }
}

#[test]
fn content_alone_knows_no_links_and_research_alone_knows_nothing_else() {
    let with = articles(
        Plan {
            links: true,
            ..PLAIN
        },
        7,
    );
    let mut without = with.clone();
    for article in &mut without {
        article["links"] = json!([]);
    }
    let (with, without) = (indexed(&with), indexed(&without));
    let content = ["--signals", "content"];
    let (linked, bare) = (ranking(&with, &content), ranking(&without, &content));
    for (host, row) in &bare {
        // Links bring in more candidates; those that were there keep their scores.
        for card in row.iter().take(20) {
            assert!(linked[host].contains(card), "{host} {card:?}");
        }
    }
    assert!(ranking(&without, &["--signals", "research"]).is_empty());
    let research = ranking(&with, &["--signals", "research"]);
    for (host, row) in &research {
        let next = format!("/a{:03}", (number(host) + SUBJECTS) % 80);
        assert!(
            row.iter().take(8).any(|card| card.0 == next),
            "{host}: {row:?}"
        );
    }
}

/// Pages in prose, of which only the first two share words, and only stray ones; these two lie in `folder`, and `more` is
/// added to the first.
fn stray_pair(folder: &str, more: &str, links: &[&str]) -> Site {
    let texts = [
        format!("Burrs crush roasted beans evenly. Marmalade and rhubarb. {more}"),
        "Rigging holds the masts upright. Marmalade and rhubarb.".to_owned(),
        "Yeast ferments dough overnight.".to_owned(),
        "Strings drift with humidity.".to_owned(),
        "Glaciers carve long valleys.".to_owned(),
    ];
    let mut pages: Vec<Value> = (0..)
        .zip(&texts)
        .map(|(number, text)| {
            let folder = if number < 2 { folder } else { "" };
            json!({"id": number.to_string(), "url": format!("{folder}/p{number}"), "kind": "tool",
                "lang": "en", "title": format!("Page {number}"), "body": text, "links": []})
        })
        .collect();
    pages[0]["links"] = json!(links);
    indexed(&pages)
}

#[test]
fn dates_languages_and_kinds_as_folders_say_nothing() {
    let flat = ranking(&stray_pair("", "", &[]), &[]);
    assert!(!flat.is_empty());
    for folder in ["/2024/05", "/2025-08-26", "/en", "/en/tool", "/tool"] {
        assert_eq!(ranking(&stray_pair(folder, "", &[]), &[]), flat, "{folder}");
    }
    let section = ranking(&stray_pair("/boats", "", &[]), &[]);
    assert!(section["0"][0].1 > flat["0"][0].1);
}

#[test]
fn what_is_switched_off_calls_nothing_related() {
    let related = |site: &Site, signals: &str| -> Vec<String> {
        let body = site.json(&["related", "0", "--json", "--signals", signals]);
        let items = body["items"].as_array().expect("items").iter();
        let related = items.filter(|item| !item["match"].is_null());
        related
            .map(|item| item["id"].as_str().expect("an id").to_owned())
            .collect()
    };
    // One common word is too little, and the link is no affair of the content signal.
    let site = stray_pair("", "Yeast.", &["2"]);
    let content = related(&site, "content");
    assert!(!content.contains(&"2".to_owned()), "{content:?}");
    assert_eq!(related(&site, "research"), ["2"]);
    assert!(related(&site, "content,research").contains(&"2".to_owned()));
}

#[test]
fn a_page_that_links_everything_relates_nothing_and_a_link_counts_once() {
    let page = |id: &str, word: &str, links: &str| json!({"id": id, "title": word, "body": format!("All about {word} and nothing besides. {links}")});
    let words = [
        "beekeeping",
        "glaciers",
        "sonnets",
        "orchids",
        "mortgages",
        "violins",
    ];
    let link = |number: usize| format!("[there](/p{number})");
    let everything: Vec<String> = (0..words.len()).map(link).collect();
    let site = |times: usize| {
        let mut pages: Vec<Value> = words
            .iter()
            .enumerate()
            .map(|(number, word)| page(&format!("/p{number}"), word, ""))
            .collect();
        pages.push(page("/index", "contents", &everything.join(" ")));
        pages.push(page("/fan", "admiration", &vec![link(0); times].join(" ")));
        indexed(&pages)
    };
    let once = site(1);
    for number in 1..words.len() {
        assert_eq!(once.related(&format!("/p{number}")), ["/index"]);
    }
    assert!(once.related("/p0").contains(&"/fan".to_owned()));
    assert_eq!(
        ranking(&once, &["--signals", "research"]),
        ranking(&site(10), &["--signals", "research"])
    );
}

#[test]
fn the_best_junk_of_an_unrelated_corpus_is_not_related() {
    let site = Site::sample();
    let junk = articles(
        Plan {
            articles: 40,
            ..PLAIN
        },
        8,
    );
    let lines: Vec<String> = junk.iter().map(ToString::to_string).collect();
    site.write("corpus/junk.jsonl", &lines.join("\n"));
    let site = site.indexed();
    let panels = site.json_export(&[]);
    let mut panels_of_junk = 0;
    for line in panels.lines() {
        let panel: Value = serde_json::from_str(line).expect("JSON");
        let is_junk = |id: &Value| id.as_str().is_some_and(|id| id.starts_with("/a0"));
        let host = is_junk(&panel["article"]["id"]);
        panels_of_junk += usize::from(host);
        for item in panel["items"].as_array().expect("items") {
            assert!(
                item["match"].is_null() || is_junk(&item["id"]) == host,
                "{} on {}",
                item["id"],
                panel["article"]["id"]
            );
        }
    }
    assert_eq!(panels_of_junk, 40);
}
