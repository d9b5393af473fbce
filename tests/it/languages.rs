//! Languages: told from the text, kept apart, and filled up with others only where their own is exhausted.

use std::fs;

use serde_json::json;

use crate::articles_http::Keyed;
use crate::site::{Site, repository};

const LANGUAGES: [&str; 6] = ["en", "de", "fr", "es", "ru", "ja"];

fn site() -> Site {
    let site = Site::new();
    let fixture = repository().join("tests/fixtures/languages");
    crate::site::copy(&fixture, &site.path("corpus"));
    site.indexed()
}

fn pages(site: &Site, language: &str) -> Vec<String> {
    let folder = fs::read_dir(site.path("corpus").join(language)).expect("listed");
    let mut pages: Vec<String> = folder
        .flatten()
        .map(|entry| entry.path())
        .map(|path| {
            format!(
                "/{language}/{}",
                path.file_stem().expect("a name").to_string_lossy()
            )
        })
        .collect();
    pages.sort();
    pages
}

#[test]
fn the_language_of_every_page_is_told_from_its_text() {
    let site = site();
    for language in LANGUAGES {
        for page in pages(&site, language) {
            let article = &site.json(&["related", &page, "--json"])["article"];
            assert_eq!(article["lang"], language, "{page}");
        }
    }
}

#[test]
fn related_pages_share_the_language_until_it_is_exhausted_and_fill_says_so() {
    let site = site();
    for language in LANGUAGES {
        let own = format!("/{language}/");
        for page in pages(&site, language) {
            let panel = site.panel(&page);
            assert_eq!(panel.len(), 20, "{page}");
            let related = panel
                .iter()
                .take_while(|card| card.percent.is_some())
                .count();
            assert!(
                related >= 2,
                "{page} has its subject's other pages: {panel:?}"
            );
            assert!(
                panel[..related]
                    .iter()
                    .all(|card| card.id.starts_with(&own)),
                "{page}"
            );
            assert!(
                panel[related..]
                    .iter()
                    .all(|card| card.percent.is_none() && card.reason == "Latest"),
                "{page}: {panel:?}"
            );
            // Fill takes what is left of the own language before it takes another.
            let same: Vec<bool> = panel.iter().map(|card| card.id.starts_with(&own)).collect();
            assert!(same.is_sorted_by(|a, b| a >= b), "{page}: {same:?}");
            let others = pages(&site, language).len() - 1;
            assert_eq!(same.iter().filter(|&&same| same).count(), others, "{page}");
        }
    }
}

#[test]
fn the_best_card_has_the_subject_of_the_page() {
    let site = site();
    // File names tell bread from bicycles in no language, so the pairs are written down.
    for (page, subject) in [
        (
            "/en/fix-a-punctured-tyre",
            [
                "/en/clean-and-oil-a-bicycle-chain",
                "/en/adjust-bicycle-brakes",
            ],
        ),
        (
            "/de/fahrradreifen-flicken",
            ["/de/fahrradkette-pflegen", "/de/fahrradbremsen-einstellen"],
        ),
        (
            "/fr/reparer-une-crevaison",
            ["/fr/entretenir-la-chaine", "/fr/regler-les-freins"],
        ),
        (
            "/es/arreglar-un-pinchazo",
            ["/es/limpiar-la-cadena", "/es/ajustar-los-frenos"],
        ),
        (
            "/ru/zakleit-prokol-kamery",
            ["/ru/uhod-za-cepyu", "/ru/nastroyka-tormozov"],
        ),
        (
            "/ja/panku-shuuri",
            ["/ja/cheen-no-teire", "/ja/bureeki-chousei"],
        ),
    ] {
        let related = site.related(page);
        assert!(
            subject.contains(&related[0].as_str()),
            "{page}: {related:?}"
        );
    }
}

#[test]
fn a_translation_of_the_host_is_never_on_its_panel() {
    let site = site();
    let pair = ["/en/bread-basics", "/de/brot-grundlagen"];
    for (host, twin) in [(pair[0], pair[1]), (pair[1], pair[0])] {
        assert!(
            site.panel(host).iter().all(|card| card.id != twin),
            "{host}"
        );
    }
}

#[test]
fn a_word_is_searched_in_every_language_of_the_site() {
    let site = site();
    for (word, language) in [
        ("Bremsen", "/de/"),
        ("тормозов", "/ru/"),
        ("ブレーキ", "/ja/"),
        ("brakes", "/en/"),
    ] {
        let found = site.json(&["search", word, "--json"]);
        let first = found["items"][0]["id"].as_str().unwrap_or_default();
        assert!(first.starts_with(language), "{word}: {first}");
    }
}

#[test]
fn a_site_that_is_in_another_language_than_its_settings_say_is_told() {
    let site = Site::new();
    let fixture = repository().join("tests/fixtures/languages/de");
    crate::site::copy(&fixture, &site.path("corpus"));
    let told = site.ok(&["check"]);
    assert!(
        told.contains("7 of 7 articles are in \"de\"") && told.contains("set `language = \"de\"`"),
        "{told}"
    );
    site.write("readnext.toml", "language = \"de\"\n");
    assert_eq!(site.ok(&["check"]), "7 articles: no problems found\n");
}

#[test]
fn an_article_that_comes_over_http_meets_those_of_its_language_alone() {
    let mut site = Site::new();
    for (number, (german, english)) in [
        ("Der Siebträger braucht frische Bohnen, und die Mühle mahlt sie gleichmäßig und fein.", "The portafilter needs fresh beans, and the grinder cuts them evenly and fine."),
        ("Wer die Mühle reinigt, der schmeckt die Bohnen wieder, und der Espresso wird süß.", "Whoever cleans the grinder tastes the beans again, and the espresso is sweet."),
        ("Das Wasser für den Espresso ist heiß, und der Druck im Siebträger bleibt gleich.", "The water for the espresso is hot, and the pressure in the portafilter stays the same."),
    ]
    .into_iter()
    .enumerate()
    {
        site = site
            .page(&format!("de/{number}.md"), &format!("# Espresso zu Hause {number}\n{german}\n"))
            .page(&format!("en/{number}.md"), &format!("# Espresso at home {number}\n{english}\n"));
    }
    let site = site.indexed();
    let server = Keyed::start(&site);
    let text = "Die Mühle für den Espresso mahlt die Bohnen fein, und der Siebträger ist heiß.";
    let article = json!({"title": "Espresso mit der Mühle", "body": text});
    assert_eq!(server.put("/neu", &article).0, 201);
    let host = server.server.json("/v1/related?url=/neu")["article"].clone();
    assert_eq!(host["lang"], "de");
    let related = |host: &str| -> Vec<String> {
        let panel = server.server.json(&format!("/v1/related?url={host}"));
        let cards = panel["items"].as_array().expect("items").iter();
        let related = cards.filter(|card| !card["match"].is_null());
        let ids = related.map(|card| card["id"].as_str().expect("an id").to_owned());
        ids.collect()
    };
    let mut own = related("/neu");
    own.sort();
    assert_eq!(own, ["/de/0", "/de/1", "/de/2"]);
    for number in 0..3 {
        assert!(related(&format!("/de/{number}")).contains(&"/neu".to_owned()));
        assert!(!related(&format!("/en/{number}")).contains(&"/neu".to_owned()));
    }
}
