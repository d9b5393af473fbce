//! Places in a text as its author counts them: lines and columns from 1, columns in characters.

/// Line and column of the byte `offset` of `text`; of its end, if the offset lies beyond.
pub(super) fn line_and_column(text: &str, offset: usize) -> (u64, u64) {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let before = &text[..offset];
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let lines = before.bytes().filter(|&byte| byte == b'\n').count();
    let column = before[line_start..].chars().count();
    (lines as u64 + 1, column as u64 + 1)
}

/// The same for many places of one text, each in constant time but for the search of its line.
#[derive(Debug)]
pub(super) struct Places {
    lines: Vec<usize>,
    /// Characters before every [`STRIDE`] bytes.
    characters: Vec<usize>,
}

const STRIDE: usize = 256;

impl Places {
    /// Looks at `text` once.
    pub(super) fn in_text(text: &str) -> Self {
        let (mut lines, mut characters, mut count) = (vec![0], Vec::new(), 0);
        for (at, &byte) in text.as_bytes().iter().enumerate() {
            if at % STRIDE == 0 {
                characters.push(count);
            }
            count += usize::from(is_start(byte));
            if byte == b'\n' {
                lines.push(at + 1);
            }
        }
        characters.push(count);
        Self { lines, characters }
    }

    /// Line and column of the byte `offset` of the same `text`.
    pub(super) fn of(&self, text: &str, offset: usize) -> (u64, u64) {
        let offset = offset.min(text.len());
        let line = self.lines.partition_point(|&start| start <= offset);
        let start = self.lines[line - 1];
        let column = self.before(text, offset) - self.before(text, start);
        (line as u64, column as u64 + 1)
    }

    fn before(&self, text: &str, offset: usize) -> usize {
        let stride = offset / STRIDE;
        let rest = &text.as_bytes()[stride * STRIDE..offset];
        self.characters[stride] + rest.iter().filter(|&&byte| is_start(byte)).count()
    }
}

/// Whether a character begins with `byte`.
fn is_start(byte: u8) -> bool {
    byte & 0xc0 != 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        for (offset, place) in [
            (0, (1, 1)),
            (3, (1, 3)),
            (4, (2, 1)),
            (2, (1, 2)),
            (99, (2, 3)),
        ] {
            assert_eq!(line_and_column("aé\nbc", offset), place, "{offset}");
        }
    }

    #[test]
    fn many_places_are_the_same_places() {
        let text = "é x\n\nßab\n".repeat(200);
        let places = Places::in_text(&text);
        let starts = (0..=text.len()).filter(|&at| text.is_char_boundary(at));
        for offset in starts.step_by(7).chain([text.len()]) {
            assert_eq!(places.of(&text, offset), line_and_column(&text, offset));
        }
    }
}
