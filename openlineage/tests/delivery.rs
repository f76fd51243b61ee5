//! Deliveries to receivers that behave well and badly: nothing is lost, the order stays, the time is bounded.

#![allow(clippy::unwrap_used)]

mod support;

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use lockflight_openlineage::{Delivery, Event, Limits, Outbox, Sink, events};
use support::{Manner, Receiver, run};

const KEY: &str = "k3y-of-nobody";

/// Generous, since machines that run tests are slow at times.
const SOON: Duration = Duration::from_secs(20);

struct Place {
    folder: tempfile::TempDir,
    outbox: Outbox,
    events: Vec<Event>,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            outbox: Outbox::new(folder.path()),
            folder,
            events: events(&run()),
        }
    }

    fn send(&self, url: &str, events: &[Event]) -> Delivery {
        let sink = Sink::http(url, None, Some(KEY)).unwrap();
        let began = Instant::now();
        let delivery = self.outbox.deliver(&sink, events, &limits());
        assert!(began.elapsed() < SOON);
        assert!(!format!("{delivery:?}").contains(KEY));
        delivery
    }

    /// After trouble: all are kept, a receiver that is well gets them all in their order, and after them what is new.
    fn recovers(&self, receiver: &Receiver) {
        receiver.behave(Manner::Accept);
        let before = receiver.accepted().len();
        let more = &self.events[..1];
        let delivery = self.send(&receiver.url, more);
        let count = self.events.len() + more.len();
        assert_eq!((delivery.sent, delivery.kept), (count, 0));
        assert_eq!((delivery.dropped, delivery.error), (0, None));
        let wanted = self.events.iter().chain(more).map(Event::line);
        assert!(receiver.accepted()[before..].iter().eq(wanted));
        assert_eq!(files(&self.folder.path().join("events")), 0);
    }

    fn all_are_kept(&self, delivery: &Delivery, error: &str) {
        let all = self.events.len();
        assert_eq!((delivery.sent, delivery.kept), (0, all), "{delivery:?}");
        assert_eq!((delivery.rejected, delivery.dropped), (0, 0));
        let said = delivery.error.as_deref().unwrap();
        assert!(said.contains(error), "{said}");
        assert_eq!(files(&self.folder.path().join("events")), all);
    }
}

fn limits() -> Limits {
    Limits {
        connect: Duration::from_millis(500),
        request: Duration::from_millis(500),
        total: Duration::from_secs(5),
        events: 1000,
        bytes: 10 << 20,
    }
}

fn files(folder: &Path) -> usize {
    fs::read_dir(folder).map_or(0, Iterator::count)
}

fn answer(status: u16, text: &str) -> Manner {
    Manner::Answer(status, String::new(), text.to_owned())
}

#[test]
fn a_receiver_that_is_well_gets_all_in_order() {
    let (place, receiver) = (Place::new(), Receiver::new(Manner::Accept));
    let delivery = place.send(&receiver.url, &place.events);
    assert_eq!((delivery.sent, delivery.kept), (place.events.len(), 0));
    assert_eq!(delivery.error, None);
    let requests = receiver.requests();
    let bodies = requests.iter().map(|request| request.body.as_str());
    assert!(bodies.eq(place.events.iter().map(Event::line)));
    let head = requests[0].head.to_ascii_lowercase();
    assert!(
        head.starts_with("post /api/v1/lineage http/1.1\r\n"),
        "{head}"
    );
    assert!(head.contains("content-type: application/json\r\n"));
    assert!(head.contains(&format!("authorization: bearer {KEY}\r\n")));
}

#[test]
fn a_receiver_in_trouble_gets_them_later() {
    for status in [500, 503, 429, 401, 404] {
        let (place, receiver) = (Place::new(), Receiver::new(answer(status, "not\nnow")));
        let delivery = place.send(&receiver.url, &place.events);
        place.all_are_kept(&delivery, &format!("answered {status}: not now"));
        assert_eq!(receiver.requests().len(), 1);
        place.recovers(&receiver);
    }
}

#[test]
fn a_receiver_that_resets_gets_them_later() {
    let (place, receiver) = (Place::new(), Receiver::new(Manner::Reset));
    let delivery = place.send(&receiver.url, &place.events);
    place.all_are_kept(&delivery, &receiver.url);
    place.recovers(&receiver);
}

#[test]
fn a_receiver_that_is_silent_gets_them_later() {
    let (place, receiver) = (Place::new(), Receiver::new(Manner::Silent));
    let delivery = place.send(&receiver.url, &place.events);
    place.all_are_kept(&delivery, "timeout");
    place.recovers(&receiver);
}

#[test]
fn a_receiver_that_is_absent_gets_them_later() {
    let place = Place::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let delivery = place.send(&format!("http://{address}"), &place.events);
    place.all_are_kept(&delivery, &address.to_string());
    let Ok(listener) = TcpListener::bind(address) else {
        // Another test has the port by now.
        return;
    };
    place.recovers(&Receiver::on(listener, Manner::Accept));
}

#[test]
fn a_slow_receiver_takes_no_longer_than_the_limit() {
    let place = Place::new();
    let absent = Sink::http("http://127.0.0.1:1", None, None).unwrap();
    let many = vec![place.events.clone(); 25].concat();
    place.outbox.deliver(&absent, &many, &limits());
    let receiver = Receiver::new(Manner::Slow(Duration::from_millis(100)));
    let limits = Limits {
        total: Duration::from_secs(1),
        ..limits()
    };
    let sink = Sink::http(&receiver.url, None, None).unwrap();
    let began = Instant::now();
    let delivery = place.outbox.deliver(&sink, &[], &limits);
    assert!(began.elapsed() < SOON);
    assert!(delivery.sent < many.len());
    assert_eq!(delivery.sent + delivery.kept, many.len());
    assert!(delivery.error.is_some());
    receiver.behave(Manner::Accept);
    let rest = place.send(&receiver.url, &[]);
    assert_eq!((rest.sent, rest.kept), (delivery.kept, 0));
    // The one whose answer came too late is sent twice, with the same content.
    let mut lines = receiver.accepted();
    lines.dedup();
    assert!(lines.iter().eq(many.iter().map(Event::line)));
}

#[test]
fn what_is_refused_is_set_aside_with_the_answer_and_without_the_key() {
    let text = format!("no field x, and {KEY} is no key");
    let (place, receiver) = (Place::new(), Receiver::new(answer(400, &text)));
    let delivery = place.send(&receiver.url, &place.events);
    let all = place.events.len();
    assert_eq!((delivery.rejected, delivery.kept), (all, 0));
    let said = delivery.error.unwrap();
    assert!(
        said.contains("answered 400: no field x, and [key] is"),
        "{said}"
    );
    let (_, path) = said.split_once("; see ").unwrap();
    assert_eq!(fs::read_to_string(path).unwrap(), place.events[0].line());
    let beside = fs::read_to_string(Path::new(path).with_extension("txt")).unwrap();
    assert_eq!(beside, "answered 400: no field x, and [key] is no key\n");
    assert_eq!(files(&place.folder.path().join("rejected")), 2 * all);
}

#[test]
fn a_redirect_is_not_followed() {
    for status in [301, 302, 303, 307, 308] {
        let (place, other) = (Place::new(), Receiver::new(Manner::Accept));
        let location = format!("location: {}/api/v1/lineage\r\n", other.url);
        let first = Receiver::new(Manner::Answer(status, location, String::new()));
        let delivery = place.send(&first.url, &place.events);
        place.all_are_kept(&delivery, "redirect");
        assert!(other.requests().is_empty());
        place.recovers(&first);
    }
}

#[test]
fn beyond_the_limits_the_oldest_are_dropped() {
    let (place, receiver) = (Place::new(), Receiver::new(answer(500, "")));
    let limits = Limits {
        events: 3,
        ..limits()
    };
    let sink = Sink::http(&receiver.url, None, None).unwrap();
    let delivery = place.outbox.deliver(&sink, &place.events, &limits);
    let all = place.events.len();
    assert_eq!((delivery.kept, delivery.dropped), (3, all - 3));
    receiver.behave(Manner::Accept);
    assert_eq!(place.send(&receiver.url, &[]).sent, 3);
    let wanted = place.events[all - 3..].iter().map(Event::line);
    assert!(receiver.accepted().iter().eq(wanted));
}

#[test]
fn a_file_that_is_no_event_is_set_aside() {
    let (place, receiver) = (Place::new(), Receiver::new(Manner::Accept));
    let folder = place.folder.path().join("events");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("0.json"), "{\"half").unwrap();
    fs::write(folder.join("1.json"), b"\xff").unwrap();
    let delivery = place.send(&receiver.url, &place.events);
    assert_eq!((delivery.sent, delivery.rejected), (place.events.len(), 2));
    assert_eq!(receiver.accepted().len(), place.events.len());
}

#[test]
fn without_a_folder_events_are_sent_all_the_same() {
    let (place, receiver) = (Place::new(), Receiver::new(Manner::Accept));
    let file = place.folder.path().join("file");
    fs::write(&file, "").unwrap();
    let outbox = Outbox::new(file.join("outbox"));
    let sink = Sink::http(&receiver.url, None, None).unwrap();
    let delivery = outbox.deliver(&sink, &place.events, &limits());
    assert_eq!(delivery.sent, place.events.len());
    assert!(
        delivery
            .error
            .unwrap()
            .contains("can't write to the outbox")
    );
    receiver.behave(answer(500, ""));
    let delivery = outbox.deliver(&sink, &place.events, &limits());
    assert_eq!(delivery.dropped, place.events.len());
}

#[test]
fn two_at_once_lose_nothing_and_send_nothing_twice() {
    let place = Place::new();
    let receiver = Receiver::new(Manner::Slow(Duration::from_millis(5)));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| place.send(&receiver.url, &place.events));
        }
    });
    let last = place.send(&receiver.url, &[]);
    assert_eq!((last.kept, last.dropped), (0, 0));
    let accepted = receiver.accepted();
    assert_eq!(accepted.len(), 4 * place.events.len());
    for event in &place.events {
        let times = accepted.iter().filter(|line| *line == event.line());
        assert_eq!(times.count(), 4);
    }
}
