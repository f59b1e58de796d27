//! The file log keeps every promise of an event store.

mod promises {
    use leftfold::codec::Codec;
    use leftfold::conformance::{Fact, Holding};
    use leftfold::log::FileLog;
    use tempfile::TempDir;

    fn make() -> Holding<FileLog<Fact>, TempDir> {
        let folder = tempfile::tempdir().unwrap();
        Holding::new(FileLog::open(folder.path(), Codec::new().unwrap()).unwrap(), folder)
    }

    leftfold::conformance!(make);
}
