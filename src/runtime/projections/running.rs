//! Runners in threads of their own: started, stopped, waited for.

use super::controls::{Activity, Controls, Status};
use super::read_model::ReadModel;
use super::runner::Runner;
use super::runner_error::RunnerError;
use crate::page::with_sources;
use crate::runtime::panics::catching_panics;
use crate::store::EventReader;
use std::thread::{self, JoinHandle};

/// A runner in a thread of its own; made by [`Runner::start`]. Dropping it stops the runner.
#[derive(Debug)]
pub struct Running<E, M, S>(pub(in crate::runtime) Run<Runner<E, M, S>>);

impl<E: 'static, M: ReadModel<E>, S: EventReader<E>> Runner<E, M, S> {
    /// Runs it in a thread of its own.
    pub fn start(self) -> Running<E, M, S>
    where
        M: Send + 'static,
        S: Send + 'static,
    {
        Running(Run::start(self.controls(), self, Self::keep_running))
    }
}

impl<E, M, S> Running<E, M, S> {
    /// Controls for other threads.
    pub fn controls(&self) -> Controls {
        self.0.controls.clone()
    }

    /// Its status.
    pub fn status(&self) -> Status {
        self.0.controls.status()
    }

    /// Ends the run, and returns the runner and how the run has ended: [`RunnerError::Died`] if its thread has died.
    pub fn stop(self) -> (Runner<E, M, S>, Result<(), RunnerError>) {
        self.0.stop()
    }

    /// Waits until the run has ended by itself: stopped elsewhere, deleted, before an event that cannot be applied, or
    /// [dead](RunnerError::Died).
    pub fn wait(self) -> (Runner<E, M, S>, Result<(), RunnerError>) {
        self.0.wait()
    }
}

/// A run in a thread of its own. However it ends, the runner comes back.
#[derive(Debug)]
pub(in crate::runtime) struct Run<R> {
    controls: Controls,
    thread: Option<JoinHandle<Ended<R>>>,
}

type Ended<R> = (R, Result<(), RunnerError>);

impl<R> Run<R> {
    pub(in crate::runtime) fn start(
        controls: Controls,
        mut runner: R,
        run: impl FnOnce(&mut R) -> Result<(), RunnerError> + Send + 'static,
    ) -> Run<R>
    where
        R: Send + 'static,
    {
        let of_thread = controls.clone();
        let thread = thread::spawn(move || {
            let outcome = catching_panics(|| Ok(run(&mut runner)));
            let outcome = outcome.unwrap_or_else(|cause| {
                let died = RunnerError::Died { name: of_thread.status().name, cause: with_sources(&*cause) };
                of_thread.update_status(|status| status.trouble = Some(died.to_string()));
                of_thread.set_activity(Activity::Dead);
                Err(died)
            });
            (runner, outcome)
        });
        Run { controls, thread: Some(thread) }
    }

    pub(in crate::runtime) fn stop(self) -> Ended<R> {
        self.controls.stop();
        self.wait()
    }

    fn wait(mut self) -> Ended<R> {
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(ended)) => ended,
            _ => unreachable!("the thread catches all panics, and is waited for once"),
        }
    }
}

impl<R> Drop for Run<R> {
    fn drop(&mut self) {
        if let Some(thread) = self.thread.take() {
            self.controls.stop();
            // The runner is dropped here, and so is code of the user, which may panic.
            let _ = catching_panics(|| {
                drop(thread.join());
                Ok(())
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn died() -> Run<u32> {
        Run::start(Controls::of("counting"), 7, |_| panic!("planted"))
    }

    #[test]
    fn a_thread_that_is_dead_says_so_and_gives_its_runner_back_with_an_error() {
        let run = died();
        let controls = run.controls.clone();
        while controls.status().activity != Activity::Dead {
            thread::yield_now();
        }
        let died_text = "the thread that ran counting has died: it panicked: planted";
        assert_eq!(controls.status().trouble.as_deref(), Some(died_text));
        controls.reset();
        assert_eq!(controls.status().activity, Activity::Dead, "nobody is there to do_requests");
        let (runner, outcome) = run.stop();
        assert_eq!((runner, outcome.unwrap_err().to_string()), (7, died_text.to_string()));
        assert!(controls.status().to_string().starts_with("counting: dead, at position 0 of 0, 0 to go; "));

        assert!(matches!(died().wait(), (7, Err(RunnerError::Died { .. }))));
        drop(died());
    }

    #[test]
    fn a_runner_that_panics_when_it_is_dropped_is_dropped_in_silence() {
        struct Bomb;
        impl Drop for Bomb {
            fn drop(&mut self) {
                panic!("planted");
            }
        }
        drop(Run::start(Controls::of("bomb"), Bomb, |_| Ok(())));
    }
}
