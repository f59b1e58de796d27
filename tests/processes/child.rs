//! Processes of their own: the test's program again, told by its environment what to do.
#![allow(dead_code)] // not every test starts them in the same way

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// What a process is to do, and where.
const TASK: &str = "LEFTFOLD_TASK";
const FOLDER: &str = "LEFTFOLD_FOLDER";

/// Starts a process, which runs the ignored test `a_process_of_its_own`.
pub(crate) fn process(task: &str, folder: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_process_of_its_own", "--ignored", "--nocapture", "--test-threads", "1"])
        .env(TASK, task)
        .env(FOLDER, folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap()
}

/// What this process is to do, and where, if it is such a one.
pub(crate) fn told() -> Option<(String, PathBuf)> {
    Some((std::env::var(TASK).ok()?, std::env::var(FOLDER).ok()?.into()))
}

/// Says a line to the parent. The harness of tests says others.
pub(crate) fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    // Nobody listens any more when the parent is gone.
    let _ = out.write_all(format!("\n#{line}\n").as_bytes()).and_then(|()| out.flush());
}
