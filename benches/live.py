#!/usr/bin/env python3
"""How far panels agree with those of a new index, until there is one: benches/live.py READNEXT ARTICLES.jsonl DATA

READNEXT is the program, DATA a data folder with the index of ARTICLES. In a copy of it one article of a hundred comes anew over
HTTP: of one half the last third of the text is gone, of the other it is that of another article. The panels of hosts that are drawn
among all, and those of the changed articles, are then compared with those of `reindex --full`: the share of the cards there that
stand here too, and the share that stand at the same place. Prints a table.
"""
import json
import random
import re
import shutil
import subprocess
import sys
import tempfile
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
    for number, name in enumerate(chosen):
        from_whom = name if number % 2 else chosen[number - 1]
        words = re.findall(r"\S+\s*", found[from_whom].get("body", ""))
        kept = words[: len(words) * 2 // 3] if number % 2 else words
        yield {**found[name], "body": "".join(kept)}


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__.split("\n")[0])
    readnext, articles, data = sys.argv[1:]
    chosen, others = drawn(articles)
    records = list(anew(articles, chosen))
    kinds = {"drawn among all": others, "that came anew": chosen}
    with tempfile.TemporaryDirectory(dir=Path(data).resolve().parent) as folder:
        shutil.copytree(data, folder, dirs_exist_ok=True)
        Path(folder, "readnext.toml").write_text("rebuild_percent = 100\nexploration = 0\n")
        key = subprocess.run([readnext, "keys", "create", "--data", folder], check=True, capture_output=True, text=True).stdout.strip()
        server = served(readnext, folder)
        lines = "".join(json.dumps(record) + "\n" for record in records)
        answer, told = server.ask("POST", "/v1/articles", lines.encode(), {"authorization": f"Bearer {key}"})
        assert (answer.status, json.loads(told)["rejected"]) == (200, 0), told[:500]
        live = {kind: [cards(server, host) for host in hosts] for kind, hosts in kinds.items()}
        server.stop()
        subprocess.run([readnext, "reindex", "--full", "--data", folder], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        server = served(readnext, folder)
        full = {kind: [cards(server, host) for host in hosts] for kind, hosts in kinds.items()}
        server.stop()
    print(measured(f"{len(records)} articles came anew"))
    print("| hosts | cards that stand in both | cards at the same place | limit |\n|---|---|---|---|")
    for kind, hosts in kinds.items():
        pairs = list(zip(live[kind], full[kind]))
        cards = sum(len(after) for _, after in pairs)
        both = sum(len(set(before) & set(after)) for before, after in pairs)
        same = sum(a == b for before, after in pairs for a, b in zip(before, after))
        limit = "95 % in both" if kind == "drawn among all" else ""
        print(f"| {len(hosts)} {kind} | {100 * both / cards:.1f} % | {100 * same / cards:.1f} % | {limit} |")


main()
