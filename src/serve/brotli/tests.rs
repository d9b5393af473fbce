//! What is encoded is read again by another reader of the format, and is about as short as another writer makes it.

use std::io::Read;

use brotli::enc::BrotliEncoderParams;

use super::{KEPT_BACK, PIECE, WINDOW, encode};

fn decoded(packed: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    brotli::Decompressor::new(packed, 4096)
        .read_to_end(&mut text)
        .expect("a stream of brotli");
    text
}

#[track_caller]
fn comes_back(text: &[u8]) -> usize {
    let packed = encode(text);
    assert!(decoded(&packed) == text, "{} bytes differ", text.len());
    packed.len()
}

/// Numbers that look drawn, the same in every run.
fn drawn(mut state: u64) -> impl FnMut(u64) -> u64 {
    move |below| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) % below
    }
}

/// Words of a site as a panel has them.
fn panel(cards: u64, seed: u64) -> String {
    let words: Vec<&str> = include_str!("../../text/data/common.en.tsv")
        .lines()
        .filter_map(|line| line.split('\t').next())
        .collect();
    let mut draw = drawn(seed);
    let mut say = |count: u64| {
        let said: Vec<&str> = (0..count).map(|_| words[draw(700) as usize]).collect();
        said.join(" ")
    };
    let card = |at: u64| {
        let (title, summary, topic) = (say(6), say(24), say(1));
        format!(
            r#"{{"id":"/tool/{topic}/{at}","url":"/tool/{topic}/{at}","kind":"howto","reason":"Recommended","title":"{title}","summary":"{summary}","topic":"{topic}","author":null,"image":null,"match":{at},"signals":{{"behavior":0.{at},"content":0.4{at},"research":0.12,"seo":0.04}}}}"#
        )
    };
    let cards: Vec<String> = (0..cards).map(card).collect();
    format!(r#"{{"items":[{}]}}"#, cards.join(","))
}

#[test]
fn texts_of_every_kind_come_back() {
    let mut draw = drawn(7);
    let every: Vec<u8> = (0..=255).collect();
    let noise: Vec<u8> = (0..3 * PIECE).map(|_| draw(256) as u8).collect();
    let mut texts: Vec<Vec<u8>> = vec![
        Vec::new(),
        b"a".to_vec(),
        b"ab".to_vec(),
        vec![0; 1000],
        vec![b'x'; 3 * PIECE + 1],
        every.repeat(3),
        "mouse \u{1f42d} & Stra\u{df}e ".repeat(50).into_bytes(),
        panel(20, 1).into_bytes(),
        [&noise[..], &noise[100..]].concat(),
    ];
    for symbols in 1..40 {
        // Alphabets of few letters, each rarer than the one before.
        let letter = |at: usize| (at.trailing_zeros() as u8) % symbols + b'a';
        texts.push((1..500).map(letter).collect());
    }
    for text in &texts {
        comes_back(text);
    }
    // What is copied lies as far back as may be, and a little farther.
    let (copied, between) = (&every[60..80], noise.repeat(2));
    let farthest = (1 << WINDOW) - KEPT_BACK;
    for distance in farthest - 2..farthest + 3 {
        let between = &between[..distance - copied.len()];
        comes_back(&[copied, between, copied].concat());
    }
}

#[test]
fn drawn_texts_come_back() {
    for seed in 1..300 {
        let mut draw = drawn(seed);
        let (letters, length) = (1 + draw(60), draw(3000));
        let mut text: Vec<u8> = Vec::new();
        while (text.len() as u64) < length {
            if draw(4) == 0 && !text.is_empty() {
                let from = draw(text.len() as u64) as usize;
                let end = text.len().min(from + draw(200) as usize);
                text.extend_from_within(from..end);
            } else {
                text.push((b' ' as u64 + draw(letters)) as u8);
            }
        }
        comes_back(&text);
    }
}

#[test]
fn panels_are_about_as_short_as_the_reference_makes_them() {
    let (mut own, mut reference) = (0, 0);
    for seed in 1..6 {
        for cards in [5, 20, 100] {
            let text = panel(cards, seed);
            own += comes_back(text.as_bytes());
            let mut packed = Vec::new();
            let parameters = BrotliEncoderParams {
                quality: 5,
                size_hint: text.len(),
                ..BrotliEncoderParams::default()
            };
            brotli::BrotliCompress(&mut text.as_bytes(), &mut packed, &parameters)
                .expect("a vector takes every byte");
            reference += packed.len();
        }
    }
    let ratio = own as f64 / reference as f64;
    assert!(ratio < 1.02, "{own} bytes, {reference} by the reference");
}
