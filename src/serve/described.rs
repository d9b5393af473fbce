//! What the description of the API says of all requests, and the description itself, made from the handlers and the shapes of
//! their answers.
//!
//! A test makes it and compares it with `docs/openapi.json`, which is what is served: code that makes one text, always the
//! same, is no part of the program.

use std::collections::BTreeMap;

use utoipa::IntoResponses;
use utoipa::openapi::{self, RefOr};

/// What any request may be refused with.
pub(super) struct Refused;

impl IntoResponses for Refused {
    fn responses() -> BTreeMap<String, RefOr<openapi::Response>> {
        problems(&[
            (
                400,
                "A parameter or the body cannot be used; `detail` says what is expected.",
            ),
            (408, "The rest of the request did not come in time."),
            (421, "The server does not answer to this host name."),
            (
                429,
                "The client asks too often; `Retry-After` says when to come back.",
            ),
            (
                431,
                "The head of the request has more bytes or headers than it may.",
            ),
            (
                500,
                "The request failed; the server's log says why, by the id.",
            ),
            (
                503,
                "Too much at the moment; `Retry-After` says when to come back.",
            ),
        ])
    }
}

/// There is no key, or none that is good for this.
pub(super) struct Denied;

impl IntoResponses for Denied {
    fn responses() -> BTreeMap<String, RefOr<openapi::Response>> {
        problems(&[
            (401, "There is no key, or it is not known or was revoked."),
            (
                403,
                "The key is of a lesser scope, or a page of another site asks.",
            ),
        ])
    }
}

/// No published article has this id, path or address.
pub(super) struct Unknown;

impl IntoResponses for Unknown {
    fn responses() -> BTreeMap<String, RefOr<openapi::Response>> {
        problems(&[(404, "No published article has this id, path or address.")])
    }
}

/// Problem documents by status, each with what it says.
fn problems(described: &[(u16, &str)]) -> BTreeMap<String, RefOr<openapi::Response>> {
    let described = described.iter();
    described
        .map(|&(status, description)| (status.to_string(), problem(description)))
        .collect()
}

fn problem(description: &str) -> RefOr<openapi::Response> {
    let schema = openapi::Ref::from_schema_name("Problem");
    let content = openapi::ContentBuilder::new().schema(Some(schema)).build();
    let response = openapi::ResponseBuilder::new().description(description);
    response
        .content("application/problem+json", content)
        .build()
        .into()
}

#[cfg(test)]
mod tests {
    use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
    use utoipa::{Modify, OpenApi};

    use super::*;
    use crate::serve::fault::Problem;
    use crate::serve::{articles, events, handlers, keys, records, reload, suggest, widget, wire};

    #[derive(OpenApi)]
    #[openapi(
        info(
            title = "readnext",
            description = "Related articles for every page of a site, and what readers do with them."
        ),
        paths(
            handlers::related,
            handlers::related_html,
            handlers::search,
            widget::script,
            widget::style,
            handlers::livez,
            handlers::readyz,
            handlers::metrics,
            events::post,
            articles::put,
            articles::get,
            articles::delete,
            articles::bulk,
            suggest::post,
            keys::list,
            reload::post
        ),
        components(schemas(
            wire::PanelBody,
            wire::SearchBody,
            events::Answer,
            records::ArticleRecord,
            records::EventRecord,
            Problem
        )),
        tags(
            (name = "panels", description = "What stands under an article, and the widget that puts it there. No key."),
            (name = "events", description = "What readers did. No key."),
            (name = "articles", description = "Articles as they are published, changed and withdrawn, and drafts."),
            (name = "search", description = "Articles by words."),
            (name = "operations", description = "For those who run the server.")
        ),
        modifiers(&Keyed)
    )]
    struct Api;

    /// Says how a key is shown.
    struct Keyed;

    impl Modify for Keyed {
        fn modify(&self, api: &mut openapi::OpenApi) {
            let about = "A key that `readnext keys create` made. The demo asks for none.";
            let bearer = Http::builder()
                .scheme(HttpAuthScheme::Bearer)
                .description(Some(about));
            let components = api.components.get_or_insert_default();
            components.add_security_scheme("key", SecurityScheme::Http(bearer.build()));
        }
    }

    #[test]
    fn the_description_is_what_the_code_says() {
        let made = Api::openapi().to_pretty_json().expect("plain data") + "\n";
        let kept = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/openapi.json");
        if std::env::var_os("READNEXT_TEST_WRITE").is_some() {
            std::fs::write(kept, &made).expect("written");
        }
        let kept = std::fs::read_to_string(kept).expect("docs/openapi.json");
        assert!(
            kept == made,
            "docs/openapi.json is another; READNEXT_TEST_WRITE=1 writes it anew"
        );
    }
}
