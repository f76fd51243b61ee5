//! Sandboxes of one model on threads of their own, behind queues that are bounded: what does not fit into them is refused at once,
//! since an answer that comes too late is none.
//!
//! What waits in a queue is scored together: a scorer is row-wise, so rows of many requests in one call have the answers that they
//! would have alone, at a fraction of the cost of as many calls. Requests are read and answers written here too, since tables for
//! one row each cost more than what is in them. Nothing waits for others to come.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
        mpsc as queue,
    },
    thread::JoinHandle,
    time::Instant,
};

use arrow_array::RecordBatch;
use lockflight_oip::{ColumnError, RequestError};
use tokio::sync::{mpsc, oneshot};

use super::{
    group::{Gathering, Group, Waiting},
    log::{Logger, Noted},
    question::{Question, Signature},
    sandbox::{Blueprint, Sandbox, SandboxError},
};

/// The most requests that are scored together.
const GROUP: usize = 64;
/// The most rows that are scored together, unless one request has more.
const GROUP_ROWS: usize = 4096;

/// Why rows have no answer.
#[derive(Debug, thiserror::Error)]
pub enum PoolError {
    /// All sandboxes are busy and the queue is full.
    #[error("the model is busy: its queue is full")]
    Full,
    /// The pool was closed.
    #[error("the model is shutting down")]
    Closed,
    /// The request cannot be read.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// A sandbox gave none.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// It cannot be written.
    #[error(transparent)]
    Answer(#[from] ColumnError),
}

/// The body of an answer.
pub type Answer = Result<Vec<u8>, PoolError>;

/// Answers and where they go.
pub type Answered = Vec<(oneshot::Sender<Answer>, Answer)>;

/// Brings answers to those that asked, on the threads of the runtime: a sandbox wakes it once for all that it scored together, and not
/// each request by itself.
pub struct Delivery(mpsc::UnboundedReceiver<Answered>);

impl Delivery {
    /// Goes on until the pool is closed.
    pub async fn run(mut self) {
        while let Some(answered) = self.0.recv().await {
            for (asked, answer) in answered {
                // Whoever asked may be gone.
                let _ = asked.send(answer);
            }
        }
    }
}

/// Sandboxes of one model.
pub struct Pool {
    workers: Vec<Queue>,
    threads: Vec<JoinHandle<()>>,
    started: Instant,
}

/// The way to a sandbox.
struct Queue {
    /// The standard library's: a thread that waits in it is woken at half the cost of waking one in tokio's.
    sender: queue::SyncSender<Waiting>,
    /// How many requests are in it.
    waiting: Arc<AtomicUsize>,
    /// When it began with what it scores now, in milliseconds since the pool started; [`IDLE`] when it scores nothing.
    busy_since: Arc<AtomicU64>,
}

/// The other end of the way.
struct Waits {
    receiver: queue::Receiver<Waiting>,
    waiting: Arc<AtomicUsize>,
}

impl Waits {
    /// The next request, waited for; none once the pool is closed.
    fn next(&self) -> Option<Waiting> {
        self.receiver.recv().ok().map(|taken| self.counted(taken))
    }

    /// The next request, if it is there.
    fn ready(&self) -> Option<Waiting> {
        let ready = self.receiver.try_recv().ok();
        ready.map(|taken| self.counted(taken))
    }

    fn counted(&self, taken: Waiting) -> Waiting {
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        taken
    }
}

/// What stands for no time.
const IDLE: u64 = u64::MAX;
/// A sandbox that scores for longer than this gets no further requests while others are free.
const LONG: u64 = 10;
/// As many requests wait for one sandbox before the next is asked: together they cost less than side by side.
const WAITING: usize = 16;

impl Queue {
    fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Gives the request back if it cannot be taken.
    #[allow(clippy::result_large_err, reason = "it is the request, not an error")]
    fn send(&self, waiting: Waiting) -> Result<(), queue::TrySendError<Waiting>> {
        // Counted before the other side can count it off.
        self.waiting.fetch_add(1, Ordering::Relaxed);
        self.sender.try_send(waiting).inspect_err(|_| {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
        })
    }

    fn is_slow(&self, now: u64) -> bool {
        let since = self.busy_since.load(Ordering::Relaxed);
        since != IDLE && now.saturating_sub(since) > LONG
    }
}

impl Pool {
    /// Makes so many sandboxes, each with a queue for so many requests; what they answer is logged. Nothing is answered before the
    /// delivery runs.
    ///
    /// # Errors
    /// When the first one cannot be made: then none can.
    pub fn new(
        blueprint: Arc<Blueprint>,
        signature: &Arc<Signature>,
        sandboxes: usize,
        queue: usize,
        logger: Option<&Logger>,
    ) -> Result<(Pool, Delivery), SandboxError> {
        let (answers, delivery) = mpsc::unbounded_channel();
        let mut first = Some(Sandbox::new(&blueprint)?);
        let mut pool = Pool {
            workers: Vec::with_capacity(sandboxes),
            threads: Vec::with_capacity(sandboxes),
            started: Instant::now(),
        };
        for _ in 0..sandboxes {
            let (sender, queue) = queue::sync_channel(queue);
            let waiting = Arc::new(AtomicUsize::new(0));
            let busy_since = Arc::new(AtomicU64::new(IDLE));
            let worker = Worker {
                blueprint: Arc::clone(&blueprint),
                signature: Arc::clone(signature),
                sandbox: first.take(),
                logger: logger.cloned(),
                answers: answers.clone(),
                started: pool.started,
                busy_since: Arc::clone(&busy_since),
            };
            let queue = Waits {
                receiver: queue,
                waiting: Arc::clone(&waiting),
            };
            pool.workers.push(Queue {
                sender,
                waiting,
                busy_since,
            });
            pool.threads
                .push(std::thread::spawn(move || worker.run(queue)));
        }
        Ok((pool, Delivery(delivery)))
    }

    /// The answer to a question.
    ///
    /// # Errors
    /// At once when there is no room for it, later when it cannot be read or the model fails on it.
    pub async fn answer(&self, question: Question, noted: Noted) -> Answer {
        let (sender, receiver) = oneshot::channel();
        let mut asked = Waiting {
            question,
            noted,
            answer: sender,
        };
        for worker in self.in_order() {
            match worker.send(asked) {
                Ok(()) => return receiver.await.map_err(|_| PoolError::Closed)?,
                Err(queue::TrySendError::Full(back)) => asked = back,
                Err(queue::TrySendError::Disconnected(_)) => return Err(PoolError::Closed),
            }
        }
        Err(PoolError::Full)
    }

    /// The sandboxes as a request is to try them: the first that is not slow and has room in its next group, then all by how many
    /// wait for them.
    fn in_order(&self) -> impl Iterator<Item = &Queue> {
        let now = self.started.elapsed().as_millis() as u64;
        let mut workers = self.workers.iter();
        let best = workers.find(|worker| worker.waiting() < WAITING && !worker.is_slow(now));
        let mut others: Vec<&Queue> = match best {
            Some(_) => Vec::new(),
            None => self.workers.iter().collect(),
        };
        others.sort_by_key(|worker| (worker.is_slow(now), worker.waiting()));
        best.into_iter().chain(others)
    }

    /// Answers what is in the queues and ends.
    pub fn close(self) {
        drop(self.workers);
        for thread in self.threads {
            // A sandbox does not panic; if it did, there is nothing left to close.
            let _ = thread.join();
        }
    }
}

/// A thread with a sandbox.
struct Worker {
    blueprint: Arc<Blueprint>,
    signature: Arc<Signature>,
    /// None after a failure, and before the first request of all sandboxes but one.
    sandbox: Option<Sandbox>,
    logger: Option<Logger>,
    answers: mpsc::UnboundedSender<Answered>,
    /// When the pool started.
    started: Instant,
    /// See [`Queue::busy_since`].
    busy_since: Arc<AtomicU64>,
}

impl Worker {
    /// Answers requests until the pool is closed.
    fn run(mut self, queue: Waits) {
        let mut together = 1;
        while let Some(first) = queue.next() {
            if together > 1 {
                // Others came along the last time: the thread that takes requests may have some ready by now.
                std::thread::yield_now();
            }
            let now = self.started.elapsed().as_millis() as u64;
            self.busy_since.store(now, Ordering::Relaxed);
            let signature = Arc::clone(&self.signature);
            let mut gathered = Gathering::new(&signature, together);
            gather(first, &queue, &mut gathered);
            together = gathered.requests();
            let (groups, refused) = gathered.finish();
            if !refused.is_empty() {
                self.send(refused);
            }
            groups.into_iter().for_each(|group| self.answer(group));
            self.busy_since.store(IDLE, Ordering::Relaxed);
            if self.sandbox.is_none() {
                // Made now, between requests, and not while the next one waits.
                self.sandbox = Sandbox::new(&self.blueprint).ok();
            }
        }
    }

    /// Scores requests together; if that fails, each by itself, so that only those fail that have to.
    fn answer(&mut self, mut group: Group) {
        match self.score(&group.rows) {
            Ok(scored) => self.give(group, &scored),
            Err(_) if group.members.len() > 1 => group.apart().for_each(|one| self.answer(one)),
            Err(error) => {
                let member = group.members.pop().expect("there is one");
                self.send(vec![(member.answer, Err(error.into()))]);
            }
        }
    }

    /// A sandbox that failed is thrown away, so that a request costs itself alone.
    fn score(&mut self, rows: &RecordBatch) -> Result<RecordBatch, SandboxError> {
        let mut sandbox = match self.sandbox.take() {
            Some(sandbox) => sandbox,
            None => Sandbox::new(&self.blueprint)?,
        };
        let scored = sandbox.score(rows);
        if matches!(scored, Ok(_) | Err(SandboxError::Rows(_))) {
            self.sandbox = Some(sandbox);
        }
        scored
    }

    fn give(&self, group: Group, scored: &RecordBatch) {
        let mut noted = Vec::with_capacity(group.members.len());
        let mut answered = Vec::with_capacity(group.members.len());
        for member in group.members {
            let count = member.rows.len();
            let (asked, id) = (&member.asked, &member.noted.id);
            let body = self.signature.answer(asked, id, scored, member.rows);
            answered.push((member.answer, body.map_err(PoolError::from)));
            noted.push((member.noted, count));
        }
        self.send(answered);
        if let Some(logger) = &self.logger {
            logger.note(noted, group.rows, scored.clone());
        }
    }

    fn send(&self, answered: Answered) {
        // Once the server has ended there is no one to answer.
        let _ = self.answers.send(answered);
    }
}

/// Takes the request, and those that wait behind it.
fn gather(first: Waiting, queue: &Waits, into: &mut Gathering<'_>) {
    into.add(first);
    while into.requests() < GROUP && into.rows() < GROUP_ROWS {
        let Some(next) = queue.ready() else {
            break;
        };
        into.add(next);
    }
}
