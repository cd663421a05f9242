//! The authentication endpoints: tokens, public keys, metadata (RFC 6749, RFC 7523, RFC 7517, RFC 8414).

use actix_web::http::{StatusCode, header};
use actix_web::{Error, HttpRequest, HttpResponse, ResponseError, get, post, web};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::NaiveDateTime;
use serde::Serialize;
use strum::VariantNames;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::clients::ClientRow;
use super::keys::PublicKeys;
use super::proof::{self, TokenRequest};
use super::rights::{Rights, Scope};
use super::{Public, token};
use crate::access::instance::Instance;
use crate::http::envelope::OwnErrorFormat;
use crate::http::error::ApiError;
use crate::log::{Origin, Writer};
use crate::platform::db::DbConnection;

/// Mounts the endpoints.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(issue_token)
        .service(list_keys)
        .service(show_metadata);
}

/// An access token (RFC 6749, 5.1).
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenAnswer {
    /// The token, for `Authorization: Bearer`.
    #[schema(max_length = 16384)]
    access_token: String,
    /// Always `Bearer`.
    #[schema(max_length = 6, example = "Bearer")]
    token_type: &'static str,
    /// The lifetime of the token, in seconds.
    #[schema(minimum = 1, maximum = 86400, example = 600)]
    expires_in: i64,
    /// The scopes of the token.
    #[schema(max_length = 1000, example = "articles:write")]
    scope: String,
}

/// Why no token was issued (RFC 6749, 5.2).
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenError {
    /// The OAuth error code.
    #[schema(max_length = 60, example = "invalid_client")]
    error: &'static str,
    /// A human-readable description of the error.
    #[schema(max_length = 1000)]
    error_description: String,
}

/// The authorization server metadata (RFC 8414).
#[derive(Debug, Serialize, ToSchema)]
pub struct Metadata {
    /// The `iss` claim of this instance's tokens.
    #[schema(max_length = 2000, example = "http://127.0.0.1:8080")]
    issuer: String,
    /// The URL that issues tokens.
    #[schema(max_length = 2100)]
    token_endpoint: String,
    /// The URL of the public keys.
    #[schema(max_length = 2100)]
    jwks_uri: String,
    /// Every scope.
    #[schema(max_items = 50)]
    scopes_supported: Vec<&'static str>,
    /// The supported grant types.
    #[schema(max_items = 10)]
    grant_types_supported: Vec<&'static str>,
    /// The supported methods of client authentication.
    #[schema(max_items = 10)]
    token_endpoint_auth_methods_supported: Vec<&'static str>,
    /// The supported signature algorithms of assertions.
    #[schema(max_items = 10)]
    token_endpoint_auth_signing_alg_values_supported: Vec<&'static str>,
    /// Required by the standard; no endpoint uses it.
    #[schema(max_items = 10)]
    response_types_supported: Vec<&'static str>,
}

impl TokenError {
    fn new(error: &'static str, description: impl Into<String>) -> Self {
        Self {
            error,
            error_description: description.into(),
        }
    }
}

impl std::fmt::Display for TokenError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.error, self.error_description)
    }
}

impl ResponseError for TokenError {
    fn status_code(&self) -> StatusCode {
        match self.error {
            "invalid_client" => StatusCode::UNAUTHORIZED,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let mut builder = HttpResponse::build(self.status_code());
        builder.insert_header((header::CACHE_CONTROL, "no-store"));
        if self.error == "invalid_client" {
            builder.insert_header((header::WWW_AUTHENTICATE, "Basic realm=\"answerable\""));
        }
        let mut response = builder.json(self);
        response.extensions_mut().insert(OwnErrorFormat);
        response
    }
}

/// Get a token
///
/// Client credentials (RFC 6749, 4.4): the client authenticates with its secret, in the `Authorization` header (Basic)
/// or the body, or with a JWT signed with its own key (RFC 7523). The token is valid for ten minutes. This endpoint
/// alone returns errors in the format that OAuth clients expect.
#[utoipa::path(
    tag = "Authentication",
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "A token", body = TokenAnswer),
        (status = 400, description = "The token request is invalid", body = TokenError),
        (status = 401, description = "Client authentication failed", body = TokenError),
    )
)]
#[post("/oauth/token")]
pub async fn issue_token(
    request: HttpRequest,
    instance: web::Data<Instance>,
    body: web::Bytes,
) -> Result<HttpResponse, Error> {
    if instance.not_ready().is_some() {
        return Err(ApiError::unavailable(&"migrations are pending").into());
    }
    let now = instance.clock.now();
    let request = parse(&request, &body)?;
    let scopes = scopes(&request)?;
    let issuer = instance.config.issuer();
    let authenticated = authenticate(&instance, request, &issuer, now).await?;
    let (client, granted) = authenticated.ok_or_else(|| {
        let detail = "The client is unknown, or its credentials are invalid.";
        TokenError::new("invalid_client", detail)
    })?;
    let rights = match scopes {
        Some(scopes) => granted.restricted_to(&scopes),
        None => granted,
    };
    if rights.is_empty() {
        return Err(TokenError::new("invalid_scope", "None of these scopes was granted.").into());
    }
    let keys = instance.keys.get(&instance.database, now).await;
    let keys = keys.map_err(ApiError::from)?;
    let scope = rights.scope_text();
    let access_token = token::issue(&keys, &issuer, &client.id, rights, now, token::LIFETIME)
        .map_err(|e| ApiError::internal(&e))?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(TokenAnswer {
            access_token,
            token_type: "Bearer",
            expires_in: token::LIFETIME,
            scope,
        }))
}

/// Authenticates the client and returns its grants. An assertion is recorded as used, which is a write.
async fn authenticate(
    instance: &Instance,
    request: TokenRequest,
    issuer: &str,
    now: NaiveDateTime,
) -> Result<Option<(ClientRow, Rights)>, ApiError> {
    let issuer = issuer.to_owned();
    let is_write = request.client_assertion.is_some();
    let work = move |c: &mut DbConnection| proof::authenticate(c, &request, &issuer, now);
    if !is_write {
        return instance.database.read(work).await;
    }
    let origin = Origin {
        actor: "oauth".to_owned(),
        now,
        ..Origin::default()
    };
    let write = move |writer: &mut Writer<'_>| work(writer.connection);
    instance.log.write(origin, write).await
}

/// Parses the request, with the client's id and secret from the header or the body.
fn parse(request: &HttpRequest, body: &[u8]) -> Result<TokenRequest, TokenError> {
    let invalid = |detail: &str| TokenError::new("invalid_request", detail);
    let body = std::str::from_utf8(body).map_err(|_| invalid("The body is not UTF-8."))?;
    let mut parsed: TokenRequest = serde_html_form::from_str(body)
        .map_err(|_| invalid("Expected application/x-www-form-urlencoded, with each name once."))?;
    if let Some(value) = request.headers().get(header::AUTHORIZATION) {
        let credentials = value.to_str().ok().and_then(basic);
        let (id, secret) = credentials
            .ok_or_else(|| TokenError::new("invalid_client", "Expected Basic authorization."))?;
        if parsed.client_secret.is_some() || parsed.client_assertion.is_some() {
            return Err(invalid("Use only one method of client authentication."));
        }
        (parsed.client_id, parsed.client_secret) = (Some(id), Some(secret));
    }
    match parsed.grant_type.as_str() {
        "client_credentials" => Ok(parsed),
        "" => Err(invalid("The grant_type is missing.")),
        _ => {
            let detail = "The grant_type must be client_credentials.";
            Err(TokenError::new("unsupported_grant_type", detail))
        }
    }
}

/// The client's id and secret in an `Authorization` header (RFC 7617).
fn basic(value: &str) -> Option<(String, String)> {
    let (scheme, encoded) = value.split_once(' ')?;
    let bytes = STANDARD.decode(encoded.trim()).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (id, secret) = text.split_once(':')?;
    let is_basic = scheme.eq_ignore_ascii_case("basic");
    is_basic.then(|| (id.to_owned(), secret.to_owned()))
}

fn scopes(request: &TokenRequest) -> Result<Option<Vec<Scope>>, TokenError> {
    let parse = |names: &str| names.split_whitespace().map(Scope::parse).collect();
    let scopes: Option<Result<_, String>> = request.scope.as_deref().map(parse);
    scopes
        .transpose()
        .map_err(|detail| TokenError::new("invalid_scope", detail))
}

/// Show the public keys
///
/// The keys that verify this instance's tokens (RFC 7517), newest first. Fetch them again when a token names a key that
/// you do not know.
#[utoipa::path(tag = "Authentication", responses((status = 200, description = "The keys", body = PublicKeys)))]
#[get("/.well-known/jwks.json")]
pub async fn list_keys(public: Public) -> Result<HttpResponse, ApiError> {
    let now = public.now;
    let (keys, _) = public
        .read(move |c| Ok(super::keys::load(c, now)?.public()))
        .await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .json(keys))
}

/// Show the authentication metadata
///
/// Where and how tokens are issued (RFC 8414).
#[utoipa::path(tag = "Authentication", responses((status = 200, description = "The metadata", body = Metadata)))]
#[get("/.well-known/oauth-authorization-server")]
pub async fn show_metadata(public: Public, instance: web::Data<Instance>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .json(Metadata {
            issuer: instance.config.issuer(),
            token_endpoint: format!("{}/oauth/token", public.base),
            jwks_uri: format!("{}/.well-known/jwks.json", public.base),
            scopes_supported: Scope::VARIANTS.to_vec(),
            grant_types_supported: vec!["client_credentials"],
            token_endpoint_auth_methods_supported: vec![
                "client_secret_basic",
                "client_secret_post",
                "private_key_jwt",
            ],
            token_endpoint_auth_signing_alg_values_supported: vec!["EdDSA", "ES256", "RS256"],
            response_types_supported: vec![],
        })
}
