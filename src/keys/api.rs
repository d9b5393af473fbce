//! The keys of the HTTP API: who may write articles, and who may administer.
//!
//! A key is 32 random bytes. What lies in `keys` in the data folder, readable by its owner alone, is its SHA-256: a copy of
//! the file opens nothing, and bytes from the system need no slow hash. The file is a log of lines, made and revoked, so that
//! a server and commands may add to it at the same time.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{LENGTH, create, random};
use crate::error::{Error, Result};

/// How keys begin, so that one that stands where it should not is found.
const PREFIX: &str = "rn_";
/// Characters of a hash that name its key.
const NAME: usize = 12;

/// What a key is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Searches and metrics.
    Read,
    /// Articles and suggestions, too.
    Write,
    /// Everything.
    Admin,
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Scope::Read => "read",
            Scope::Write => "write",
            Scope::Admin => "admin",
        })
    }
}

/// What is known of a key, but for the key itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKey {
    /// What it is called: the beginning of its hash.
    pub id: String,
    /// What it is good for.
    pub scope: Scope,
    /// When it was made, in unix seconds.
    pub created: i64,
    /// What its maker said of it.
    pub label: String,
}

/// A line of the file.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Line {
    Made {
        #[serde(flatten)]
        key: ApiKey,
        sha256: String,
    },
    Revoked {
        id: String,
    },
}

/// The keys of a data folder that were not revoked.
#[derive(Debug, Default)]
pub struct ApiKeys(Vec<(ApiKey, [u8; LENGTH])>);

impl ApiKeys {
    /// Where the keys of `data` lie.
    pub fn file(data: &Path) -> PathBuf {
        data.join("keys")
    }

    /// The keys of `data`; none where there is no file.
    ///
    /// # Errors
    /// [`Error::Failed`] if the file cannot be read or says what is not known here.
    pub fn load(data: &Path) -> Result<Self> {
        let path = Self::file(data);
        match fs::read_to_string(&path) {
            Ok(text) => Self::parse(&path, &text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(Error::io("read", &path, &error)),
        }
    }

    fn parse(path: &Path, text: &str) -> Result<Self> {
        let mut keys = Self::default();
        // A line that was not finished was acknowledged to nobody.
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        for (number, line) in whole
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.is_empty())
        {
            let unknown = || {
                Error::Failed(format!(
                    "found no key on line {} of {}; restore the file from a backup, or remove the line",
                    number + 1,
                    path.display()
                ))
            };
            match serde_json::from_str(line).map_err(|_| unknown())? {
                Line::Made { key, sha256 } => {
                    keys.0.push((key, unhex(&sha256).ok_or_else(unknown)?));
                }
                Line::Revoked { id } => keys.0.retain(|(key, _)| key.id != id),
            }
        }
        Ok(keys)
    }

    /// The keys, in the order in which they were made.
    pub fn iter(&self) -> impl Iterator<Item = &ApiKey> {
        self.0.iter().map(|(key, _)| key)
    }

    /// What the key `presented` is good for, if it is one of these.
    pub fn scope_of(&self, presented: &str) -> Option<Scope> {
        self.find(presented).map(|key| key.scope)
    }

    /// What is known of the key `presented`, if it is one of these. Takes as long whichever of them it is like.
    pub fn find(&self, presented: &str) -> Option<&ApiKey> {
        let hash = hash_of(presented);
        let mut found = None;
        for (key, known) in &self.0 {
            let differing = known.iter().zip(hash).fold(0, |all, (a, b)| all | (a ^ b));
            if std::hint::black_box(differing) == 0 {
                found = Some(key);
            }
        }
        found
    }

    /// Makes a key of `data` at `now` (unix seconds): what is known of it, and the key, which is kept nowhere.
    ///
    /// # Errors
    /// [`Error::Failed`] if the file cannot be written or the system has no random bytes.
    pub fn create(data: &Path, scope: Scope, label: &str, now: i64) -> Result<(ApiKey, String)> {
        let (key, secret, line) = made(scope, label, now)?;
        append(&Self::file(data), |_| Ok(line))?;
        Ok((key, secret))
    }

    /// Makes the first key of `data`, good for everything; `None` where there are keys, or were.
    ///
    /// # Errors
    /// As [`ApiKeys::create`].
    pub fn create_first(data: &Path, now: i64) -> Result<Option<String>> {
        let path = Self::file(data);
        if path.exists() {
            return Ok(None);
        }
        let (_, secret, line) = made(Scope::Admin, "made at the first start", now)?;
        Ok(create(&path, line.as_bytes())?.then_some(secret))
    }

    /// Revokes a key of `data`, given by what it is called or by itself; what it was called.
    ///
    /// # Errors
    /// [`Error::Usage`] if there is none, [`Error::Failed`] if the file cannot be written. What may be a key is in no message.
    pub fn revoke(data: &Path, given: &str) -> Result<String> {
        let unknown = || {
            let told = match given.len() <= NAME {
                true => format!("found no key {given:?}"),
                false => "found no such key".to_owned(),
            };
            Error::Usage(format!("{told}; `readnext keys list` shows them all"))
        };
        let file = Self::file(data);
        // Where the file is, a first key was made.
        if !file.exists() {
            return Err(unknown());
        }
        let mut revoked = String::new();
        append(&file, |keys| {
            let named = keys.iter().find(|key| key.id == given);
            let key = named.or_else(|| keys.find(given)).ok_or_else(unknown)?;
            revoked.clone_from(&key.id);
            Ok(line_of(&Line::Revoked { id: key.id.clone() }))
        })?;
        Ok(revoked)
    }
}

/// A new key: what is known of it, itself, and its line.
fn made(scope: Scope, label: &str, now: i64) -> Result<(ApiKey, String, String)> {
    let mut bytes = [0; LENGTH];
    random(&mut bytes)?;
    let secret = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes));
    let sha256 = hex(&hash_of(&secret));
    let key = ApiKey {
        id: sha256[..NAME].to_owned(),
        scope,
        created: now,
        label: label.to_owned(),
    };
    let line = line_of(&Line::Made {
        key: key.clone(),
        sha256,
    });
    Ok((key, secret, line))
}

fn line_of(line: &Line) -> String {
    let text = serde_json::to_string(line).expect("plain data serialises");
    format!("{text}\n")
}

/// Adds to the file at `path` the line that `line` makes of the keys there; nobody else adds meanwhile.
fn append(path: &Path, line: impl FnOnce(&ApiKeys) -> Result<String>) -> Result<()> {
    let failed = |error: io::Error| Error::io("write", path, &error);
    create(path, b"")?;
    let mut file = File::options()
        .read(true)
        .append(true)
        .open(path)
        .map_err(failed)?;
    file.lock().map_err(failed)?;
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(failed)?;
    let line = line(&ApiKeys::parse(path, &text)?)?;
    // What was not finished becomes no part of what comes.
    let whole = text.rfind('\n').map_or(0, |end| end + 1);
    file.set_len(whole as u64)
        .and_then(|()| file.write_all(line.as_bytes()))
        .and_then(|()| file.sync_all())
        .map_err(failed)
}

pub(super) fn hash_of(key: &str) -> [u8; LENGTH] {
    Sha256::digest(key.as_bytes()).into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<[u8; LENGTH]> {
    let mut bytes = [0; LENGTH];
    if text.len() != 2 * LENGTH || !text.is_ascii() {
        return None;
    }
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_opens_until_it_is_revoked_and_the_file_opens_nothing() {
        let data = tempfile::tempdir().expect("a folder");
        let data = data.path();
        let first = ApiKeys::create_first(data, 7)
            .expect("made")
            .expect("the first");
        assert_eq!(ApiKeys::create_first(data, 8).expect("looked"), None);
        let (write, secret) = ApiKeys::create(data, Scope::Write, "cms", 9).expect("made");
        let keys = ApiKeys::load(data).expect("read");
        assert_eq!(keys.scope_of(&first), Some(Scope::Admin));
        assert_eq!(keys.scope_of(&secret), Some(Scope::Write));
        for other in [
            "",
            "rn_",
            &secret[..secret.len() - 1],
            &secret[3..],
            &write.id,
        ] {
            assert_eq!(keys.scope_of(other), None, "{other}");
        }
        let text = fs::read_to_string(ApiKeys::file(data)).expect("read");
        for line in text.lines() {
            assert_eq!(keys.scope_of(line), None);
        }
        assert!(!text.contains(&secret[3..]) && !text.contains(&first[3..]));
        let revoked = ApiKeys::revoke(data, &write.id).expect("revoked");
        assert_eq!(revoked, write.id);
        let again = ApiKeys::revoke(data, &write.id).expect_err("gone");
        assert!(matches!(again, Error::Usage(_)), "{again}");
        let keys = ApiKeys::load(data).expect("read");
        assert_eq!((keys.scope_of(&secret), keys.iter().count()), (None, 1));
    }

    #[test]
    fn a_line_that_was_not_finished_is_no_key_and_spoils_none() {
        let data = tempfile::tempdir().expect("a folder");
        let data = data.path();
        let first = ApiKeys::create_first(data, 7)
            .expect("made")
            .expect("the first");
        let path = ApiKeys::file(data);
        let whole = fs::read_to_string(&path).expect("read");
        fs::write(&path, format!("{whole}{}", &whole[..30])).expect("written");
        assert_eq!(ApiKeys::load(data).expect("read").iter().count(), 1);
        ApiKeys::create(data, Scope::Write, "", 9).expect("made");
        let keys = ApiKeys::load(data).expect("read");
        assert_eq!(keys.iter().count(), 2);
        assert_eq!(keys.scope_of(&first), Some(Scope::Admin));
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt;
        let data = tempfile::tempdir().expect("a folder");
        ApiKeys::create(data.path(), Scope::Write, "", 9).expect("made");
        let meta = fs::metadata(ApiKeys::file(data.path())).expect("there");
        assert_eq!(meta.permissions().mode() & 0o777, 0o600);
    }
}
