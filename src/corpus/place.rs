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
}
