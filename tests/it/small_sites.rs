//! Sites of a few pages: panels are valid, and nothing unrelated is called related.

use crate::site::Site;

const COFFEE: &str = "---\ntitle: Roasting coffee at home\ndate: 2026-01-03\n---\nGreen coffee beans turn brown in a hot pan. The first crack of the beans means a light roast, the second crack a dark one. Let roasted beans rest for a day before grinding and brewing espresso.";
const ESPRESSO: &str = "---\ntitle: Brewing espresso\ndate: 2026-01-02\n---\nEspresso wants finely ground coffee and nine bars of pressure. Fresh roasted beans give crema. Grind the beans right before brewing and taste whether the roast is too dark.";
const TYRES: &str = "---\ntitle: Changing a bicycle tyre\ndate: 2026-01-01\n---\nLift the tyre off the rim with two levers, find the puncture in the inner tube, patch it, and pump to the pressure printed on the sidewall.";

#[test]
fn a_site_without_pages_is_an_index_without_panels() {
    let site = Site::new().indexed();
    assert_eq!(site.run_export(), "");
    assert_eq!(site.run(&["related", "/x"]).status.code(), Some(1));
    assert_eq!(
        site.json(&["search", "coffee", "--json"])["items"],
        serde_json::json!([])
    );
}

#[test]
fn a_single_page_has_an_empty_panel() {
    let site = Site::new().page("coffee.md", COFFEE).indexed();
    assert_eq!(site.panel("/coffee"), []);
    assert!(
        site.ok(&["related", "/coffee"])
            .contains("Nothing is related")
    );
}

#[test]
fn two_pages_are_related_only_if_they_share_a_subject() {
    let site = Site::new()
        .page("coffee.md", COFFEE)
        .page("espresso.md", ESPRESSO)
        .indexed();
    let panel = site.panel("/coffee");
    assert_eq!(panel.len(), 1);
    assert_eq!(
        (
            panel[0].id.as_str(),
            panel[0].percent,
            panel[0].reason.as_str()
        ),
        ("/espresso", Some(100), "Similar content")
    );

    let site = Site::new()
        .page("coffee.md", COFFEE)
        .page("tyres.md", TYRES)
        .indexed();
    let panel = site.panel("/coffee");
    assert_eq!(
        (
            panel[0].id.as_str(),
            panel[0].percent,
            panel[0].reason.as_str()
        ),
        ("/tyres", None, "Latest")
    );
}

#[test]
fn fill_can_be_switched_off() {
    let site = Site::new()
        .page("coffee.md", COFFEE)
        .page("tyres.md", TYRES);
    site.write("readnext.toml", "fill = false\n");
    assert_eq!(site.indexed().panel("/coffee"), []);
}

/// Nineteen subjects that have nothing to do with one another, in ordinary prose.
const SUBJECTS: [&str; 19] = [
    "Beekeepers open the hive on warm days and look for the queen among the combs. New brood means she is well.",
    "A sonnet has fourteen lines. The turn comes before the final couplet, where the poet answers the question.",
    "Glaciers carve valleys into the shape of the letter U and leave moraines of rubble where they melt.",
    "The goalkeeper may handle the ball inside the penalty area, but not after a deliberate back pass.",
    "Sourdough needs flour, water and patience. Wild yeast makes the loaf rise while the starter ferments.",
    "Violins are tuned in fifths. Turning the peg a little too far can snap the E string.",
    "An octopus has three hearts and blue blood, and tastes with the suckers of its arms.",
    "Mortgage lenders compare income with debt and ask for a deposit before an offer is made.",
    "Ceramic glaze melts in the kiln and becomes glass. Cobalt gives blue, copper gives green.",
    "The tide follows the moon. Spring tides come when sun and moon pull along one line.",
    "Knitters cast on stitches, then purl and knit in rows until the scarf is long enough.",
    "Vaccines show the immune system a harmless piece of the virus, so that antibodies are ready.",
    "Sailors reef the mainsail when the wind freshens and point the bow towards the waves.",
    "Roman aqueducts carried water over arches by gravity alone, with a gentle slope for miles.",
    "Orchids grow on bark in the rain forest and drink from humid air through thick roots.",
    "A chess opening fights for the centre. Castling brings the king to safety behind pawns.",
    "Parliament votes on the budget in autumn, after the committee has heard the minister.",
    "Stuntmen rehearse falls on airbags before the director calls for cameras on the roof.",
    "Typographers kern letters by hand, so that the gap between A and V looks even.",
];

#[test]
fn nineteen_unrelated_pages_have_no_related_cards() {
    let mut site = Site::new();
    for (number, text) in SUBJECTS.iter().enumerate() {
        site = site.page(
            &format!("page-{number:02}.md"),
            &format!("---\ndate: 2026-02-{:02}\n---\n{text}", number + 1),
        );
    }
    let site = site.indexed();
    for number in 0..19 {
        let panel = site.panel(&format!("/page-{number:02}"));
        assert_eq!(panel.len(), 18, "fill makes the panel full");
        assert!(
            panel
                .iter()
                .all(|card| card.reason == "Latest" && card.percent.is_none()),
            "{panel:?}"
        );
    }
}

#[test]
fn nineteen_equal_pages_do_not_recommend_one_another() {
    let mut site = Site::new();
    for number in 0..19 {
        site = site.page(&format!("page-{number:02}.md"), COFFEE);
    }
    let site = site.indexed();
    for number in 0..19 {
        assert_eq!(
            site.panel(&format!("/page-{number:02}")),
            [],
            "a copy is never a card"
        );
    }
    assert_eq!(site.run_export(), "");
}

#[test]
fn twenty_pages_of_one_subject_keep_the_rules() {
    let mut site = Site::new().page("tyres.md", TYRES);
    for (number, subject) in SUBJECTS.iter().enumerate() {
        let text = format!(
            "---\ntitle: Espresso lesson {number}\n---\nLesson {number} on espresso: {subject}"
        );
        site = site.page(&format!("lesson-{number:02}.md"), &text);
    }
    let site = site.indexed();
    for number in 0..19 {
        let host = format!("/lesson-{number:02}");
        let panel = site.panel(&host);
        assert!(
            panel.iter().all(|card| card.id != host),
            "no page recommends itself"
        );
        let percents: Vec<u64> = panel.iter().filter_map(|card| card.percent).collect();
        assert!(percents.is_sorted_by(|a, b| a >= b), "{percents:?}");
        assert!(
            percents.first().is_none_or(|&first| first == 100),
            "{percents:?}"
        );
        assert!(
            percents.iter().all(|percent| (1..=100).contains(percent)),
            "{percents:?}"
        );
    }
}
