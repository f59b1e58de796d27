//! The disk as a process sees it.

use super::{Call, Change, Disk, Inode, Naming, State, Trouble};
use leftfold::log::{FileIdentity, LockedFolder, Storage, StorageFile};
use std::any::Any;
use std::io;
use std::sync::MutexGuard;

fn dead() -> io::Error {
    io::Error::other("the process is dead (simulated)")
}

impl Disk {
    /// Begins a call: of a process that is dead, none is done. A write at which the process dies may be done in part, which
    /// is what the second answer says.
    fn begin(&self, call: Call) -> io::Result<(MutexGuard<'_, State>, Option<Trouble>)> {
        let mut state = self.state();
        if state.dead || state.process != self.process {
            return Err(dead());
        }
        if call.changes() {
            let change = state.changes;
            state.changes += 1;
            if state.dies_at == Some(change) {
                state.dead = true;
                return if call == Call::Write { Ok((state, Some(Trouble::Short))) } else { Err(dead()) };
            }
        }
        let opens = matches!(call, Call::Open | Call::Create | Call::SyncFolder | Call::Lock);
        match state.trouble(call) {
            // A file that is open is written to without another descriptor.
            Some(Trouble::Descriptors) if !opens => Ok((state, None)),
            Some(Trouble::Short) if matches!(call, Call::Read | Call::Write) => {
                Ok((state, Some(Trouble::Short)))
            }
            Some(trouble) if trouble != Trouble::Short => {
                if call == Call::Sync {
                    return Ok((state, Some(trouble)));
                }
                Err(trouble.error())
            }
            _ => Ok((state, None)),
        }
    }
}

/// An open file: the file itself, whatever it is called by now.
struct Handle {
    disk: Disk,
    inode: usize,
    writable: bool,
}

impl Storage for Disk {
    fn place(&self) -> String {
        "disk".to_string()
    }

    fn list(&self) -> io::Result<Vec<String>> {
        let (state, _) = self.begin(Call::List)?;
        Ok(state.names.keys().cloned().collect())
    }

    fn open(&self, name: &str, write: bool) -> io::Result<Box<dyn StorageFile>> {
        let (state, _) = self.begin(Call::Open)?;
        let inode = *state.names.get(name).ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        Ok(Box::new(Handle { disk: self.clone(), inode, writable: write }))
    }

    fn create(&self, name: &str) -> io::Result<Box<dyn StorageFile>> {
        let (mut state, _) = self.begin(Call::Create)?;
        let inode = match state.names.get(name).copied() {
            Some(inode) => {
                state.files[inode].change(Change::Truncate(0));
                inode
            }
            None => {
                let inode = state.files.len();
                state.files.push(Inode::default());
                state.names.insert(name.to_string(), inode);
                state.renamed.push(Naming::Create(name.to_string(), inode));
                inode
            }
        };
        Ok(Box::new(Handle { disk: self.clone(), inode, writable: true }))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let (mut state, _) = self.begin(Call::Rename)?;
        let inode = state.names.remove(from).ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        state.names.insert(to.to_string(), inode);
        state.renamed.push(Naming::Rename(from.to_string(), to.to_string(), inode));
        Ok(())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let (mut state, _) = self.begin(Call::Remove)?;
        state.names.remove(name).ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        state.renamed.push(Naming::Remove(name.to_string()));
        Ok(())
    }

    fn sync_folder(&self) -> io::Result<()> {
        let (mut state, _) = self.begin(Call::SyncFolder)?;
        state.durable_names = state.names.clone();
        state.renamed.clear();
        Ok(())
    }

    fn lock(&self, name: &str) -> io::Result<Option<Box<dyn Any + Send + Sync>>> {
        let (mut state, _) = self.begin(Call::Lock)?;
        let inode = match state.names.get(name).copied() {
            Some(inode) => inode,
            None => {
                let inode = state.files.len();
                state.files.push(Inode::default());
                state.names.insert(name.to_string(), inode);
                state.renamed.push(Naming::Create(name.to_string(), inode));
                inode
            }
        };
        let held = self.hold(&mut state, Some(inode));
        Ok(held.map(|held| Box::new(held) as Box<dyn Any + Send + Sync>))
    }

    fn lock_folder(&self) -> io::Result<Option<Box<dyn LockedFolder>>> {
        let (mut state, _) = self.begin(Call::Lock)?;
        let held = self.hold(&mut state, None);
        Ok(held.map(|held| Box::new(held) as Box<dyn LockedFolder>))
    }

    fn identity(&self, name: &str) -> io::Result<Option<FileIdentity>> {
        let (state, _) = self.begin(Call::Identity)?;
        let inode = *state.names.get(name).ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        Ok(Some(FileIdentity::new(0, inode as u64)))
    }
}

impl Disk {
    fn hold(&self, state: &mut State, inode: Option<usize>) -> Option<Held> {
        state.locked.insert(inode).then(|| Held { disk: self.clone(), inode })
    }
}

/// A lock that is held.
struct Held {
    disk: Disk,
    inode: Option<usize>,
}

impl LockedFolder for Held {}

impl Drop for Held {
    fn drop(&mut self) {
        let mut state = self.disk.state();
        // The lock of a dead process went with it, and may be another's by now.
        if state.process == self.disk.process {
            state.locked.remove(&self.inode);
        }
    }
}

impl StorageFile for Handle {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let (state, short) = self.disk.begin(Call::Read)?;
        let bytes = &state.files[self.inode].cached;
        let from = usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
        let mut count = buffer.len().min(bytes.len() - from);
        if short.is_some() {
            count = count.div_ceil(3);
        }
        buffer[..count].copy_from_slice(&bytes[from..from + count]);
        Ok(count)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        assert!(self.writable, "a file opened for reading is not written to");
        let (mut state, short) = self.disk.begin(Call::Write)?;
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        let mut count = bytes.len();
        if short.is_some() {
            count =
                if state.dead { state.random.below(count as u64 + 1) as usize } else { count.div_ceil(3) };
        }
        if let Some(room) = state.room {
            let length = state.files[self.inode].cached.len();
            let left = usize::try_from(room.saturating_sub(state.used())).unwrap_or(usize::MAX);
            count = count.min((length + left).saturating_sub(offset));
            if count == 0 && !bytes.is_empty() {
                return Err(Trouble::Full.error());
            }
        }
        if count > 0 {
            state.files[self.inode].change(Change::Write(offset, bytes[..count].to_vec()));
        }
        let (outcome, slow) = (if state.dead { Err(dead()) } else { Ok(count) }, state.slow_write);
        drop(state);
        if !slow.is_zero() {
            std::thread::sleep(slow);
        }
        outcome
    }

    fn sync(&self) -> io::Result<()> {
        let (mut state, trouble) = self.disk.begin(Call::Sync)?;
        let (then, slow) = (state.behind_sync.take(), state.slow);
        let synced = match trouble {
            Some(trouble) => {
                let state = &mut *state;
                state.files[self.inode].sync_failed(&mut state.random);
                Err(trouble.error())
            }
            None => {
                state.files[self.inode].sync();
                Ok(())
            }
        };
        drop(state);
        if !slow.is_zero() {
            std::thread::sleep(slow);
        }
        if let Some(then) = then {
            then();
        }
        synced
    }

    fn truncate(&self, length: u64) -> io::Result<()> {
        let (mut state, _) = self.disk.begin(Call::Truncate)?;
        state.files[self.inode].change(Change::Truncate(usize::try_from(length).unwrap_or(usize::MAX)));
        Ok(())
    }

    fn length(&self) -> io::Result<u64> {
        let (state, _) = self.disk.begin(Call::Length)?;
        Ok(state.files[self.inode].cached.len() as u64)
    }

    fn identity(&self) -> io::Result<Option<FileIdentity>> {
        let _alive = self.disk.begin(Call::Identity)?;
        Ok(Some(FileIdentity::new(0, self.inode as u64)))
    }
}
