//! Diversity: of nearly equal cards those of topics and kinds that are not there yet.

use serde_json::json;

use crate::site::Site;

#[test]
fn a_panel_of_near_equals_takes_the_other_topic_and_stands_by_score() {
    let site = Site::new();
    // The host and 30 pages on its subject, all alike but for a number: 24 of one topic, then 6 of another.
    let mut lines = vec![
        json!({"id": "/host", "kind": "howto", "topic": "hosts", "title": "Grinding coffee",
            "body": "Burrs crush roasted beans evenly for espresso."})
        .to_string(),
    ];
    for page in 0..30 {
        let topic = if page < 24 { "mills" } else { "roasters" };
        let own: Vec<String> = (0..12).map(|word| format!("only{page}x{word}")).collect();
        let line = json!({"id": format!("/p{page:02}"), "kind": "article", "topic": topic,
            "title": format!("Page {page:02}"),
            "body": format!("Burrs crush roasted beans evenly for espresso. {}", own.join(" "))});
        lines.push(line.to_string());
    }
    // Enough others for the shared words to tell articles apart.
    for page in 0..400 {
        let own: Vec<String> = (0..12).map(|word| format!("other{page}x{word}")).collect();
        let line = json!({"id": format!("/q{page}"), "kind": "article", "body": own.join(" ")});
        lines.push(line.to_string());
    }
    site.write("corpus/articles.jsonl", &lines.join("\n"));
    let site = site.indexed();
    let cards = |limit: &str| -> Vec<(String, f64)> {
        let body = site.json(&["related", "/host", "--json", "--limit", limit]);
        let items = body["items"].as_array().expect("items").iter();
        let related = items.filter(|item| !item["score"].is_null());
        related
            .map(|item| {
                let id = item["id"].as_str().expect("an id").to_owned();
                (id, item["score"].as_f64().expect("a score"))
            })
            .collect()
    };
    let all = cards("40");
    assert_eq!(all.len(), 30);
    let ten = cards("10");
    let roasters = ten.iter().filter(|(id, _)| id.as_str() >= "/p24").count();
    assert!(roasters >= 3, "{ten:?}");
    assert!(ten.is_sorted_by(|a, b| a.1 >= b.1), "{ten:?}");
    // The set is another, the scores are the same.
    for card in &ten {
        assert!(all.contains(card), "{card:?}");
    }
}
