//! The interfaces that all stage worlds share, and how their types become messages on the wire.

#![allow(missing_docs)] // Generated from WIT, which documents every item.

wasmtime::component::bindgen!({
    inline: "
        package lockflight:host;
        world services {
            import lockflight:data/tables@0.1.0;
            import lockflight:data/blobs@0.1.0;
            import lockflight:stage/job@0.1.0;
            import lockflight:stage/answers@0.1.0;
        }
    ",
    path: "../wit",
    imports: { default: trappable },
    with: {
        "lockflight:data/tables.table": crate::child::tables::Table,
        "lockflight:data/tables.batches": crate::child::tables::Batches,
        "lockflight:data/tables.table-writer": crate::child::tables::TableWriter,
        "lockflight:data/blobs.blob": crate::child::blobs::Blob,
        "lockflight:data/blobs.blob-writer": crate::child::blobs::BlobWriter,
    },
});

use lockflight::{
    data::types,
    stage::{answers, job},
};

use crate::{child::Guest, table::schema::FieldNode, wire};

impl From<types::Schema> for wire::SchemaNodes {
    fn from(schema: types::Schema) -> Self {
        let node = |f: types::Field| FieldNode {
            name: f.name,
            format: f.format,
            nullable: f.nullable,
            children: f.children,
            metadata: f.metadata,
        };
        wire::SchemaNodes {
            fields: schema.fields.into_iter().map(node).collect(),
            metadata: schema.metadata,
        }
    }
}

impl From<wire::SchemaNodes> for types::Schema {
    fn from(schema: wire::SchemaNodes) -> Self {
        let field = |n: FieldNode| types::Field {
            name: n.name,
            format: n.format,
            nullable: n.nullable,
            children: n.children,
            metadata: n.metadata,
        };
        types::Schema {
            fields: schema.fields.into_iter().map(field).collect(),
            metadata: schema.metadata,
        }
    }
}

impl From<job::Port> for wire::Port {
    fn from(port: job::Port) -> Self {
        wire::Port {
            name: port.name,
            kind: match port.kind {
                job::PortKind::Table => wire::PortKind::Table,
                job::PortKind::Blob => wire::PortKind::Blob,
            },
            schema: port.schema.map(Into::into),
        }
    }
}

impl From<answers::Problem> for wire::Problem {
    fn from(problem: answers::Problem) -> Self {
        wire::Problem {
            place: match problem.place {
                answers::Place::Stage => wire::Place::Stage,
                answers::Place::Config(pointer) => wire::Place::Config(pointer),
                answers::Place::Input(name) => wire::Place::Input(name),
                answers::Place::File(span) => wire::Place::File {
                    input: span.input,
                    start: span.start,
                    end: span.end,
                },
            },
            message: problem.message,
            help: problem.help,
        }
    }
}

impl From<answers::Failure> for wire::Failure {
    fn from(failure: answers::Failure) -> Self {
        match failure {
            answers::Failure::Config(problems) => {
                wire::Failure::Config(problems.into_iter().map(Into::into).collect())
            }
            answers::Failure::Data(text) => wire::Failure::Data(text),
            answers::Failure::Internal(text) => wire::Failure::Internal(text),
        }
    }
}

impl From<answers::Verdict> for wire::Verdict {
    fn from(verdict: answers::Verdict) -> Self {
        match verdict {
            answers::Verdict::Pass => wire::Verdict::Pass,
            answers::Verdict::Warn => wire::Verdict::Warn,
            answers::Verdict::Fail => wire::Verdict::Fail,
            answers::Verdict::Inconclusive => wire::Verdict::Inconclusive,
        }
    }
}

impl From<answers::Finding> for wire::Finding {
    fn from(f: answers::Finding) -> Self {
        wire::Finding {
            name: f.name,
            subject: f.subject,
            slice: f.slice,
            verdict: f.verdict.into(),
            value: f.value,
            limit: f.limit,
            rows: f.rows,
            failed: f.failed,
            message: f.message,
            input: f.input,
            examples: f.examples,
        }
    }
}

/// The ending of a `check`.
pub fn checked(answer: Result<Vec<job::Port>, Vec<answers::Problem>>) -> wire::Ending {
    match answer {
        Ok(ports) => wire::Ending::Ports(ports.into_iter().map(Into::into).collect()),
        Err(problems) => wire::Ending::Problems(problems.into_iter().map(Into::into).collect()),
    }
}

/// The outputs that a guest returned: its writers become numbers, and stay open at the launcher.
///
/// # Errors
/// When the guest returned something that is no writer of its own.
pub fn outputs(
    guest: &mut Guest,
    outputs: Vec<answers::Output>,
) -> wasmtime::Result<Vec<wire::Output>> {
    outputs
        .into_iter()
        .map(|output| {
            let writer = match output.content {
                answers::Content::Table(writer) => guest.resources.delete(writer)?.number,
                answers::Content::Blob(writer) => guest.resources.delete(writer)?.number,
            };
            Ok(wire::Output {
                name: output.name,
                writer,
            })
        })
        .collect()
}
