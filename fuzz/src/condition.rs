use crate::folder::temporary;
use leftfold::workbench::log::call;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;
use tempfile::TempDir;

/// A log with awkward names and contents.
static LOG: LazyLock<TempDir> = LazyLock::new(|| {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden/log-awkward");
    let folder = temporary();
    for entry in fs::read_dir(golden).expect("the golden log") {
        let entry = entry.expect("a file");
        fs::copy(entry.path(), folder.path().join(entry.file_name())).expect("a copy");
    }
    folder
});

static ALL: LazyLock<String> = LazyLock::new(|| shown(&[]).expect("the log is shown"));

fn shown(conditions: &[String]) -> Result<String, String> {
    let folder = LOG.path().to_str().expect("a name");
    let mut line = vec!["leftfold", "log", "show", folder, "--json"];
    line.extend(conditions.iter().map(String::as_str));
    let mut out = Vec::new();
    call(&line, &mut out).map(|_| String::from_utf8(out).expect("text"))
}

/// A condition of `leftfold log`: refused with a sentence, or it chooses lines of the log, in their order; said twice, it chooses the
/// same.
pub fn condition(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let condition = format!("--where={text}");
    match shown(std::slice::from_ref(&condition)) {
        Ok(chosen) => {
            let mut all = ALL.lines();
            assert!(
                chosen.lines().all(|line| all.any(|other| other == line)),
                "{text:?} shows what is not there"
            );
            assert_eq!(shown(&[condition.clone(), condition]).as_ref(), Ok(&chosen), "{text:?}");
        }
        Err(sentence) => {
            assert!(sentence.trim().len() > 10, "{text:?} is refused without a reason: {sentence:?}")
        }
    }
}
