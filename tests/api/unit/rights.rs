//! Unit tests of `access::rights`.
use answerable::access::rights::*;
use answerable::platform::identity::RecordId;

#[test]
fn a_grant_holds_for_its_scope_and_organisation_only() {
    let mut rights = Rights::default();
    let (a, b) = ([RecordId::generate()], [RecordId::generate()]);
    rights.grant(Scope::ArticlesWrite, a[0].as_str());
    assert!(rights.allow(Scope::ArticlesWrite, &a));
    assert!(rights.allow(Scope::ArticlesWrite, &[b[0], a[0]]));
    assert!(!rights.allow(Scope::ArticlesWrite, &b));
    assert!(!rights.allow(Scope::ArticlesWrite, &[]));
    assert!(!rights.allow(Scope::ArticlesPublish, &a));
    assert!(!rights.allow(Scope::Admin, &a));
    rights.grant(Scope::Admin, b[0].as_str());
    assert!(rights.allow(Scope::ArticlesPublish, &b));
    assert!(!rights.allow(Scope::ArticlesPublish, &a));
    assert!(!rights.allow(Scope::ArticlesPublish, &[]));
    assert!(Rights::all().allow(Scope::ArticlesPublish, &[]));
}
