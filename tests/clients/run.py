"""Runs clients that others wrote against weir, and prints which scenarios pass.

usage: run.py [--weir PATH | --bootstrap HOST:PORT | --kafka VERSION] [--short] [--jobs N] [--update-docs] [CLIENT…]

weir is started on a port of its own in a temporary folder (default: $WEIR, or build/release/weir); --bootstrap asks a
broker that runs already, and --kafka starts Apache Kafka from its jars, which tells whether a failure is weir's or the
scenario's. Without CLIENT all are run; --short leaves out those that take minutes or a second toolchain. The exit code is
1 if a scenario failed. What cannot be installed is told as skipped, with the reason.
"""
import argparse
import concurrent.futures
import dataclasses
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

import broker
import install
import kafka_wire

HERE = pathlib.Path(__file__).resolve().parent
DOCUMENT = HERE.parent.parent / "docs" / "clients.md"
SKIPPED_CODE = 77
CODECS = ["none", "gzip", "snappy", "lz4", "zstd"]

# What a client is asked to do, by the name of the scenario, in the order of the matrix.
SCENARIOS = {
    "admin": "create, change, describe and delete topics, settings and records",
    "codecs": "write with none, gzip, snappy, lz4 and zstd, look at the stored batches, read back",
    "idempotence": "an idempotent producer with many small batches: each record once, in order",
    "consume": "keys, headers, timestamps, order within a key, seek",
    "group": "a member joins and one leaves; range and cooperative assignment, static members where there are any",
    "commits": "commit, go on behind it, look it up, change and delete it",
    "time": "offsets by timestamp, the ends, the latest timestamp",
    "transactions": "commit, abort, offsets within a transaction, a fenced producer",
    "new_group_protocol": "the group protocol of KIP-848",
    "tls_scram": "TLS and SCRAM",
    "acls": "ACLs",
    "quotas": "quotas",
}
# Not served yet. A scenario leaves this table when weir has learnt what it needs.
LATER = {
    "new_group_protocol": "weir does not serve the group protocol of KIP-848 yet",
    "tls_scram": "weir does not serve TLS and SASL yet",
    "acls": "weir does not serve ACLs yet",
    "quotas": "weir does not serve quotas yet",
}
OK, FAILED, SKIPPED = "ok", "FAILED", "skipped"


@dataclasses.dataclass
class Client:
    name: str
    title: str
    scenarios: list[str]
    # The command to which broker, scenario and prefix are added; installs what it needs.
    prepare: Callable[[], list[object]]
    seconds: int = 60
    in_short: bool = True
    variables: Callable[[], dict[str, str]] = dict
    is_tools: bool = False


@dataclasses.dataclass
class Outcome:
    client: Client
    scenario: str
    result: str
    reason: str = ""
    seconds: float = 0


def kcat() -> list[object]:
    install.need("kcat")
    return [sys.executable, HERE / "kcat" / "scenarios.py"]


def python(file: str) -> Callable[[], list[object]]:
    return lambda: [install.python(), HERE / "python" / file]


def java(version: str, program: str) -> Callable[[], list[object]]:
    return lambda: ["java", "-Xmx512m", "-XX:TieredStopAtLevel=1", "-cp", install.classes(version), program]


def tools(version: str) -> Callable[[], list[object]]:
    return lambda: [install.jars(version) and sys.executable, HERE / "java" / "tools.py"]


def jars_variable(version: str) -> Callable[[], dict[str, str]]:
    return lambda: {"WEIR_TEST_JARS": str(install.jars(version))}


def node() -> list[object]:
    # A script finds its packages beside itself.
    return ["node", shutil.copy(HERE / "kafkajs" / "scenarios.js", install.node())]


PLAIN = ["admin", "codecs", "idempotence", "consume", "group", "commits", "time"]
WITH_TRANSACTIONS = [*PLAIN, "transactions"]
TOOLS = ["topics", "console", "consumer-groups", "configs", "perf-test", "verifiable", "transactions"]
STREAMS = ["at_least_once", "exactly_once_v2"]
CLIENTS = [
    Client("kcat", "kcat 1.7.1 (librdkafka 2.0.2)", PLAIN, kcat),
    Client("java-3.9", "Apache's Java client 3.9.1", WITH_TRANSACTIONS, java("3.9.1", "Scenarios")),
    Client("java-4.1", "Apache's Java client 4.1.0", [*WITH_TRANSACTIONS, "new_group_protocol"], java("4.1.0", "Scenarios"),
           in_short=False),
    Client("confluent-kafka", "confluent-kafka 2.16.1 (librdkafka 2.16.0)", [*WITH_TRANSACTIONS, "new_group_protocol"],
           python("confluent.py")),
    Client("kafka-python", "kafka-python 3.0.12", WITH_TRANSACTIONS, python("kafka_python.py")),
    Client("franz-go", "franz-go 1.22.2", WITH_TRANSACTIONS, lambda: [install.go("franz")], in_short=False),
    Client("sarama", "sarama 1.61.1", WITH_TRANSACTIONS, lambda: [install.go("sarama")], in_short=False),
    Client("kafkajs", "kafkajs 2.2.4", WITH_TRANSACTIONS, node, in_short=False),
    Client("librdkafka", "librdkafka 2.0.2 in C++", WITH_TRANSACTIONS, lambda: [install.cpp()]),
    Client("tools-3.9", "Apache's command-line tools 3.9.1", TOOLS, tools("3.9.1"), 150, False, jars_variable("3.9.1"), True),
    Client("tools-4.1", "Apache's command-line tools 4.1.0", TOOLS, tools("4.1.0"), 150, False, jars_variable("4.1.0"), True),
    Client("streams-3.9", "Kafka Streams 3.9.1, word count", STREAMS, java("3.9.1", "WordCount"), 120, False, is_tools=True),
    Client("streams-4.1", "Kafka Streams 4.1.0, word count", STREAMS, java("4.1.0", "WordCount"), 120, False, is_tools=True),
]


# ---- Running

def run_client(client: Client, address: str, folder: pathlib.Path) -> list[Outcome]:
    try:
        command, variables = client.prepare(), client.variables()
    except install.Missing as reason:
        return [told(Outcome(client, scenario, SKIPPED, str(reason))) for scenario in client.scenarios]
    return [told(run_scenario(client, scenario, command, variables, address, folder)) for scenario in client.scenarios]


def run_scenario(client: Client, scenario: str, command: list[object], variables: dict[str, str], address: str,
                 folder: pathlib.Path) -> Outcome:
    if scenario in LATER:
        return Outcome(client, scenario, SKIPPED, LATER[scenario])
    started = time.monotonic()
    prefix = f"{client.name}-{scenario}"
    log = folder / f"{prefix}.log"
    arguments = [*command, address, scenario, prefix, folder / prefix]
    with open(log, "wb") as output:
        # A session of its own, so that whatever it starts ends with it.
        process = subprocess.Popen(list(map(str, arguments)), stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                   env=os.environ | variables, start_new_session=True)
        try:
            code = process.wait(client.seconds)
        except subprocess.TimeoutExpired:
            code = None
            os.killpg(process.pid, 9)
            process.wait()
    seconds = time.monotonic() - started
    if code == SKIPPED_CODE:
        return Outcome(client, scenario, SKIPPED, last_line(log), seconds)
    if code is None:
        return Outcome(client, scenario, FAILED, f"not done after {client.seconds} s; {log}", seconds)
    if code != 0:
        return Outcome(client, scenario, FAILED, f"{last_line(log)}; {log}", seconds)
    if scenario == "codecs" and (wrong := codecs_that_differ(address, prefix)):
        return Outcome(client, scenario, FAILED, f"stored otherwise than asked: {wrong}", seconds)
    return Outcome(client, scenario, OK, "", seconds)


def codecs_that_differ(address: str, prefix: str) -> dict[str, str]:
    """A client that silently leaves a codec out, since the broker does not offer what it needs, reads back what it wrote."""
    wrong = {}
    with kafka_wire.Connection(address) as connection:
        for codec in CODECS:
            batches = kafka_wire.read_batches(kafka_wire.fetch(connection, f"{prefix}-{codec}", 0, 0)["records"])
            if (stored := {batch.codec for batch in batches}) != {codec}:
                wrong[codec] = ", ".join(sorted(stored))
    return wrong


def last_line(log: pathlib.Path) -> str:
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip() and not line.startswith(("\t", "log4j"))]
    told = [line for line in lines if "Error" in line or "Exception" in line]
    return (told or lines or ["no output"])[-1].strip()[:300]


def told(outcome: Outcome) -> Outcome:
    reason = f"  {outcome.reason}" if outcome.reason else ""
    print(f"{outcome.result:8}{outcome.client.name:17}{outcome.scenario:19}{outcome.seconds:5.1f} s{reason}", flush=True)
    return outcome


# ---- The matrix

CELLS = {OK: "yes", FAILED: "**no**", SKIPPED: "skipped"}


def cell(outcomes: list[Outcome], client: Client, scenario: str) -> str:
    # Whether a client knows the new protocol is told by its list; the others concern every client.
    if scenario in LATER and (scenario in client.scenarios or scenario != "new_group_protocol"):
        return "later"
    found = [outcome for outcome in outcomes if outcome.client is client and outcome.scenario == scenario]
    return CELLS[found[0].result] if found else "–"


def matrix(outcomes: list[Outcome]) -> str:
    clients = [client for client in CLIENTS if any(outcome.client is client for outcome in outcomes)]
    titles = [name.replace("_", " ") for name in SCENARIOS]
    lines = [f"| Client | {' | '.join(titles)} |", "|---" * (len(titles) + 1) + "|"]
    for client in clients:
        if not client.is_tools:
            lines.append(f"| {client.title} | {' | '.join(cell(outcomes, client, name) for name in SCENARIOS)} |")
    lines += ["", "| Programs | What passes | What does not |", "|---|---|---|"]
    for client in clients:
        if client.is_tools:
            passed = [outcome.scenario for outcome in outcomes if outcome.client is client and outcome.result == OK]
            others = [f"{outcome.scenario} ({outcome.result})" for outcome in outcomes if outcome.client is client and outcome.result != OK]
            lines.append(f"| {client.title} | {', '.join(passed) or '–'} | {', '.join(others) or '–'} |")
    return "\n".join(lines)


def document(outcomes: list[Outcome]) -> str:
    reasons = sorted({f"- {outcome.client.title}, {outcome.scenario}: {outcome.reason.partition(';')[0]}" for outcome in outcomes
                      if outcome.result != OK and outcome.scenario not in LATER})
    text = f"""# Clients

Programs that others wrote, and what of them works against weir. `./dev test clients` runs them; this page is written by
`tests/clients/run.py --update-docs`.

{matrix(outcomes)}

*yes*: passes. *later*: weir does not serve it yet. *–*: the client has no such thing. *skipped*: could not be installed
where this page was written.

"""
    text += """With acks=1 a record is acknowledged before it is flushed, and can be read once it has been, at most 100 ms later. A
program that writes so and looks at once, as with sarama's defaults, may not find it yet; Apache Kafka shows it at once.

"""
    if reasons:
        text += "Not passed or skipped:\n\n" + "\n".join(reasons) + "\n\n"
    text += "## What each scenario does\n\n" + "".join(f"- {name.replace('_', ' ')}: {what}\n" for name, what in SCENARIOS.items())
    return text


# ---- The door

def brokers(options: argparse.Namespace, folder: pathlib.Path) -> broker.Broker | None:
    if options.bootstrap:
        return None
    if options.kafka:
        return broker.Kafka(install.jars(options.kafka), folder / "kafka")
    return broker.Weir(broker.weir_binary(options.weir), folder / "weir")


def main() -> int:
    parser = argparse.ArgumentParser(usage=__doc__.partition("usage: ")[2].partition("\n")[0])
    parser.add_argument("--weir")
    parser.add_argument("--bootstrap")
    parser.add_argument("--kafka")
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--update-docs", action="store_true")
    parser.add_argument("clients", nargs="*", metavar="CLIENT")
    options = parser.parse_args()
    names = {client.name for client in CLIENTS}
    if unknown := set(options.clients) - names:
        parser.error(f"no client {', '.join(sorted(unknown))}; there are: {', '.join(sorted(names))}")
    chosen = [client for client in CLIENTS if (client.name in options.clients if options.clients
                                               else client.in_short or not options.short)]
    folder = pathlib.Path(tempfile.mkdtemp(prefix="weir-clients-"))
    running = brokers(options, folder)
    try:
        if running:
            running.start()
        address = options.bootstrap or running.address
        # Clients side by side: most of a scenario is waiting.
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            parts = list(pool.map(lambda client: run_client(client, address, folder), chosen))
    finally:
        code = running.stop() if running else None
    outcomes = [outcome for part in parts for outcome in part]
    print(f"\n{matrix(outcomes)}\n")
    if options.update_docs:
        DOCUMENT.write_text(document(outcomes))
    counts = [sum(outcome.result == result for outcome in outcomes) for result in (OK, FAILED, SKIPPED)]
    # A broker that cannot stop in peace is a failure of its own.
    if running and code != 0 and not options.kafka:
        print(f"weir ended with {code}; {running.log}")
        counts[1] += 1
    if counts[1] == 0:
        shutil.rmtree(folder, ignore_errors=True)
    print("{} passed, {} failed, {} skipped".format(*counts))
    return 1 if counts[1] else 0


if __name__ == "__main__":
    sys.exit(main())
