//! Sandboxes of one model on threads of their own, behind a queue that is bounded: what does not fit into it is refused at once, since
//! an answer that comes too late is none.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread::JoinHandle,
};

use arrow_array::RecordBatch;
use tokio::sync::{mpsc, oneshot};

use super::sandbox::{Blueprint, Sandbox, SandboxError};

/// Why rows have no answer.
#[derive(Debug, thiserror::Error)]
pub enum PoolError {
    /// All sandboxes are busy and the queue is full.
    #[error("the model is busy: its queue is full")]
    Full,
    /// The pool was closed.
    #[error("the model is shutting down")]
    Closed,
    /// A sandbox gave none.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
}

/// A request and where its answer goes.
struct Asked {
    rows: RecordBatch,
    answer: oneshot::Sender<Result<RecordBatch, SandboxError>>,
}

/// Sandboxes of one model.
pub struct Pool {
    queues: Vec<mpsc::Sender<Asked>>,
    next: AtomicUsize,
    threads: Vec<JoinHandle<()>>,
}

impl Pool {
    /// Makes so many sandboxes, each with a queue for so many requests.
    ///
    /// # Errors
    /// When the first one cannot be made: then none can.
    pub fn new(
        blueprint: Arc<Blueprint>,
        sandboxes: usize,
        queue: usize,
    ) -> Result<Pool, SandboxError> {
        let mut first = Some(Sandbox::new(&blueprint)?);
        let mut pool = Pool {
            queues: Vec::with_capacity(sandboxes),
            next: AtomicUsize::new(0),
            threads: Vec::with_capacity(sandboxes),
        };
        for _ in 0..sandboxes {
            let (sender, receiver) = mpsc::channel(queue);
            let (blueprint, ready) = (Arc::clone(&blueprint), first.take());
            let thread = std::thread::spawn(move || work(&blueprint, ready, receiver));
            pool.queues.push(sender);
            pool.threads.push(thread);
        }
        Ok(pool)
    }

    /// The answer to these rows.
    ///
    /// # Errors
    /// At once when there is no room for them, later when the model fails on them.
    pub async fn score(&self, rows: RecordBatch) -> Result<RecordBatch, PoolError> {
        let (sender, receiver) = oneshot::channel();
        let mut asked = Asked {
            rows,
            answer: sender,
        };
        let first = self.next.fetch_add(1, Ordering::Relaxed);
        for offset in 0..self.queues.len() {
            let queue = &self.queues[(first + offset) % self.queues.len()];
            match queue.try_send(asked) {
                Ok(()) => return Ok(receiver.await.map_err(|_| PoolError::Closed)??),
                Err(mpsc::error::TrySendError::Full(back)) => asked = back,
                Err(mpsc::error::TrySendError::Closed(_)) => return Err(PoolError::Closed),
            }
        }
        Err(PoolError::Full)
    }

    /// Answers what is in the queues and ends.
    pub fn close(self) {
        drop(self.queues);
        for thread in self.threads {
            // A sandbox does not panic; if it did, there is nothing left to close.
            let _ = thread.join();
        }
    }
}

/// Answers requests until the pool is closed. A sandbox that failed is thrown away, so that a request costs itself alone.
fn work(blueprint: &Blueprint, ready: Option<Sandbox>, mut queue: mpsc::Receiver<Asked>) {
    let mut sandbox = ready;
    while let Some(Asked { rows, answer }) = queue.blocking_recv() {
        let scored = match sandbox.take().map_or_else(|| Sandbox::new(blueprint), Ok) {
            Ok(mut fresh) => {
                let scored = fresh.score(&rows);
                if matches!(scored, Ok(_) | Err(SandboxError::Rows(_))) {
                    sandbox = Some(fresh);
                }
                scored
            }
            Err(error) => Err(error),
        };
        // Whoever asked may be gone.
        let _ = answer.send(scored);
        if sandbox.is_none() {
            // Made now, between requests, and not while the next one waits.
            sandbox = Sandbox::new(blueprint).ok();
        }
    }
}
