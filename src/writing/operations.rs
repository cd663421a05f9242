//! The operations that write one record, mounted and documented alike for every kind: `POST` on the collection, and
//! `PATCH`, `PUT` and `DELETE` on the record. What a kind says of its own is its [`Guide`].

use actix_web::dev::{AppService, HttpServiceFactory};
use actix_web::{guard, web};
use utoipa::IntoParams;
use utoipa::openapi::path::{
    HttpMethod, Operation, OperationBuilder, ParameterBuilder, ParameterIn, PathItem, Paths,
    PathsBuilder,
};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::schema::{Object, Schema, Type};
use utoipa::openapi::{Content, Ref, RefOr, Required, Response, ResponseBuilder};
use utoipa_actix_web::OpenApiFactory;

use super::creations;
use super::kind::{Guide, Kind};
use super::putting;
use super::records::{self, Removal};
use crate::access::Scope;
use crate::http::query::{NoParameters, Query};

/// The operations that write records of a kind.
pub struct Operations {
    /// The kind.
    pub kind: &'static Kind,
    /// Its guide.
    pub guide: &'static Guide,
}

impl HttpServiceFactory for Operations {
    fn register(self, config: &mut AppService) {
        let kind = self.kind;
        let collection = format!("/{}", kind.resource().collection());
        let record = format!("{collection}/{{id}}");
        web::resource(collection)
            .guard(guard::Post())
            .to(move |client, body| creations::create(client, kind, body))
            .register(config);
        web::resource(record.as_str())
            .guard(guard::Patch())
            .to(move |client, key, body| records::change(client, kind, key, body))
            .register(config);
        let remove = web::resource(record.as_str()).guard(guard::Delete());
        if !self.guide.has_slug {
            let remove = remove.to(move |client, key, _: Query<NoParameters>| {
                records::remove(client, kind, key, Removal::default())
            });
            return remove.register(config);
        }
        remove
            .to(move |client, key, removal: Query<Removal>| {
                records::remove(client, kind, key, removal.params)
            })
            .register(config);
        web::resource(record)
            .guard(guard::Put())
            .to(move |client, key, body| putting::put(client, kind, key, body))
            .register(config);
    }
}

impl OpenApiFactory for Operations {
    fn paths(&self) -> Paths {
        let collection = format!("/{}", self.kind.resource().collection());
        let record = format!("{collection}/{{id}}");
        let mut paths = PathsBuilder::new()
            .path(collection, PathItem::new(HttpMethod::Post, self.create()))
            .path(&record, PathItem::new(HttpMethod::Patch, self.change()))
            .path(&record, PathItem::new(HttpMethod::Delete, self.remove()));
        if self.guide.has_slug {
            paths = paths.path(record, PathItem::new(HttpMethod::Put, self.put()));
        }
        paths.build()
    }

    fn schemas(&self, schemas: &mut Vec<(String, RefOr<Schema>)>) {
        (self.kind.schemas)(schemas);
    }
}

impl Operations {
    fn create(&self) -> Operation {
        let sentence = "Takes the document of an import. `Idempotency-Key` makes it safe to retry.";
        let operation = self
            .operation("create", "Create", "", &[sentence])
            .request_body(Some(self.body("Document", "application/json")))
            .response("201", self.response("created"))
            .response("204", removed());
        self.with_proposal(operation).build()
    }

    fn change(&self) -> Operation {
        let if_match = format!(
            "`If-Match` takes the `ETag` of any read of the {}.",
            self.name()
        );
        let sentences = [
            "A merge patch (RFC 7396): members that it names replace the stored ones, `null` removes a member, and the rest stays.",
            self.guide.on_change,
            &if_match,
        ];
        let operation = self
            .operation("change", "Change", "", &sentences)
            .parameter(self.id())
            .request_body(Some(self.body("Patch", "application/merge-patch+json")))
            .response("200", self.response("changed"))
            .response("204", removed());
        self.with_proposal(operation).build()
    }

    fn put(&self) -> Operation {
        let sentence = format!(
            "For scripts that know the slug: creates the {}, or replaces the existing one, which requires `If-Match`. \
             `If-None-Match: *` only creates.",
            self.name()
        );
        let operation = self
            .operation("put", "Put", " under its slug", &[&sentence])
            .parameter(self.id())
            .request_body(Some(self.body("Document", "application/json")))
            .response("200", self.response("replaced"))
            .response("201", self.response("created"))
            .response("204", removed());
        self.with_proposal(operation).build()
    }

    fn remove(&self) -> Operation {
        let effect = format!("The {} responds with 410 from then on.", self.name());
        let stays = match self.kind.stays_on_record {
            true => {
                "Only an administrator removes one that has been public; it is withdrawn, ended or corrected instead."
            }
            false => "",
        };
        let mut operation = self
            .operation(
                "remove",
                "Remove",
                "",
                &[&effect, stays, "Requires `If-Match`."],
            )
            .parameter(self.id());
        if self.guide.has_slug {
            operation =
                operation.parameters(Some(Removal::into_params(|| Some(ParameterIn::Query))));
        }
        operation.response("204", removed()).build()
    }

    /// An operation with the summary "`verb` an action plan`object`". The grants that it requires follow the sentences.
    fn operation(
        &self,
        id: &str,
        verb: &str,
        object: &str,
        sentences: &[&str],
    ) -> OperationBuilder {
        let name = self.name();
        let article = match name.starts_with(['a', 'e', 'i', 'o', 'u']) {
            true => "an",
            false => "a",
        };
        let sentences = sentences.iter().copied().chain([self.guide.requires]);
        let present = sentences.filter(|sentence| !sentence.is_empty());
        OperationBuilder::new()
            .operation_id(Some(format!("{id}_{}", self.kind.resource().name())))
            .tag(self.guide.tag)
            .summary(Some(format!("{verb} {article} {name}{object}")))
            .description(Some(present.collect::<Vec<_>>().join(" ")))
    }

    /// The response to a write that needs the approval of others, for kinds with such writes: those that name other
    /// organisations, and those that others than the publishers of a report write about it.
    fn with_proposal(&self, operation: OperationBuilder) -> OperationBuilder {
        let is_others = self.kind.ownership.scope != Scope::RecommendationsWrite;
        let may_be_held = self.kind.resource().is_below_report() && is_others;
        if self.kind.names_others.is_empty() && !may_be_held {
            return operation;
        }
        let response = ResponseBuilder::new()
            .description("Stored once others have approved it: the proposal")
            .content("application/json", content("Item_Proposal".to_owned()));
        operation.response("202", response.build())
    }

    /// The kind in words: "action plan".
    fn name(&self) -> String {
        self.kind.resource().name().replace('_', " ")
    }

    fn id(&self) -> ParameterBuilder {
        let description = match self.guide.has_slug {
            true => "The id or slug",
            false => "The id",
        };
        ParameterBuilder::new()
            .name("id")
            .parameter_in(ParameterIn::Path)
            .required(Required::True)
            .description(Some(description))
            .schema(Some(Object::with_type(Type::String)))
            .example(Some(self.guide.example.into()))
    }

    /// A body with the document of the kind, or with its patch.
    fn body(&self, suffix: &str, media_type: &str) -> RequestBody {
        RequestBodyBuilder::new()
            .content(
                media_type,
                content(format!("{}{suffix}", self.kind.view_schema())),
            )
            .required(Some(Required::True))
            .build()
    }

    /// A response with the record, which was `created`, `changed` or `replaced`.
    fn response(&self, participle: &str) -> Response {
        ResponseBuilder::new()
            .description(format!("The {participle} {}", self.name()))
            .content(
                "application/json",
                content(format!("Item_{}", self.kind.view_schema())),
            )
            .build()
    }
}

/// The response when the record is removed or erased.
fn removed() -> Response {
    ResponseBuilder::new().description("Removed").build()
}

fn content(schema: String) -> Content {
    Content::new(Some(Ref::from_schema_name(schema)))
}
