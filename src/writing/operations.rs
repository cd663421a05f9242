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
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Required, ResponseBuilder};
use utoipa_actix_web::OpenApiFactory;

use super::kind::{Guide, Kind};
use super::records::{self, Removal};
use crate::access::Client;
use crate::http::body::Body;
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
            .to(move |client: Client, body: Body| records::create(client, kind, body))
            .register(config);
        web::resource(record.as_str())
            .guard(guard::Patch())
            .to(move |client: Client, key: web::Path<String>, body: Body| {
                records::change(client, kind, key.into_inner(), body)
            })
            .register(config);
        let remove = web::resource(record.as_str()).guard(guard::Delete());
        if !self.guide.has_slug {
            let remove = remove.to(
                move |client: Client, key: web::Path<String>, _: Query<NoParameters>| {
                    records::remove(client, kind, key.into_inner(), Removal::default())
                },
            );
            return remove.register(config);
        }
        remove
            .to(
                move |client: Client, key: web::Path<String>, removal: Query<Removal>| {
                    records::remove(client, kind, key.into_inner(), removal.params)
                },
            )
            .register(config);
        web::resource(record)
            .guard(guard::Put())
            .to(move |client: Client, key: web::Path<String>, body: Body| {
                records::put(client, kind, key.into_inner(), body)
            })
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
        let name = self.name();
        let description = format!(
            "Takes the document of an import. `Idempotency-Key` makes it safe to retry. {}",
            self.guide.requires
        );
        self.operation(
            "create",
            &format!("Create {}", with_article(&name)),
            description,
        )
        .request_body(Some(self.document("Document", "application/json")))
        .response("201", self.record(&format!("The created {name}")))
        .build()
    }

    fn change(&self) -> Operation {
        let name = self.name();
        let if_match = format!("`If-Match` takes the `ETag` of any read of the {name}.");
        let sentences = [
            "A merge patch (RFC 7396): members that it names replace the stored ones, `null` removes a member, and the rest stays.",
            self.guide.on_change,
            &if_match,
            self.guide.requires,
        ];
        let present = sentences
            .into_iter()
            .filter(|sentence| !sentence.is_empty());
        let description = present.collect::<Vec<_>>().join(" ");
        let summary = format!("Change {}", with_article(&name));
        self.operation("change", &summary, description)
            .parameter(self.id())
            .request_body(Some(self.document("Patch", "application/merge-patch+json")))
            .response("200", self.record(&format!("The changed {name}")))
            .build()
    }

    fn put(&self) -> Operation {
        let name = self.name();
        let summary = format!("Put {} under its slug", with_article(&name));
        let description = format!(
            "For scripts that know the slug: creates the {name}, or replaces the existing one, which requires `If-Match`. \
             `If-None-Match: *` only creates. {}",
            self.guide.requires
        );
        self.operation("put", &summary, description)
            .parameter(self.id())
            .request_body(Some(self.document("Document", "application/json")))
            .response("200", self.record(&format!("The replaced {name}")))
            .response("201", self.record(&format!("The created {name}")))
            .build()
    }

    fn remove(&self) -> Operation {
        let name = self.name();
        let description = format!(
            "The {name} responds with 410 from then on. Requires `If-Match`. {}",
            self.guide.requires
        );
        let parameters = match self.guide.has_slug {
            true => Removal::into_params(|| Some(ParameterIn::Query)),
            false => Vec::new(),
        };
        let removed = ResponseBuilder::new().description("Removed").build();
        let mut operation = self
            .operation(
                "remove",
                &format!("Remove {}", with_article(&name)),
                description,
            )
            .parameter(self.id());
        for parameter in parameters {
            operation = operation.parameter(parameter);
        }
        operation.response("204", removed).build()
    }

    fn operation(&self, verb: &str, summary: &str, description: String) -> OperationBuilder {
        OperationBuilder::new()
            .operation_id(Some(format!("{verb}_{}", self.kind.resource().name())))
            .tag(self.guide.tag)
            .summary(Some(summary))
            .description(Some(description))
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
    fn document(&self, form: &str, media_type: &str) -> RequestBody {
        let schema = Ref::from_schema_name(format!("{}{form}", self.kind.view_schema()));
        let content = ContentBuilder::new().schema(Some(schema)).build();
        RequestBodyBuilder::new()
            .content(media_type, content)
            .required(Some(Required::True))
            .build()
    }

    fn record(&self, description: &str) -> utoipa::openapi::Response {
        let schema = Ref::from_schema_name(format!("Item_{}", self.kind.view_schema()));
        let content = ContentBuilder::new().schema(Some(schema)).build();
        ResponseBuilder::new()
            .description(description)
            .content("application/json", content)
            .build()
    }
}

fn with_article(name: &str) -> String {
    match name.starts_with(['a', 'e', 'i', 'o', 'u']) {
        true => format!("an {name}"),
        false => format!("a {name}"),
    }
}
