//! Requests that are scored together, their rows in one table.

use std::ops::Range;

use arrow_array::RecordBatch;
use arrow_select::concat::concat_batches;
use lockflight_oip::{infer, records::Gathered};
use tokio::sync::oneshot;

use super::{
    log::Noted,
    pool::{Answer, Answered},
    question::{Asked, Question, Signature},
};

/// A request and where its answer goes.
pub struct Waiting {
    /// What is asked.
    pub question: Question,
    /// What the log says of it.
    pub noted: Noted,
    /// Where the answer goes.
    pub answer: oneshot::Sender<Answer>,
}

/// A request of a group.
pub struct Member {
    /// What was asked.
    pub asked: Asked,
    /// Its rows in the group's table.
    pub rows: Range<usize>,
    /// What the log says of it.
    pub noted: Noted,
    /// Where the answer goes.
    pub answer: oneshot::Sender<Answer>,
}

/// Requests with a table of all their rows.
pub struct Group {
    /// The requests; there is at least one.
    pub members: Vec<Member>,
    /// Their rows.
    pub rows: RecordBatch,
}

impl Group {
    /// Each request for itself.
    pub fn apart(self) -> impl Iterator<Item = Group> {
        let rows = self.rows;
        self.members.into_iter().map(move |member| Group {
            rows: rows.slice(member.rows.start, member.rows.len()),
            members: vec![Member {
                rows: 0..member.rows.len(),
                ..member
            }],
        })
    }
}

/// A group that is being gathered.
pub struct Gathering<'a> {
    signature: &'a Signature,
    rows: Gathered<'a>,
    /// The requests that brought rows.
    members: Vec<Member>,
    /// Those that brought tables.
    tables: Vec<Group>,
    /// The rows of these.
    table_rows: usize,
    refused: Answered,
}

impl<'a> Gathering<'a> {
    /// No request yet, and room for so many.
    pub fn new(signature: &'a Signature, requests: usize) -> Gathering<'a> {
        Gathering {
            signature,
            rows: Gathered::new(&signature.takes, requests),
            members: Vec::with_capacity(requests),
            tables: Vec::new(),
            table_rows: 0,
            refused: Vec::new(),
        }
    }

    /// How many requests there are.
    pub fn requests(&self) -> usize {
        self.members.len() + self.tables.len() + self.refused.len()
    }

    /// How many rows they have.
    pub fn rows(&self) -> usize {
        self.rows.rows() + self.table_rows
    }

    /// Reads a request.
    pub fn add(&mut self, waiting: Waiting) {
        let Waiting {
            question,
            mut noted,
            answer,
        } = waiting;
        match question {
            Question::Rows(body) => match self.rows.read(&body, &self.signature.limits) {
                Ok(mut request) => {
                    noted.request = request.id.take();
                    self.members.push(Member {
                        rows: request.rows.clone(),
                        asked: Asked::Rows(request),
                        noted,
                        answer,
                    });
                }
                Err(error) => self.refused.push((answer, Err(error.into()))),
            },
            Question::Tensors(request) => {
                noted.request.clone_from(&request.id);
                self.table_rows += request.rows.num_rows();
                self.tables.push(of_tensors(request, noted, answer));
            }
        }
    }

    /// One group of all requests, and the answers to those that cannot be read. There are several groups if the texts of large
    /// requests are more than one column holds, and none if every request was refused.
    pub fn finish(self) -> (Vec<Group>, Answered) {
        let mut groups = Vec::with_capacity(1);
        if !self.members.is_empty() {
            groups.push(Group {
                members: self.members,
                rows: self.rows.finish(),
            });
        }
        groups.extend(self.tables);
        (joined(groups), self.refused)
    }
}

fn of_tensors(request: infer::Request, noted: Noted, answer: oneshot::Sender<Answer>) -> Group {
    let rows = request.rows.clone();
    let member = Member {
        rows: 0..rows.num_rows(),
        asked: Asked::Tensors(request),
        noted,
        answer,
    };
    Group {
        members: vec![member],
        rows,
    }
}

fn joined(groups: Vec<Group>) -> Vec<Group> {
    if groups.len() < 2 {
        return groups;
    }
    let tables = groups.iter().map(|group| &group.rows);
    let Ok(rows) = concat_batches(groups[0].rows.schema_ref(), tables) else {
        return groups;
    };
    let mut first = 0;
    let mut members = Vec::new();
    for group in groups {
        members.extend(group.members.into_iter().map(|member| Member {
            rows: first + member.rows.start..first + member.rows.end,
            ..member
        }));
        first += group.rows.num_rows();
    }
    vec![Group { members, rows }]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Arc;

    use arrow_array::{Float64Array, cast::AsArray, types::Float64Type};
    use arrow_schema::{DataType, Field, Schema};
    use lockflight_oip::{Columns, Limits};
    use serde_json::Value;

    use super::*;

    fn signature() -> Signature {
        let columns = |name: &str| {
            let field = Field::new(name, DataType::Float64, true);
            Columns::new(Arc::new(Schema::new(vec![field]))).unwrap()
        };
        Signature {
            endpoint: "e".into(),
            version: "1".into(),
            package: "sha256:0".into(),
            takes: columns("x"),
            gives: columns("y"),
            limits: Limits {
                rows: 10,
                text_bytes: 100,
            },
        }
    }

    fn waiting(question: Question, id: &str) -> Waiting {
        let noted = Noted {
            id: id.to_owned(),
            request: None,
            time: 0,
        };
        Waiting {
            question,
            noted,
            answer: oneshot::channel().0,
        }
    }

    #[test]
    fn requests_of_both_kinds_go_together_and_each_gets_its_own_answer() {
        let signature = signature();
        let rows = |body: &'static str| Question::Rows(body.as_bytes().into());
        let tensors = br#"{"id": "t", "inputs": [{"name": "x", "shape": [2], "datatype": "FP64", "data": [3, 4]}]}"#;
        let mut gathering = Gathering::new(&signature, 1);
        gathering.add(waiting(signature.tensors(tensors).unwrap(), "p0"));
        gathering.add(waiting(rows(r#"{"id": "r", "rows": [{"x": 1}]}"#), "p1"));
        gathering.add(waiting(rows(r#"[{"x": "no"}]"#), "p2"));
        gathering.add(waiting(rows(r#"{"x": 2}"#), "p3"));
        assert_eq!((gathering.requests(), gathering.rows()), (4, 4));
        let (groups, refused) = gathering.finish();
        assert_eq!((groups.len(), refused.len()), (1, 1));

        let group = groups.into_iter().next().unwrap();
        let x: &Float64Array = group.rows.column(0).as_primitive();
        let y = x.unary::<_, Float64Type>(|x| 10.0 * x);
        let scored = RecordBatch::try_from_iter([("y", Arc::new(y) as _)]).unwrap();
        let answers = group.members.iter().map(|member| {
            let (asked, id) = (&member.asked, &member.noted.id);
            let body = signature.answer(asked, id, &scored, member.rows.clone());
            let answer: Value = serde_json::from_slice(&body.unwrap()).unwrap();
            let values = match &answer["outputs"] {
                Value::Null => answer["predictions"].clone(),
                outputs => outputs[0]["data"].clone(),
            };
            let request = member.noted.request.clone();
            (answer["id"].to_string(), request, values.to_string())
        });
        let answer = |id: &str, request: Option<&str>, values: &str| {
            (
                format!("{id:?}"),
                request.map(str::to_owned),
                values.to_owned(),
            )
        };
        let expected = [
            answer("p1", Some("r"), r#"[{"y":10.0}]"#),
            answer("p3", None, r#"[{"y":20.0}]"#),
            answer("t", Some("t"), "[30.0,40.0]"),
        ];
        assert_eq!(answers.collect::<Vec<_>>(), expected);

        let apart: Vec<_> = group.apart().map(|one| one.rows.num_rows()).collect();
        assert_eq!(apart, [1, 1, 2]);
    }
}
