//! What an example says when it cannot go on.

use leftfold::page::printable;
use std::error::Error;
use std::process::ExitCode;

/// Says why, with all causes that the sentence does not name itself, and how the program ends.
pub fn failed(program: &str, error: &dyn Error) -> ExitCode {
    eprintln!("{program}: {}", printable(&sentence(error)));
    ExitCode::FAILURE
}

fn sentence(error: &dyn Error) -> String {
    let mut sentence = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let why = cause.to_string();
        if !sentence.contains(&why) {
            sentence = format!("{sentence}: {why}");
        }
        source = cause.source();
    }
    sentence
}

#[cfg(test)]
mod tests {
    use super::sentence;
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
            sentence(&Outer("the log cannot be opened", missing())),
            "the log cannot be opened: there is no such file"
        );
        let whole = "the log cannot be opened: there is no such file";
        assert_eq!(sentence(&Outer(whole, missing())), whole);
    }
}
