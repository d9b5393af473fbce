//! The secret of a data folder, and what is made with it: hashes that stand for visitors, and tokens of panels; beside it
//! the keys of those who may write (`api`).
//!
//! 32 random bytes lie in `secret` in the data folder, readable by their owner alone. Every purpose has a key of its own,
//! made from them, so a hash of one purpose says nothing about another. Without the secret nobody can tell whose hash a
//! hash is, not even by trying all addresses; nothing here reads a clock.

mod api;
mod salt;
mod session;
mod token;

pub use api::{ApiKey, ApiKeys, Scope};
pub use salt::{DailySalt, Sender};
pub use session::Sessions;

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::error::{Error, Result};
use crate::model::KeyedHash;

/// Bytes of a secret.
const LENGTH: usize = 32;

/// The keys of one data folder, prepared: a hash costs two rounds of SHA-256 and no allocation.
#[derive(Clone)]
pub struct SiteKey {
    visitors: Hmac<Sha256>,
    daily: Hmac<Sha256>,
    panels: Hmac<Sha256>,
}

impl SiteKey {
    /// The keys that come of `secret`.
    pub fn from_bytes(secret: [u8; LENGTH]) -> Self {
        Self {
            visitors: purpose(&secret, b"readnext visitor"),
            daily: purpose(&secret, b"readnext visitor of a day"),
            panels: purpose(&secret, b"readnext panel"),
        }
    }

    /// The keys of the data folder `data`; `None` where it has no secret.
    ///
    /// # Errors
    /// [`Error::Failed`] if the file `secret` cannot be read or is none of ours.
    pub fn load(data: &Path) -> Result<Option<Self>> {
        let path = file(data);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::io("read", &path, &error)),
        };
        match <[u8; LENGTH]>::try_from(bytes.as_slice()) {
            Ok(secret) => Ok(Some(Self::from_bytes(secret))),
            Err(_) => Err(Error::Failed(format!(
                "found {} bytes in {}, expected {LENGTH}; restore the file from a backup; or remove it, and known visitors count as new ones",
                bytes.len(),
                path.display()
            ))),
        }
    }

    /// The keys of the data folder `data`, which gets a secret if it has none. Of two processes that make one at the same
    /// time both take the one that came first.
    ///
    /// # Errors
    /// As [`SiteKey::load`], and if the folder cannot be written or the system has no random bytes.
    pub fn load_or_create(data: &Path) -> Result<Self> {
        if let Some(key) = Self::load(data)? {
            return Ok(key);
        }
        let mut secret = [0; LENGTH];
        random(&mut secret)?;
        if create(&file(data), &secret)? {
            return Ok(Self::from_bytes(secret));
        }
        Self::load(data)?.ok_or_else(|| {
            Error::Failed(format!(
                "{} changed while it was made; run the command again",
                file(data).display()
            ))
        })
    }

    /// The hash of the visitor that a record calls `name`. What [`KeyedHash`] itself wrote stays as it is, so that an
    /// export can be read again.
    pub fn visitor(&self, name: &str) -> KeyedHash {
        KeyedHash::parse(name).unwrap_or_else(|| {
            let mut mac = self.visitors.clone();
            mac.update(name.as_bytes());
            short(mac)
        })
    }

    /// The hash of whoever used the program `agent` at the network address `address` on `day` (days since 1970-01-01 UTC).
    /// The next day nobody can tell that it is the same visitor.
    pub fn visitor_of_day(&self, address: &str, agent: &str, day: i64) -> KeyedHash {
        let mut mac = self.daily.clone();
        // With its length in front, an address never runs into the agent after it.
        let mut front = [0; 16];
        front[..8].copy_from_slice(&day.to_le_bytes());
        front[8..].copy_from_slice(&(address.len() as u64).to_le_bytes());
        mac.update(&front);
        mac.update(address.as_bytes());
        mac.update(agent.as_bytes());
        short(mac)
    }
}

impl fmt::Debug for SiteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SiteKey")
    }
}

fn file(data: &Path) -> PathBuf {
    data.join("secret")
}

/// HMAC-SHA256 under the key that `secret` gives for one purpose.
fn purpose(secret: &[u8; LENGTH], name: &[u8]) -> Hmac<Sha256> {
    let mut mac = keyed(secret);
    mac.update(name);
    keyed(&mac.finalize().into_bytes())
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes keys of every length")
}

/// The first eight bytes of the whole hash.
fn short(mac: Hmac<Sha256>) -> KeyedHash {
    let whole = mac.finalize().into_bytes();
    let mut first = [0; 8];
    first.copy_from_slice(&whole[..8]);
    KeyedHash(u64::from_be_bytes(first))
}

/// Fills `bytes` with random ones.
fn random(bytes: &mut [u8]) -> Result<()> {
    getrandom::fill(bytes)
        .map_err(|error| Error::Failed(format!("cannot get random bytes from the system: {error}")))
}

/// Writes `bytes` beside `path`, in a folder that is made if there is none, and renames them there; `false` if there was a
/// file already.
fn create(path: &Path, bytes: &[u8]) -> Result<bool> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let failed = |error: &io::Error| Error::io("create", path, error);
    fs::create_dir_all(folder).map_err(|error| Error::io("create", folder, &error))?;
    // Such a file is for its owner alone from its first moment. Its own name is in the error, and says nothing to anybody.
    let mut beside = tempfile::Builder::new()
        .prefix("secret.new-")
        .tempfile_in(folder)
        .map_err(|error| failed(&error.kind().into()))?;
    let written = beside.write_all(bytes);
    written
        .and_then(|()| beside.as_file().sync_all())
        .map_err(|error| failed(&error))?;
    match beside.persist_noclobber(path) {
        Ok(_) => {}
        Err(refused) if refused.error.kind() == io::ErrorKind::AlreadyExists => return Ok(false),
        Err(refused) => return Err(failed(&refused.error)),
    }
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(|error| Error::io("sync", folder, &error))?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_made_once_and_found_again() {
        let data = tempfile::tempdir().expect("a folder");
        assert!(SiteKey::load(data.path()).expect("read").is_none());
        let made = SiteKey::load_or_create(data.path()).expect("made");
        let found = SiteKey::load_or_create(data.path()).expect("found");
        assert_eq!(made.visitor("anna"), found.visitor("anna"));
        let names: Vec<_> = fs::read_dir(data.path())
            .expect("listed")
            .map(|entry| entry.expect("listed").file_name())
            .collect();
        assert_eq!(names, ["secret"]);
        assert!(!create(&file(data.path()), &[1; LENGTH]).expect("refused"));
        assert_eq!(
            fs::read(data.path().join("secret")).expect("read").len(),
            LENGTH
        );
        let other = tempfile::tempdir().expect("a folder");
        let other = SiteKey::load_or_create(other.path()).expect("made");
        assert_ne!(made.visitor("anna"), other.visitor("anna"));
    }

    #[cfg(unix)]
    #[test]
    fn a_secret_is_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt;

        let data = tempfile::tempdir().expect("a folder");
        SiteKey::load_or_create(data.path()).expect("made");
        let about = fs::metadata(data.path().join("secret")).expect("there");
        assert_eq!(about.permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn what_is_no_secret_is_told_and_left_alone() {
        let data = tempfile::tempdir().expect("a folder");
        let path = data.path().join("secret");
        fs::write(&path, "hunter2\n").expect("written");
        let told = SiteKey::load_or_create(data.path())
            .expect_err("no secret")
            .to_string();
        assert!(
            told.contains("found 8 bytes") && told.contains("expected 32"),
            "{told}"
        );
        assert!(!told.contains("hunter2"), "{told}");
        assert_eq!(fs::read(&path).expect("read"), b"hunter2\n");
        fs::remove_file(&path).expect("removed");
        fs::create_dir(&path).expect("a folder");
        let told = SiteKey::load(data.path())
            .expect_err("a folder")
            .to_string();
        assert!(told.starts_with("cannot read "), "{told}");
    }

    #[test]
    fn hashes_follow_from_the_secret_alone() {
        let key = SiteKey::from_bytes([7; LENGTH]);
        // Computed with Python: h = hmac.digest(bytes([7] * 32), b"readnext visitor", "sha256"), then
        // hmac.digest(h, b"anna", "sha256")[:8].
        assert_eq!(key.visitor("anna").to_string(), "h:d6cd233590ba31c2");
        assert_eq!(
            key.visitor("h:0123456789abcdef"),
            KeyedHash(0x0123_4567_89ab_cdef)
        );
        assert_ne!(
            key.visitor("h:0123456789ABCDEF"),
            KeyedHash(0x0123_4567_89ab_cdef)
        );
        let daily = key.visitor_of_day("192.0.2.1", "Mozilla", 20_000);
        for other in [
            key.visitor_of_day("192.0.2.1", "Mozilla", 20_001),
            key.visitor_of_day("192.0.2.2", "Mozilla", 20_000),
            key.visitor_of_day("192.0.2.1M", "ozilla", 20_000),
            key.visitor("192.0.2.1Mozilla"),
        ] {
            assert_ne!(daily, other);
        }
        assert_eq!(format!("{key:?}"), "SiteKey");
    }
}
