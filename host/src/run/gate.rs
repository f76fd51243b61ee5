//! Gates: what stops the stages behind one. Judged from the stored result, so that a changed gate runs nothing again.

use super::figures::{Figures, Seen};
use crate::{
    job::StageResult,
    manifest::{
        Gate,
        gate::{self, Condition, Verdicts},
    },
    record::{ConditionRecord, FigureRecord, GateRecord},
    wire::{Finding, Verdict},
};

/// Judges what a stage found and measured.
pub fn judge(gate: &Gate, result: &StageResult) -> GateRecord {
    let conditions: Vec<_> = gate
        .conditions()
        .iter()
        .map(|condition| match condition {
            Condition::Verdicts(verdicts) => by_verdicts(*verdicts, &result.findings),
            Condition::Figures(figures) => by_figures(figures, result),
        })
        .collect();
    GateRecord {
        open: conditions.iter().all(|condition| condition.holds),
        conditions,
    }
}

fn by_verdicts(rule: Verdicts, findings: &[Finding]) -> ConditionRecord {
    let closes = |verdict: Verdict| match rule {
        Verdicts::None => false,
        Verdicts::NoFail => matches!(verdict, Verdict::Fail | Verdict::Inconclusive),
        Verdicts::NoWarn => verdict != Verdict::Pass,
    };
    let closed_by: Vec<u64> = (0..)
        .zip(findings)
        .filter(|(_, finding)| closes(finding.verdict))
        .map(|(index, _)| index)
        .collect();
    ConditionRecord {
        rule: rule.word().to_owned(),
        holds: closed_by.is_empty(),
        closed_by,
        saw: Vec::new(),
    }
}

fn by_figures(condition: &gate::Figures, result: &StageResult) -> ConditionRecord {
    let figures = Figures {
        findings: &result.findings,
        metrics: &result.metrics,
    };
    let seen: Vec<Seen> = condition
        .figures()
        .iter()
        .map(|figure| figures.see(figure))
        .collect();
    // What is undefined is null to the condition; what does not exist is a mistake in it, whatever the rest says.
    let all_exist = !seen.iter().any(|seen| matches!(seen, Seen::Absent { .. }));
    let values: Vec<_> = seen.iter().map(Seen::value).collect();
    let saw = condition.figures().iter().zip(seen);
    ConditionRecord {
        rule: condition.text().to_owned(),
        holds: all_exist && condition.holds(&values),
        closed_by: Vec::new(),
        saw: saw
            .map(|(figure, seen)| record(figure.to_string(), seen))
            .collect(),
    }
}

fn record(figure: String, seen: Seen) -> FigureRecord {
    let mut record = FigureRecord {
        figure,
        value: seen.value(),
        slice: None,
        left_out: Vec::new(),
        absent: matches!(seen, Seen::Absent { .. }),
        why: None,
        help: None,
    };
    match seen {
        Seen::Value {
            slice, left_out, ..
        } => (record.slice, record.left_out) = (slice, left_out),
        Seen::Undefined { why, left_out } => (record.why, record.left_out) = (Some(why), left_out),
        Seen::Absent { why, help } => (record.why, record.help) = (Some(why), help),
    }
    record
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::run::figures::tests::{finding, metric};

    fn closing(rule: Verdicts) -> Vec<u64> {
        let verdicts = [
            Verdict::Pass,
            Verdict::Warn,
            Verdict::Fail,
            Verdict::Inconclusive,
        ];
        let findings = verdicts.map(|verdict| Finding {
            verdict,
            ..finding("check", "", None, None)
        });
        by_verdicts(rule, &findings).closed_by
    }

    #[test]
    fn each_word_closes_on_its_verdicts() {
        assert!(closing(Verdicts::None).is_empty());
        assert_eq!(closing(Verdicts::NoFail), [2, 3]);
        assert_eq!(closing(Verdicts::NoWarn), [1, 2, 3]);
    }

    #[test]
    fn no_findings_leave_every_word_open() {
        assert!(by_verdicts(Verdicts::NoWarn, &[]).holds);
    }

    fn quality() -> StageResult {
        StageResult {
            findings: vec![
                finding("r2", "", None, Some(0.83)),
                finding("r2", "", Some("season = winter"), Some(0.55)),
                finding("r2", "", Some("season = summer"), Some(0.9)),
                finding("auc", "", None, None),
            ],
            metrics: vec![metric("rmse", 40.0, None)],
            ..StageResult::default()
        }
    }

    fn judged(text: &str) -> ConditionRecord {
        match Condition::parse(text).unwrap() {
            Condition::Figures(figures) => by_figures(&figures, &quality()),
            Condition::Verdicts(verdicts) => by_verdicts(verdicts, &quality().findings),
        }
    }

    #[test]
    fn a_condition_says_what_it_saw() {
        let condition = judged("r2 >= 80% and lowest(r2, 'season') >= 0.6");
        assert!(!condition.holds);
        assert_eq!(condition.saw[0].value, Some(0.83));
        assert_eq!(condition.saw[1].figure, "lowest(r2, 'season')");
        assert_eq!(condition.saw[1].slice.as_deref(), Some("season = winter"));
        assert!(judged("r2 >= 0.8 and rmse < 41").holds);
    }

    #[test]
    fn what_is_undefined_is_null_and_holds_nothing() {
        assert!(!judged("auc > 0").holds);
        assert!(!judged("not (auc > 0)").holds);
        assert!(judged("auc is null and r2 > 0").holds);
    }

    #[test]
    fn what_does_not_exist_closes_the_gate_whatever_else_is_said() {
        let condition = judged("r2 > 0.8 or rmsee > 0.8 or rmsee is null");
        assert!(!condition.holds);
        assert_eq!(
            condition.saw[1].help.as_deref(),
            Some("did you mean \"rmse\"?")
        );
    }
}
