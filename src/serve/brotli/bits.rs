//! Bits as brotli writes them: the lowest of a value first, into the lowest that is free of a byte.

/// Bytes that are being filled.
#[derive(Debug, Default)]
pub(super) struct Bits {
    bytes: Vec<u8>,
    /// What does not fill a byte yet, and how many bits that is.
    held: u64,
    count: u32,
}

impl Bits {
    /// Writes the `count` lowest bits of `value`, which has no others; 32 at most.
    pub(super) fn put(&mut self, value: u32, count: u32) {
        debug_assert!(
            count >= 32 || value >> count == 0,
            "{value} in {count} bits"
        );
        self.held |= u64::from(value) << self.count;
        self.count += count;
        while self.count >= 8 {
            self.bytes.push(self.held as u8);
            self.held >>= 8;
            self.count -= 8;
        }
    }

    /// All that was written; the last byte ends with zeros.
    pub(super) fn finish(mut self) -> Vec<u8> {
        if self.count > 0 {
            self.bytes.push(self.held as u8);
        }
        self.bytes
    }
}
