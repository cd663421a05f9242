//! What `fields` can name: the members of a view, and those of the records and objects that it holds.

use std::collections::{BTreeMap, HashSet};
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ArrayItems, Schema};

use crate::http::query::{NamesByType, names_of};

/// The schemas that a view refers to, by name.
type Schemas = BTreeMap<String, RefOr<Schema>>;

/// The members of a view, from its schema. Cached, because utoipa builds the schema anew on every call.
pub fn members<V: ToSchema + 'static>() -> &'static [&'static str] {
    static MEMBERS: NamesByType = NamesByType::new(BTreeMap::new());
    names_of::<V>(&MEMBERS, || match V::schema() {
        RefOr::T(Schema::Object(view)) => view.properties.keys().cloned().collect(),
        _ => Vec::new(),
    })
}

/// The members of a view, each followed by those of what it holds, after a dot: `organisation`, `organisation.name`.
pub fn paths<V: ToSchema + 'static>() -> &'static [&'static str] {
    static PATHS: NamesByType = NamesByType::new(BTreeMap::new());
    names_of::<V>(&PATHS, || {
        let mut schemas = Vec::new();
        V::schemas(&mut schemas);
        let schemas: Schemas = schemas.into_iter().collect();
        let mut paths = Vec::new();
        for (name, member) in properties(&V::schema(), &schemas) {
            let inner = properties(&member, &schemas).into_iter();
            let inner: Vec<String> = inner.map(|(inner, _)| format!("{name}.{inner}")).collect();
            paths.push(name);
            paths.extend(inner);
        }
        let mut known = HashSet::new();
        paths.retain(|path| known.insert(path.clone()));
        paths
    })
}

/// The members of an object, of the entries of a list, or of each of several schemas.
fn properties(schema: &RefOr<Schema>, schemas: &Schemas) -> Vec<(String, RefOr<Schema>)> {
    let of_all = |items: &[RefOr<Schema>]| {
        let items = items.iter();
        items.flat_map(|item| properties(item, schemas)).collect()
    };
    match schema {
        RefOr::Ref(to) => {
            let name = to.ref_location.rsplit('/').next().unwrap_or_default();
            let target = schemas.get(name);
            target.map_or_else(Vec::new, |target| properties(target, schemas))
        }
        RefOr::T(Schema::Object(object)) => object.properties.clone().into_iter().collect(),
        RefOr::T(Schema::Array(list)) => match &list.items {
            ArrayItems::RefOrSchema(items) => properties(items, schemas),
            ArrayItems::False => Vec::new(),
        },
        RefOr::T(Schema::OneOf(either)) => of_all(&either.items),
        RefOr::T(Schema::AnyOf(either)) => of_all(&either.items),
        RefOr::T(Schema::AllOf(both)) => of_all(&both.items),
        RefOr::T(_) => Vec::new(),
    }
}
