//! Sessions of editors: who has shown a key once need not show it with every page, for some hours.
//!
//! They are in memory alone and end with the process. A session is the hash of 32 random bytes, so that nothing here opens one.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::api::hash_of;
use super::{LENGTH, random};
use crate::error::Result;

/// Sessions at a time; of more the one that ends first is ended.
const MOST: usize = 64;

/// The sessions there are.
#[derive(Debug, Default)]
pub struct Sessions(Mutex<HashMap<[u8; LENGTH], Session>>);

#[derive(Clone, Debug)]
struct Session {
    /// What the key is called with which it was opened.
    key: String,
    /// Unix seconds.
    ends: i64,
}

impl Sessions {
    /// Opens a session for whoever has shown the key called `key`, from `now` (unix seconds) for `seconds`; what it is known by.
    ///
    /// # Errors
    /// [`Error::Failed`](crate::error::Error::Failed) if the system has no random bytes.
    pub fn open(&self, key: &str, now: i64, seconds: i64) -> Result<String> {
        let mut bytes = [0; LENGTH];
        random(&mut bytes)?;
        let token = URL_SAFE_NO_PAD.encode(bytes);
        let session = Session {
            key: key.to_owned(),
            ends: now + seconds,
        };
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, session| session.ends > now);
        if all.len() >= MOST {
            let first = all.iter().min_by_key(|(_, session)| session.ends);
            if let Some(first) = first.map(|(hash, _)| *hash) {
                all.remove(&first);
            }
        }
        all.insert(hash_of(&token), session);
        Ok(token)
    }

    /// What the key of the session `token` is called, if there is such a session at `now`.
    pub fn key_of(&self, token: &str, now: i64) -> Option<String> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let session = all.get(&hash_of(token))?;
        (session.ends > now).then(|| session.key.clone())
    }

    /// Ends the session `token`.
    pub fn close(&self, token: &str) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.remove(&hash_of(token));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_holds_until_its_end_and_no_other_token_opens_it() {
        let sessions = Sessions::default();
        let token = sessions.open("anna", 1000, 60).expect("opened");
        assert_eq!(sessions.key_of(&token, 1059).as_deref(), Some("anna"));
        assert_eq!(sessions.key_of(&token, 1060), None);
        assert_eq!(sessions.key_of("", 1000), None);
        let other = sessions.open("bert", 1000, 60).expect("opened");
        sessions.close(&token);
        assert_eq!(sessions.key_of(&token, 1001), None);
        assert_eq!(sessions.key_of(&other, 1001).as_deref(), Some("bert"));
    }

    #[test]
    fn there_are_no_more_than_so_many() {
        let sessions = Sessions::default();
        let first = sessions.open("first", 0, 10).expect("opened");
        for _ in 0..MOST {
            sessions.open("more", 0, 20).expect("opened");
        }
        assert_eq!(sessions.key_of(&first, 1), None);
    }
}
