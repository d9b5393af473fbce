#!/usr/bin/env python3
"""How long the pages of the studio take: benches/studio.py READNEXT DATA [TIMES]

READNEXT is the program, DATA a data folder with an index. A server of a copy of DATA is logged in to as an editor does, each page is
asked for TIMES times (default 40; articles and words drawn anew), then a card is blocked, and the time is told until the page is
back, and until the index that has it serves. Prints a table.
"""
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote, urlencode

from bench import Server, measured

# Nothing of an editor waits longer.
LIMIT_MS = 1000
LOOK_S = 0.05


class Editor:
    """A browser that has logged in."""

    def __init__(self, readnext, data):
        command = [readnext, "keys", "create", "--scope", "admin", "--data", data]
        key = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
        self.server = Server(readnext, "serve", "--data", data, "--listen", "127.0.0.1:0")
        self.headers = {"origin": f"http://{self.server.address}", "content-type": "application/x-www-form-urlencoded"}
        answer, _ = self.send("/studio/login", {"key": key})
        self.headers["cookie"] = answer.headers["set-cookie"].split(";")[0]

    def send(self, path, fields):
        answer, told = self.server.ask("POST", path, urlencode(fields), self.headers)
        assert answer.status == 303, (path, answer.status, told[:500])
        return answer, told

    def page(self, path):
        """A page, and the milliseconds until it was there."""
        started = time.perf_counter()
        answer, page = self.server.ask("GET", path, headers=self.headers)
        took = 1e3 * (time.perf_counter() - started)
        assert answer.status == 200, (path, answer.status)
        return page.decode(), took


def ids(readnext, data, count):
    """Articles drawn among all, and words of their addresses."""
    run = Path(data, "run")
    subprocess.run([readnext, "export", "--format", "run", "--limit", "1", "--data", data, "--out", str(run)], check=True, capture_output=True)
    hosts = sorted({line.split("\t")[0] for line in open(run)})
    drawn = random.Random(20261127).sample(hosts, min(count, len(hosts)))
    return len(hosts), drawn, [" ".join(re.findall(r"[a-z]{4,}", host)[-2:]) or "page" for host in drawn]


def show(what, took):
    worst = max(took)
    print(f"| {what} | {len(took)} | {statistics.median(took):.1f} | {worst:.1f} | {LIMIT_MS} |", flush=True)


def once_there(editor, what, done):
    """Tells how long it takes until `done`."""
    started = time.perf_counter()
    while not done():
        time.sleep(LOOK_S)
    print(f"| {what} | 1 | {1e3 * (time.perf_counter() - started):.0f} | | |", flush=True)


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__.split("\n")[0])
    readnext, data, times = sys.argv[1], sys.argv[2], int((*sys.argv, 40)[3])
    with tempfile.TemporaryDirectory(dir=Path(data).resolve().parent) as folder:
        shutil.copytree(data, folder, dirs_exist_ok=True)
        articles, hosts, words = ids(readnext, folder, times)
        editor = Editor(readnext, folder)
        try:
            measure(editor, articles, hosts, words)
        finally:
            editor.server.stop()


def measure(editor, articles, hosts, words):
    print(measured(f"articles: {articles}"))
    print("| page | times | median ms | longest ms | limit ms |\n|---|---|---|---|---|")
    article = lambda host, more="": "/studio/article?id=" + quote(host, safe="") + more
    asked = lambda paths: [editor.page(path)[1] for path in paths]
    show("articles, the newest", asked("/studio" for _ in hosts))
    show("articles, the first search", asked(["/studio?q=" + quote(words[0])]))
    show("articles, a search", asked("/studio?q=" + quote(word) for word in words))
    show("an article", asked(article(host) for host in hosts))
    show("an article beside other weights", asked(article(host, "&on=content&content=70&on=research&research=30") for host in hosts))
    show("an article, with others to pin", asked(article(host, "&find=" + quote(word)) for host, word in zip(hosts, words)))
    show("index", asked("/studio/index" for _ in hosts))
    show("site, before its figures were counted", asked(["/studio/site"]))
    once_there(editor, "until they are counted", lambda: "counting" not in editor.page("/studio/site")[0])
    show("site", asked("/studio/site" for _ in hosts))
    show("readers", asked("/studio/readers" for _ in hosts))
    block(editor, article, hosts[0])
    print(f"\nmemory of the server: {editor.server.memory()[0]:.0f} MB, of it {editor.server.memory()[1]:.0f} MB its own")


def block(editor, article, host):
    """Keeps the first card out of the panel of `host`."""
    card = re.search(r'<li[^>]* data-id="([^"]+)"', editor.page(article(host))[0])[1]
    started = time.perf_counter()
    editor.send("/studio/tell", {"told": "block", "host": host, "card": card})
    show("a card is blocked: until the page is answered", [1e3 * (time.perf_counter() - started)])
    took = []
    # Until then the card is still there, or the page says that it waits.
    while f'data-id="{card}"' in (asked := editor.page(article(host)))[0]:
        took.append(asked[1])
        time.sleep(LOOK_S)
    show("an article, while the index is built", took)
    print(f"| until the index with it serves | 1 | {1e3 * (time.perf_counter() - started):.0f} | | |")


main()
