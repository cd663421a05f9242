//! Unit tests of `access::rights`.
use answerable::access::rights::*;

#[test]
fn a_grant_holds_for_its_scope_and_organisation_only() {
    let mut rights = Rights::default();
    rights.grant(Scope::ArticlesWrite, "a");
    let (a, b) = (["a".to_owned()], ["b".to_owned()]);
    assert!(rights.cover(Scope::ArticlesWrite, &a));
    assert!(rights.cover(Scope::ArticlesWrite, &[b[0].clone(), a[0].clone()]));
    assert!(!rights.cover(Scope::ArticlesWrite, &b));
    assert!(!rights.cover(Scope::ArticlesWrite, &[]));
    assert!(!rights.cover(Scope::ArticlesPublish, &a));
    assert!(!rights.cover(Scope::Admin, &a));
    rights.grant(Scope::Admin, "b");
    assert!(rights.cover(Scope::ArticlesPublish, &b));
    assert!(!rights.cover(Scope::ArticlesPublish, &a));
    assert!(!rights.cover(Scope::ArticlesPublish, &[]));
    assert!(Rights::all().cover(Scope::ArticlesPublish, &[]));
}
