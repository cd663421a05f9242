//! Unit tests of `resources::deadlines::rules`.
use answerable::resources::deadlines::rules::*;
use garde::Validate;

#[test]
fn shipped_rules_are_valid() {
    assert_eq!(BUILT_IN.len(), 10);
    for rule in BUILT_IN.iter() {
        assert!(rule.validate().is_ok(), "{}", rule.id);
    }
}

#[test]
fn an_invalid_operator_rule_is_reported() {
    let good = BUILT_IN[0].clone();
    let refusal = |rule: &DeadlineRule| {
        read(&serde_json::to_string(&[rule]).unwrap())
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        refusal(&good),
        format!("there is already a rule '{}'", good.id)
    );
    let mut bad = DeadlineRule {
        id: "own-rule".to_owned(),
        time_zone: "Mars/Olympus".to_owned(),
        ..good
    };
    assert!(refusal(&bad).contains("time_zone"), "{}", refusal(&bad));
    bad.time_zone = "Europe/London".to_owned();
    assert_eq!(
        read(&serde_json::to_string(&[&bad]).unwrap()).unwrap(),
        [bad]
    );
}
