//! The child's side: sealed as a real child is, then anything but one.

use std::{
    os::fd::{AsFd, OwnedFd},
    os::unix::net::UnixStream,
    process::ExitCode,
};

use lockflight::{
    seal,
    wire::{Channel, Ending, Failure, Granted, GuestUsage, Needed, Order, Said},
};
use serde::Deserialize;

use super::attacks;

/// What the job's config says.
#[derive(Debug, Deserialize)]
pub struct Script {
    /// The attack's name.
    pub attack: String,
    /// A path, an address, a process: whatever it is aimed at.
    pub target: String,
    /// Whether it happens behind the seal of a compiler instead of that of a guest.
    pub compiler: bool,
}

/// Plays the child of one launcher.
pub fn play() -> ExitCode {
    // SAFETY: nothing is open yet in a process that has just begun.
    unsafe { seal::close_inherited() };
    let socket = std::io::stdin().as_fd().try_clone_to_owned().unwrap();
    let mut channel = Channel::new(UnixStream::from(socket));
    let (frame, code) = channel.receive_with_fd::<Order>().unwrap();
    let (order, code) = (frame.header, code.unwrap());
    let script: Script = serde_json::from_str(&order.job.config).unwrap();
    attacks::prepare();
    seal::die_with_parent();
    seal::limit(&order.limits, std::slice::from_ref(&code)).unwrap();
    drop(code);
    let walls = if script.compiler {
        seal::seal_compiler().unwrap();
        Default::default()
    } else {
        seal::seal().unwrap()
    };
    channel.send(&Said::Started { walls }, &[], None).unwrap();
    let input = need(&mut channel, Needed::Blob { input: 0 });
    let said = match attacks::find(&script.attack) {
        Some(attack) => attack(&script.target, &input),
        None => attacks::on_the_launcher(&script.attack, &mut channel),
    };
    let ended = Said::Ended {
        ending: Ending::Failure(Failure::Data(said)),
        usage: GuestUsage::default(),
    };
    channel.send(&ended, &[], None).unwrap();
    ExitCode::SUCCESS
}

/// Asks the launcher for a descriptor.
pub fn need(channel: &mut Channel, needed: Needed) -> OwnedFd {
    channel.send(&Said::Need(needed), &[], None).unwrap();
    channel.receive_with_fd::<Granted>().unwrap().1.unwrap()
}
