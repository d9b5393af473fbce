#!/usr/bin/env python3
"""How articles without events fare beside those with: benches/cold.py READNEXT DATA SETS SET NOW

READNEXT is the program. DATA is a folder that benches/relevance has made: the index of SET, its articles.jsonl and events.jsonl,
and the runs readnext-no-events.tsv and readnext.tsv, before and after the import of all events. SETS has evaluate.py and SET/.
For each seed a quarter of the articles, drawn among all ids in byte order, loses its events: one whose article or `from` is
drawn is dropped. The others are imported into a folder with the same index. Judgments are split by whether their target was
drawn (cold) or not (warm); a query counts where it has judgments of the kind. A drawn host has no events either, so the warm
ones are shown for the other hosts alone as well. Loss is what nDCG@10 falls by beside all events. Needs numpy.
"""
import json
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SEEDS = range(1, 13)
SHARE = 4


def main():
    if len(sys.argv) != 6:
        sys.exit(__doc__.split("\n")[0])
    readnext, data, sets, name, now = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4], sys.argv[5]
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(sets))
    import evaluate

    judged = evaluate.read_qrels(sets / name / "qrels.tsv")
    queries = (sets / name / "queries.txt").read_text().split("\n")
    with open(data / "articles.jsonl") as lines:
        ids = sorted((json.loads(line)["id"] for line in lines), key=str.encode)
    runs = [evaluate.read_run(data / f"{run}.tsv") for run in ("readnext-no-events", "readnext")]

    def figures(wanted):
        """Queries, judgments, and for no events, these and all: nDCG@10 and Recall@20."""
        kept = {host: {to: grade for to, grade in row.items() if wanted(host, to)} for host, row in judged.items()}
        hosts = [host for host in queries if kept.get(host)]
        found = [evaluate.evaluate(kept, run, hosts, len(ids))[0].mean(0)[:2] for run in (runs[0], these, runs[1])]
        return [len(hosts), sum(len(kept[host]) for host in hosts), *(value for pair in found for value in pair)]

    def line(seed, kind, row):
        loss = "" if kind == "cold" else f"{100 * (1 - row[4] / row[6]):.1f} %"
        print(f"| {seed} | {kind} | {row[0]:.0f} | {row[1]:.0f} | " + " | ".join(f"{value:.4f}" for value in row[2:]) + f" | {loss} |")

    print("| seed | judgments | queries | judgments | nDCG@10, no events | Recall@20 | nDCG@10, these events | Recall@20 | "
          "nDCG@10, all events | Recall@20 | loss |")
    print("|---" * 11 + "|")
    rows, told = {}, []
    for seed in SEEDS:
        cold = set(random.Random(seed).sample(ids, len(ids) // SHARE))
        with tempfile.TemporaryDirectory() as folder:
            # The read file is what all events have added up to.
            shutil.copytree(data / "index", f"{folder}/index", ignore=shutil.ignore_patterns("reads.bin"))
            kept = whole = 0
            with open(data / "events.jsonl") as lines, open(f"{folder}/events.jsonl", "w") as out:
                for text in lines:
                    event = json.loads(text)
                    whole += 1
                    if event["article"] not in cold and event.get("from") not in cold:
                        out.write(text)
                        kept += 1
            run = [readnext, "events", "import", f"{folder}/events.jsonl", "--data", folder]
            subprocess.run(run, check=True, stdout=subprocess.DEVNULL)
            run = [readnext, "export", "--data", folder, "--format", "run", "--limit", "50", "--now", now,
                   "--queries", sets / name / "queries.txt", "--out", f"{folder}/these.tsv"]
            subprocess.run(run, check=True, stderr=subprocess.DEVNULL)
            these = evaluate.read_run(f"{folder}/these.tsv")
        told.append(f"seed {seed}: {len(cold)} of {len(ids)} articles drawn, {kept} of {whole} events left")
        for kind, wanted in (
            ("cold", lambda host, to: to in cold),
            ("warm", lambda host, to: to not in cold),
            ("warm, host not drawn", lambda host, to: to not in cold and host not in cold),
        ):
            rows.setdefault(kind, []).append(figures(wanted))
            line(seed, kind, rows[kind][-1])
    for kind, found in rows.items():
        line("mean", kind, [sum(column) / len(SEEDS) for column in zip(*found)])
    print("\n" + "\n".join(f"- {text}" for text in told))


main()
