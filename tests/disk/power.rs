//! What a power cut leaves.

use super::{Change, Inode, Naming, Random, SECTOR, State};
use std::sync::Arc;

/// How much of what was not synced is lost.
#[derive(Clone, Copy)]
enum Loss {
    Nothing,
    Everything,
    /// What came last.
    Tail,
    /// Each part by itself, so that what came later may be there without what came before.
    Anything,
}

fn draw(random: &mut Random) -> Loss {
    match random.below(6) {
        0 => Loss::Nothing,
        1 => Loss::Everything,
        2 => Loss::Tail,
        _ => Loss::Anything,
    }
}

impl State {
    pub(super) fn lose(&mut self, random: &mut Random) {
        let renamed = std::mem::take(&mut self.renamed);
        let (loss, keep) = (draw(random), random.below(renamed.len() as u64 + 1) as usize);
        for (number, naming) in renamed.into_iter().enumerate() {
            let kept = match loss {
                Loss::Nothing => true,
                Loss::Everything => false,
                Loss::Tail => number < keep,
                Loss::Anything => random.one_in(2),
            };
            if kept {
                name(&mut self.durable_names, naming);
            }
        }
        self.names = self.durable_names.clone();
        for file in &mut self.files {
            if !file.changed.is_empty() {
                file.lose(random);
            }
            file.cached = file.durable.clone();
        }
    }
}

fn name(names: &mut std::collections::BTreeMap<String, usize>, naming: Naming) {
    match naming {
        Naming::Create(name, inode) => {
            names.insert(name, inode);
        }
        // One entry of the folder takes the place of the other at once, or not at all.
        Naming::Rename(from, to, inode) => {
            names.remove(&from);
            names.insert(to, inode);
        }
        Naming::Remove(name) => {
            names.remove(&name);
        }
    }
}

impl Inode {
    pub(super) fn lose(&mut self, random: &mut Random) {
        let changed = std::mem::take(&mut self.changed);
        let bytes = Arc::make_mut(&mut self.durable);
        let (loss, keep) = (draw(random), random.below(changed.len() as u64 + 1) as usize);
        for (number, change) in changed.into_iter().enumerate() {
            let kept = match loss {
                Loss::Nothing => true,
                Loss::Everything => false,
                Loss::Tail => number < keep,
                Loss::Anything => {
                    lose_sectors(&change, bytes, random);
                    continue;
                }
            };
            if kept {
                change.apply(bytes);
            }
        }
    }
}

/// Applies a change in part: each sector is kept, lost or torn, and the length may be kept without what stood there.
fn lose_sectors(change: &Change, bytes: &mut Vec<u8>, random: &mut Random) {
    let Change::Write(at, new) = change else {
        if random.one_in(2) {
            change.apply(bytes);
        }
        return;
    };
    let mut from = 0;
    while from < new.len() {
        let until = ((at + from) / SECTOR * SECTOR + SECTOR - at).min(new.len());
        let kept = match random.below(8) {
            0..=3 => until,
            4..=6 => from,
            // Torn: the disk got as far as here.
            _ => from + random.below((until - from) as u64 + 1) as usize,
        };
        if kept > from {
            Change::Write(at + from, new[from..kept].to_vec()).apply(bytes);
        }
        from = until;
    }
    if random.one_in(3) && bytes.len() < at + new.len() {
        bytes.resize(at + new.len(), 0);
    }
}
