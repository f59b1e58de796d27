use super::controls::{Controls, Status};
use super::runner::Runner;
use super::runner_error::RunnerError;
use std::thread::JoinHandle;

/// A runner in a thread of its own; made by [`Runner::start`]. Dropping it stops the runner.
#[derive(Debug)]
pub struct Running<E, M, S> {
    controls: Controls,
    thread: Option<JoinHandle<Ended<E, M, S>>>,
}

/// A runner whose run has ended, and how.
pub(super) type Ended<E, M, S> = (Runner<E, M, S>, Result<(), RunnerError>);

impl<E, M, S> Running<E, M, S> {
    pub(super) fn of(controls: Controls, thread: JoinHandle<Ended<E, M, S>>) -> Self {
        Running { controls, thread: Some(thread) }
    }

    /// What it is told from other threads.
    pub fn controls(&self) -> Controls {
        self.controls.clone()
    }

    /// How it stands.
    pub fn status(&self) -> Status {
        self.controls.status()
    }

    /// Ends the run, and gives the runner back with how the run has ended.
    pub fn stop(self) -> (Runner<E, M, S>, Result<(), RunnerError>) {
        self.controls.stop();
        self.wait()
    }

    /// Waits until the run has ended by itself: stopped elsewhere, deleted, or at an event that cannot be taken.
    ///
    /// # Panics
    /// When the runner's thread has panicked, which code of the read model's `load` or `commit` may do.
    pub fn wait(mut self) -> (Runner<E, M, S>, Result<(), RunnerError>) {
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(ended)) => ended,
            Some(Err(panic)) => std::panic::resume_unwind(panic),
            None => unreachable!("a thread is waited for once"),
        }
    }
}

impl<E, M, S> Drop for Running<E, M, S> {
    fn drop(&mut self) {
        if let Some(thread) = self.thread.take() {
            self.controls.stop();
            let _ = thread.join();
        }
    }
}
