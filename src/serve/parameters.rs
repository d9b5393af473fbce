//! Query strings to checked requests. An unknown or repeated parameter is an error that names it.

use std::borrow::Cow;

use axum::extract::FromRequestParts;
use axum::http::Uri;
use axum::http::request::Parts;
use percent_encoding::percent_decode_str;
use utoipa::IntoParams;

use super::rejection::Rejection;
use crate::engine::{PanelQuery, Snapshot};
use crate::model::{Date, DocOrd, Kind, Lang};
use crate::ranking::Weights;
use crate::text::nearest;

/// The parameters of a query string, decoded.
pub(super) type Pairs = Vec<(String, String)>;

/// The parameters of a request, each of them text.
pub(super) struct Asked(pub(super) Pairs);

impl<S: Sync> FromRequestParts<S> for Asked {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Rejection> {
        pairs(&parts.uri).map(Self)
    }
}

/// What a panel is asked for by, as the description of the API shows it.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what is read as pairs")]
pub(super) struct PanelParameters {
    /// The article: an id, a path or an address of one of the site's own hosts. Either this or `id`.
    #[param(required = false, nullable = false, example = "/tool/pandas/overview")]
    url: Option<String>,
    /// The same as `url`.
    #[param(required = false, nullable = false)]
    id: Option<String>,
    /// Cards at most; 20 by default.
    #[param(required = false, nullable = false, minimum = 1, maximum = 100)]
    limit: Option<u8>,
    /// Only these kinds, with commas between. One that no article has is refused where it looks like a slip of one that is there.
    #[param(required = false, nullable = false)]
    kind: Option<String>,
    /// Only these topics, with commas between.
    #[param(required = false, nullable = false)]
    topic: Option<String>,
    /// Only this language: a code such as `en`.
    #[param(required = false, nullable = false, pattern = "^[A-Za-z]{2,3}$")]
    lang: Option<String>,
    /// Only what was published since: a date, or RFC 3339.
    #[param(required = false, nullable = false, format = Date)]
    since: Option<String>,
    /// Not these articles, with commas between.
    #[param(required = false, nullable = false)]
    exclude: Option<String>,
    /// Nor these, which the reader has seen.
    #[param(required = false, nullable = false)]
    seen: Option<String>,
    /// Whether cards carry their evidence; fragments never do.
    #[param(required = false, nullable = false)]
    explain: Option<bool>,
    /// The language of a fragment's own words; that of the article by default, English where there are none.
    #[param(required = false, nullable = false)]
    labels: Option<String>,
}

/// Their names.
const PARAMETERS: [&str; 11] = [
    "url", "id", "limit", "kind", "topic", "lang", "since", "exclude", "seen", "explain", "labels",
];
/// Most cards or results that one answer holds.
const MOST: usize = 100;

/// What `/v1/related` and `/v1/related.html` ask for.
pub(super) struct RelatedRequest {
    /// The article whose panel is wanted.
    pub(super) host: DocOrd,
    /// The panel that is wanted.
    pub(super) query: PanelQuery,
    /// The language of a fragment's labels, if one is wanted; one that has none is as good as none.
    pub(super) labels: Option<String>,
}

impl RelatedRequest {
    /// Checks what `uri` asks for against `snapshot`.
    pub(super) fn parse(
        uri: &Uri,
        snapshot: &Snapshot,
        weights: Weights,
        now: i64,
    ) -> Result<Self, Rejection> {
        let (mut host, mut labels) = (None, None);
        let mut query = PanelQuery::of_hour_before(now);
        query.weights = weights;
        query.exploring = true;
        for (name, value) in once_each(read(uri))? {
            match &*name {
                "url" | "id" if host.is_some() => {
                    return Err(Rejection::bad_parameter(
                        &name,
                        "found both url and id; expected one of them",
                    ));
                }
                "url" | "id" => host = Some(value),
                "limit" => query.limit = limit(&value)?,
                "kind" => query.kinds = kinds(&value, snapshot)?,
                "topic" => query.topics = listed(&value).map(str::to_owned).collect(),
                // What was read in this session need not be shown again; both leave out.
                "exclude" | "seen" => {
                    // An article that does not exist is excluded already.
                    let found = listed(&value).filter_map(|name| snapshot.find(name).ok());
                    query.exclude.extend(found);
                }
                "since" => query.since = Some(date(&name, &value)?),
                "lang" => {
                    query.lang = Some(Lang::new(&value).ok_or_else(|| {
                        Rejection::bad_parameter(
                            &name,
                            format!("lang: found {value:?}, expected a code such as en"),
                        )
                    })?);
                }
                "labels" => labels = Some(value.into_owned()),
                "explain" => query.explain = truth(&name, &value)?,
                _ => {
                    return Err(unknown(&name, &PARAMETERS));
                }
            }
        }
        let host = host.ok_or_else(|| {
            Rejection::bad_parameter(
                "url",
                "found neither url nor id; expected ?url= with the path or address of a page",
            )
        })?;
        Ok(Self {
            host: snapshot.find(&host)?,
            query,
            labels,
        })
    }
}

/// What `/v1/search` asks for: the words and how many results.
pub(super) fn search_request(pairs: Pairs) -> Result<(String, usize), Rejection> {
    let (mut words, mut most) = (None, 20);
    for (name, value) in once_each(pairs)? {
        match name.as_str() {
            "q" => words = Some(value),
            "limit" => most = limit(&value)?,
            _ => return Err(unknown(&name, &["q", "limit"])),
        }
    }
    let words = words.ok_or_else(|| {
        Rejection::bad_parameter("q", "found no q; expected ?q= with the words to search for")
    })?;
    Ok((words, most))
}

/// What `/v1/suggest` is asked for: how many of each kind.
pub(super) fn only_limit(pairs: Pairs) -> Result<usize, Rejection> {
    let mut most = 20;
    for (name, value) in once_each(pairs)? {
        match name.as_str() {
            "limit" => most = limit(&value)?,
            _ => return Err(unknown(&name, &["limit"])),
        }
    }
    Ok(most)
}

/// What `/v1/articles` is asked for: the article.
pub(super) fn only_id(pairs: Pairs) -> Result<String, Rejection> {
    let mut id = None;
    for (name, value) in once_each(pairs)? {
        match name.as_str() {
            "id" if !value.is_empty() => id = Some(value),
            "id" => {}
            _ => return Err(unknown(&name, &["id"])),
        }
    }
    id.ok_or_else(|| {
        Rejection::bad_parameter("id", "found no id; expected ?id= with the article's id")
    })
}

/// The parameters of `uri`, decoded as forms are; those that nothing has to be decoded of are not copied.
fn read(uri: &Uri) -> Vec<(Cow<'_, str>, Cow<'_, str>)> {
    let pairs = parts(uri).map(|(name, value)| (decoded(name), decoded(value)));
    pairs.collect()
}

/// The same where a name must be the name that was meant: what is not UTF-8 is refused.
fn pairs(uri: &Uri) -> Result<Pairs, Rejection> {
    let pairs = parts(uri).map(|(name, value)| {
        let name = decoded(name).into_owned();
        match bytes(value).map(String::from_utf8) {
            None => Ok((name, value.to_owned())),
            Some(Ok(value)) => Ok((name, value)),
            Some(Err(_)) => {
                let detail = format!(
                    "{name}: found {value:?}, which is not UTF-8; expected UTF-8, percent-encoded"
                );
                Err(Rejection::bad_parameter(&name, detail))
            }
        }
    });
    pairs.collect()
}

/// Names and values of the parameters of `uri`, as they stand there.
fn parts(uri: &Uri) -> impl Iterator<Item = (&str, &str)> {
    let parts = uri.query().unwrap_or_default().split('&');
    let parts = parts.filter(|part| !part.is_empty());
    parts.map(|part| part.split_once('=').unwrap_or((part, "")))
}

fn decoded(text: &str) -> Cow<'_, str> {
    let Some(decoded) = bytes(text) else {
        return Cow::Borrowed(text);
    };
    let decoded = String::from_utf8(decoded);
    let decoded =
        decoded.unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
    Cow::Owned(decoded)
}

/// The bytes that `text` stands for; `None` where it is what they are.
fn bytes(text: &str) -> Option<Vec<u8>> {
    if !text.contains(['+', '%']) {
        return None;
    }
    let mut decoded = Vec::with_capacity(text.len());
    for (place, part) in text.split('+').enumerate() {
        if place > 0 {
            decoded.push(b' ');
        }
        decoded.extend(percent_decode_str(part));
    }
    Some(decoded)
}

fn once_each<S: AsRef<str>>(pairs: Vec<(S, S)>) -> Result<Vec<(S, S)>, Rejection> {
    for (index, (name, _)) in pairs.iter().enumerate() {
        let name = name.as_ref();
        if pairs[..index]
            .iter()
            .any(|(earlier, _)| earlier.as_ref() == name)
        {
            let detail = format!("found {name} twice; expected it once");
            return Err(Rejection::bad_parameter(name, detail));
        }
    }
    Ok(pairs)
}

fn limit(value: &str) -> Result<usize, Rejection> {
    match value.parse() {
        Ok(limit @ 1..=MOST) => Ok(limit),
        _ => Err(Rejection::bad_parameter(
            "limit",
            format!("limit: found {value:?}, expected a whole number from 1 to {MOST}"),
        )),
    }
}

fn truth(name: &str, value: &str) -> Result<bool, Rejection> {
    match value {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => {
            let meant = nearest(value, ["true", "false"]).unwrap_or_default();
            Err(Rejection::bad_parameter(
                name,
                format!("{name}: found {value:?}, expected true or false; did you mean {meant}?"),
            ))
        }
    }
}

/// Kinds are open: one that no article has yet is a kind, unless it looks like a slip of one that is there.
fn kinds(value: &str, snapshot: &Snapshot) -> Result<Vec<Kind>, Rejection> {
    let kinds: Vec<Kind> = value.split(',').filter_map(Kind::new).collect();
    for kind in &kinds {
        if let Some(meant) = snapshot.meant_kind(kind) {
            return Err(Rejection::bad_parameter(
                "kind",
                format!(
                    "kind: found {:?}, which no article has; did you mean {meant}?",
                    kind.as_str()
                ),
            ));
        }
    }
    Ok(kinds)
}

/// The parts of a list with commas.
fn listed(value: &str) -> impl Iterator<Item = &str> {
    value
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
}

/// Unix seconds.
fn date(name: &str, value: &str) -> Result<i64, Rejection> {
    let date = Date::parse(value).ok_or_else(|| {
        Rejection::bad_parameter(
            name,
            format!("{name}: found {value:?}, expected a date such as 2025-08-26, or RFC 3339"),
        )
    })?;
    Ok(date.seconds())
}

fn unknown(name: &str, expected: &[&str]) -> Rejection {
    let meant = nearest(name, expected.iter().copied()).unwrap_or_default();
    let expected = match expected {
        [only] => format!("Expected is {only}"),
        several => format!("Expected are {}", several.join(", ")),
    };
    Rejection::bad_parameter(
        name,
        format!("found the unknown parameter {name:?}; did you mean {meant}? {expected}"),
    )
}

/// Refuses parameters of a resource that has none.
pub(super) fn takes_none(uri: &Uri) -> Result<(), Rejection> {
    if uri.query().is_none_or(str::is_empty) {
        return Ok(());
    }
    let pairs = read(uri);
    let name = pairs.first().map_or("", |(name, _)| name);
    let detail = format!("found the parameter {name:?}, expected none");
    Err(Rejection::bad_parameter(name, detail))
}

/// Whether `/readyz` is asked about writes, too.
pub(super) fn asks_for_writes(pairs: Pairs) -> Result<bool, Rejection> {
    let mut asks = false;
    for (name, value) in once_each(pairs)? {
        asks = match (name.as_str(), value.as_str()) {
            ("writes", "") => true,
            ("writes", value) => truth(&name, value)?,
            _ => return Err(unknown(&name, &["writes"])),
        };
    }
    Ok(asks)
}
