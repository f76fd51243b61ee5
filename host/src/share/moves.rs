//! What one side's history of a name has and the other's lacks. Moves are compared by what they point at and when, since the records
//! of one move differ where those before it do.

use crate::{
    canonical_json,
    digest::Digest,
    store::{
        Move, RefName, Store, StoreError,
        remote::{Remote, RemoteError},
    },
};

use super::ShareError;

/// How often an append is tried while others append too.
const TRIES: usize = 50;

/// A history from its latest record on, the newest move first.
fn walk<E>(
    head: Option<Digest>,
    movement: impl Fn(&Digest) -> Result<Move, E>,
) -> Result<Vec<Move>, E> {
    let mut moves = Vec::new();
    let mut next = head;
    while let Some(record) = next {
        let movement = movement(&record)?;
        next = movement.previous;
        moves.push(movement);
    }
    Ok(moves)
}

/// The history of a local name, the newest move first.
pub fn local(store: &Store, head: Option<Digest>) -> Result<Vec<Move>, StoreError> {
    walk(head, |record| store.movement(record))
}

/// The history of a remote name, the newest move first.
pub fn remote(remote: &dyn Remote, head: Option<Digest>) -> Result<Vec<Move>, RemoteError> {
    walk(head, |record| remote.movement(record))
}

/// The moves of one history that the other lacks, the oldest first.
pub fn lacking(from: &[Move], to: &[Move]) -> Vec<Move> {
    let known = |one: &Move| {
        to.iter()
            .any(|other| other.target == one.target && other.at == one.at)
    };
    let missing = from.iter().rev().filter(|one| !known(one));
    missing.cloned().collect()
}

/// Adds moves, the oldest first, to a remote name's history. Nothing of it is lost, and it means what was named last in the end.
pub fn append(to: &dyn Remote, name: &RefName, moves: &[Move]) -> Result<bool, ShareError> {
    for _ in 0..TRIES {
        let head = to.ref_head(name)?;
        let history = remote(to, head)?;
        let newest_first: Vec<Move> = moves.iter().rev().cloned().collect();
        let mut new = lacking(&newest_first, &history);
        let Some(last) = new.last() else {
            return Ok(false);
        };
        if let Some(newest) = history.first()
            && newest.at > last.at
        {
            // What was named later elsewhere is what the name means; it is named once more.
            new.push(newest.clone());
        }
        let mut previous = head;
        for made in new {
            let record = Move {
                name: name.to_string(),
                previous,
                ..made
            };
            let text = canonical_json::to_string(&record).map_err(StoreError::from)?;
            previous = Some(to.put_blob(text.as_bytes())?);
        }
        let latest = previous.expect("there is a move to make");
        if to.move_ref(name, head.as_ref(), &latest)? {
            return Ok(true);
        }
    }
    Err(ShareError::Busy {
        name: name.to_string(),
        place: to.place(),
    })
}
