//! Writing a log whose batches are agreed upon elsewhere.

use super::header::BatchHeader;
use super::journal::{Failed, Journal};
use super::judge::{Judgement, Round};
use super::mutex::lock;
use super::open_error::{OpenError, storage_failed};
use super::origin::{AgreedRound, Origin, OriginError, Proposed};
use super::request::{AppendResult, PreparedRequest};
use super::sole_writer::make_log_folder;
use super::storage::Folder;
use super::writer::{Writer, after_failure};
use super::{FileLog, FileLogOptions};
use crate::codec::EventCodec;
use crate::recorded::Position;
use crate::store::AppendError;
use crate::store::ReadError;
use crate::store::clock_and_ids::IdPrefix;
use memchr::memmem;
use std::collections::VecDeque;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// What is between two batches of a round.
const BETWEEN: &[u8] = b"\n";

type Judged = Vec<(PreparedRequest, Judgement)>;

impl FileLogOptions {
    /// Opens a log in a folder as the replica of one whose batches are agreed upon elsewhere; makes the folder and the log if
    /// they do not exist. It holds what it held when it was closed, until it is [refreshed](FileLog::refresh).
    ///
    /// A replica needs no [sync](FileLogOptions::sync): what a power cut takes out of it is taken over again.
    ///
    /// # Errors
    /// As [`open`](FileLogOptions::open).
    pub fn open_replica<E>(
        self,
        folder: impl AsRef<Path>,
        codec: impl EventCodec<E> + 'static,
        origin: Arc<dyn Origin>,
    ) -> Result<FileLog<E>, OpenError> {
        let folder = folder.as_ref();
        make_log_folder(folder).map_err(storage_failed(format!("making the folder {}", folder.display())))?;
        self.open_writer(Arc::new(Folder::at(folder)), codec, Some(origin))
    }
}

impl<E> FileLog<E> {
    /// Takes over what others have appended to the log of which this is a [replica](FileLogOptions::open_replica), as far as it
    /// is in the [news](Origin::news); of another log, it does nothing.
    ///
    /// # Errors
    /// [`ReadError::Storage`] when a round cannot be taken over: the handle then takes no more events, and goes on showing what
    /// it has.
    pub fn refresh(&self) -> Result<(), ReadError> {
        let Some(origin) = &self.writer.origin else { return Ok(()) };
        let mut journal = lock(&self.writer.journal);
        self.writer.take_news(&mut journal, &**origin).map_err(|failed| {
            journal.poison(&failed.sentence());
            ReadError::Storage { doing: failed.doing, source: failed.source }
        })
    }
}

impl Writer {
    /// Serves requests in order, and answers each, when the origin has agreed.
    pub(super) fn serve_replica(
        &self,
        journal: &mut Journal,
        origin: &dyn Origin,
        requests: Vec<PreparedRequest>,
    ) -> Vec<AppendResult> {
        let mut answers = Vec::with_capacity(requests.len());
        let mut left = VecDeque::from(requests);
        // Whether the replica is known to hold all that was agreed upon before these requests came.
        let mut fresh = false;
        while !left.is_empty() {
            if let Err(failed) = self.take_news(journal, origin) {
                journal.poison(&failed.sentence());
            }
            if let Some(why) = &journal.poisoned {
                answers.extend(left.drain(..).map(|_| Err(AppendError::Poisoned { why: why.clone() })));
                break;
            }
            if journal.is_full() {
                match journal.roll() {
                    Ok(segment) => lock(&self.log).segments.push_back(segment),
                    Err(failed) if failed.undone => {
                        answers.extend(left.drain(..).map(|_| Err(failed.as_append_error())));
                        break;
                    }
                    Err(failed) => {
                        journal.poison(&failed.sentence());
                        continue;
                    }
                }
            }
            if let Some(failed) = self.agreed_round(journal, origin, &mut left, &mut fresh, &mut answers) {
                let unavailable =
                    || AppendError::Unavailable { doing: failed.doing.clone(), why: failed.why.clone() };
                answers.extend(left.drain(..).map(|_| Err(unavailable())));
            }
        }
        answers
    }

    /// Judges as many requests as a round takes, proposes them, and writes and answers them when they are agreed upon. Where
    /// that has to be tried again, they stay in `left`. An error is for all that are left.
    fn agreed_round(
        &self,
        journal: &mut Journal,
        origin: &dyn Origin,
        left: &mut VecDeque<PreparedRequest>,
        fresh: &mut bool,
        answers: &mut Vec<AppendResult>,
    ) -> Option<OriginError> {
        let end_before = journal.end;
        let (judged, proposal) = self.judge_for_proposal(journal, left, origin.most_bytes());
        // What is refused is refused for what is recorded now, and not for what was recorded when news came last.
        let refused = judged.iter().any(|(_, judgement)| matches!(judgement, Judgement::Answered(Err(_))));
        let take_back = |journal: &mut Journal, judged: &Judged| {
            let mut log = lock(&self.log);
            let head = log.visible;
            journal.end = end_before;
            Round::new(journal, &mut log).take_back(0, head, judged);
        };
        let again = |judged: Judged, left: &mut VecDeque<PreparedRequest>| {
            judged.into_iter().rev().for_each(|(prepared, _)| left.push_front(prepared));
        };
        if refused && !*fresh {
            take_back(journal, &judged);
            again(judged, left);
            *fresh = true;
            return origin.catch_up().err();
        }
        if proposal.is_empty() {
            answers.extend(judged.into_iter().map(|(_, judgement)| judgement.answer()));
            return None;
        }
        let answer_error =
            |judged: Judged, error: &dyn Fn(&PreparedRequest, Option<Position>) -> AppendError| {
                let answer = |(prepared, judgement)| match judgement {
                    Judgement::Answered(Ok(appended)) => Ok(appended),
                    Judgement::Answered(Err(_)) => Err(error(&prepared, None)),
                    Judgement::Buffered(appended) => Err(error(&prepared, Some(appended.first))),
                };
                judged.into_iter().map(answer).collect::<Vec<_>>()
            };
        let head = Position::new(lock(&self.log).visible);
        match origin.propose(head, &proposal) {
            Proposed::Agreed => match journal.write(end_before.offset) {
                Ok(()) => {
                    self.show_all();
                    answers.extend(judged.into_iter().map(|(_, judgement)| judgement.answer()));
                }
                Err(failed) => {
                    journal.poison(&failed.sentence());
                    let after =
                        |(prepared, judgement)| after_failure(&failed, &journal.handle, prepared, judgement);
                    answers.extend(judged.into_iter().map(after));
                }
            },
            Proposed::Overtaken => {
                take_back(journal, &judged);
                again(judged, left);
                return origin.catch_up().err();
            }
            Proposed::Refused(OriginError { doing, why }) => {
                take_back(journal, &judged);
                answers.extend(answer_error(judged, &|_, _| AppendError::Unavailable {
                    doing: doing.clone(),
                    why: why.clone(),
                }));
            }
            Proposed::Unknown(OriginError { doing, why }) => {
                take_back(journal, &judged);
                // The ids that were made may be recorded or not: the handle makes none that begin so again.
                let made = std::mem::replace(&mut journal.handle, IdPrefix::new());
                answers.extend(answer_error(judged, &|prepared, first| match first {
                    Some(first) => AppendError::Unknown {
                        doing: doing.clone(),
                        ids: prepared.entry_ids(&made, first.get()),
                        why: why.clone(),
                    },
                    None => AppendError::Unavailable { doing: doing.clone(), why: why.clone() },
                }));
            }
        }
        None
    }

    /// Judges requests up to the size of a round; one that does not fit beside others is left for the next. Returns the
    /// batches as the origin gets them.
    fn judge_for_proposal(
        &self,
        journal: &mut Journal,
        left: &mut VecDeque<PreparedRequest>,
        most: usize,
    ) -> (Judged, Vec<u8>) {
        let mut log = lock(&self.log);
        journal.buffer.clear();
        let mut judged = Judged::new();
        let mut round = Round::new(journal, &mut log);
        let mut size = 0;
        while !round.journal.is_full() {
            let Some(prepared) = left.pop_front() else { break };
            let (buffered, head, end) = (round.journal.buffer.len(), round.head(), round.journal.end);
            let judgement = round.judge(&prepared);
            let grown = round.journal.buffer.len() - buffered;
            let batch = grown.saturating_sub(BatchHeader::LENGTH) + BETWEEN.len();
            if grown > 0 && size + batch > most {
                let one = [(prepared, judgement)];
                round.take_back(buffered, head, &one);
                round.journal.end = end;
                let [(prepared, _)] = one;
                if size > 0 {
                    left.push_front(prepared);
                    break;
                }
                let (found, most) = (format!("{batch} bytes"), format!("{most} bytes"));
                judged.push((prepared, Judgement::Answered(Err(AppendError::TooLarge { found, most }))));
                continue;
            }
            size += if grown > 0 { batch } else { 0 };
            judged.push((prepared, judgement));
        }
        let bodies: Vec<&[u8]> =
            round.bodies.iter().map(|body| &round.journal.buffer[body.clone()]).collect();
        (judged, bodies.join(BETWEEN))
    }

    /// Takes over every round that others have agreed upon.
    pub(super) fn take_news(&self, journal: &mut Journal, origin: &dyn Origin) -> Result<(), Failed> {
        while journal.poisoned.is_none()
            && let Some(round) = origin.news()
        {
            let failed = |why| Failed {
                doing: format!("taking over the round at position {}", round.first),
                source: io::Error::other(why),
                undone: false,
            };
            let batches = batches(&round);
            let mut first = round.first.get();
            for batch in batches {
                let count = batch.iter().filter(|byte| **byte == b'\n').count() as u64;
                if journal.is_full() {
                    let segment = journal.roll()?;
                    lock(&self.log).segments.push_back(segment);
                }
                let mut log = lock(&self.log);
                journal.buffer.clear();
                let start = journal.end.offset;
                let added = Round::new(journal, &mut log).put_agreed(first, count, batch).map_err(failed)?;
                drop(log);
                if added {
                    journal.write(start)?;
                    self.show_all();
                }
                first += count;
            }
        }
        Ok(())
    }

    /// Lets reads see all that is written.
    fn show_all(&self) {
        let mut log = lock(&self.log);
        log.visible = log.index.head();
        drop(log);
        self.grown.notify_all();
    }
}

/// The batches of a round: each ends with the newline of its last line, and an empty line comes before the next.
fn batches(round: &AgreedRound) -> Vec<&[u8]> {
    let (mut batches, mut rest) = (Vec::new(), &*round.bytes);
    while let Some(end) = memmem::find(rest, b"\n\n") {
        let (batch, others) = rest.split_at(end + 1);
        batches.push(batch);
        rest = &others[BETWEEN.len()..];
    }
    batches.push(rest);
    batches
}
