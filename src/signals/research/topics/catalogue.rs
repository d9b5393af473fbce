//! Which topics a site has, what they are called, and which articles say of themselves that they are about them.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::corpus::Editorial;
use crate::model::{Kind, TopicOrd, order};
use crate::text::name_key;

/// Articles that must hold a topic which no editor names: held by one article it relates nothing.
const LEAST_HOLDERS: u32 = 2;
/// Topics that are kept beside all those of editors: the ones that most articles hold.
const MOST_TOPICS: usize = 4000;

/// What an article says of itself.
#[derive(Clone, Debug)]
pub struct Labels<'a> {
    /// What sort of page it is.
    pub kind: &'a Kind,
    /// Its topic.
    pub topic: Option<&'a str>,
    /// Its tags.
    pub tags: Vec<&'a str>,
}

/// The topics of a site, in the byte order of their keys; [`TopicOrd`] is the place in it.
#[derive(Debug, Default)]
pub struct Catalogue {
    topics: Vec<Known>,
    by_key: HashMap<String, TopicOrd>,
    /// The topic and the tags of every article, by [`DocOrd`](crate::model::DocOrd).
    pub(super) held: Vec<Held>,
    /// By the places of the topics in the editors' file.
    pub(super) of_editors: Vec<TopicOrd>,
}

/// A topic.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) name: String,
    pub(super) aliases: Vec<String>,
    /// Whether an editor names it.
    pub(super) editorial: bool,
    /// Whether it is the topic of an article, or an editor names it; a tag alone may be as wide as `performance`.
    pub(super) subject: bool,
}

/// The topics that an article says it is about.
#[derive(Clone, Debug, Default)]
pub(super) struct Held {
    pub(super) topic: Option<TopicOrd>,
    pub(super) tags: Vec<TopicOrd>,
}

/// A topic as it is being counted.
#[derive(Default)]
struct Counted<'a> {
    holders: u32,
    /// How often each spelling is a topic, and how often a tag.
    spellings: BTreeMap<&'a str, (u32, u32)>,
    last: Option<usize>,
}

impl Catalogue {
    /// The topics of `articles` (by ordinal) and of the editors.
    pub fn of(articles: &[Labels<'_>], editorial: &Editorial) -> Self {
        let of_alias: HashMap<String, usize> = editorial
            .topics
            .iter()
            .enumerate()
            .flat_map(|(place, topic)| topic.aliases.iter().map(move |alias| (alias, place)))
            .map(|(alias, place)| (name_key(alias), place))
            .collect();
        let named_key: Vec<String> = editorial
            .topics
            .iter()
            .map(|topic| name_key(&topic.name))
            .collect();
        let mut keys = Keys::default();
        let key_of = |keys: &mut Keys, name: &str| {
            let key = keys.of(name);
            of_alias
                .get(&key)
                .map_or(key, |&place| named_key[place].clone())
        };
        let mut counted: BTreeMap<String, Counted<'_>> = BTreeMap::new();
        for (ord, article) in articles.iter().enumerate() {
            let labels = article.topic.iter().map(|&name| (name, true));
            for (name, is_topic) in labels.chain(article.tags.iter().map(|&tag| (tag, false))) {
                let key = key_of(&mut keys, name);
                if key.is_empty() {
                    continue;
                }
                let counted = counted.entry(key).or_default();
                let spelling = counted.spellings.entry(name).or_default();
                if is_topic {
                    spelling.0 += 1;
                } else {
                    spelling.1 += 1;
                }
                if counted.last != Some(ord) {
                    counted.last = Some(ord);
                    counted.holders += 1;
                }
            }
        }
        for key in &named_key {
            counted.entry(key.clone()).or_default();
        }
        let by_name: HashMap<&str, usize> = named_key
            .iter()
            .enumerate()
            .map(|(place, key)| (key.as_str(), place))
            .collect();
        let kept = kept(&counted, &by_name);
        let mut catalogue = Self {
            of_editors: vec![TopicOrd(0); editorial.topics.len()],
            ..Self::default()
        };
        for (key, counted) in counted.into_iter().filter(|(key, _)| kept.contains(key)) {
            let ord = TopicOrd(catalogue.topics.len() as u32);
            let stated = by_name.get(key.as_str()).map(|&place| {
                catalogue.of_editors[place] = ord;
                &editorial.topics[place]
            });
            catalogue.topics.push(Known {
                name: stated.map_or_else(
                    || usual_spelling(&counted.spellings).to_owned(),
                    |stated| stated.name.clone(),
                ),
                aliases: stated.map_or_else(Vec::new, |stated| stated.aliases.clone()),
                editorial: stated.is_some(),
                subject: stated.is_some()
                    || counted.spellings.values().any(|&(topics, _)| topics > 0),
            });
            catalogue.by_key.insert(key, ord);
        }
        for (alias, place) in of_alias {
            let ord = catalogue.of_editors[place];
            catalogue.by_key.entry(alias).or_insert(ord);
        }
        catalogue.held = articles
            .iter()
            .map(|article| catalogue.held_by(article, &mut keys))
            .collect();
        // A site that gives its articles no topic has nothing but tags to go by.
        if catalogue.held.iter().all(|held| held.topic.is_none()) {
            for topic in &mut catalogue.topics {
                topic.subject = true;
            }
        }
        catalogue
    }

    fn held_by(&self, article: &Labels<'_>, keys: &mut Keys) -> Held {
        let mut find = |name: &str| self.by_key.get(&keys.of(name)).copied();
        let topic = article.topic.and_then(&mut find);
        let mut tags: Vec<TopicOrd> = article.tags.iter().filter_map(|tag| find(tag)).collect();
        tags.sort_unstable();
        tags.dedup();
        tags.retain(|&tag| Some(tag) != topic);
        Held { topic, tags }
    }

    /// How many topics there are.
    pub fn len(&self) -> usize {
        self.topics.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.topics.is_empty()
    }

    /// Every name and alias with the topic it leads to, by topic.
    pub fn names(&self) -> impl Iterator<Item = (TopicOrd, &str)> {
        let topics = (0..).map(TopicOrd).zip(&self.topics);
        topics.flat_map(|(ord, topic)| {
            let aliases = topic.aliases.iter().map(String::as_str);
            [topic.name.as_str()]
                .into_iter()
                .chain(aliases)
                .map(move |name| (ord, name))
        })
    }

    pub(super) fn topics(&self) -> &[Known] {
        &self.topics
    }

    pub(super) fn topic(&self, ord: TopicOrd) -> &Known {
        &self.topics[ord.index()]
    }
}

/// The keys of names that were met: labels repeat from article to article.
#[derive(Default)]
struct Keys(HashMap<String, String>);

impl Keys {
    fn of(&mut self, name: &str) -> String {
        if let Some(key) = self.0.get(name) {
            return key.clone();
        }
        let key = name_key(name);
        self.0.insert(name.to_owned(), key.clone());
        key
    }
}

/// The keys of the topics that are kept.
fn kept(
    counted: &BTreeMap<String, Counted<'_>>,
    by_name: &HashMap<&str, usize>,
) -> HashSet<String> {
    let (editorial, mut others): (Vec<_>, Vec<_>) = counted
        .iter()
        .partition(|(key, _)| by_name.contains_key(key.as_str()));
    others.retain(|(_, counted)| counted.holders >= LEAST_HOLDERS);
    order::sort_by(&mut others, |a, b| {
        b.1.holders.cmp(&a.1.holders).then_with(|| a.0.cmp(b.0))
    });
    others.truncate(MOST_TOPICS);
    let kept = editorial.into_iter().chain(others);
    kept.map(|(key, _)| key.clone()).collect()
}

/// The spelling that most articles have as their topic, then as a tag; ties to the first in byte order.
fn usual_spelling<'a>(spellings: &BTreeMap<&'a str, (u32, u32)>) -> &'a str {
    let mut usual = ("", (0, 0));
    for (&spelling, &counts) in spellings {
        if counts > usual.1 {
            usual = (spelling, counts);
        }
    }
    usual.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::EditorialTopic;

    #[test]
    fn one_topic_whatever_its_spelling_and_none_of_a_single_article() {
        let kind = Kind::new("tool").expect("a kind");
        let labels = |topic, tags: &[&'static str]| Labels {
            kind: &kind,
            topic,
            tags: tags.to_vec(),
        };
        let editorial = Editorial {
            topics: vec![EditorialTopic {
                name: "Kubernetes".to_owned(),
                aliases: vec!["k8s".to_owned()],
            }],
            ..Editorial::default()
        };
        let catalogue = Catalogue::of(
            &[
                labels(Some("GitHub Actions"), &["ci", "K8s", "?"]),
                labels(Some("Lonely"), &["github-actions", "github actions", "CI"]),
                labels(None, &["ci"]),
            ],
            &editorial,
        );
        let names: Vec<(u32, &str)> = catalogue.names().map(|(ord, name)| (ord.0, name)).collect();
        assert_eq!(
            names,
            [
                (0, "ci"),
                (1, "GitHub Actions"),
                (2, "Kubernetes"),
                (2, "k8s")
            ]
        );
        let held = &catalogue.held;
        assert_eq!(
            (held[0].topic, held[0].tags.as_slice()),
            (Some(TopicOrd(1)), &[TopicOrd(0), TopicOrd(2)][..])
        );
        assert_eq!(
            (held[1].topic, held[1].tags.as_slice()),
            (None, &[TopicOrd(0), TopicOrd(1)][..])
        );
        let subjects: Vec<bool> = catalogue
            .topics()
            .iter()
            .map(|topic| topic.subject)
            .collect();
        assert_eq!(subjects, [false, true, true]);
    }
}
