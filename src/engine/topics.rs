//! The topics of a generation, from what its articles and its editors say.

use rayon::prelude::*;

use super::mentions::mentions;
use super::names::{Linked, Names};
use crate::corpus::Editorial;
use crate::index::{Analyses, TopicTable};
use crate::model::{DocOrd, Topic};
use crate::signals::research::topics::{Catalogue, Findings, Labels, mine};

/// All that is known of the topics of `analyses`.
pub(super) fn topic_table(
    analyses: &Analyses,
    names: &Names<'_>,
    editorial: &Editorial,
) -> TopicTable {
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
    let links = links(analyses, names);
    let found = Findings {
        labels: &labels,
        mentions: &mentions,
        links: &links,
    };
    mine(&catalogue, editorial, &found)
}

/// The other articles that each article links to, each once, ascending.
fn links(analyses: &Analyses, names: &Names<'_>) -> Vec<Vec<DocOrd>> {
    let articles = analyses.articles().par_iter().enumerate();
    articles
        .map(|(ord, article)| {
            let targets =
                article
                    .links
                    .lines()
                    .filter_map(|link| match names.linked(link, &article.entry) {
                        Linked::Article(target) if target != ord => Some(DocOrd(target as u32)),
                        _ => None,
                    });
            let mut targets: Vec<DocOrd> = targets.collect();
            targets.sort_unstable();
            targets.dedup();
            targets
        })
        .collect()
}
