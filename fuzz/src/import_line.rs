use crate::folder::temporary;
use leftfold::log::verify;
use leftfold::workbench::log::call;
use std::fs;
use std::path::Path;

/// Lines that are imported: refused by number, or recorded in a whole log, whose export makes the same log again.
pub fn import_line(bytes: &[u8]) {
    let folder = temporary();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("lines"), bytes).expect("a file");
    // Anything else is a fault of the lines, and has been reported; what can be recorded was.
    let imported = import(&path("lines"), &path("first"), true);
    let verification = verify(path("first")).expect("there is a log");
    assert!(verification.is_whole(), "{verification:?}");
    let Ok(text) = imported else { return };

    let exported = export(&path("first"));
    let lines = exported.lines().count();
    assert_eq!(lines > 0, !text.starts_with("nothing recorded"), "{text}");
    fs::write(path("exported"), &exported).expect("a file");
    import(&path("exported"), &path("second"), false).expect("an export is imported");
    assert_eq!(export(&path("second")), exported, "an export makes the same log");
    // A second time, there is nothing new.
    let again = import(&path("exported"), &path("second"), false).expect("an export is imported twice");
    assert!(again.starts_with("nothing recorded"), "{again}");
    assert_eq!(export(&path("second")), exported, "what is imported twice is recorded once");
}

fn words(path: &Path) -> &str {
    path.to_str().expect("a name")
}

fn import(lines: &Path, log: &Path, keep_going: bool) -> Result<String, String> {
    let mut line = vec!["leftfold", "log", "import", words(lines), words(log)];
    line.extend(keep_going.then_some("--keep-going"));
    let mut out = Vec::new();
    let fine = call(&line, &mut out)?;
    let text = String::from_utf8(out).expect("text");
    if fine || keep_going { Ok(text) } else { Err(text) }
}

fn export(log: &Path) -> String {
    let mut out = Vec::new();
    call(&["leftfold", "log", "export", words(log)], &mut out).expect("a log is exported");
    String::from_utf8(out).expect("text")
}
