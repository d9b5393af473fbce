"""What benches/http measures, once all is built: over_http.py WORK ARTICLES.jsonl ROUNDS MINUTES

WORK/site is a data folder with an index of ARTICLES. wrk and the bench `http` make the load, on the same machine.
"""
import json
import os
import random
import re
import statistics
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from urllib.parse import quote

from bench import Server, measured

READNEXT = "target/release/readnext"
PEERS = "benches/peers/target/release/readnext-peers"
CONNECTIONS = 64
SECONDS = 5
# Panels of the rounds in which panels are kept or known to the client.
FEW = 1000
# Asks for targets that are drawn anew each time, with the tag behind a target if there is one.
SCRIPT = """
local requests = {}
function init(arguments)
  math.randomseed(arguments[1])
  for line in io.lines(os.getenv("TARGETS")) do
    local target, tag = line:match("^(%S+)%s*(.*)$")
    local headers = tag ~= "" and {["If-None-Match"] = tag} or {}
    requests[#requests + 1] = wrk.format("GET", target, headers)
  end
end
function request() return requests[math.random(#requests)] end
"""


def served(work):
    server = Server(READNEXT, "serve", "--data", str(work / "site"), "--listen", "127.0.0.1:0")
    server.key = key(work, "read")
    return server


def key(work, scope):
    command = [READNEXT, "keys", "create", "--scope", scope, "--data", str(work / "site")]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def get(server, path, **headers):
    request = urllib.request.Request(f"http://{server.address}{path}", headers=headers)
    with urllib.request.urlopen(request) as answer:
        return answer.read(), answer.headers


def metric(server, name):
    page = get(server, "/metrics", Authorization=f"Bearer {server.key}")[0].decode()
    return float(re.search(rf"^{name} (\S+)$", page, re.M)[1])


def panels(server):
    return [metric(server, f"readnext_{name}_total") for name in ("panels_made", "panel_hits")]


def round_of(server, work, targets, seed, seconds=SECONDS):
    """Requests a second, and CPU microseconds of the server for each."""
    script = work / "wrk.lua"
    script.write_text(SCRIPT)
    before = server.cpu()
    told = subprocess.run(
        ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(script), f"http://{server.address}/", "--", str(seed)],
        env={**os.environ, "TARGETS": str(targets)}, check=True, capture_output=True, text=True).stdout
    cpu = server.cpu() - before
    assert "Non-2xx" not in told and "Socket errors" not in told, told
    requests = int(re.search(r"(\d+) requests in", told)[1])
    return requests / seconds, 1e6 * cpu / requests


def compare(work, ids, rounds):
    """Rounds in turns against the bare handler; a line for each."""
    target = lambda name: "/v1/related?id=" + quote(name, safe="")
    every, few, tagged = (work / f"{name}.txt" for name in ("every", "few", "tagged"))
    every.write_text("".join(f"{target(name)}\n" for name in ids))
    few.write_text("".join(f"{target(name)}\n" for name in ids[:FEW]))
    ours = served(work)
    peer = Server(PEERS, "bytes", ours.address, str(every))
    tags = [(target(name), get(ours, target(name))[1]["etag"]) for name in ids[:FEW]]
    tagged.write_text("".join(f"{target} {tag}\n" for target, tag in tags))
    for turn in range(rounds):
        for stage, targets in ("made", every), ("kept", few), ("known", tagged):
            for name, server in ("bare", peer), ("readnext", ours):
                made, hits = panels(ours)
                a_second, cpu = round_of(server, work, targets, turn)
                made, hits = (after - before for after, before in zip(panels(ours), (made, hits)))
                line = {"stage": stage, "server": name, "a_second": round(a_second), "cpu_us": round(cpu, 2)}
                if server is ours:
                    line["kept"] = round(hits / max(hits + made, 1), 4)
                yield line
    memory = ours.memory()
    yield {"stage": "memory", "mb": memory[0], "own_mb": memory[1]}
    peer.stop()
    ours.stop()


def beside(work, articles, minutes):
    """Reads beside nothing, then beside events and articles; a line for each."""
    admin = key(work, "admin")
    server = served(work)
    for stage, seconds, writes in ("reads alone", 60, "none"), ("reads beside writes", round(60 * minutes), "both"):
        command = ["cargo", "bench", "--locked", "--quiet", "--bench", "http", "--", "beside", server.address, str(seconds), writes, str(work / "every.txt"), articles, admin]
        run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        memory = []
        while run.poll() is None:
            memory.append(server.memory())
            time.sleep(1)
        line = json.loads(run.stdout.read())
        tenth = max(len(memory) // 10, 1)
        for name, which in ("mb", 0), ("own_mb", 1):
            then, end = (round(statistics.mean(sample[which] for sample in part), 1) for part in (memory[tenth:2 * tenth] or memory, memory[-tenth:]))
            line |= {f"{name}_then": then, f"{name}_at_end": end, f"{name}_most": max(sample[which] for sample in memory)}
        yield {"stage": stage, **line}
    server.stop()


def table(rows, articles, minutes):
    rounds = sum(row["stage"] == "made" and row["server"] == "readnext" for row in rows)
    print("\n" + measured(f"articles: {articles}", f"medians of {rounds} rounds in turns"))
    print("| what | found | limit |\n|---|---|---|")
    show = lambda what, found, limit="": print(f"| {what} | {found} | {limit} |")
    stages = ("made", "a panel that is made", 2), ("kept", "a panel that is kept", 1.1), ("known", "a panel that the client has (304)", 1.05)
    for stage, what, most in stages:
        of = lambda server, key: [row[key] for row in rows if row["stage"] == stage and row.get("server") == server]
        ours, bare = of("readnext", "cpu_us"), of("bare", "cpu_us")
        ratio = statistics.median(a / b for a, b in zip(ours, bare))
        show(f"{what}: CPU of a request, and of the bare handler", f"{statistics.median(ours):.1f} us, {statistics.median(bare):.1f} us")
        show("ratio", f"{ratio:.2f}", f"{most} at most")
        show("requests a second, and of the bare handler", f"{statistics.median(of('readnext', 'a_second')):,.0f}, {statistics.median(of('bare', 'a_second')):,.0f}")
        show("of these kept before", f"{100 * statistics.median(of('readnext', 'kept')):.1f} %")
    one = lambda stage: next(row for row in rows if row["stage"] == stage)
    memory = one("memory")
    show("memory of the server after these rounds", f"{memory['mb']:.0f} MB, of it {memory['own_mb']:.0f} MB its own")
    alone, busy = one("reads alone"), one("reads beside writes")
    show(f"reads alone, {alone['reads_a_second']:,.0f} a second, p50 and p99", f"{alone['p50_ms']:.2f} ms, {alone['p99_ms']:.2f} ms")
    what = f"the same beside {busy['events_a_second']:,.0f} events and {busy['updates_a_second']:.1f} articles a second for {minutes:g} min"
    show(f"{what}, p50 and p99", f"{busy['p50_ms']:.2f} ms, {busy['p99_ms']:.2f} ms")
    show("ratio of p99", f"{busy['p99_ms'] / alone['p99_ms']:.2f}", "3 at most")
    for name, what, limit in ("mb", "memory of it", ""), ("own_mb", "of that its own", "flat"):
        show(f"{what} after a tenth of that time, at its end, at most", ", ".join(f"{busy[f'{name}_{when}']:.0f} MB" for when in ("then", "at_end", "most")), limit)
    show("from a PUT to its card in another article's panel, p50, p99, longest", ", ".join(f"{busy[f'{name}_put_ms']:.0f} ms" for name in ("p50", "p99", "most")), "2,000 ms at p99")
    show("requests that failed, changes that did not show", f"{busy['failed']}, {busy['lost']}", "0, 0")


def main():
    work, articles, rounds, minutes = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
    with open(articles) as lines:
        ids = sorted(json.loads(line)["id"] for line in lines)
    random.Random(20261127).shuffle(ids)
    rows = []
    for line in compare(work, ids, rounds):
        rows.append(line)
        print(json.dumps(line), flush=True)
    for line in beside(work, articles, minutes) if minutes else ():
        rows.append(line)
        print(json.dumps(line), flush=True)
    if minutes:
        table(rows, len(ids), minutes)


main()
