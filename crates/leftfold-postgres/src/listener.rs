//! One connection that listens for new entries, so that those who wait need not ask.

use crate::connections::Pool;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use tokio_postgres::AsyncMessage;

/// The highest head that the listener has heard of.
#[derive(Default)]
pub(crate) struct Heard {
    head: Mutex<i64>,
    grown: Condvar,
}

/// Without a word for this long, whoever waits looks at the head: a listener may be lost.
pub(crate) const LOOK_AFTER: Duration = Duration::from_millis(500);

impl Heard {
    fn head(&self) -> MutexGuard<'_, i64> {
        self.head.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hear(&self, head: i64) {
        let mut known = self.head();
        if head > *known {
            *known = head;
            self.grown.notify_all();
        }
    }

    /// Waits until the head is beyond this position, or for `at_most`; the head that was heard of, if it is beyond.
    pub(crate) fn beyond(&self, after: i64, at_most: Duration) -> Option<i64> {
        let known = self.head();
        let wait = self.grown.wait_timeout_while(known, at_most, |known| *known <= after);
        let known = *wait.unwrap_or_else(PoisonError::into_inner).0;
        (known > after).then_some(known)
    }
}

/// Listens until the handle is gone, and connects again where the connection is lost.
pub(crate) async fn listen(pool: Arc<Pool>, schema: String, heard: Weak<Heard>) {
    let mut pause = Duration::from_millis(10);
    while heard.strong_count() > 0 {
        if listen_once(&pool, &schema, &heard).await {
            pause = Duration::from_millis(10);
        }
        sleep(pause).await;
        pause = (pause * 2).min(Duration::from_secs(2));
    }
}

/// Whether it could listen.
async fn listen_once(pool: &Pool, schema: &str, heard: &Weak<Heard>) -> bool {
    let (sender, mut news) = mpsc::unbounded_channel();
    let hear = move |message| {
        if let AsyncMessage::Notification(notice) = message {
            let _ = sender.send(notice.payload().parse::<i64>().unwrap_or(0));
        }
    };
    let Ok(mut connection) = pool.connect(hear).await else { return false };
    if connection.client.batch_execute(&format!("listen {schema}")).await.is_err() {
        return false;
    }
    // What was recorded before this connection listened is not announced to it.
    let head = format!("select position from {schema}.head");
    loop {
        let Ok(rows) = connection.query(&head, &[], pool.answer_within, usize::MAX).await else {
            return true;
        };
        let Some(handle) = heard.upgrade() else { return true };
        if let Some(row) = rows.first() {
            handle.hear(row.get(0));
        }
        drop(handle);
        // A connection that is dead without a word is found so.
        while let Ok(message) = timeout(Duration::from_secs(10), news.recv()).await {
            let (Some(head), Some(handle)) = (message, heard.upgrade()) else { return true };
            handle.hear(head);
        }
    }
}
