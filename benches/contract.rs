//! The case study at its full size: `cargo bench --bench contract`. It runs the program, each time as a process of its own,
//! so that the memory it tells is what it has needed.
#![allow(missing_docs)]

#[allow(dead_code)]
mod interleaved;

use interleaved::quantile;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const CUSTOMERS: u64 = 50_000;
const MANY: u64 = 1_000_000;
const ROUNDS: usize = 5;

/// Builds the program as a user would, and tells where it is.
fn built() -> PathBuf {
    let build = ["build", "--quiet", "--locked", "--release", "--example", "contract"];
    let built = Command::new(env!("CARGO")).args(build).current_dir(env!("CARGO_MANIFEST_DIR")).status();
    assert!(built.expect("cargo runs").success(), "the example does not build");
    let this = std::env::current_exe().expect("this program");
    let folder = this.parent().and_then(Path::parent).expect("a folder of programs");
    folder.join("examples").join("contract")
}

/// What it says of itself with `--time`.
fn told(program: &Path, line: &[&str]) -> String {
    let output = Command::new(program).args(line).arg("--time").output().expect("the program runs");
    assert!(output.status.success(), "{line:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// The number that stands behind these words.
fn number(told: &str, behind: &str) -> f64 {
    let rest = told.split_once(behind).unwrap_or_else(|| panic!("{behind:?} is not in {told:?}")).1;
    let number = rest.split_whitespace().next().expect("a number");
    number.parse().expect("a number")
}

/// Figures of one kind, of all rounds.
#[derive(Default)]
struct Figures(Vec<f64>);

impl Figures {
    fn median(&mut self) -> f64 {
        quantile(&mut self.0, 0.5)
    }

    fn most(&self) -> f64 {
        self.0.iter().copied().fold(0.0, f64::max)
    }
}

/// Seconds, milliseconds of a search, and megabytes.
#[derive(Default)]
struct Measured {
    import: Figures,
    projection: Figures,
    opening: Figures,
    search: Figures,
    memory: [Figures; 3],
}

fn measured(program: &Path, customers: u64, rounds: usize) -> Measured {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (export, data) = (path("shops.csv"), path("data"));
    told(program, &["generate", &export, "--customers", &customers.to_string()]);
    let mut measured = Measured::default();
    for _ in 0..rounds {
        if Path::new(&data).exists() {
            fs::remove_dir_all(&data).expect("the data is removed");
        }
        let import = told(program, &["--data", &data, "import", &export]);
        let projection = told(program, &["--data", &data, "project", "--once"]);
        let search = told(program, &["--data", &data, "search", "petra", "--limit", "1"]);
        measured.import.0.push(number(&import, "took "));
        measured.projection.0.push(number(&projection, "took "));
        measured.opening.0.push(number(&search, "opened in "));
        measured.search.0.push(number(&search, "customers in "));
        for (figures, told) in measured.memory.iter_mut().zip([import, projection, search]) {
            figures.0.push(number(&told, "with "));
        }
    }
    measured
}

fn head(what: &str) {
    println!("\n{what:<56} {:>12} {:>12}", "", "at most");
}

fn line(what: &str, value: f64, unit: &str, bar: f64) {
    let verdict = if value <= bar { "held" } else { "MISSED" };
    println!("{what:<56} {value:>9.1} {unit:<2} {bar:>9.1} {unit:<2} {verdict}");
}

fn main() {
    if !interleaved::measuring() {
        return;
    }
    let program = built();
    let mut few = measured(&program, CUSTOMERS, ROUNDS);
    head(&format!("{CUSTOMERS} customers, medians of {ROUNDS} runs, and the most memory"));
    line("import, one sync for each 1,000 rows", few.import.median(), "s", 5.0);
    for (what, memory) in ["import", "projection", "search"].iter().zip(&few.memory) {
        line(&format!("memory of the {what}"), memory.most(), "MB", 300.0);
    }
    line("open the log and load the index", few.opening.median(), "ms", 400.0);
    line("search", few.search.median(), "ms", 20.0);

    let mut many = measured(&program, MANY, 1);
    head(&format!("a row of {MANY} beside one of {CUSTOMERS}"));
    let more = MANY as f64 / CUSTOMERS as f64;
    line("import", many.import.median() / few.import.median() / more, "x", 1.5);
    line("projection", many.projection.median() / few.projection.median() / more, "x", 1.5);
}
