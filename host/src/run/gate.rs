//! Gates: what findings stop the stages behind them. Judged from the stored findings, so that a changed gate runs nothing again.

use crate::{
    manifest::Gate,
    record::GateRecord,
    wire::{Finding, Verdict},
};

/// Judges findings by a rule.
pub fn judge(rule: Gate, findings: &[Finding]) -> GateRecord {
    let closes = |verdict: Verdict| match rule {
        Gate::None => false,
        Gate::NoFail => matches!(verdict, Verdict::Fail | Verdict::Inconclusive),
        Gate::NoWarn => verdict != Verdict::Pass,
    };
    let closed_by: Vec<u64> = (0..)
        .zip(findings)
        .filter(|(_, finding)| closes(finding.verdict))
        .map(|(index, _)| index)
        .collect();
    GateRecord {
        rule,
        open: closed_by.is_empty(),
        closed_by,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn closing(rule: Gate) -> Vec<u64> {
        let verdicts = [
            Verdict::Pass,
            Verdict::Warn,
            Verdict::Fail,
            Verdict::Inconclusive,
        ];
        let findings = verdicts.map(|verdict| Finding {
            name: "check".into(),
            subject: String::new(),
            slice: None,
            verdict,
            value: None,
            limit: None,
            rows: 0,
            failed: 0,
            message: String::new(),
            input: None,
            examples: Vec::new(),
        });
        judge(rule, &findings).closed_by
    }

    #[test]
    fn each_rule_closes_on_its_verdicts() {
        assert!(closing(Gate::None).is_empty());
        assert_eq!(closing(Gate::NoFail), [2, 3]);
        assert_eq!(closing(Gate::NoWarn), [1, 2, 3]);
    }

    #[test]
    fn no_findings_leave_every_gate_open() {
        assert!(judge(Gate::NoWarn, &[]).open);
    }
}
