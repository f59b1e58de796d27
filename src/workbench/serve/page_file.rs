//! A page in one file, which plays an explored model without the model: `page --out FILE`.

use super::files::{self, MACHINE_DESK};
use super::joined::joined;
use crate::desk::OnDesk;
use crate::model::{Model, replace_file};
use crate::page::one_line;
use std::path::Path;
use std::process::ExitCode;
use xxhash_rust::xxh3::xxh3_128;

/// Writes the page of a model into a file, as a whole or not at all.
pub(in crate::workbench) fn write_page<D: OnDesk>(model: &Model<D>, out: &Path) -> ExitCode {
    let page = model.tables().map(|tables| page_of(&tables));
    written(model.name(), page.map_err(|why| one_line(&why)), out)
}

/// Writes a page that was made into a file, or says why there is none.
pub(super) fn written(name: &str, page: Result<String, String>, out: &Path) -> ExitCode {
    let name = one_line(name);
    let page = match page {
        Ok(page) => page,
        Err(why) => {
            eprintln!("{name}: there is no page in a file: {why}");
            return ExitCode::FAILURE;
        }
    };
    match replace_file::write(out, page.as_bytes()) {
        Ok(()) => {
            println!("{name}: open {} in a browser ({} kB)", out.display(), page.len().div_ceil(1000));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{name}: {} cannot be written: {error}", out.display());
            ExitCode::FAILURE
        }
    }
}

/// The page with everything that it needs, over these tables.
fn page_of(tables: &str) -> String {
    // Within JSON, `<` stands in texts alone. So nothing in them ends the element, or begins a comment.
    let tables = tables.replace('<', "\\u003c");
    let tables = format!("<script type=\"application/json\" id=\"tables\">{tables}</script>");
    page_over(MACHINE_DESK, &tables, ["", ""])
}

/// The page over a desk that reads these elements of data. `allowed` is what its scripts may do beside running, and what else is allowed.
pub(super) fn page_over(desk: &'static str, data: &str, allowed: [&str; 2]) -> String {
    let text = |path| files::file(path).map_or("", |(_, text)| text);
    let modules: Vec<_> = files::modules().chain([("desk.js", desk)]).collect();
    let script = joined(&modules, "main.js");
    // Nothing runs and nothing is styled but what carries this number. It is made of the whole content, so no text of a model knows it.
    let number = format!("{:032x}", xxh3_128(format!("{script}{data}").as_bytes()));
    let [scripts, more] = allowed;
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{number}'{scripts}; style-src 'nonce-{number}'; img-src data:; base-uri 'none'; form-action 'none'{more}"
    );
    let icon = text("/icon.svg").replace('%', "%25").replace('#', "%23").replace('"', "'");
    let icon = icon.replace('<', "%3C").replace('>', "%3E");
    let style = |path| format!("<style nonce=\"{number}\">\n{}</style>", text(path));
    let inline = [
        (
            "<meta name=\"color-scheme\"",
            format!(
                "<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n<meta name=\"color-scheme\""
            ),
        ),
        ("href=\"icon.svg\"", format!("href=\"data:image/svg+xml,{}\"", icon.trim())),
        ("<link rel=\"stylesheet\" href=\"page.css\">", style("/page.css")),
        ("<link rel=\"stylesheet\" href=\"places.css\">", style("/places.css")),
        (
            "<script type=\"module\" src=\"main.js\"></script>",
            format!("<script type=\"module\" nonce=\"{number}\">\n{script}</script>"),
        ),
        // Last, so that nothing is replaced in the data.
        ("</body>", format!("{data}\n</body>")),
    ];
    inline.iter().fold(text("/").to_string(), |page, (part, by)| page.replacen(part, by, 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The contents of the elements that begin like this.
    fn elements<'p>(page: &'p str, begin: &str, end: &str) -> Vec<&'p str> {
        page.split(begin).skip(1).map(|rest| rest.split(end).next().unwrap()).collect()
    }

    #[test]
    fn everything_is_in_the_file_and_runs_under_its_number_alone() {
        let page = page_of("{}");
        assert!(!page.contains(" src=") && !page.contains("rel=\"stylesheet\""), "nothing is loaded");
        assert!(page.contains("default-src 'none'; script-src 'nonce-"), "{page}");
        let scripts = elements(&page, "<script", ">");
        assert_eq!(scripts.len(), 2, "{scripts:?}");
        assert!(scripts[0].contains("nonce=") && scripts[1] == " type=\"application/json\" id=\"tables\"");
        assert_eq!(elements(&page, "<style nonce=", ">").len(), 2);
        assert!(page.contains("href=\"data:image/svg+xml,%3Csvg"), "{page}");
        assert_ne!(
            elements(&page, "nonce-", "'")[0],
            elements(&page_of("[1]"), "nonce-", "'")[0],
            "another page has another number"
        );
    }

    #[test]
    fn texts_of_a_model_end_no_element_and_are_read_back() {
        let wild = "</script><!-- <script> ]]> </body> nonce-0 src=\"main.js\" \u{2028} \\u003c";
        let tables = serde_json::to_string(&[wild]).unwrap();
        let page = page_of(&tables);
        assert_eq!(page.matches("</script>").count(), 2);
        assert_eq!(page.matches("<!--").count(), 0);
        let text = elements(&page, "id=\"tables\">", "</script>")[0];
        assert_eq!(serde_json::from_str::<[String; 1]>(text).unwrap(), [wild]);
        assert!(page.ends_with("</script>\n</body>\n</html>\n"), "{}", &page[page.len() - 60..]);
    }
}
