//! The runtime of the client, on a thread of its own: callers need no runtime, and may be in one.

use std::future::Future;
use std::io;
use std::sync::mpsc;
use tokio::runtime::{Builder, Runtime};

pub(crate) struct RuntimeThread {
    runtime: Option<Runtime>,
}

impl RuntimeThread {
    pub(crate) fn start() -> io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("leftfold-nats")
            .enable_all()
            .build()?;
        Ok(RuntimeThread { runtime: Some(runtime) })
    }

    /// Does the work on that thread, and waits for it as any thread waits. `None` if the work panicked.
    pub(crate) fn run<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> Option<T> {
        let (done, answer) = mpsc::sync_channel(1);
        self.spawn(async move {
            // Whoever waited for it may be gone.
            let _ = done.send(work.await);
        });
        answer.recv().ok()
    }

    /// Begins work on that thread.
    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        if let Some(runtime) = &self.runtime {
            runtime.spawn(work);
        }
    }
}

impl Drop for RuntimeThread {
    fn drop(&mut self) {
        // Does not wait, so that a handle may be dropped on a worker of another runtime.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
