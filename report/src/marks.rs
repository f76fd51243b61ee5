//! Verdicts and states as a colour's class, a mark and a word: never the colour alone.

use maud::{Markup, html};

use crate::data::{Status, Verdict};

/// How something is shown.
#[derive(Clone, Copy)]
pub struct Mark {
    /// The class that gives the colour.
    pub class: &'static str,
    /// One character.
    pub sign: &'static str,
    /// One word.
    pub word: &'static str,
}

/// What stands for a verdict.
pub fn verdict(verdict: Verdict) -> Mark {
    let (class, sign, word) = match verdict {
        Verdict::Pass => ("pass", "✓", "pass"),
        Verdict::Warn => ("warn", "!", "warn"),
        Verdict::Fail => ("fail", "✗", "fail"),
        Verdict::Inconclusive => ("unsure", "?", "inconclusive"),
    };
    Mark { class, sign, word }
}

/// What stands for a state.
pub fn status(status: Status) -> Mark {
    let (class, sign, word) = match status {
        Status::Ran => ("pass", "✓", "ran"),
        Status::Cached => ("kept", "↺", "cached"),
        Status::Failed => ("fail", "✗", "failed"),
        Status::Blocked => ("warn", "!", "blocked"),
        Status::Cancelled => ("unsure", "–", "cancelled"),
        Status::Skipped => ("unsure", "–", "left out"),
    };
    Mark { class, sign, word }
}

/// What stands for yes or no.
pub fn holds(holds: bool) -> Mark {
    verdict(if holds { Verdict::Pass } else { Verdict::Fail })
}

/// How bad a verdict is, for the worst of several.
pub fn severity(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Pass => 0,
        Verdict::Inconclusive => 1,
        Verdict::Warn => 2,
        Verdict::Fail => 3,
    }
}

impl Mark {
    /// Sign and word with the colour behind them.
    pub fn badge(self) -> Markup {
        badge(self, self.word)
    }

    /// The sign alone, with the word for whoever hears the page.
    pub fn sign(self) -> Markup {
        html! { span class={ "sign " (self.class) } title=(self.word) { (self.sign) } }
    }
}

/// A badge with words of its own.
pub fn badge(mark: Mark, words: &str) -> Markup {
    html! { span class={ "badge " (mark.class) } { (mark.sign) " " (words) } }
}
