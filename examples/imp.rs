//! scratch
use readnext::model::{Event, EventKind, KeyedHash};
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let data = std::path::Path::new(&a[2]);
    let t = std::fs::read_to_string(&a[1]).unwrap();
    let vals: Vec<serde_json::Value> = t
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    let ev: Vec<Event> = vals
        .iter()
        .map(|v| Event {
            at: (v["ts"].as_f64().unwrap() * 1000.0) as i64,
            visitor: KeyedHash(xxhash_rust::xxh3::xxh3_64(
                v["visitor"].as_str().unwrap().as_bytes(),
            )),
            network: None,
            kind: EventKind::named(v["type"].as_str().unwrap()).unwrap(),
            article: v["article"].as_str().unwrap(),
            from: None,
            position: None,
            dwell: None,
            id: None,
        })
        .collect();
    let (mut j, _) = readnext::journal::Journal::open(data).unwrap();
    let c = std::time::Instant::now();
    let v = j.append_new(&ev).unwrap();
    println!("{:?} {:?}", v.first, c.elapsed());
    let c = std::time::Instant::now();
    let counted = readnext::engine::Counted::load(data, i64::MAX).unwrap();
    println!("fold {:?} names {}", c.elapsed(), counted.fold.len());
    counted.publish(data).unwrap();
    println!("publish {:?}", c.elapsed());
}
