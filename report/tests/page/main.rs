//! Whole pages: of anything that a report can hold.
#![allow(clippy::unwrap_used)]

mod any;
mod checker;

use lockflight_report::data::*;
use lockflight_report::html;
use proptest::prelude::*;

/// 2 MB.
const LARGEST: usize = 2_000_000;

fn check(page: &str) {
    if let Err(fault) = checker::check(page) {
        panic!("{fault}");
    }
    assert!(!page.to_lowercase().contains("<script"));
    assert!(page.len() < LARGEST, "{} bytes", page.len());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn any_report_is_a_sound_page(report in any::report()) {
        check(&html(&report));
    }
}

#[test]
fn nothing_is_a_page_too() {
    let page = html(&Report::default());
    check(&page);
    assert!(!page.contains("<section"), "no section without content");
    assert!(!page.contains("<nav"));
}

#[test]
fn every_stage_is_named_and_escaped() {
    let names = [
        "raw",
        "a<b>&\"c\"",
        "<script>alert(1)</script>",
        "x' onload='y",
        "größe.ß",
        "demand.through",
    ];
    let stages = names.iter().map(|name| any::stage(name)).collect();
    let page = html(&Report {
        stages,
        ..Report::default()
    });
    check(&page);
    for name in names {
        let escaped = (name.replace('&', "&amp;").replace('<', "&lt;"))
            .replace('>', "&gt;")
            .replace('"', "&quot;");
        let row = format!("scope=\"row\">{escaped}</th>");
        assert!(page.contains(&row), "{name}");
    }
}

#[test]
fn the_page_asks_for_nothing() {
    let page = html(&any::large("http://example.org/ url(x) @import", 3, 2));
    for loading in ["src=", "<link", "<img", "<iframe", "<object", "javascript:"] {
        assert!(!page.contains(loading), "{loading}");
    }
    let style = page.split("<style>").nth(1).unwrap();
    let style = style.split("</style>").next().unwrap();
    assert!(!style.contains("url(") && !style.contains("@import"));
}

#[test]
fn long_texts_do_not_make_a_large_page() {
    for text in ["x", "\"", "<script>", "\u{0}", "語", "\u{202e}\u{301}"] {
        check(&html(&any::large(&text.repeat(10_000), 20, 3)));
        check(&html(&any::large(&text.repeat(250), 100, 8)));
    }
}

#[test]
fn thousands_of_everything_are_cut_and_counted() {
    let page = html(&any::large("a < b", 4000, 12));
    check(&page);
    assert!(page.contains("more</p>"));
    assert!(page.contains("more, earlier ones</p>"));
}

#[test]
fn what_is_linked_to_is_there() {
    let page = html(&any::large("name", 5, 2));
    for (at, _) in page.match_indices("href=\"#") {
        let target = page[at + 7..].split('"').next().unwrap();
        assert!(page.contains(&format!("id=\"{target}\"")), "{target}");
    }
}
