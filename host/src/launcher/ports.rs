//! What a `check` foretells, held against what a `run` could return at all: later stages are checked against it.

use std::collections::HashSet;

use super::{Reason, outputs};
use crate::{
    enforcement::{Point, stands},
    table::schema::TableSchema,
    wire::Port,
};

/// The ports, if a `run` could keep that promise.
///
/// # Errors
/// Says what no `run` could return.
pub(super) fn sound(ports: Vec<Port>) -> Result<Vec<Port>, Reason> {
    let wrong = |what: String| {
        Err(Reason::Output(format!(
            "the plugin's check promised {what}"
        )))
    };
    let mut names = HashSet::new();
    if !stands(Point::CheckSound) {
        return Ok(ports);
    }
    for port in &ports {
        if !outputs::is_name(&port.name) {
            return wrong(format!(
                "an output named {:?}; {}",
                port.name,
                outputs::NAME_RULE
            ));
        }
        if !names.insert(port.name.as_str()) {
            return wrong(format!("two outputs named `{}`", port.name));
        }
        if let Some(schema) = port.schema.clone()
            && let Err(error) = TableSchema::try_from(schema)
        {
            return wrong(format!(
                "the output `{}` with a schema that lockflight does not take: {error}",
                port.name
            ));
        }
    }
    Ok(ports)
}
