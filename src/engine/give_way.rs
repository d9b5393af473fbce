//! How work behind a server lets those go first who answer requests.

use std::thread;

/// Lets go of the processor for a thread that waits for it. What takes long calls it every fraction of a millisecond: a system leaves a
/// processor with whoever has it for that long or longer, though one that has a request to answer has just been woken.
pub(super) fn give_way() {
    thread::yield_now();
}
