//! The end of the demo: the model is served for a moment, and real rows are sent to it over HTTP as a person would send them.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::host::lockflight;
use crate::steps::{Failure, run, target};

/// What is sent, and what it is held against.
pub struct Live<'a> {
    /// The folder of the pipeline.
    pub example: &'a str,
    /// The table that rows are taken from.
    pub table: &'a str,
    /// The endpoint.
    pub endpoint: &'a str,
    /// The column of the answer.
    pub answer: &'a str,
    /// The column with what really happened, which is not sent.
    pub truth: &'a str,
    /// The columns that are shown beside both.
    pub shown: &'a [&'a str],
}

/// How many rows are sent.
const ROWS: usize = 10;

/// Serves the endpoint, sends it rows spread evenly over the table, and shows answers and truth side by side.
pub fn send(program: &PathBuf, live: &Live<'_>) -> Result<(), Failure> {
    let table = rows(program, live)?;
    let picked: Vec<&Vec<String>> = (0..ROWS.min(table.rows.len()))
        .map(|n| &table.rows[(2 * n + 1) * table.rows.len() / (2 * ROWS)])
        .collect();
    let server = Server::start(program, live.example)?;
    let body = records(&table.names, &picked, live.truth);
    let path = format!("/predict/{}", live.endpoint);
    println!("POST http://{}{path}\n{:.150} …\n", server.address, body);
    let answer = server.post(&path, &body)?;
    drop(server);
    println!("{answer:.200} …\n");
    let predictions = numbers(&answer, live.answer);
    if predictions.len() != picked.len() {
        return Err(format!("the server answered: {answer}").into());
    }
    print(&table.names, &picked, &predictions, live);
    Ok(())
}

struct Table {
    names: Vec<String>,
    rows: Vec<Vec<String>>,
}

/// The table's rows as texts. Its values hold neither commas nor quotes.
fn rows(program: &PathBuf, live: &Live<'_>) -> Result<Table, Failure> {
    let file = target().join("demo-rows.csv");
    let to = file.display().to_string();
    run(lockflight(
        program,
        live.example,
        &["-q", "data", "export", live.table, "--to", &to],
    )
    .stdout(Stdio::null()))?;
    let text = fs::read_to_string(&file)?;
    fs::remove_file(&file)?;
    let mut lines = text
        .lines()
        .map(|line| line.split(',').map(str::to_owned).collect());
    Ok(Table {
        names: lines.next().ok_or("the table has no columns")?,
        rows: lines.collect(),
    })
}

/// Rows as JSON objects: what is a number is one, what is empty is null.
fn records(names: &[String], rows: &[&Vec<String>], left_out: &str) -> String {
    let value = |text: &String| match text.parse::<f64>() {
        _ if text.is_empty() => "null".to_owned(),
        Ok(_) => text.clone(),
        Err(_) => format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
    };
    let record = |row: &&Vec<String>| {
        let cells = names.iter().zip(row.iter());
        let cells = cells.filter(|(name, _)| *name != left_out);
        let cells: Vec<_> = cells
            .map(|(name, text)| format!("\"{name}\": {}", value(text)))
            .collect();
        format!("{{{}}}", cells.join(", "))
    };
    let records: Vec<_> = rows.iter().map(record).collect();
    format!("[{}]", records.join(",\n"))
}

/// The numbers under a key, in the order in which they stand.
fn numbers(json: &str, key: &str) -> Vec<f64> {
    let key = format!("\"{key}\":");
    let parts = json.split(&key).skip(1);
    let number = |part: &str| {
        let end = part.find([',', '}']).unwrap_or(part.len());
        part[..end].trim().parse().ok()
    };
    parts.filter_map(number).collect()
}

fn print(names: &[String], rows: &[&Vec<String>], predictions: &[f64], live: &Live<'_>) {
    let place = |name: &str| names.iter().position(|other| other == name);
    let cell = |row: &Vec<String>, name: &str| {
        place(name)
            .and_then(|place| row.get(place).cloned())
            .unwrap_or_default()
    };
    let heads: Vec<_> = live
        .shown
        .iter()
        .map(|name| format!("{name:<12}"))
        .collect();
    println!("  {}{:>10}  {:>8}", heads.concat(), "predicted", live.truth);
    for (row, prediction) in rows.iter().zip(predictions) {
        let cells = live
            .shown
            .iter()
            .map(|name| format!("{:<12}", cell(row, name)));
        println!(
            "  {}{prediction:>10.0}  {:>8}",
            cells.collect::<String>(),
            cell(row, live.truth)
        );
    }
}

/// A server that ends with this value.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(program: &PathBuf, example: &str) -> Result<Server, Failure> {
        let mut command = lockflight(program, example, &["serve", "--listen", "127.0.0.1:0"]);
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        let mut first = String::new();
        if let Some(output) = child.stdout.take() {
            let mut output = BufReader::new(output);
            output.read_line(&mut first)?;
            // What it says at its end has a reader until then.
            std::thread::spawn(move || std::io::copy(&mut output, &mut std::io::sink()));
        }
        match first.trim().rsplit_once("http://") {
            Some((_, address)) => Ok(Server {
                child,
                address: address.to_owned(),
            }),
            None => {
                let _ = child.kill();
                Err("the server did not start; it says why above".into())
            }
        }
    }

    fn post(&self, path: &str, body: &str) -> Result<String, Failure> {
        let mut stream = TcpStream::connect(&self.address)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        write!(
            stream,
            "POST {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let body = answer
            .split_once("\r\n\r\n")
            .map(|(_, body)| body.to_owned());
        body.ok_or_else(|| "the server closed the connection".into())
    }
}

impl Drop for Server {
    /// Asks it to end, so that it writes its log of predictions.
    fn drop(&mut self) {
        let pid = self.child.id().to_string();
        let asked = Command::new("kill").arg(&pid).status();
        if !asked.is_ok_and(|status| status.success()) {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}

/// Where the demo's report goes.
pub fn report(program: &PathBuf, example: &str) -> Result<PathBuf, Failure> {
    let file = target().join("demo-report.html");
    let shown = file.display().to_string();
    run(&mut lockflight(
        program,
        example,
        &["report", "--html", &shown],
    ))?;
    Ok(Path::new(&shown).to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn rows_become_json_and_answers_numbers() {
        let names = ["day", "temp", "rain", "count"].map(str::to_owned);
        let row = ["2012-01-01", "3.5", "", "7"].map(str::to_owned).to_vec();
        let sent = records(&names, &[&row], "count");
        assert_eq!(
            sent,
            "[{\"day\": \"2012-01-01\", \"temp\": 3.5, \"rain\": null}]"
        );
        let answer = r#"{"id":"a","predictions":[{"prediction":1.5},{"prediction":-2}]}"#;
        assert_eq!(numbers(answer, "prediction"), [1.5, -2.0]);
    }
}
