//! Names for scenarios that are rows of a table, so that they can be distinguished.

use super::feature::{Placed, TextPlace};
use crate::page::{cut, printable};
use std::collections::HashMap;

/// The names given to the rows so far.
#[derive(Default)]
pub(super) struct RowNames {
    given: HashMap<String, usize>,
}

impl RowNames {
    /// A name that no row before has: the name, then the row's values in parentheses if they are wanted or needed, then a number.
    pub(super) fn name(
        &mut self,
        name: Placed,
        with_values: bool,
        values: &[(&str, &Placed)],
        row: TextPlace,
    ) -> Placed {
        let mut named = name.clone();
        if (with_values || self.given.contains_key(&name.text)) && !values.is_empty() {
            append(&mut named, &format!("({})", shown(values)), row);
        }
        let count = self.given.entry(named.text.clone()).or_insert(0);
        *count += 1;
        if *count > 1 {
            let number = *count;
            append(&mut named, &format!("[{number}]"), row);
        }
        named
    }
}

fn append(name: &mut Placed, suffix: &str, row: TextPlace) {
    let space = if name.text.is_empty() { "" } else { " " };
    name.push(&format!("{space}{suffix}"), row);
}

/// The values of a row, short: `amount 4`, or `4, 10`.
fn shown(values: &[(&str, &Placed)]) -> String {
    let value = |placed: &Placed| cut(&printable(&placed.text), 24).into_owned();
    match values {
        [(column, placed)] => format!("{} {}", cut(&printable(column), 24), value(placed)),
        values => {
            let few: Vec<String> = values.iter().take(6).map(|(_, placed)| value(placed)).collect();
            let more = if values.len() > few.len() { ", …" } else { "" };
            format!("{}{more}", few.join(", "))
        }
    }
}
