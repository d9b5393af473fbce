//! `readnext topics`: which topics the site has, how they relate and who says so.

use std::fmt::Write as _;

use serde::Serialize;

use super::arguments::{Common, Topics as Arguments};
use super::output::{bold, counted, dim, print};
use super::related::one_line;
use crate::engine::{TopicDetail, TopicList};
use crate::error::{Result, say};

pub(super) fn run(common: &Common, arguments: &Arguments) -> Result<u8> {
    let snapshot = common.generation()?;
    let text = match &arguments.name {
        Some(name) => {
            let topic = TopicDetail::of(&snapshot, name)?;
            if arguments.json {
                json(&topic)
            } else {
                one(&topic)
            }
        }
        None => {
            let topics = TopicList::of(&snapshot)?;
            if topics.topics.is_empty() {
                say(format_args!(
                    "no topics: no two articles share a topic or a tag, and there is no topics.toml"
                ));
            }
            if arguments.json {
                json(&topics)
            } else {
                all(&topics)
            }
        }
    };
    print(&text)?;
    Ok(0)
}

fn json(value: &impl Serialize) -> String {
    let text = serde_json::to_string(value).expect("plain data serialises");
    format!("{text}\n")
}

fn all(topics: &TopicList) -> String {
    let mut out = String::new();
    for topic in &topics.topics {
        let _ = writeln!(
            out,
            "{}  {}",
            bold(&one_line(&topic.topic)),
            dim(&format!(
                "{}, {}",
                counted(topic.articles as usize, "article"),
                counted(topic.relations, "relation")
            ))
        );
    }
    out
}

fn one(topic: &TopicDetail) -> String {
    let mut out = format!(
        "{}\n{}\n",
        bold(&one_line(&topic.topic)),
        dim(&counted(topic.articles as usize, "article"))
    );
    if !topic.aliases.is_empty() {
        let _ = writeln!(out, "also {}", one_line(&topic.aliases.join(", ")));
    }
    if topic.relations.is_empty() {
        out.push_str("\nNothing is known to relate to this topic.\n");
    }
    for relation in &topic.relations {
        let source = relation
            .source
            .as_ref()
            .map_or_else(String::new, |source| format!(" · {source}"));
        let _ = writeln!(
            out,
            "\n{:.2}  {}\n      {}",
            relation.strength,
            one_line(&relation.text),
            one_line(&format!(
                "{} · {}{source}",
                relation.kind.name(),
                relation.by
            ))
        );
        for article in &relation.articles {
            let _ = writeln!(out, "      {}", dim(&one_line(article)));
        }
    }
    out
}
