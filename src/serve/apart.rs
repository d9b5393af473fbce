//! Work that takes longer than a request for a panel may: it runs where it keeps no other request waiting.

use super::rejection::Rejection;

/// Runs `work` on a thread of its own kind.
pub(super) async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Rejection> + Send + 'static,
) -> Result<T, Rejection> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_| Rejection::failed("the work ended early"))?
}
