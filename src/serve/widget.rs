//! The widget's script and its style sheet, each under two names: one that stays and leads to the newest bytes, and one that
//! says which bytes it means and may be kept for ever.

use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use axum::routing::get;
use xxhash_rust::xxh3::xxh3_64;

use super::App;
use super::described::Refused;
use super::kept::Kept;

static SCRIPT: LazyLock<String> =
    LazyLock::new(|| without_comments(include_str!("../../widget/widget.js")));
static STYLE: LazyLock<String> =
    LazyLock::new(|| without_comments(include_str!("../../widget/widget.css")));

/// A browser asks an hour later at the earliest, and shows what it has while it asks.
const EVERGREEN: &str = "public, max-age=3600, stale-while-revalidate=86400";
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// A file of the widget.
#[derive(Clone, Copy)]
enum File {
    Script,
    Style,
}

impl File {
    fn ending(self) -> &'static str {
        match self {
            Self::Script => "js",
            Self::Style => "css",
        }
    }

    /// The name that stands for these bytes and no others.
    fn name(self) -> String {
        format!("/widget-{}.{}", *VERSION, self.ending())
    }

    fn kept(self) -> &'static Kept {
        static SCRIPT_KEPT: LazyLock<Kept> =
            LazyLock::new(|| Kept::once("text/javascript; charset=utf-8", &SCRIPT));
        static STYLE_KEPT: LazyLock<Kept> =
            LazyLock::new(|| Kept::once("text/css; charset=utf-8", &STYLE));
        match self {
            Self::Script => &SCRIPT_KEPT,
            Self::Style => &STYLE_KEPT,
        }
    }

    fn answer(self, request: &HeaderMap, caching: &'static str) -> Response {
        let mut answer = self.kept().answer(request);
        let caching = HeaderValue::from_static(caching);
        let headers = answer.headers_mut();
        headers.insert(header::CACHE_CONTROL, caching);
        let same = HeaderValue::try_from(self.name()).expect("digits and letters");
        headers.insert(header::CONTENT_LOCATION, same);
        let as_said = HeaderValue::from_static("nosniff");
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, as_said);
        answer
    }
}

/// One for both files: the script finds the sheet beside itself.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    format!(
        "{:016x}",
        xxh3_64(format!("{}{}", *SCRIPT, *STYLE).as_bytes())
    )
});

/// What a browser needs of a file: its lines without indentation, and without those that are comments from end to end.
fn without_comments(source: &str) -> String {
    let mut kept = String::with_capacity(source.len());
    let mut inside = false;
    for line in source.lines().map(str::trim) {
        inside |= line.starts_with("/*");
        if !inside && !line.is_empty() && !line.starts_with("//") {
            kept.push_str(line);
            kept.push('\n');
        }
        inside &= !line.ends_with("*/");
    }
    kept
}

/// The four names.
pub(super) fn routes() -> Router<Arc<App>> {
    let mut router = Router::new()
        .route("/widget.js", get(script))
        .route("/widget.css", get(style));
    for file in [File::Script, File::Style] {
        let kept = move |headers: HeaderMap| async move { file.answer(&headers, FOR_EVER) };
        router = router.route(&file.name(), get(kept));
    }
    router
}

/// The script that defines the element related-articles.
///
/// `Content-Location` names the address under which these bytes stay.
#[utoipa::path(get, path = "/widget.js", operation_id = "widget_script", tag = "panels", responses(
        (status = 200, description = "The script.", body = String, content_type = "text/javascript"),
        (status = 304, description = "The script is the one that the client has."),
        Refused
    ))]
pub(super) async fn script(headers: HeaderMap) -> Response {
    File::Script.answer(&headers, EVERGREEN)
}

/// How panels look.
///
/// `Content-Location` names the address under which these bytes stay.
#[utoipa::path(get, path = "/widget.css", operation_id = "widget_style", tag = "panels", responses(
        (status = 200, description = "The style sheet.", body = String, content_type = "text/css"),
        (status = 304, description = "The style sheet is the one that the client has."),
        Refused
    ))]
pub(super) async fn style(headers: HeaderMap) -> Response {
    File::Style.answer(&headers, EVERGREEN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_stay_at_home_and_code_does_not() {
        let source =
            "// why\n/* one\n   two */\n/* three */\n  const a = \"//x\"; // a\n\n  b { c: d }\n";
        assert_eq!(
            without_comments(source),
            "const a = \"//x\"; // a\nb { c: d }\n"
        );
    }
}
