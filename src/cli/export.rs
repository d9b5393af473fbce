//! `readnext export`: every panel as a file, for static sites and for evaluation.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;

use super::SOME_REJECTED;
use super::arguments::{Common, Export as Arguments, Format};
use super::output::{counted, print};
use crate::corpus::url::page_of;
use crate::engine::{PanelQuery, Snapshot};
use crate::error::{Error, Result, say};
use crate::keys::SiteKey;
use crate::model::{DocOrd, order, parallel};
use crate::serve::{fragment, pieces_json};

/// Articles whose panels are made together before they are written.
const BATCH: usize = 4096;
/// Most cards of a panel that is served.
const MOST_CARDS: u16 = 100;

pub(super) fn run(common: &Common, arguments: &Arguments) -> Result<u8> {
    if arguments.format != Format::Run && arguments.limit > MOST_CARDS {
        return Err(Error::Usage(format!(
            "--limit: found {}, expected 1 to {MOST_CARDS} for json and html",
            arguments.limit
        )));
    }
    if arguments.format == Format::Html && arguments.out.as_os_str() == "-" {
        return Err(Error::Usage(
            "--out: found -, expected a folder for html; run and json can go to standard output"
                .to_owned(),
        ));
    }
    let now = arguments.now.seconds()?;
    let snapshot = common.snapshot_at(now)?;
    let query = PanelQuery {
        limit: usize::from(arguments.limit),
        weights: arguments.signals.weights(common)?,
        ..PanelQuery::at(now)
    };
    let key = SiteKey::load(&common.data())?;
    let (hosts, unknown) = hosts(&snapshot, arguments.queries.as_deref())?;
    match arguments.format {
        Format::Run => lines(&hosts, &arguments.out, |host| {
            Ok(run_lines(&snapshot, host, &query))
        })?,
        Format::Json => lines(&hosts, &arguments.out, |host| {
            let panel = snapshot.pieces(host, &query)?;
            let cards = panel.cards.iter().map(|card| card.shown.id);
            let token = token(key.as_ref(), panel.host.id, cards);
            Ok(pieces_json(&panel, token.as_deref()) + "\n")
        })?,
        Format::Html => pages(&snapshot, &hosts, &query, key.as_ref(), &arguments.out)?,
    }
    for id in &unknown {
        say(format_args!(
            "skipped: {}",
            Error::UnknownArticle(id.clone())
        ));
    }
    say(format_args!("exported {}", counted(hosts.len(), "panel")));
    Ok(if unknown.is_empty() { 0 } else { SOME_REJECTED })
}

/// The articles to export, each once, and the asked-for ids that are none.
fn hosts(snapshot: &Snapshot, queries: Option<&Path>) -> Result<(Vec<DocOrd>, Vec<String>)> {
    let Some(path) = queries else {
        let mut all: Vec<DocOrd> = snapshot.hosts().collect();
        order::sort_by(&mut all, |&a, &b| snapshot.id(a).cmp(snapshot.id(b)));
        return Ok((all, Vec::new()));
    };
    let text = fs::read_to_string(path).map_err(|error| Error::io("read", path, &error))?;
    let (mut found, mut unknown) = (Vec::new(), Vec::new());
    let mut seen = HashSet::new();
    let ids = text.strip_prefix('\u{feff}').unwrap_or(&text).lines();
    for id in ids
        .map(|line| line.trim_end_matches('\r'))
        .filter(|line| !line.is_empty() && seen.insert(*line))
    {
        match snapshot.by_id(id) {
            Some(ord) => found.push(ord),
            None => unknown.push(id.to_owned()),
        }
    }
    Ok((found, unknown))
}

fn run_lines(snapshot: &Snapshot, host: DocOrd, query: &PanelQuery) -> String {
    let mut text = String::new();
    for (card, score) in snapshot.ranking(host, query) {
        let _ = writeln!(
            text,
            "{}\t{}\t{}",
            snapshot.id(host),
            snapshot.id(card),
            score.get()
        );
    }
    text
}

/// Writes what `of` gives for each host to one file, in order.
fn lines(hosts: &[DocOrd], out: &Path, of: impl Fn(DocOrd) -> Result<String> + Sync) -> Result<()> {
    let failed = |error: std::io::Error| Error::io("write", out, &error);
    let mut file = match out.to_str() {
        Some("-") => None,
        _ => Some(std::io::BufWriter::new(
            fs::File::create(out).map_err(failed)?,
        )),
    };
    for batch in hosts.chunks(BATCH) {
        for text in parallel::map(batch.len(), |at| of(batch[at])) {
            let text = text?;
            match &mut file {
                Some(file) => file.write_all(text.as_bytes()).map_err(failed)?,
                None => print(&text)?,
            }
        }
    }
    file.map_or(Ok(()), |mut file| file.flush().map_err(failed))
}

/// Writes one fragment a host, at its URL path under `out`.
fn pages(
    snapshot: &Snapshot,
    hosts: &[DocOrd],
    query: &PanelQuery,
    key: Option<&SiteKey>,
    out: &Path,
) -> Result<()> {
    let mut written: HashMap<PathBuf, &str> = HashMap::new();
    for &host in hosts {
        let panel = snapshot.panel(host, query)?;
        let path = out.join(file_of(panel.host.url));
        if let Some(earlier) = written.insert(path.clone(), snapshot.id(host)) {
            return Err(Error::Failed(format!(
                "{earlier:?} and {:?} would both be {}; give one of them another URL",
                snapshot.id(host),
                path.display()
            )));
        }
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|error| Error::io("create", folder, &error))?;
        }
        let cards = panel.cards.iter().map(|card| card.entry.id);
        let token = token(key, panel.host.id, cards);
        fs::write(&path, fragment(&panel, token.as_deref()).into_string())
            .map_err(|error| Error::io("write", &path, &error))?;
    }
    Ok(())
}

/// The token of a panel in a file, where the data folder has a secret: good as long as that.
fn token(
    key: Option<&SiteKey>,
    host: impl AsRef<[u8]>,
    cards: impl IntoIterator<Item = impl AsRef<[u8]>>,
) -> Option<String> {
    key.map(|key| key.panel_token(host, cards, None))
}

/// `/tool/pandas/overview` is `tool/pandas/overview.html`, and `/caf%C3%A9` is `café.html`; no URL leads out of the folder.
fn file_of(url: &str) -> PathBuf {
    let path = url
        .split_once("://")
        .map_or(url, |(_, rest)| rest.find('/').map_or("", |at| &rest[at..]));
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let mut segments: Vec<String> = path
        .split('/')
        .filter(|segment| !segment.is_empty())
        .map(name_of)
        .collect();
    let name = segments.pop().unwrap_or_else(|| "index".to_owned());
    // The page that is served as a file has that file's name, and the one of a folder the folder's.
    let name = match (page_of(&name), segments.last()) {
        (Some("index"), Some(_)) => segments.pop().unwrap_or_default(),
        (Some(page), _) => page.to_owned(),
        (None, _) => name,
    };
    let mut file: PathBuf = segments.iter().collect();
    file.push(format!("{name}.html"));
    file
}

/// The name of the folder or file that the `segment` of a URL stands for; one that could be none stays as it is.
fn name_of(segment: &str) -> String {
    let decoded = percent_decode_str(segment).decode_utf8();
    let is_name = |name: &str| !name.contains(['/', '\\']) && !name.contains(char::is_control);
    match decoded.as_deref().unwrap_or(segment) {
        "." => "%2E".to_owned(),
        ".." => "%2E%2E".to_owned(),
        name if is_name(name) => name.to_owned(),
        _ => segment.replace('\\', "%5C"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_follow_urls_and_stay_inside() {
        for (url, file) in [
            ("/tool/pandas/overview", "tool/pandas/overview.html"),
            ("/", "index.html"),
            ("/guide/", "guide.html"),
            ("https://example.org/a/b?x=1", "a/b.html"),
            ("/guide/grinder.html", "guide/grinder.html"),
            ("/guide/index.html", "guide.html"),
            ("/index.htm", "index.html"),
            ("/../../etc/passwd", "%2E%2E/%2E%2E/etc/passwd.html"),
            ("/%2e%2e/%2E", "%2E%2E/%2E.html"),
            ("/a%2f..%2Fb", "a%2f..%2Fb.html"),
            ("/..%5Cx", "..%5Cx.html"),
            ("/a%00", "a%00.html"),
            ("/100%25%20done", "100% done.html"),
            ("/caf%C3%A9", "café.html"),
            ("/caf%E9", "caf%E9.html"),
        ] {
            assert_eq!(file_of(url), Path::new(file), "{url}");
        }
    }
}
