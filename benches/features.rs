//! What the signals know of pairs of articles, as numbers, for fitting weights and for telling what each kind brings.
//!
//! `cargo bench --bench features -- ARTICLES.jsonl QUERIES.txt` prints tab-separated values with a head line: every pair of
//! a queried article and one that a signal brings in. `benches/fit.py` reads them.

#[path = "analysed.rs"]
mod analysed;

use std::fs;
use std::io::{BufWriter, Write, stdout};
use std::path::Path;

use analysed::analysed;
use readnext::corpus::url::OwnHosts;
use readnext::engine::{Pairing, Site};
use readnext::model::DocOrd;

fn main() {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"))
        .collect();
    let [articles, queries] = arguments.as_slice() else {
        println!("usage: cargo bench --bench features -- ARTICLES.jsonl QUERIES.txt");
        return;
    };
    let analyses = analysed(Path::new(articles));
    let site = Site::learn(&analyses, &OwnHosts::default());
    let id = |ord: usize| analyses.articles()[ord].entry.id.as_str();
    let mut out = BufWriter::new(stdout().lock());
    writeln!(
        out,
        "query\tarticle\tshared\ttext\tsubject\tsummary\ttopics\ttitle\tsemantic\taddress\tnames\tnamed\tlinked\tlinking\tcocitation\tcoupling\tby_topics\tlinks"
    )
    .expect("written");
    let mut pairing = Pairing::of(&site);
    for query in fs::read_to_string(queries).expect("readable").lines() {
        let Ok(host) = analyses
            .articles()
            .binary_search_by(|article| article.entry.id.as_str().cmp(query))
        else {
            continue;
        };
        let ord = DocOrd(host as u32);
        for pair in pairing.pairs(ord) {
            let (likeness, linkage) = (pair.likeness, pair.linkage);
            writeln!(
                out,
                "{query}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}",
                id(pair.ord.index()),
                pair.shared_terms,
                likeness.text,
                likeness.subject,
                likeness.summary,
                likeness.topics,
                likeness.title,
                likeness.semantic,
                likeness.address,
                likeness.names,
                likeness.named,
                u8::from(linkage.linked),
                u8::from(linkage.linking),
                linkage.cocitation,
                linkage.coupling,
                pair.by_topics,
                site.link_count(ord),
            )
            .expect("written");
        }
    }
}
