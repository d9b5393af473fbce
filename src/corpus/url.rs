//! URLs as the contract reads them: an id, a path or an absolute address all name one article.

use percent_encoding::percent_decode_str;

/// The hosts a site answers to, without scheme and port: `docs.example.org`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnHosts(pub Vec<String>);

impl OwnHosts {
    fn owns(&self, host: &str) -> bool {
        self.0.iter().any(|ours| ours.eq_ignore_ascii_case(host))
    }
}

/// The normal form of `address`: origin, query and fragment dropped, percent-encoding decoded once, `index.html` and the
/// trailing slash stripped. `None` for a foreign host or another scheme.
pub fn normalise(address: &str, own: &OwnHosts) -> Option<String> {
    let path = match split_origin(address) {
        Origin::None => address,
        Origin::Host { host, path } => own.owns(host).then_some(path)?,
        Origin::Foreign => return None,
    };
    Some(normal_path(path))
}

fn normal_path(path: &str) -> String {
    let path = without_query(path);
    let decoded = percent_decode_str(path).decode_utf8_lossy();
    let decoded = decoded
        .strip_suffix("index.html")
        .filter(|rest| rest.ends_with('/'))
        .unwrap_or(&decoded);
    let trimmed = decoded.trim_end_matches('/');
    if trimmed.starts_with('/') {
        trimmed.to_owned()
    } else {
        format!("/{trimmed}")
    }
}

/// The normal form of the page that is served as the file `key`, if that is the name of one.
pub fn page_of(key: &str) -> Option<&str> {
    let page = SERVED_ENDINGS
        .iter()
        .find_map(|ending| key.strip_suffix(ending))?;
    (!page.ends_with('/')).then_some(page)
}

fn without_query(path: &str) -> &str {
    path.split(['?', '#']).next().unwrap_or_default()
}

/// Endings of the files that pages are written in; a link may name the file where the page is meant.
const FILE_ENDINGS: [&str; 4] = [".md", ".markdown", ".html", ".htm"];
/// Endings under which servers hand out a page that has none in its own address.
const SERVED_ENDINGS: [&str; 2] = [".html", ".htm"];
/// What the address of a page may end with beside its path.
const ADDRESS_ENDINGS: [&str; 5] = ["/", ".html", ".htm", "/index.html", "/index.htm"];
/// Names of files that are the page of their folder.
const FOLDER_PAGES: [&str; 3] = ["/index", "/_index", "/README"];

/// The normal forms that `link`, as it stands in the article at URL `from`, may have, the likeliest first; none for
/// foreign hosts, other schemes, and places in the same page.
///
/// A link may name a page or the file it is written in, and it may count from the folder that holds the page or, where
/// every page is a folder to readers, from the page itself.
pub fn resolve(link: &str, from: &str, own: &OwnHosts) -> Vec<String> {
    let link = link.trim();
    let mut found = Vec::new();
    let path = match split_origin(link) {
        Origin::Host { host, path } if own.owns(host) => path,
        Origin::None => link,
        _ => return found,
    };
    let whole = path.len() != link.len();
    if without_query(path).is_empty() && !whole {
        return found;
    }
    if whole || path.starts_with('/') {
        add_forms(&joined("/", path), &mut found);
        return found;
    }
    let base = path_of(from);
    let folder = base.rfind('/').map_or("/", |at| &base[..=at]);
    add_forms(&joined(folder, path), &mut found);
    if folder != base {
        add_forms(&joined(&format!("{base}/"), path), &mut found);
    }
    found
}

/// `link` from the article at URL `from` as an absolute address or path, its query and fragment kept.
pub(super) fn absolute(link: &str, from: &str) -> String {
    match split_origin(link) {
        Origin::None if !link.starts_with('/') => {
            let base = path_of(from);
            joined(base.rfind('/').map_or("/", |at| &base[..=at]), link)
        }
        _ => link.to_owned(),
    }
}

/// Whether `address`, on whatever host, names the page whose URL is `url`.
pub fn is_same_page(address: &str, url: &str) -> bool {
    let mut forms = Vec::new();
    add_forms(path_of(&absolute(address, url)), &mut forms);
    forms.contains(&normal_path(path_of(url)))
}

/// Whether `name`, an id, a path or an address, is one of another site; of a site whose hosts are not known none is.
pub fn is_foreign(name: &str, own: &OwnHosts) -> bool {
    !own.0.is_empty() && normalise(name, own).is_none()
}

/// The address of the page at `url` as `address`, which the page gives for its own, has it: with the ending or the slash under
/// which the site serves it. `None` where it says no more than `url`, or names another page or a page of another site.
pub(super) fn served_as(address: &str, url: &str, own: &OwnHosts) -> Option<String> {
    if is_foreign(address, own) {
        return None;
    }
    let address = absolute(address, url);
    let path = percent_decode_str(path_of(&address)).decode_utf8_lossy();
    let page = Some(normal_path(url)).filter(|page| page != "/")?;
    let behind = path.strip_prefix(&*page)?;
    // Of what the page says nothing is taken but the ending, which is one of these.
    let ending = ADDRESS_ENDINGS.iter().find(|ending| **ending == behind)?;
    Some(format!("{url}{ending}"))
}

/// Whether two names, each an id, a path or an address, are of one page where their hosts are those of one site.
pub fn are_one_page(one: &str, other: &str) -> bool {
    one == other || normal_path(path_of(one)) == normal_path(path_of(other))
}

/// The host of a whole address.
pub fn host_of(address: &str) -> Option<&str> {
    match split_origin(address) {
        Origin::Host { host, .. } => Some(host),
        Origin::None | Origin::Foreign => None,
    }
}

/// The path of an address, without origin, query and fragment.
fn path_of(address: &str) -> &str {
    without_query(match split_origin(address) {
        Origin::Host { path, .. } => path,
        Origin::None | Origin::Foreign => address,
    })
}

/// `link` counted from `folder`, with its dots resolved; what would lead above the root stays there.
fn joined(folder: &str, link: &str) -> String {
    let path = without_query(link);
    let mut parts: Vec<&str> = Vec::new();
    let from: &[&str] = if path.starts_with('/') {
        &[]
    } else {
        &folder.split('/').collect::<Vec<_>>()
    };
    for part in from.iter().copied().chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    let mut whole = format!("/{}", parts.join("/"));
    let is_folder = path.ends_with(['/']) || path.ends_with("/.") || path.ends_with("..");
    if is_folder && whole.len() > 1 {
        whole.push('/');
    }
    whole.push_str(&link[path.len()..]);
    whole
}

/// Adds what an absolute path may be called: itself, the page of the file it names, the folder of that page.
fn add_forms(path: &str, forms: &mut Vec<String>) {
    let mut add = |form: &str| {
        let form = if form.is_empty() { "/" } else { form };
        if !forms.iter().any(|known| known == form) {
            forms.push(form.to_owned());
        }
    };
    let normal = normal_path(path);
    add(&normal);
    let ending = FILE_ENDINGS
        .iter()
        .find_map(|ending| normal.strip_suffix(ending));
    if let Some(page) = ending {
        add(page);
        if let Some(folder) = FOLDER_PAGES.iter().find_map(|name| page.strip_suffix(name)) {
            add(folder);
        }
    }
}

enum Origin<'a> {
    None,
    Host { host: &'a str, path: &'a str },
    Foreign,
}

fn split_origin(address: &str) -> Origin<'_> {
    let after_scheme = match address.split_once(':') {
        Some((scheme, rest)) if is_scheme(scheme) => {
            if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
                return Origin::Foreign;
            }
            rest
        }
        _ => address,
    };
    let Some(rest) = after_scheme.strip_prefix("//") else {
        return if after_scheme.len() == address.len() {
            Origin::None
        } else {
            Origin::Foreign
        };
    };
    let (authority, path) = rest
        .find(['/', '?', '#'])
        .map_or((rest, ""), |at| rest.split_at(at));
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    Origin::Host { host, path }
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_served_is_its_page() {
        for (key, page) in [
            ("/tool/x.html", Some("/tool/x")),
            ("/tool/x.htm", Some("/tool/x")),
            ("/tool/x.md", None),
            ("/tool/.html", None),
            ("/tool/xhtml", None),
        ] {
            assert_eq!(page_of(key), page, "{key}");
        }
    }

    #[test]
    fn addresses_have_one_normal_form() {
        let own = OwnHosts(vec!["example.org".into()]);
        for (given, wanted) in [
            ("/tool/x", Some("/tool/x")),
            ("/tool/x/", Some("/tool/x")),
            ("/tool/x/index.html?q=1#top", Some("/tool/x")),
            ("https://Example.org:8080/tool/x", Some("/tool/x")),
            ("//example.org/tool/x", Some("/tool/x")),
            ("https://other.org/tool/x", None),
            ("javascript:alert(1)", None),
            ("mailto:a@example.org", None),
            ("tool/x", Some("/tool/x")),
            ("/caf%C3%A9", Some("/café")),
            ("/a%2520b", Some("/a%20b")),
            ("https://example.org", Some("/")),
            ("/", Some("/")),
            ("/myindex.html", Some("/myindex.html")),
        ] {
            let found = normalise(given, &own);
            assert_eq!(found.as_deref(), wanted, "{given}");
        }
    }

    #[test]
    fn links_are_resolved_against_the_page_they_stand_in() {
        let own = OwnHosts(vec!["example.org".into()]);
        for (link, from, wanted) in [
            ("/tool/y", "/tool/x", vec!["/tool/y"]),
            ("/tool/y/", "/tool/x", vec!["/tool/y"]),
            ("/", "/tool/x", vec!["/"]),
            ("/tool/y.md#top", "/tool/x", vec!["/tool/y.md", "/tool/y"]),
            ("y", "/tool/x", vec!["/tool/y", "/tool/x/y"]),
            ("y", "/tool/x/", vec!["/tool/x/y"]),
            (
                "./y.html?q#f",
                "/tool/x",
                vec!["/tool/y.html", "/tool/y", "/tool/x/y.html", "/tool/x/y"],
            ),
            (
                "../y.md",
                "/tool/x",
                vec!["/y.md", "/y", "/tool/y.md", "/tool/y"],
            ),
            ("../../../y", "/tool/x", vec!["/y"]),
            ("..", "/a/b/c", vec!["/a", "/a/b"]),
            (".", "/a/b", vec!["/a", "/a/b"]),
            (
                "index.md",
                "/a/b",
                vec![
                    "/a/index.md",
                    "/a/index",
                    "/a",
                    "/a/b/index.md",
                    "/a/b/index",
                    "/a/b",
                ],
            ),
            ("/a/index.html", "/x", vec!["/a"]),
            (
                "/a/README.md",
                "/x",
                vec!["/a/README.md", "/a/README", "/a"],
            ),
            (
                "caf%C3%A9.md",
                "/x",
                vec!["/café.md", "/café", "/x/café.md", "/x/café"],
            ),
            ("https://Example.org/a/../b/", "/x", vec!["/b"]),
            ("https://example.org", "/x", vec!["/"]),
            ("https://example.org#top", "/x", vec!["/"]),
            ("//example.org/b?q", "/x", vec!["/b"]),
            ("b", "https://example.org/a/x?q", vec!["/a/b", "/a/x/b"]),
            ("  /b ", "/x", vec!["/b"]),
            ("https://other.org/b", "/x", vec![]),
            ("mailto:a@example.org", "/x", vec![]),
            ("javascript:void(0)", "/x", vec![]),
            ("#part", "/x", vec![]),
            ("?page=2", "/x", vec![]),
            ("", "/x", vec![]),
        ] {
            assert_eq!(resolve(link, from, &own), wanted, "{link} from {from}");
        }
    }

    #[test]
    fn a_page_says_how_its_address_ends_and_nothing_else() {
        let site = OwnHosts(vec!["example.org".into()]);
        for (address, url, own, served) in [
            ("/guide/a.html", "/guide/a", &site, Some("/guide/a.html")),
            ("a.htm", "/guide/a", &site, Some("/guide/a.htm")),
            ("/guide/a/?u=1#f", "/guide/a", &site, Some("/guide/a/")),
            (
                "/guide/index.html",
                "/guide",
                &site,
                Some("/guide/index.html"),
            ),
            (
                "https://Example.org/caf%C3%A9.html",
                "/café",
                &site,
                Some("/café.html"),
            ),
            ("//example.org:8080/a/", "/a", &site, Some("/a/")),
            (
                "https://other.org/a.html",
                "/a",
                &OwnHosts::default(),
                Some("/a.html"),
            ),
            ("https://other.org/a.html", "/a", &site, None),
            ("//other.org/a/", "/a", &site, None),
            ("javascript:/a.html", "/a", &OwnHosts::default(), None),
            ("/a", "/a", &site, None),
            ("/b.html", "/a", &site, None),
            ("/a.html/", "/a", &site, None),
            ("/a//", "/a", &site, None),
            ("/a.html%00", "/a", &site, None),
            ("/a\"x.html", "/a", &site, None),
            ("https://example.org//", "/", &site, None),
            ("https://example.org//other.org/", "/", &site, None),
            ("/index.html", "/", &site, None),
        ] {
            let found = served_as(address, url, own);
            assert_eq!(found.as_deref(), served, "{address} of {url}");
        }
    }

    #[test]
    fn a_page_knows_its_own_address() {
        for (address, url, same) in [
            ("https://x.org/guide/index.html", "/guide", true),
            ("/guide/a.html", "/guide/a", true),
            ("a.html", "/guide/a", true),
            ("https://x.org/guide/a/?u=1#f", "/guide/a", true),
            ("/guide", "/guide/a", false),
            ("https://x.org", "/", true),
        ] {
            assert_eq!(is_same_page(address, url), same, "{address} {url}");
        }
        assert_eq!(absolute("../b?x#y", "/a/c/d"), "/a/b?x#y");
    }
}
