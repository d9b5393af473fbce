//! What every request passes: who may ask, from where, how often; a panic that ends one request and not the process; and
//! what is counted of it.
//!
//! Panels are answered here, without a table of routes and without a wait: they are what a front page asks for. What
//! readers did is taken here as well, as every page tells it.

use std::any::Any;
use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::ConnectInfo;
use axum::http::{HeaderValue, Method, Request, Response, StatusCode, Uri, header};
use axum::response::IntoResponse;
use hyper::body::Incoming;
use hyper::service::Service;
use tower_service::Service as _;

use super::guest::Guest;
use super::log_line::Answered;
use super::panels::Form;
use super::rejection::{Failure, Rejection};
use super::request_id::{RequestId, Traceparent, X_REQUEST_ID};
use super::route::Route;
use super::settings::Settings;
use super::slow_body::SlowBody;
use super::{App, client, events};
use crate::error::say;

/// Answers the requests of one connection.
#[derive(Clone, Debug)]
pub(super) struct Front {
    app: Arc<App>,
    router: Router,
    /// Whether there are panels here.
    panels: bool,
    guest: Arc<Guest>,
}

/// An answer, or the wait for one.
pub(super) struct Answering(Option<Asked>, Wait);

enum Wait {
    Answered(Option<Response<Body>>),
    Routed(Pin<Box<dyn Future<Output = Response<Body>> + Send>>),
}

/// What is kept of a request until it is answered.
struct Asked {
    app: Arc<App>,
    guest: Arc<Guest>,
    route: Route,
    at: Instant,
    /// The page that asks, where another origin may see the answer.
    origin: Option<HeaderValue>,
    id: RequestId,
    /// What the log tells of it, where there may be something to tell.
    noted: Option<Noted>,
}

/// What the log tells of a request.
struct Noted {
    method: Method,
    uri: Uri,
    trace: Option<Traceparent>,
}

impl Noted {
    fn of(request: &Request<Incoming>) -> Self {
        Self {
            method: request.method().clone(),
            uri: request.uri().clone(),
            trace: Traceparent::of(request.headers()),
        }
    }
}

impl Front {
    /// Asks `router`, and for panels nobody, if there are some here.
    pub(super) fn new(app: Arc<App>, router: Router, panels: bool, guest: Arc<Guest>) -> Self {
        Self {
            app,
            router,
            panels,
            guest,
        }
    }

    fn answer(
        &self,
        settings: &Settings,
        request: Request<Incoming>,
        route: Route,
        at: Instant,
    ) -> Wait {
        let refused = self.refusal(settings, &request, route, at);
        if let Some(refused) = refused {
            return Wait::Answered(Some(refused.into_response()));
        }
        if *request.method() == Method::OPTIONS && route.is_public() {
            return Wait::Answered(Some(preflight(route)));
        }
        let reads = self.panels && matches!(*request.method(), Method::GET | Method::HEAD);
        let form = match route {
            Route::Related if reads => Form::Json,
            Route::RelatedHtml if reads => Form::Html,
            Route::Events if self.panels && *request.method() == Method::POST => {
                return Wait::Routed(self.posted(request, settings, at));
            }
            _ => return Wait::Routed(self.routed(request, settings, at)),
        };
        let panel = || self.app.panel(request.uri(), request.headers(), form);
        let panel =
            catch_unwind(AssertUnwindSafe(panel)).unwrap_or_else(|panic| Err(died(&*panic)));
        Wait::Answered(Some(panel.unwrap_or_else(Rejection::into_response)))
    }

    /// What `request` is called: as a proxy of the site says, or as nothing else is.
    fn id_of(&self, settings: &Settings, request: &Request<Incoming>) -> RequestId {
        let peer = self.guest.peer.ip().to_canonical();
        let given = RequestId::given(request.headers());
        let given = given.filter(|_| settings.trusted_proxies.hold(peer));
        given.unwrap_or_else(|| RequestId::Own(self.guest.name_of_request()))
    }

    /// Why the request is not looked at, if that is so.
    fn refusal(
        &self,
        settings: &Settings,
        request: &Request<Incoming>,
        route: Route,
        at: Instant,
    ) -> Option<Rejection> {
        if route.is_probe() {
            return None;
        }
        let hosts = request.headers().get_all(header::HOST).iter().count();
        if hosts > 1 {
            return Some(Rejection::bad_host(hosts));
        }
        if let Some(name) = settings.misdirected(request) {
            return Some(Rejection::misdirected(&name));
        }
        let peer = self.guest.peer.ip().to_canonical();
        client::warn_of_unknown_proxy(peer, request.headers(), &settings.trusted_proxies);
        let origin = request.headers().get(header::ORIGIN);
        let posts = *request.method() == Method::POST;
        if let Some(origin) = origin.filter(|origin| posts && !settings.allows(origin)) {
            return Some(Rejection::foreign_origin(origin));
        }
        if let Some(coding) = route.reads_bodies().then(|| coded(request)).flatten() {
            return Some(Rejection::unknown_coding(coding));
        }
        let limit = settings.rate?;
        let client = client::address(peer, request.headers(), &settings.trusted_proxies);
        if client.is_loopback() || settings.trusted_proxies.hold(client) {
            // The machine or the proxy itself asks, as one that includes panels in pages does.
            return None;
        }
        let asked = self.app.rate.ask(client, limit.get(), at);
        asked.err().map(Rejection::too_many)
    }

    /// The answer once events are kept.
    fn posted(
        &self,
        request: Request<Incoming>,
        settings: &Settings,
        at: Instant,
    ) -> Pin<Box<dyn Future<Output = Response<Body>> + Send>> {
        let wait = settings.patience.busy;
        let request = request.map(|body| SlowBody::new(body, wait, at.into()));
        let peer = self.guest.peer.ip();
        let app = Arc::clone(&self.app);
        Box::pin(async move {
            let answer = events::take(&app, peer, request).await;
            answer.unwrap_or_else(Rejection::into_response)
        })
    }

    /// The answer of the router.
    fn routed(
        &self,
        request: Request<Incoming>,
        settings: &Settings,
        at: Instant,
    ) -> Pin<Box<dyn Future<Output = Response<Body>> + Send>> {
        let wait = settings.patience.busy;
        let peer = self.guest.peer;
        let mut router = self.router.clone();
        let mut request = request.map(|body| match hyper::body::Body::is_end_stream(&body) {
            true => Body::empty(),
            false => Body::new(SlowBody::new(body, wait, at.into())),
        });
        request
            .extensions_mut()
            .insert(ConnectInfo::<SocketAddr>(peer));
        Box::pin(async move {
            match router.call(request).await {
                Ok(answer) => answer,
                Err(never) => match never {},
            }
        })
    }
}

impl Service<Request<Incoming>> for Front {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Answering;

    fn call(&self, request: Request<Incoming>) -> Answering {
        let at = Instant::now();
        self.guest.asked();
        let route = Route::of(request.uri().path());
        let settings = self.app.settings.load();
        let origin = request.headers().get(header::ORIGIN);
        let asked = Asked {
            app: Arc::clone(&self.app),
            guest: Arc::clone(&self.guest),
            route,
            at,
            origin: origin.filter(|_| route.is_public()).cloned(),
            id: self.id_of(&settings, &request),
            noted: self.app.is_logging(&settings).then(|| Noted::of(&request)),
        };
        Answering(Some(asked), self.answer(&settings, request, route, at))
    }
}

impl Future for Answering {
    type Output = Result<Response<Body>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let answer = match &mut self.1 {
            Wait::Answered(answer) => answer.take().expect("an answer is polled for once"),
            Wait::Routed(future) => {
                let polled = catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context)));
                match polled {
                    Ok(Poll::Pending) => return Poll::Pending,
                    Ok(Poll::Ready(answer)) => answer,
                    Err(panic) => died(&*panic).into_response(),
                }
            }
        };
        let asked = self.0.take().expect("an answer is polled for once");
        Poll::Ready(Ok(asked.answered(answer)))
    }
}

impl Asked {
    fn answered(self, mut answer: Response<Body>) -> Response<Body> {
        if let Some(Failure(cause)) = Failure::of(&mut answer) {
            say(format_args!("request {} failed: {cause}", self.id));
            answer = Rejection::failed_by_name(&self.id).into_response();
        }
        if is_unexplained(&answer) {
            answer = Rejection::unexplained(answer.status()).into_response();
        }
        let settings = self.app.settings.load();
        let headers = answer.headers_mut();
        if self.route.is_public() {
            settings.share(self.origin.as_ref(), headers);
        }
        headers.insert(X_REQUEST_ID, self.id.header());
        self.guest.answered();
        let (status, took) = (answer.status(), self.at.elapsed());
        self.app.metrics.answered(self.route, status, took);
        self.log(&settings, &answer, took);
        answer
    }

    /// Has the log tell of the request, where it tells of such.
    fn log(self, settings: &Settings, answer: &Response<Body>, took: Duration) {
        let status = answer.status();
        let (Some(log), Some(noted)) = (self.app.log_for(settings, status), self.noted) else {
            return;
        };
        let bytes = match noted.method {
            Method::HEAD => Some(0),
            _ => answer.body().size_hint().exact(),
        };
        log.answered(Answered {
            id: self.id,
            method: Some(noted.method),
            route: self.route,
            uri: noted.uri,
            status,
            took,
            bytes,
            trace: noted.trace,
        });
    }
}

/// Whether axum refused a request before a handler saw it, in words of its own.
fn is_unexplained(answer: &Response<Body>) -> bool {
    let kind = answer.headers().get(header::CONTENT_TYPE);
    answer.status().is_client_error()
        && kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/plain"))
}

/// How the body of `request` is coded, if it is.
fn coded(request: &Request<Incoming>) -> Option<&HeaderValue> {
    let mut codings = request.headers().get_all(header::CONTENT_ENCODING).iter();
    codings.find(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity"))
}

/// Tells a browser what pages of other origins may send.
fn preflight(route: Route) -> Response<Body> {
    let methods = match route {
        Route::Events => "POST",
        _ => "GET, HEAD",
    };
    let headers = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, methods),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "content-type"),
        (header::ACCESS_CONTROL_MAX_AGE, "86400"),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

/// What is answered where a handler panicked, which its message on stderr is about.
pub(super) fn died(panic: &(dyn Any + Send)) -> Rejection {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    let text = text.unwrap_or("a panic without a message").escape_debug();
    Rejection::failed(format!(
        "this is a mistake in readnext, which goes on: {text}"
    ))
}
