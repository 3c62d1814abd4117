"""Kills weir again and again while others write, and looks whether anything that was acknowledged is gone.

usage: crash.py [--weir PATH] [--rounds N] [--seed S] [--keep]

All rounds are on one data folder. A round starts weir, lets the workers write, kills it with SIGKILL at a random moment
(sometimes while it starts, sometimes while it stops), starts it again and compares what is in the log with the workers'
ledgers:

- every acknowledged record is at the offset that was answered, and so is every record that a consumer has seen;
- an idempotent producer's records are there once and in order, though it repeats what was not answered;
- offsets have no gaps, and markers take theirs;
- a transaction is whole or absent, as it was answered; its group offset goes with it; none stays open;
- a group's offset is not older than the last commit that was answered;
- a compacted topic has the last value of every key;
- topics that were created are there, and deleted ones are not.

Every tenth round, and after the last, everything is read again from the beginning and compared with what it was before.
The first round with a problem ends the run with code 1; the data folder is kept then.
"""
import argparse
import collections
import hashlib
import pathlib
import random
import shutil
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "clients"))
sys.dont_write_bytecode = True

import kafka_wire  # noqa: E402
from broker import BrokerError, Weir, weir_binary  # noqa: E402
from kafka_wire import Batch, Connection  # noqa: E402
from workers import (COMMIT, Committer, Idempotent, Keyed, Plain, Reader, Refused, TopicMaker, Transactional,  # noqa: E402
                     Worker)

IDEMPOTENT_PARTITIONS = 3
FULL_EVERY = 10
START_SECONDS_MAX = 10


class Partition:
    """How far a partition has been checked, and what was there."""

    def __init__(self, topic: str, number: int, compacted: bool = False):
        self.topic = topic
        self.number = number
        self.compacted = compacted
        self.next = 0
        self.digest = hashlib.sha256()

    def read(self, connection: Connection, begin: int) -> bytes:
        """All batches from `begin`, where one starts, to the high watermark. Refused, where there is a gap."""
        data = bytearray()
        at = begin
        while True:
            answer = kafka_wire.fetch(connection, self.topic, self.number, at)
            if answer["error_code"]:
                raise Refused(f"{self} at {at}: Fetch was answered with error {answer['error_code']}")
            records = answer["records"] or b""
            ends = kafka_wire.batch_ends(records)
            for base, last, _ in ends:
                if base < at or base > at and not self.compacted:
                    raise Refused(f"{self}: after offset {at - 1} comes {base}")
                at = last + 1
            data += records[:ends[-1][2]] if ends else b""
            if at >= answer["high_watermark"] or not ends:
                break
        if at != answer["high_watermark"]:
            raise Refused(f"{self}: the records end at {at}, the high watermark is {answer['high_watermark']}")
        if answer["last_stable_offset"] != answer["high_watermark"]:
            raise Refused(f"{self}: the last stable offset {answer['last_stable_offset']} is not the high watermark {at}")
        return bytes(data)

    def news(self, connection: Connection) -> list[Batch]:
        data = self.read(connection, self.next)
        self.digest.update(data)
        batches = kafka_wire.read_batches(data)
        if batches:
            self.next = batches[-1].last_offset + 1
        return batches

    def check_all(self, connection: Connection) -> None:
        """Is what was checked in earlier rounds still the same, byte for byte?"""
        if hashlib.sha256(self.read(connection, 0)).digest() != self.digest.digest():
            raise Refused(f"{self}: read from the beginning it is not what it was")

    def __str__(self) -> str:
        return f"{self.topic}/{self.number}"


class Run:
    def __init__(self, binary: pathlib.Path, folder: pathlib.Path, seed: int):
        self.random = random.Random(seed)
        self.weir = Weir(binary, folder)

        def source() -> random.Random:
            return random.Random(self.random.random())
        self.idempotent = [Idempotent(f"idempotent-{each}", source(), "all", IDEMPOTENT_PARTITIONS) for each in range(2)]
        self.plain = [Plain("acks-1", source(), "one", 1), Plain("acks-all", source(), "each", -1)]
        self.transactional = [Transactional("old-flow", source(), "tx", 1), Transactional("new-flow", source(), "tx", 2)]
        self.keyed = Keyed("keyed", source(), "compacted", 40)
        self.committer = Committer("committer", source(), "one")
        self.maker = TopicMaker("maker", source())
        self.reader = Reader("reader", source(), "all", IDEMPOTENT_PARTITIONS)
        self.workers: list[Worker] = [*self.idempotent, *self.plain, *self.transactional, self.keyed, self.committer, self.maker,
                                      self.reader]
        self.all = [Partition("all", each) for each in range(IDEMPOTENT_PARTITIONS)]
        self.one, self.each = Partition("one", 0), Partition("each", 0)
        self.tx = [Partition("tx", each) for each in range(2)]
        self.compacted = Partition("compacted", 0, True)
        self.latest: dict[bytes, tuple[int, bytes | None]] = {}  # Of the compacted topic: offset and value.
        self.compacted_records = 0
        self.counts: dict[tuple[str, int], int] = collections.Counter()  # Records of a worker in a partition.
        self.last_committed = {worker.name: -1 for worker in self.transactional}
        self.found: dict[tuple[int, int], bytes] = {}  # Of the topic of idempotent producers: by partition and offset.
        self.kills = collections.Counter()

    def prepare(self) -> None:
        self.weir.start()
        small = {"segment.bytes": "262144"}
        with Connection(self.weir.address) as connection:
            for topic, partitions, configs in [
                    ("all", IDEMPOTENT_PARTITIONS, small), ("one", 1, small), ("each", 1, small), ("tx", 2, small),
                    ("compacted", 1, {"cleanup.policy": "compact", "segment.bytes": "65536", "min.cleanable.dirty.ratio": "0.01"})]:
                if code := kafka_wire.create_topic(connection, topic, partitions, configs):
                    raise Refused(f"creating {topic} was answered with error {code}")

    # ---- A round

    def round(self, full: bool) -> None:
        """Begins and ends with weir running."""
        threads = [threading.Thread(target=worker.run, args=(self.weir.address,), daemon=True) for worker in self.workers]
        for thread in threads:
            thread.start()
        time.sleep(self.random.uniform(0.02, 0.7))
        way = self.random.choices(["running", "stopping", "starting"], [75, 12, 13])[0]
        self.kills[way] += 1
        if way == "stopping":
            self.weir.process.terminate()
            time.sleep(self.random.uniform(0, 0.03))
        self.weir.kill()
        for thread in threads:
            thread.join(20)
            if thread.is_alive():
                raise Refused("a worker did not see that the broker has gone")
        if way == "starting":
            self.kill_while_starting()
        started = time.monotonic()
        self.weir.start()
        if (seconds := time.monotonic() - started) > START_SECONDS_MAX:
            raise Refused(f"starting took {seconds:.1f} s")
        if problems := [f"{worker.name}: {worker.problem}" for worker in self.workers if worker.problem]:
            raise Refused("; ".join(problems))
        with Connection(self.weir.address, 30) as connection:
            self.check(connection, full)

    def kill_while_starting(self) -> None:
        def kill_soon() -> None:
            time.sleep(delay)
            if process := self.weir.process:
                process.kill()
        for delay in [self.random.uniform(0, 0.06) for _ in range(self.random.randint(1, 3))]:
            thread = threading.Thread(target=kill_soon, daemon=True)
            thread.start()
            try:
                self.weir.start()
            except BrokerError:
                pass  # As wished.
            thread.join()
            self.weir.kill()

    # ---- What must hold

    def check(self, connection: Connection, full: bool) -> None:
        # A new epoch ends what the killed transactions left open, as their producers' return does.
        for worker in self.transactional:
            worker.begin(connection)
        self.check_idempotent(connection)
        self.check_plain(connection)
        self.check_transactions(connection)
        self.check_compacted(connection, full)
        self.check_commits(connection)
        self.check_topics(connection)
        if full:
            for partition in [*self.all, self.one, self.each, *self.tx]:
                partition.check_all(connection)

    def check_idempotent(self, connection: Connection) -> None:
        # Not of this round alone: what is sent again may have been there before.
        found = self.found
        for partition in self.all:
            for batch in partition.news(connection):
                for record in batch.records:
                    found[partition.number, record.offset] = record.value
                    name, number, _ = record.value.decode().split("/")
                    if int(number) != (wanted := self.counts[name, partition.number]):
                        raise Refused(f"{partition} offset {record.offset}: record {number} of {name} where {wanted} was due")
                    self.counts[name, partition.number] += 1
        for worker in self.idempotent:
            self.settle(worker.name, "all", worker.ledger, found)
        self.settle("a consumer", "all", self.reader.seen, found)

    def settle(self, who: str, topic: str, ledger: list[tuple[int, int, bytes]], found: dict[tuple[int, int], bytes]) -> None:
        for partition, offset, value in ledger:
            there = found.get((partition, offset))
            if there != value:
                raise Refused(f"{topic}/{partition} offset {offset}: {who} had {value[:60]!r} acknowledged, there is {there and there[:60]!r}")
        ledger.clear()

    def check_plain(self, connection: Connection) -> None:
        for worker, partition in zip(self.plain, [self.one, self.each]):
            found = {(0, record.offset): record.value for batch in partition.news(connection) for record in batch.records}
            for value in found.values():
                number = int(value.split(b"/")[1])
                if number < self.counts[worker.name, 0]:
                    raise Refused(f"{partition}: record {number} is there twice or out of order")
                self.counts[worker.name, 0] = number + 1
            self.settle(worker.name, partition.topic, worker.ledger, found)

    def check_transactions(self, connection: Connection) -> None:
        found: dict[tuple[int, int], bytes] = {}
        committed = collections.Counter()  # Records of a transaction.
        for partition in self.tx:
            begin = partition.next
            batches = partition.news(connection)
            found |= {(partition.number, record.offset): record.value for batch in batches if not batch.is_control
                      for record in batch.records}
            by_markers = visible_by_markers(partition, batches)
            told = visible_to_reader(connection, partition, begin)
            if by_markers != told:
                raise Refused(f"{partition}: a reader of committed records sees others than the markers say: "
                              f"{sorted(set(by_markers) ^ set(told))[:5]}")
            for value in told.values():
                name, number, _, _ = value.decode().split("/")
                committed[name, int(number)] += 1
        for worker in self.transactional:
            self.settle(worker.name, "tx", worker.ledger, found)
            for transaction in worker.open:
                self.check_transaction(worker.name, transaction, committed.pop((worker.name, transaction.number), 0))
            worker.open.clear()
            if (offset := group_offset(connection, worker.group, "tx")) != self.last_committed[worker.name]:
                raise Refused(f"{worker.group}: offset {offset}, the last committed transaction is {self.last_committed[worker.name]}")
        if committed:
            raise Refused(f"tx: records of transactions that were settled in an earlier round: {dict(committed)}")

    def check_transaction(self, name: str, transaction, seen: int) -> None:
        what = f"transaction {transaction.number} of {name}"
        if seen not in (0, transaction.records):
            raise Refused(f"{what} is torn: {seen} of {transaction.records} records")
        if transaction.ending is not COMMIT and seen:
            raise Refused(f"{what} was not committed, but is there")
        if transaction.ending is COMMIT and transaction.answered and not seen:
            raise Refused(f"{what} was committed, but is not there")
        if seen:
            self.last_committed[name] = transaction.number

    def check_compacted(self, connection: Connection, full: bool) -> None:
        partition = self.compacted
        start = 0 if full else partition.next
        batches = kafka_wire.read_batches(partition.read(connection, start))
        news: dict[bytes, tuple[int, bytes | None]] = {}
        for batch in batches:
            for record in batch.records:
                if record.offset >= start:
                    news[record.key] = (record.offset, record.value)
        if full:
            for key, (offset, value) in self.latest.items():
                # A null may go in time.
                if value is not None and news.get(key, (-1, None))[0] < offset:
                    raise Refused(f"{partition}: {key!r} was {value[:40]!r} at {offset}, now the last is {news.get(key)}")
            self.compacted_records = sum(len(batch.records) for batch in batches)
        self.latest |= news
        partition.next = max([partition.next, *(batch.last_offset + 1 for batch in batches)])
        for key, (offset, value) in self.keyed.kept.items():
            there, doubtful = self.latest.get(key), self.keyed.in_doubt.get(key, [])
            fine = there and (there == (offset, value) or there[0] > offset and there[1] in doubtful)
            if not fine:
                raise Refused(f"{partition}: {key!r} was acknowledged at {offset} as {value!r}; the last there is {there}")
        # Whatever is there now is as good as acknowledged.
        self.keyed.kept |= {key: self.latest[key] for key in self.keyed.in_doubt if key in self.latest}
        self.keyed.in_doubt.clear()

    def check_commits(self, connection: Connection) -> None:
        worker = self.committer
        offset = group_offset(connection, worker.group, worker.topic)
        if not max(worker.kept, -1) <= offset <= worker.sent:
            raise Refused(f"{worker.group}: {worker.kept} was acknowledged, {worker.sent} sent, {offset} is there")
        worker.kept = offset

    def check_topics(self, connection: Connection) -> None:
        listed = {topic["name"] for topic in connection.ask("Metadata", 4, topics=None)["topics"] if topic["name"].startswith("made-")}
        maker = self.maker
        if lost := maker.there - listed:
            raise Refused(f"topics were created and are gone: {sorted(lost)}")
        if risen := listed - maker.there - maker.in_doubt:
            raise Refused(f"topics were deleted and are back: {sorted(risen)}")
        maker.there = listed
        maker.in_doubt.clear()


def visible_by_markers(partition: Partition, batches: list[Batch]) -> dict[int, bytes]:
    """The committed records, by nothing but the markers in the log."""
    open_records: dict[int, dict[int, bytes]] = collections.defaultdict(dict)
    visible: dict[int, bytes] = {}
    for batch in batches:
        if batch.is_control:
            ended = open_records.pop(batch.producer, {})
            visible |= ended if batch.is_commit else {}
        else:
            open_records[batch.producer] |= {record.offset: record.value for record in batch.records}
    if open_records:
        raise Refused(f"{partition}: transactions without an end: producers {sorted(open_records)}")
    return visible


def visible_to_reader(connection: Connection, partition: Partition, begin: int) -> dict[int, bytes]:
    """The committed records as clients find them: by the list of aborted transactions that comes with a fetch."""
    visible: dict[int, bytes] = {}
    at, aborted = begin, set()
    while at < partition.next:
        answer = kafka_wire.fetch(connection, partition.topic, partition.number, at, isolation=1)
        batches = kafka_wire.read_batches(answer["records"])
        if not batches:
            raise Refused(f"{partition}: a reader of committed records gets nothing at {at}, the end is {partition.next}")
        listed = sorted(answer["aborted_transactions"] or [], key=lambda each: each["first_offset"])
        for batch in batches:
            while listed and listed[0]["first_offset"] <= batch.last_offset:
                aborted.add(listed.pop(0)["producer_id"])
            if batch.is_control:
                if not batch.is_commit:
                    aborted.discard(batch.producer)
            elif batch.producer not in aborted:
                visible |= {record.offset: record.value for record in batch.records if record.offset >= begin}
            at = batch.last_offset + 1
    return visible


def group_offset(connection: Connection, group: str, topic: str) -> int:
    answer = connection.ask("OffsetFetch", 7, group_id=group, topics=[{"name": topic, "partition_indexes": [0]}], require_stable=True)
    part = answer["topics"][0]["partitions"][0]
    if answer["error_code"] or part["error_code"]:
        raise Refused(f"OffsetFetch of {group} was answered with errors {answer['error_code']} and {part['error_code']}")
    return part["committed_offset"]


def main() -> int:
    parser = argparse.ArgumentParser(usage=__doc__.partition("usage: ")[2].partition("\n")[0])
    parser.add_argument("--weir")
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    parser.add_argument("--keep", action="store_true", help="keep the data folder")
    options = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="weir-crash-"))
    print(f"seed {options.seed}, {options.rounds} rounds, {folder}", flush=True)
    run = Run(weir_binary(options.weir), folder, options.seed)
    started = time.monotonic()
    done = 0
    try:
        run.prepare()
        for number in range(1, options.rounds + 1):
            run.round(full=number % FULL_EVERY == 0 or number == options.rounds)
            done = number
            if number % FULL_EVERY == 0:
                print(f"round {number}: {sum(worker.acknowledged for worker in run.workers)} acknowledged, "
                      f"{(time.monotonic() - started) / number:.2f} s a round", flush=True)
        if (code := run.weir.stop()) != 0:
            raise Refused(f"weir ended with {code} when it was asked to stop")
    except (Refused, BrokerError, OSError, ValueError) as problem:
        print(f"FAILED in round {done + 1} of seed {options.seed}: {type(problem).__name__}: {problem}")
    finally:
        run.weir.kill()
    for worker in run.workers:
        print(f"  {worker.name:14} {worker.acknowledged:8} acknowledged")
    kills = ", ".join(f"{count} while {way}" for way, count in sorted(run.kills.items()))
    print(f"  kills: {kills}; compaction left {run.compacted_records} records of {run.compacted.next}")
    failed = done < options.rounds
    if failed or options.keep:
        print(f"kept: {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{done} passed, {int(failed)} failed, 0 skipped")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
