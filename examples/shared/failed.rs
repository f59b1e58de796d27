//! What an example says when it cannot go on.

use leftfold::page::{printable, with_sources};
use std::error::Error;
use std::process::ExitCode;

/// Says why, with all causes that the sentence does not name itself, and how the program ends.
pub fn failed(program: &str, error: &dyn Error) -> ExitCode {
    eprintln!("{program}: {}", printable(&with_sources(error)));
    ExitCode::FAILURE
}

#[cfg(test)]
mod tests {
    use leftfold::page::with_sources;
    use std::fmt;
    use std::io;

    #[derive(Debug)]
    struct Outer(&'static str, io::Error);

    impl fmt::Display for Outer {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }
    }

    impl std::error::Error for Outer {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            Some(&self.1)
        }
    }

    #[test]
    fn every_cause_is_said_once() {
        let missing = || io::Error::new(io::ErrorKind::NotFound, "there is no such file");
        assert_eq!(
            with_sources(&Outer("the log cannot be opened", missing())),
            "the log cannot be opened: there is no such file"
        );
        let whole = "the log cannot be opened: there is no such file";
        assert_eq!(with_sources(&Outer(whole, missing())), whole);
    }
}
