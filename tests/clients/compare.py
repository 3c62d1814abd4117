"""Asks weir and Apache Kafka the same, and compares their answers: error codes, offsets, timestamps, markers.

usage: compare.py [--weir PATH] [--version 3.9.1] [--verbose] [CASE…]

A case of compare_cases.py is a sequence of raw requests; what it returns must be equal from both. Differences that are
meant are in KNOWN, with the reason; one that is no longer there is a failure too, so that the table stays true.
"""
import argparse
import json
import pathlib
import shutil
import sys
import tempfile

import broker
import compare_cases
import compare_group_cases  # noqa: F401  (adds its cases)
import install
from kafka_wire import Connection

# Case, then what it calls the answer: why weir's is another one.
STRICTER = "a setting that means nothing is refused when it is made"
CLEARER = "Kafka tells of an unexpected error, weir of what is wrong"
KNOWN: dict[tuple[str, str], str] = {
    ("create_topics", "name: internal"): "the internal topics are there from the beginning",
    ("create_topics", "name collides in metrics"): "dots and underscores are not the same in weir's metrics",
    ("create_topics", "retention.bytes=-5"): STRICTER,
    ("create_topics", "cleanup.policy="): STRICTER,
    ("settings", "operation 9"): CLEARER,
    ("settings", "all settings of a topic"): "weir lists what has an effect, and has a setting of its own",
    ("settings", "defaults of a topic"): "as above",
    ("produce_errors", "codec 5"): CLEARER,
    ("produce_errors", "a control batch"): "refused by both; Kafka takes it for a lack of rights to a transactional id",
    ("produce_errors", "no records"): "Kafka closes the connection, weir answers",
    ("acks_one", "the end at once"): "what a consumer sees has been flushed; with acks=1 that takes up to 100 ms",
    ("fetch_errors", "at 4"): "weir tells the ends of the log with OFFSET_OUT_OF_RANGE, too",
    ("fetch_errors", "at -1"): "as above",
}


def ask(address: str) -> dict[str, dict[str, object]]:
    """The answers by case and by the name that the case gives them."""
    answers = {}
    for name, case in compare_cases.CASES.items():
        notes: dict[str, object] = {}
        try:
            with Connection(address, 20) as connection:
                case(connection, notes)
        except Exception as error:  # The other cases are still worth asking.
            notes["broke off"] = f"{type(error).__name__}: {error}"
        answers[name] = notes
    return answers


def compare(ours: dict, theirs: dict, verbose: bool) -> tuple[int, int, int]:
    passed = failed = known = 0
    for case in ours:
        for what in list(theirs[case]) + [each for each in ours[case] if each not in theirs[case]]:
            mine, other = (json.dumps(answers[case].get(what, "not asked"), default=str) for answers in (ours, theirs))
            reason = KNOWN.get((case, what))
            if mine == other and not reason:
                passed += 1
                if verbose:
                    print(f"same     {case}: {what}: {mine}")
            elif mine == other:
                failed += 1
                print(f"GONE     {case}: {what}: both say {mine}, but a difference is listed: {reason}")
            elif reason:
                known += 1
                print(f"known    {case}: {what}: weir {mine}, Kafka {other}: {reason}")
            else:
                failed += 1
                print(f"DIFFERS  {case}: {what}\n           weir  {mine}\n           Kafka {other}")
    return passed, failed, known


def main() -> int:
    parser = argparse.ArgumentParser(usage=__doc__.partition("usage: ")[2].partition("\n")[0])
    parser.add_argument("--weir")
    parser.add_argument("--version", default="3.9.1")
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("cases", nargs="*", metavar="CASE")
    options = parser.parse_args()
    if unknown := set(options.cases) - compare_cases.CASES.keys():
        parser.error(f"no case {', '.join(unknown)}; there are: {', '.join(compare_cases.CASES)}")
    if options.cases:
        compare_cases.CASES = {name: compare_cases.CASES[name] for name in options.cases}
    try:
        jars = install.jars(options.version)
    except install.Missing as reason:
        print(f"skipped: {reason}\n0 passed, 0 failed, 1 skipped")
        return 0
    folder = pathlib.Path(tempfile.mkdtemp(prefix="weir-compare-"))
    # Cleaning comes at once, or the comparison would take minutes.
    kafka = broker.Kafka(jars, folder / "kafka", {"log.cleaner.backoff.ms": "200", "log.initial.task.delay.ms": "100",
                                                  "group.min.session.timeout.ms": "100",
                                                  "transaction.abort.timed.out.transaction.cleanup.interval.ms": "500"})
    with broker.Weir(broker.weir_binary(options.weir), folder / "weir") as weir:
        ours = ask(weir.address)
    with kafka:
        theirs = ask(kafka.address)
    passed, failed, known = compare(ours, theirs, options.verbose)
    shutil.rmtree(folder, ignore_errors=True)
    print(f"{known} differences are known\n{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
