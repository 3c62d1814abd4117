"""The requests that compare.py asks of both brokers. A case notes each answer under a name of its own."""
import struct
import time
from collections.abc import Callable

import kafka_wire
from kafka_wire import Batch, Connection, Record, create_topic, fetch, make_batch, produce, read_batches

Notes = dict[str, object]
CASES: dict[str, Callable[[Connection, Notes], None]] = {}
BASE = 1_700_000_000_000
LATEST, EARLIEST, MAX_TIMESTAMP = -1, -2, -3
TOPIC, BROKER = 2, 4  # Types of resources.


def case(function: Callable[[Connection, Notes], None]) -> Callable[[Connection, Notes], None]:
    CASES[function.__name__] = function
    return function


def records(*values: str, key: bytes | None = None, at: int = BASE, step: int = 1000) -> list[Record]:
    return [Record(value.encode(), key, at + step * number) for number, value in enumerate(values)]


def topic(connection: Connection, name: str, partitions: int = 1, configs: dict[str, str] | None = None) -> str:
    """Created, and ready to be written: Kafka answers before it is."""
    create_topic(connection, name, partitions, configs)
    until(lambda: metadata(connection, name)[0] == 0 and min(part for part in metadata(connection, name)[1]) > 0)
    return name


def metadata(connection: Connection, name: str) -> tuple[int, list[int]]:
    found = connection.ask("Metadata", 4, topics=[{"name": name}], allow_auto_topic_creation=False)["topics"][0]
    return found["error_code"], [part["leader_id"] for part in found["partitions"]] or [0]


def until(question: Callable[[], object], seconds: float = 15) -> bool:
    end = time.monotonic() + seconds
    while not question():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def written(answer: dict) -> list[int]:
    return [answer["error_code"], answer["base_offset"]]


def listed(connection: Connection, name: str, timestamp: int, version: int = 7, partition: int = 0, isolation: int = 0,
           epoch: int = -1) -> list[int]:
    part = connection.ask("ListOffsets", version, replica_id=-1, isolation_level=isolation, topics=[
        {"name": name, "partitions": [{"partition_index": partition, "timestamp": timestamp, "current_leader_epoch": epoch}]}])
    part = part["topics"][0]["partitions"][0]
    return [part["error_code"], part["offset"], part["timestamp"]]


def layout(connection: Connection, name: str, isolation: int = 0) -> list[list[object]]:
    """Every batch: offsets, attributes, and its records' offsets, keys, values and times."""
    return [[batch.base_offset, batch.last_offset, batch.attributes,
             [[record.offset, str(record.key), str(record.value), record.timestamp] for record in batch.records] if not batch.is_control
             else ["commit" if batch.is_commit else "abort"]]
            for batch in all_batches(connection, name, isolation)]


def all_batches(connection: Connection, name: str, isolation: int = 0) -> list[Batch]:
    """Kafka answers with one segment at a time, and records of long ago make one of their own."""
    batches: list[Batch] = []
    while found := read_batches(fetch(connection, name, 0, batches[-1].last_offset + 1 if batches else 0, isolation)["records"]):
        batches += found
    return batches


# ---- Topics and settings

@case
def create_topics(connection: Connection, notes: Notes) -> None:
    notes["new"] = create_topic(connection, "made", 2)
    notes["again"] = create_topic(connection, "made", 2)
    notes["no partitions"] = create_topic(connection, "none", 0)
    notes["default partitions"] = create_topic(connection, "default", -1, replication=-1)
    notes["minus two partitions"] = create_topic(connection, "minus", -2)
    notes["replication 3"] = create_topic(connection, "three", 1, replication=3)
    notes["replication 0"] = create_topic(connection, "zero", 1, replication=0)
    for what, name in [("empty", ""), ("dot", "."), ("dots", ".."), ("slash", "a/b"), ("blank", "a b"), ("umlaut", "ä"),
                       ("249 characters", "x" * 249), ("250 characters", "x" * 250), ("internal", "__consumer_offsets")]:
        notes[f"name: {what}"] = create_topic(connection, name)
    topic(connection, "collides.one")
    notes["name collides in metrics"] = create_topic(connection, "collides_one")
    notes["only validated"] = create_topic(connection, "validated", validate_only=True)
    notes["after validation"] = metadata(connection, "validated")[0]
    for setting, value in [("retention.ms", "-1"), ("retention.ms", "-2"), ("retention.ms", "x"), ("cleanup.policy", "shred"),
                           ("no.such.setting", "1"), ("segment.bytes", "13"), ("segment.bytes", "14"), ("compression.type", "brotli"),
                           ("max.message.bytes", "-1"), ("min.insync.replicas", "0"), ("message.timestamp.type", "Whenever"),
                           ("min.cleanable.dirty.ratio", "2"), ("retention.bytes", "-5"), ("flush.messages", "0"),
                           ("unclean.leader.election.enable", "maybe"), ("cleanup.policy", "compact,delete"), ("cleanup.policy", ""),
                           ("flush.messages", "1000"), ("flush.ms", "1000"), ("unclean.leader.election.enable", "false"),
                           ("preallocate", "false"), ("segment.index.bytes", "10485760"), ("message.format.version", "3.0"),
                           ("message.downconversion.enable", "true"), ("message.timestamp.difference.max.ms", "1000"),
                           ("remote.storage.enable", "false"), ("local.retention.ms", "1000"), ("compression.gzip.level", "5")]:
        notes[f"{setting}={value}"] = create_topic(connection, "set", 1, {setting: value}, validate_only=True)
    answer = connection.ask("CreateTopics", 5, timeout_ms=10_000, topics=[
        {"name": "twice", "num_partitions": 1, "replication_factor": 1}] * 2)
    notes["twice in a request"] = sorted(each["error_code"] for each in answer["topics"])

    def assigned(*partitions: tuple[int, list[int]]) -> int:
        return connection.ask("CreateTopics", 5, timeout_ms=10_000, topics=[
            {"name": "assigned", "num_partitions": -1, "replication_factor": -1, "assignments": [
                {"partition_index": index, "broker_ids": brokers} for index, brokers in partitions]}])["topics"][0]["error_code"]
    notes["assigned with a hole"] = assigned((0, [1]), (2, [1]))
    notes["assigned to an unknown broker"] = assigned((0, [7]))
    notes["assigned"] = assigned((0, [1]), (1, [1]))


@case
def change_topics(connection: Connection, notes: Notes) -> None:
    name = topic(connection, "changed", 2)

    def partitions(count: int, topic_name: str = name) -> int:
        return connection.ask("CreatePartitions", 2, timeout_ms=10_000, topics=[
            {"name": topic_name, "count": count, "assignments": None}])["results"][0]["error_code"]
    for count in (1, 2, 0, -1, 4):
        notes[f"{count} partitions"] = partitions(count)
    notes["partitions of an unknown topic"] = partitions(4, "unknown")

    def delete(*names: str) -> list[int]:
        return [each["error_code"] for each in connection.ask("DeleteTopics", 3, topic_names=list(names), timeout_ms=10_000)["responses"]]
    notes["delete an unknown topic"] = delete("unknown")
    notes["delete"] = delete(name)
    notes["delete again"] = delete(name)
    until(lambda: metadata(connection, name)[0])
    notes["metadata after"] = metadata(connection, name)[0]
    notes["produce after"] = written(produce(connection, name, 0, make_batch(records("a"))))
    notes["fetch after"] = fetch(connection, name, 0, 0)["error_code"]
    notes["metadata of a wrong name"] = metadata(connection, "a b")[0]


@case
def settings(connection: Connection, notes: Notes) -> None:
    name = topic(connection, "settings")

    def incremental(kind: int, resource: str, *changes: tuple[str, int, str | None]) -> int:
        return connection.ask("IncrementalAlterConfigs", 1, resources=[{"resource_type": kind, "resource_name": resource, "configs": [
            {"name": key, "config_operation": operation, "value": value} for key, operation, value in changes]}])["responses"][0]["error_code"]

    def old(resource: str, **values: str | None) -> int:
        return connection.ask("AlterConfigs", 1, resources=[{"resource_type": TOPIC, "resource_name": resource, "configs": [
            {"name": key.replace("_", "."), "value": value} for key, value in values.items()]}])["responses"][0]["error_code"]

    def described(*keys: str) -> list[list[object]]:
        answer = connection.ask("DescribeConfigs", 1, resources=[
            {"resource_type": TOPIC, "resource_name": name, "configuration_keys": list(keys)}])["results"][0]
        return [answer["error_code"], sorted([each["name"], each["value"], each["config_source"], each["read_only"], each["is_sensitive"]]
                                             for each in answer["configs"])]
    set_, delete, append, subtract = range(4)
    notes["set"] = incremental(TOPIC, name, ("retention.ms", set_, "1000"), ("cleanup.policy", append, "compact"))
    until(lambda: described("retention.ms")[1][0][1] == "1000")
    notes["after set"] = described("retention.ms", "cleanup.policy")
    notes["subtract"] = incremental(TOPIC, name, ("cleanup.policy", subtract, "delete"))
    notes["append to a number"] = incremental(TOPIC, name, ("retention.ms", append, "1"))
    notes["wrong value"] = incremental(TOPIC, name, ("retention.ms", set_, "soon"))
    notes["unknown setting"] = incremental(TOPIC, name, ("no.such", set_, "1"))
    notes["null value"] = incremental(TOPIC, name, ("retention.ms", set_, None))
    notes["setting twice"] = incremental(TOPIC, name, ("retention.ms", set_, "1"), ("retention.ms", set_, "2"))
    notes["operation 9"] = incremental(TOPIC, name, ("retention.ms", 9, "1"))
    notes["unknown topic"] = incremental(TOPIC, "unknown", ("retention.ms", set_, "1"))
    notes["unknown kind"] = incremental(77, name, ("retention.ms", set_, "1"))
    notes["delete what is not set"] = incremental(TOPIC, name, ("segment.bytes", delete, None))
    notes["old call resets what it leaves out"] = old(name, segment_bytes="1000000")
    until(lambda: described("segment.bytes")[1][0][1] == "1000000")
    notes["after the old call"] = described("segment.bytes", "retention.ms", "cleanup.policy")
    notes["old call, unknown topic"] = old("unknown", segment_bytes="1000000")
    notes["old call, wrong value"] = old(name, segment_bytes="x")
    notes["all settings of a topic"] = [each[0] for each in described_all(connection, name)]
    notes["defaults of a topic"] = described_all(connection, topic(connection, "defaults"))


def described_all(connection: Connection, name: str) -> list[list[object]]:
    answer = connection.ask("DescribeConfigs", 3, resources=[{"resource_type": TOPIC, "resource_name": name, "configuration_keys": None}])
    return sorted([each["name"], each["value"], each["config_source"], each["config_type"]] for each in answer["results"][0]["configs"])


# ---- Records

@case
def produce_errors(connection: Connection, notes: Notes) -> None:
    name = topic(connection, "produced", 1, {"max.message.bytes": "1000"})
    fine = make_batch(records("a", "b"))
    notes["fine"] = written(produce(connection, name, 0, fine))
    for acks in (2, -2, 1):
        notes[f"acks={acks}"] = written(produce(connection, name, 0, fine, acks))
    notes["unknown partition"] = written(produce(connection, name, 9, fine))
    notes["negative partition"] = written(produce(connection, name, -1, fine))
    notes["unknown topic"] = written(produce(connection, "unknown", 0, fine))
    notes["wrong name"] = written(produce(connection, "a b", 0, fine))
    notes["too large"] = written(produce(connection, name, 0, make_batch(records("x" * 2000))))
    notes["just fits"] = written(produce(connection, name, 0, make_batch(records("x" * 900))))
    damaged = bytearray(fine)
    damaged[-1] ^= 1
    notes["wrong checksum"] = written(produce(connection, name, 0, bytes(damaged)))
    old = bytearray(fine)
    old[16] = 1
    notes["magic 1"] = attempt(connection, lambda other: written(produce(other, name, 0, bytes(old))))
    notes["no records"] = attempt(connection, lambda other: written(produce(other, name, 0, None)))
    notes["empty records"] = attempt(connection, lambda other: written(produce(other, name, 0, b"")))
    notes["two batches at once"] = attempt(connection, lambda other: written(produce(other, name, 0, fine + fine)))
    cut = fine[:-3]
    notes["cut off"] = attempt(connection, lambda other: written(produce(other, name, 0, cut)))
    notes["codec 5"] = attempt(connection, lambda other: written(produce(other, name, 0, make_batch(records("a"), attributes=5))))
    notes["a control batch"] = attempt(connection, lambda other: written(produce(other, name, 0, make_batch(
        [Record(struct.pack(">hi", 0, 0), struct.pack(">hh", 0, 1), BASE)], 1, 0, -1, attributes=0x30))))
    notes["the log after it"] = [each[:3] for each in layout(connection, name)]


def attempt(connection: Connection, work: Callable[[Connection], object]) -> object:
    """On a connection of its own, since the broker may close it."""
    host, port = connection.socket.getpeername()[:2]
    try:
        with Connection(f"{host}:{port}", 5) as other:
            return work(other)
    except OSError:
        return "no answer"


@case
def acks_one(connection: Connection, notes: Notes) -> None:
    name = topic(connection, "acks-one")
    notes["acknowledged"] = written(produce(connection, name, 0, make_batch(records("a")), 1))
    notes["the end at once"] = listed(connection, name, LATEST)[1]
    notes["visible in a second"] = until(lambda: listed(connection, name, LATEST)[1] == 1, 1)


@case
def compacted_topic(connection: Connection, notes: Notes) -> None:
    name = topic(connection, "compacted-errors", 1, {"cleanup.policy": "compact"})
    notes["without a key"] = written(produce(connection, name, 0, make_batch(records("a"))))
    answer = produce(connection, name, 0, make_batch([Record(b"1", b"k", BASE), Record(b"2", None, BASE), Record(b"3", None, BASE)]))
    notes["two of three without a key"] = [*written(answer), [each["batch_index"] for each in answer["record_errors"]]]
    notes["with a key"] = written(produce(connection, name, 0, make_batch(records("a", key=b"k"))))
    notes["null value"] = written(produce(connection, name, 0, make_batch([Record(None, b"k", BASE)])))


@case
def compaction(connection: Connection, notes: Notes) -> None:
    """Both clean what is in closed segments; what stays must be the last of every key, at its own offset."""
    now = int(time.time() * 1000)
    name = topic(connection, "compaction", 1, {"cleanup.policy": "compact", "segment.ms": "100", "min.cleanable.dirty.ratio": "0.01",
                                               "delete.retention.ms": "600000"})
    for turn in range(5):
        produce(connection, name, 0, make_batch([Record(f"{turn}".encode(), f"key-{number}".encode(), now) for number in range(4)]))
    produce(connection, name, 0, make_batch([Record(None, b"key-0", now), Record(b"one\x00", b"alone", now)]))
    time.sleep(0.3)
    produce(connection, name, 0, make_batch([Record(b"last", b"closes the segment", now + 500)]))

    def remaining() -> list[list[object]]:
        return [[record.offset, str(record.key), str(record.value)] for batch in all_batches(connection, name) for record in batch.records]
    until(lambda: len(remaining()) == 6, 20)
    notes["records left"] = remaining()
    notes["ends"] = [listed(connection, name, EARLIEST)[1], listed(connection, name, LATEST)[1]]


@case
def timestamps(connection: Connection, notes: Notes) -> None:
    now = int(time.time() * 1000)
    strict = topic(connection, "strict", 1, {"message.timestamp.before.max.ms": "3600000", "message.timestamp.after.max.ms": "3600000"})
    notes["too old"] = written(produce(connection, strict, 0, make_batch([Record(b"a", None, now - 7_200_000)])))
    notes["too new"] = written(produce(connection, strict, 0, make_batch([Record(b"a", None, now + 7_200_000)])))
    notes["fine"] = written(produce(connection, strict, 0, make_batch([Record(b"a", None, now)])))
    notes["no timestamp"] = written(produce(connection, topic(connection, "timeless"), 0, make_batch([Record(b"a", None, -1)])))
    name = topic(connection, "append-time", 1, {"message.timestamp.type": "LogAppendTime"})
    answer = produce(connection, name, 0, make_batch(records("a", "b")))
    stored = read_batches(fetch(connection, name, 0, 0)["records"])[0]
    notes["append time"] = [answer["error_code"], answer["log_append_time_ms"] == stored.records[0].timestamp == stored.records[1].timestamp,
                            abs(stored.max_timestamp - now) < 60_000, stored.attributes]


@case
def offsets_by_time(connection: Connection, notes: Notes) -> None:
    name = topic(connection, "by-time", 2)
    notes["of an empty log"] = [listed(connection, name, stamp) for stamp in (LATEST, EARLIEST, MAX_TIMESTAMP, BASE)]
    produce(connection, name, 0, make_batch(records("a", "b", "c")))
    produce(connection, name, 0, make_batch(records("d", "e", at=BASE + 500)))
    produce(connection, name, 0, make_batch(records("f", at=BASE - 10_000)))
    for stamp in (LATEST, EARLIEST, MAX_TIMESTAMP, -4, -5, -6, 0, BASE - 10_000, BASE, BASE + 1, BASE + 1000, BASE + 1400, BASE + 2000, BASE + 2001):
        notes[f"at {stamp if stamp < 1 else stamp - BASE}"] = listed(connection, name, stamp)
    for version in (1, 2, 4, 6, 7, 8, 9):
        notes[f"version {version}"] = listed(connection, name, LATEST, version)
    notes["latest timestamp before it was known"] = listed(connection, name, MAX_TIMESTAMP, 6)
    notes["unknown partition"] = listed(connection, name, LATEST, partition=7)
    notes["unknown topic"] = listed(connection, "unknown", LATEST)
    notes["leader epoch from the future"] = listed(connection, name, LATEST, epoch=99)
    deleted = connection.ask("DeleteRecords", 1, timeout_ms=5000, topics=[{"name": name, "partitions": [
        {"partition_index": 0, "offset": 2}]}])["topics"][0]["partitions"][0]
    notes["delete records"] = [deleted["error_code"], deleted["low_watermark"]]
    notes["start after deleting"] = [listed(connection, name, EARLIEST), listed(connection, name, 0)]
    notes["fetch what was deleted"] = fetch(connection, name, 0, 1)["error_code"]
    for offset in (-1, 99, -5, 1):
        deleted = connection.ask("DeleteRecords", 1, timeout_ms=5000, topics=[{"name": name, "partitions": [
            {"partition_index": 0, "offset": offset}]}])["topics"][0]["partitions"][0]
        notes[f"delete records before {offset}"] = [deleted["error_code"], deleted["low_watermark"]]


@case
def fetch_errors(connection: Connection, notes: Notes) -> None:
    name = topic(connection, "fetched")
    produce(connection, name, 0, make_batch(records("a", "b", "c")))
    for offset in (0, 1, 3, 4, -1):
        answer = fetch(connection, name, 0, offset)
        batches = read_batches(answer["records"])
        notes[f"at {offset}"] = [answer["error_code"], answer["high_watermark"], answer["last_stable_offset"], answer["log_start_offset"],
                                 [batch.base_offset for batch in batches]]
    notes["one byte"] = [batch.base_offset for batch in read_batches(fetch(connection, name, 0, 0, max_bytes=1)["records"])]
    notes["unknown partition"] = fetch(connection, name, 5, 0)["error_code"]
    notes["unknown topic"] = fetch(connection, "unknown", 0, 0)["error_code"]
    answer = connection.ask("Fetch", 11, replica_id=-1, max_wait_ms=0, session_id=12345, session_epoch=3)
    notes["unknown session"] = answer["error_code"]
    for epoch in (99, 0):
        answer = connection.ask("Fetch", 11, replica_id=-1, max_wait_ms=0, topics=[{"topic": name, "partitions": [
            {"partition": 0, "current_leader_epoch": epoch, "fetch_offset": 0, "partition_max_bytes": 1000}]}])
        notes[f"leader epoch {epoch}"] = answer["responses"][0]["partitions"][0]["error_code"]
    answer = connection.ask("OffsetForLeaderEpoch", 3, replica_id=-2, topics=[
        {"topic": name, "partitions": [{"partition": 0, "leader_epoch": epoch} for epoch in (0, 99)]}])
    notes["end of leader epochs"] = [[each["error_code"], each["leader_epoch"], each["end_offset"]] for each in answer["topics"][0]["partitions"]]


# ---- Idempotence and transactions

def identity(connection: Connection, transactional_id: str | None = None, timeout: int = 60_000, producer: int = -1, epoch: int = -1) -> dict:
    def ask() -> dict:
        # Kafka makes the topic of its coordinator when somebody asks for it.
        if transactional_id is not None:
            connection.ask("FindCoordinator", 1, key=transactional_id, key_type=1)
        return connection.ask("InitProducerId", 4, transactional_id=transactional_id, transaction_timeout_ms=timeout,
                              producer_id=producer, producer_epoch=epoch)
    answers = []
    # Kafka answers so while its coordinator loads, or ends the transaction of the one before.
    until(lambda: answers.append(ask()) or answers[-1]["error_code"] not in (14, 15, 16, 51))
    return answers[-1]


@case
def idempotence(connection: Connection, notes: Notes) -> None:
    name = topic(connection, "idempotent")
    me = identity(connection)
    notes["identity"] = [me["error_code"], me["producer_epoch"]]

    def write(sequence: int, *values: str, epoch: int = 0, producer: int = me["producer_id"]) -> list[int]:
        return written(produce(connection, name, 0, make_batch(records(*values), producer, epoch, sequence)))
    notes["first"] = write(0, "a", "b")
    notes["next"] = write(2, "c")
    notes["the same again"] = write(2, "c")
    notes["the first again"] = write(0, "a", "b")
    notes["a gap"] = write(5, "f")
    notes["overlapping"] = write(1, "b", "c")
    notes["part of an earlier one"] = write(0, "a")
    notes["epoch 1, not from 0"] = write(3, "d", epoch=1)
    notes["epoch 1"] = write(0, "d", epoch=1)
    notes["epoch 0 after 1"] = write(3, "e", epoch=0)
    for number in range(6):
        write(1 + number, f"{number}", epoch=1)
    notes["older than the last five"] = write(0, "d", epoch=1)
    notes["unknown producer"] = write(7, "x", producer=987_654)
    notes["negative sequence"] = attempt(connection, lambda other: written(produce(other, name, 0, make_batch(records("a"), me["producer_id"], 1, -1))))
    notes["negative epoch"] = attempt(connection, lambda other: written(produce(other, name, 0, make_batch(records("a"), me["producer_id"], -1, 0))))
    notes["two batches of one producer at once"] = attempt(connection, lambda other: written(produce(
        other, name, 0, make_batch(records("a"), me["producer_id"], 1, 7) + make_batch(records("b"), me["producer_id"], 1, 8))))
    notes["old epoch asked for"] = identity(connection, None, producer=me["producer_id"], epoch=0)["error_code"]
    notes["end"] = listed(connection, name, LATEST)[1]


def add(connection: Connection, who: str, me: dict, name: str, partition: int = 0, epoch: int | None = None) -> int:
    answer = connection.ask("AddPartitionsToTxn", 3, v3_and_below_transactional_id=who, v3_and_below_producer_id=me["producer_id"],
                            v3_and_below_producer_epoch=me["producer_epoch"] if epoch is None else epoch,
                            v3_and_below_topics=[{"name": name, "partitions": [partition]}])
    return answer["results_by_topic_v3_and_below"][0]["results_by_partition"][0]["partition_error_code"]


def add_soon(connection: Connection, who: str, me: dict, name: str) -> int:
    """Kafka may still be writing the markers of the transaction before."""
    answers = []
    until(lambda: answers.append(add(connection, who, me, name)) or answers[-1] != 51)
    return answers[-1]


def end(connection: Connection, who: str, me: dict, commit: bool, epoch: int | None = None, version: int = 3) -> int:
    return connection.ask("EndTxn", version, transactional_id=who, producer_id=me["producer_id"],
                          producer_epoch=me["producer_epoch"] if epoch is None else epoch, committed=commit)["error_code"]


@case
def transactions(connection: Connection, notes: Notes) -> None:
    name, who = topic(connection, "transactional"), "one"
    me = identity(connection, who)
    notes["identity"] = [me["error_code"], me["producer_epoch"]]

    def write(sequence: int, value: str, epoch: int = me["producer_epoch"], transactional: bool = True) -> list[int]:
        return written(produce(connection, name, 0, make_batch(records(value), me["producer_id"], epoch, sequence, transactional),
                               transactional_id=who))
    notes["end without a transaction"] = [end(connection, who, me, commit) for commit in (True, False)]
    notes["write before the partition was added"] = write(0, "early")
    notes["add an unknown topic"] = add(connection, who, me, "unknown")
    notes["add with an old epoch"] = add(connection, who, me, name, epoch=-1)
    notes["add with a newer epoch"] = add(connection, who, me, name, epoch=9)
    notes["add with another producer"] = add(connection, who, me | {"producer_id": me["producer_id"] + 1000}, name)
    notes["add of an unknown id"] = add(connection, "nobody", me, name)
    notes["add"] = add_soon(connection, who, me, name)
    notes["write"] = write(0, "kept")
    notes["stable while open"] = [fetch(connection, name, 0, 0, 1)["last_stable_offset"], fetch(connection, name, 0, 0)["high_watermark"],
                                  listed(connection, name, LATEST, isolation=1)[1], listed(connection, name, LATEST)[1]]
    notes["not transactional within one"] = write(1, "plain", transactional=False)
    notes["commit with an old epoch"] = end(connection, who, me, True, epoch=-1)
    notes["commit with a newer epoch"] = end(connection, who, me, True, epoch=9)
    notes["commit"] = end(connection, who, me, True)
    notes["commit again"] = repeated(lambda: end(connection, who, me, True))
    notes["abort after commit"] = repeated(lambda: end(connection, who, me, False))
    until(lambda: fetch(connection, name, 0, 0, 1)["last_stable_offset"] == fetch(connection, name, 0, 0)["high_watermark"])
    notes["second add"] = add_soon(connection, who, me, name)
    following = listed(connection, name, LATEST)[1]
    notes["second write"] = write(2 if following == 3 else 1, "dropped")
    notes["abort"] = end(connection, who, me, False)
    notes["abort again"] = repeated(lambda: end(connection, who, me, False))
    until(lambda: fetch(connection, name, 0, 0, 1)["last_stable_offset"] == fetch(connection, name, 0, 0)["high_watermark"])
    notes["the log"] = layout(connection, name)
    notes["aborted, as told"] = [each["first_offset"] for each in fetch(connection, name, 0, 2, 1)["aborted_transactions"]]


def repeated(ask: Callable[[], int]) -> int:
    """Until Kafka has done with the request before (CONCURRENT_TRANSACTIONS)."""
    answers = []
    until(lambda: answers.append(ask()) or answers[-1] != 51)
    return answers[-1]


@case
def fencing(connection: Connection, notes: Notes) -> None:
    name, who = topic(connection, "fenced"), "two"
    old = identity(connection, who)
    notes["add"] = add_soon(connection, who, old, name)

    def write(me: dict, sequence: int) -> list[int]:
        return written(produce(connection, name, 0, make_batch(records("x"), me["producer_id"], me["producer_epoch"], sequence, True),
                               transactional_id=who))
    notes["write"] = write(old, 0)
    new = identity(connection, who)
    notes["same producer, next epoch"] = [new["producer_id"] == old["producer_id"], new["producer_epoch"] > old["producer_epoch"]]
    notes["old one: add"] = add(connection, who, old, name)
    notes["old one: write"] = write(old, 1)
    notes["old one: commit"] = end(connection, who, old, True)
    notes["old one: abort"] = end(connection, who, old, False)
    notes["old one: init"] = identity(connection, who, producer=old["producer_id"], epoch=old["producer_epoch"])["error_code"]
    until(lambda: fetch(connection, name, 0, 0, 1)["last_stable_offset"] == fetch(connection, name, 0, 0)["high_watermark"])
    notes["the log"] = [[each[0], each[1], each[3][0] if each[2] & 32 else "records"] for each in layout(connection, name)]
    notes["timeout 0"] = identity(connection, "three", 0)["error_code"]
    notes["timeout negative"] = identity(connection, "three", -1)["error_code"]
    notes["timeout too long"] = identity(connection, "three", 2_000_000_000)["error_code"]
    notes["empty id"] = identity(connection, "")["error_code"]


@case
def transaction_timeout(connection: Connection, notes: Notes) -> None:
    name, who = topic(connection, "timed-out"), "sleeper"
    me = identity(connection, who, 1000)
    add_soon(connection, who, me, name)
    produce(connection, name, 0, make_batch(records("x"), me["producer_id"], me["producer_epoch"], 0, True), transactional_id=who)
    notes["ended by itself"] = until(lambda: fetch(connection, name, 0, 0, 1)["last_stable_offset"] == 2, 15)
    notes["the log"] = [[each[0], each[1], each[3][0] if each[2] & 32 else "records"] for each in layout(connection, name)]
    notes["commit afterwards"] = repeated(lambda: end(connection, who, me, True))
    notes["state"] = [[each["error_code"], each["transaction_state"]] for each in connection.ask(
        "DescribeTransactions", 0, transactional_ids=[who, "unknown"])["transaction_states"]]


@case
def transactional_offsets(connection: Connection, notes: Notes) -> None:
    name, who, group = topic(connection, "offsets-in-transactions"), "four", "group-of-four"
    coordinator(connection, group)
    me = identity(connection, who)

    def commit_offset(offset: int, generation: int = -1, member: str = "") -> int:
        answer = connection.ask("TxnOffsetCommit", 3, transactional_id=who, group_id=group, producer_id=me["producer_id"],
                                producer_epoch=me["producer_epoch"], generation_id=generation, member_id=member, topics=[
                                    {"name": name, "partitions": [{"partition_index": 0, "committed_offset": offset, "committed_metadata": "m"}]}])
        return answer["topics"][0]["partitions"][0]["error_code"]
    answers = []
    until(lambda: answers.append(connection.ask("AddOffsetsToTxn", 3, transactional_id=who, group_id=group, producer_id=me["producer_id"],
                                                producer_epoch=me["producer_epoch"])["error_code"]) or answers[-1] not in (14, 15, 16, 51))
    notes["add offsets"] = answers[-1]
    notes["commit offset"] = commit_offset(7)
    notes["of a wrong generation"] = commit_offset(8, 5, "nobody")
    notes["while open"] = committed(connection, group, name)
    notes["while open, stable wanted"] = committed(connection, group, name, stable=True)
    notes["end"] = end(connection, who, me, True)
    until(lambda: committed(connection, group, name)[1] == 7)
    notes["after commit"] = committed(connection, group, name, stable=True)


def committed(connection: Connection, group: str, name: str, stable: bool = False, partition: int = 0) -> list[object]:
    answer = connection.ask("OffsetFetch", 7, group_id=group, topics=[{"name": name, "partition_indexes": [partition]}], require_stable=stable)
    part = answer["topics"][0]["partitions"][0]
    return [answer["error_code"] or part["error_code"], part["committed_offset"], part["metadata"]]


def coordinator(connection: Connection, group: str) -> None:
    """Until the group can be used."""
    until(lambda: connection.ask("FindCoordinator", 1, key=group)["error_code"] == 0)
    until(lambda: connection.ask("Heartbeat", 0, group_id=group, generation_id=1, member_id="x")["error_code"] not in (14, 15, 16))
