//! The files of the page, which the program carries with it.

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

macro_rules! files {
    ($($name:literal $kind:ident,)+) => {
        &[$((concat!("/", $name), $kind, include_str!(concat!("../page/", $name))),)+]
    };
}

/// Path, type and text of each.
const FILES: &[(&str, &str, &str)] = files! {
    "index.html" HTML,
    "page.css" CSS,
    "places.css" CSS,
    "icon.svg" SVG,
    "main.js" SCRIPT,
    "dom.js" SCRIPT,
    "json.js" SCRIPT,
    "desk.js" SCRIPT,
    "question.js" SCRIPT,
    "story.js" SCRIPT,
    "address.js" SCRIPT,
    "play.js" SCRIPT,
    "why.js" SCRIPT,
    "form.js" SCRIPT,
    "time.js" SCRIPT,
    "tree.js" SCRIPT,
    "split.js" SCRIPT,
    "map.js" SCRIPT,
    "layout.js" SCRIPT,
    "lanes.js" SCRIPT,
    "chart.js" SCRIPT,
    "promises.js" SCRIPT,
    "write.js" SCRIPT,
    "matrix.js" SCRIPT,
    "keep.js" SCRIPT,
    "log.js" SCRIPT,
    "compare.js" SCRIPT,
};

/// The desk of a page in a file, in place of `desk.js`.
pub(super) const MACHINE_DESK: &str = include_str!("../page/machine-desk.js");

/// The desk of a page over a module in a file, and the script of its workers.
pub(super) const WORKER_DESK: &str = include_str!("../page/worker-desk.js");
pub(super) const WORKER: &str = include_str!("../page/worker.js");

/// The name and the text of every module but the desk.
pub(super) fn modules() -> impl Iterator<Item = (&'static str, &'static str)> {
    let modules = FILES.iter().filter(|(path, kind, _)| *kind == SCRIPT && *path != "/desk.js");
    modules.map(|(path, _, text)| (path.trim_start_matches('/'), *text))
}

/// The type and the text of the file at a path.
pub(super) fn file(path: &str) -> Option<(&'static str, &'static str)> {
    let path = if path == "/" { "/index.html" } else { path };
    FILES.iter().find(|(name, ..)| *name == path).map(|(_, kind, text)| (*kind, *text))
}
