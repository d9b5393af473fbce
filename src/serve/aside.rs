//! A thread for what a server does beside its requests, one thing after the other: it counts events, keeps the counts and
//! opens generations.
//!
//! It is always the same one, because each of these takes much memory and frees it: what one has freed the next one takes. Of
//! threads that take turns, the allocator keeps a heap for each, as large as the most that was ever done there.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Sender, channel};
use std::thread;

use tokio::sync::oneshot;

type Work = Box<dyn FnOnce() + Send>;

/// The thread; it ends once nobody has work for it any more.
#[derive(Clone, Debug)]
pub(super) struct Aside(Sender<Work>);

impl Aside {
    /// Starts it.
    ///
    /// # Errors
    /// The system's, if it gives no thread.
    pub(super) fn start() -> io::Result<Self> {
        let (sender, waiting) = channel::<Work>();
        let work = move || waiting.into_iter().for_each(|work| work());
        let started = thread::Builder::new().name("aside".to_owned()).spawn(work);
        started.map(|_| Self(sender))
    }

    /// What comes of `work` once its turn has come; nothing if it panicked, which its message on stderr is about.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        let (done, is_done) = oneshot::channel();
        let work = move || {
            if let Ok(outcome) = catch_unwind(AssertUnwindSafe(work)) {
                // Whoever asked may have gone.
                let _ = done.send(outcome);
            }
        };
        self.0.send(Box::new(work)).ok()?;
        is_done.await.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_done_by_one_thread_and_one_that_panics_ends_none_that_come_after() {
        let aside = Aside::start().expect("a thread");
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime");
        let ask = || runtime.block_on(aside.run(|| thread::current().id()));
        let first = ask();
        assert!(first.is_some() && first != Some(thread::current().id()));
        let panicked: Option<()> = runtime.block_on(aside.run(|| panic!("on purpose")));
        assert_eq!(panicked, None);
        assert_eq!(ask(), first);
    }
}
