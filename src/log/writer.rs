//! The log of an open writer: the journal for the thread that leads a commit, the index for every thread.

use super::commit::{Committed, GroupCommit};
use super::index_file;
use super::journal::{Failed, Journal};
use super::judge::{Judgement, Round};
use super::mutex::lock;
use super::open_files::OpenFiles;
use super::open_log::OpenLog;
use super::origin::Origin;
use super::request::{AppendResult, PreparedRequest, Request};
use crate::recorded::EventId;
use crate::store::AppendError;
use crate::store::clock_and_ids::{Clock, IdPrefix, IdSource};
use crate::store::repeated_batch::made_ids;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex};

pub(super) struct Writer {
    group: GroupCommit<PreparedRequest, AppendResult>,
    pub(super) journal: Mutex<Journal>,
    pub(super) log: Mutex<OpenLog>,
    pub(super) files: Arc<OpenFiles>,
    /// Notified when the log has grown.
    pub(super) grown: Condvar,
    clock: Clock,
    /// Where ids come from, if the log does not make them.
    ids: Option<IdSource>,
    /// Where batches are agreed upon, if this is a replica.
    pub(super) origin: Option<Arc<dyn Origin>>,
}

impl Writer {
    pub(super) fn new(
        journal: Journal,
        log: OpenLog,
        clock: Clock,
        ids: Option<IdSource>,
        origin: Option<Arc<dyn Origin>>,
    ) -> Self {
        Writer {
            group: GroupCommit::<PreparedRequest, AppendResult>::default(),
            files: journal.files.clone(),
            journal: Mutex::new(journal),
            log: Mutex::new(log),
            grown: Condvar::new(),
            clock,
            ids,
            origin,
        }
    }

    /// Appends, alone or together with other threads.
    pub(super) fn append(&self, request: Request) -> AppendResult {
        let (at, ids) = ((self.clock)(), made_ids(&request.writes, self.ids.as_ref()));
        let answer =
            self.group.append(PreparedRequest { request, at, ids }, &mut |requests| self.commit(requests));
        answer.unwrap_or(Err(AppendError::Empty))
    }

    /// Commits requests, and catches a panic: the storage may be the user's, and a panic in it may leave the index and the
    /// files half written. The writer then takes no more events.
    fn commit(&self, requests: Vec<PreparedRequest>) -> Committed<AppendResult> {
        let ids: Vec<Vec<EventId>> = requests.iter().map(|prepared| prepared.request.given_ids()).collect();
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let mut journal = lock(&self.journal);
            match &self.origin {
                Some(origin) => self.serve_replica(&mut journal, &**origin, requests),
                None => self.serve(&mut journal, requests),
            }
        }));
        match outcome {
            Ok(answers) => Committed { answers, panic: None },
            Err(panic) => {
                let why = "the leader of a commit panicked";
                lock(&self.journal).poison(why);
                let unknown =
                    |ids| Err(AppendError::Unknown { doing: why.to_string(), ids, why: why.to_string() });
                Committed { answers: ids.into_iter().map(unknown).collect(), panic: Some(panic) }
            }
        }
    }

    /// Serves requests in order, and answers each.
    fn serve(&self, journal: &mut Journal, requests: Vec<PreparedRequest>) -> Vec<AppendResult> {
        let mut answers = Vec::with_capacity(requests.len());
        let mut left = requests.into_iter().peekable();
        while left.peek().is_some() {
            if let Some(why) = &journal.poisoned {
                answers.extend(left.map(|_| Err(AppendError::Poisoned { why: why.clone() })));
                break;
            }
            if journal.is_full() {
                match journal.roll() {
                    Ok(segment) => lock(&self.log).segments.push_back(segment),
                    Err(failed) => {
                        match failed.undone {
                            true => answers.extend(left.next().map(|prepared| {
                                // A batch that is recorded already needs no space.
                                let mut log = lock(&self.log);
                                Round::new(journal, &mut log)
                                    .recorded(&prepared.request)
                                    .unwrap_or_else(|| Err(failed.as_append_error()))
                            })),
                            false => journal.poison(&failed.sentence()),
                        }
                        continue;
                    }
                }
            }
            self.round(journal, &mut left, &mut answers);
        }
        answers
    }

    /// Serves as many requests as the segment takes: judges them, writes them, and makes them durable together.
    fn round(
        &self,
        journal: &mut Journal,
        left: &mut impl Iterator<Item = PreparedRequest>,
        answers: &mut Vec<AppendResult>,
    ) {
        let mut log = lock(&self.log);
        let (head_before, end_before) = (log.index.head(), journal.end);
        journal.buffer.clear();
        let mut judgements = Vec::new();
        let mut round = Round::new(journal, &mut log);
        while !round.journal.is_full() {
            let Some(prepared) = left.next() else { break };
            let judgement = round.judge(&prepared);
            judgements.push((prepared, judgement));
        }
        drop(log);
        if journal.buffer.is_empty() {
            answers.extend(judgements.into_iter().map(|(_, judgement)| judgement.answer()));
            return;
        }
        match journal.write(end_before.offset) {
            Ok(()) => {
                let mut log = lock(&self.log);
                log.visible = log.index.head();
                drop(log);
                self.grown.notify_all();
                answers.extend(judgements.into_iter().map(|(_, judgement)| judgement.answer()));
            }
            Err(failed) if failed.undone => {
                // The judgements were made on a log that was not written.
                journal.end = end_before;
                let mut log = lock(&self.log);
                log.index.cut(head_before);
                log.ids.cut(head_before);
                answers.extend(judgements.into_iter().map(|(_, judgement)| match judgement {
                    Judgement::Answered(Ok(appended)) => Ok(appended),
                    Judgement::Answered(Err(_)) | Judgement::Buffered(..) => Err(failed.as_append_error()),
                }));
            }
            Err(failed) => {
                journal.poison(&failed.sentence());
                let after =
                    |(prepared, judgement)| after_failure(&failed, &journal.handle, prepared, judgement);
                answers.extend(judgements.into_iter().map(after));
            }
        }
    }

    /// Closes the log, and writes its index beside it.
    pub(super) fn close(&self) -> Result<(), String> {
        let mut journal = lock(&self.journal);
        if !journal.closed && journal.still_holds_files() {
            // Without its index, the log is read when it is opened: a failure here costs time and nothing else.
            let _ = index_file::write(&*journal.storage, &journal.mark(true), &lock(&self.log));
        }
        journal.close()
    }
}

/// The answer to a request of a round whose write failed, and may have left something in the log.
pub(super) fn after_failure(
    failed: &Failed,
    handle: &IdPrefix,
    prepared: PreparedRequest,
    judgement: Judgement,
) -> AppendResult {
    match judgement {
        Judgement::Buffered(appended) => Err(AppendError::Unknown {
            doing: format!("{} failed", failed.doing),
            ids: prepared.entry_ids(handle, appended.first.get()),
            why: failed.source.to_string(),
        }),
        Judgement::Answered(Ok(appended)) => Ok(appended),
        Judgement::Answered(Err(_)) => Err(AppendError::Poisoned { why: failed.sentence() }),
    }
}
