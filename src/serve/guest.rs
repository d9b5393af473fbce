//! A connection and how long it may take: for the head of a request, between requests, to take an answer.
//!
//! One clock for all connections is enough, so that a request sets no timer: whatever moves on a connection notes the time,
//! and whoever keeps the door looks around now and then for who is overdue.

use std::hash::{BuildHasher, RandomState};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU16, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::http::StatusCode;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::Notify;

/// How long a client may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// For the head of a request, for each part of a body, and to take each part of an answer.
    pub(super) busy: Duration,
    /// Between two requests.
    pub(super) idle: Duration,
}

/// What a connection is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum Phase {
    /// Nothing came yet.
    Silent,
    /// The rest of the head of a request is to come.
    Head,
    /// A request came and is being answered.
    Request,
    /// The answer is on its way.
    Answer,
    /// It was answered; another request may come.
    Idle,
}

/// Milliseconds since the server started, near enough.
pub(super) type Clock = Arc<AtomicU64>;

/// A connection.
#[derive(Debug)]
pub(super) struct Guest {
    /// Where it comes from.
    pub(super) peer: SocketAddr,
    clock: Clock,
    phase: AtomicU8,
    since: AtomicU64,
    /// What its next request is called.
    next_name: AtomicU64,
    /// The status by which a head was refused that cannot be read; 0 where none was.
    refused: AtomicU16,
    /// Told to leave.
    pub(super) leave: Notify,
}

impl Guest {
    pub(super) fn new(peer: SocketAddr, clock: Clock) -> Self {
        let since = clock.load(Ordering::Relaxed);
        Self {
            peer,
            clock,
            phase: AtomicU8::new(Phase::Silent as u8),
            since: AtomicU64::new(since),
            next_name: AtomicU64::new(RandomState::new().hash_one(peer)),
            refused: AtomicU16::new(0),
            leave: Notify::new(),
        }
    }

    fn enter(&self, phase: Phase) {
        let now = self.clock.load(Ordering::Relaxed);
        self.since.store(now, Ordering::Relaxed);
        self.phase.store(phase as u8, Ordering::Relaxed);
    }

    fn is(&self, phase: Phase) -> bool {
        self.phase.load(Ordering::Relaxed) == phase as u8
    }

    /// A number that names a request, another one for each.
    pub(super) fn name_of_request(&self) -> u64 {
        // Odd, so that it comes to the same number after all others.
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        self.next_name.fetch_add(STEP, Ordering::Relaxed)
    }

    /// A whole head came.
    pub(super) fn asked(&self) {
        self.enter(Phase::Request);
    }

    /// There is an answer.
    pub(super) fn answered(&self) {
        self.enter(Phase::Answer);
    }

    /// Whether it is in the middle of the head of a request.
    pub(super) fn is_speaking(&self) -> bool {
        self.is(Phase::Head)
    }

    /// Since when nothing is asked, or not to the end; nobody misses much if it goes.
    pub(super) fn waiting_since(&self) -> Option<u64> {
        let asks = self.is(Phase::Request) || self.is(Phase::Answer);
        (!asks).then(|| self.since.load(Ordering::Relaxed))
    }

    /// How long it has been at what it is at.
    pub(super) fn taken(&self) -> Duration {
        let now = self.clock.load(Ordering::Relaxed);
        Duration::from_millis(now.saturating_sub(self.since.load(Ordering::Relaxed)))
    }

    /// The status by which the head of a request was refused that cannot be read.
    pub(super) fn refused(&self) -> Option<StatusCode> {
        StatusCode::from_u16(self.refused.load(Ordering::Relaxed)).ok()
    }

    /// Whether `written` is kept back: it is hyper's own answer, which has no body and no name, to a head that it cannot read.
    /// Before a request was read nobody else answers.
    fn keeps_back(&self, written: &[u8]) -> bool {
        let is_head = written.starts_with(b"HTTP/1.") && written.ends_with(b"\r\n\r\n");
        let status = written.get(9..12).map(StatusCode::from_bytes);
        let (true, Some(_), Some(Ok(status))) = (is_head, self.waiting_since(), status) else {
            return false;
        };
        self.refused.store(status.as_u16(), Ordering::Relaxed);
        true
    }

    /// Whether it takes too long. How long an answer takes to make is not the client's fault.
    pub(super) fn is_overdue(&self, patience: &Patience) -> bool {
        let most = match () {
            () if self.is(Phase::Request) => return false,
            () if self.is(Phase::Idle) => patience.idle,
            () => patience.busy,
        };
        self.taken() > most
    }
}

/// The bytes of a connection, which tell its guest what moves.
#[derive(Debug)]
pub(super) struct Watched {
    io: TokioIo<TcpStream>,
    guest: Arc<Guest>,
}

impl Watched {
    pub(super) fn new(stream: TcpStream, guest: Arc<Guest>) -> Self {
        Self {
            io: TokioIo::new(stream),
            guest,
        }
    }

    /// The connection itself.
    pub(super) fn into_stream(self) -> TcpStream {
        self.io.into_inner()
    }

    fn written<T>(&self, written: Poll<T>) -> Poll<T> {
        // An answer that moves is on its way.
        if written.is_ready() && self.guest.is(Phase::Answer) {
            self.guest.enter(Phase::Answer);
        }
        written
    }
}

impl Read for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.io).poll_read(context, into);
        if read.is_ready() && (self.guest.is(Phase::Idle) || self.guest.is(Phase::Silent)) {
            self.guest.enter(Phase::Head);
        }
        read
    }
}

impl Write for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.guest.keeps_back(bytes) {
            return Poll::Ready(Ok(bytes.len()));
        }
        let written = Pin::new(&mut self.io).poll_write(context, bytes);
        self.written(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if let [only] = parts
            && self.guest.keeps_back(only)
        {
            return Poll::Ready(Ok(only.len()));
        }
        let written = Pin::new(&mut self.io).poll_write_vectored(context, parts);
        self.written(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.io).poll_flush(context);
        if flushed.is_ready() && self.guest.is(Phase::Answer) {
            self.guest.enter(Phase::Idle);
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.guest.refused() {
            // Why is still to be said.
            Some(_) => Poll::Ready(Ok(())),
            None => Pin::new(&mut self.io).poll_shutdown(context),
        }
    }
}
