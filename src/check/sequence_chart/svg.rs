//! A sequence chart as SVG, in the colours of the reader's page.

use super::{Arrival, ChartRow, MAX_TEXT, SequenceChart};
use crate::page::markup::xml;
use crate::page::{cut, fitted};
use std::fmt::Write as _;

/// The width of a column of text, at most on average.
const COLUMN: f64 = 7.3;
const LINE: f64 = 15.0;
const HEAD: f64 = 30.0;
const MARGIN: f64 = 14.0;
/// The longest name of a participant, in columns.
const NAME: usize = 30;

const STYLE: &str = "\
.b{fill:#eef2fb;stroke:#41609c;stroke-width:1.4}.v{stroke:#9aa3b2;stroke-width:1;stroke-dasharray:2 4}.l{fill:none;stroke:#3a4352;stroke-width:1.4}\
.g{stroke-dasharray:5 4}.x{fill:none;stroke:#b0561a;stroke-width:1.6}.h{fill:#3a4352}\
text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;fill:#1c2230;font-size:12.5px}.n{font-weight:600;text-anchor:middle}.o{fill:#8f4310}.i{font-style:italic}\
@media(prefers-color-scheme:dark){.b{fill:#1d2738;stroke:#8fb0ee}.v{stroke:#5f6b7e}.l{stroke:#c3cad6}.x{stroke:#f0a36a}.h{fill:#c3cad6}text{fill:#e8ecf3}.o{fill:#f3b588}}";

impl SequenceChart {
    /// The chart as SVG: an answer is dashed, and a lost message is an arrow that ends in a cross. It has no background, and light or
    /// dark lines as its reader prefers.
    pub fn to_svg(&self) -> String {
        let columns: Vec<f64> =
            self.columns().iter().map(|column| *column as f64 * COLUMN + MARGIN + 30.0).collect();
        let mut body = String::new();
        let mut y = MARGIN + HEAD + 18.0;
        let mut right = columns.last().copied().unwrap_or(0.0) + 60.0;
        for row in &self.rows {
            let (text, class) = match row {
                ChartRow::Message { text, arrival, .. } => match arrival {
                    Arrival::Lost | Arrival::Again => (arrival.with(text), "o"),
                    Arrival::Arrived | Arrival::Answer => (arrival.with(text), ""),
                },
                ChartRow::Note { text, .. } => (text.clone(), "i"),
            };
            let left = match row {
                ChartRow::Message { from, to, .. } => columns[*from.min(to)] + 12.0,
                ChartRow::Note { at, .. } => columns[*at] + 10.0,
            };
            for line in fitted(&text, MAX_TEXT) {
                let line = line.trim();
                right = right.max(left + crate::page::width(line) as f64 * COLUMN + MARGIN);
                let _ = writeln!(
                    body,
                    "<text class=\"{class}\" x=\"{left:.1}\" y=\"{y:.1}\">{}</text>",
                    xml(line)
                );
                y += LINE;
            }
            match row {
                ChartRow::Message { from, to, arrival, .. } => {
                    arrow(&mut body, (columns[*from], columns[*to]), y - LINE + 6.0, *arrival);
                    y += 18.0;
                }
                ChartRow::Note { .. } => y += 6.0,
            }
        }
        let high = y + MARGIN;
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{right:.0}\" height=\"{high:.0}\" viewBox=\"0 0 {right:.0} {high:.0}\" role=\"img\">\n\
             <title>{}</title>\n<style>{STYLE}</style>\n<defs><marker id=\"a\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" markerWidth=\"7\" \
             markerHeight=\"7\" orient=\"auto\"><path class=\"h\" d=\"M0 0L10 5L0 10z\"/></marker></defs>\n",
            xml(&format!("A sequence chart of {}", self.participants.join(", "))),
        );
        for (name, x) in self.participants.iter().zip(&columns) {
            let name = cut(name, NAME);
            let wide = crate::page::width(&name) as f64 * COLUMN + 18.0;
            let _ = writeln!(
                svg,
                "<path class=\"v\" d=\"M{x:.1} {:.1}V{:.1}\"/><rect class=\"b\" x=\"{:.1}\" y=\"{MARGIN}\" width=\"{wide:.1}\" height=\"{HEAD}\" rx=\"7\"/>\
                 <text class=\"n\" x=\"{x:.1}\" y=\"{:.1}\">{}</text>",
                MARGIN + HEAD,
                high - MARGIN / 2.0,
                x - wide / 2.0,
                MARGIN + HEAD / 2.0 + 4.5,
                xml(&name),
            );
        }
        svg + &body + "</svg>\n"
    }
}

/// The arrow of a message, from one line to another.
fn arrow(body: &mut String, (from, to): (f64, f64), y: f64, arrival: Arrival) {
    let _ = match arrival {
        Arrival::Lost => {
            // It ends before the other line.
            let end = to + (from - to) * 0.18;
            writeln!(
                body,
                "<path class=\"l\" d=\"M{from:.1} {y:.1}H{end:.1}\"/><path class=\"x\" d=\"M{:.1} {:.1}l10 10m0 -10l-10 10\"/>",
                end - 5.0,
                y - 5.0,
            )
        }
        arrival => {
            let dashed = if arrival == Arrival::Answer { " g" } else { "" };
            writeln!(
                body,
                "<path class=\"l{dashed}\" marker-end=\"url(#a)\" d=\"M{from:.1} {y:.1}H{to:.1}\"/>"
            )
        }
    };
}
