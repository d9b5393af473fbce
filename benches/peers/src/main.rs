//! Stock tantivy as a peer of `benches/reindex`: its English analyzer (`en_stem`), its default text options.
//!
//! `readnext-peers index ARTICLES.jsonl FOLDER` writes title, topic and tags, summary and body of every article, as they stand
//! in the file, to an index in FOLDER, commits and waits for the merges. It prints how many articles there were.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};

use serde_json::Value;
use tantivy::schema::{IndexRecordOption, Schema, TextFieldIndexing, TextOptions};
use tantivy::{Index, TantivyDocument};

const FIELDS: [&str; 4] = ["title", "topic", "summary", "body"];
const WRITER_BYTES: usize = 256 << 20;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [command, articles, folder] = arguments.as_slice() else {
        panic!("usage: readnext-peers index ARTICLES.jsonl FOLDER");
    };
    assert_eq!(command, "index", "expected the command index");
    let count = index(articles, folder).unwrap_or_else(|error| panic!("{articles}: {error}"));
    println!("{count} articles");
}

fn index(articles: &str, folder: &str) -> tantivy::Result<u64> {
    let options = TextOptions::default().set_indexing_options(
        TextFieldIndexing::default()
            .set_tokenizer("en_stem")
            .set_index_option(IndexRecordOption::WithFreqsAndPositions),
    );
    let mut schema = Schema::builder();
    let fields = FIELDS.map(|name| schema.add_text_field(name, options.clone()));
    fs::create_dir_all(folder)?;
    let index = Index::create_in_dir(folder, schema.build())?;
    let mut writer = index.writer(WRITER_BYTES)?;
    let mut count = 0;
    for line in BufReader::with_capacity(1 << 18, File::open(articles)?).lines() {
        let article: Value = serde_json::from_str(&line?)?;
        let mut document = TantivyDocument::new();
        for (name, &field) in FIELDS.iter().zip(&fields) {
            if let Some(text) = article[name].as_str() {
                document.add_text(field, text);
            }
        }
        for tag in article["tags"].as_array().into_iter().flatten() {
            document.add_text(fields[1], tag.as_str().unwrap_or_default());
        }
        writer.add_document(document)?;
        count += 1;
    }
    writer.commit()?;
    writer.wait_merging_threads()?;
    Ok(count)
}
