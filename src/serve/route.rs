//! The resources of the service by name, as metrics count them: a path that somebody made up is no name.

/// A resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Route {
    Related,
    RelatedHtml,
    Events,
    Articles,
    Suggest,
    Keys,
    Reload,
    Search,
    Widget,
    Live,
    Ready,
    Metrics,
    OpenApi,
    Docs,
    /// Everything else: what is not there, and the pages of the demo.
    Other,
    /// What was refused before anybody knew what it was.
    Unread,
}

impl Route {
    /// All of them, in the order of their numbers.
    pub(super) const ALL: [Self; 16] = [
        Self::Related,
        Self::RelatedHtml,
        Self::Events,
        Self::Articles,
        Self::Suggest,
        Self::Keys,
        Self::Reload,
        Self::Search,
        Self::Widget,
        Self::Live,
        Self::Ready,
        Self::Metrics,
        Self::OpenApi,
        Self::Docs,
        Self::Other,
        Self::Unread,
    ];

    /// The path of the resource; of the last two none.
    pub(super) fn path(self) -> &'static str {
        match self {
            Self::Related => "/v1/related",
            Self::RelatedHtml => "/v1/related.html",
            Self::Events => "/v1/events",
            Self::Articles => "/v1/articles",
            Self::Suggest => "/v1/suggest",
            Self::Keys => "/v1/keys",
            Self::Reload => "/v1/reload",
            Self::Search => "/v1/search",
            Self::Widget => "/widget.js",
            Self::Live => "/livez",
            Self::Ready => "/readyz",
            Self::Metrics => "/metrics",
            Self::OpenApi => "/openapi.json",
            Self::Docs => "/docs",
            Self::Other => "other",
            Self::Unread => "unread",
        }
    }

    /// The resource at `path`.
    pub(super) fn of(path: &str) -> Self {
        let known = Self::ALL.into_iter().find(|route| route.path() == path);
        match known {
            None if path.starts_with("/docs/") => Self::Docs,
            None if path.starts_with("/widget") => Self::Widget,
            known => known.unwrap_or(Self::Other),
        }
    }

    /// Whether pages of other origins may read the answers.
    pub(super) fn is_public(self) -> bool {
        matches!(
            self,
            Self::Related | Self::RelatedHtml | Self::Events | Self::Widget
        )
    }

    /// Whether requests bring a body that is read.
    pub(super) fn reads_bodies(self) -> bool {
        matches!(self, Self::Events | Self::Articles | Self::Suggest)
    }

    /// Whether whoever watches over the server asks, by whatever name and as often as need be.
    pub(super) fn is_probe(self) -> bool {
        matches!(self, Self::Live | Self::Ready)
    }
}
