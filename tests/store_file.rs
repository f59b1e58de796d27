//! The file log keeps every promise of an event store.

mod promises {
    use leftfold::codec::Codec;
    use leftfold::conformance::{Fact, StoreWithGuard};
    use leftfold::log::FileLog;
    use tempfile::TempDir;

    fn make() -> StoreWithGuard<FileLog<Fact>, TempDir> {
        let folder = tempfile::tempdir().unwrap();
        StoreWithGuard::new(FileLog::open(folder.path(), Codec::new().unwrap()).unwrap(), folder)
    }

    leftfold::conformance!(make);
}
