//! Work beside that of requests. The runtime has code for each type of work that it is given; all of ours is of two types.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::task::{JoinError, JoinHandle, spawn_blocking};

use super::rejection::Rejection;

/// What awaits, of whatever type.
pub(super) type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Has `task` done beside others.
pub(super) fn beside(task: impl Future<Output = ()> + Send + 'static) -> JoinHandle<()> {
    let task: Task = Box::pin(task);
    tokio::spawn(task)
}

/// Begins `work`, which may take longer than a request for a panel, where it keeps no other request waiting.
pub(super) fn begun(work: impl FnOnce() + Send + 'static) -> JoinHandle<()> {
    let work: Box<dyn FnOnce() + Send> = Box::new(work);
    spawn_blocking(work)
}

/// What comes of `work` that is begun so; an error says why it ended early.
pub(super) async fn ended<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, JoinError> {
    let done = Arc::new(Mutex::new(None));
    let told = Arc::clone(&done);
    let tell = move || {
        let found = work();
        *told.lock().unwrap_or_else(PoisonError::into_inner) = Some(found);
    };
    begun(tell).await?;
    let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(done.take().expect("work that ended has told what it found"))
}

/// The same for work that may be refused.
pub(super) async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Rejection> + Send + 'static,
) -> Result<T, Rejection> {
    let done = ended(work).await;
    done.map_err(|_| Rejection::failed("the work ended early"))?
}
