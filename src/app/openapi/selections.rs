//! What `fields` can name, and what responses look like with it.

use std::collections::BTreeSet;

use utoipa::openapi::path::Parameter;
use utoipa::openapi::schema::{AnyOfBuilder, ArrayItems, Schema};
use utoipa::openapi::{Components, Paths, Ref, RefOr};

use super::responses::member_of;
use crate::log::Resource;
use crate::tracking::catalogue;

/// Lets responses have a selection of the members of each record that `fields` applies to, and of what it holds.
pub(super) fn add(components: &mut Components) {
    let mut selected = BTreeSet::new();
    for resource in Resource::ALL {
        let name = catalogue::kind(resource).view_schema();
        if !components.schemas.contains_key(&name) {
            continue;
        }
        add_selection(components, &name, &mut selected);
        let either = RefOr::T(Schema::AnyOf(
            AnyOfBuilder::new()
                .item(Ref::from_schema_name(&name))
                .item(Ref::from_schema_name(selection(&name)))
                .build(),
        ));
        if let Some(data) = member_of(components, &format!("Item_{name}"), "data") {
            *data = either.clone();
        }
        let lists = [format!("List_{name}"), format!("ListOf_{name}_")];
        let responses = components.schemas.keys();
        let lists = responses.filter(|one| **one == lists[0] || one.starts_with(&lists[1]));
        for list in lists.cloned().collect::<Vec<_>>() {
            if let Some(RefOr::T(Schema::Array(list))) = member_of(components, &list, "data") {
                list.items = ArrayItems::RefOrSchema(Box::new(either.clone()));
            }
        }
    }
}

/// The name of the schema of a selection.
fn selection(name: &str) -> String {
    format!("{name}Selection")
}

/// Adds the schema of a selection of an object's members, and those of the objects that it holds.
fn add_selection(components: &mut Components, name: &str, selected: &mut BTreeSet<String>) {
    if !selected.insert(name.to_owned()) {
        return;
    }
    let Some(mut schema) = components.schemas.get(name).cloned() else {
        return;
    };
    if let RefOr::T(Schema::Object(object)) = &mut schema {
        object.required.clear();
        object.description = Some("Only the members that `fields` names.".to_owned());
    }
    for to in references(&mut schema) {
        let target = to.ref_location.rsplit('/').next().unwrap_or_default();
        let target = target.to_owned();
        if has_members(components, &target) {
            add_selection(components, &target, selected);
            *to = Ref::from_schema_name(selection(&target));
        }
    }
    components.schemas.insert(selection(name), schema);
}

/// Whether values of a schema are objects with members.
fn has_members(components: &Components, name: &str) -> bool {
    match components.schemas.get(name) {
        Some(RefOr::T(Schema::Object(object))) => !object.properties.is_empty(),
        Some(RefOr::T(Schema::AnyOf(_) | Schema::OneOf(_))) => true,
        _ => false,
    }
}

/// The references to other schemas.
fn references(schema: &mut RefOr<Schema>) -> Vec<&mut Ref> {
    match schema {
        RefOr::Ref(reference) => vec![reference],
        RefOr::T(Schema::Object(object)) => {
            let members = object.properties.values_mut();
            members.flat_map(references).collect()
        }
        RefOr::T(Schema::Array(list)) => match &mut list.items {
            ArrayItems::RefOrSchema(items) => references(items),
            ArrayItems::False => Vec::new(),
        },
        RefOr::T(Schema::AnyOf(either)) => either.items.iter_mut().flat_map(references).collect(),
        RefOr::T(Schema::OneOf(either)) => either.items.iter_mut().flat_map(references).collect(),
        RefOr::T(_) => Vec::new(),
    }
}

/// Gives what the parameter `fields` can name a schema of its own for each kind of record, as many operations take it.
pub(super) fn name_fields(paths: &mut Paths, components: &mut Components) {
    let reads = paths.paths.values_mut();
    let reads = reads.filter_map(|path| path.get.as_mut()?.parameters.as_mut());
    for parameter in reads.flatten() {
        let RefOr::T(Parameter {
            schema: Some(RefOr::T(Schema::Array(list))),
            ..
        }) = parameter
        else {
            continue;
        };
        let ArrayItems::RefOrSchema(items) = &mut list.items else {
            continue;
        };
        if let RefOr::T(Schema::Object(field)) = &mut **items
            && let Some(name) = field.title.take()
        {
            let field = Schema::Object(field.clone());
            components.schemas.insert(name.clone(), field.into());
            **items = Ref::from_schema_name(name).into();
        }
    }
}
