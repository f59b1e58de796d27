//! Shops that might be: an export as the legacy system would write it, the same for the same seed.

use super::Table;
use std::io::{self, Write};

/// What is to be made.
#[derive(Clone, Copy, Debug)]
pub struct Order {
    pub table: Table,
    pub format: Format,
    pub customers: u32,
    /// So many of the rows are broken, spread over the file.
    pub broken: u32,
    pub seed: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    Csv,
    Xml,
}

const FIRST: [&str; 24] = [
    "Petra", "Alex", "Ruth", "Jürgen", "Ayşe", "Marie", "Paul", "Claire", "Emil", "Zoë", "Søren", "Łucja",
    "Hanna", "Noah", "Ida", "Mateo", "Greta", "Ben", "Olga", "Karl", "Lea", "Tom", "Rosa", "Hugo",
];
const LAST: [&str; 24] = [
    "Schmidt", "Weber", "Koch", "Öztürk", "Wagner", "Dubois", "Novák", "Hansen", "Kowalska", "Berg", "Rossi",
    "Keller", "Vogel", "Lang", "Huber", "Peeters", "Bauer", "Winter", "Sommer", "Brandt", "Stein", "Wolf",
    "Fuchs", "Adler",
];
const KINDS: [&str; 12] = [
    "Moden",
    "Fashion",
    "Mode & Mehr",
    "Boutique",
    "Trends",
    "Textil",
    "Damenmoden",
    "Herrenausstatter",
    "Couture",
    "Kleiderhaus",
    "Jeans, Hemden",
    "Outlet",
];
const STREETS: [&str; 10] = [
    "Hauptstraße",
    "Bahnhofstraße",
    "Marktplatz",
    "Zeil",
    "Königsallee",
    "Lange Gasse",
    "Ringstraße",
    "Am Tor",
    "Schillerstraße",
    "Neuer Weg",
];
const CITIES: [(&str, &str); 16] = [
    ("10115", "Berlin"),
    ("20095", "Hamburg"),
    ("80331", "München"),
    ("50667", "Köln"),
    ("60311", "Frankfurt"),
    ("70173", "Stuttgart"),
    ("40213", "Düsseldorf"),
    ("04109", "Leipzig"),
    ("44135", "Dortmund"),
    ("45127", "Essen"),
    ("28195", "Bremen"),
    ("01067", "Dresden"),
    ("30159", "Hannover"),
    ("90402", "Nürnberg"),
    ("48143", "Münster"),
    ("76133", "Karlsruhe"),
];
const MANAGERS: [&str; 8] = [
    "Alex Berg",
    "Ruth Stein",
    "Emil Vogel",
    "Greta Lang",
    "Hugo Winter",
    "Ida Koch",
    "Karl Huber",
    "Lea Adler",
];

/// Writes an export.
///
/// # Errors
/// When it cannot be written.
pub fn write(order: Order, out: &mut impl Write) -> io::Result<()> {
    let Order { table, format, customers, broken, .. } = order;
    match format {
        Format::Csv => writeln!(out, "{}", table.columns().join(","))?,
        Format::Xml => writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<export>")?,
    }
    let mut faults = 0;
    for number in 1..=customers {
        let values = values(table, number, &mut Dice::of(order.seed, number));
        // The k-th broken row stands behind k / broken of all rows; the first row is whole.
        let breaks = number > 1 && faults < broken && due(number, customers, broken) > faults;
        if breaks {
            faults += 1;
        }
        match (format, breaks) {
            (Format::Csv, false) => row(out, &values)?,
            (Format::Csv, true) => broken_row(out, faults, number, &values)?,
            (Format::Xml, breaks) => element(out, table, breaks.then_some(faults), number, &values)?,
        }
    }
    if format == Format::Xml {
        writeln!(out, "</export>")?;
    }
    Ok(())
}

/// How many broken rows should stand among the first `number` rows.
fn due(number: u32, customers: u32, broken: u32) -> u32 {
    let share = u64::from(number) * u64::from(broken);
    u32::try_from(share.div_ceil(u64::from(customers))).unwrap_or(u32::MAX)
}

fn values(table: Table, number: u32, dice: &mut Dice) -> Vec<String> {
    let (first, last) = (dice.pick(&FIRST), dice.pick(&LAST));
    let mut values = vec![number.to_string()];
    match table {
        Table::Basic => {
            let kind = dice.pick(&KINDS);
            let name = match dice.up_to(12) {
                0 => format!("{kind} \"{first}\""),
                1..=4 => format!("{kind} {last}"),
                5 | 6 => format!("{first} & {last} {kind}"),
                _ => format!("{first} {last} {kind}"),
            };
            let (postcode, city) = *dice.pick(&CITIES);
            let street = format!("{} {}", dice.pick(&STREETS), 1 + dice.up_to(120));
            let segment = match dice.up_to(10) {
                0 => "department-store",
                1 | 2 => "chain",
                3 | 4 => "online",
                _ => "boutique",
            };
            values.extend([name, street, postcode.into(), city.into(), segment.into()]);
        }
        Table::Invoice => {
            let host = last.to_lowercase().replace(|letter: char| !letter.is_ascii_alphanumeric(), "");
            let format = if dice.up_to(3) == 0 { "xml" } else { "pdf" };
            values.extend([format!("rechnung{number}@{host}.example"), format.into()]);
        }
        Table::Deskware => {
            let area = 40 + dice.up_to(900);
            let turnover = area * (400 + dice.up_to(2_000));
            values.extend([dice.pick(&MANAGERS).to_string(), area.to_string(), turnover.to_string()]);
        }
    }
    values
}

fn row(out: &mut impl Write, values: &[String]) -> io::Result<()> {
    let quoted: Vec<String> = values.iter().map(|value| quoted(value)).collect();
    writeln!(out, "{}", quoted.join(","))
}

fn quoted(value: &str) -> String {
    match value.contains([',', '"']) {
        true => format!("\"{}\"", value.replace('"', "\"\"")),
        false => value.to_string(),
    }
}

/// Each kind of fault in turn; each is one entry that fails.
fn broken_row(out: &mut impl Write, fault: u32, number: u32, values: &[String]) -> io::Result<()> {
    let mut values = values.to_vec();
    match fault % 6 {
        1 => {
            // As a system that speaks Latin-1 would write it.
            write!(out, "{number},")?;
            out.write_all(b"M\xfcller")?;
            for value in &values[2..] {
                write!(out, ",{}", quoted(value))?;
            }
            writeln!(out)
        }
        2 => {
            values.pop();
            row(out, &values)
        }
        3 => {
            values[1] = format!("{}\nInh. Müller", values[1].replace('"', ""));
            let rest: Vec<String> = values[2..].iter().map(|value| quoted(value)).collect();
            writeln!(out, "{number},\"{}\",{}", values[1], rest.join(","))
        }
        4 => {
            values[0] = "1".to_string();
            row(out, &values)
        }
        5 => {
            values[0] = format!("K{number}");
            row(out, &values)
        }
        _ => {
            writeln!(out, "{number},\"{}", values[1..].join(",").replace('"', ""))
        }
    }
}

fn element(
    out: &mut impl Write,
    table: Table,
    fault: Option<u32>,
    number: u32,
    values: &[String],
) -> io::Result<()> {
    write!(out, "  <{}>", table.name())?;
    for (at, (column, value)) in table.columns().iter().zip(values).enumerate() {
        let value = match (fault.map(|fault| fault % 3), at) {
            (Some(1), 0) => format!("K{number}"),
            (Some(2), 0) => "1".to_string(),
            (Some(0), 1) => continue,
            _ => value.replace('&', "&amp;").replace('<', "&lt;"),
        };
        write!(out, "<{column}>{value}</{column}>")?;
    }
    writeln!(out, "</{}>", table.name())
}

/// Numbers that look like chance, and are the same every time (splitmix64; Steele, Lea and Flood, 2014).
struct Dice(u64);

impl Dice {
    fn of(seed: u64, number: u32) -> Dice {
        Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (u64::from(number) << 20))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Below `end`.
    fn up_to(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        let at = self.up_to(of.len() as u64);
        &of[usize::try_from(at).unwrap_or(0)]
    }
}
