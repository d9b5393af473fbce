//! Packs what the binary carries beside its code: the sample site, the description of the API and the page that shows it, and
//! the studio's charts. They are needed rarely, so they lie compressed.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};
use utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED;
use zip::ZipArchive;

/// The script that draws the charts.
const CHARTS: &str = "src/serve/assets/uplot/uPlot.iife.min.js";

/// The files behind the page of the API, of the many that come with them; the page itself is ours.
const PAGE: [&str; 2] = ["swagger-ui-bundle.js", "swagger-ui.css"];

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=corpus");
    println!("cargo:rerun-if-changed=docs/openapi.json");
    println!("cargo:rerun-if-changed={CHARTS}");
    println!("cargo:rerun-if-changed=build.rs");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    pack_sample(&out)?;
    pack(fs::File::open("docs/openapi.json")?, "openapi.json", &out)?;
    pack(fs::File::open(CHARTS)?, "charts.js", &out)?;
    pack_page(&out)
}

/// Writes paths and texts of the sample site, each with a 0 at its end.
fn pack_sample(out: &Path) -> io::Result<()> {
    let root =
        PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("corpus");
    let mut files = Vec::new();
    list(&root, &mut files)?;
    files.sort();
    let packed = fs::File::create(out.join("sample.deflate"))?;
    let mut packed = DeflateEncoder::new(packed, Compression::best());
    for file in &files {
        let relative = file.strip_prefix(&root).expect("listed below the root");
        if relative != Path::new("README.md") {
            let relative = relative.to_str().expect("the names of the sample are text");
            write!(packed, "{relative}\0{}\0", fs::read_to_string(file)?)?;
        }
    }
    packed.finish().map(drop)
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            list(&path, files)?;
        } else if path
            .extension()
            .is_some_and(|extension| extension == "md" || extension == "html")
        {
            files.push(path);
        }
    }
    Ok(())
}

/// Writes what `file` holds as `NAME.gz`.
fn pack(mut file: impl io::Read, name: &str, out: &Path) -> io::Result<()> {
    let mut coded = GzEncoder::new(Vec::new(), Compression::best());
    io::copy(&mut file, &mut coded)?;
    fs::write(out.join(format!("{name}.gz")), coded.finish()?)
}

/// Writes each file of the page as a browser takes it, and a table of their names.
fn pack_page(out: &Path) -> io::Result<()> {
    let mut archive =
        ZipArchive::new(Cursor::new(SWAGGER_UI_VENDORED)).map_err(io::Error::other)?;
    let mut table = String::from("static PAGE: &[(&str, &[u8])] = &[\n");
    let mut packed = 0;
    for at in 0..archive.len() {
        let file = archive.by_index(at).map_err(io::Error::other)?;
        let path = file.enclosed_name().unwrap_or_default();
        let wanted = PAGE
            .iter()
            .find(|name| path.ends_with(Path::new("dist").join(name)));
        let Some(name) = wanted else { continue };
        pack(file, name, out)?;
        packed += 1;
        writeln!(
            table,
            "    ({name:?}, include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{name}.gz\"))),"
        )
        .expect("a string takes any text");
    }
    assert_eq!(packed, PAGE.len(), "files of the page of the API");
    table.push_str("];\n");
    fs::write(out.join("page.rs"), table)
}
