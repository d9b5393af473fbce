//! Violations that are planted in panels, each of which is found and no other.

use super::*;
use crate::index::{CandidateRow, Hidden, HostRule};
use crate::model::{ArticleId, Kind, Lang, Period};

fn entry(id: &str) -> Entry {
    Entry {
        id: ArticleId::new(id).expect("an id"),
        url: id.to_owned(),
        kind: Kind::new("tool").expect("a kind"),
        title: id.to_owned(),
        summary: String::new(),
        topic: None,
        lang: Lang::english(),
        published: None,
        updated: None,
        author: None,
        image: None,
        canonical: None,
        aliases: Vec::new(),
        noindex: id == "/noindex",
        draft: id == "/draft",
        translation_key: None,
        appearance: None,
    }
}

const IDS: [&str; 12] = [
    "/host", "/a", "/b", "/c", "/draft", "/noindex", "/expired", "/blocked", "/twin", "/older",
    "/next", "/pinned",
];

fn ord(id: &str) -> DocOrd {
    let at = IDS.iter().position(|known| *known == id).expect("known");
    DocOrd(at as u32)
}

/// What is wrong with a panel of `/host` with these cards (`!` before an editor's pick).
fn wrong(cards: &[&str], related: &[&'static str], more: &[HostSays]) -> Vec<String> {
    let entries: Vec<Entry> = IDS.iter().map(|id| entry(id)).collect();
    let entries: Vec<&Entry> = entries.iter().collect();
    let cards_allowed: Vec<bool> = entries
        .iter()
        .map(|entry| !entry.draft && !entry.noindex)
        .collect();
    let mut clusters: Vec<DocOrd> = (0..12).map(DocOrd).collect();
    clusters[ord("/twin").index()] = ord("/host");
    let mut rules = Rules::default();
    let says = [
        HostSays::Block(ord("/blocked")),
        HostSays::Apart(ord("/next")),
    ];
    rules.hosts = says
        .iter()
        .chain(more)
        .map(|&says| HostRule {
            host: ord("/host"),
            period: Period::ALWAYS,
            says,
        })
        .collect();
    rules.hidden = vec![Hidden {
        card: ord("/expired"),
        period: Period {
            start: 0,
            end: i64::MAX,
        },
    }];
    rules.older = (0..12).map(|at| DocOrd(at) == ord("/older")).collect();
    rules.versions = vec![0; 12];
    rules.settle();
    let truth = Truth {
        entries: &entries,
        cards: &cards_allowed,
        clusters,
        rules,
    };
    let ords: HashMap<&str, usize> = IDS.iter().copied().zip(0..).collect();
    let query = PanelQuery {
        limit: 3,
        ..PanelQuery::at(100)
    };
    let examination = Examination {
        truth: &truth,
        query: &query,
        ords: &ords,
        host: ord("/host"),
    };
    let shown = cards.iter().map(|card| Shown {
        id: card.trim_start_matches('!'),
        pinned: card.starts_with('!'),
    });
    examination.violations(&Made {
        shown: shown.collect(),
        related: related.to_vec(),
    })
}

fn pin(slot: u16) -> HostSays {
    HostSays::Pin(slot, CandidateRow::unknown(ord("/pinned")))
}

#[test]
fn a_panel_that_keeps_the_rules_has_no_violation() {
    assert_eq!(
        wrong(
            &["/a", "/b"],
            &["/a", "/b", "/twin", "/draft", "/next"],
            &[]
        ),
        Vec::<String>::new()
    );
    assert_eq!(
        wrong(&["/a", "!/pinned", "/b"], &["/a", "/b", "/c"], &[pin(2)]),
        Vec::<String>::new()
    );
    assert_eq!(
        wrong(&["/a", "!/pinned"], &["/a"], &[pin(3)]),
        Vec::<String>::new()
    );
    assert_eq!(
        wrong(&[], &["/a", "/b"], &[HostSays::Off]),
        Vec::<String>::new()
    );
}

#[test]
fn every_planted_violation_is_found_alone() {
    for (card, words) in [
        ("/host", "the page itself"),
        ("/draft", "a draft"),
        ("/noindex", "noindex"),
        ("/expired", "never to be recommended"),
        ("/blocked", "blocked"),
        ("/twin", "the same page: "),
        ("/older", "a newer version"),
        ("/next", "next to it in its series"),
        ("/vanished", "gone"),
        ("!/a", "no editor has made"),
    ] {
        let found = wrong(&["/b", card], &[], &[]);
        assert!(
            found.len() == 1 && found[0].contains(words),
            "{card}: {found:?}"
        );
    }
    for (cards, related, more, words) in [
        (
            vec!["/a", "/a"],
            vec![],
            vec![],
            "the same page as /a beside it",
        ),
        (
            vec!["/a"],
            vec!["/a", "/b"],
            vec![],
            "shows 1 cards, but could show 2",
        ),
        (
            vec!["/a", "/b", "!/pinned"],
            vec![],
            vec![pin(2)],
            "does not have /pinned in slot 2",
        ),
        (vec!["/a"], vec![], vec![HostSays::Off], "turned off"),
    ] {
        let found = wrong(&cards, &related, &more);
        assert!(
            found.len() == 1 && found[0].contains(words),
            "{cards:?}: {found:?}"
        );
    }
    let both = wrong(&["/a", "/b", "/c"], &[], &[pin(1)]);
    assert!(both.len() == 1 && both[0].contains("slot 1"), "{both:?}");
}
