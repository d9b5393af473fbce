//! `readnext demo`: from articles to panels on pages, with one command.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::allocator::give_back_large_blocks;
use super::arguments::{Common, Demo as Arguments, clock};
use super::output::Bars;
use super::serve::until_stopped;
use crate::config::{Config, SiteWeights};
use crate::corpus::events::Options;
use crate::corpus::{Piece, Root, embedded, pieces};
use crate::engine::{Corpora, Desk, Engine, Import, Rebuild, Reindex, Snapshot};
use crate::error::{Error, Result, say};
use crate::eval::simulate::{Settings, Simulation, write_record};
use crate::index::Generations;
use crate::model::Article;
use crate::serve::{Access, App, DemoSite, Events, LiveWeights};

/// The readers of a demo: what their chance comes from, and how many they are.
const SEED: u64 = 1;
const VISITORS: u32 = 2_000;

pub(super) fn run(common: &Common, arguments: &Arguments) -> Result<u8> {
    give_back_large_blocks();
    let temporary =
        match common.data {
            Some(_) => None,
            None => Some(tempfile::tempdir().map_err(|error| {
                Error::Failed(format!("cannot make a temporary folder: {error}"))
            })?),
        };
    let data = temporary
        .as_ref()
        .map_or_else(|| common.data(), |folder| folder.path().to_owned());
    let config = Config::load(&data, common.config.as_deref())?;
    let (name, articles) = read(arguments.corpus.as_deref())?;
    say(format_args!(
        "indexing {} articles of {name}",
        articles.len()
    ));
    index(&data, &config, &articles, arguments.corpus.as_deref())?;
    if temporary.is_some() {
        simulate_readers(&data, &config)?;
    }
    let texts: Vec<Article> = articles
        .iter()
        .filter_map(|piece| piece.read(&config.rules).article)
        .collect();
    let engine = Arc::new(Engine::open(&data, &config)?);
    let rebuild = Rebuild {
        data: data.clone(),
        corpora: corpora(&articles, arguments.corpus.as_deref()),
        apart: None,
    };
    rebuild.start(Arc::downgrade(&engine))?;
    let weights = LiveWeights::of(SiteWeights::of(&data, &config))?;
    let app = App::new(engine, weights, &config)
        .with_demo(DemoSite::new(texts, &data))
        .with_events(Some(Events::open(&data)?))
        .with_desk(Desk::apart(&data))
        .with_access(Access::Open)
        .with_settings(config.clone(), settings_of(common, &data));
    say(format_args!(
        "open the address below in a browser; /studio shows what makes up the panels, /docs/ is the API; stop with Ctrl-C"
    ));
    until_stopped(app, arguments.listen.unwrap_or(config.listen))?;
    Ok(0)
}

/// Reads the settings of `data` again.
fn settings_of(
    common: &Common,
    data: &Path,
) -> impl Fn() -> Result<(Config, SiteWeights)> + Send + Sync + use<> {
    let (data, file) = (data.to_owned(), common.config.clone());
    move || {
        let config = Config::load(&data, file.as_deref())?;
        let weights = SiteWeights::of(&data, &config);
        Ok((config, weights))
    }
}

/// Lets readers who do not exist read the site for some weeks, so that panels show what is learned from readers.
fn simulate_readers(data: &Path, config: &Config) -> Result<()> {
    let Some(snapshot) = Snapshot::open(&Generations::under(data), config)? else {
        return Ok(());
    };
    if snapshot.listed().next().is_none() {
        return Ok(());
    }
    let settings = Settings {
        visitors: VISITORS,
        ..Settings::until(clock(), SEED)
    };
    let mut records = Vec::new();
    Simulation::new(&snapshot, settings)?.run(&mut |act| {
        write_record(act, &snapshot, &mut records);
        Ok(())
    })?;
    let file = data.join("simulated.jsonl");
    fs::write(&file, records).map_err(|error| Error::io("write", &file, &error))?;
    let import = Import {
        data,
        config,
        snapshot: None,
        options: Options::default(),
        dry_run: false,
    };
    let imported = import.run(&[file])?;
    say(format_args!(
        "readers of this demo are simulated: {} events of {VISITORS} visitors in {} days",
        imported.new, settings.days
    ));
    Ok(())
}

/// The folder that is read: the one given, or `./corpus` if it is there.
fn folder(given: Option<&Path>) -> Option<PathBuf> {
    let default = Path::new("corpus");
    given
        .map(Path::to_owned)
        .or_else(|| default.is_dir().then(|| default.to_owned()))
}

fn read(given: Option<&Path>) -> Result<(String, Vec<Piece>)> {
    let Some(folder) = folder(given) else {
        return Ok((
            "the sample site in the binary".to_owned(),
            embedded::sample().collect(),
        ));
    };
    let root = Root::new(&folder)?;
    let mut found = Vec::new();
    pieces(&root, |piece| {
        // What is wrong with a piece is said by the reindex.
        found.extend(piece.ok());
        Ok(())
    })?;
    Ok((folder.display().to_string(), found))
}

/// Where the articles come from.
fn corpora(articles: &[Piece], given: Option<&Path>) -> Corpora {
    match folder(given) {
        Some(folder) => Corpora::Roots(vec![folder]),
        None => Corpora::Pieces {
            name: "the sample site",
            pieces: articles.to_vec(),
            topics: embedded::topics(),
        },
    }
}

fn index(data: &Path, config: &Config, articles: &[Piece], given: Option<&Path>) -> Result<()> {
    let corpora = corpora(articles, given);
    let bars = Bars::default();
    let report = Reindex {
        data,
        config,
        corpora,
        incoming: None,
        journal_only: false,
        full: false,
        // What the demo shows is what it is given.
        allow_shrink: true,
        verify: true,
    }
    .run(&|progress| bars.show(progress));
    bars.clear();
    for problem in &report?.problems {
        say(format_args!("{problem}"));
    }
    Ok(())
}
