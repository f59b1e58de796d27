//! A page in one file that runs the model itself, compiled to WebAssembly: `page --out FILE --wasm MODULE`.

use super::files::{WORKER, WORKER_DESK};
use super::page_file::{page_over, written};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

/// How every module of WebAssembly begins.
const MAGIC: &[u8] = b"\0asm";

/// Beside its scripts, the page compiles WebAssembly, and starts workers from a text of its own.
const ALLOWED: [&str; 2] = [" 'wasm-unsafe-eval'", "; worker-src blob:"];

/// Writes the page over a module into a file, as a whole or not at all.
pub(in crate::workbench) fn write_module_page(name: &str, module: &Path, out: &Path) -> ExitCode {
    written(name, page_of(module), out)
}

fn page_of(path: &Path) -> Result<String, String> {
    let path_shown = path.display();
    let module = fs::read(path).map_err(|error| format!("{path_shown} cannot be read: {error}"))?;
    if !module.starts_with(MAGIC) {
        return Err(format!(
            "{path_shown} is no module of WebAssembly, such as cargo writes for `wasm32-unknown-unknown`"
        ));
    }
    let packed = packed(&module).map_err(|error| format!("{path_shown} cannot be packed: {error}"))?;
    Ok(page_over(WORKER_DESK, &data(&base64(&packed)), ALLOWED))
}

/// The module and the script of the workers, neither of which the page runs itself.
fn data(module: &str) -> String {
    format!(
        "<script type=\"application/wasm\" id=\"module\">{module}</script>\n<script type=\"text/plain\" id=\"worker\">\n{WORKER}</script>"
    )
}

fn packed(module: &[u8]) -> io::Result<Vec<u8>> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(module)?;
    packed.finish()
}

/// Bytes as base64 (RFC 4648, section 4).
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let bits = three.iter().fold(0, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for digit in 0..4 {
            let is_filler = digit > three.len();
            let value = bits >> (6 * (3 - digit)) & 63;
            text.push(if is_filler { '=' } else { char::from(DIGITS[value as usize]) });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_written_as_the_standard_shows_them() {
        let examples = [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ];
        for (text, written) in examples {
            assert_eq!(base64(text.as_bytes()), written);
        }
        assert_eq!(base64(&[0xfb, 0xff, 0xbf]), "+/+/");
    }

    #[test]
    fn the_module_and_the_workers_script_are_data_and_the_page_may_run_both() {
        let page = page_over(WORKER_DESK, &data("AGFzbQ=="), ALLOWED);
        assert_eq!((page.matches("<script").count(), page.matches("</script>").count()), (3, 3));
        assert_eq!(page.matches("<script type=\"module\" nonce=").count(), 1);
        assert!(page.contains("<script type=\"application/wasm\" id=\"module\">AGFzbQ==</script>"));
        let policy = page.split("content=\"default-src 'none'; ").nth(1).unwrap().split('"').next().unwrap();
        let number = policy.split("nonce-").nth(1).unwrap().split('\'').next().unwrap();
        assert_eq!(
            policy,
            format!(
                "script-src 'nonce-{number}' 'wasm-unsafe-eval'; style-src 'nonce-{number}'; img-src data:; base-uri 'none'; form-action 'none'; worker-src blob:"
            )
        );
    }
}
