//! Figures of the whole site: counting them makes every panel and reads every event, so it is done once a minute at most, for all
//! who ask, and nobody waits long for it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::engine::PanelQuery;
use crate::error::{Result, say};
use crate::eval::{Habits, Reach};
use crate::serve::App;
use crate::serve::apart;

/// How old figures may be.
const FRESH: Duration = Duration::from_secs(60);
/// How long a page waits for them before it says that they are being counted.
const PATIENCE: Duration = Duration::from_millis(500);
/// How often a page looks whether they are there.
const LOOK: Duration = Duration::from_millis(25);

/// The figures that were counted last.
#[derive(Debug, Default)]
pub(super) struct Figures {
    kept: Mutex<Option<Arc<Counted>>>,
    counting: AtomicBool,
}

/// Figures, and when they were counted.
#[derive(Debug)]
pub(super) struct Counted {
    pub(super) habits: Habits,
    pub(super) reach: Reach,
    generation: u64,
    at: Instant,
}

impl Counted {
    /// Seconds since they were counted.
    pub(super) fn age(&self) -> u64 {
        self.at.elapsed().as_secs()
    }

    fn is_fresh(&self, app: &App) -> bool {
        self.at.elapsed() < FRESH && self.generation == app.engine.snapshot().1.generation()
    }
}

impl Figures {
    fn get(&self) -> Option<Arc<Counted>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.clone()
    }
}

/// The figures of `app`: fresh ones, those before where counting takes long, or none where there are none yet.
pub(super) async fn of(app: &Arc<App>) -> Option<Arc<Counted>> {
    let figures = &app.studio.figures;
    let asked = Instant::now();
    loop {
        let kept = figures.get();
        if kept.as_ref().is_some_and(|kept| kept.is_fresh(app)) || asked.elapsed() > PATIENCE {
            return kept;
        }
        if !figures.counting.swap(true, Ordering::AcqRel) {
            let shared = Arc::clone(app);
            apart::begun(move || count(&shared));
        }
        tokio::time::sleep(LOOK).await;
    }
}

fn count(app: &App) {
    let done = Done(&app.studio.figures.counting);
    match counted(app) {
        Ok(counted) => {
            let kept = &app.studio.figures.kept;
            *kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(counted));
        }
        Err(error) => say(format_args!("the studio has no figures: {error}")),
    }
    drop(done);
}

/// Lets others count when it is dropped, whatever happened.
struct Done<'a>(&'a AtomicBool);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

fn counted(app: &App) -> Result<Counted> {
    let current = app.engine.snapshot();
    let snapshot = &current.1;
    let query = PanelQuery {
        weights: app.weights.get(),
        ..PanelQuery::of_hour_before(App::now())
    };
    Ok(Counted {
        habits: Habits::of(app.engine.data(), snapshot, &query)?,
        reach: Reach::of(snapshot, &query, app.engine.config().exposure, &[])?,
        generation: snapshot.generation(),
        at: Instant::now(),
    })
}
