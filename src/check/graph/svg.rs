//! A state diagram as SVG, in the colours of the reader's page.

use super::layout::{Arrow, Placed, Size, place};
use super::{Edge, Graph, NamedOutcome};
use crate::page::markup::xml;
use crate::page::{cut, width};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The longest line of a text, in columns.
const LONGEST: usize = 72;
/// How many steps the label of a line has at most.
const MOST_LINES: usize = 12;
/// How wide a column is at most, on average: of names, and of labels.
const NAME: f64 = 8.2;
const LABEL: f64 = 6.9;
/// The height of a line.
const LINE: f64 = 16.0;
const BOX: f64 = 34.0;
const MARGIN: f64 = 14.0;
/// The room for the dot at which everything begins.
const BEGIN: f64 = 30.0;

const STYLE: &str = "\
.b{fill:#eef2fb;stroke:#41609c;stroke-width:1.4}.f{stroke-width:2.6}.l{fill:none;stroke:#5b6472;stroke-width:1.3}.d{stroke-dasharray:5 4;stroke:#b0561a}\
text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;fill:#1c2230}.n{font-size:14px;font-weight:600;text-anchor:middle}\
.t{font-size:12px}.o{fill:#8f4310}.r{font-style:italic}.h{fill:#5b6472}.w{fill:#b0561a}\
@media(prefers-color-scheme:dark){.b{fill:#1d2738;stroke:#8fb0ee}.l{stroke:#a3adbd}.d{stroke:#f0a36a}text{fill:#e8ecf3}.o{fill:#f3b588}.h{fill:#a3adbd}.w{fill:#f0a36a}}";

/// All steps between two classes that are drawn as one line.
struct Drawn<'g> {
    from: &'g str,
    to: &'g str,
    specified: bool,
    lines: Label,
}

/// The label of a line: each text, and whether it is a refusal.
type Label = Vec<(String, bool)>;

impl Graph {
    /// The graph as SVG; `refusals` adds refused commands. Lines that a scenario takes are solid, the others dashed; refusals are in
    /// italics. It has no background, and light or dark lines as its reader prefers.
    pub fn to_svg(&self, refusals: bool) -> String {
        let states: Vec<&str> = std::iter::once(self.first.as_str())
            .chain(self.states.iter().map(String::as_str).filter(|state| *state != self.first))
            .collect();
        let drawn = self.drawn(refusals);
        let number: BTreeMap<&str, usize> = states.iter().copied().zip(0..).collect();
        let names: Vec<String> = states.iter().map(|state| cut(state, LONGEST).into_owned()).collect();
        let sizes: Vec<Size> = names
            .iter()
            .map(|name| Size { width: (columns(name) * NAME + 28.0).max(64.0), height: BOX })
            .collect();
        let arrows: Vec<Arrow> = drawn
            .iter()
            .map(|edge| {
                let widest = edge.lines.iter().map(|(line, _)| columns(line)).fold(0.0, f64::max);
                let label =
                    Size { width: widest * LABEL + 12.0, height: edge.lines.len() as f64 * LINE + 6.0 };
                Arrow { from: number[edge.from], to: number[edge.to], label }
            })
            .collect();
        let placed = place(&sizes, &arrows);
        self.written(&names, &sizes, &drawn, &placed)
    }

    /// The lines of the drawing, each with the steps that it stands for.
    fn drawn(&self, refusals: bool) -> Vec<Drawn<'_>> {
        let mut lines: BTreeMap<(&str, &str, bool), Label> = BTreeMap::new();
        for edge in self.shown(refusals) {
            let key = (edge.from.as_str(), edge.to.as_str(), !edge.scenarios.is_empty());
            lines.entry(key).or_default().push((said(edge), edge.came.is_refused()));
        }
        let drawn = |((from, to, specified), mut lines): ((_, _, _), Label)| {
            if lines.len() > MOST_LINES {
                let more = lines.split_off(MOST_LINES - 1).len();
                lines.push((format!("and {more} more"), false));
            }
            Drawn { from, to, specified, lines }
        };
        lines.into_iter().map(drawn).collect()
    }

    fn written(&self, names: &[String], sizes: &[Size], drawn: &[Drawn<'_>], placed: &Placed) -> String {
        let (wide, high) = (placed.width + 2.0 * MARGIN, placed.height + 2.0 * MARGIN + BEGIN);
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{wide:.0}\" height=\"{high:.0}\" viewBox=\"0 0 {wide:.0} {high:.0}\" role=\"img\">\n\
             <title>{}</title>\n<style>{STYLE}</style>\n<defs>",
            xml(&format!("{}, from {}", crate::page::count(names.len(), "state", "states"), self.first)),
        );
        for (id, class) in [("a", "h"), ("u", "w")] {
            let _ = write!(
                svg,
                "<marker id=\"{id}\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto-start-reverse\">\
                 <path class=\"{class}\" d=\"M0 0L10 5L0 10z\"/></marker>"
            );
        }
        let _ = writeln!(svg, "</defs>\n<g transform=\"translate({MARGIN} {:.0})\">", MARGIN + BEGIN);
        if let Some((x, y)) = placed.boxes.first() {
            let top = y - sizes[0].height / 2.0;
            let _ = writeln!(
                svg,
                "<circle class=\"h\" cx=\"{x:.1}\" cy=\"{:.1}\" r=\"5\"/><path class=\"l\" marker-end=\"url(#a)\" d=\"M{x:.1} {:.1}V{top:.1}\"/>",
                top - BEGIN + 5.0,
                top - BEGIN + 10.0,
            );
        }
        for (edge, (points, (x, y))) in drawn.iter().zip(&placed.arrows) {
            let (class, marker) = if edge.specified { ("l", "a") } else { ("l d", "u") };
            let way = if edge.from == edge.to { bulge(points) } else { curve(points) };
            let _ = writeln!(svg, "<path class=\"{class}\" marker-end=\"url(#{marker})\" d=\"{way}\"/>");
            for (i, (line, refused)) in edge.lines.iter().enumerate() {
                let (open, italic) =
                    (if edge.specified { "" } else { " o" }, if *refused { " r" } else { "" });
                let (x, y) = (x + 8.0, y + 15.0 + i as f64 * LINE);
                let _ = writeln!(
                    svg,
                    "<text class=\"t{open}{italic}\" x=\"{x:.1}\" y=\"{y:.1}\">{}</text>",
                    xml(line)
                );
            }
        }
        for (number, (name, ((x, y), size))) in names.iter().zip(placed.boxes.iter().zip(sizes)).enumerate() {
            let first = if number == 0 { " f" } else { "" };
            let _ = writeln!(
                svg,
                "<rect class=\"b{first}\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"9\"/>\
                 <text class=\"n\" x=\"{x:.1}\" y=\"{:.1}\">{}</text>",
                x - size.width / 2.0,
                y - size.height / 2.0,
                size.width,
                size.height,
                y + 5.0,
                xml(name),
            );
        }
        svg + "</g>\n</svg>\n"
    }
}

fn columns(text: &str) -> f64 {
    width(text) as f64
}

fn said(edge: &Edge) -> String {
    let said = match &edge.came {
        NamedOutcome::Refused(name) => format!("{} ✗ {name}", edge.command),
        came => format!("{} → {came}", edge.command),
    };
    cut(&said, LONGEST).into_owned()
}

/// A smooth line through these points, upright at each of them.
fn curve(points: &[(f64, f64)]) -> String {
    let mut way = format!("M{:.1} {:.1}", points[0].0, points[0].1);
    for pair in points.windows(2) {
        let ((x, y), (to_x, to_y)) = (pair[0], pair[1]);
        if (x - to_x).abs() < 0.05 {
            let _ = write!(way, "V{to_y:.1}");
        } else {
            let middle = (y + to_y) / 2.0;
            let _ = write!(way, "C{x:.1} {middle:.1} {to_x:.1} {middle:.1} {to_x:.1} {to_y:.1}");
        }
    }
    way
}

/// A line from a box to itself, out to the second point and back.
fn bulge(points: &[(f64, f64)]) -> String {
    let [(x, up), (out, middle), (_, down)] = points[..] else { return String::new() };
    format!(
        "M{x:.1} {up:.1}C{out:.1} {up:.1} {out:.1} {up:.1} {out:.1} {middle:.1}C{out:.1} {down:.1} {out:.1} {down:.1} {x:.1} {down:.1}"
    )
}
