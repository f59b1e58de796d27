//! The blocks of a page that a specification is made of: headings, paragraphs, lists and tables, with the place of each text.

use super::super::feature::{Placed, StepArgument, TextPlace};
use super::super::places::Places;
use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use std::ops::Range;

/// A part of the page that stands in no other.
pub(super) enum Block {
    Heading {
        level: HeadingLevel,
        place: TextPlace,
        text: Inline,
    },
    Paragraph {
        place: TextPlace,
        text: Inline,
    },
    List(Vec<Item>),
    Table {
        header: Vec<Inline>,
        rows: Vec<(TextPlace, Vec<Inline>)>,
    },
    /// `<!-- … -->`: what is in it.
    Comment(Placed),
    /// Code, which may have been meant for the step before.
    Code(TextPlace),
}

/// The text of a line.
pub(super) struct Inline {
    pub(super) text: Placed,
    /// How much of its beginning is bold.
    pub(super) bold: usize,
    /// Before which bytes there is a `<br>`.
    pub(super) breaks: Vec<usize>,
    /// At which bytes another line of the file begins, after the space that stands for the break.
    pub(super) lines: Vec<usize>,
}

/// An item of a list.
pub(super) struct Item {
    pub(super) text: Inline,
    pub(super) place: TextPlace,
    pub(super) argument: Option<StepArgument>,
    pub(super) last_line: u32,
    /// It stands in a list inside an item.
    pub(super) is_nested: bool,
    /// Where a second table or code begins.
    pub(super) second_argument: Option<TextPlace>,
}

/// The blocks of a page.
pub(super) fn blocks(places: &Places<'_>) -> Vec<Block> {
    let mut collector =
        Collector { places, found: Vec::new(), line: None, quotes: 0, lists: 0, table: None, code: None };
    let events = Parser::new_ext(places.text, Options::ENABLE_TABLES).into_offset_iter();
    events.for_each(|(event, range)| collector.event(event, range));
    collector.found
}

/// A line that is being read.
struct Line {
    inline: Inline,
    place: TextPlace,
    /// Whether its first text is bold, and not yet at its end.
    in_bold: bool,
    end: usize,
}

/// A table that is being read.
struct Table {
    place: TextPlace,
    rows: Vec<(TextPlace, Vec<Inline>)>,
}

struct Collector<'a> {
    places: &'a Places<'a>,
    found: Vec<Block>,
    line: Option<Line>,
    /// How many quotations and lists are open.
    quotes: usize,
    lists: usize,
    table: Option<Table>,
    code: Option<(TextPlace, Vec<Placed>, bool)>,
}

impl Collector<'_> {
    fn event(&mut self, event: Event<'_>, range: Range<usize>) {
        match event {
            Event::Start(Tag::BlockQuote(_)) => {
                self.end_item();
                self.quotes += 1;
            }
            Event::End(TagEnd::BlockQuote(_)) => self.quotes -= 1,
            // Quotations are no part of the specification.
            _ if self.quotes > 0 => {}
            Event::Start(tag) => self.start(&tag, range),
            Event::End(tag) => self.end(tag, range),
            Event::Text(text) => self.text(&text, range),
            Event::Code(text) => self.inline_code(&text, range),
            Event::SoftBreak | Event::HardBreak => {
                self.push(" ", range);
                if let Some(Line { inline, .. }) = &mut self.line {
                    inline.lines.push(inline.text.text.len());
                }
            }
            Event::Html(text) => self.html(&text, range),
            Event::InlineHtml(text) => self.inline_html(&text, range),
            // Not with these options.
            _ => {}
        }
    }

    fn start(&mut self, tag: &Tag<'_>, range: Range<usize>) {
        let place = self.places.at(range.start);
        match tag {
            Tag::List(_) => {
                self.end_item();
                if self.lists == 0 {
                    self.found.push(Block::List(Vec::new()));
                }
                self.lists += 1;
            }
            Tag::Item => {
                self.end_item();
                self.begin(range);
            }
            // In a list, the item has its line.
            Tag::Heading { .. } | Tag::Paragraph if self.lists == 0 => self.begin(range),
            Tag::Heading { .. } | Tag::Paragraph => {
                if let Some(line) = &mut self.line
                    && !line.inline.text.text.is_empty()
                {
                    self.end_item();
                }
            }
            Tag::CodeBlock(kind) => {
                self.end_item();
                let is_fenced = matches!(kind, pulldown_cmark::CodeBlockKind::Fenced(_));
                self.code = Some((place, Vec::new(), is_fenced));
            }
            Tag::Table(_) => {
                self.end_item();
                self.table = Some(Table { place, rows: Vec::new() });
            }
            Tag::TableHead | Tag::TableRow => {
                if let Some(table) = &mut self.table {
                    table.rows.push((place, Vec::new()));
                }
            }
            Tag::TableCell => self.begin(range),
            Tag::Strong => {
                if let Some(line) = &mut self.line {
                    line.in_bold = line.inline.text.text.is_empty();
                }
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd, range: Range<usize>) {
        match tag {
            TagEnd::List(_) => {
                self.end_item();
                self.lists -= 1;
            }
            TagEnd::Item => self.end_item(),
            TagEnd::Heading(level) if self.lists == 0 => {
                if let Some(Line { inline, place, .. }) = self.line.take() {
                    self.found.push(Block::Heading { level, place, text: inline });
                }
            }
            TagEnd::Paragraph if self.lists == 0 => {
                if let Some(Line { inline, place, .. }) = self.line.take() {
                    self.found.push(Block::Paragraph { place, text: inline });
                }
            }
            TagEnd::Heading(_) | TagEnd::Paragraph => self.end_item(),
            TagEnd::CodeBlock => self.end_code(range),
            TagEnd::TableCell => {
                if let (Some(line), Some(table)) = (self.line.take(), &mut self.table)
                    && let Some((_, cells)) = table.rows.last_mut()
                {
                    cells.push(line.inline);
                }
            }
            TagEnd::Table => self.end_table(range),
            TagEnd::Strong => {
                if let Some(line) = &mut self.line
                    && std::mem::take(&mut line.in_bold)
                {
                    line.inline.bold = line.inline.text.text.len();
                }
            }
            _ => {}
        }
    }

    fn begin(&mut self, range: Range<usize>) {
        let place = self.places.at(range.start);
        let inline = Inline { text: Placed::empty(place), bold: 0, breaks: Vec::new(), lines: Vec::new() };
        self.line = Some(Line { inline, place, in_bold: false, end: range.start });
    }

    /// An item's own text ends: it is added to its list.
    fn end_item(&mut self) {
        if self.lists == 0 {
            return;
        }
        let (Some(line), Some(Block::List(items))) = (self.line.take(), self.found.last_mut()) else {
            return;
        };
        let last_line = self.places.at(line.end).line;
        items.push(Item {
            text: line.inline,
            place: line.place,
            argument: None,
            last_line,
            is_nested: self.lists > 1,
            second_argument: None,
        });
    }

    fn add_argument(&mut self, place: TextPlace, end: usize, argument: StepArgument) {
        let Some(Block::List(items)) = self.found.last_mut() else { return };
        let Some(item) = items.last_mut() else { return };
        if item.argument.is_some() {
            item.second_argument.get_or_insert(place);
            return;
        }
        item.argument = Some(argument);
        item.last_line = self.places.at(end).line;
    }

    fn end_code(&mut self, range: Range<usize>) {
        let Some((place, mut lines, is_fenced)) = self.code.take() else { return };
        for line in &mut lines {
            let end = line.text.trim_end_matches(['\r', '\n']).len();
            line.text.truncate(end);
        }
        if self.lists > 0 {
            let end = trimmed_end(self.places.text, range);
            self.add_argument(place, end, StepArgument::DocString(lines));
        } else if is_fenced {
            self.found.push(Block::Code(place));
        }
    }

    fn end_table(&mut self, range: Range<usize>) {
        let Some(Table { place, mut rows }) = self.table.take() else { return };
        if self.lists > 0 {
            let cells = |row: Vec<Inline>| row.into_iter().map(|cell| cell.text).collect();
            let table = rows.into_iter().map(|(_, row)| cells(row)).collect();
            self.add_argument(place, trimmed_end(self.places.text, range), StepArgument::Table(table));
        } else if !rows.is_empty() {
            let (_, header) = rows.remove(0);
            self.found.push(Block::Table { header, rows });
        }
    }

    fn push(&mut self, text: &str, range: Range<usize>) {
        if let Some(line) = &mut self.line {
            line.inline.text.push(text, self.places.at(range.start));
            line.end = range.end;
        }
    }

    fn text(&mut self, text: &CowStr<'_>, range: Range<usize>) {
        let Some((_, lines, _)) = &mut self.code else { return self.push(text, range) };
        // A line of code comes in one or several pieces; its break is a part of the last.
        let is_verbatim = self.places.text[range.clone()].len() == text.len();
        let mut offset = range.start;
        for piece in text.split_inclusive('\n') {
            let place = self.places.at(offset);
            if is_verbatim {
                offset += piece.len();
            }
            let is_new = lines.last().is_none_or(|line: &Placed| line.text.ends_with('\n'));
            match lines.last_mut() {
                Some(line) if !is_new => line.push(piece, place),
                _ => lines.push(Placed::new(piece, place)),
            }
        }
    }

    fn inline_code(&mut self, text: &CowStr<'_>, range: Range<usize>) {
        let source = &self.places.text[range.clone()];
        let start = source.len() - source.trim_start_matches('`').len();
        if let Some(inside) = source[start..].find(text.as_ref()) {
            return self.push(text, range.start + start + inside..range.end);
        }
        // It goes on in the next line, or has escapes of a table: each character is looked for after the one before.
        let mut at = start;
        for (offset, char) in text.char_indices() {
            let is_it = |other: char| other == char || (char == ' ' && other == '\n');
            let Some(found) = source[at..].find(is_it) else {
                return self.push(&text[offset..], range.start + at..range.end);
            };
            let place = range.start + at + found;
            self.push(&text[offset..offset + char.len_utf8()], place..range.end);
            at += found + source[at + found..].chars().next().map_or(0, char::len_utf8);
        }
    }

    fn html(&mut self, text: &CowStr<'_>, range: Range<usize>) {
        let trimmed = text.trim();
        if let Some(inside) = trimmed.strip_prefix("<!--").and_then(|rest| rest.strip_suffix("-->"))
            && self.lists == 0
        {
            let start = range.start + text.find("<!--").unwrap_or(0) + "<!--".len();
            self.found.push(Block::Comment(Placed::new(inside, self.places.at(start)).trimmed()));
        }
    }

    fn inline_html(&mut self, text: &CowStr<'_>, range: Range<usize>) {
        if text.starts_with("<!--") {
            return;
        }
        let name: String = text.chars().filter(|char| !char.is_whitespace() && *char != '/').collect();
        if !name.eq_ignore_ascii_case("<br>") {
            return self.push(text, range);
        }
        if let Some(line) = &mut self.line {
            line.inline.breaks.push(line.inline.text.text.len());
        }
    }
}

/// Where a block ends, without the line breaks after it.
fn trimmed_end(text: &str, range: Range<usize>) -> usize {
    range.start + text[range.clone()].trim_end().len()
}
