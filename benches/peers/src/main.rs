//! What readnext is measured beside. Stock tantivy is a peer of `benches/reindex` and `benches/panel`: its English analyzer (`en_stem`), its default text options.
//!
//! `readnext-peers index ARTICLES.jsonl FOLDER` writes title, topic and tags, summary and body of every article, as they stand
//! in the file, to an index in FOLDER, commits and waits for the merges. It prints how many articles there were.
//!
//! `readnext-peers like ARTICLES.jsonl FOLDER HOSTS.txt` asks that index for the 20 articles most like each of the hosts (an id a
//! line) with the defaults of its more-like-this query, and prints how long that took as a line of JSON, in microseconds.
//!
//! `readnext-peers append FILE` is the peer of `benches/events`: an append file behind HTTP.
//!
//! `readnext-peers bytes ADDRESS TARGETS.txt` is the peer of `benches/http`: the answers of the server at ADDRESS behind a bare handler.

mod append;
mod bytes;

use std::collections::HashMap;
use std::fs::{self, File};
use std::hint::black_box;
use std::io::{BufRead, BufReader};
use std::time::Instant;

use serde_json::Value;
use tantivy::collector::TopDocs;
use tantivy::query::MoreLikeThisQuery;
use tantivy::schema::{Field, IndexRecordOption, OwnedValue, Schema, TextFieldIndexing, TextOptions};
use tantivy::{Index, TantivyDocument};

const FIELDS: [&str; 4] = ["title", "topic", "summary", "body"];
const WRITER_BYTES: usize = 256 << 20;

const HITS: usize = 20;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        ["index", articles, folder] => index(articles, folder),
        ["like", articles, folder, hosts] => like(articles, folder, hosts),
        ["append", file] => append::serve(file).map_err(Into::into),
        ["bytes", address, targets] => bytes::serve(address, targets).map_err(Into::into),
        _ => panic!("usage: readnext-peers index ARTICLES.jsonl FOLDER | like ARTICLES.jsonl FOLDER HOSTS.txt | append FILE | bytes ADDRESS TARGETS.txt"),
    };
    done.unwrap_or_else(|error| panic!("{}: {error}", arguments[1]));
}

fn index(articles: &str, folder: &str) -> tantivy::Result<()> {
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
    for article in read(articles)? {
        let mut document = TantivyDocument::new();
        for (field, text) in texts(&article?, &fields) {
            document.add_text(field, text);
        }
        writer.add_document(document)?;
        count += 1;
    }
    writer.commit()?;
    writer.wait_merging_threads()?;
    println!("{count} articles");
    Ok(())
}

fn like(articles: &str, folder: &str, hosts: &str) -> tantivy::Result<()> {
    let index = Index::open_in_dir(folder)?;
    let fields = FIELDS.map(|name| index.schema().get_field(name).expect("written by index"));
    let hosts = fs::read_to_string(hosts)?;
    let places: HashMap<&str, usize> = hosts.lines().zip(0..).collect();
    let mut documents = vec![Vec::new(); places.len()];
    for article in read(articles)? {
        let article = article?;
        if let Some(&place) = article["id"].as_str().and_then(|id| places.get(id)) {
            documents[place] = by_field(texts(&article, &fields));
        }
    }
    let searcher = index.reader()?.searcher();
    let mut times = Vec::new();
    for document in documents {
        let clock = Instant::now();
        let query = MoreLikeThisQuery::builder().with_document_fields(document);
        black_box(searcher.search(&query, &TopDocs::with_limit(HITS).order_by_score())?);
        times.push(1e6 * clock.elapsed().as_secs_f64());
    }
    times.sort_unstable_by(f64::total_cmp);
    let quantile = |share: f64| times[(share * (times.len() - 1) as f64) as usize];
    println!(
        "{{\"stage\": \"more-like-this\", \"p50\": {:.2}, \"p99\": {:.2}, \"hosts\": {}}}",
        quantile(0.5),
        quantile(0.99),
        times.len()
    );
    Ok(())
}

/// The records of a file, one a line.
fn read(path: &str) -> tantivy::Result<impl Iterator<Item = tantivy::Result<Value>>> {
    let lines = BufReader::with_capacity(1 << 18, File::open(path)?).lines();
    Ok(lines.map(|line| Ok(serde_json::from_str(&line?)?)))
}

/// The texts of a record, with the fields they belong to; tags go with the topic.
fn texts<'a>(article: &'a Value, fields: &[Field]) -> Vec<(Field, &'a str)> {
    let named = FIELDS.iter().zip(fields);
    let texts = named.filter_map(|(name, &field)| Some((field, article[name].as_str()?)));
    let tags = article["tags"].as_array().into_iter().flatten();
    let tags = tags.map(|tag| (fields[1], tag.as_str().unwrap_or_default()));
    texts.chain(tags).collect()
}

/// The values of each field together, as a more-like-this query takes them.
fn by_field(texts: Vec<(Field, &str)>) -> Vec<(Field, Vec<OwnedValue>)> {
    let mut fields: Vec<(Field, Vec<OwnedValue>)> = Vec::new();
    for (field, text) in texts {
        let value = OwnedValue::from(text);
        match fields.iter_mut().find(|(known, _)| *known == field) {
            Some((_, values)) => values.push(value),
            None => fields.push((field, vec![value])),
        }
    }
    fields
}
