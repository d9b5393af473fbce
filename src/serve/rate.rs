//! How many requests a second one client may send.
//!
//! The generic cell rate algorithm (ITU-T I.371) in one number a client: the moment from which its requests would be spread
//! evenly. Clients share a table of fixed size by a keyed hash of their network, so memory does not grow with them; two that
//! share a place share a rate.

use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Places in the table: half a MiB.
const PLACES: usize = 1 << 16;
/// Seconds of its rate that a client may use at once.
const BURST: u64 = 5;

/// What clients used.
#[derive(Debug)]
pub(super) struct Rate {
    started: Instant,
    hasher: RandomState,
    /// Nanoseconds since the start.
    due: Box<[AtomicU64]>,
}

impl Default for Rate {
    fn default() -> Self {
        Self {
            started: Instant::now(),
            hasher: RandomState::new(),
            due: (0..PLACES).map(|_| AtomicU64::new(0)).collect(),
        }
    }
}

impl Rate {
    /// Takes note of a request of `client`, which may send so many `a_second`.
    ///
    /// # Errors
    /// How long it has to wait.
    pub(super) fn ask(&self, client: IpAddr, a_second: u32, at: Instant) -> Result<(), Duration> {
        let each = 1_000_000_000 / u64::from(a_second.max(1));
        let now = at.saturating_duration_since(self.started).as_nanos() as u64;
        let latest = now + BURST * 1_000_000_000;
        let place = self.hasher.hash_one(network(client)) as usize % PLACES;
        let due = |before: u64| Some(before.max(now) + each).filter(|&due| due <= latest);
        let noted = self.due[place].fetch_update(Ordering::Relaxed, Ordering::Relaxed, due);
        let refused = noted.err().map(|before| before + each - latest);
        refused.map_or(Ok(()), |wait| Err(Duration::from_nanos(wait)))
    }
}

/// What one client has of addresses: of IPv6 a whole /64.
fn network(client: IpAddr) -> IpAddr {
    match client {
        IpAddr::V4(_) => client,
        IpAddr::V6(address) => IpAddr::V6((address.to_bits() >> 64 << 64).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_then_its_rate() {
        let rate = Rate::default();
        let client = IpAddr::from([192, 0, 2, 1]);
        let start = rate.started + Duration::from_secs(10);
        let passed = |at| {
            (0..200)
                .filter(|_| rate.ask(client, 10, at).is_ok())
                .count()
        };
        assert_eq!(passed(start), 50);
        let wait = rate.ask(client, 10, start).expect_err("too many");
        assert_eq!(wait, Duration::from_millis(100));
        assert_eq!(passed(start + Duration::from_secs(1)), 10);
        assert_eq!(passed(start + Duration::from_secs(100)), 50);
        let other = IpAddr::from([192, 0, 2, 2]);
        assert!(
            rate.ask(other, 10, start + Duration::from_secs(100))
                .is_ok()
        );
    }

    #[test]
    fn a_network_is_one_client() {
        let address = |text: &str| network(text.parse().expect("an address"));
        assert_eq!(address("2001:db8::1"), address("2001:db8::ffff:1"));
        assert_ne!(address("2001:db8::1"), address("2001:db8:0:1::1"));
        assert_ne!(address("192.0.2.1"), address("192.0.2.2"));
    }
}
