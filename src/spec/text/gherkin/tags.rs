//! A line of tags.

use super::super::feature::Placed;
use super::super::places::{Faults, Places};
use crate::page::shown;
use std::ops::Range;

/// The tags of a line that begins with `@`, without it. A comment may follow them.
pub(super) fn tags(places: &Places<'_>, line: Range<usize>, faults: &mut Faults) -> Vec<Placed> {
    let mut found = Vec::new();
    let text = &places.text[line.clone()];
    let mut is_reported = false;
    for word in text.split_whitespace() {
        // The word is a part of the text, so its distance from the beginning is its place.
        let start = word.as_ptr() as usize - text.as_ptr() as usize;
        if word.starts_with('#') {
            break;
        }
        let mut offset = line.start + start;
        for (index, name) in word.split('@').enumerate() {
            let place = places.at(offset);
            offset += name.len() + 1;
            match (index, name.is_empty()) {
                (0, true) => {}
                (0, false) | (_, true) if is_reported => {}
                (0, false) => {
                    is_reported = true;
                    faults.push(place, || {
                        format!("A tag begins with @: write @{}, or put # before a comment.", shown(name))
                    });
                }
                (_, true) => {
                    is_reported = true;
                    faults.push(place, || "A tag needs a name after its @, such as @nightly.".to_string());
                }
                (_, false) => found.push(Placed::new(name, place)),
            }
        }
    }
    found
}
