//! Threads of their own for work that changes what panels are made of: one counts events, one lays articles, one switches generations.
//!
//! What such work allocates stays until other work of its kind frees it. On threads of a pool, of which each allocates from a heap of its own, every
//! heap would grow to what the largest of them needs, and none would shrink.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Sender, channel};
use std::thread;

use tokio::sync::oneshot;

use super::front::died;
use super::rejection::Rejection;
use crate::error::say;

type Job = Box<dyn FnOnce() + Send>;

/// A thread that does one piece of work after the other; it ends when this is dropped and all of it is done.
#[derive(Debug)]
pub(super) struct Lane(Sender<Job>);

impl Lane {
    /// Starts a thread of this name.
    pub(super) fn start(name: &str) -> Self {
        let (jobs, waiting) = channel::<Job>();
        let run = move || waiting.into_iter().for_each(|job| job());
        let started = thread::Builder::new().name(name.to_owned()).spawn(run);
        if let Err(error) = started {
            say(format_args!("cannot start a thread: {error}"));
        }
        Self(jobs)
    }

    /// What comes of `work`, once it is its turn.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Rejection> {
        let (tell, told) = oneshot::channel();
        let job = move || {
            // Whoever asked may be gone; the work is done all the same.
            let _ = tell.send(catch_unwind(AssertUnwindSafe(work)));
        };
        let stopping = || Rejection::failed("the server is stopping");
        self.0.send(Box::new(job)).map_err(|_| stopping())?;
        let outcome = told.await.map_err(|_| stopping())?;
        outcome.map_err(|panic| died(&*panic))
    }
}

/// The threads of a server.
#[derive(Debug)]
pub(super) struct Lanes {
    /// Counts events.
    pub(super) counting: Lane,
    /// Judges what is written of articles, and lays it over the generation.
    pub(super) articles: Lane,
    /// Opens generations and switches to them.
    pub(super) switching: Lane,
}

impl Lanes {
    pub(super) fn start() -> Self {
        Self {
            counting: Lane::start("counting"),
            articles: Lane::start("articles"),
            switching: Lane::start("switching"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_done_in_its_order_on_one_thread_and_a_panic_ends_nothing_but_itself() {
        let runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = { runtime }.build().expect("a runtime");
        let lane = Lane::start("lane");
        let at = || {
            (
                thread::current().id(),
                thread::current().name().map(str::to_owned),
            )
        };
        let first = runtime.block_on(lane.run(at)).expect("done");
        assert_eq!(first.1.as_deref(), Some("lane"));
        assert!(
            runtime
                .block_on(lane.run(|| panic!("a job of a test")))
                .map(|(): ()| ())
                .is_err()
        );
        // Nobody waits for these, and they are done.
        let (tell, told) = channel();
        for number in 0..3 {
            let tell = tell.clone();
            let work = lane.run(move || tell.send(number));
            runtime.block_on(async {
                tokio::select! {
                    biased;
                    _ = work => {}
                    () = std::future::ready(()) => {}
                }
            });
        }
        drop(tell);
        assert_eq!(told.into_iter().collect::<Vec<_>>(), [0, 1, 2]);
        assert_eq!(runtime.block_on(lane.run(at)).expect("done"), first);
    }
}
