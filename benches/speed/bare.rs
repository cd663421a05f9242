//! The limits to measure against: the same bytes from a map, and plain handlers on a database of their own.

use actix_web::{App, HttpResponse, HttpServer, web};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::net::TcpListener;

use crate::handlers::{self, Plain, Store};
use crate::process::BARE;

/// What a bare server answers.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Bare {
    /// A file of bytes for each path.
    pub files: HashMap<String, String>,
    /// The plain handlers to run.
    pub plain: Option<Plain>,
}

type Bytes = HashMap<String, web::Bytes>;

/// Serves, if this process was started for that.
pub fn serve_if_asked() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, asked, what] = arguments.as_slice() else {
        return;
    };
    if asked != BARE {
        return;
    }
    let bare: Bare = serde_json::from_str(what).unwrap();
    let read =
        |(path, file): (&String, &String)| (path.clone(), std::fs::read(file).unwrap().into());
    let bytes: web::Data<Bytes> = web::Data::new(bare.files.iter().map(read).collect());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    println!("{}", listener.local_addr().unwrap());
    let server = HttpServer::new(move || {
        let app = App::new().app_data(bytes.clone());
        let app = match bare.plain.clone() {
            Some(plain) => app
                .configure(handlers::configure)
                .data_factory(move || opened(plain.clone())),
            None => app,
        };
        app.route("/bare/304", web::get().to(not_modified))
            .route("/{path:.*}", web::get().to(file))
    });
    let server = async move { server.workers(1).listen(listener).unwrap().run().await };
    actix_web::rt::System::new().block_on(server).unwrap();
    std::process::exit(0);
}

async fn opened(plain: Plain) -> Result<Store, ()> {
    Ok(Store::open(plain).await)
}

async fn file(request: actix_web::HttpRequest, bytes: web::Data<Bytes>) -> HttpResponse {
    match bytes.get(request.path()) {
        Some(bytes) => HttpResponse::Ok()
            .content_type("application/json")
            .body(bytes.clone()),
        None => HttpResponse::NotFound().finish(),
    }
}

async fn not_modified() -> HttpResponse {
    HttpResponse::NotModified()
        .insert_header(("etag", "\"0123456789abcdef\""))
        .finish()
}
