//! `readnext report seo`: what panels do for the site: who is found by links alone and with panels, and who is not and why.

use std::fmt::Write as _;

use clap::Args;
use serde_json::json;

use super::{Form, csv_field};
use crate::cli::arguments::{Common, Now};
use crate::cli::output::{bold, dim};
use crate::cli::related::one_line;
use crate::config::SiteWeights;
use crate::engine::PanelQuery;
use crate::error::{Error, Result};
use crate::eval::{Paths, Rare, Reach};
use crate::panel::WHOLE_PANEL;

/// Rows of a list that are shown as text.
const SHOWN: usize = 20;

/// Show what panels do for the site: orphans, clicks to pages, who is left out.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  readnext report seo
  readnext report seo --entry / --entry /guides --json | jq .links_and_panels
  readnext report seo --csv > seo.csv
  readnext report seo --fail-orphans 0
")]
pub(in crate::cli) struct Arguments {
    /// A page where readers come in; repeatable [default: the home page, else the pages that search engines show, else the
    /// page with the most links]
    #[arg(long, value_name = "PAGE")]
    entry: Vec<String>,
    /// Exit with code 1 if more than N pages are orphans even with panels
    #[arg(long, value_name = "N")]
    fail_orphans: Option<usize>,
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    now: Now,
}

pub(super) fn run(common: &Common, arguments: &Arguments) -> Result<u8> {
    let now = arguments.now.seconds()?;
    let config = common.config()?;
    let snapshot = common.snapshot_at(now)?;
    let (weights, _) = SiteWeights::of(&common.data(), &config).now()?;
    let query = PanelQuery {
        limit: WHOLE_PANEL,
        weights,
        ..PanelQuery::at(now)
    };
    let entries = arguments.entry.iter().map(|name| snapshot.find(name));
    let entries = entries.collect::<Result<Vec<_>>>()?;
    let reach = Reach::of(&snapshot, &query, config.exposure, &entries)?;
    let form = &arguments.form;
    form.print(|| json!(reach), || csv(&reach), || listed(&reach))?;
    let orphans = reach.links_and_panels.orphans;
    match arguments.fail_orphans {
        Some(most) if orphans > most => Err(Error::Failed(format!(
            "orphans with links and panels: found {orphans}, expected at most {most}; link them, or see why no panel shows them"
        ))),
        _ => Ok(0),
    }
}

fn panels(count: usize) -> String {
    match count {
        1 => "1 panel".to_owned(),
        count => format!("{count} panels"),
    }
}

fn csv(reach: &Reach) -> String {
    let mut out = "about,name,value,panels,hosts,note\n".to_owned();
    let _ = writeln!(out, "site,pages,{},,,", reach.pages);
    for entry in &reach.entries.pages {
        let _ = writeln!(out, "entry,{},,,,{}", csv_field(entry), reach.entries.by);
    }
    for (about, paths) in [
        ("links", &reach.links),
        ("links and panels", &reach.links_and_panels),
    ] {
        let _ = writeln!(out, "{about},orphans,{},,,", paths.orphans);
        let _ = writeln!(out, "{about},near-orphans,{},,,", paths.near_orphans);
        for (clicks, pages) in paths.by_clicks.iter().enumerate() {
            let _ = writeln!(out, "{about},{clicks} clicks,{pages},,,");
        }
        let _ = writeln!(out, "{about},unreachable,{},,,", paths.unreachable);
    }
    for share in &reach.exposure.by_panels {
        let span = share.span();
        let _ = writeln!(out, "exposure,{span} panels,{},,,", share.pages);
    }
    if let Some(gini) = reach.exposure.gini {
        let _ = writeln!(out, "exposure,gini,{gini:.4},,,");
    }
    for orphan in &reach.orphans {
        let _ = writeln!(
            out,
            "orphan,{},,{},,",
            csv_field(&orphan.page),
            orphan.panels
        );
    }
    for rare in &reach.rare {
        let (page, note) = (csv_field(&rare.page), rare.words());
        let _ = writeln!(
            out,
            "rare,{page},,{},{},{}",
            rare.panels,
            rare.hosts,
            csv_field(&note)
        );
    }
    for pair in &reach.competing {
        let (one, other) = (csv_field(&pair.one), csv_field(&pair.other));
        let _ = writeln!(out, "competing,{one},{:.3},,,{other}", pair.overlap);
    }
    for dead in &reach.dead_links {
        let (from, link) = (csv_field(&dead.from), csv_field(&dead.link));
        let _ = writeln!(out, "dead link,{from},,,,{link}");
    }
    out
}

fn listed(reach: &Reach) -> String {
    let mut out = format!("{} pages\n", reach.pages);
    let head = format!("\n{:24}{:>10}{:>18}", "", "by links", "with panels");
    let _ = writeln!(out, "{}", bold(&head));
    paths(reach, &mut out);
    exposure(reach, &mut out);
    let orphans = reach.orphans.iter().map(|orphan| {
        let panels = panels(orphan.panels);
        format!("{}  {}", one_line(&orphan.page), dim(&panels))
    });
    let orphans: Vec<String> = orphans.collect();
    section("pages that no other page links", &orphans, &mut out);
    let told = |rare: &Rare| {
        let note = format!("{}: {}", panels(rare.panels), rare.words());
        format!("{}  {}", one_line(&rare.page), dim(&one_line(&note)))
    };
    let (meant, rare): (Vec<&Rare>, Vec<&Rare>) =
        reach.rare.iter().partition(|rare| rare.is_meant());
    let title = match reach.exposure.wanted {
        0 | 1 => "pages in no panel".to_owned(),
        wanted => format!("pages in fewer than {wanted} panels"),
    };
    let rows = |pages: Vec<&Rare>| pages.into_iter().map(told).collect::<Vec<String>>();
    section(&title, &rows(rare), &mut out);
    section("not meant to be shown", &rows(meant), &mut out);
    let competing = reach.competing.iter().map(|pair| {
        let overlap = format!("{:.0}%", 100.0 * pair.overlap);
        format!(
            "{} and {}  {}",
            one_line(&pair.one),
            one_line(&pair.other),
            dim(&overlap)
        )
    });
    let competing: Vec<String> = competing.collect();
    section(
        "pages that compete for the same queries",
        &competing,
        &mut out,
    );
    let dead = reach.dead_links.iter().map(|dead| {
        let what = if dead.draft { "  a draft" } else { "" };
        format!(
            "{}  {}{}",
            one_line(&dead.from),
            one_line(&dead.link),
            dim(what)
        )
    });
    let dead: Vec<String> = dead.collect();
    section("links that lead nowhere", &dead, &mut out);
    out
}

/// What links lead to, and what links and panels do.
fn paths(reach: &Reach, out: &mut String) {
    let columns = [&reach.links, &reach.links_and_panels];
    let mut row = |name: &str, value: &dyn Fn(&Paths) -> usize| {
        let [links, panels] = columns.map(value);
        let _ = writeln!(out, "{name:24}{links:>10}{panels:>18}");
    };
    row("orphans", &|paths| paths.orphans);
    row("near-orphans", &|paths| paths.near_orphans);
    let most = columns.map(|paths| paths.by_clicks.len());
    for clicks in 0..most[0].max(most[1]) {
        let name = match clicks {
            1 => "1 click".to_owned(),
            clicks => format!("{clicks} clicks"),
        };
        row(&name, &|paths| {
            paths.by_clicks.get(clicks).copied().unwrap_or(0)
        });
    }
    row("unreachable", &|paths| paths.unreachable);
    let from = &reach.entries;
    let first = from.pages.iter().take(3).map(|page| one_line(page));
    let mut first: Vec<String> = first.collect();
    if from.pages.len() > first.len() {
        first.push("...".to_owned());
    }
    let told = format!("clicks from {}: {}", from.by, first.join(", "));
    let _ = writeln!(out, "{}", dim(&told));
}

fn exposure(reach: &Reach, out: &mut String) {
    let shares = &reach.exposure;
    let head = format!("{:24}{:>10}", "panels of a page", "pages");
    let _ = writeln!(out, "\n{}", bold(&head));
    for share in &shares.by_panels {
        let _ = writeln!(out, "{:24}{:>10}", share.span(), share.pages);
    }
    if let Some(gini) = shares.gini {
        let _ = writeln!(out, "Gini coefficient of exposure {gini:.3}");
    }
}

/// A list with a title, where there is something in it.
fn section(title: &str, rows: &[String], out: &mut String) {
    if rows.is_empty() {
        return;
    }
    let head = format!("{title}: {}", rows.len());
    let _ = writeln!(out, "\n{}", bold(&head));
    for row in rows.iter().take(SHOWN) {
        let _ = writeln!(out, "{row}");
    }
    if let Some(more @ 1..) = rows.len().checked_sub(SHOWN) {
        let _ = writeln!(out, "{}", dim(&format!("{more} more: see --json or --csv")));
    }
}
