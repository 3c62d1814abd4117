"""Those who write while weir is killed, each with a ledger of what was acknowledged.

A worker lives through all rounds; run() is one round of it, on a thread of its own, until the broker has gone. Between
the rounds crash.py compares the ledgers with what is in the log. A worker never reads a clock to decide what to write, so
the seed settles what it does, though not how far it gets.
"""
import dataclasses
import pathlib
import random
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "clients"))

import kafka_wire  # noqa: E402
from kafka_wire import Connection, Record, make_batch  # noqa: E402

CONCURRENT_TRANSACTIONS = 51
RESEND_SECONDS_MAX = 10


class Refused(Exception):
    """The broker answered what it must not: a problem, whatever the ledgers say."""


def expect_none(code: int, what: str) -> None:
    if code != 0:
        raise Refused(f"{what} was answered with error {code}")


class Worker:
    def __init__(self, name: str, random_source: random.Random):
        self.name = name
        self.random = random_source
        self.problem = ""
        self.acknowledged = 0  # Of all rounds.

    def run(self, address: str) -> None:
        try:
            with Connection(address, client=f"crash-{self.name}") as connection:
                self.begin(connection)
                while True:
                    self.step(connection)
        except OSError:
            pass
        except Exception as error:  # Whatever it is, the round has failed, and the others must end.
            self.problem = f"{type(error).__name__}: {error}"

    def begin(self, connection: Connection) -> None:
        """After a restart."""

    def step(self, connection: Connection) -> None:
        raise NotImplementedError

    def filler(self) -> str:
        return "." * self.random.choice((0, 1, 10, 100, 400))


@dataclasses.dataclass
class Sent:
    partition: int
    sequence: int
    values: list[bytes]


class Idempotent(Worker):
    """acks=all with up to five requests on their way. What was not answered is sent again with its old sequence, on the
    next connection, as a client does that stays alive while the broker is away."""

    def __init__(self, name: str, random_source: random.Random, topic: str, partitions: int):
        super().__init__(name, random_source)
        self.topic = topic
        self.producer = -1
        self.epoch = -1
        self.sequences = [0] * partitions
        self.underway: list[Sent] = []
        self.ledger: list[tuple[int, int, bytes]] = []  # Partition, offset, value; emptied by who checks it.

    def begin(self, connection: Connection) -> None:
        if self.producer < 0:
            answer = connection.ask("InitProducerId", 4, transactional_id=None, transaction_timeout_ms=0)
            expect_none(answer["error_code"], "InitProducerId")
            self.producer, self.epoch = answer["producer_id"], answer["producer_epoch"]
        # One at a time, since the answers tell which of them the broker had.
        for sent in self.underway:
            self.send(connection, sent)
            self.take(connection, sent)
        self.underway.clear()

    def step(self, connection: Connection) -> None:
        for _ in range(self.random.randint(1, 5)):
            partition = self.random.randrange(len(self.sequences))
            first = self.sequences[partition]
            count = self.random.randint(1, 12)
            values = [f"{self.name}/{number}/{self.filler()}".encode() for number in range(first, first + count)]
            self.underway.append(Sent(partition, first, values))
            self.sequences[partition] += count
            self.send(connection, self.underway[-1])
        while self.underway:
            self.take(connection, self.underway[0])
            self.underway.pop(0)

    def send(self, connection: Connection, sent: Sent) -> None:
        now = int(time.time() * 1000)
        batch = make_batch([Record(value, timestamp=now) for value in sent.values], self.producer, self.epoch, sent.sequence)
        kafka_wire.send_produce(connection, self.topic, sent.partition, batch)

    def take(self, connection: Connection, sent: Sent) -> None:
        answer = kafka_wire.receive_produce(connection)
        expect_none(answer["error_code"], f"sequence {sent.sequence} of partition {sent.partition}")
        # A repetition older than the broker remembers is answered without its offset.
        if answer["base_offset"] >= 0:
            self.ledger += [(sent.partition, answer["base_offset"] + at, value) for at, value in enumerate(sent.values)]
        self.acknowledged += len(sent.values)


class Plain(Worker):
    """acks=1 (survives the process, not the power) or acks=all, without idempotence: what was not answered stays unknown."""

    def __init__(self, name: str, random_source: random.Random, topic: str, acks: int):
        super().__init__(name, random_source)
        self.topic = topic
        self.acks = acks
        self.number = 0
        self.ledger: list[tuple[int, int, bytes]] = []

    def step(self, connection: Connection) -> None:
        count = self.random.randint(1, 20)
        values = [f"{self.name}/{self.number + at}/{self.filler()}".encode() for at in range(count)]
        self.number += count
        now = int(time.time() * 1000)
        answer = kafka_wire.produce(connection, self.topic, 0, make_batch([Record(value, timestamp=now) for value in values]), self.acks)
        expect_none(answer["error_code"], f"record {self.number - count}")
        self.ledger += [(0, answer["base_offset"] + at, value) for at, value in enumerate(values)]
        self.acknowledged += count


class Keyed(Worker):
    """Changes the values of a few keys in a compacted topic; sometimes deletes one with a null."""

    def __init__(self, name: str, random_source: random.Random, topic: str, keys: int):
        super().__init__(name, random_source)
        self.topic = topic
        self.keys = keys
        self.number = 0
        self.kept: dict[bytes, tuple[int, bytes | None]] = {}  # The last acknowledged change: number, value.
        self.in_doubt: dict[bytes, list[bytes | None]] = {}  # Changes after it, of which any or none may be in the log.

    def step(self, connection: Connection) -> None:
        records = []
        now = int(time.time() * 1000)
        for _ in range(self.random.randint(1, 20)):
            key = b"key-%d" % self.random.randrange(self.keys)
            value = None if self.random.random() < 0.05 else f"{self.number}/{self.filler()}".encode()
            self.number += 1
            records.append(Record(value, key, now))
            self.in_doubt.setdefault(key, []).append(value)
        answer = kafka_wire.produce(connection, self.topic, 0, make_batch(records))
        expect_none(answer["error_code"], f"change {self.number}")
        for at, record in enumerate(records):
            self.kept[record.key] = (answer["base_offset"] + at, record.value)
            self.in_doubt.pop(record.key, None)
        self.acknowledged += len(records)


COMMIT, ABORT = True, False


@dataclasses.dataclass
class Transaction:
    number: int
    records: int  # That it wants to write in all.
    ending: bool | None = None  # What was asked for; None: not asked for yet.
    answered: bool = False


class Transactional(Worker):
    """Transactions over two partitions and the offset of a group, which is the transaction's number. `version` 1 is the
    flow of clients before KIP-890, 2 is that of newer ones, which take a new epoch with each transaction."""

    def __init__(self, name: str, random_source: random.Random, topic: str, version: int):
        super().__init__(name, random_source)
        self.topic = topic
        self.version = version
        self.group = f"group-of-{name}"
        self.number = 0
        self.open: list[Transaction] = []  # Since the last check.
        self.producer = -1
        self.epoch = -1
        self.sequences = [0, 0]
        self.ledger: list[tuple[int, int, bytes]] = []

    def begin(self, connection: Connection) -> None:
        end = time.monotonic() + RESEND_SECONDS_MAX
        while True:
            answer = connection.ask("InitProducerId", 4, transactional_id=self.name, transaction_timeout_ms=60_000)
            if answer["error_code"] != CONCURRENT_TRANSACTIONS or time.monotonic() > end:
                break
            time.sleep(0.01)
        expect_none(answer["error_code"], "InitProducerId")
        self.take_identity(answer)

    def take_identity(self, answer: dict) -> None:
        if (answer["producer_id"], answer["producer_epoch"]) != (self.producer, self.epoch):
            self.producer, self.epoch, self.sequences = answer["producer_id"], answer["producer_epoch"], [0, 0]

    def step(self, connection: Connection) -> None:
        identity = {"transactional_id": self.name, "producer_id": self.producer, "producer_epoch": self.epoch}
        batches = [(self.random.randrange(2), self.random.randint(1, 6)) for _ in range(self.random.randint(1, 3))]
        transaction = Transaction(self.number, sum(count for _, count in batches))
        self.number += 1
        self.open.append(transaction)
        if self.version == 1:
            answer = connection.ask("AddPartitionsToTxn", 3, **{f"v3_and_below_{name}": value for name, value in identity.items()},
                                    v3_and_below_topics=[{"name": self.topic, "partitions": sorted({part for part, _ in batches})}])
            for part in answer["results_by_topic_v3_and_below"][0]["results_by_partition"]:
                expect_none(part["partition_error_code"], "AddPartitionsToTxn")
        written = 0
        for partition, count in batches:
            values = [f"{self.name}/{transaction.number}/{written + at}/{self.filler()}".encode() for at in range(count)]
            written += count
            self.write(connection, partition, values)
        self.commit_offset(connection, identity, transaction.number)
        transaction.ending = ABORT if self.random.random() < 0.3 else COMMIT
        answer = connection.ask("EndTxn", 3 if self.version == 1 else 5, **identity, committed=transaction.ending)
        expect_none(answer["error_code"], f"EndTxn of transaction {transaction.number}")
        transaction.answered = True
        self.acknowledged += transaction.records if transaction.ending == COMMIT else 0
        if self.version == 2:
            self.take_identity(answer)

    def write(self, connection: Connection, partition: int, values: list[bytes]) -> None:
        now = int(time.time() * 1000)
        batch = make_batch([Record(value, timestamp=now) for value in values], self.producer, self.epoch,
                           self.sequences[partition], transactional=True)
        answer = kafka_wire.produce(connection, self.topic, partition, batch, version=9 if self.version == 1 else 12,
                                    transactional_id=self.name)
        expect_none(answer["error_code"], f"sequence {self.sequences[partition]} of partition {partition}")
        self.sequences[partition] += len(values)
        self.ledger += [(partition, answer["base_offset"] + at, value) for at, value in enumerate(values)]

    def commit_offset(self, connection: Connection, identity: dict, number: int) -> None:
        if self.version == 1:
            expect_none(connection.ask("AddOffsetsToTxn", 3, **identity, group_id=self.group)["error_code"], "AddOffsetsToTxn")
        answer = connection.ask("TxnOffsetCommit", 3 if self.version == 1 else 5, **identity, group_id=self.group, topics=[
            {"name": self.topic, "partitions": [{"partition_index": 0, "committed_offset": number, "committed_metadata": ""}]}])
        expect_none(answer["topics"][0]["partitions"][0]["error_code"], "TxnOffsetCommit")


class Committer(Worker):
    """Commits ever larger offsets of a group without members."""

    def __init__(self, name: str, random_source: random.Random, topic: str):
        super().__init__(name, random_source)
        self.topic = topic
        self.group = f"group-of-{name}"
        self.sent = 0
        self.kept = -1

    def step(self, connection: Connection) -> None:
        self.sent += 1
        answer = connection.ask("OffsetCommit", 7, group_id=self.group, generation_id_or_member_epoch=-1, member_id="", topics=[
            {"name": self.topic, "partitions": [{"partition_index": 0, "committed_offset": self.sent, "committed_metadata": "m"}]}])
        expect_none(answer["topics"][0]["partitions"][0]["error_code"], "OffsetCommit")
        self.kept = self.sent
        self.acknowledged += 1


class TopicMaker(Worker):
    """Creates topics and deletes older ones."""

    def __init__(self, name: str, random_source: random.Random):
        super().__init__(name, random_source)
        self.number = 0
        self.there: set[str] = set()
        self.in_doubt: set[str] = set()  # Created or deleted without an answer.

    def step(self, connection: Connection) -> None:
        topic = f"made-{self.number}"
        self.number += 1
        self.in_doubt.add(topic)
        expect_none(kafka_wire.create_topic(connection, topic, 1, {"retention.ms": str(3_600_000 + self.number)}), f"creating {topic}")
        self.there.add(topic)
        self.in_doubt.discard(topic)
        self.acknowledged += 1
        if len(self.there) > 5:
            topic = self.random.choice(sorted(self.there))
            self.there.discard(topic)
            self.in_doubt.add(topic)
            answer = connection.ask("DeleteTopics", 3, topic_names=[topic], timeout_ms=10_000)
            expect_none(answer["responses"][0]["error_code"], f"deleting {topic}")
            self.in_doubt.discard(topic)
            self.acknowledged += 1
        time.sleep(0.05)  # A folder and its files each time: it would crowd out the others.


class Reader(Worker):
    """Reads what the others write. What a consumer has seen may not be another record after the crash."""

    def __init__(self, name: str, random_source: random.Random, topic: str, partitions: int):
        super().__init__(name, random_source)
        self.topic = topic
        self.positions = [0] * partitions
        self.seen: list[tuple[int, int, bytes]] = []

    def step(self, connection: Connection) -> None:
        partition = self.random.randrange(len(self.positions))
        answer = kafka_wire.fetch(connection, self.topic, partition, self.positions[partition], max_bytes=64 << 10, wait=20, min_bytes=1)
        expect_none(answer["error_code"], f"Fetch of partition {partition} at {self.positions[partition]}")
        for batch in kafka_wire.read_batches(answer["records"]):
            self.seen += [(partition, record.offset, record.value) for record in batch.records
                          if record.offset >= self.positions[partition]]
            self.positions[partition] = batch.last_offset + 1
        self.acknowledged = sum(self.positions)
