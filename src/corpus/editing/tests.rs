//! `editorial.toml`, as editors write it and as they should not.

use super::*;
use crate::model::{Date, Period, Told};

fn read(text: &str) -> (Vec<Instruction>, Vec<String>) {
    let file = EditorsFile {
        path: "editorial.toml".to_owned(),
        bytes: text.as_bytes().to_vec(),
    };
    let (read, problems) = instructed(&[file]);
    let told = read.into_iter().flat_map(|read| read.instructions);
    (
        told.collect(),
        problems.iter().map(ToString::to_string).collect(),
    )
}

#[test]
fn every_instruction_is_read_with_its_place_and_its_time() {
    let (told, problems) = read(
        "# spring\n[[pin]]\nhost = \"/a\"\ncard = \"/b\"\nslot = 3\nstarts = 2026-03-01\nexpires = \"2026-04-01T12:00:00Z\"\nnote = \"campaign\"\n\n[[block]]\nhost = [\"/a\", \"/c\"]\ncard = \"/d\"\n[[block]]\ncard = \"/e\"\n[[boost]]\ncard = \"/f\"\nby = -0.1\n[[panel_off]]\nhost = \"/g\"\n[[Never Recommend]]\ncard = \"/h\"\nexpiry = 2026-01-01\n",
    );
    assert_eq!(problems, Vec::<String>::new());
    let shown: Vec<String> = told
        .iter()
        .map(|told| {
            let name = |name: &Option<String>| name.clone().unwrap_or_else(|| "*".to_owned());
            let place = told.place.0;
            format!(
                "{place} {} {} {}",
                told.told.name(),
                name(&told.host),
                name(&told.card)
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            "4 pin /a /b",
            "12 block /a /d",
            "12 block /c /d",
            "14 block * /e",
            "16 boost * /f",
            "19 panel-off /g *",
            "21 never-recommend * /h",
        ]
    );
    assert_eq!(told[0].told, Told::Pin(3));
    assert_eq!(told[4].told, Told::Boost(-0.1));
    let starts = Date::parse("2026-03-01");
    let expires = Date::parse("2026-04-01T12:00:00Z");
    assert_eq!(told[0].period, Period::of(starts, expires));
    assert_eq!(told[3].period, Period::ALWAYS);
}

#[test]
fn a_slip_costs_what_it_stands_in_and_is_told_with_its_place() {
    for (text, place, words) in [
        ("[[pin]]\nhost = \"/a\"\n", "1:1", "found no card"),
        ("[[pins]]\nhost = \"/a\"\n", "1:1", "did you mean [[pin]]"),
        (
            "[[pin]]\nhost = \"/a\"\ncard = \"/b\"\nslot = 0\n",
            "4:1",
            "from 1 to 100",
        ),
        (
            "[[pin]]\nhost = \"/a\"\ncard = \"/b\"\nexpires = \"soon\"\n",
            "4:1",
            "a date",
        ),
        ("[[boost]]\ncard = \"/a\"\nby = 0\n", "3:1", "not 0"),
        (
            "[[boost]]\nhost = \"/b\"\ncard = [3, \"\"]\nby = 0.1\n",
            "3:1",
            "an id",
        ),
        (
            "[[block]]\ncard = \"/a\"\nstarts = 2026-02-01\nexpires = 2026-01-01\n",
            "4:1",
            "before it starts",
        ),
        ("card = \"/a\"\n", "1:1", "above it"),
    ] {
        let (told, problems) = read(&format!("{text}\n[[block]]\ncard = \"/z\"\n"));
        assert_eq!(told.len(), 1, "{text}: {told:?}");
        assert_eq!(problems.len(), 1, "{text}: {problems:?}");
        assert!(
            problems[0].starts_with(&format!("editorial.toml:{place}: warning: "))
                && problems[0].contains(words),
            "{problems:?}"
        );
    }
}

#[test]
fn a_key_that_means_nothing_costs_itself_and_a_large_boost_is_bounded() {
    let (told, problems) = read("[[boost]]\ncard = \"/a\"\nby = 2\nhots = \"/b\"\n");
    assert_eq!(told[0].told, Told::Boost(0.3));
    assert_eq!(problems.len(), 2);
    assert!(
        problems[1].contains("did you mean \"host\""),
        "{problems:?}"
    );
}
