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
        let plain = unpacked(packed);
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
        if self.plain.len() < SMALL {
            return (Coding::Plain, &self.plain);
        }
        let wanted = Wanted::by(request);
        match self.brotli.get() {
            Some(brotli) if wanted.brotli() => (Coding::Brotli, brotli),
            _ if wanted.gzip() => (
                Coding::Gzip,
                self.gzip
                    .get_or_init(|| gzip(&self.plain, Compression::fast())),
            ),
            _ => (Coding::Plain, &self.plain),
        }
    }

    /// Whether a client with these headers, and others before it, would be better served with brotli, which is not made yet.
    pub(super) fn wants_brotli(&self, request: &HeaderMap) -> bool {
        self.plain.len() >= SMALL
            && Wanted::by(request).brotli()
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

/// How much a client wants each coding, from 0, not at all, to 1 (RFC 9110, section 12.5.3).
#[derive(Clone, Copy, Debug)]
struct Wanted {
    plain: f32,
    gzip: f32,
    brotli: f32,
}

impl Wanted {
    /// What a request with the headers `request` says.
    fn by(request: &HeaderMap) -> Self {
        let (mut plain, mut gzip, mut brotli, mut others) = (None, None, None, None);
        let listed = request.get_all(header::ACCEPT_ENCODING).iter();
        let listed = listed.filter_map(|value| value.to_str().ok());
        for part in listed.flat_map(|value| value.split(',')) {
            let (name, parameters) = part.split_once(';').unwrap_or((part, ""));
            let name = name.trim();
            let is = |coding| name.eq_ignore_ascii_case(coding);
            let said = match () {
                () if is("gzip") || is("x-gzip") => &mut gzip,
                () if is("br") => &mut brotli,
                () if is("identity") => &mut plain,
                () if name == "*" => &mut others,
                () => continue,
            };
            *said = Some(weight(parameters));
        }
        // What is said of a coding itself counts more than what is said of all others. Of plain bytes nobody need say a word.
        let or_others = |said: Option<f32>| said.or(others).unwrap_or(0.0);
        Self {
            plain: plain.unwrap_or(0.0),
            gzip: or_others(gzip),
            brotli: or_others(brotli),
        }
    }

    /// Whether it is to be gzip, where brotli is not there.
    fn gzip(self) -> bool {
        self.gzip > 0.0 && self.gzip >= self.plain
    }

    /// Whether it is to be brotli.
    fn brotli(self) -> bool {
        self.brotli > 0.0 && self.brotli >= self.gzip.max(self.plain)
    }
}

/// The weight among the parameters of a coding; 0 for one that is no number.
fn weight(parameters: &str) -> f32 {
    let pairs = parameters
        .split(';')
        .filter_map(|pair| pair.split_once('='));
    let mut weights = pairs.filter(|(name, _)| name.trim().eq_ignore_ascii_case("q"));
    let said = weights.next();
    said.map_or(1.0, |(_, weight)| weight.trim().parse().unwrap_or(0.0))
}

/// Whether a client with these headers takes what is there compressed with gzip alone.
pub(super) fn takes_gzip(request: &HeaderMap) -> bool {
    Wanted::by(request).gzip()
}

/// The bytes of a file that was compressed when the program was built.
pub(super) fn unpacked(packed: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    let read = GzDecoder::new(packed).read_to_end(&mut plain);
    read.expect("packed when the program was built");
    plain
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
    fn a_coding_is_used_where_it_is_wanted_most() {
        for (accepted, gzip, br) in [
            (&["gzip, deflate, br"][..], true, true),
            (&["gzip;q=0, br;q=0.5"], false, true),
            (&["*"], true, true),
            (&["*;q=0, gzip"], true, false),
            (&["gzip;q=0, *"], false, true),
            (&["identity"], false, false),
            (&[""], false, false),
            (&[], false, false),
            (&["gzip;q=nonsense"], false, false),
            (&["gzip;Q=0, BR ; q = 0.5"], false, true),
            (&["gzip, br;q=0.1"], true, false),
            (&["br;q=0.2, gzip;q=0.1"], true, true),
            (&["identity, gzip;q=0.5, br;q=0.9"], false, false),
            (&["identity;q=0.5, gzip"], true, false),
            (&["deflate", "gzip"], true, false),
            (&["x-gzip"], true, false),
        ] {
            let mut headers = HeaderMap::new();
            for value in accepted {
                headers.append(header::ACCEPT_ENCODING, HeaderValue::from_static(value));
            }
            let wanted = Wanted::by(&headers);
            assert_eq!((wanted.gzip(), wanted.brotli()), (gzip, br), "{accepted:?}");
        }
    }
}
