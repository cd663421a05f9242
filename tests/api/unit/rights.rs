//! Unit tests of `access::rights`.
use answerable::access::rights::*;

#[test]
fn a_grant_holds_for_its_scope_and_organisation_only() {
    let mut rights = Rights::default();
    rights.grant(Scope::ArticlesWrite, "a");
    let (a, b) = (["a".to_owned()], ["b".to_owned()]);
    assert!(rights.allow(Scope::ArticlesWrite, &a));
    assert!(rights.allow(Scope::ArticlesWrite, &[b[0].clone(), a[0].clone()]));
    assert!(!rights.allow(Scope::ArticlesWrite, &b));
    assert!(!rights.allow(Scope::ArticlesWrite, &[]));
    assert!(!rights.allow(Scope::ArticlesPublish, &a));
    assert!(!rights.allow(Scope::Admin, &a));
    rights.grant(Scope::Admin, "b");
    assert!(rights.allow(Scope::ArticlesPublish, &b));
    assert!(!rights.allow(Scope::ArticlesPublish, &a));
    assert!(!rights.allow(Scope::ArticlesPublish, &[]));
    assert!(Rights::all().allow(Scope::ArticlesPublish, &[]));
}
