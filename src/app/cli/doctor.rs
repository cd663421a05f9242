//! `answerable doctor`: checks the installation.

use std::process::ExitCode;

use super::opening::{clock, exit_code, open};
use crate::log::ahead;
use crate::platform::config::Config;
use crate::platform::db::{Error, Location, Sql, count, migrate};

#[derive(clap::Args)]
pub(super) struct DoctorArguments {
    /// Fail if no server responds, for health checks
    #[arg(long)]
    server: bool,
}

/// Prints one line per check. Changes nothing, so it can run beside a server.
pub(super) fn run(config: &Config, arguments: &DoctorArguments) -> anyhow::Result<ExitCode> {
    let mut healthy = true;
    let mut check = |name: &str, result: Result<String, String>| {
        let (mark, text) = match &result {
            Ok(text) => ("ok   ", text),
            Err(text) => ("WRONG", text),
        };
        println!("{mark} {name}: {text}");
        healthy &= result.is_ok();
    };
    check("settings", Ok("valid".to_owned()));
    let database = database(config);
    let is_usable = database.is_ok();
    check("database", database);
    if is_usable {
        check("clock", clock_of(config));
    }
    check("server", server(&config.listen, arguments.server));
    Ok(exit_code(healthy))
}

fn database(config: &Config) -> Result<String, String> {
    let location = config.location().map_err(|e| e.to_string())?;
    if let Location::SqliteFile(path) = &location
        && !std::path::Path::new(path).exists()
    {
        return Err(format!(
            "{location} does not exist yet; run `answerable serve` or `answerable migrate` to create it"
        ));
    }
    let database = open(config).map_err(|e| e.to_string())?;
    let status = migrate::status(&database).map_err(|e| e.to_string())?;
    if let Some(mismatch) = status.mismatch() {
        return Err(format!("{location}: {mismatch}"));
    }
    let entries = Sql::new("SELECT count(*) AS count FROM changes");
    let entries = database.read_now(|c| Ok::<_, Error>(count(c, &entries)?));
    let entries = entries.map_err(|e| e.to_string())?;
    Ok(format!(
        "{location} has every migration and {entries} changes in its log"
    ))
}

/// Asks the server on the configured address whether it is ready.
fn clock_of(config: &Config) -> Result<String, String> {
    let database = open(config).map_err(|e| e.to_string())?;
    let clock = clock(&database).map_err(|e| e.to_string())?;
    let warning = database.read_now(|c| Ok::<_, Error>(ahead::warning(c, clock.now())?));
    let off = clock.correction().num_milliseconds();
    match warning {
        Err(_) => Ok("no change log yet".to_owned()),
        Ok(Some(warning)) => Err(warning),
        Ok(None) if off.abs() > 1_000 => Ok(format!(
            "the database's clock counts; this machine's differs by {off} ms"
        )),
        Ok(None) => Ok("no entry of the change log is ahead of it".to_owned()),
    }
}

fn server(listen: &str, is_a_must: bool) -> Result<String, String> {
    use std::io::{Read, Write};
    use std::net::{TcpStream, ToSocketAddrs};
    let limit = std::time::Duration::from_secs(3);
    let mut address = listen
        .to_socket_addrs()
        .map_err(|e| format!("{listen}: {e}"))?
        .next()
        .ok_or_else(|| format!("{listen} does not resolve to an address"))?;
    if address.ip().is_unspecified() {
        address.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
    }
    let Ok(mut stream) = TcpStream::connect_timeout(&address, limit) else {
        let none = format!("no server on {address}");
        return if is_a_must { Err(none) } else { Ok(none) };
    };
    let failed = |e: std::io::Error| format!("{address} does not respond: {e}");
    stream.set_read_timeout(Some(limit)).map_err(failed)?;
    let question = format!("GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(question.as_bytes()).map_err(failed)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).map_err(failed)?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split(' ').nth(1).unwrap_or("nothing");
    match status {
        "200" => Ok(format!("ready on {address}")),
        _ => Err(format!("{address} responds with {status}: {body}")),
    }
}
