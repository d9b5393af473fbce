//! The topics of a generation, from what its articles and its editors say.

use super::mentions::mentions;
use crate::corpus::Editorial;
use crate::index::{Analyses, TopicTable};
use crate::model::{Graph, Topic};
use crate::signals::research::topics::{Catalogue, Findings, Labels, mine};

/// All that is known of the topics of `analyses`.
pub(super) fn topic_table(analyses: &Analyses, links: &Graph, editorial: &Editorial) -> TopicTable {
    let articles = analyses.articles().iter();
    let labels: Vec<Labels<'_>> = articles
        .map(|article| Labels {
            kind: &article.entry.kind,
            topic: article.entry.topic.as_ref().map(Topic::as_str),
            tags: article.tags.lines().collect(),
        })
        .collect();
    let catalogue = Catalogue::of(&labels, editorial);
    let mentions = mentions(analyses, &catalogue);
    let found = Findings {
        labels: &labels,
        mentions: &mentions,
        links,
    };
    mine(&catalogue, editorial, &found)
}
