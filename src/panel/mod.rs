//! Panels: ranked articles become cards with a reason and a percentage. No I/O, no clock.

mod assign;
mod card;
mod compose;
mod explore;
mod pins;
mod reserve;

pub use assign::{Costs, Offer, PLACES, assign};
pub use card::{Card, Evidence, Panel, Reason};
pub use compose::{Fill, Ranked, compose};
pub use explore::Exploration;
pub use pins::{Pin, put_pins};
pub use reserve::{Reserved, WHOLE_PANEL};
