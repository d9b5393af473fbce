//! How good rankings are: measures that a hand computes, several settings beside one another, clicks that were held out.

use serde_json::{Value, json};

use crate::chance::write_pages;
use crate::site::Site;

const LOG2_3: f64 = 1.584_962_500_721_156;

fn close(found: &Value, wanted: f64) {
    let found = found.as_f64().expect("a number");
    assert!((found - wanted).abs() < 1e-9, "{found}, not {wanted}");
}

/// A site of 24 generated pages on four subjects.
fn site() -> Site {
    let site = Site::new();
    write_pages(&site, 24, 80, 1);
    site.indexed()
}

#[test]
fn figures_are_what_a_hand_computes() {
    let site = site();
    site.write(
        "qrels.tsv",
        "/p0\t/p4\t1\n/p0\t/p8\t3\n/p1\t/p5\t1\nother\t/p1\t1\n/p2\t/p6\t0\n",
    );
    // Of /p0: the page itself takes no place, /p8 is second and /p4 third. Of /p1 nothing is found; "other" is no article.
    site.write(
        "run.tsv",
        "/p0\t/p0\t9\n/p0\t/p4\t1\n/p0\t/p8\t2\n/p0\t/p9\t3\n/p1\t/p3\t1\n/p1\t/p3\t0.5\n",
    );
    let eval = |more: &[&str]| {
        let base = [
            "eval",
            "--qrels",
            "qrels.tsv",
            "--baseline",
            "run.tsv",
            "--json",
        ];
        site.json(&[&base, more].concat())
    };
    let found = eval(&[]);
    assert_eq!(
        (&found["queries"], &found["judged"]),
        (&json!(3), &json!(4))
    );
    assert_eq!(found["unknown_queries"], 1);
    let measures = &found["settings"][0]["measures"];
    let ndcg = (2.0 / LOG2_3 + 0.5) / (2.0 + 1.0 / LOG2_3);
    close(&measures["nDCG@10"]["mean"], ndcg / 3.0);
    close(&measures["nDCG@20"]["mean"], ndcg / 3.0);
    close(&measures["Recall@20"]["mean"], 1.0 / 3.0);
    close(&measures["MRR@20"]["mean"], 0.5 / 3.0);
    site.write("queries.txt", "/p0\n/p23\n");
    let found = eval(&["--queries", "queries.txt"]);
    assert_eq!(found["queries"], 1);
    close(&found["settings"][0]["measures"]["nDCG@10"]["mean"], ndcg);
    assert_eq!(found["settings"][1]["name"], "as served");
    close(
        &found["settings"][1]["difference"]["MRR@20"]["mean"],
        found["settings"][1]["measures"]["MRR@20"]["mean"]
            .as_f64()
            .expect("a number")
            - 0.5,
    );
}

#[test]
fn a_setting_is_worth_what_its_exported_run_is() {
    let site = site();
    let lines: Vec<String> = (0..24)
        .map(|page| format!("/p{page}\t/p{}\t{}\n", (page + 4) % 24, page % 3 + 1))
        .collect();
    site.write("qrels.tsv", &lines.concat());
    for signals in ["content", "behavior,content,research,seo"] {
        let export = [
            "export", "--format", "run", "--limit", "50", "--out", "run.tsv",
        ];
        site.ok(&[&export[..], &["--signals", signals]].concat());
        let found = site.json(&[
            "eval",
            "--qrels",
            "qrels.tsv",
            "--baseline",
            "run.tsv",
            "--signals",
            signals,
            "--json",
        ]);
        let [run, own] = [0, 1].map(|row| &found["settings"][row]);
        assert!(
            run["measures"]["nDCG@10"]["mean"]
                .as_f64()
                .expect("a number")
                > 0.3
        );
        assert_eq!(run["measures"], own["measures"]);
        assert_eq!(
            own["difference"]["nDCG@10"],
            json!({"mean": 0.0, "low": 0.0, "high": 0.0})
        );
    }
}

#[test]
fn settings_stand_side_by_side_and_the_first_is_what_others_are_compared_with() {
    let site = site();
    site.write("qrels.tsv", "/p0\t/p4\t1\n/p1\t/p5\t1\n/p2\t/p6\t1\n");
    let arguments = [
        "eval",
        "--qrels",
        "qrels.tsv",
        "--signals",
        "content",
        "--signals",
        "behavior",
        "--weights",
        "content=3,research=1",
    ];
    let found = site.json(&[&arguments[..], &["--json"]].concat());
    assert_eq!(found, site.json(&[&arguments[..], &["--json"]].concat()));
    let rows = found["settings"].as_array().expect("settings");
    let names: Vec<&str> = rows.iter().filter_map(|row| row["name"].as_str()).collect();
    assert_eq!(names, ["content", "behavior", "content=3,research=1"]);
    assert_eq!(rows[2]["weights"]["research"], 0.25);
    assert_eq!(rows[0]["difference"], Value::Null);
    let mean = |row: usize, what: &str| {
        rows[row][what]["nDCG@10"]["mean"]
            .as_f64()
            .expect("a number")
    };
    // No reader has been here, so nothing is ranked.
    assert_eq!(mean(1, "measures"), 0.0);
    assert!((mean(1, "difference") + mean(0, "measures")).abs() < 1e-12);
    let high = rows[1]["difference"]["nDCG@10"]["high"]
        .as_f64()
        .expect("a number");
    assert!(high < 0.0, "{high}");
    let text = site.ok(&arguments);
    assert!(
        text.contains("nDCG@10") && text.contains("Differences are to content"),
        "{text}"
    );
    for (wrong, code, told) in [
        (&["eval"][..], 2, "<--qrels <FILE>|--clicks [<T>]>"),
        (
            &["eval", "--qrels", "qrels.tsv", "--clicks"],
            2,
            "cannot be used with",
        ),
        (
            &["eval", "--qrels", "qrels.tsv", "--weights", "text=1"],
            2,
            "\"text=1\"",
        ),
        (
            &["eval", "--qrels", "qrels.tsv", "--weights", "learned"],
            2,
            "readnext tune",
        ),
        (&["eval", "--qrels", "absent.tsv"], 1, "absent.tsv"),
        (&["eval", "--clicks"], 1, "found no click"),
    ] {
        let output = site.run(wrong);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{said}");
        assert!(said.contains(told), "{said}");
    }
}

#[test]
fn clicks_after_a_time_are_judgments_and_those_before_are_counted() {
    let site = site();
    let click = |at: u64, visitor: &str, host: &str, card: &str, position: u64| json!({"ts": at, "visitor": visitor, "article": card, "type": "click", "from": host, "position": position});
    let view = |at: u64, visitor: &str, page: &str| json!({"ts": at, "visitor": visitor, "article": page, "type": "view"});
    let start = 1_756_000_000;
    let mut events: Vec<Value> = (0..8)
        .map(|number| click(start + number, &format!("v{number}"), "/p0", "/p7", 1))
        .collect();
    let later = start + 86_400;
    events.extend([
        click(later, "w1", "/p0", "/p7", 4),
        // What the click opened is the same step, and the third page follows the second.
        view(later + 1, "w1", "/p7"),
        view(later + 60, "w1", "/p9"),
        // Half an hour later it follows nothing.
        view(later + 60 + 1_801, "w1", "/p3"),
    ]);
    site.events(&events);
    let eval = |more: &[&str]| site.json(&[&["eval", "--clicks", "--json"], more].concat());
    let since = (start + 100).to_string();
    let found = site.json(&["eval", "--clicks", &since, "--json"]);
    assert_eq!(
        found["judgments"],
        "2 clicks and reads after 2025-08-24T01:48:20Z"
    );
    assert_eq!(
        (&found["queries"], &found["judged"]),
        (&json!(2), &json!(2))
    );
    // Eight readers went from /p0 to /p7 before; nobody from /p7 to /p9, which are on other subjects.
    let by_readers = site.json(&[
        "eval",
        "--clicks",
        &since,
        "--signals",
        "behavior",
        "--json",
    ]);
    let mean = &by_readers["settings"][0]["measures"]["MRR@20"]["mean"];
    close(mean, 0.5);
    // A fifth of ten steps; --now leaves out what is later.
    let fifth = eval(&[]);
    assert_eq!(
        fifth["judgments"].as_str().map(|told| &told[..2]),
        Some("2 ")
    );
    let now = (later + 30).to_string();
    let cut = eval(&["--now", &now]);
    assert_eq!(
        cut["judgments"].as_str().map(|told| &told[..2]),
        Some("2 "),
        "{cut}"
    );
}
