//! Why an article needs to be found, in words.

use super::freshness::freshness;
use crate::model::{Opportunity, Standing};

/// Authority, in parts of 255, that few articles have.
const MUCH: u8 = 191;
/// Freshness of an article that has changed lately.
const FRESH: f64 = 0.9;

/// What speaks for showing an article on day `today`.
pub fn reasons(standing: Standing, today: f32) -> Vec<String> {
    let mut found = Vec::new();
    if let Some(authority) = standing.authority {
        match standing.inbound {
            0 => found.push("no page of the site links to it".to_owned()),
            1 => found.push("one page of the site links to it".to_owned()),
            _ if authority >= MUCH => found.push("a central page of the site".to_owned()),
            _ => {}
        }
    }
    match standing.why {
        Some(Opportunity::SeldomOpened) => {
            found.push("shown high by search engines and seldom opened there".to_owned());
        }
        Some(Opportunity::SecondPage) => {
            found.push("on the second page of search results".to_owned());
        }
        None => {}
    }
    if freshness(standing, today).is_some_and(|fresh| fresh >= FRESH) {
        found.push("new or changed lately".to_owned());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_of_a_need_has_its_words() {
        let lonely = Standing {
            authority: Some(20),
            ..Standing::default()
        };
        assert_eq!(reasons(lonely, 0.0), ["no page of the site links to it"]);
        let central = Standing {
            authority: Some(200),
            inbound: 90,
            changed: Some(20_000),
            half_life: 14,
            ..Standing::default()
        };
        assert_eq!(
            reasons(central, 20_001.0),
            ["a central page of the site", "new or changed lately"]
        );
        assert_eq!(reasons(central, 20_100.0), ["a central page of the site"]);
        assert!(reasons(Standing::default(), 20_000.0).is_empty());
    }
}
