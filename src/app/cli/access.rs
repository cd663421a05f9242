//! `answerable clients`, `token` and `keys`: manage who may write.

use clap::Subcommand;
use std::path::PathBuf;
use std::process::ExitCode;

use super::opening::{Usage, clock, open_ready};
use crate::access::clients::{self, Credential};
use crate::access::{Rights, issuers, keys, proof, token};
use crate::platform::config::Config;
use crate::platform::db::{Database, Error, settings};

/// The rights to grant.
#[derive(clap::Args)]
pub(super) struct Grant {
    /// A scope, such as articles:write; repeat for several
    #[arg(long, required = true, value_name = "SCOPE")]
    scope: Vec<String>,
    /// The organisation to grant it for, by slug or id, or '*' for all; repeat for several
    #[arg(long, required = true, value_name = "ORGANISATION")]
    organisation: Vec<String>,
}

#[derive(Subcommand)]
pub(super) enum ClientsCommand {
    /// Create a client and print its secret, which is not shown again
    Add {
        /// A display name
        name: String,
        #[command(flatten)]
        grant: Grant,
        /// A file with the client's public key, a JWK or PEM (Ed25519, P-256 or RSA): the client then gets no secret, and
        /// authenticates with signed assertions
        #[arg(long, value_name = "FILE")]
        public_key: Option<PathBuf>,
        /// The external issuer of the client's tokens: their `iss` claim
        #[arg(long, value_name = "URL", requires_all = ["subject", "jwks_url"], conflicts_with = "public_key")]
        issuer: Option<String>,
        /// The client's name at that issuer: the `sub` claim of its tokens
        #[arg(long, requires = "issuer")]
        subject: Option<String>,
        /// The URL of that issuer's public keys
        #[arg(long, value_name = "URL", requires = "issuer")]
        jwks_url: Option<String>,
    },
    /// List all clients and their rights
    List,
    /// Revoke a client and its tokens
    Revoke {
        /// The id of the client
        id: String,
    },
}

#[derive(Subcommand)]
pub(super) enum KeysCommand {
    /// Create a new signing key; the previous one still verifies its tokens until they expire
    Rotate {
        /// Remove the previous keys, so that all tokens signed with them are rejected. Use it when a key was stolen
        #[arg(long)]
        at_once: bool,
    },
    /// List the keys, without their private halves
    List,
}

#[derive(clap::Args)]
pub(super) struct TokenArguments {
    #[command(flatten)]
    grant: Grant,
    /// The token's lifetime, at most a day
    #[arg(long, default_value_t = 600, value_name = "SECONDS")]
    lifetime: i64,
}

pub(super) fn clients(config: &Config, command: ClientsCommand) -> anyhow::Result<ExitCode> {
    let database = open_ready(config)?;
    let now = clock(&database)?.now();
    match command {
        ClientsCommand::Add {
            name,
            grant,
            public_key,
            issuer,
            subject,
            jwks_url,
        } => {
            let rights = rights(&database, &grant)?;
            let credential = match (public_key, issuer.zip(subject).zip(jwks_url)) {
                (Some(path), _) => Credential::PublicKey(read_key(&path)?),
                (None, Some(((issuer, subject), jwks_url))) => {
                    if !issuers::is_trustworthy(&jwks_url) {
                        return Err(Usage("--jwks-url: expected an https URL".into()).into());
                    }
                    Credential::Issuer {
                        issuer,
                        subject,
                        jwks_url,
                    }
                }
                (None, None) => Credential::Secret,
            };
            let (id, secret) = clients::add(&database, &name, &rights, credential, now)?;
            println!("client_id      {id}");
            if let Some(secret) = secret {
                println!("client_secret  {secret}");
                println!(
                    "Keep the secret safe: only its digest is stored, and it is not shown again."
                );
            }
        }
        ClientsCommand::List => {
            for (client, rights) in clients::list(&database)? {
                let state = match client.revoked_at {
                    Some(at) => format!("revoked {at}"),
                    None => format!("since {}", client.created_at),
                };
                println!("{}  {}  ({state})", client.id, client.name);
                for (scope, organisation) in rights.grants() {
                    println!("    {scope} for {organisation}");
                }
            }
        }
        ClientsCommand::Revoke { id } => {
            let is_revoked = clients::revoke(&database, &id, now)?;
            anyhow::ensure!(
                is_revoked,
                "there is no client '{id}', or it has already been revoked"
            );
            println!("revoked {id}");
        }
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) fn print_token(config: &Config, arguments: &TokenArguments) -> anyhow::Result<ExitCode> {
    let longest = token::LONGEST_LIFETIME;
    if !(1..=longest).contains(&arguments.lifetime) {
        return Err(Usage(format!("--lifetime: expected 1 to {longest} seconds")).into());
    }
    let database = open_ready(config)?;
    let rights = rights(&database, &arguments.grant)?;
    let token = make_token(config, &database, rights, arguments.lifetime)?;
    println!("{token}");
    Ok(ExitCode::SUCCESS)
}

/// A token that belongs to no client.
pub(super) fn make_token(
    config: &Config,
    database: &Database,
    rights: Rights,
    lifetime: i64,
) -> anyhow::Result<String> {
    let now = clock(database)?.now();
    keys::ensure(database, now)?;
    let keys = database.read_now(|c| Ok::<_, Error>(keys::load(c, now)?))?;
    // a client of its own, so that the token can be listed and revoked; nobody knows its secret
    let name = "made by `answerable token`";
    let (client, _) = clients::add(database, name, &rights, Credential::Secret, now)?;
    let issuer = issuer(config, database)?;
    Ok(token::issue(
        &keys, &issuer, &client, rights, now, lifetime,
    )?)
}

/// The issuer of tokens: that of the server that last served this database, if no setting says which.
fn issuer(config: &Config, database: &Database) -> anyhow::Result<String> {
    let is_set = config.public_url.is_some() || config.listen != Config::default().listen;
    let of_server = match is_set {
        true => None,
        false => database.read_now(|c| Ok::<_, Error>(settings::issuer(c)?))?,
    };
    Ok(of_server.unwrap_or_else(|| config.issuer()))
}

pub(super) fn keys(config: &Config, command: &KeysCommand) -> anyhow::Result<ExitCode> {
    let database = open_ready(config)?;
    match command {
        KeysCommand::Rotate { at_once } => {
            let kid = keys::rotate(&database, clock(&database)?.now(), *at_once)?;
            println!("new key {kid}");
        }
        KeysCommand::List => {
            for key in keys::list(&database)? {
                match key.retired_at {
                    Some(at) => println!("{}  created {}, retired {at}", key.kid, key.created_at),
                    None => println!("{}  created {}, in use", key.kid, key.created_at),
                }
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn rights(database: &Database, grant: &Grant) -> anyhow::Result<Rights> {
    let named = database.read_now(|c| {
        Ok::<_, Error>(clients::named_rights(c, &grant.scope, &grant.organisation)?)
    })?;
    named.map_err(|sentence| Usage(sentence).into())
}

fn read_key(path: &std::path::Path) -> anyhow::Result<String> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| anyhow::anyhow!("{}: {error}", path.display()))?;
    let path = path.display();
    let is_private = text.contains("\"d\"") || text.contains("PRIVATE KEY");
    anyhow::ensure!(
        !is_private,
        "{path} contains a private key; pass only the public half"
    );
    anyhow::ensure!(
        proof::public_key(&text).is_some(),
        "{path} is not a public key: expected a JWK or PEM with Ed25519, P-256 or RSA"
    );
    Ok(text)
}
