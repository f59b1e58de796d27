//! A fingerprint of the model and the desk, so that an old page and a newer server notice each other.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let example = here.join("../../../examples/contract");
    let mut files = Vec::new();
    for (name, place) in
        [("model.rs", example.join("model.rs")), ("model", example.join("model")), ("desk", here.join("src"))]
    {
        println!("cargo::rerun-if-changed={}", place.display());
        collect(name, &place, &mut files)?;
    }
    files.sort();
    let mut hash = Fnv::new();
    for (name, place) in files {
        let content = fs::read(place)?;
        hash.take(name.as_bytes());
        hash.take(&(content.len() as u64).to_le_bytes());
        hash.take(&content);
    }
    println!("cargo::rustc-env=CONTRACT_MODEL={:016x}", hash.0);
    Ok(())
}

/// All files at or below a place, under names that do not depend on the machine.
fn collect(name: &str, place: &Path, files: &mut Vec<(String, PathBuf)>) -> io::Result<()> {
    if !place.is_dir() {
        files.push((name.to_string(), place.to_path_buf()));
        return Ok(());
    }
    for entry in fs::read_dir(place)? {
        let entry = entry?;
        collect(&format!("{name}/{}", entry.file_name().to_string_lossy()), &entry.path(), files)?;
    }
    Ok(())
}

/// FNV-1a in 64 bits: it notices changes, and need not withstand anybody.
struct Fnv(u64);

impl Fnv {
    fn new() -> Fnv {
        Fnv(0xcbf2_9ce4_8422_2325)
    }

    fn take(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
