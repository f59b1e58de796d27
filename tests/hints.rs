//! What the compiler says of a model that does not fit says what to do: each file of `hints` is refused with the sentences in its
//! first lines.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

/// The library as this test was linked with it: the newest beside the test.
fn library() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let beside = fs::read_dir(test.parent().unwrap()).unwrap().map(|entry| entry.unwrap().path());
    let libraries = beside.filter(|path| {
        let name = path.file_name().unwrap().to_string_lossy();
        name.starts_with("libleftfold-") && name.ends_with(".rlib")
    });
    let changed = |path: &PathBuf| {
        fs::metadata(path).and_then(|file| file.modified()).unwrap_or(SystemTime::UNIX_EPOCH)
    };
    libraries.max_by_key(changed).expect("the library is built before its tests")
}

/// What the compiler prints about a file, and whether it accepts it.
fn compiled(file: &Path, library: &Path) -> (bool, String) {
    let out = tempfile::tempdir().unwrap();
    let output = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
        .args(["--edition", "2024", "--crate-type", "lib", "--emit", "metadata", "--color", "never"])
        .arg("--out-dir")
        .arg(out.path())
        .arg("-L")
        .arg(format!("dependency={}", library.parent().unwrap().display()))
        .arg("--extern")
        .arg(format!("leftfold={}", library.display()))
        .arg(file)
        .output()
        .unwrap();
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn the_compiler_says_what_to_do() {
    let library = library();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hints");
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 5);
    for file in files {
        let source = fs::read_to_string(&file).unwrap();
        let (accepted, said) = compiled(&file, &library);
        assert!(!accepted, "{} compiles", file.display());
        for hint in source.lines().map_while(|line| line.strip_prefix("//~ ")) {
            assert!(said.contains(hint), "{}: \"{hint}\" is not in\n{said}", file.display());
        }
        assert!(!said.contains("E0433") && !said.contains("E0432") && !said.contains("E0460"), "{said}");
    }
}

#[test]
fn a_model_that_fits_compiles_as_these_files_are_compiled() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("fits.rs");
    fs::write(
        &file,
        "use leftfold::{Decider, decider};\n\
         fn counter() -> impl Decider<Command = u8, Event = u8, Rejection = (), State: Clone> {\n\
             decider(|| 0u8, |n: &u8, _: &u8| Ok::<_, ()>(vec![*n]), |sum, n: &u8| sum + n)\n\
         }\n\
         pub fn many() { let _ = counter().many::<u32>(); }\n",
    )
    .unwrap();
    let (accepted, said) = compiled(&file, &library());
    assert!(accepted, "{said}");
}
