//! The page: files that are read and packed once, at the start.

use crate::problem::Problem;
use crate::service::Service;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::write::GzEncoder;
use leftfold::page::printable;
use leftfold::runtime::Cause;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Write};
use std::path::Path;

/// The wasm module is served under this name.
const WASM: &str = "/contract.wasm";
const LISTING: &str = "/files.json";

/// The files of the page by their paths, and the model that is served with them.
#[derive(Debug)]
pub struct Page {
    files: BTreeMap<String, File>,
    model: String,
}

#[derive(Debug)]
struct File {
    kind: &'static str,
    hash: u64,
    plain: Bytes,
    packed: Option<Bytes>,
}

impl File {
    fn of(path: &str, bytes: Vec<u8>) -> io::Result<File> {
        let mut hasher = DefaultHasher::new();
        bytes.hash(&mut hasher);
        let mut packer = GzEncoder::new(Vec::new(), Compression::best());
        packer.write_all(&bytes)?;
        let packed = packer.finish()?;
        let packed = (packed.len() < bytes.len()).then(|| packed.into());
        Ok(File { kind: kind(path), hash: hasher.finish(), plain: bytes.into(), packed })
    }
}

fn kind(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("json") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

impl Page {
    /// Reads the files of a folder, and the wasm module.
    pub fn read(folder: Option<&Path>, wasm: Option<&Path>) -> Result<Page, Cause> {
        let mut files = BTreeMap::new();
        if let Some(folder) = folder {
            add(folder, "", &mut files)?;
        }
        if let Some(wasm) = wasm {
            let bytes = fs::read(wasm).map_err(|error| format!("{}: {error}", wasm.display()))?;
            files.insert(WASM.to_string(), File::of(WASM, bytes)?);
        }
        let model = fingerprint();
        let mut hasher = DefaultHasher::new();
        model.hash(&mut hasher);
        files.iter().for_each(|(path, file)| (path, file.hash).hash(&mut hasher));
        let paths: Vec<&String> = files.keys().collect();
        let listing =
            json!({ "model": model, "version": format!("{:016x}", hasher.finish()), "files": paths });
        let listing = File::of(LISTING, listing.to_string().into_bytes())?;
        files.insert(LISTING.to_string(), listing);
        Ok(Page { files, model })
    }

    /// What the model is known by: a page with another one judges by other rules.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// Whether the page can judge what is typed by itself.
    pub fn has_wasm(&self) -> bool {
        self.files.contains_key(WASM)
    }
}

fn fingerprint() -> String {
    let about = contract_model::answer(r#"{"ask":"about"}"#);
    let about: Value = serde_json::from_str(&about).unwrap_or_default();
    about["ok"]["model"].as_str().unwrap_or("unknown").to_string()
}

fn add(folder: &Path, before: &str, files: &mut BTreeMap<String, File>) -> Result<(), Cause> {
    let said = |error: io::Error| format!("{}: {error}", folder.display());
    for entry in fs::read_dir(folder).map_err(said)? {
        let entry = entry?;
        let name = entry.file_name();
        let Some(name) = name.to_str().filter(|name| !name.starts_with('.')) else { continue };
        let path = format!("{before}/{name}");
        if fs::metadata(entry.path())?.is_dir() {
            add(&entry.path(), &path, files)?;
        } else {
            let bytes =
                fs::read(entry.path()).map_err(|error| format!("{}: {error}", entry.path().display()))?;
            files.insert(path.clone(), File::of(&path, bytes)?);
        }
    }
    Ok(())
}

/// Everything that is not under `/api`. A path without an ending is a place in the page.
pub async fn page(
    State(service): State<Service>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if method != Method::GET && method != Method::HEAD {
        return Err(Problem::new(StatusCode::METHOD_NOT_ALLOWED, "a page can only be read"));
    }
    let path = uri.path();
    let missing = || Problem::not_found(format!("there is nothing at {}", printable(path)));
    let is_place = !path.starts_with("/api") && !path.contains('.');
    let path = if is_place { "/index.html" } else { path };
    let file = service.page().files.get(path).ok_or_else(missing)?;
    let said =
        |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok()).unwrap_or_default();
    let packed = file.packed.as_ref().filter(|_| said(header::ACCEPT_ENCODING).contains("gzip"));
    let tag = format!("\"{:016x}{}\"", file.hash, if packed.is_some() { "-gzip" } else { "" });
    let is_known = said(header::IF_NONE_MATCH).split(',').any(|known| known.trim() == tag);
    let fixed = [
        (header::ETAG, tag.as_str()),
        (header::CONTENT_TYPE, file.kind),
        (header::CACHE_CONTROL, "no-cache"),
        (header::VARY, "accept-encoding"),
    ];
    if is_known {
        return Ok((StatusCode::NOT_MODIFIED, fixed).into_response());
    }
    let body = Body::from(packed.unwrap_or(&file.plain).clone());
    let mut response = (fixed, body).into_response();
    if packed.is_some() {
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Ok(response)
}
