"""What tests/described has Schemathesis send beside what it makes up: JSON Lines, and articles that the site has.

READNEXT_TEST_IDS is a file with an id a line.
"""
import os
import zlib
from pathlib import Path

import schemathesis

IDS = Path(os.environ["READNEXT_TEST_IDS"]).read_text().split()
# Of eight panels one stays the one of a made-up name.
MADE_UP = 8


# It knows no way to write JSON Lines.
@schemathesis.serializer("application/x-ndjson")
def lines(context, value):
    return value.encode(errors="replace") if isinstance(value, str) else str(value).encode()


# A schema cannot say that a panel is asked for by `url` or `id` and not by both, nor which articles there are.
@schemathesis.hook("map_query").apply_to(path_regex=r"^/v1/related")
def of_the_site(context, query):
    named = [name for name in ("url", "id") if isinstance(query.get(name), str)]
    drawn = zlib.crc32(repr(sorted(query.items(), key=str)).encode())
    if drawn % MADE_UP == 0:
        return query
    for name in named[1:]:
        del query[name]
    query[named[0] if named else "url"] = IDS[drawn % len(IDS)]
    return query
