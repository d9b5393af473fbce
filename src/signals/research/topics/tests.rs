//! The graph of topics over small sites: what is mined, what a walk is worth, and that knowing more never lowers anything.

use super::walk::Related;
use super::*;
use crate::corpus::{Editorial, EditorsFile};
use crate::index::TopicTable;
use crate::model::{DocOrd, Graph, Kind, Origin, Relation, RelationKind, TopicOrd};

/// An article as `kind topic: named in title, ...; tag, ...`.
struct Article {
    kind: Kind,
    topic: Option<&'static str>,
    title: Vec<&'static str>,
    tags: Vec<&'static str>,
    links: Vec<u32>,
}

fn article(kind: &str, topic: Option<&'static str>, title: &[&'static str]) -> Article {
    Article {
        kind: Kind::new(kind).expect("a kind"),
        topic,
        title: title.to_vec(),
        tags: Vec::new(),
        links: Vec::new(),
    }
}

fn editorial(text: &str) -> Editorial {
    let file = EditorsFile {
        path: "topics.toml".to_owned(),
        bytes: text.as_bytes().to_vec(),
    };
    let (editorial, problems) = Editorial::read(&[file]);
    assert_eq!(problems, []);
    editorial
}

fn mined(articles: &[Article], stated: &str) -> TopicTable {
    let editorial = editorial(stated);
    let labels: Vec<Labels<'_>> = articles
        .iter()
        .map(|article| Labels {
            kind: &article.kind,
            topic: article.topic,
            tags: article.tags.clone(),
        })
        .collect();
    let catalogue = Catalogue::of(&labels, &editorial);
    let mentions: Vec<Vec<Mention>> = articles
        .iter()
        .map(|article| {
            let named = article.title.iter().filter_map(|title| {
                let mut names = catalogue.names();
                let (topic, _) = names.find(|(_, name)| name == title)?;
                Some(Mention {
                    topic,
                    place: Place::Title,
                    count: 1,
                })
            });
            named.collect()
        })
        .collect();
    let links = articles
        .iter()
        .map(|article| article.links.iter().map(|&link| DocOrd(link)).collect());
    let links = Graph::of(links);
    let found = Findings {
        labels: &labels,
        mentions: &mentions,
        links: &links,
    };
    mine(&catalogue, &editorial, &found)
}

/// `a kind b` of every relation but those of the `without` kinds.
fn told(table: &TopicTable, without: &[RelationKind]) -> Vec<String> {
    let name = |topic: TopicOrd| table.topics[topic.index()].name.as_str();
    let kept = table
        .relations
        .iter()
        .filter(|relation| !without.contains(&relation.kind));
    kept.map(|relation| {
        format!(
            "{} {} {}",
            name(relation.from),
            relation.kind.name(),
            name(relation.to)
        )
    })
    .collect()
}

/// Two articles on each topic and one on comparing or combining.
fn small_site() -> Vec<Article> {
    let mut site = Vec::new();
    for topic in ["Dask", "DuckDB", "pandas"] {
        site.push(article("tool", Some(topic), &[topic]));
        site.push(article("howto", Some(topic), &[]));
    }
    site.push(article("compare", None, &["DuckDB", "pandas"]));
    site.push(article("integration", Some("pandas"), &["Dask"]));
    site.push(article("howto", None, &["Dask", "DuckDB"]));
    site
}

#[test]
fn pages_that_compare_and_combine_state_relations() {
    let table = mined(&small_site(), "");
    assert_eq!(
        told(&table, &[]),
        [
            "Dask integrates-with pandas",
            "DuckDB alternative-to pandas"
        ]
    );
    let compared = &table.relations[1];
    assert_eq!(
        (
            compared.origin,
            compared.strength,
            compared.articles.as_slice()
        ),
        (Origin::ComparePages, 0.5, &[DocOrd(6)][..])
    );
}

#[test]
fn a_topic_of_one_article_relates_nothing_unless_an_editor_names_it() {
    let mut site = small_site();
    site.push(article("compare", Some("Polars"), &["pandas"]));
    assert!(
        told(&mined(&site, ""), &[])
            .iter()
            .all(|told| !told.contains("Polars"))
    );
    let table = mined(&site, "[Polars]");
    assert!(told(&table, &[]).contains(&"pandas alternative-to Polars".to_owned()));
}

#[test]
fn editors_add_relations_and_overrule_mined_ones() {
    let stated = "[pandas]\nnone = ['DuckDB', 'Dask']\nintegrates-with = [{ topic = 'Dask', source = 'the manual' }]\nbuilt-with = ['Python']";
    let table = mined(&small_site(), stated);
    assert_eq!(
        told(&table, &[]),
        ["Dask integrates-with pandas", "pandas built-with Python"]
    );
    let relation = &table.relations[0];
    assert_eq!((relation.origin, relation.strength), (Origin::Editors, 1.0));
    assert_eq!(relation.source.as_deref(), Some("the manual"));
    assert_eq!(relation.articles, []);
    // Without the overruling the pages that say the same stand beside what is stated.
    let table = mined(&small_site(), "[pandas]\nintegrates-with = ['Dask']");
    assert_eq!(table.relations[0].origin, Origin::Editors);
    assert_eq!(table.relations[0].articles, [DocOrd(7)]);
}

#[test]
fn what_is_named_together_beyond_chance_is_related() {
    let mut site: Vec<Article> = (0..60).map(|_| article("howto", None, &[])).collect();
    for (number, article) in site.iter_mut().enumerate() {
        article.tags = match number {
            0..4 => vec!["pgvector", "embeddings", "everywhere"],
            4..6 => vec!["pgvector", "everywhere"],
            6..20 => vec!["everywhere", "css"],
            _ => vec!["everywhere"],
        };
    }
    let table = mined(&site, "");
    assert_eq!(told(&table, &[]), ["embeddings mentioned-with pgvector"]);
    let relation = &table.relations[0];
    assert_eq!(relation.articles, [0, 1, 2, 3].map(DocOrd));
    // 4 of 60 both, 4 the one, 6 the other: 2 * (4 ln(4/0.4) + 2 ln(2/5.6) + 54 ln(54/50.4)) = 21.755, over itself plus 40.
    assert!(
        (f64::from(relation.strength) - 0.3523).abs() < 1e-3,
        "{}",
        relation.strength
    );
}

#[test]
fn links_between_their_articles_relate_topics() {
    let mut site = Vec::new();
    for topic in ["a", "b", "c", "d"] {
        for _ in 0..6 {
            site.push(article("tool", Some(topic), &[]));
        }
    }
    // Those on a link to those on b, those on c to one of each.
    for from in 0..6 {
        site[from].links = vec![6 + from as u32, 6 + (from as u32 + 1) % 6];
        site[12 + from].links = vec![0, 6, 18];
    }
    let table = mined(&site, "");
    assert_eq!(told(&table, &[]), ["a linked-with b"]);
    assert_eq!(table.relations[0].articles, [0, 1, 2, 3, 4, 5].map(DocOrd));
}

fn relation(from: u32, to: u32, strength: f32) -> Relation {
    Relation {
        from: TopicOrd(from),
        to: TopicOrd(to),
        kind: RelationKind::IntegratesWith,
        strength,
        origin: Origin::Editors,
        source: None,
        articles: Vec::new(),
    }
}

#[test]
fn a_walk_is_damped_at_every_step_and_at_hubs() {
    let get = |damping: &[f64], from: u32, to: u32| {
        let relations = [relation(0, 1, 1.0), relation(1, 2, 1.0)];
        f64::from(Related::of(&relations, damping).get(TopicOrd(from), TopicOrd(to)))
    };
    // One step: 0.5. Nothing passes through topics that every article names.
    assert!((get(&[0.0; 3], 0, 1) - (1.0 - libm::exp(-0.5))).abs() < 1e-6);
    assert_eq!(get(&[0.0; 3], 0, 2), 0.0);
    // Two steps through a topic of which half passes: 0.5 * 0.5 * 0.5.
    assert!((get(&[0.0, 0.5, 0.0], 0, 2) - (1.0 - libm::exp(-0.125))).abs() < 1e-6);
    assert!(get(&[0.0, 0.2, 0.0], 0, 2) < get(&[0.0, 0.9, 0.0], 0, 2));
    assert_eq!(get(&[0.0; 3], 2, 2), 1.0);
}

#[test]
fn several_relations_of_two_topics_strengthen_one_another() {
    let mut mentioned = relation(0, 1, 0.5);
    mentioned.kind = RelationKind::MentionedWith;
    let related = Related::of(&[relation(0, 1, 0.5), mentioned], &[0.0; 2]);
    // 1 - (1 - 0.5) * (1 - 0.6 * 0.5) = 0.65, halved by the step.
    let expected = 1.0 - libm::exp(-0.325);
    assert!((f64::from(related.get(TopicOrd(1), TopicOrd(0))) - expected).abs() < 1e-6);
}

/// Numbers that look random, the same in every run (Marsaglia 2003).
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }

    fn share(&mut self) -> f32 {
        (1 + self.below(1000)) as f32 / 1000.0
    }
}

const TOPICS: u64 = 8;
const ARTICLES: u32 = 40;

/// A site of chance: a few topics for each article, a few relations.
fn table_of(chance: &mut Chance) -> TopicTable {
    let mut table = TopicTable {
        starts: vec![0],
        ..TopicTable::default()
    };
    let mut articles = vec![0; TOPICS as usize];
    for _ in 0..ARTICLES {
        for topic in 0..TOPICS {
            if chance.below(4) == 0 {
                table.members.push(TopicOrd(topic as u32));
                table.weights.push(chance.share());
                articles[topic as usize] += 1;
            }
        }
        table.starts.push(table.members.len() as u32);
    }
    table.topics = articles
        .into_iter()
        .enumerate()
        .map(|(topic, articles)| crate::index::TopicRecord {
            name: format!("topic {topic}"),
            aliases: Vec::new(),
            editorial: false,
            articles,
        })
        .collect();
    for _ in 0..chance.below(30) {
        table.relations.push(relation_of(chance));
    }
    sorted(&mut table);
    table
}

fn relation_of(chance: &mut Chance) -> Relation {
    let from = chance.below(TOPICS);
    let to = (from + 1 + chance.below(TOPICS - 1)) % TOPICS;
    let mut relation = relation(from.min(to) as u32, from.max(to) as u32, chance.share());
    relation.kind = [
        RelationKind::AlternativeTo,
        RelationKind::MentionedWith,
        RelationKind::LinkedWith,
    ][chance.below(3) as usize];
    relation
}

fn sorted(table: &mut TopicTable) {
    table
        .relations
        .sort_by_key(|relation| (relation.from, relation.to, relation.kind));
}

#[test]
fn one_more_relation_or_a_stronger_one_never_lowers_anything() {
    for seed in 1..=60 {
        let mut chance = Chance(u64::wrapping_mul(seed, 0x9E37_79B9_7F4A_7C15));
        let before = table_of(&mut chance);
        let mut after = before.clone();
        if seed % 2 == 0 || after.relations.is_empty() {
            after.relations.push(relation_of(&mut chance));
            sorted(&mut after);
        } else {
            let which = chance.below(after.relations.len() as u64) as usize;
            let strength = &mut after.relations[which].strength;
            *strength += (1.0 - *strength) * chance.share();
        }
        let (before, after) = (TopicGraph::of(before), TopicGraph::of(after));
        for host in (0..ARTICLES).map(DocOrd) {
            for other in (0..ARTICLES).map(DocOrd) {
                let (was, is) = (
                    before.relatedness(host, other),
                    after.relatedness(host, other),
                );
                assert!(is >= was, "seed {seed}: {host:?} {other:?} {was} {is}");
                assert!((0.0..=1.0).contains(&is));
            }
        }
    }
}

#[test]
fn the_fast_way_and_the_plain_way_agree() {
    for seed in 1..=20 {
        let mut chance = Chance(u64::wrapping_mul(seed, 0x9E37_79B9_7F4A_7C15));
        let graph = TopicGraph::of(table_of(&mut chance));
        let mut walk = graph.walk();
        for host in (0..ARTICLES).map(DocOrd) {
            walk.restart(host);
            let mut all: Vec<(f32, DocOrd)> = (0..ARTICLES)
                .map(DocOrd)
                .filter(|&other| other != host)
                .map(|other| (graph.relatedness(host, other), other))
                .filter(|&(near, _)| near > 0.0)
                .collect();
            for &(near, other) in &all {
                assert_eq!(walk.to(other).to_bits(), near.to_bits(), "seed {seed}");
                assert!(
                    near < 0.02 || graph.why(host, other).is_some(),
                    "seed {seed}"
                );
            }
            all.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            let best: Vec<DocOrd> = all.iter().take(10).map(|&(_, other)| other).collect();
            assert_eq!(candidates(&graph, host, 10, |_| true), best, "seed {seed}");
        }
    }
}

#[test]
fn a_topic_of_thousands_gives_the_articles_beside_the_host() {
    let mut table = TopicTable {
        starts: vec![0],
        ..TopicTable::default()
    };
    for _ in 0..20_000 {
        table.members.push(TopicOrd(0));
        table.weights.push(0.3);
        table.starts.push(table.members.len() as u32);
    }
    table.topics.push(crate::index::TopicRecord {
        name: "large".to_owned(),
        aliases: Vec::new(),
        editorial: false,
        articles: 20_000,
    });
    // Half of all articles belong to nothing.
    for _ in 0..20_000 {
        table.starts.push(table.members.len() as u32);
    }
    let graph = TopicGraph::of(table);
    let near = candidates(&graph, DocOrd(10_000), 10, |ord| ord.0 % 2 == 0);
    assert_eq!(near.len(), 10);
    assert!(
        near.iter()
            .all(|ord| ord.0.abs_diff(10_000) <= 192 && ord.0 != 10_000)
    );
    assert_eq!(candidates(&graph, DocOrd(30_000), 10, |_| true), []);
    assert_eq!(candidates(&graph, DocOrd(5), 10, |_| false), []);
}

#[test]
fn why_names_the_relation_and_its_evidence() {
    let graph = TopicGraph::of(mined(&small_site(), ""));
    let (dask, duckdb, pandas) = (DocOrd(0), DocOrd(3), DocOrd(5));
    let Some(Why::Related(_, relation)) = graph.why(pandas, dask) else {
        panic!("{:?}", graph.why(pandas, dask));
    };
    let words = |host, other| graph.words(&graph.why(host, other).expect("a way"));
    assert_eq!(words(pandas, dask), "pandas integrates with Dask");
    assert_eq!(words(dask, pandas), "Dask integrates with pandas");
    assert_eq!(words(pandas, DocOrd(4)), "both on pandas");
    assert_eq!(
        words(dask, duckdb),
        "Dask integrates with pandas, pandas is an alternative to DuckDB"
    );
    assert_eq!(relation.articles, [DocOrd(7)]);
    assert!(matches!(graph.why(pandas, DocOrd(4)), Some(Why::Shared(_))));
    let Some(Why::Through(_, first, second)) = graph.why(dask, duckdb) else {
        panic!("{:?}", graph.why(dask, duckdb));
    };
    assert_eq!(
        (first.kind, second.kind),
        (RelationKind::IntegratesWith, RelationKind::AlternativeTo)
    );
    assert_eq!(
        graph.why(pandas, DocOrd(8)).is_some(),
        graph.relatedness(pandas, DocOrd(8)) > 0.0
    );
}

#[test]
fn a_site_of_one_article_or_one_topic_is_no_trouble() {
    let alone = TopicGraph::of(mined(&[article("tool", Some("a"), &["a"])], ""));
    assert_eq!(candidates(&alone, DocOrd(0), 10, |_| true), []);
    let same: Vec<Article> = (0..5).map(|_| article("tool", Some("a"), &[])).collect();
    let graph = TopicGraph::of(mined(&same, ""));
    // What all articles belong to tells none from another.
    assert_eq!(graph.relatedness(DocOrd(0), DocOrd(1)), 0.0);
    assert_eq!(TopicGraph::of(mined(&[], "")).table().topics, []);
}

/// The nearest articles of one host, by a walk made for it.
fn candidates(
    graph: &TopicGraph,
    host: DocOrd,
    most: usize,
    fits: impl Fn(DocOrd) -> bool,
) -> Vec<DocOrd> {
    let mut walk = graph.walk();
    walk.restart(host);
    walk.candidates(most, fits)
}
