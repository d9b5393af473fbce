//! How much an article belongs to a topic: its own label counts most, a name in its text less, and the less the more
//! articles name the topic.

use super::catalogue::Catalogue;
use crate::model::TopicOrd;

/// What the article's `topic` counts.
const DECLARED: f64 = 1.0;
/// What one of its tags counts.
const TAGGED: f64 = 0.6;
/// What a name in its title counts.
const IN_TITLE: f64 = 0.5;
/// What a name in its summary counts.
const IN_SUMMARY: f64 = 0.3;
/// What a name in its text counts at most, and how often it must stand there to count half of that.
const IN_BODY: f64 = 0.3;
const BODY_HALF: f64 = 3.0;
/// Topics of an article that are kept, the heaviest.
const MOST_OF_ARTICLE: usize = 16;

/// Where an article names a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In its title.
    Title,
    /// In the summary that its author wrote.
    Summary,
    /// In its text.
    Body,
}

/// An article names a topic, in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mention {
    /// The topic.
    pub topic: TopicOrd,
    /// Where.
    pub place: Place,
    /// How often there.
    pub count: u32,
}

/// The topics of every article with their weights, row after row.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Memberships {
    /// Where each article's row starts; one more at the end.
    pub(super) starts: Vec<u32>,
    /// By ascending topic within a row.
    pub(super) topics: Vec<TopicOrd>,
    /// 0 to 1, damped.
    pub(super) weights: Vec<f32>,
    /// How many articles name each topic.
    pub(super) articles: Vec<u32>,
}

impl Memberships {
    /// `mentions` by the article's ordinal.
    pub(super) fn of(catalogue: &Catalogue, mentions: &[Vec<Mention>]) -> Self {
        let rows: Vec<Vec<(TopicOrd, f64)>> = catalogue
            .held
            .iter()
            .enumerate()
            .map(|(article, held)| {
                let mentions = mentions.get(article).map_or(&[][..], Vec::as_slice);
                given(held.topic, &held.tags, mentions)
            })
            .collect();
        let mut articles = vec![0; catalogue.len()];
        for &(topic, _) in rows.iter().flatten() {
            articles[topic.index()] += 1;
        }
        let damping: Vec<f64> = articles.iter().map(|&n| damping(n, rows.len())).collect();
        let mut memberships = Self {
            starts: vec![0],
            articles,
            ..Self::default()
        };
        for row in rows {
            let row = damped(row, &damping);
            let (topics, weights): (Vec<_>, Vec<_>) = row.into_iter().unzip();
            memberships.topics.extend(topics);
            memberships.weights.extend(weights);
            memberships.starts.push(memberships.topics.len() as u32);
        }
        memberships
    }
}

/// What the labels of an article and the names in its text give it.
pub(super) fn given(
    topic: Option<TopicOrd>,
    tags: &[TopicOrd],
    mentions: &[Mention],
) -> Vec<(TopicOrd, f64)> {
    let declared = topic.into_iter().map(|topic| (topic, DECLARED));
    let tagged = tags.iter().map(|&tag| (tag, TAGGED));
    let named = mentions
        .iter()
        .map(|mention| (mention.topic, weight(mention)));
    strongest(declared.chain(tagged).chain(named).collect())
}

/// The heaviest of a row, each topic less the more articles name it; by ascending topic.
pub(super) fn damped(row: Vec<(TopicOrd, f64)>, damping: &[f64]) -> Vec<(TopicOrd, f32)> {
    let row = row.into_iter();
    let row = row.map(|(topic, weight)| (topic, weight * damping[topic.index()]));
    let mut row: Vec<(TopicOrd, f64)> = row.filter(|&(_, weight)| weight > 0.0).collect();
    row.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    row.truncate(MOST_OF_ARTICLE);
    row.sort_by_key(|&(topic, _)| topic);
    row.into_iter()
        .map(|(topic, weight)| (topic, weight as f32))
        .collect()
}

/// `ln(N / n) / ln N`: 1 for a topic of one article, 0 for one of all.
pub(super) fn damping(articles: u32, of: usize) -> f64 {
    if of < 2 {
        return 0.0;
    }
    let (n, of) = (f64::from(articles.max(1)), of as f64);
    (libm::log(of / n) / libm::log(of)).clamp(0.0, 1.0)
}

fn weight(mention: &Mention) -> f64 {
    match mention.place {
        Place::Title => IN_TITLE,
        Place::Summary => IN_SUMMARY,
        Place::Body => {
            let count = f64::from(mention.count);
            IN_BODY * count / (count + BODY_HALF)
        }
    }
}

/// Each topic once, with the most that anything gives it.
fn strongest(mut given: Vec<(TopicOrd, f64)>) -> Vec<(TopicOrd, f64)> {
    given.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
    given.dedup_by_key(|&mut (topic, _)| topic);
    given.retain(|&(_, weight)| weight > 0.0);
    given
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_more_articles_name_a_topic_the_less_it_says() {
        assert_eq!(damping(1, 1000), 1.0);
        assert_eq!(damping(1000, 1000), 0.0);
        // ln(10) / ln(1000)
        assert!((damping(100, 1000) - 1.0 / 3.0).abs() < 1e-12);
        assert_eq!((damping(1, 1), damping(0, 0)), (0.0, 0.0));
    }

    #[test]
    fn of_several_places_the_strongest_counts() {
        let topic = TopicOrd(3);
        let body = Mention {
            topic,
            place: Place::Body,
            count: 3,
        };
        assert_eq!(weight(&body), IN_BODY / 2.0);
        let given = vec![(topic, weight(&body)), (topic, TAGGED), (TopicOrd(1), 0.0)];
        assert_eq!(strongest(given), [(topic, TAGGED)]);
    }
}
