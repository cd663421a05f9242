//! The authentication endpoints: tokens, public keys, metadata (RFC 6749, RFC 7523, RFC 7517, RFC 8414).

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::clients::ClientRow;
use super::keys::PublicKeys;
use super::proof::{self, Credentials};
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

/// A token request (RFC 6749, 4.4).
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub struct TokenRequest {
    /// Always `client_credentials`.
    #[schema(max_length = 60, example = "client_credentials")]
    #[serde(default)]
    pub grant_type: String,
    /// The requested scopes, separated by spaces; when absent, all scopes that were granted.
    #[schema(max_length = 1000, example = "articles:write")]
    pub scope: Option<String>,
    /// The client's id, unless it is in the `Authorization` header.
    #[schema(max_length = 100)]
    pub client_id: Option<String>,
    /// The client's secret, unless it is in the `Authorization` header.
    #[schema(max_length = 200)]
    pub client_secret: Option<String>,
    /// `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`, if there is an assertion.
    #[schema(max_length = 100)]
    pub client_assertion_type: Option<String>,
    /// A JWT signed with the client's own key, instead of a secret.
    #[schema(max_length = 10000)]
    pub client_assertion: Option<String>,
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
#[derive(Clone, Debug, Serialize, ToSchema)]
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
        let error_description = description.into();
        Self {
            error,
            error_description,
        }
    }

    fn client(description: &str) -> Self {
        Self::new("invalid_client", description)
    }

    fn answer(&self) -> HttpResponse {
        let mut response = match self.error {
            "invalid_client" => HttpResponse::Unauthorized(),
            _ => HttpResponse::BadRequest(),
        };
        if self.error == "invalid_client" {
            response.insert_header((header::WWW_AUTHENTICATE, "Basic realm=\"answerable\""));
        }
        let mut answer = response
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .json(self);
        answer.extensions_mut().insert(OwnErrorFormat);
        answer
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
) -> Result<HttpResponse, ApiError> {
    if instance.not_ready().is_some() {
        return Err(ApiError::unavailable(&"migrations are pending"));
    }
    let now = instance.clock.now();
    let asked = match asked(&request, &body) {
        Ok(asked) => asked,
        Err(error) => return Ok(error.answer()),
    };
    let scopes = match scopes(&asked) {
        Ok(scopes) => scopes,
        Err(error) => return Ok(error.answer()),
    };
    let issuer = instance.config.issuer();
    let Some((client, granted)) = prove(&instance, &asked, &issuer, now).await? else {
        let sentence = "The client is unknown, or its credentials are invalid.";
        return Ok(TokenError::client(sentence).answer());
    };
    let rights = match scopes {
        Some(scopes) => granted.narrowed(&scopes),
        None => granted,
    };
    if rights.is_empty() {
        let error = TokenError::new("invalid_scope", "None of these scopes was granted.");
        return Ok(error.answer());
    }
    let keys = instance.keys.get(&instance.database, now, None).await?;
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
async fn prove(
    instance: &Instance,
    asked: &TokenRequest,
    issuer: &str,
    now: NaiveDateTime,
) -> Result<Option<(ClientRow, Rights)>, ApiError> {
    let issuer = issuer.to_owned();
    let shown = Credentials {
        client: asked.client_id.clone(),
        secret: asked.client_secret.clone(),
        assertion_type: asked.client_assertion_type.clone(),
        assertion: asked.client_assertion.clone(),
    };
    if shown.assertion.is_none() {
        let work = move |c: &mut DbConnection| proof::prove(c, &shown, &issuer, now);
        return instance.database.read(work).await;
    }
    let origin = Origin {
        actor: "oauth".to_owned(),
        request_id: None,
        now,
    };
    let work = move |w: &mut Writer<'_>| proof::prove(w.connection, &shown, &issuer, now);
    instance.log.write(origin, work).await
}

/// Parses the request, with the client's id and secret from the header or the body.
fn asked(request: &HttpRequest, body: &[u8]) -> Result<TokenRequest, TokenError> {
    let invalid = |what: &str| TokenError::new("invalid_request", what);
    let body = std::str::from_utf8(body).map_err(|_| invalid("The body is not UTF-8."))?;
    let mut asked: TokenRequest = serde_html_form::from_str(body)
        .map_err(|_| invalid("Expected application/x-www-form-urlencoded, with each name once."))?;
    if let Some(value) = request.headers().get(header::AUTHORIZATION) {
        let (id, secret) = value
            .to_str()
            .ok()
            .and_then(basic)
            .ok_or_else(|| TokenError::client("Expected Basic authorization."))?;
        if asked.client_secret.is_some() || asked.client_assertion.is_some() {
            return Err(invalid("Use only one method of client authentication."));
        }
        (asked.client_id, asked.client_secret) = (Some(id), Some(secret));
    }
    if asked.grant_type != "client_credentials" {
        let error = if asked.grant_type.is_empty() {
            invalid("The grant_type is missing.")
        } else {
            TokenError::new(
                "unsupported_grant_type",
                "The grant_type must be client_credentials.",
            )
        };
        return Err(error);
    }
    Ok(asked)
}

fn basic(value: &str) -> Option<(String, String)> {
    let (kind, code) = value.split_once(' ')?;
    let bytes = STANDARD
        .decode(code.trim())
        .ok()
        .filter(|_| kind.eq_ignore_ascii_case("basic"))?;
    let text = String::from_utf8(bytes).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((id.to_owned(), secret.to_owned()))
}

fn scopes(asked: &TokenRequest) -> Result<Option<Vec<Scope>>, TokenError> {
    let Some(text) = &asked.scope else {
        return Ok(None);
    };
    let scopes = text.split_whitespace().map(Scope::parse);
    let scopes = scopes.collect::<Result<Vec<_>, _>>();
    scopes
        .map(Some)
        .map_err(|sentence| TokenError::new("invalid_scope", sentence))
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
            scopes_supported: Scope::all().map(<&str>::from).collect(),
            grant_types_supported: vec!["client_credentials"],
            token_endpoint_auth_methods_supported: vec![
                "client_secret_basic",
                "client_secret_post",
                "private_key_jwt",
            ],
            token_endpoint_auth_signing_alg_values_supported: vec!["EdDSA", "ES256"],
            response_types_supported: vec![],
        })
}
