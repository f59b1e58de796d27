//! An event model as SVG: swim lanes in the colours of the reader's page.

use super::{EventModel, Slice, SliceKind, SliceMessage};
use crate::page::markup::xml;
use crate::page::{cut, fitted, one_line, width};
use std::fmt::Write as _;

/// How many slices stand side by side; the next ones begin a new strip.
const STRIP: usize = 6;
const COLUMN: f64 = 152.0;
const GAP: f64 = 12.0;
/// The room of the names of lanes.
const NAMES: f64 = 92.0;
const MARGIN: f64 = 12.0;
const PAD: f64 = 8.0;
const LINE: f64 = 15.0;
/// How wide a column of text is at most, on average.
const LETTER: f64 = 6.9;
/// How many lines a note has at most, of its title and of its example.
const TITLE: usize = 4;
const EXAMPLE: usize = 3;
/// How far a note stands aside where an arrow passes.
const ASIDE: f64 = 16.0;

const STYLE: &str = "\
rect{stroke-width:1.3}.c{fill:#dbe7ff;stroke:#41609c}.e{fill:#ffe3bf;stroke:#b0661a}.v{fill:#d9f0d6;stroke:#3c7a3c}.p{fill:#eadffa;stroke:#6b4aa0}\
.s{stroke-dasharray:4 3}.q{fill:#ffdcdc;stroke:#a93a3a}.l{fill:none;stroke:#5b6472;stroke-width:1.3}.w{fill:none;stroke:#ccd2dc;stroke-width:1}.h{fill:#5b6472}\
text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;font-size:12px;fill:#1c2230}.b{font-weight:600}.n{fill:#5b6472}.r{fill:#9c2f1f}\
@media(prefers-color-scheme:dark){.c{fill:#1d2c4a;stroke:#8fb0ee}.e{fill:#463018;stroke:#f0b06a}.v{fill:#1c3a1c;stroke:#8fd08f}.p{fill:#33254a;stroke:#c3a5f2}\
.q{fill:#4a2020;stroke:#f09a9a}.l{stroke:#a3adbd}.w{stroke:#3a4352}.h{fill:#a3adbd}text{fill:#e8ecf3}.n{fill:#a3adbd}.r{fill:#ffab9c}}";

/// A lane of a strip, from the top down.
#[derive(Clone, PartialEq)]
enum Lane {
    Processes,
    /// Commands and views: what is asked and what is shown.
    Asked,
    /// The events of a part.
    Events(Option<String>),
    Refused,
    Questions,
}

impl Lane {
    fn name(&self) -> &str {
        match self {
            Lane::Processes => "process managers",
            Lane::Asked => "commands and views",
            Lane::Events(None) => "events",
            Lane::Events(Some(part)) => part,
            Lane::Refused => "refused",
            Lane::Questions => "open questions",
        }
    }
}

/// A note in a cell: its lines, each with a class, and how it looks.
struct Note {
    lane: Lane,
    /// The class of its box; none for lines without one.
    class: Option<&'static str>,
    lines: Vec<(String, &'static str)>,
    /// How far its left edge is set in.
    aside: f64,
}

/// A note with its place: left, top, width, height.
struct Placed {
    note: Note,
    at: [f64; 4],
}

impl Note {
    fn new(
        lane: Lane,
        class: Option<&'static str>,
        title: &str,
        example: &str,
        texts: (&'static str, &'static str),
        aside: f64,
    ) -> Note {
        let room = ((COLUMN - aside - 2.0 * PAD) / LETTER) as usize;
        let title = one_line(title);
        let mut lines = wrapped(&title, room, TITLE, texts.0);
        let example = one_line(example);
        // The example says the title again, with a key before it and the values after it.
        let (key, values) = example.split_once(&*title).unwrap_or((&example, ""));
        let apart = [',', ':', ' '];
        let said = [key, values].map(|said| said.trim_matches(apart));
        let said = said.into_iter().filter(|said| !said.is_empty()).collect::<Vec<_>>().join(", ");
        if !said.is_empty() {
            lines.extend(wrapped(&said, room, EXAMPLE, texts.1));
        }
        Note { lane, class, lines, aside }
    }

    fn height(&self) -> f64 {
        self.lines.len() as f64 * LINE + 10.0
    }
}

/// A text in at most `most` lines of `room` columns, broken between words if possible.
fn wrapped(text: &str, room: usize, most: usize, class: &'static str) -> Vec<(String, &'static str)> {
    let text = cut(text, room * most);
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if width(line) + 1 + width(word) <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.extend(fitted(word, room).into_iter().map(|part| part.trim().to_string())),
        }
    }
    if lines.len() > most {
        lines.truncate(most);
        if let Some(last) = lines.last_mut() {
            *last = cut(&format!("{last}…"), room).into_owned();
        }
    }
    lines.into_iter().map(|line| (line, class)).collect()
}

impl EventModel {
    /// The event model as SVG: swim lanes of process managers, commands and views, and the events of each part, in strips of six slices. What a view or a process manager only
    /// sees has a dashed frame. It has no background, and light or dark colours as its reader prefers.
    pub fn to_svg(&self) -> String {
        let columns: Vec<Vec<Note>> = self.slices.iter().map(Slice::notes).collect();
        let widest = self.slices.len().clamp(1, STRIP) as f64;
        let wide = MARGIN * 2.0 + NAMES + widest * (COLUMN + GAP);
        let mut body = String::new();
        let mut top = MARGIN;
        let mut columns = columns.into_iter().peekable();
        while columns.peek().is_some() {
            let strip: Vec<Vec<Note>> = columns.by_ref().take(STRIP).collect();
            top = strip_of(strip, top, wide, &mut body) + GAP;
        }
        for question in &self.questions {
            let lines = wrapped(&one_line(question), ((wide - 3.0 * MARGIN) / LETTER) as usize, TITLE, "");
            let high = lines.len() as f64 * LINE + 10.0;
            let _ = writeln!(
                body,
                "<rect class=\"q\" x=\"{MARGIN:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{high:.1}\" rx=\"5\"/>",
                wide - 2.0 * MARGIN
            );
            write_lines(&mut body, &lines, MARGIN + PAD, top, wide - 2.0 * (MARGIN + PAD));
            top += high + GAP;
        }
        let high = top.max(MARGIN * 2.0);
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{wide:.0}\" height=\"{high:.0}\" viewBox=\"0 0 {wide:.0} {high:.0}\" role=\"img\">\n\
             <title>{}</title>\n<style>{STYLE}</style>\n<defs><marker id=\"a\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" markerWidth=\"6\" \
             markerHeight=\"6\" orient=\"auto\"><path class=\"h\" d=\"M0 0L10 5L0 10z\"/></marker></defs>\n{body}</svg>\n",
            xml(&format!(
                "The event model of {}: {}",
                cut(&self.name, 200),
                crate::page::count(self.slices.len(), "slice", "slices")
            )),
        )
    }
}

impl Slice {
    /// Its notes, from the top down.
    fn notes(&self) -> Vec<Note> {
        let sees = self.kind != SliceKind::Command;
        let aside = if self.kind == SliceKind::Automation { ASIDE } else { 0.0 };
        let mut notes = Vec::new();
        let part = self.part.as_deref().unwrap_or(&self.name);
        match self.kind {
            SliceKind::Automation => {
                notes.push(Note::new(Lane::Processes, Some("p"), part, "", ("b", ""), 0.0));
            }
            SliceKind::View => {
                let shows = self.examples.first().and_then(|example| example.then.first());
                let shows = shows.map_or("", String::as_str);
                notes.push(Note::new(Lane::Asked, Some("v"), part, shows, ("b", ""), 0.0));
            }
            SliceKind::Command if self.commands.is_empty() => {
                notes.push(Note::new(Lane::Asked, Some("v"), &self.name, "", ("b", ""), 0.0));
            }
            SliceKind::Command => {}
        }
        for command in &self.commands {
            let class = if sees { "c s" } else { "c" };
            let (title, example) = (&command.title, &command.example);
            notes.push(Note::new(Lane::Asked, Some(class), title, example, ("b", ""), aside));
        }
        for event in &self.events {
            let class = if sees { "e s" } else { "e" };
            let (lane, example) = (Lane::Events(event.lane.clone()), &event.example);
            notes.push(Note::new(lane, Some(class), &event.title, example, ("b", ""), 0.0));
        }
        for SliceMessage { title, .. } in &self.rejections {
            notes.push(Note::new(Lane::Refused, None, &format!("✗ {title}"), "", ("r", ""), 0.0));
        }
        for question in &self.questions {
            notes.push(Note::new(Lane::Questions, Some("q"), &question.scenario, "", ("", ""), 0.0));
        }
        notes
    }
}

/// The lanes of a strip, in their order; those of parts as they come up.
fn lanes(strip: &[Vec<Note>]) -> Vec<Lane> {
    let all = || strip.iter().flatten().map(|note| &note.lane);
    let mut parts: Vec<Lane> = Vec::new();
    for lane in all().filter(|lane| matches!(lane, Lane::Events(_))) {
        if !parts.contains(lane) {
            parts.push(lane.clone());
        }
    }
    let order = [vec![Lane::Processes, Lane::Asked], parts, vec![Lane::Refused, Lane::Questions]].concat();
    order.into_iter().filter(|lane| all().any(|used| used == lane)).collect()
}

/// Draws a strip and gives its lower edge.
fn strip_of(strip: Vec<Vec<Note>>, top: f64, wide: f64, body: &mut String) -> f64 {
    let lanes = lanes(&strip);
    let mut columns: Vec<Vec<Placed>> = strip.iter().map(|_| Vec::new()).collect();
    let mut notes: Vec<Vec<Note>> = strip;
    let mut y = top;
    for lane in &lanes {
        let _ = writeln!(body, "<path class=\"w\" d=\"M{MARGIN:.1} {y:.1}H{:.1}\"/>", wide - MARGIN);
        let name = wrapped(&one_line(lane.name()), ((NAMES - 2.0 * PAD) / LETTER) as usize, TITLE, "n");
        write_lines(body, &name, MARGIN, y + GAP - 5.0, NAMES - PAD);
        let mut bottom = y + GAP + name.len() as f64 * LINE;
        for (number, (notes, placed)) in notes.iter_mut().zip(&mut columns).enumerate() {
            let left = MARGIN + NAMES + number as f64 * (COLUMN + GAP);
            let mut at = y + GAP;
            for note in notes.extract_if(.., |note| note.lane == *lane) {
                let (x, high) = (left + note.aside, note.height());
                let place = [x, at, COLUMN - note.aside, high];
                // Lines without a box stand closer together.
                at += high + if note.class.is_some() { GAP } else { -6.0 };
                placed.push(Placed { note, at: place });
            }
            bottom = bottom.max(if *lane == Lane::Refused { at + 8.0 } else { at });
        }
        y = bottom;
    }
    let _ = writeln!(body, "<path class=\"w\" d=\"M{MARGIN:.1} {y:.1}H{:.1}\"/>", wide - MARGIN);
    columns.iter().for_each(|column| draw(column, body));
    y
}

fn draw(column: &[Placed], body: &mut String) {
    for Placed { note, at: [x, y, wide, high] } in column {
        if let Some(class) = note.class {
            let _ = writeln!(
                body,
                "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{wide:.1}\" height=\"{high:.1}\" rx=\"5\"/>"
            );
        }
        write_lines(body, &note.lines, x + PAD, *y, wide - 2.0 * PAD);
    }
    let of = |lane: fn(&Lane) -> bool| {
        column
            .iter()
            .filter(move |placed| lane(&placed.note.lane))
            .map(|placed| placed.at)
            .collect::<Vec<_>>()
    };
    let (processes, asked, events) = (
        of(|lane| *lane == Lane::Processes),
        of(|lane| *lane == Lane::Asked),
        of(|lane| matches!(lane, Lane::Events(_))),
    );
    let mut arrow = |x: f64, from: f64, to: f64| {
        let _ = writeln!(body, "<path class=\"l\" marker-end=\"url(#a)\" d=\"M{x:.1} {from:.1}V{to:.1}\"/>");
    };
    let lower = |at: &[f64; 4]| at[1] + at[3];
    match (processes.first(), asked.last(), events.first()) {
        // From what it sees up to the process manager, beside the commands, and down to the first of them.
        (Some(process), _, first) => {
            if let Some(event) = first {
                arrow(process[0] + ASIDE / 2.0, event[1], lower(process));
            }
            if let Some(command) = asked.first() {
                arrow(command[0] + command[2] / 2.0, lower(process), command[1]);
            }
        }
        (None, Some(asked), Some(event)) => {
            let is_command = column.iter().any(|one| one.note.class.is_some_and(|class| class == "c"));
            let middle = asked[0] + asked[2] / 2.0;
            match is_command {
                true => arrow(middle, lower(asked), event[1]),
                false => arrow(middle, event[1], lower(asked)),
            }
        }
        _ => {}
    }
}

/// Writes the lines of a note, in this room.
fn write_lines(body: &mut String, lines: &[(String, &'static str)], x: f64, top: f64, room: f64) {
    for (number, (line, class)) in lines.iter().enumerate() {
        // What would be wider than its room is drawn narrower.
        let fit = match widest(line) > room {
            true => format!(" textLength=\"{room:.1}\" lengthAdjust=\"spacingAndGlyphs\""),
            false => String::new(),
        };
        let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
        let _ = writeln!(
            body,
            "<text{class} x=\"{x:.1}\" y=\"{:.1}\"{fit}>{}</text>",
            top + 5.0 + 11.5 + number as f64 * LINE,
            xml(line)
        );
    }
}

/// How wide a line is drawn at most, by its letters.
fn widest(line: &str) -> f64 {
    let letter = |char: char| match char {
        'i' | 'j' | 'l' | 't' | 'f' | 'r' | 'I' | ' ' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | '('
        | ')' => 4.6,
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 12.0,
        char if char.is_ascii_uppercase() => 9.0,
        char if char.is_ascii() => 7.4,
        char => 9.0 * width(char.encode_utf8(&mut [0; 4])).max(1) as f64,
    };
    line.chars().map(letter).sum()
}
