//! An answer as it is kept: its bytes, the same bytes compressed, and the entity tags of each.
//!
//! Gzip is made for the request that first asks for it, at the level that hardly takes time; brotli is made aside, once
//! others ask for the same answer.

use std::io::{Read, Write};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use brotli::enc::BrotliEncoderParams;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use xxhash_rust::xxh3::xxh3_64;

/// Bytes below which compressing saves less than it costs.
const SMALL: usize = 512;
/// Brotli's effort of 0 to 11, for answers that are asked for again.
const EFFORT: i32 = 5;
/// Brotli's window, as a power of two of bytes: the panels of a hundred cards fit.
const WINDOW: i32 = 18;
/// Hexadecimal digits of a hash.
const DIGITS: usize = 16;

/// An answer, ready to be sent again.
#[derive(Debug)]
pub(super) struct Kept {
    kind: HeaderValue,
    plain: Bytes,
    gzip: OnceLock<Bytes>,
    brotli: OnceLock<Bytes>,
    /// What the tags of the three begin with.
    digits: [u8; DIGITS],
    asked_again: AtomicBool,
}

/// How bytes are coded on their way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Coding {
    Plain,
    Gzip,
    Brotli,
}

impl Coding {
    const ALL: [Self; 3] = [Self::Plain, Self::Gzip, Self::Brotli];

    /// How a tag ends.
    fn ending(self) -> &'static [u8] {
        match self {
            Self::Plain => b"\"",
            Self::Gzip => b"-gzip\"",
            Self::Brotli => b"-br\"",
        }
    }
}

impl Kept {
    /// Keeps `body`; it counts as changed when `hash` does.
    pub(super) fn new(kind: &'static str, body: impl Into<Bytes>, hash: u64) -> Self {
        let digit = |at: usize| b"0123456789abcdef"[(hash >> (60 - 4 * at)) as usize & 15];
        Self {
            kind: HeaderValue::from_static(kind),
            plain: body.into(),
            gzip: OnceLock::new(),
            brotli: OnceLock::new(),
            digits: std::array::from_fn(digit),
            asked_again: AtomicBool::new(false),
        }
    }

    /// Keeps a text that never changes, compressed once as well as may be.
    pub(super) fn once(kind: &'static str, body: &str) -> Self {
        let kept = Self::new(kind, body.to_owned(), xxh3_64(body.as_bytes()));
        let (best, asked) = (gzip(&kept.plain, Compression::best()), brotli(&kept.plain));
        kept.gzip.get_or_init(|| best);
        kept.brotli.get_or_init(|| asked);
        kept
    }

    /// Keeps a text that never changes and comes compressed with gzip.
    pub(super) fn packed(kind: &'static str, packed: &'static [u8]) -> Self {
        let mut plain = Vec::new();
        let read = GzDecoder::new(packed).read_to_end(&mut plain);
        read.expect("packed when the program was built");
        let hash = xxh3_64(&plain);
        let kept = Self::new(kind, plain, hash);
        kept.gzip.get_or_init(|| Bytes::from_static(packed));
        kept
    }

    /// The bytes that it takes, compressed ones included.
    pub(super) fn size(&self) -> usize {
        size_of::<Self>() + self.plain.len() * 5 / 3
    }

    /// The answer to a request with the headers `request`: without a body where the client has it already.
    pub(super) fn answer(&self, request: &HeaderMap) -> Response<Body> {
        let mut answer = match self.known(request) {
            Some(coding) => {
                let mut answer = Response::new(Body::empty());
                *answer.status_mut() = StatusCode::NOT_MODIFIED;
                answer.headers_mut().insert(header::ETAG, self.tag(coding));
                answer
            }
            None => self.whole(request),
        };
        let vary = HeaderValue::from_static("Accept-Encoding");
        answer.headers_mut().insert(header::VARY, vary);
        answer
    }

    fn whole(&self, request: &HeaderMap) -> Response<Body> {
        let (coding, body) = self.coded(request);
        let mut answer = Response::new(Body::from(body.clone()));
        let headers = answer.headers_mut();
        headers.insert(header::CONTENT_TYPE, self.kind.clone());
        headers.insert(header::ETAG, self.tag(coding));
        let name = match coding {
            Coding::Plain => return answer,
            Coding::Gzip => "gzip",
            Coding::Brotli => "br",
        };
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
        answer
    }

    /// The bytes that a client with these headers gets.
    fn coded(&self, request: &HeaderMap) -> (Coding, &Bytes) {
        let plain = (Coding::Plain, &self.plain);
        let Some(accepted) = request.get(header::ACCEPT_ENCODING) else {
            return plain;
        };
        if self.plain.len() < SMALL {
            return plain;
        }
        match self.brotli.get() {
            Some(brotli) if accepts(accepted, "br") => (Coding::Brotli, brotli),
            _ if accepts(accepted, "gzip") => (
                Coding::Gzip,
                self.gzip
                    .get_or_init(|| gzip(&self.plain, Compression::fast())),
            ),
            _ => plain,
        }
    }

    /// Whether a client with these headers, and others before it, would be better served with brotli, which is not made yet.
    pub(super) fn wants_brotli(&self, request: &HeaderMap) -> bool {
        let accepted = request.get(header::ACCEPT_ENCODING);
        self.plain.len() >= SMALL
            && accepted.is_some_and(|accepted| accepts(accepted, "br"))
            && self.asked_again.swap(true, Ordering::Relaxed)
            && self.brotli.get().is_none()
    }

    /// Makes brotli, which takes about a millisecond.
    pub(super) fn make_brotli(&self) {
        self.brotli.get_or_init(|| brotli(&self.plain));
    }

    /// The entity tag of the answer so coded.
    fn tag(&self, coding: Coding) -> HeaderValue {
        let tag = [b"\"", &self.digits[..], coding.ending()].concat();
        HeaderValue::try_from(tag).expect("digits and letters in quotes")
    }

    /// How what the client has is coded, if that is what it would get.
    fn known(&self, request: &HeaderMap) -> Option<Coding> {
        let mut listed = request.get_all(header::IF_NONE_MATCH).iter();
        listed.find_map(|value| {
            let mut tags = value.to_str().ok()?.split(',').map(str::trim);
            tags.find_map(|tag| {
                let tag = tag.strip_prefix("W/").unwrap_or(tag);
                if tag == "*" {
                    return Some(Coding::Plain);
                }
                let digits = tag.as_bytes().strip_prefix(b"\"")?;
                let ending = digits.strip_prefix(&self.digits)?;
                Coding::ALL.into_iter().find(|own| own.ending() == ending)
            })
        })
    }
}

/// Whether an `Accept-Encoding` of `accepted` lets `coding` through.
fn accepts(accepted: &HeaderValue, coding: &str) -> bool {
    let listed = accepted.to_str().unwrap_or_default().split(',');
    let mut weights = listed.filter_map(|part| {
        let mut parts = part.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let is_named = name.eq_ignore_ascii_case(coding);
        let weight = parts.find_map(|part| part.strip_prefix("q="));
        (is_named || name == "*").then(|| (is_named, weight.unwrap_or("1")))
    });
    let first = weights.next();
    // What is said of the coding itself counts more than what is said of all others.
    let said = match first {
        Some((false, _)) => weights.find(|&(is_named, _)| is_named).or(first),
        _ => first,
    };
    said.and_then(|(_, weight)| weight.parse().ok())
        .is_some_and(|weight: f32| weight > 0.0)
}

fn gzip(plain: &[u8], effort: Compression) -> Bytes {
    let room = Vec::with_capacity(plain.len() / 2);
    let mut encoder = GzEncoder::new(room, effort);
    let written = encoder.write_all(plain).and_then(|()| encoder.finish());
    written.expect("a vector takes every byte").into()
}

fn brotli(plain: &[u8]) -> Bytes {
    let mut coded = Vec::with_capacity(plain.len() / 3);
    let parameters = BrotliEncoderParams {
        quality: EFFORT,
        lgwin: WINDOW,
        size_hint: plain.len(),
        ..BrotliEncoderParams::default()
    };
    brotli::BrotliCompress(&mut &*plain, &mut coded, &parameters)
        .expect("a vector takes every byte");
    coded.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_coding_is_used_where_it_is_accepted() {
        for (accepted, gzip, br) in [
            ("gzip, deflate, br", true, true),
            ("gzip;q=0, br;q=0.5", false, true),
            ("*", true, true),
            ("*;q=0, gzip", true, false),
            ("gzip;q=0, *", false, true),
            ("identity", false, false),
            ("", false, false),
            ("gzip;q=nonsense", false, false),
        ] {
            let value = HeaderValue::from_static(accepted);
            assert_eq!(
                (accepts(&value, "gzip"), accepts(&value, "br")),
                (gzip, br),
                "{accepted}"
            );
        }
    }
}
