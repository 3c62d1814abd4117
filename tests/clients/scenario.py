"""What the scenarios written in Python share. Each file of scenarios is a program: `FILE BROKER SCENARIO PREFIX`.

It exits with 0 where the client behaved, 77 with a reason as its last line where the scenario cannot be tried, and
anything else where it failed. Every scenario uses topics and groups of its own, which begin with PREFIX.
"""
import pathlib
import sys
import time
from collections.abc import Callable

SKIPPED = 77
CODECS = ["none", "gzip", "snappy", "lz4", "zstd"]


class Skip(Exception):
    pass


def main(scenarios: dict[str, Callable[[str, str], None]]) -> None:
    broker, name, prefix = sys.argv[1:4]
    try:
        scenarios[name](broker, prefix)
    except Skip as reason:
        print(reason)
        sys.exit(SKIPPED)


def equal(got: object, wanted: object, what: str) -> None:
    if got != wanted:
        raise AssertionError(f"{what}: {got!r} instead of {wanted!r}")


def eventually(question: Callable[[], object], what: str, seconds: float = 30) -> object:
    """The first true answer."""
    end = time.monotonic() + seconds
    while not (answer := question()):
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.05)
    return answer


def now() -> int:
    return int(time.time() * 1000)


# Imported by file name from the folders of the clients.
HERE = pathlib.Path(__file__).resolve().parent
