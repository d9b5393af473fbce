//! A body that must keep coming: for so long nothing may come, and all in all it may take that long and a second for each
//! KiB more.
//!
//! Most bodies are there together with their head, so a timer is set and a clock is read only once somebody waits.

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
    /// When the part that is waited for is due.
    due: Option<Instant>,
    alarm: Option<Pin<Box<Sleep>>>,
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
    /// The body of a request that came at `started`, for which to `wait`.
    pub(super) fn new(body: Incoming, wait: Duration, started: Instant) -> Self {
        Self {
            body,
            started,
            wait,
            came: 0,
            due: None,
            alarm: None,
        }
    }

    /// Resolves when the part that is waited for is overdue.
    fn poll_overdue(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let due = *self.due.get_or_insert_with(|| {
            let earned = self.wait + Duration::from_secs(self.came / SLOWEST);
            (self.started + earned).min(Instant::now() + self.wait)
        });
        let alarm = self.alarm.get_or_insert_with(|| Box::pin(sleep_until(due)));
        if alarm.deadline() != due {
            alarm.as_mut().reset(due);
        }
        alarm.as_mut().poll(context)
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
            ready!(self.poll_overdue(context));
            return Poll::Ready(Some(Err(TooSlow.into())));
        };
        self.due = None;
        if let Some(Ok(frame)) = &frame {
            self.came += frame.data_ref().map_or(0, |data| data.len() as u64);
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
