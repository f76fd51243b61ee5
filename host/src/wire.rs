//! The conversation between the launcher and the sealed child: frames over a Unix socket, file descriptors beside them.
//!
//! A frame is `u32` header length, `u64` body length, `u8` number of descriptors (all little-endian), the header (postcard), the
//! body (raw bytes). The body carries what is large, so that a batch is never copied into a header. The child asks for one
//! block at a time; whatever the guest writes goes out without waiting for an answer.

mod answer;
mod channel;
mod messages;
mod order;
mod pace;

pub use answer::*;
pub use channel::{Channel, Frame, WireError};
pub use messages::*;
pub use order::*;
pub use pace::Pace;
