//! Frames and file descriptors over a Unix socket.

use std::{
    collections::VecDeque,
    io::{self, IoSlice, IoSliceMut, Read, Write},
    mem::MaybeUninit,
    os::{
        fd::{BorrowedFd, OwnedFd},
        unix::net::UnixStream,
    },
    time::Duration,
};

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};
use serde::{Serialize, de::DeserializeOwned};

use crate::enforcement::{Point, stands};

/// The most bytes of a header. Findings, problems and log lines travel in it.
const MAX_HEADER: u32 = 64 << 20;
/// The most bytes of a body: what one call of a guest can hand over (wasmtime's own bound is 128 MiB a call).
const MAX_BODY: u64 = 256 << 20;
/// The length of a frame's prefix: header length, body length, number of descriptors.
const PREFIX: usize = 4 + 8 + 1;
/// Descriptors per frame: one is all the conversation needs.
const MAX_FDS: usize = 1;

/// What can go wrong on the wire.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// The other side is gone.
    #[error("the other side closed the connection")]
    Closed,
    /// The time set with [`Channel::set_timeout`] is over.
    #[error("no message within the time limit")]
    TimedOut,
    /// A message of the guest's is longer than a frame may be; nothing of it was sent.
    #[error("a message of {bytes} bytes and {body} bytes of content is too long")]
    TooLong {
        /// Bytes of the header.
        bytes: u64,
        /// Bytes of the body.
        body: u64,
    },
    /// The socket failed.
    #[error("the connection failed: {0}")]
    Io(io::Error),
    /// The other side does not keep to the format.
    #[error("malformed message: {0}")]
    Malformed(String),
}

impl From<io::Error> for WireError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => WireError::TimedOut,
            io::ErrorKind::UnexpectedEof
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::ConnectionReset => WireError::Closed,
            _ => WireError::Io(error),
        }
    }
}

/// The start of a frame; its body is still in the socket.
#[derive(Debug)]
pub struct Frame<T> {
    /// The message.
    pub header: T,
    /// How many bytes the message itself has, without its body.
    pub length: u64,
    /// How many bytes of body follow: read them with [`Channel::read_body`].
    pub body: u64,
}

/// One end of the conversation.
#[derive(Debug)]
pub struct Channel {
    socket: UnixStream,
    /// Descriptors that arrived, in order. The kernel may deliver one together with bytes of an earlier frame.
    arrived: VecDeque<OwnedFd>,
}

impl Channel {
    /// Wraps a connected stream socket.
    pub fn new(socket: UnixStream) -> Self {
        Channel {
            socket,
            arrived: VecDeque::new(),
        }
    }

    /// Bounds how long reading and writing may block; none for ever.
    ///
    /// # Errors
    /// When the socket refuses.
    pub fn set_timeout(&self, timeout: Option<Duration>) -> Result<(), WireError> {
        // A zero duration is refused by the standard library, and would mean "for ever" to the kernel.
        let timeout = timeout.map(|t| t.max(Duration::from_millis(1)));
        self.socket.set_read_timeout(timeout)?;
        self.socket.set_write_timeout(timeout)?;
        Ok(())
    }

    /// Sends a message, its body in several pieces, and at most one descriptor.
    ///
    /// # Errors
    /// When the other side is gone, the time is over or the header is too large.
    pub fn send<T: Serialize>(
        &mut self,
        header: &T,
        body: &[&[u8]],
        fd: Option<BorrowedFd<'_>>,
    ) -> Result<(), WireError> {
        let header =
            postcard::to_stdvec(header).map_err(|e| WireError::Malformed(e.to_string()))?;
        let length: u64 = body.iter().map(|b| b.len() as u64).sum();
        if header.len() > MAX_HEADER as usize || length > MAX_BODY {
            return Err(WireError::TooLong {
                bytes: header.len() as u64,
                body: length,
            });
        }
        let mut start = Vec::with_capacity(PREFIX + header.len());
        start.extend_from_slice(&(header.len() as u32).to_le_bytes());
        start.extend_from_slice(&length.to_le_bytes());
        start.push(u8::from(fd.is_some()));
        start.extend_from_slice(&header);
        if let Some(fd) = fd {
            let sent = self.send_with_fd(&start, fd)?;
            start.drain(..sent);
        }
        let mut slices: Vec<IoSlice<'_>> = Vec::with_capacity(1 + body.len());
        slices.push(IoSlice::new(&start));
        slices.extend(body.iter().map(|b| IoSlice::new(b)));
        self.write_all_vectored(&mut slices)
    }

    fn send_with_fd(&self, bytes: &[u8], fd: BorrowedFd<'_>) -> Result<usize, WireError> {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MAX_FDS))];
        let mut ancillary = SendAncillaryBuffer::new(&mut space);
        let fds = [fd];
        ancillary.push(SendAncillaryMessage::ScmRights(&fds));
        loop {
            match sendmsg(
                &self.socket,
                &[IoSlice::new(bytes)],
                &mut ancillary,
                SendFlags::NOSIGNAL,
            ) {
                Err(rustix::io::Errno::INTR) => {}
                other => return Ok(other.map_err(io::Error::from)?),
            }
        }
    }

    fn write_all_vectored(&mut self, mut slices: &mut [IoSlice<'_>]) -> Result<(), WireError> {
        IoSlice::advance_slices(&mut slices, 0);
        while !slices.is_empty() {
            match self.socket.write_vectored(slices) {
                Ok(0) => return Err(WireError::Closed),
                Ok(n) => IoSlice::advance_slices(&mut slices, n),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e.into()),
            }
        }
        Ok(())
    }

    /// Receives a message that may bring a descriptor: the child's way of reading.
    ///
    /// # Errors
    /// When the other side is gone, the time is over or the bytes make no message.
    pub fn receive_with_fd<T: DeserializeOwned>(
        &mut self,
    ) -> Result<(Frame<T>, Option<OwnedFd>), WireError> {
        let mut prefix = [0; PREFIX];
        self.read_exact_with_fds(&mut prefix)?;
        let (header, body, fds) = parse_prefix(&prefix)?;
        let mut bytes = vec![0; header];
        self.read_exact_with_fds(&mut bytes)?;
        let fd = match fds {
            0 => None,
            _ => Some(
                self.arrived
                    .pop_front()
                    .ok_or_else(|| WireError::Malformed("a file descriptor is missing".into()))?,
            ),
        };
        Ok((decode(&bytes, body)?, fd))
    }

    /// Receives a message and drops any descriptor that comes along: the launcher's way of reading, which wants none.
    ///
    /// # Errors
    /// As [`Channel::receive_with_fd`].
    pub fn receive<T: DeserializeOwned>(&mut self) -> Result<Frame<T>, WireError> {
        let mut prefix = [0; PREFIX];
        // A plain read discards descriptors: the kernel closes them.
        self.socket.read_exact(&mut prefix)?;
        let (header, body, _) = parse_prefix(&prefix)?;
        let mut bytes = vec![0; header];
        self.socket.read_exact(&mut bytes)?;
        decode(&bytes, body)
    }

    /// Reads the next `length` bytes of the body of the frame received last.
    ///
    /// # Errors
    /// When the other side is gone or the time is over.
    pub fn read_body(&mut self, length: usize) -> Result<Vec<u8>, WireError> {
        let mut bytes = Vec::with_capacity(length);
        (&self.socket)
            .take(length as u64)
            .read_to_end(&mut bytes)
            .map_err(WireError::from)?;
        if bytes.len() < length {
            return Err(WireError::Closed);
        }
        Ok(bytes)
    }

    /// Waits until the other side closes the connection; what it still says is not heard.
    pub fn wait_closed(&mut self) {
        // A broken connection is closed too.
        let _ = io::copy(&mut self.socket, &mut io::sink());
    }

    fn read_exact_with_fds(&mut self, mut into: &mut [u8]) -> Result<(), WireError> {
        while !into.is_empty() {
            let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MAX_FDS))];
            let mut ancillary = RecvAncillaryBuffer::new(&mut space);
            let received = match recvmsg(
                &self.socket,
                &mut [IoSliceMut::new(into)],
                &mut ancillary,
                RecvFlags::CMSG_CLOEXEC,
            ) {
                Err(rustix::io::Errno::INTR) => continue,
                other => other.map_err(io::Error::from)?,
            };
            for message in ancillary.drain() {
                if let RecvAncillaryMessage::ScmRights(fds) = message {
                    self.arrived.extend(fds);
                }
            }
            if received.bytes == 0 {
                return Err(WireError::Closed);
            }
            into = &mut into[received.bytes..];
        }
        Ok(())
    }
}

fn parse_prefix(prefix: &[u8; PREFIX]) -> Result<(usize, u64, u8), WireError> {
    let header = u32::from_le_bytes(prefix[..4].try_into().expect("four bytes"));
    let body = u64::from_le_bytes(prefix[4..12].try_into().expect("eight bytes"));
    let fds = prefix[12];
    let is_long = header > MAX_HEADER || body > MAX_BODY || usize::from(fds) > MAX_FDS;
    if is_long && stands(Point::MessageLength) {
        return Err(WireError::Malformed(format!(
            "a frame of {header} + {body} bytes and {fds} descriptors is over the limit"
        )));
    }
    Ok((header as usize, body, fds))
}

fn decode<T: DeserializeOwned>(bytes: &[u8], body: u64) -> Result<Frame<T>, WireError> {
    let header = postcard::from_bytes(bytes).map_err(|e| WireError::Malformed(e.to_string()))?;
    Ok(Frame {
        header,
        length: bytes.len() as u64,
        body,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::os::fd::AsFd;

    use super::*;

    fn pair() -> (Channel, Channel) {
        let (a, b) = UnixStream::pair().unwrap();
        (Channel::new(a), Channel::new(b))
    }

    #[test]
    fn a_body_arrives_whole_and_in_order() {
        let (mut a, mut b) = pair();
        let big = vec![7u8; 3 << 20];
        let sender = std::thread::spawn(move || {
            a.send(&"first", &[b"ab", &big, b"c"], None).unwrap();
            a.send(&"second", &[], None).unwrap();
        });
        let frame: Frame<String> = b.receive().unwrap();
        assert_eq!(
            (frame.header.as_str(), frame.body),
            ("first", 3 + (3 << 20))
        );
        assert_eq!(b.read_body(2).unwrap(), b"ab");
        assert_eq!(b.read_body(3 << 20).unwrap(), vec![7u8; 3 << 20]);
        assert_eq!(b.read_body(1).unwrap(), b"c");
        assert_eq!(b.receive::<String>().unwrap().header, "second");
        sender.join().unwrap();
        assert!(matches!(b.receive::<String>(), Err(WireError::Closed)));
    }

    #[test]
    fn descriptors_keep_to_their_frames() {
        let (mut a, mut b) = pair();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"hello").unwrap();
        a.send(&1u8, &[], None).unwrap();
        a.send(&2u8, &[], Some(file.as_fd())).unwrap();
        a.send(&3u8, &[], None).unwrap();
        let seen: Vec<(u8, bool)> = (0..3)
            .map(|_| b.receive_with_fd::<u8>().unwrap())
            .map(|(frame, fd)| (frame.header, fd.is_some()))
            .collect();
        assert_eq!(seen, [(1, false), (2, true), (3, false)]);
    }

    #[test]
    fn an_oversized_frame_is_refused_before_anything_is_allocated() {
        let (a, mut b) = pair();
        let mut prefix = vec![0xff; PREFIX];
        prefix[12] = 0;
        (&a.socket).write_all(&prefix).unwrap();
        assert!(matches!(b.receive::<u8>(), Err(WireError::Malformed(_))));
    }

    #[test]
    fn what_is_too_long_is_not_sent_and_the_connection_stands() {
        let (mut a, mut b) = pair();
        let long = "x".repeat(MAX_HEADER as usize + 1);
        assert!(matches!(
            a.send(&long, &[], None),
            Err(WireError::TooLong { .. })
        ));
        a.send(&"short", &[], None).unwrap();
        assert_eq!(b.receive::<String>().unwrap().header, "short");
    }

    #[test]
    fn the_time_limit_ends_a_wait() {
        let (_a, mut b) = pair();
        b.set_timeout(Some(Duration::from_millis(5))).unwrap();
        assert!(matches!(b.receive::<u8>(), Err(WireError::TimedOut)));
    }
}
