//! `readnext check`: what is wrong with the corpus, found before readers find it.

use std::fmt::Write as _;

use super::SOME_REJECTED;
use super::arguments::{Check as Arguments, Common};
use super::output::{Bars, bold, counted, print};
use super::related::one_line;
use crate::config::SiteWeights;
use crate::engine::{Check, Findings, PanelCheck, PanelQuery, counts};
use crate::error::Result;
use crate::model::Severity;

pub(super) fn run(common: &Common, arguments: &Arguments) -> Result<u8> {
    let now = arguments.now.seconds()?;
    let snapshot = match arguments.panels {
        true => Some(common.generation_at(now)?),
        false => None,
    };
    let config = common.config()?;
    let (weights, _) = SiteWeights::of(&common.data(), &config).now()?;
    let bars = Bars::default();
    let found = Check {
        data: &common.data(),
        config: &config,
        roots: arguments.corpus.clone(),
        panels: snapshot.as_ref().map(|snapshot| PanelCheck {
            snapshot,
            query: PanelQuery {
                weights,
                ..PanelQuery::at(now)
            },
        }),
        now,
    }
    .run(&|progress| bars.show(progress));
    bars.clear();
    let found = found?;
    if arguments.json {
        let json = serde_json::to_string(&found).expect("plain data serialises");
        print(&format!("{json}\n"))?;
    } else {
        print(&text(&found))?;
    }
    let dropped = found
        .findings
        .iter()
        .any(|finding| finding.problem.severity == Severity::Error);
    Ok(if dropped { SOME_REJECTED } else { 0 })
}

fn text(found: &Findings) -> String {
    let mut out = String::new();
    for finding in &found.findings {
        let _ = writeln!(out, "{}", one_line(&finding.problem.to_string()));
    }
    let concerns: Vec<String> = counts(&found.findings)
        .into_iter()
        .map(|(concern, count)| concern.counted(count))
        .collect();
    let summary = if concerns.is_empty() {
        "no problems found".to_owned()
    } else {
        concerns.join(", ")
    };
    let articles = counted(found.articles, "article");
    let panels = match found.panels {
        None => String::new(),
        Some(panels) => format!(", {}", counted(panels, "panel")),
    };
    let line = format!("{articles}{panels}: {summary}");
    let _ = writeln!(out, "{}", bold(&line));
    out
}
