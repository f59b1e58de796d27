//! The modules of the page as one script, for a file: a browser loads no module from beside a file.

use std::fmt::Write as _;

/// Joins modules, each a name and a text, to one script that begins with what `main` needs and ends with `main`. Each other module
/// becomes a function that returns what it exports, so their own names stay apart.
///
/// It reads modules as ours are written: an import is one line, `import { a, b } from './name.js';`, and a declaration that is exported
/// begins its line.
pub(super) fn joined<'t>(modules: &[(&'t str, &'t str)], main: &str) -> String {
    let mut script = String::new();
    add(modules, main, true, &mut script, &mut Vec::new());
    script
}

fn add<'t>(
    modules: &[(&'t str, &'t str)],
    name: &str,
    is_main: bool,
    script: &mut String,
    added: &mut Vec<&'t str>,
) {
    let Some((name, text)) = modules.iter().find(|(known, _)| *known == name) else { return };
    if added.contains(name) {
        return;
    }
    added.push(name);
    let (mut body, mut exports) = (String::new(), Vec::new());
    for line in text.lines() {
        if let Some((names, from)) = import(line) {
            add(modules, from, false, script, added);
            let _ = writeln!(body, "const {{ {names} }} = {};", variable(from));
            continue;
        }
        let declared = line.strip_prefix("export ");
        exports.extend(declared.and_then(declared_name));
        body.push_str(declared.unwrap_or(line));
        body.push('\n');
    }
    let _ = match is_main {
        true => write!(script, "{body}"),
        false => {
            writeln!(
                script,
                "const {} = (() => {{\n{body}return {{ {} }};\n}})();",
                variable(name),
                exports.join(", ")
            )
        }
    };
}

/// The names that a line imports, and the module that they are from.
fn import(line: &str) -> Option<(&str, &str)> {
    let (names, from) = line.strip_prefix("import { ")?.split_once(" } from './")?;
    Some((names, from.strip_suffix("';")?))
}

/// The name that `const NAME = …`, `function NAME(` or `class NAME ` declares.
fn declared_name(declaration: &str) -> Option<&str> {
    let after = ["const ", "function ", "async function ", "class "]
        .iter()
        .find_map(|keyword| declaration.strip_prefix(keyword))?;
    let end = after.find(|c: char| !(c.is_alphanumeric() || "_$".contains(c)))?;
    Some(&after[..end])
}

/// What a module is called in the script.
fn variable(module: &str) -> String {
    format!("${}", module.trim_end_matches(".js").replace(|c: char| !c.is_alphanumeric(), "_"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workbench::serve::files;

    #[test]
    fn modules_become_functions_in_the_order_in_which_they_are_needed() {
        let modules = [
            ("main.js", "import { b, B } from './b-c.js';\nimport { a } from './a.js';\nb(a);\n"),
            ("a.js", "const own = 1;\nexport const a = own;\n"),
            (
                "b-c.js",
                "import { a } from './a.js';\nconst own = 2;\nexport async function b(x) {\n}\nexport class B {}\n",
            ),
            ("unused.js", "export const c = 3;\n"),
        ];
        assert_eq!(
            joined(&modules, "main.js"),
            "\
const $a = (() => {
const own = 1;
const a = own;
return { a };
})();
const $b_c = (() => {
const { a } = $a;
const own = 2;
async function b(x) {
}
class B {}
return { b, B };
})();
const { b, B } = $b_c;
const { a } = $a;
b(a);
"
        );
    }

    #[test]
    fn nothing_of_the_page_is_left_to_be_imported() {
        for desk in [files::MACHINE_DESK, files::WORKER_DESK] {
            nothing_is_imported_over(desk);
        }
    }

    fn nothing_is_imported_over(desk: &'static str) {
        let modules: Vec<_> = files::modules().chain([("desk.js", desk)]).collect();
        let script = joined(&modules, "main.js");
        for line in script.lines() {
            assert!(!line.starts_with("import ") && !line.starts_with("export "), "{line}");
        }
        assert!(!script.contains("</"), "the script would end there");
        for (name, text) in &modules {
            let exports = text.lines().filter(|line| line.starts_with("export ")).count();
            let exported = script.split(&format!("const {} = (() => {{\n", variable(name))).nth(1);
            let returned =
                exported.and_then(|after| after.split("\nreturn { ").nth(1)?.split(" };\n})();").next());
            let returned = returned.map_or(0, |names| names.split(", ").count());
            assert_eq!(returned, if *name == "main.js" { 0 } else { exports }, "{name}");
        }
    }
}
