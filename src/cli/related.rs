//! `readnext related`: one panel in the terminal.

use std::fmt::Write as _;

use super::arguments::{Common, Related as Arguments};
use super::output::{bold, dim, print};
use crate::engine::{PanelQuery, Snapshot};
use crate::error::{Error, Result};
use crate::model::SignalKind;
use crate::panel::{Card, Panel};
use crate::serve::panel_json;
use crate::text::likely;

pub(super) fn run(common: &Common, arguments: &Arguments) -> Result<u8> {
    let now = arguments.now.seconds()?;
    let snapshot = common.snapshot_at(now)?;
    let mut query = PanelQuery {
        limit: usize::from(arguments.limit),
        weights: arguments.signals.weights(common)?,
        explain: arguments.explain,
        exploring: true,
        ..PanelQuery::at(now)
    };
    arguments.filters.narrow(&mut query, &snapshot)?;
    let host = snapshot.find(&arguments.article);
    let host = host.map_err(|error| with_nearest(error, &snapshot))?;
    let panel = snapshot.panel(host, &query)?;
    if arguments.json {
        print(&format!(
            "{}\n",
            panel_json(&panel, None, arguments.explain)
        ))?;
    } else {
        print(&text(&panel, arguments.filters.are_some()))?;
    }
    Ok(0)
}

/// An unknown article with the one that was probably meant.
fn with_nearest(error: Error, snapshot: &Snapshot) -> Error {
    let Error::UnknownArticle(name) = &error else {
        return error;
    };
    let meant = likely(name, snapshot.listed().map(|ord| snapshot.id(ord)));
    match meant {
        Some(meant) => Error::Failed(format!("{error}; did you mean {meant:?}?")),
        None => error,
    }
}

fn text(panel: &Panel<'_>, filtered: bool) -> String {
    let mut out = format!(
        "{}\n{}\n",
        bold(&one_line(panel.host.title)),
        dim(&one_line(panel.host.url))
    );
    if panel.cards.is_empty() {
        out.push_str(match filtered {
            true => "\nNo card: no related article passes the filters.\n",
            false => "\nNothing is related to this article.\n",
        });
    }
    for card in &panel.cards {
        let percent = card.percent.map_or_else(
            || "    ".to_owned(),
            |percent| format!("{:>3}%", percent.get()),
        );
        let topic = card
            .entry
            .topic
            .map(|topic| format!(" · {topic}"))
            .unwrap_or_default();
        let labels = format!("{}{topic} · {}", card.entry.kind, card.reason.label());
        let _ = write!(
            out,
            "\n{}  {}\n      {}\n      {}\n",
            bold(&percent),
            one_line(card.entry.title),
            one_line(&labels),
            dim(&one_line(card.entry.url))
        );
        explanation(card, &mut out);
    }
    out
}

/// Evidence and contributions, if they were asked for.
fn explanation(card: &Card<'_>, out: &mut String) {
    for known in &card.evidence {
        let _ = writeln!(
            out,
            "      {}: {}",
            known.signal.name(),
            one_line(&known.text)
        );
    }
    if let (Some(contributions), Some(score), false) =
        (&card.contributions, card.score, card.evidence.is_empty())
    {
        let mut parts: Vec<String> = SignalKind::ALL
            .iter()
            .map(|&signal| format!("{} {:.4}", signal.name(), contributions[signal]))
            .collect();
        if card.editor != 0.0 {
            parts.push(format!("editor {:.4}", card.editor));
        }
        let _ = writeln!(
            out,
            "      score {:.4} = {}",
            score.get(),
            parts.join(" + ")
        );
    }
}

/// `text` without control characters, which a terminal would obey.
pub(super) fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}
