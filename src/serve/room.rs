//! Room for bodies that are sent once, kept from one to the next: ten kilobytes that are asked for and given back with each panel
//! cost as much as a tenth of it, and come back cold. Each thread has its own.

use std::cell::Cell;

use axum::body::Bytes;

thread_local! {
    static ROOM: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Bytes of a body whose room is kept, at most: what the usual panel needs, and not what the largest one did.
const KEPT: usize = 64 << 10;

/// A body on its way, in room that comes back once it was sent.
struct Lent(Vec<u8>);

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        give_back(std::mem::take(&mut self.0));
    }
}

/// An empty body with the room of one before.
pub(super) fn borrowed() -> Vec<u8> {
    ROOM.take()
}

/// Sends `body`, after which the thread that it ends on has its room.
pub(super) fn sent(body: Vec<u8>) -> Bytes {
    Bytes::from_owner(Lent(body))
}

fn give_back(mut body: Vec<u8>) {
    body.clear();
    if body.capacity() <= KEPT {
        ROOM.set(body);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_room_of_a_body_comes_back_empty_and_only_after_the_last_who_reads_it() {
        let mut body = borrowed();
        body.extend_from_slice(b"a panel");
        let place = body.as_ptr();
        let sent = sent(body);
        let reads = sent.clone();
        drop(sent);
        assert_eq!(borrowed().capacity(), 0);
        assert_eq!(&*reads, b"a panel");
        drop(reads);
        let again = borrowed();
        assert!(again.is_empty() && again.as_ptr() == place);
        give_back(Vec::with_capacity(KEPT + 1));
        assert_eq!(borrowed().capacity(), 0);
    }
}
