//! Languages: told from the text, kept apart, and filled up with others only where their own is exhausted.

use std::fs;

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
    assert_eq!(site.ok(&["check"]), "7 articles: nothing to mend\n");
}
