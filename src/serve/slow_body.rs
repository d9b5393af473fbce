//! A body that must keep coming: for so long nothing may come, and all in all it may take that long and a second for each
//! KiB more.

use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Bytes, HttpBody};
use hyper::body::{Frame, Incoming, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until};

/// Bytes a second that a body must have, apart from the first wait.
const SLOWEST: u64 = 1 << 10;

/// A body, and when its next part is due.
#[derive(Debug)]
pub(super) struct SlowBody {
    body: Incoming,
    started: Instant,
    wait: Duration,
    came: u64,
    due: Pin<Box<Sleep>>,
}

/// The body did not keep coming.
#[derive(Debug)]
pub(super) struct TooSlow;

impl fmt::Display for TooSlow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the body did not keep coming")
    }
}

impl Error for TooSlow {}

impl TooSlow {
    /// Whether `error` comes of a body that did not keep coming.
    pub(super) fn caused(error: &(dyn Error + 'static)) -> bool {
        let mut cause = Some(error);
        while let Some(error) = cause {
            if error.is::<Self>() {
                return true;
            }
            cause = error.source();
        }
        false
    }
}

impl SlowBody {
    pub(super) fn new(body: Incoming, wait: Duration) -> Self {
        let started = Instant::now();
        Self {
            body,
            started,
            wait,
            came: 0,
            due: Box::pin(sleep_until(started + wait)),
        }
    }
}

impl HttpBody for SlowBody {
    type Data = Bytes;
    type Error = Box<dyn Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) else {
            ready!(self.due.as_mut().poll(context));
            return Poll::Ready(Some(Err(TooSlow.into())));
        };
        if let Some(Ok(frame)) = &frame {
            self.came += frame.data_ref().map_or(0, |data| data.len() as u64);
            let earned = self.wait + Duration::from_secs(self.came / SLOWEST);
            let due = (self.started + earned).min(Instant::now() + self.wait);
            self.due.as_mut().reset(due);
        }
        Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
