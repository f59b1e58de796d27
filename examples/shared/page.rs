//! How an example prints its page.

use std::io::{self, Write};
use std::process::ExitCode;

/// Prints a page, and says how the program ends.
pub fn printed(program: &str, page: &str) -> ExitCode {
    match written(&mut io::stdout().lock(), page) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{program}: the page cannot be written: {error}");
            ExitCode::FAILURE
        }
    }
}

fn written(out: &mut dyn Write, page: &str) -> io::Result<()> {
    match out.write_all(page.as_bytes()).and_then(|()| out.flush()) {
        // A reader that has seen enough, such as `head`, closes the pipe.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        outcome => outcome,
    }
}

#[cfg(test)]
mod tests {
    use super::written;
    use std::io::{self, Write};

    struct Refusing(io::ErrorKind);

    impl Write for Refusing {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_has_seen_enough_is_no_failure() {
        assert!(written(&mut Refusing(io::ErrorKind::BrokenPipe), "page").is_ok());
        assert!(written(&mut Refusing(io::ErrorKind::StorageFull), "page").is_err());
    }
}
