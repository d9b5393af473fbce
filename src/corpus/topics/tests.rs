//! `topics.toml`, as editors write it and as they should not.

use super::*;

fn read(texts: &[&str]) -> (Editorial, Vec<String>) {
    let files: Vec<EditorsFile> = texts
        .iter()
        .map(|text| EditorsFile {
            path: "topics.toml".to_owned(),
            bytes: text.as_bytes().to_vec(),
        })
        .collect();
    let (editorial, problems) = Editorial::read(&files);
    let problems = problems.iter().map(ToString::to_string);
    (editorial, problems.collect())
}

fn told(editorial: &Editorial) -> Vec<String> {
    let name = |topic: usize| editorial.topics[topic].name.as_str();
    let relations = editorial.relations.iter().map(|relation| {
        let source = relation.source.as_deref().unwrap_or("-");
        format!(
            "{} {} {} {source}",
            name(relation.from),
            relation.kind.name(),
            name(relation.to)
        )
    });
    let overruled = editorial.overruled.iter();
    relations
        .chain(overruled.map(|&(a, b)| format!("{} none {}", name(a), name(b))))
        .collect()
}

#[test]
fn every_form_of_a_statement_is_understood() {
    let (editorial, problems) = read(&["
[pandas]
aliases = [\"Python Data Analysis Library\", \"pandas.py\"]
integrates-with = [\"Dask\", { topic = \"Jupyter\", source = \"https://example.org/a\" }]
built_with = \"Python\"
none = [\"DuckDB\"]

[Jupyter] # notebooks
aliases = [\"Jupyter Notebook\"]
part-of = { topic = \"Project Jupyter\" }

[DuckDB]
alternative-to = [\"PANDAS\"]
"]);
    assert_eq!(problems, Vec::<String>::new());
    assert_eq!(
        told(&editorial),
        [
            "Dask integrates-with pandas -",
            "DuckDB alternative-to pandas -",
            "Jupyter integrates-with pandas https://example.org/a",
            "Jupyter part-of Project Jupyter -",
            "pandas built-with Python -",
            "DuckDB none pandas",
        ]
    );
    let pandas = editorial.topics.iter().find(|topic| topic.name == "pandas");
    assert_eq!(
        pandas.expect("named").aliases,
        ["Python Data Analysis Library", "pandas.py"]
    );
}

#[test]
fn a_slip_has_its_place_and_costs_itself_alone() {
    let (editorial, problems) = read(&["\
loose = \"x\"
[Node.js]
integrate-with = [\"Redis\"]
alternative-to = [\"Deno\", 3, \"?\"]
[Visual Studio Code]
integrate-with = [\"Git\"]
part-of = [{ source = \"x\" }, { topic = \"Microsoft\", since = 2015 }]
[Deno]
aliases = [\"node\", \"Deno runtime\", \"Node.js\"]
successor = [\"deno runtime\"]
built-with = Rust
prerequisite = [\"JavaScript\"]
[Bun]
aliases = [\"Deno-Runtime\"]
[\"--\"]
built-with = [\"x\"]
"]);
    let expected = [
        ("1:1", "before the first topic"),
        ("2:1", "expected [\"Node.js\"]"),
        ("3:1", "did you mean \"integrates-with\"?"),
        ("4:27", "found 3, expected a name in quotes"),
        ("4:30", "neither letter nor digit"),
        ("5:1", "expected [\"Visual Studio Code\"]"),
        ("7:12", "found no topic"),
        ("7:53", "found \"since\", expected topic and source"),
        ("11:14", "a text must be in quotes"),
        ("15:1", "neither letter nor digit"),
        ("9:36", "already names \"Node.js\""),
        ("14:12", "already names \"Deno\""),
        ("10:14", "related to itself"),
    ];
    assert_eq!(problems.len(), expected.len(), "{problems:#?}");
    for (found, (place, words)) in problems.iter().zip(expected) {
        assert!(
            found.starts_with(&format!("topics.toml:{place}: warning: ")) && found.contains(words),
            "{found} / {place} {words}"
        );
    }
    assert_eq!(
        told(&editorial),
        [
            "Deno prerequisite JavaScript -",
            "Deno alternative-to Node.js -",
            "Visual Studio Code part-of Microsoft -",
        ]
    );
}

#[test]
fn a_header_is_told_what_it_lacks() {
    for (header, name, told) in [
        (
            "[bogus",
            "bogus",
            "add the closing bracket, which is missing",
        ),
        ("  [\"C#\"  ", "C#", "add the closing bracket"),
        ("[bogus # of late", "bogus", "add the closing bracket"),
        ("[Node.js]", "Node.js", "write it with the quotes"),
        ("[C# basics]", "C# basics", "write it with the quotes"),
        ("[[bogus]]", "bogus", "write it in single brackets"),
        ("[[bogus]", "bogus", "write it in single brackets"),
    ] {
        let (editorial, problems) = read(&[&format!("[redis]\n{header}\naliases = [\"x\"]\n")]);
        let named = editorial.topics.iter().find(|topic| topic.name == name);
        assert_eq!(named.expect("read that way").aliases, ["x"], "{header}");
        let [problem] = &*problems else {
            panic!("{header}: {problems:?}");
        };
        assert!(
            problem.contains(&format!("expected [{name:?}]")) && problem.contains(told),
            "{problem}"
        );
        let of_quotes = problem.contains("write it with the quotes");
        assert_eq!(of_quotes, told.contains("write it with"), "{problem}");
    }
}

#[test]
fn what_is_broken_in_one_topic_leaves_the_others_alone() {
    let (editorial, problems) = read(&[
        "[a]\nbuilt-with = [\"x\",\npart-of = \"y\"\n[[b]]\nbuilt-with = [\"z\"]\n[a]\npart-of = [\"c\"]\n",
    ]);
    assert!(!problems.is_empty());
    let told = told(&editorial);
    assert!(
        told.contains(&"b built-with z -".to_owned()) && told.contains(&"a part-of c -".to_owned()),
        "{told:?} {problems:#?}"
    );
}

#[test]
fn a_later_file_adds() {
    let (editorial, problems) = read(&[
        "[a]\npart-of = [\"short b\"]\naliases = [\"x\"]\n",
        "[b]\naliases = [\"short-b\"]\n[A]\naliases = [\"y\"]\npart-of = [{ topic = \"b\", source = \"s\" }]\n",
    ]);
    assert_eq!(problems, Vec::<String>::new());
    assert_eq!(told(&editorial), ["a part-of b s"]);
    assert_eq!(editorial.topics[0].aliases, ["x", "y"]);
}

#[test]
fn a_file_of_any_size_and_shape_is_read_in_bounded_time_and_told_in_bounded_length() {
    let names = |count: usize| -> String { (0..count).map(|n| format!("'n{n}', ")).collect() };
    let inline: String = (0..100_000).map(|n| format!("k{n} = 1, ")).collect();
    let texts = [
        format!("[a]\nbuilt-with = [{}]", names(100_000)),
        format!("[a]\nbuilt-with = {{{inline}topic = 'b'}}"),
        "[a]\nbuilt-with = 'a'\n".repeat(20_000),
        "[a]\nx = 'a'\n= \n".repeat(5_000),
        format!("[{}]", "a.".repeat(100_000)),
        "[".repeat(100_000),
    ];
    let started = std::time::Instant::now();
    for text in &texts {
        let (editorial, problems) = read(&[text]);
        assert!(editorial.topics.len() <= MOST_TOPICS);
        assert!(
            (1..=2 * MOST_SLIPS + 2).contains(&problems.len()),
            "{}",
            problems.len()
        );
    }
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}

#[test]
fn a_file_that_is_no_text_is_dropped_and_nothing_else() {
    let files = [
        EditorsFile {
            path: "bad".to_owned(),
            bytes: vec![0xff, 0x00, 0x81, 0x00, 0x00, 0x01],
        },
        EditorsFile {
            path: "good".to_owned(),
            bytes: b"[a]\npart-of = 'b'".to_vec(),
        },
    ];
    let (editorial, problems) = Editorial::read(&files);
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0].severity, Severity::Error);
    assert_eq!(told(&editorial), ["a part-of b -"]);
}
