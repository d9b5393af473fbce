#!/usr/bin/env python3
"""What each kind of likeness and each kind of link brings, and which weights would suit: benches/fit.py FEATURES SETS SET...

FEATURES is a folder with SET.tsv as `cargo bench --bench features` prints it, SETS one with SET/qrels.tsv and queries.txt.
The formula is that of docs/ranking.md with no behavior and no seo evidence. Weights are moved one at a time, up or down by
a shrinking factor, as long as the mean over the sets of nDCG@10, each beside its start, rises. Printed: nDCG@10 with the
shipped weights and without each kind in turn; the weights fitted to all sets; and, for each set, the weights fitted to the
others and what they reach on it.
"""
import sys
from pathlib import Path

import numpy as np

CONTENT = ["text", "subject", "summary", "topics", "title", "semantic", "address", "names", "named"]
K = dict(text=0.25, subject=0.25, summary=0.25, topics=0.5, title=0.25, semantic=0.5)
LINKS = ["linked", "linking", "cocitation", "coupling", "by_topics"]
# As shipped: src/signals/content/similarity.rs, src/signals/research/links.rs.
SHIPPED = dict(
    text=0.31, subject=0.05, summary=0.06, topics=0.07, title=0.13, semantic=0.18, address=0.14, names=0.03, named=0.03,
    linked=0.40, linking=0.25, cocitation=0.60, coupling=0.45, by_topics=0.15,
)  # fmt: skip
W_CONTENT, W_RESEARCH = 0.40, 0.20


class Set:
    """The pairs of one data set, as arrays."""

    def __init__(self, name, features, judgments):
        lines = (features / f"{name}.tsv").read_text().split("\n")
        head = lines[0].split("\t")
        rows = [line.split("\t") for line in lines[1:] if line]
        column = {key: at for at, key in enumerate(head)}
        queries = [q for q in (judgments / name / "queries.txt").read_text().split("\n") if q]
        number = {query: at for at, query in enumerate(queries)}
        grades = {}
        for line in (judgments / name / "qrels.tsv").read_text().split("\n"):
            if line:
                query, article, grade = line.split("\t")
                grades.setdefault(query, {})[article] = float(grade)
        self.name, self.count = name, len(queries)
        self.query = np.array([number[row[0]] for row in rows])
        self.grade = np.array([grades.get(row[0], {}).get(row[1], 0.0) for row in rows])
        values = {key: np.array([float(row[column[key]]) for row in rows]) for key in head[2:]}
        self.content = np.stack([values[k] / (values[k] + K[k]) if k in K else values[k] for k in CONTENT], 1)
        self.links = np.stack([values[k] for k in LINKS], 1)
        direct = values["linked"] + values["linking"]
        known = np.maximum(values["links"] - direct, 0)
        self.evidence = known / (known + 1)
        best = [sorted(grades.get(query, {}).values(), reverse=True)[:10] for query in queries]
        self.ideal = np.array([sum(g / np.log2(at + 2) for at, g in enumerate(b)) for b in best])
        self.wanted = np.array([sum(g > 0 for g in grades.get(query, {}).values()) for query in queries])

    def score(self, w):
        c = self.content @ w[: len(CONTENT)] / max(w[: len(CONTENT)].sum(), 1e-9)
        y = self.links @ w[len(CONTENT) :]
        r = y / (y + 1)
        rest = (W_CONTENT * c + W_RESEARCH * self.evidence * r) / (W_CONTENT + W_RESEARCH * self.evidence)
        return W_CONTENT * c + W_RESEARCH * np.maximum(r, (1 - self.evidence) * c) + W_CONTENT * rest

    def measures(self, w):
        """Means of nDCG@10 and Recall@20."""
        order = np.lexsort((-self.score(w), self.query))
        query, grade = self.query[order], self.grade[order]
        first = np.searchsorted(query, np.arange(self.count))
        rank = np.arange(len(query)) - first[query]
        gains = np.bincount(query, np.where(rank < 10, grade / np.log2(rank + 2), 0), self.count)
        found = np.bincount(query, (grade > 0) & (rank < 20), self.count)
        return (gains / np.maximum(self.ideal, 1e-9)).mean(), (found / np.maximum(self.wanted, 1)).mean()


def fitted(sets, start, rounds=7):
    base = [one.measures(start)[0] for one in sets]

    def goal(w):
        return sum(one.measures(w)[0] / b for one, b in zip(sets, base))

    best, w, factor = goal(start), start.copy(), 1.6
    for _ in range(rounds):
        moved = False
        for at in range(len(w)):
            for by in (factor, 1 / factor):
                tried = w.copy()
                tried[at] = max(tried[at], 0.01) * by
                reached = goal(tried)
                if reached > best + 1e-5:
                    best, w, moved = reached, tried, True
                    break
        if not moved:
            factor = factor**0.5
    w[: len(CONTENT)] /= w[: len(CONTENT)].sum()
    return w


def line(label, sets, w):
    cells = " | ".join("{:.4f} | {:.4f}".format(*one.measures(w)) for one in sets)
    print(f"| {label} | {cells} |", flush=True)


def shown(w):
    return ", ".join(f"{key} {value:.3f}" for key, value in zip(CONTENT + LINKS, w))


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__.split("\n")[0])
    features, judgments, names = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]
    sets = [Set(name, features, judgments) for name in names]
    shipped = np.array([SHIPPED[key] for key in CONTENT + LINKS])
    print("| nDCG@10, Recall@20 | " + " | ".join(f"{name} | " for name in names) + "|")
    print("|---" * (1 + 2 * len(names)) + "|")
    line("shipped", sets, shipped)
    for at, key in enumerate(CONTENT + LINKS):
        w = shipped.copy()
        w[at] = 0
        line(f"without {key}", sets, w)
    for label, keep in (("content alone", CONTENT), ("links alone", LINKS)):
        line(label, sets, np.array([SHIPPED[key] if key in keep else 0 for key in CONTENT + LINKS]))
    weights = []
    for left in [None, *names] if len(names) > 1 else [None]:
        w = fitted([one for one in sets if one.name != left], shipped)
        label = f"fitted to all but {left}" if left else "fitted to all"
        line(label, sets, w)
        weights.append(f"- {label}: {shown(w)}")
    print("\n" + "\n".join(weights))


main()
