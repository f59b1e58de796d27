//! A folder of files, as everything that is kept in files uses one. [`Folder`] is a real one; tests use a simulated disk.

use std::any::Any;
use std::fs::{self, File, FileType, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// The identity of a file, independent of its name: two identities are equal if the file is the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileIdentity {
    device: u64,
    number: u64,
}

impl FileIdentity {
    /// The file of this number on this device.
    pub fn new(device: u64, number: u64) -> FileIdentity {
        FileIdentity { device, number }
    }
}

/// A stamp of a folder, which changes when the folder or a file in it is made, removed or renamed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FolderStamp {
    folder: FileIdentity,
    /// In nanoseconds since 1970.
    changed: i128,
}

impl FolderStamp {
    /// The stamp of this folder, whose names were changed at this time, in nanoseconds since 1970.
    pub fn new(folder: FileIdentity, changed: i128) -> FolderStamp {
        FolderStamp { folder, changed }
    }

    /// Whether the next change is sure to give another stamp: the clock of a file system ticks only every few milliseconds.
    pub(super) fn is_settled(&self) -> bool {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as i128);
        now - self.changed > TICK
    }
}

/// The longest tick of the clock of a file system, in nanoseconds.
const TICK: i128 = 50_000_000;

/// A folder that is locked until this is dropped.
pub trait LockedFolder: Send + Sync {
    /// The stamp of the folder, which is quicker to get than the identities of several files; `None` if the storage has none.
    ///
    /// # Errors
    /// What the system says.
    fn stamp(&self) -> io::Result<Option<FolderStamp>> {
        Ok(None)
    }
}

/// A folder that cannot be locked.
impl LockedFolder for () {}

/// A folder of files, with the operations that a log needs.
pub trait Storage: Send + Sync {
    /// The path of the folder, for sentences.
    fn place(&self) -> String;

    /// The names of its files.
    ///
    /// # Errors
    /// What the system says.
    fn list(&self) -> io::Result<Vec<String>>;

    /// Opens a file that is there, to be read alone or to be written too.
    ///
    /// # Errors
    /// What the system says; [`io::ErrorKind::NotFound`] when it is not there.
    fn open(&self, name: &str, write: bool) -> io::Result<Box<dyn StorageFile>>;

    /// Makes an empty file, in place of one that may be there.
    ///
    /// # Errors
    /// What the system says.
    fn create(&self, name: &str) -> io::Result<Box<dyn StorageFile>>;

    /// Gives a file another name, in place of one that may be there.
    ///
    /// # Errors
    /// What the system says.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;

    /// Removes a file.
    ///
    /// # Errors
    /// What the system says.
    fn remove(&self, name: &str) -> io::Result<()>;

    /// Makes durable which files there are, and under which names.
    ///
    /// # Errors
    /// What the system says.
    fn sync_folder(&self) -> io::Result<()>;

    /// Locks a file, made if need be, for this process alone, as long as the answer lives; `None` when it is locked
    /// elsewhere.
    ///
    /// # Errors
    /// What the system says.
    fn lock(&self, name: &str) -> io::Result<Option<Box<dyn Any + Send + Sync>>>;

    /// Locks the folder itself in the same way, with a lock that nobody can remove. The default implementation locks nothing,
    /// and neither does a storage that cannot.
    ///
    /// # Errors
    /// What the system says.
    fn lock_folder(&self) -> io::Result<Option<Box<dyn LockedFolder>>> {
        Ok(Some(Box::new(())))
    }

    /// The file that has this name now; `None` if the storage does not know.
    ///
    /// # Errors
    /// What the system says; [`io::ErrorKind::NotFound`] when there is none.
    fn identity(&self, name: &str) -> io::Result<Option<FileIdentity>> {
        let _ = name;
        Ok(None)
    }
}

/// An open file of a [`Storage`].
pub trait StorageFile: Send + Sync {
    /// Reads at most as many bytes as there is room for; 0 at the end.
    ///
    /// # Errors
    /// What the system says.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;

    /// Writes some of these bytes, and says how many.
    ///
    /// # Errors
    /// What the system says.
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize>;

    /// Makes durable what was written, and the length.
    ///
    /// # Errors
    /// What the system says; nobody knows then what is durable.
    fn sync(&self) -> io::Result<()>;

    /// Cuts the file to this length.
    ///
    /// # Errors
    /// What the system says.
    fn truncate(&self, length: u64) -> io::Result<()>;

    /// How long it is, in bytes.
    ///
    /// # Errors
    /// What the system says.
    fn length(&self) -> io::Result<u64>;

    /// The identity of this file; `None` if the storage does not know.
    ///
    /// # Errors
    /// What the system says.
    fn identity(&self) -> io::Result<Option<FileIdentity>> {
        Ok(None)
    }
}

/// Writes all of these bytes.
pub(super) fn write_all(file: &dyn StorageFile, mut bytes: &[u8], mut offset: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        match file.write_at(bytes, offset) {
            Ok(0) => return Err(io::Error::new(io::ErrorKind::WriteZero, "nothing more is written")),
            Ok(written) => {
                bytes = &bytes[written..];
                offset += written as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Reads until the buffer is full or the file ends, and says how many bytes that were.
pub(super) fn read_full(file: &dyn StorageFile, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut read = 0;
    while read < buffer.len() {
        match file.read_at(&mut buffer[read..], offset + read as u64) {
            Ok(0) => break,
            Ok(more) => read += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(read)
}

/// Reads a whole file that is known to be small: at most `most` bytes of it.
pub(crate) fn read_small(storage: &dyn Storage, name: &str, most: u64) -> io::Result<Option<Vec<u8>>> {
    let file = match storage.open(name, false) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let length = usize::try_from(file.length()?.min(most)).unwrap_or(usize::MAX);
    let mut bytes = vec![0; length];
    let read = read_full(&*file, &mut bytes, 0)?;
    bytes.truncate(read);
    Ok(Some(bytes))
}

/// Writes a file so that it is there whole and durable, or not at all.
pub(crate) fn write_whole(
    storage: &dyn Storage,
    name: &str,
    bytes: &[u8],
) -> io::Result<Box<dyn StorageFile>> {
    let file = write_beside(storage, name, bytes)?;
    put_in_place(storage, name)?;
    Ok(file)
}

/// The first half of [`write_whole`]: writes the bytes durably beside the file.
pub(crate) fn write_beside(
    storage: &dyn Storage,
    name: &str,
    bytes: &[u8],
) -> io::Result<Box<dyn StorageFile>> {
    let file = storage.create(&format!("{name}{UNFINISHED}"))?;
    write_all(&*file, bytes, 0)?;
    file.sync()?;
    Ok(file)
}

/// The second half: puts the bytes that were written beside the file in its place, durably.
pub(crate) fn put_in_place(storage: &dyn Storage, name: &str) -> io::Result<()> {
    storage.rename(&format!("{name}{UNFINISHED}"), name)?;
    storage.sync_folder()
}

/// The other second half: removes the bytes that were written beside the file.
pub(crate) fn take_away(storage: &dyn Storage, name: &str) -> io::Result<()> {
    storage.remove(&format!("{name}{UNFINISHED}"))
}

/// The end of the name of a file while it is being written.
pub(super) const UNFINISHED: &str = ".unfinished";

/// Makes a folder if there is none, and makes its name durable: without that, its files would not outlive a power cut.
pub(crate) fn make_folder(path: &Path) -> io::Result<()> {
    let missing: Vec<&Path> = path.ancestors().take_while(|above| !above.exists()).collect();
    fs::create_dir_all(path)?;
    if cfg!(unix) {
        for made in missing.iter().copied().chain([path]) {
            let above = made.parent().filter(|above| !above.as_os_str().is_empty());
            match File::open(above.unwrap_or(Path::new("."))) {
                Ok(above) => above.sync_all()?,
                // Without the permission to read a folder, it cannot be synced either.
                Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}

/// A folder of the file system.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// This folder, which has to be there.
    pub fn at(path: impl Into<PathBuf>) -> Folder {
        Folder(path.into())
    }
}

impl Storage for Folder {
    fn place(&self) -> String {
        self.0.display().to_string()
    }

    fn list(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.0)? {
            // A name that is no text is none of ours.
            names.extend(entry?.file_name().into_string().ok());
        }
        Ok(names)
    }

    fn open(&self, name: &str, write: bool) -> io::Result<Box<dyn StorageFile>> {
        self.regular(name)?;
        let mut options = OpenOptions::new();
        options.read(true).write(write);
        if write {
            not_to_be_removed(&mut options);
        }
        Ok(Box::new(options.open(self.0.join(name))?))
    }

    fn create(&self, name: &str) -> io::Result<Box<dyn StorageFile>> {
        self.regular_or_new(name)?;
        let options = OpenOptions::new().read(true).write(true).create(true).truncate(true).clone();
        Ok(Box::new(options.open(self.0.join(name))?))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.0.join(from), self.0.join(to))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.0.join(name))
    }

    fn sync_folder(&self) -> io::Result<()> {
        // Other systems make names durable without being asked, and cannot be asked.
        if cfg!(unix) { File::open(&self.0)?.sync_all() } else { Ok(()) }
    }

    fn lock(&self, name: &str) -> io::Result<Option<Box<dyn Any + Send + Sync>>> {
        self.regular_or_new(name)?;
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        not_to_be_removed(&mut options);
        for _ in 0..LOCK_ATTEMPTS {
            let file = options.open(self.0.join(name))?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(error)) => return Err(error),
            }
            // Removed after it was opened and before it was locked, it keeps nobody out.
            if self.identity(name).is_ok_and(|there| file.identity().is_ok_and(|held| held == there)) {
                return Ok(Some(Box::new(LockedFile(file))));
            }
        }
        Err(io::Error::other(format!("`{name}` is removed again and again")))
    }

    #[cfg(unix)]
    fn lock_folder(&self) -> io::Result<Option<Box<dyn LockedFolder>>> {
        let folder = File::open(&self.0)?;
        match folder.try_lock() {
            Ok(()) => Ok(Some(Box::new(LockedFile(folder)))),
            Err(TryLockError::WouldBlock) => Ok(None),
            // Some file systems, those of a network among them, lock files alone.
            Err(TryLockError::Error(_)) => Ok(Some(Box::new(()))),
        }
    }

    #[cfg(unix)]
    fn identity(&self, name: &str) -> io::Result<Option<FileIdentity>> {
        Ok(Some(identity_of(&fs::metadata(self.0.join(name))?)))
    }
}

/// How often a lock file is made again that somebody removes.
const LOCK_ATTEMPTS: u32 = 10;

impl Folder {
    /// Refuses what is no file: opening a named pipe would wait for somebody to write to it.
    fn regular(&self, name: &str) -> io::Result<()> {
        let found = fs::metadata(self.0.join(name))?.file_type();
        if found.is_file() {
            return Ok(());
        }
        let why = format!("`{name}` is {}, where a log has a file; move it elsewhere", kind_of(found));
        Err(io::Error::new(io::ErrorKind::InvalidInput, why))
    }

    fn regular_or_new(&self, name: &str) -> io::Result<()> {
        match self.regular(name) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            found => found,
        }
    }
}

fn kind_of(file: FileType) -> &'static str {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if file.is_fifo() {
            return "a named pipe";
        }
        if file.is_socket() {
            return "a socket";
        }
        if file.is_block_device() || file.is_char_device() {
            return "a device";
        }
    }
    if file.is_dir() { "a folder" } else { "no file" }
}

/// Windows can refuse to remove or replace a file that is open; elsewhere, its [identity](StorageFile::identity) shows it.
#[cfg(windows)]
fn not_to_be_removed(options: &mut OpenOptions) {
    use std::os::windows::fs::OpenOptionsExt;
    const READ_AND_WRITE: u32 = 1 | 2;
    options.share_mode(READ_AND_WRITE);
}

#[cfg(not(windows))]
fn not_to_be_removed(_: &mut OpenOptions) {}

#[cfg(unix)]
fn identity_of(file: &fs::Metadata) -> FileIdentity {
    use std::os::unix::fs::MetadataExt;
    FileIdentity::new(file.dev(), file.ino())
}

/// Whether a call failed because the process, or the system, has too many files open.
pub(super) fn out_of_descriptors(error: &io::Error) -> bool {
    // EMFILE and ENFILE; ERROR_TOO_MANY_OPEN_FILES.
    let codes: &[i32] = if cfg!(windows) { &[4] } else { &[24, 23] };
    error.raw_os_error().is_some_and(|code| codes.contains(&code))
}

/// A file or a folder that is locked.
struct LockedFile(File);

#[cfg(unix)]
impl LockedFolder for LockedFile {
    fn stamp(&self) -> io::Result<Option<FolderStamp>> {
        use std::os::unix::fs::MetadataExt;
        let folder = self.0.metadata()?;
        let time =
            |seconds: i64, nanoseconds: i64| i128::from(seconds) * 1_000_000_000 + i128::from(nanoseconds);
        let changed =
            time(folder.mtime(), folder.mtime_nsec()).max(time(folder.ctime(), folder.ctime_nsec()));
        Ok(Some(FolderStamp::new(identity_of(&folder), changed)))
    }
}

impl Drop for LockedFile {
    fn drop(&mut self) {
        // Closing the file would do, were it not for a process that is being started at this very moment: until it is, it
        // has the file open too.
        let _ = self.0.unlock();
    }
}

impl StorageFile for File {
    #[cfg(unix)]
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(self, buffer, offset)
    }

    #[cfg(windows)]
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        std::os::windows::fs::FileExt::seek_read(self, buffer, offset)
    }

    #[cfg(unix)]
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        std::os::unix::fs::FileExt::write_at(self, bytes, offset)
    }

    #[cfg(windows)]
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        std::os::windows::fs::FileExt::seek_write(self, bytes, offset)
    }

    fn sync(&self) -> io::Result<()> {
        self.sync_data()
    }

    fn truncate(&self, length: u64) -> io::Result<()> {
        self.set_len(length)
    }

    fn length(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    #[cfg(unix)]
    fn identity(&self) -> io::Result<Option<FileIdentity>> {
        Ok(Some(identity_of(&self.metadata()?)))
    }
}
