//! The editors' hand: pins, blocks, boosts, panels that are off, for as long as they say.

use serde_json::Value;

use crate::site::{Shown, Site};

/// Pages of one subject, each a little different, so that all are related.
pub(crate) fn page(number: usize, more: &str) -> String {
    format!(
        "---\ntitle: Espresso grinder number {number}\nsummary: Burr grinder {number}.\ndate: 2026-01-{:02}\n{more}---\nThe espresso grinder number {number} has burrs of steel, a hopper for beans and a dial for the grind size. \
         It grinds {number} grams of coffee. Portafilter {number} fits below, basket {number} and tamper {number} too.\n",
        number % 27 + 1
    )
}

/// A site of `count` related pages `/grinder-1` and on.
pub(crate) fn site(count: usize) -> Site {
    (1..=count).fold(Site::new(), |site, number| {
        site.page(&format!("grinder-{number}.md"), &page(number, ""))
    })
}

pub(crate) fn panel_at(site: &Site, host: &str, now: &str, more: &[&str]) -> Vec<Shown> {
    let arguments = [&["related", host, "--json", "--now", now], more].concat();
    let body = site.json(&arguments);
    let items = body["items"].as_array().expect("items").iter();
    items.map(Shown::of).collect()
}

pub(crate) fn ids(panel: &[Shown]) -> Vec<&str> {
    panel.iter().map(|card| card.id.as_str()).collect()
}

#[test]
fn a_pin_keeps_its_slot_for_its_time_without_a_rebuild() {
    let site = site(8).page(
        "kettle.md",
        "---\ntitle: Kettle\n---\nWater boils at sea level.\n",
    );
    site.write(
        "corpus/editorial.toml",
        "[[pin]]\nhost = \"/grinder-1\"\ncard = \"/kettle\"\nslot = 2\nstarts = 2026-03-01\nexpires = 2026-04-01\n",
    );
    let site = site.indexed();
    let before = panel_at(&site, "/grinder-1", "2026-02-28", &[]);
    assert!(!ids(&before).contains(&"/kettle"));
    for now in ["2026-03-01", "2026-03-31T23:59:59Z"] {
        let panel = panel_at(&site, "/grinder-1", now, &[]);
        assert_eq!(
            (panel[1].id.as_str(), panel[1].reason.as_str()),
            ("/kettle", "Editor's pick")
        );
        assert_eq!(panel[0].percent, Some(100));
        assert!(
            panel[1].percent < panel[2].percent,
            "its own ratio, outside of the falling order: {panel:?}"
        );
        let related: Vec<&str> = ids(&panel)
            .into_iter()
            .filter(|id| *id != "/kettle")
            .collect();
        assert_eq!(related, ids(&before));
    }
    let after = panel_at(&site, "/grinder-1", "2026-04-01", &[]);
    assert_eq!(ids(&after), ids(&before));
    let short = panel_at(&site, "/grinder-1", "2026-03-02", &["--limit", "2"]);
    assert_eq!(short.len(), 2);
    assert_eq!(short[1].id, "/kettle");
    // What a request leaves out is left out, pinned or not.
    let narrow = panel_at(&site, "/grinder-1", "2026-03-02", &["--exclude", "/kettle"]);
    assert_eq!(ids(&narrow), ids(&before));
}

#[test]
fn a_change_of_the_editors_file_alone_makes_a_generation_and_an_incremental_run_equals_a_full_one()
{
    let site = site(6).indexed();
    let plain = site.json_export(&["--now", "2026-06-01"]);
    site.write(
        "corpus/editorial.toml",
        "[[pin]]\nhost = \"/grinder-1\"\ncard = \"/grinder-6\"\n[[block]]\nhost = \"/grinder-2\"\ncard = \"/grinder-3\"\n[[boost]]\ncard = \"/grinder-4\"\nby = 0.2\n",
    );
    let said = site.ok(&["reindex"]);
    assert!(said.contains("generation 2 serves now"), "{said}");
    assert!(site.ok(&["reindex"]).contains("nothing changed"));
    let edited = site.json_export(&["--now", "2026-06-01"]);
    assert_ne!(edited, plain);
    site.ok(&["reindex", "--full"]);
    let full = site.json_export(&["--now", "2026-06-01"]);
    assert_eq!(
        edited.replace("\"generation\":2", ""),
        full.replace("\"generation\":3", "")
    );
    std::fs::remove_file(site.path("corpus/editorial.toml")).expect("removed");
    site.ok(&["reindex"]);
    let after = site.json_export(&["--now", "2026-06-01"]);
    assert_eq!(
        after.replace("\"generation\":4", ""),
        plain.replace("\"generation\":1", "")
    );
}

#[test]
fn blocks_and_never_recommend_hold_for_their_time_in_one_panel_or_in_all() {
    let site = site(6);
    site.write(
        "corpus/editorial.toml",
        "[[block]]\nhost = \"/grinder-1\"\ncard = [\"/grinder-2\", \"/grinder-3\"]\n[[never-recommend]]\ncard = \"/grinder-4\"\nexpires = 2026-05-01\n",
    );
    let site = site.indexed();
    let first = panel_at(&site, "/grinder-1", "2026-04-01", &[]);
    assert_eq!(ids(&first).len(), 2, "{first:?}");
    let other = panel_at(&site, "/grinder-5", "2026-04-01", &[]);
    assert!(ids(&other).contains(&"/grinder-2") && !ids(&other).contains(&"/grinder-4"));
    let later = panel_at(&site, "/grinder-5", "2026-05-01", &[]);
    assert!(ids(&later).contains(&"/grinder-4"));
    // The same in the ranking that evaluations read.
    let run = site.run_export();
    assert!(!run.contains("/grinder-1\t/grinder-2\t") && run.contains("/grinder-5\t/grinder-2\t"));
}

#[test]
fn a_boost_is_a_contribution_of_its_own_and_the_sum_stays_the_score() {
    let site = site(8)
        .page(
            "kettle.md",
            "---\ntitle: Kettle\n---\nWater boils at sea level.\n",
        )
        .indexed();
    let before = panel_at(&site, "/grinder-1", "2026-06-01", &[]);
    let (best, last) = (before[0].id.clone(), before[6].id.clone());
    site.write(
        "corpus/editorial.toml",
        &format!("[[boost]]\ncard = \"{last}\"\nby = 0.3\n[[boost]]\nhost = \"/grinder-1\"\ncard = \"{best}\"\nby = -0.2\n[[boost]]\ncard = \"/kettle\"\nby = 0.3\n"),
    );
    site.ok(&["reindex"]);
    let body = site.json(&["related", "/grinder-1", "--json", "--now", "2026-06-01"]);
    let items = body["items"].as_array().expect("items");
    assert_eq!(items[0]["id"].as_str(), Some(last.as_str()), "{body}");
    let mut edited = 0;
    for item in items {
        let (Some(score), Some(signals)) = (item["score"].as_f64(), item["signals"].as_object())
        else {
            assert_eq!(item["reason"], "Latest");
            continue;
        };
        let sum: f64 = signals.values().filter_map(Value::as_f64).sum();
        assert!(
            (sum - score).abs() < 1e-3 && (0.0..=1.0).contains(&score),
            "{item}"
        );
        let editor = signals.get("editor").and_then(Value::as_f64);
        let id = item["id"].as_str().expect("an id");
        edited += usize::from(editor.is_some());
        assert_eq!(editor.is_some(), id == last || id == best, "{item}");
        assert!(editor.is_none_or(|by| (by > 0.0) == (id == last)));
    }
    assert_eq!(edited, 2);
    // What is not related is not made so: it would be pinned.
    assert!(
        items
            .iter()
            .all(|item| item["id"] != "/kettle" || item["match"].is_null())
    );
    let told = site.ok(&["related", "/grinder-1", "--explain", "--now", "2026-06-01"]);
    assert!(told.contains(" + editor "), "{told}");
}

#[test]
fn a_panel_that_is_off_is_empty_and_its_fragment_hidden() {
    let site = site(4)
        .page("off.md", &page(9, "related:\n  panel: false\n"))
        .indexed();
    assert_eq!(site.panel("/off"), []);
    assert!(!site.panel("/grinder-1").is_empty());
    site.ok(&[
        "export",
        "--format",
        "html",
        "--out",
        site.path("out").to_str().expect("UTF-8"),
    ]);
    let fragment = std::fs::read_to_string(site.path("out/off.html")).expect("written");
    assert_eq!(
        fragment,
        "<section class=\"readnext\" hidden data-host=\"/off\"></section>"
    );
}

#[test]
fn front_matter_and_records_tell_panels_the_same() {
    let told = "related:\n  pin: [/grinder-3, {card: /grinder-2, slot: 4}]\n  block: /grinder-4\n";
    let record = r#"{"id": "/record", "title": "Espresso grinder record", "body": "An espresso grinder with burrs and a hopper for beans and a dial.", "related": {"pin": {"card": "/grinder-1", "slot": 2}, "never_recommend": true}}"#;
    let site = site(6)
        .page("told.md", &page(9, told))
        .page(
            "quiet.md",
            &page(10, "related: {never_recommend: true, boost: 0.1}\n"),
        )
        .page("records.jsonl", record)
        .indexed();
    let panel = site.panel("/told");
    assert_eq!(
        (panel[0].id.as_str(), panel[3].id.as_str()),
        ("/grinder-3", "/grinder-2")
    );
    assert!(!ids(&panel).contains(&"/grinder-4"));
    assert_eq!(site.panel("/record")[1].id, "/grinder-1");
    for host in ["/grinder-1", "/told", "/record"] {
        let panel = site.panel(host);
        assert!(
            !ids(&panel)
                .iter()
                .any(|id| ["/quiet", "/record"].contains(id)),
            "{host}"
        );
    }
}

#[test]
fn contradictions_are_told_with_file_and_line_by_reindex_and_check() {
    let site = site(5).page("draft.md", &page(7, "draft: true\n")).page(
        "off.md",
        &page(8, "related:\n  panel: false\n  pin: /grinder-1\n"),
    );
    site.write(
        "corpus/editorial.toml",
        "[[pin]]\nhost = \"/grinder-1\"\ncard = \"/grinder-2\"\n[[block]]\nhost = \"/grinder-1\"\ncard = \"/grinder-2\"\n\
         [[pin]]\nhost = \"/grinder-1\"\ncard = \"/draft\"\n[[pin]]\nhost = \"/grinder-1\"\ncard = \"/nowhere\"\n\
         [[pin]]\nhost = \"/grinder-3\"\ncard = \"/grinder-4\"\n[[pin]]\nhost = \"/grinder-3\"\ncard = \"/grinder-5\"\n\
         [[boost]]\ncard = \"/grinder-1\"\nby = 0.1\nexpires = 2020-01-01\n",
    );
    let expected = [
        (
            "editorial.toml:3:",
            "warning: pin: /grinder-2 is pinned here and kept out at ",
        ),
        (
            "editorial.toml:9:",
            "warning: pin: names /draft, which is a draft",
        ),
        (
            "editorial.toml:12:",
            "warning: pin: names \"/nowhere\", but no article is there",
        ),
        ("editorial.toml:18:", "another pin in this slot at "),
        (
            "editorial.toml:20:",
            "info: boost: expired on 2020-01-01T00:00:00Z",
        ),
        ("off.md:5:", "pin: /off has no panel"),
    ];
    let reindexed = site.run(&["reindex"]);
    let checked = site.run(&["check"]);
    let texts =
        [reindexed.stderr, checked.stdout].map(|text| String::from_utf8(text).expect("UTF-8"));
    for text in texts {
        for (place, words) in expected {
            let found = text
                .lines()
                .any(|line| line.contains(place) && line.contains(words));
            assert!(found, "{place} {words}\n{text}");
        }
    }
    assert_eq!(
        (reindexed.status.code(), checked.status.code()),
        (Some(0), Some(0))
    );
    let panel = site.panel("/grinder-1");
    assert!(
        panel
            .iter()
            .all(|card| card.reason != "Editor's pick" && card.id != "/grinder-2")
    );
    assert_eq!(site.panel("/grinder-3")[0].id, "/grinder-4");
}

#[test]
fn an_article_is_on_no_card_before_it_starts_and_after_it_expires() {
    let site = site(3)
        .page("sale.md", &page(8, "starts: 2026-03-01\nexpiryDate: 2026-04-01\n"))
        .page("gone.html", "<html><head><title>Espresso grinder offer</title><meta property='article:expiration_time' content='2026-02-01'></head><body><main><p>The espresso grinder number 5 has burrs and a hopper for beans and a dial for the grind size.</p></main></body></html>")
        .page("later.md", &page(9, ""))
        .indexed();
    let shows = |now: &str, id: &str| ids(&panel_at(&site, "/grinder-1", now, &[])).contains(&id);
    for (now, sale, gone) in [
        ("2026-01-31", false, true),
        ("2026-02-01", false, false),
        ("2026-03-01", true, false),
        ("2026-03-31", true, false),
        ("2026-04-01", false, false),
    ] {
        assert_eq!(
            (shows(now, "/sale"), shows(now, "/gone")),
            (sale, gone),
            "{now}"
        );
    }
    // It goes on having a panel, and a date of publication in the future hides nothing.
    assert!(!panel_at(&site, "/sale", "2026-05-01", &[]).is_empty());
    assert!(shows("2025-01-01", "/later"));
}

/// A site with everything that can be told and kept apart, large enough for full panels.
fn whole_site() -> Site {
    let mut site = site(26)
        .page("sale.md", &page(40, "starts: 2026-03-01\nexpires: 2026-04-01\n"))
        .page("draft.md", &page(41, "draft: true\n"))
        .page("hidden.md", &page(42, "noindex: true\n"))
        .page("moved.md", &page(43, "aliases: [/before]\n"))
        .page("elsewhere.html", "<html><head><title>Espresso grinder 44</title><meta http-equiv='refresh' content='0; url=/grinder-1'></head><body><main><p>The espresso grinder number 44 has burrs of steel and a hopper for beans.</p></main></body></html>")
        .page("copy.md", &page(3, "canonical: /grinder-3\n"))
        .page("en.md", &page(45, "translation_key: k\n"))
        .page("en-two.md", &page(46, "translation_key: k\n"))
        .page("off.md", &page(47, "related:\n  panel: false\n"))
        .page("told.md", &page(48, "related:\n  pin: [/grinder-1, /grinder-9, {card: /before, slot: 20}]\n  block: [/grinder-2]\n"));
    for part in 1..=4 {
        site = site.page(
            &format!("part-{part}.md"),
            &page(50 + part, "series: Grinding\n"),
        );
    }
    for (at, version) in ["v1.2", "v2.0", "latest"].iter().enumerate() {
        for (name, more) in [("install", 0), ("dial", 5), ("clean", 10)] {
            site = site.page(
                &format!("docs/{version}/{name}.md"),
                &page(60 + at + more, ""),
            );
        }
    }
    site.write(
        "corpus/editorial.toml",
        "[[pin]]\nhost = [\"/grinder-1\", \"/grinder-2\"]\ncard = [\"/grinder-20\", \"/part-2\"]\nslot = 3\nexpires = 2026-03-15\n\
         [[pin]]\nhost = \"/part-1\"\ncard = \"/part-2\"\n[[block]]\ncard = \"/grinder-7\"\nstarts = 2026-03-01\n\
         [[boost]]\ncard = \"/grinder-8\"\nby = 0.3\n[[boost]]\ncard = \"/grinder-10\"\nby = -0.3\n[[never-recommend]]\ncard = \"/grinder-11\"\n",
    );
    site.indexed()
}

#[test]
fn no_panel_of_a_site_with_everything_violates_a_rule_and_all_are_full() {
    let site = whole_site();
    for now in [
        "2026-02-01",
        "2026-03-01",
        "2026-03-31T23:59:59Z",
        "2026-06-01",
    ] {
        let report = site.json(&["check", "--panels", "--json", "--now", now]);
        let findings = report["findings"].as_array().expect("findings");
        let violations: Vec<&Value> = findings
            .iter()
            .filter(|one| one["concern"] == "panel")
            .collect();
        assert_eq!(violations, Vec::<&Value>::new(), "{now}");
        let panels = report["panels"].as_u64().expect("counted");
        let lines = site.json_export(&["--now", now]);
        assert_eq!(lines.lines().count() as u64, panels);
        for line in lines.lines() {
            let panel: Value = serde_json::from_str(line).expect("JSON");
            let cards = panel["items"].as_array().expect("items").len();
            let off = panel["article"]["id"] == "/off";
            assert_eq!(cards, if off { 0 } else { 20 }, "{now}: {line}");
        }
    }
}

#[test]
fn an_index_that_is_behind_what_the_files_say_now_is_found_by_its_panels() {
    for (file, text, words) in [
        ("grinder-5.md", page(5, "draft: true\n"), "which is a draft"),
        (
            "grinder-5.md",
            page(5, "noindex: true\n"),
            "which is noindex",
        ),
        (
            "grinder-5.md",
            page(5, "expires: 2026-01-01\n"),
            "which has expired",
        ),
        (
            "grinder-5.md",
            page(5, "canonical: /grinder-6\n"),
            "which has another page as its canonical",
        ),
        (
            "grinder-5.md",
            page(5, "related: {never_recommend: true}\n"),
            "never to be recommended",
        ),
        (
            "grinder-5.md",
            page(5, "related: {pin: {card: /grinder-2, slot: 6}}\n"),
            "does not have /grinder-2 in slot 6",
        ),
        (
            "grinder-5.md",
            page(5, "related: {panel: false}\n"),
            "shows cards, but is turned off",
        ),
        (
            "editorial.toml",
            "[[block]]\nhost = \"/grinder-1\"\ncard = \"/grinder-5\"\n".to_owned(),
            "which is blocked",
        ),
        ("grinder-5.md", page(1, ""), "which is the same page"),
    ] {
        let site = site(8).indexed();
        let output = site.run(&["check", "--panels", "--now", "2026-06-01"]);
        let told = String::from_utf8(output.stdout).expect("UTF-8");
        assert!(
            output.status.success() && told.contains("8 articles, 8 panels: "),
            "{told}"
        );
        site.write(&format!("corpus/{file}"), &text);
        let output = site.run(&["check", "--panels", "--now", "2026-06-01"]);
        let told = String::from_utf8(output.stdout).expect("UTF-8");
        assert_eq!(output.status.code(), Some(3), "{words}: {told}");
        assert!(
            told.contains(words) && told.contains("panel violation"),
            "{words}: {told}"
        );
        site.ok(&["reindex"]);
        let output = site.run(&["check", "--panels", "--now", "2026-06-01"]);
        assert_eq!(
            output.status.code(),
            Some(0),
            "{words}: {}",
            String::from_utf8_lossy(&output.stdout)
        );
    }
}

#[test]
fn the_documented_file_and_front_matter_are_read_without_a_word() {
    let text =
        std::fs::read_to_string(crate::site::repository().join("docs/editing.md")).expect("read");
    let blocks = |kind: &str| -> Vec<String> {
        let fence = format!("```{kind}\n");
        let parts = text.split(&fence).skip(1);
        parts
            .map(|part| part.split("```").next().unwrap_or_default().to_owned())
            .collect()
    };
    let (yaml, toml) = (blocks("yaml"), blocks("toml"));
    assert_eq!((yaml.len(), toml.len()), (2, 1));
    let site = site(7)
        .page("one.md", &page(9, &yaml[0]))
        .page("two.md", &page(10, &yaml[1]));
    site.write("corpus/editorial.toml", &toml[0]);
    let output = site.run(&["reindex"]);
    let told = String::from_utf8(output.stderr).expect("UTF-8");
    let slips = told.lines().filter(|line| line.contains("warning"));
    assert_eq!(slips.collect::<Vec<_>>(), Vec::<&str>::new());
    let panel = panel_at(&site, "/grinder-1", "2026-03-02", &[]);
    assert_eq!(panel[1].id, "/grinder-6");
    for off in ["/grinder-5", "/two"] {
        assert_eq!(panel_at(&site, off, "2026-03-02", &[]), []);
    }
}
