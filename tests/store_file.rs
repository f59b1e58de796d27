//! The file log keeps every promise of an event store.

mod promises {
    use leftfold::store::FileLog;
    use leftfold::store::codec::Codec;
    use leftfold::store::conformance::{Fact, Holding};
    use tempfile::TempDir;

    fn make() -> Holding<FileLog<Fact>, TempDir> {
        let folder = tempfile::tempdir().unwrap();
        Holding::new(FileLog::open(folder.path(), Codec::new().unwrap()).unwrap(), folder)
    }

    leftfold::store::conformance!(make);
}
