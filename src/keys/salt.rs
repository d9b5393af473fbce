//! The salt of a day: with it, visitors and networks of that day get their hashes; when the day is over it is destroyed,
//! and nobody can tell any more whose hash was whose.

use std::fs;
use std::io;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use hmac::Hmac;
use sha2::Sha256;

use super::{LENGTH, Mac, create, keyed, random, short};
use crate::error::{Error, Result, say};
use crate::model::KeyedHash;

/// Bytes of the file: the day, then the salt.
const FILE: usize = 8 + LENGTH;

/// The salts of a data folder, one after the other.
#[derive(Debug)]
pub struct DailySalt {
    path: PathBuf,
    current: Mutex<Current>,
}

/// The salt of one day.
struct Current {
    /// Days since 1970-01-01 UTC.
    day: i64,
    /// What begins a hash with it.
    salted: Hmac<Sha256>,
}

impl std::fmt::Debug for Current {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the salt of day {}", self.day)
    }
}

/// Whoever sends something, as the day's hashes of address and agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sender {
    /// The client.
    pub visitor: KeyedHash,
    /// Its network: the first 24 bits of an IPv4 address, the first 48 of an IPv6 address.
    pub network: KeyedHash,
}

impl DailySalt {
    /// Where the salt of `data` lies.
    pub fn file(data: &Path) -> PathBuf {
        data.join("salt")
    }

    /// The salt of the data folder `data` for `day` (days since 1970-01-01 UTC): the one that is there, so that a server
    /// that starts again knows its visitors again, or a new one in the place of another day's.
    ///
    /// # Errors
    /// [`Error::Failed`] if it cannot be read or written, or the system has no random bytes.
    pub fn open(data: &Path, day: i64) -> Result<Self> {
        let path = Self::file(data);
        let found = match fs::read(&path) {
            Ok(bytes) => Current::from_bytes(&bytes).filter(|current| current.day == day),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(Error::io("read", &path, &error)),
        };
        let current = match found {
            Some(current) => current,
            None => Current::begin(&path, day)?,
        };
        Ok(Self {
            path,
            current: Mutex::new(current),
        })
    }

    /// The hashes of whoever uses the program `agent` at `address` on `day`. With a new day the salt before is destroyed.
    pub fn sender(&self, address: IpAddr, agent: &str, day: i64) -> Sender {
        let salted = self.of(day);
        let address = address.to_canonical();
        let hashed = |purpose: &[u8], parts: &[&[u8]]| {
            let mut mac = salted.clone();
            mac.update(purpose);
            for part in parts {
                mac.update(part);
            }
            short(mac)
        };
        Sender {
            visitor: hashed(b"visitor", &[&octets(address), agent.as_bytes()]),
            network: hashed(b"network", &[&network(address)]),
        }
    }

    fn of(&self, day: i64) -> Hmac<Sha256> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if day > current.day {
            match Current::begin(&self.path, day) {
                Ok(begun) => *current = begun,
                // Visitors would be known for longer than a day; a salt that is in memory alone serves as well.
                Err(error) => {
                    say(format_args!("the salt of this day is not kept: {error}"));
                    let mut salt = [0; LENGTH];
                    if random(&mut salt).is_ok() {
                        *current = Current::of(day, &salt);
                    }
                }
            }
        }
        current.salted.clone()
    }
}

impl Current {
    fn of(day: i64, salt: &[u8; LENGTH]) -> Self {
        Self {
            day,
            salted: keyed(salt),
        }
    }

    /// A new salt, in the place of the one before.
    fn begin(path: &Path, day: i64) -> Result<Self> {
        let mut salt = [0; LENGTH];
        random(&mut salt)?;
        let mut bytes = [0; FILE];
        bytes[..8].copy_from_slice(&day.to_le_bytes());
        bytes[8..].copy_from_slice(&salt);
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(Error::io("remove", path, &error));
            }
            _ => {}
        }
        create(path, &bytes)?;
        Ok(Self::of(day, &salt))
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (day, salt) = bytes.split_first_chunk::<8>()?;
        Some(Self::of(i64::from_le_bytes(*day), salt.try_into().ok()?))
    }
}

fn octets(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    }
}

fn network(address: IpAddr) -> Vec<u8> {
    let kept = if address.is_ipv4() { 3 } else { 6 };
    let mut octets = octets(address);
    octets.truncate(kept);
    octets
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn a_visitor_is_one_for_a_day_and_a_network_holds_its_neighbours() {
        let data = tempfile::tempdir().expect("a folder");
        let salt = DailySalt::open(data.path(), 7).expect("made");
        let one = salt.sender(address("192.0.2.1"), "Firefox", 7);
        let again = DailySalt::open(data.path(), 7).expect("found");
        assert_eq!(again.sender(address("::ffff:192.0.2.1"), "Firefox", 7), one);
        let near = salt.sender(address("192.0.2.200"), "Firefox", 7);
        let far = salt.sender(address("192.0.3.1"), "Firefox", 7);
        assert!(near.network == one.network && near.visitor != one.visitor);
        assert_ne!(far.network, one.network);
        assert_ne!(
            salt.sender(address("192.0.2.1"), "Chrome", 7).visitor,
            one.visitor
        );
        let sixth = salt.sender(address("2001:db8:1:2::1"), "Firefox", 7);
        let seventh = salt.sender(address("2001:db8:1:3::1"), "Firefox", 7);
        assert_eq!(sixth.network, seventh.network);
    }

    #[test]
    fn the_next_day_the_salt_is_another_one_and_the_one_before_is_nowhere() {
        let data = tempfile::tempdir().expect("a folder");
        let path = data.path().join("salt");
        let salt = DailySalt::open(data.path(), 7).expect("made");
        let one = salt.sender(address("192.0.2.1"), "Firefox", 7);
        let before = fs::read(&path).expect("read");
        let next = salt.sender(address("192.0.2.1"), "Firefox", 8);
        assert!(next.visitor != one.visitor && next.network != one.network);
        let after = fs::read(&path).expect("read");
        assert_ne!(before[8..], after[8..]);
        // A late request of the day before gets a hash that nobody else has had.
        assert_eq!(salt.sender(address("192.0.2.1"), "Firefox", 7), next);
        let reopened = DailySalt::open(data.path(), 9).expect("made");
        assert_ne!(reopened.sender(address("192.0.2.1"), "Firefox", 9), next);
    }
}
