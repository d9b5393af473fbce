//! Reading time grows in proportion to size, however deeply things stand inside one another.

use std::time::{Duration, Instant};

use readnext::corpus::{Piece, Prose, Rules};

/// A file's extension, and its text for a number of levels.
type Shape = (&'static str, &'static str, usize, fn(usize) -> String);

/// Doubling may triple the time: reading in proportion doubles it, and the rest is for the machine's other work. What is
/// quadratic makes it four times.
const MOST: u32 = 3;
/// A measurement below this is mostly noise.
const LEAST: Duration = Duration::from_millis(10);

fn around(open: &str, inner: &str, close: &str, levels: usize) -> String {
    format!("{}{inner}{}", open.repeat(levels), close.repeat(levels))
}

const SHAPES: &[Shape] = &[
    ("HTML elements", "html", 20_000, |n| {
        around("<div>", "word", "</div>", n)
    }),
    ("HTML elements left open", "html", 20_000, |n| {
        "<section><b><p>word".repeat(n)
    }),
    ("HTML articles", "html", 10_000, |n| {
        around("<article>", "word", "</article>", n)
    }),
    ("HTML headings left open", "html", 10_000, |n| {
        "<h2>word".repeat(n)
    }),
    ("HTML ends without beginnings", "html", 20_000, |n| {
        format!("<i>{}", "<b></i></u></p>".repeat(n))
    }),
    ("HTML half a tag", "html", 40_000, |n| "<a <".repeat(n)),
    ("HTML attributes", "html", 20_000, |n| {
        format!("<a {}>", "x=1 ".repeat(n))
    }),
    ("HTML drawings", "html", 5_000, |n| "<svg>".repeat(n)),
    ("HTML metas", "html", 10_000, |n| {
        "<meta name=date content=1>".repeat(n)
    }),
    ("Markdown quotes", "md", 5_000, |n| {
        format!("{}word", "> ".repeat(n))
    }),
    ("Markdown quotes and lazy lines", "md", 2_000, |n| {
        format!("{}word\n{}", "> ".repeat(n), "lazy\n".repeat(n))
    }),
    ("Markdown lists", "md", 5_000, |n| {
        format!("{}word", "- ".repeat(n))
    }),
    ("Markdown lists and lazy lines", "md", 2_000, |n| {
        format!("{}word\n{}", "- ".repeat(n), "lazy\n".repeat(n))
    }),
    ("Markdown lists by indentation", "md", 5_000, |n| {
        let lists = (0..100).map(|level| format!("{}- a\n", " ".repeat(20 * level)));
        format!("{}{}", lists.collect::<String>(), "lazy\n".repeat(n))
    }),
    ("Markdown wide tables", "md", 1_000, |n| {
        format!(
            "{}\n{}\n{}",
            "a|".repeat(n),
            "-|".repeat(n),
            "b|\n".repeat(n)
        )
    }),
    ("Markdown brackets", "md", 20_000, |n| {
        around("[", "word", "]", n)
    }),
    ("Markdown brackets left open", "md", 20_000, |n| {
        "[".repeat(n)
    }),
    ("Markdown links", "md", 20_000, |n| {
        around("[", "word", "](/x)", n)
    }),
    ("Markdown links left open", "md", 20_000, |n| {
        "[a](<b".repeat(n)
    }),
    ("Markdown pictures", "md", 20_000, |n| {
        around("![", "word", "](/x)", n)
    }),
    ("Markdown emphasis", "md", 20_000, |n| {
        around("*a **a ", "word", "** a*", n)
    }),
    ("Markdown emphasis left open", "md", 20_000, |n| {
        "*a _b **c ".repeat(n)
    }),
    ("Markdown code left open", "md", 20_000, |n| {
        (0..n.isqrt())
            .map(|length| format!("{} ", "`".repeat(length)))
            .collect()
    }),
    ("Markdown tables", "md", 5_000, |n| {
        format!("a|b\n-|-\n{}", "c|d\n".repeat(n))
    }),
    ("Markdown inline HTML", "md", 5_000, |n| {
        format!("word {}", "<b><a href=x>".repeat(n))
    }),
    ("Markdown HTML blocks", "md", 5_000, |n| {
        "<div>\n\nword\n\n".repeat(n)
    }),
    ("Markdown comments left open", "md", 20_000, |n| {
        "word <!--\n".repeat(n)
    }),
    ("YAML lists", "md", 20_000, |n| {
        format!("---\na: {}\n---\nword", around("[", "", "]", n))
    }),
    ("YAML maps", "md", 20_000, |n| {
        format!("---\na: {}\n---\nword", around("{a: ", "", "}", n))
    }),
    ("YAML fields that are none", "md", 2_000, |n| {
        format!("---\n{}---\nword", "a: b: c\n".repeat(n))
    }),
    ("YAML one key", "md", 2_000, |n| {
        format!("---\n{}---\nword", "a: b\n".repeat(n))
    }),
    ("TOML lists", "md", 20_000, |n| {
        format!("+++\na = {}\n+++\nword", around("[", "", "]", n))
    }),
    ("TOML keys", "md", 2_000, |n| {
        format!("+++\n{} = 1\n+++\nword", vec!["a"; n].join("."))
    }),
    ("TOML fields that are none", "md", 5_000, |n| {
        format!("+++\n{}+++\nword", "a: b\n".repeat(n))
    }),
    ("JSON lists", "md", 20_000, |n| {
        format!("{{\"a\": {}}}\nword", around("[", "", "]", n))
    }),
    ("JSON maps", "md", 20_000, |n| {
        format!("{{\"a\": {}}}\nword", around("{\"a\":", "1", "}", n))
    }),
    ("JSON lists left open", "md", 50_000, |n| {
        format!("{{\"a\": {}", "[".repeat(n))
    }),
    ("JSON Lines lists", "jsonl", 50_000, |n| {
        format!(
            "{{\"id\": \"/a\", \"title\": \"x\", \"a\": {}}}",
            around("[", "", "]", n)
        )
    }),
    ("JSON Lines lists left open", "jsonl", 50_000, |n| {
        format!("{{\"id\": \"/a\", \"a\": {}", "[".repeat(n))
    }),
    ("JSON-LD lists", "html", 20_000, |n| {
        format!(
            "<script type=application/ld+json>{}</script>word",
            around("[", "", "]", n)
        )
    }),
];

/// The shortest of a few readings of `text`.
fn time(extension: &str, text: &str) -> Duration {
    let piece = match extension {
        "jsonl" => Piece::record("a.jsonl", 1, text.as_bytes().to_owned()),
        _ => Piece::file(&format!("a.{extension}"), text.as_bytes()),
    };
    let once = || {
        let start = Instant::now();
        if let Some(article) = piece.read(&Rules::default()).article {
            Prose::of(&article.body, article.format);
        }
        start.elapsed()
    };
    (0..3).map(|_| once()).min().expect("three readings")
}

/// The size from which a shape takes long enough to be measured.
fn measurable(extension: &str, start: usize, shape: fn(usize) -> String) -> usize {
    let mut levels = start;
    loop {
        let text = shape(levels);
        // What is that fast at a megabyte hangs nobody.
        if text.len() > 1 << 20 || time(extension, &text) >= LEAST {
            return levels;
        }
        levels *= 2;
    }
}

/// Whether two doublings in a row take more than they may. One alone can be the step at which the allocator asks the system
/// for every buffer; what is quadratic is so at every size.
fn is_slow(mut time_of: impl FnMut(usize) -> Duration) -> bool {
    let more = |before: Duration, after: Duration| after > (before * MOST).max(LEAST);
    let (once, twice) = (time_of(1), time_of(2));
    more(once, twice) && more(twice, time_of(4))
}

#[test]
fn doubling_the_nesting_at_most_triples_the_time() {
    let mut slow = Vec::new();
    for &(name, extension, start, shape) in SHAPES {
        let levels = measurable(extension, start, shape);
        // Another process may take the machine away in between; what is quadratic is so every time.
        if (0..3).all(|_| is_slow(|more| time(extension, &shape(more * levels)))) {
            slow.push(format!("{name}, from {levels} levels on"));
        }
    }
    assert!(slow.is_empty(), "{}", slow.join("\n"));
}

#[test]
fn what_is_quadratic_is_slow_and_what_is_in_proportion_is_not() {
    for (times, slow) in [
        ([20, 80, 320], true),
        ([20, 40, 80], false),
        ([20, 80, 160], false),
        ([1u64, 4, 9], false),
    ] {
        let found = is_slow(|more| Duration::from_millis(times[more.ilog2() as usize]));
        assert_eq!(found, slow, "{times:?}");
    }
}
