#!/usr/bin/env python3
"""How far panels agree with those of a new index, until there is one: benches/live.py READNEXT ARTICLES.jsonl DATA

READNEXT is the program, DATA a data folder with the index of ARTICLES. To a copy of it one article for a hundred comes over HTTP: a
third of them are there already and lose the last third of their text, a third get that of another article, and a third are new,
with the first half of the text of one and the second half of another. The panels of hosts that are drawn among all, and those of the
articles that came, are then compared with those of `reindex --full`: the share of the cards there that stand here too, and the share
that stand at the same place. Prints these, what it cost to find the neighbours of an article, what the files for that take, and how
long a server that starts again takes until it shows them.
"""
import json
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

from bench import Server, measured

SHARE = 100
DRAWN = 5000


def cards(server, host):
    answer, panel = server.ask("GET", "/v1/related?id=" + quote(host, safe=""))
    assert answer.status == 200, host
    return [item["id"] for item in json.loads(panel)["items"] if item["match"] is not None]


def served(readnext, data):
    return Server(readnext, "serve", "--data", data, "--listen", "127.0.0.1:0")


def drawn(articles):
    """Ids of articles that come anew, and of hosts drawn among all."""
    with open(articles) as lines:
        ids = sorted(json.loads(line)["id"] for line in lines)
    chance = random.Random(20261127)
    return chance.sample(ids, len(ids) // SHARE), chance.sample(ids, min(DRAWN, len(ids)))


def anew(articles, chosen):
    """The records of the articles that come anew, as they come."""
    wanted = set(chosen)
    with open(articles) as lines:
        found = {record["id"]: record for record in map(json.loads, lines) if record["id"] in wanted}

    def words(name):
        return re.findall(r"\S+\s*", found[name].get("body", ""))

    for number, name in enumerate(chosen):
        own, other = words(name), words(chosen[number - 1])
        match number % 3:
            case 0:
                yield "cut", {**found[name], "body": "".join(own[: len(own) * 2 // 3])}
            case 1:
                yield "with another text", {**found[name], "body": "".join(other)}
            case _:
                title = found[name]["title"] + ", continued"
                halves = own[: len(own) // 2] + other[len(other) // 2 :]
                place = {key: found[name][key] + "-new" for key in ("id", "url")}
                yield "new", {**found[name], **place, "title": title, "body": "".join(halves)}


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__.split("\n")[0])
    readnext, articles, data = sys.argv[1:]
    chosen, others = drawn(articles)
    records = list(anew(articles, chosen))
    kinds = {"drawn among all": others}
    for kind, record in records:
        kinds.setdefault(f"that came {kind}", []).append(record["id"])
    with tempfile.TemporaryDirectory(dir=Path(data).resolve().parent) as folder:
        shutil.copytree(data, folder, dirs_exist_ok=True)
        Path(folder, "readnext.toml").write_text("rebuild_percent = 100\nexploration = 0\n")
        key = subprocess.run([readnext, "keys", "create", "--data", folder], check=True, capture_output=True, text=True).stdout.strip()
        server = served(readnext, folder)
        lines = "".join(json.dumps(record) + "\n" for _, record in records)
        answer, told = server.ask("POST", "/v1/articles", lines.encode(), {"authorization": f"Bearer {key}"})
        assert (answer.status, json.loads(told)["rejected"]) == (200, 0), told[:500]
        live = {kind: [cards(server, host) for host in hosts] for kind, hosts in kinds.items()}
        metrics = server.ask("GET", "/metrics", headers={"authorization": f"Bearer {key}"})[1].decode()
        times = [float(value) * 1e3 for value in re.findall(r"readnext_article_seconds{.*} (.*)", metrics)]
        memory = int(re.search(r"process_resident_memory_bytes (\d+)", metrics)[1])
        server.stop()
        begun = time.monotonic()
        server = served(readnext, folder)
        name = kinds["that came new"][-1]
        while server.ask("GET", "/v1/related?id=" + quote(name, safe=""))[0].status != 200:
            time.sleep(0.01)
        again = time.monotonic() - begun
        same = sum(cards(server, host) == shown for kind, hosts in kinds.items() for host, shown in zip(hosts, live[kind]))
        asked = sum(map(len, kinds.values()))
        server.stop()
        generation = Path(folder, "index", Path(folder, "index", "CURRENT").read_text().split()[0])
        sizes = [Path(generation, name).stat().st_size for name in ("terms.bin", "alone.bin")]
        articles = json.loads(Path(generation, "manifest.json").read_text())["articles"]
        subprocess.run([readnext, "reindex", "--full", "--data", folder], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        server = served(readnext, folder)
        full = {kind: [cards(server, host) for host in hosts] for kind, hosts in kinds.items()}
        server.stop()
    print(measured(f"{len(records)} articles came"))
    print("| what | found | limit |\n|---|---|---|")
    print(f"| to find the neighbours of an article, p50 and p99 | {times[0]:.2f} ms, {times[1]:.2f} ms | 1 ms |")
    print(f"| files for that, an article | {sizes[0] / articles:,.0f} and {sizes[1] / articles:,.0f} bytes | 2 KB |")
    print(f"| memory of the server after that | {memory / 1e6:.0f} MB | |")
    print(f"| from the start of a server until the last one shows | {again:.1f} s | |")
    print(f"| panels that are the same after it | {same} of {asked} | all |\n")
    print("| hosts | cards that stand in both | cards at the same place | limit |\n|---|---|---|---|")
    for kind, hosts in kinds.items():
        pairs = list(zip(live[kind], full[kind]))
        count = sum(len(after) for _, after in pairs)
        both = sum(len(set(before) & set(after)) for before, after in pairs)
        same = sum(a == b for before, after in pairs for a, b in zip(before, after))
        print(f"| {len(hosts)} {kind} | {100 * both / count:.1f} % | {100 * same / count:.1f} % | 95 % in both |")


main()
