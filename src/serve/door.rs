//! The way in: connections are let in, turned away where there are too many, shown out when they take too long or say what is no
//! request, and waited for when the server stops.

use std::collections::HashMap;
use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use hyper::server::conn::http1;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};

use super::App;
use super::apart;
use super::farewell::say_why;
use super::front::Front;
use super::guest::{Clock, Guest, Watched};
use super::rejection::Rejection;

/// How often somebody looks around for who is overdue.
const ROUND: Duration = Duration::from_millis(250);
/// Until the system has room for another connection.
const PAUSE: Duration = Duration::from_millis(50);
/// How long requests that are being answered may take after the server was told to stop.
const DRAIN: Duration = Duration::from_secs(9);
/// The head of a request, at most, in bytes.
pub(super) const HEAD: usize = 16 << 10;
/// Headers of a request, at most.
pub(super) const HEADERS: usize = 64;
/// Connections that are being told that there is no room.
const TURNED_AWAY: usize = 64;

/// The connections that are in.
#[derive(Debug, Default)]
struct Guests {
    inside: Mutex<HashMap<u64, Arc<Guest>>>,
    clock: Clock,
    next: AtomicU64,
    turned_away: AtomicUsize,
}

/// Lets connections to `listener` in until `stop` resolves, then waits for those that are being answered.
pub(super) async fn keep(
    listener: TcpListener,
    app: Arc<App>,
    front: impl Fn(Arc<Guest>) -> Front,
    stop: impl Future<Output = ()>,
) {
    let guests = Arc::new(Guests::default());
    let rounds = apart::beside(look_around(Arc::clone(&guests), Arc::clone(&app)));
    let (stopping, stops) = watch::channel(false);
    let (inside, mut all_gone) = mpsc::channel::<()>(1);
    let mut stop = pin!(stop);
    loop {
        let accepted = tokio::select! {
            biased;
            () = &mut stop => break,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, peer)) = accepted else {
            // The system has no room for more.
            guests.send_one_away();
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let guest = Arc::new(Guest::new(peer, Arc::clone(&guests.clock)));
        if guests.inside().len() >= app.settings.load().connections && !guests.send_one_away() {
            apart::beside(turn_away(
                stream,
                guest,
                Arc::clone(&guests),
                Arc::clone(&app),
            ));
            continue;
        }
        // An answer is one write; waiting for more of it would only delay it.
        let _ = stream.set_nodelay(true);
        let (guests, inside, stops) = (Arc::clone(&guests), inside.clone(), stops.clone());
        let (app, front) = (Arc::clone(&app), front(Arc::clone(&guest)));
        let number = guests.next.fetch_add(1, Ordering::Relaxed);
        guests.inside().insert(number, Arc::clone(&guest));
        apart::beside(async move {
            attend(stream, guest, front, &app, stops).await;
            guests.inside().remove(&number);
            drop(inside);
        });
    }
    drop((listener, inside));
    // Nobody listens where nobody is in.
    let _ = stopping.send(true);
    let _ = tokio::time::timeout(DRAIN, all_gone.recv()).await;
    rounds.abort();
}

impl Guests {
    fn inside(&self) -> MutexGuard<'_, HashMap<u64, Arc<Guest>>> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes room: whoever waits the longest without having asked for anything leaves. Whether there is one.
    fn send_one_away(&self) -> bool {
        let mut inside = self.inside();
        let waiting = inside.iter();
        let waiting = waiting.filter_map(|(&number, guest)| Some((guest.waiting_since()?, number)));
        let leaves = waiting.min().and_then(|(_, number)| inside.remove(&number));
        leaves.inspect(|guest| guest.leave.notify_one()).is_some()
    }
}

/// Keeps the clock, and shows out who is overdue.
async fn look_around(guests: Arc<Guests>, app: Arc<App>) {
    let started = Instant::now();
    loop {
        tokio::time::sleep(ROUND).await;
        let now = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        guests.clock.store(now, Ordering::Relaxed);
        let patience = app.settings.load().patience;
        let inside = guests.inside();
        let overdue = inside.values().filter(|guest| guest.is_overdue(&patience));
        overdue.for_each(|guest| guest.leave.notify_one());
    }
}

/// Answers the requests of one connection.
async fn attend(
    stream: TcpStream,
    guest: Arc<Guest>,
    front: Front,
    app: &App,
    mut stops: watch::Receiver<bool>,
) {
    let mut connection = http1::Builder::new()
        // Whether the client is still there is not looked at before it is answered: that took another buffer for each request.
        .half_close(true)
        .max_buf_size(HEAD)
        .max_headers(HEADERS)
        .serve_connection(Watched::new(stream, Arc::clone(&guest)), front);
    let mut stopping = false;
    let (ended, overdue) = loop {
        tokio::select! {
            biased;
            ended = &mut connection => break (ended, false),
            () = guest.leave.notified() => break (Ok(()), guest.is_speaking()),
            _ = stops.changed(), if !stopping => {
                stopping = true;
                Pin::new(&mut connection).graceful_shutdown();
            }
        }
    };
    let why = match guest.refused() {
        Some(status) => Rejection::unreadable(status),
        // The first words of HTTP/2 are refused without one.
        None if ended.is_err_and(|error| error.is_parse()) => {
            Rejection::unreadable(StatusCode::BAD_REQUEST)
        }
        None if overdue => Rejection::too_slow(),
        None => return,
    };
    say_why(connection.into_parts().io.into_stream(), &guest, app, &why).await;
}

/// Says that there is no room.
async fn turn_away(stream: TcpStream, guest: Arc<Guest>, guests: Arc<Guests>, app: Arc<App>) {
    if guests.turned_away.fetch_add(1, Ordering::Relaxed) < TURNED_AWAY {
        say_why(stream, &guest, &app, &Rejection::no_room()).await;
    }
    guests.turned_away.fetch_sub(1, Ordering::Relaxed);
}
