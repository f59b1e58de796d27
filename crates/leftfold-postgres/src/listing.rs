//! Listings of names, page by page.

use crate::connections::Param;
use leftfold::store::Listing;
use std::ops::ControlFlow;

/// A range of names.
pub(crate) struct Range {
    pub(crate) from: String,
    /// Whether `from` itself is left out.
    pub(crate) strict: bool,
    pub(crate) before: Option<String>,
}

impl Range {
    pub(crate) fn of(listing: &Listing) -> Range {
        let (begins, after) = (listing.begins(), listing.after_name());
        let strict = !after.is_empty() && after >= begins;
        let before = match listing.is_exact() {
            // Nothing lies between a name and the name with a further character, but names that begin so.
            true => Some(format!("{begins}\u{1}")),
            false => after_all_that_begin(begins),
        };
        Range { from: if strict { after } else { begins }.replace('\0', "\u{1}"), strict, before }
    }

    pub(crate) fn condition(&self, column: &str, params: &mut Vec<Param>) -> String {
        params.push(Box::new(self.from.clone()));
        let from = format!("{column} {} ${}", if self.strict { ">" } else { ">=" }, params.len());
        format!("{from}{}", self.condition_before(column, params))
    }

    pub(crate) fn condition_before(&self, column: &str, params: &mut Vec<Param>) -> String {
        let Some(before) = &self.before else { return String::new() };
        params.push(Box::new(before.replace('\0', "\u{1}")));
        format!(" and {column} < ${}", params.len())
    }
}

/// The first text after all that begin so; `None` if there is none.
fn after_all_that_begin(begins: &str) -> Option<String> {
    let mut text = begins.to_string();
    while let Some(last) = text.pop() {
        if let Some(next) = ((last as u32 + 1)..=char::MAX as u32).find_map(char::from_u32) {
            text.push(next);
            return Some(text);
        }
    }
    None
}

/// The items of a page of a listing.
pub(crate) struct Paged<T> {
    pub(crate) items: Vec<T>,
    skip: usize,
    most: usize,
}

impl<T> Paged<T> {
    pub(crate) fn of(listing: &Listing) -> Self {
        Paged { items: Vec::new(), skip: listing.skipped(), most: listing.most() }
    }

    pub(crate) fn is_full(&self) -> bool {
        self.items.len() >= self.most
    }

    pub(crate) fn add(&mut self, item: T) -> ControlFlow<()> {
        match self.skip {
            0 => self.items.push(item),
            _ => self.skip -= 1,
        }
        if self.is_full() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}
