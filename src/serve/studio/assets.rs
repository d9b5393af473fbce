//! The studio's script and styles, and the chart library, which lies here as its makers publish it (`assets/uplot/README.md`).

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};

use crate::serve::kept::Kept;
use crate::serve::rejection::Rejection;

const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";

const NO_SNIFFING: &str = "nosniff";
const CACHING: &str = "no-cache";

/// The chart library's script.
static CHARTS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/charts.js.gz"));

/// `GET /studio/assets/NAME`. There is no secret in them, so nobody is asked for a key.
pub(super) async fn get(
    Path(name): Path<String>,
    request: HeaderMap,
) -> Result<Response, Rejection> {
    let (kind, text) = match name.as_str() {
        "studio.js" => (SCRIPT, include_str!("../../../widget/studio.js")),
        "studio.css" => (
            STYLE,
            concat!(
                include_str!("../assets/base.css"),
                include_str!("../assets/studio.css"),
                include_str!("../assets/why.css")
            ),
        ),
        "uplot.js" => return Ok(charts(&request)),
        "uplot.css" => (STYLE, include_str!("../assets/uplot/uPlot.min.css")),
        _ => return Err(Rejection::unknown_path(&format!("/studio/assets/{name}"))),
    };
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::X_CONTENT_TYPE_OPTIONS, NO_SNIFFING),
        (header::CACHE_CONTROL, CACHING),
    ];
    Ok((headers, text).into_response())
}

fn charts(request: &HeaderMap) -> Response {
    static KEPT: LazyLock<Kept> = LazyLock::new(|| Kept::packed(SCRIPT, CHARTS));
    let mut answer = KEPT.answer(request);
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, NO_SNIFFING),
        (header::CACHE_CONTROL, CACHING),
    ] {
        let value = HeaderValue::from_static(value);
        answer.headers_mut().insert(name, value);
    }
    answer
}
