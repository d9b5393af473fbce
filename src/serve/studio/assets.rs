//! The studio's script and styles, and the chart library, which lies here as its makers publish it (`assets/uplot/README.md`).

use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::serve::rejection::Rejection;

const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";

/// `GET /studio/assets/NAME`. There is no secret in them, so nobody is asked for a key.
pub(super) async fn get(Path(name): Path<String>) -> Result<Response, Rejection> {
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
        "uplot.js" => (SCRIPT, include_str!("../assets/uplot/uPlot.iife.min.js")),
        "uplot.css" => (STYLE, include_str!("../assets/uplot/uPlot.min.css")),
        _ => return Err(Rejection::unknown_path(&format!("/studio/assets/{name}"))),
    };
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    Ok((headers, text).into_response())
}
