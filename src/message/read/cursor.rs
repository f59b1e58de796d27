//! The text that is read, the place in it, and the choices where it can be read in several ways.

use super::super::sentence::{matched, outside};
use super::super::words::Words;
use super::fault::{Misread, Why};
use std::cell::{Cell, RefCell};

/// How deeply values may be nested in a phrase.
const MAX_DEPTH: u32 = 128;

/// The text that is read, and the place in it.
///
/// A type is read by its own `Deserialize`, which asks for one thing after another and cannot go back. Where the text can be read in
/// several ways, one is picked; then the type is read again for the next. `Cursor` remembers the picks.
pub(super) struct Cursor<'t> {
    pub(super) text: &'t str,
    pub(super) words: &'t Words,
    at: Cell<usize>,
    /// Where the part ends that is being read: the text, or a slot of a sentence.
    end: Cell<usize>,
    /// Where the value begins that was read last, for what its type finds wrong with it.
    value_at: Cell<usize>,
    depth: Cell<u32>,
    /// What was picked, and of how many.
    picks: RefCell<Vec<(usize, usize)>>,
    picked: Cell<usize>,
    /// The fields of the structs around the value, innermost last; `None` for what is no struct.
    frames: RefCell<Vec<Option<&'static [&'static str]>>>,
    /// What comes after places that were asked about, by depth.
    ahead: RefCell<Vec<Ahead>>,
    /// The parts of sums around the message.
    pub(super) path: RefCell<Vec<&'static str>>,
}

impl<'t> Cursor<'t> {
    pub(super) fn new(text: &'t str, words: &'t Words) -> Self {
        Cursor {
            text,
            words,
            at: Cell::new(0),
            end: Cell::new(text.len()),
            value_at: Cell::new(0),
            depth: Cell::new(0),
            picks: RefCell::new(Vec::new()),
            picked: Cell::new(0),
            frames: RefCell::new(Vec::new()),
            ahead: RefCell::new(Vec::new()),
            path: RefCell::new(Vec::new()),
        }
    }

    /// Goes back to the beginning, to read in the next way; `false` if there is none.
    pub(super) fn next_way(&self) -> bool {
        let mut picks = self.picks.borrow_mut();
        while let Some((pick, of)) = picks.pop() {
            if pick + 1 < of {
                picks.push((pick + 1, of));
                drop(picks);
                self.at.set(0);
                self.end.set(self.text.len());
                self.value_at.set(0);
                self.depth.set(0);
                self.picked.set(0);
                self.frames.borrow_mut().clear();
                self.path.borrow_mut().clear();
                return true;
            }
        }
        false
    }

    /// Picks one of several ways to go on.
    pub(super) fn pick(&self, of: usize) -> usize {
        if of < 2 {
            return 0;
        }
        let mut picks = self.picks.borrow_mut();
        let number = self.picked.replace(self.picked.get() + 1);
        if number == picks.len() {
            picks.push((0, of));
        }
        picks[number].0
    }

    /// The place of the next character that is no white space.
    pub(super) fn place(&self) -> usize {
        let rest = &self.text[self.at.get()..self.end.get()];
        self.at.set(self.end.get() - rest.trim_start().len());
        self.at.get()
    }

    pub(super) fn move_to(&self, at: usize) {
        self.at.set(at);
    }

    /// What is left of the part that is read, without white space around it.
    pub(super) fn rest(&self) -> &'t str {
        let from = self.place();
        self.text[from..self.end.get()].trim_end()
    }

    /// Restricts the part that is read, and returns where the part around it ends.
    pub(super) fn restrict(&self, from: usize, to: usize) -> usize {
        self.at.set(from);
        self.end.replace(to)
    }

    pub(super) fn set_end(&self, end: usize) {
        self.end.set(end);
    }

    /// A value begins here.
    pub(super) fn begin_value(&self) -> usize {
        let at = self.place();
        self.value_at.set(at);
        at
    }

    pub(super) fn value_place(&self) -> usize {
        self.value_at.get()
    }

    pub(super) fn fault(&self, why: Why) -> Misread {
        Misread::new(self.place(), why)
    }

    pub(super) fn expected(&self, what: impl Into<String>) -> Misread {
        self.fault(Why::Expected { what: what.into(), found: self.found() })
    }

    /// What stands here, shortened, for a fault.
    pub(super) fn found(&self) -> String {
        let rest = self.rest();
        let mut shown: String = rest.chars().take(40).collect();
        if shown.len() < rest.len() {
            shown.push('…');
        }
        shown
    }

    /// The end of these words, if they stand here.
    pub(super) fn sees(&self, words: &str) -> Option<usize> {
        matched(&self.text[..self.end.get()], self.place(), words)
    }

    /// Whether this phrase of the kit stands here, in the words that are read; what is after it.
    pub(super) fn sees_fixed(&self, phrase: &'static str) -> Option<usize> {
        self.sees(self.words.fixed(phrase))
    }

    pub(super) fn takes(&self, sign: char) -> bool {
        let found = self.rest().starts_with(sign);
        if found {
            self.at.set(self.at.get() + sign.len_utf8());
        }
        found
    }

    pub(super) fn requires(&self, sign: char) -> Result<(), Misread> {
        match self.takes(sign) {
            true => Ok(()),
            false => Err(self.expected(format!("`{sign}`"))),
        }
    }

    pub(super) fn sees_sign(&self, sign: char) -> bool {
        self.rest().starts_with(sign)
    }

    /// Whether a value ends here: at the end, a comma, a colon or a parenthesis.
    pub(super) fn sees_end(&self, at: usize) -> bool {
        let rest = self.text[at..self.end.get()].trim_start();
        rest.is_empty() || rest.starts_with([',', ')'])
    }

    /// Whether "none" stands here by itself, and is not the beginning of other words.
    pub(super) fn sees_single_none(&self) -> bool {
        let Some(after) = self.sees_fixed("none") else { return false };
        let rest = self.text[after..self.end.get()].trim_start();
        let at = self.end.get() - rest.len();
        let and = || matched(&self.text[..self.end.get()], at, self.words.fixed("and")).is_some();
        rest.is_empty() || rest.starts_with([',', ')', ':']) || and()
    }

    /// The place after `(none)`, in any number of parentheses, if it stands here.
    pub(super) fn sees_wrapped_none(&self) -> Option<usize> {
        let from = self.place();
        let rest = &self.text[from..self.end.get()];
        let inner = rest.trim_start_matches(|char: char| char == '(' || char.is_whitespace());
        let opened = rest[..rest.len() - inner.len()].matches('(').count();
        let none = from + rest.len() - inner.len();
        let mut at = matched(&self.text[..self.end.get()], none, self.words.fixed("none"))?;
        for _ in 0..opened {
            let rest = &self.text[at..self.end.get()];
            let closed = rest.trim_start().strip_prefix(')')?;
            at = self.end.get() - closed.len();
        }
        (opened > 0).then_some(at)
    }

    /// Reads a value in parentheses.
    pub(super) fn parenthesised<T>(&self, read: impl FnOnce() -> Result<T, Misread>) -> Result<T, Misread> {
        self.requires('(')?;
        let value = self.framed(None, read)?;
        self.requires(')')?;
        Ok(value)
    }

    /// Reads a value whose fields may follow a comma.
    pub(super) fn framed<T>(
        &self,
        fields: Option<&'static [&'static str]>,
        read: impl FnOnce() -> Result<T, Misread>,
    ) -> Result<T, Misread> {
        if self.depth.get() >= MAX_DEPTH {
            return Err(self.fault(Why::TooDeep));
        }
        self.depth.set(self.depth.get() + 1);
        self.frames.borrow_mut().push(fields);
        let value = read()?;
        self.frames.borrow_mut().pop();
        self.depth.set(self.depth.get() - 1);
        Ok(value)
    }

    /// The fields of the innermost struct around this place.
    pub(super) fn frame(&self) -> Option<&'static [&'static str]> {
        self.frames.borrow().last().copied().flatten()
    }

    /// The place of the next of these signs or of "and", outside quotation marks and parentheses; the end of the part if there is none.
    pub(super) fn next_delimiter(&self, signs: &[char], and: bool) -> usize {
        self.delimiter_after(self.place(), signs, and).unwrap_or(self.end.get())
    }

    fn delimiter_after(&self, from: usize, signs: &[char], and: bool) -> Option<usize> {
        let text = &self.text[..self.end.get()];
        for (offset, char) in outside(&text[from..]) {
            let at = from + offset;
            if char == ')' {
                return signs.contains(&')').then_some(at);
            }
            // A colon ends a key only before white space: "Monday 9:15: …".
            let ends = signs.contains(&char)
                && (char != ':' || text[at + 1..].chars().next().is_none_or(char::is_whitespace));
            let begins_word = offset == 0 || text[..at].ends_with(char::is_whitespace);
            if ends || (and && begins_word && matched(text, at, self.words.fixed("and")).is_some()) {
                return Some(at);
            }
        }
        None
    }

    /// Whether an "and" is still to come before the part, or the parenthesis around it, ends.
    ///
    /// A list asks this at each of its commas; so what was found ahead is kept for each depth, or a long list would take the square of
    /// its length.
    pub(super) fn and_ahead(&self, from: usize) -> bool {
        let (depth, end) = (self.depth.get() as usize, self.end.get());
        let mut ahead = self.ahead.borrow_mut();
        if ahead.len() <= depth {
            ahead.resize(depth + 1, Ahead::default());
        }
        let known = &mut ahead[depth];
        if known.end != end || !(known.from..=known.to).contains(&from) {
            let and = self.delimiter_after(from, &[], true);
            let to = and.or_else(|| self.delimiter_after(from, &[')'], false)).unwrap_or(end);
            *known = Ahead { from, to, end, and: and.is_some() };
        }
        known.and
    }
}

/// What comes after a place, up to another one.
#[derive(Clone, Copy, Default)]
struct Ahead {
    from: usize,
    to: usize,
    /// The end of the part in which it was looked for.
    end: usize,
    /// Whether an "and" is at the other place.
    and: bool,
}
