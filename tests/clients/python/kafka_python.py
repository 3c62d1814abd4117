"""kafka-python: a client written in Python alone."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from kafka import KafkaConsumer, KafkaProducer, TopicPartition  # noqa: E402
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient, NewPartitions, NewTopic  # noqa: E402
from kafka.errors import KafkaError, ProducerFencedError, TopicAlreadyExistsError  # noqa: E402
from kafka.structs import OffsetAndMetadata  # noqa: E402
from scenario import CODECS, equal, eventually, main  # noqa: E402


def create(broker: str, topic: str, partitions: int = 1) -> None:
    with_admin(broker, lambda admin: admin.create_topics([NewTopic(topic, partitions, 1)]))


def with_admin(broker: str, work) -> object:
    admin = KafkaAdminClient(bootstrap_servers=broker)
    try:
        return work(admin)
    finally:
        admin.close()


def consumer(broker: str, group: str | None = None, **more: object) -> KafkaConsumer:
    return KafkaConsumer(bootstrap_servers=broker, group_id=group, **{
        "auto_offset_reset": "earliest", "enable_auto_commit": False, "session_timeout_ms": 6000,
        "heartbeat_interval_ms": 300} | more)


def read(client: KafkaConsumer, count: int) -> list:
    records: list = []

    def enough() -> bool:
        for batch in client.poll(500, max_records=count - len(records)).values():
            records.extend(batch)
        return len(records) >= count
    eventually(enough, f"{count} records")
    return records


def read_topic(broker: str, topic: str, count: int, **more: object) -> list:
    client = consumer(broker, **more)
    client.assign([TopicPartition(topic, 0)])
    client.seek_to_beginning()
    try:
        return read(client, count)
    finally:
        client.close()


def write(client: KafkaProducer, topic: str, values: list[str]) -> list[int]:
    """The offsets."""
    futures = [client.send(topic, value.encode(), partition=0) for value in values]
    client.flush(20)
    return [future.get(20).offset for future in futures]


def admin(broker: str, prefix: str) -> None:
    client = KafkaAdminClient(bootstrap_servers=broker)
    topic = NewTopic(prefix, 2, 1, topic_configs={"retention.ms": "3600000"})
    client.create_topics([topic])
    try:
        client.create_topics([topic])
    except TopicAlreadyExistsError:
        pass
    else:
        raise AssertionError("a topic was created twice")
    client.create_partitions({prefix: NewPartitions(5)})
    eventually(lambda: len(client.describe_topics([prefix])[0]["partitions"]) == 5, "five partitions")
    resource = ConfigResource(ConfigResourceType.TOPIC, prefix)
    assert "3600000" in str(client.describe_configs([resource])), "the topic's setting"
    client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, prefix, {"retention.ms": "7200000"})])
    eventually(lambda: "7200000" in str(client.describe_configs([resource])), "the changed setting")
    write(KafkaProducer(bootstrap_servers=broker), prefix, [str(number) for number in range(10)])
    client.delete_records({TopicPartition(prefix, 0): 4})
    equal([record.value for record in read_topic(broker, prefix, 6)], [b"%d" % number for number in range(4, 10)], "the rest")
    client.delete_topics([prefix])
    eventually(lambda: prefix not in client.list_topics(), "the topic is gone")
    client.close()


def codecs(broker: str, prefix: str) -> None:
    for codec in CODECS:
        topic = f"{prefix}-{codec}"
        create(broker, topic)
        values = [f"{number} {codec} " + "x" * 100 for number in range(200)]
        write(KafkaProducer(bootstrap_servers=broker, linger_ms=20, compression_type=None if codec == "none" else codec),
              topic, values)
        equal([record.value.decode() for record in read_topic(broker, topic, 200)], values, codec)


def idempotence(broker: str, prefix: str) -> None:
    create(broker, prefix)
    values = [str(number) for number in range(2000)]
    offsets = write(KafkaProducer(bootstrap_servers=broker, enable_idempotence=True, batch_size=500), prefix, values)
    equal(offsets, list(range(2000)), "the offsets")
    equal([record.value.decode() for record in read_topic(broker, prefix, 2000)], values, "what was written")


def consume(broker: str, prefix: str) -> None:
    create(broker, prefix, 3)
    sender = KafkaProducer(bootstrap_servers=broker)
    for number in range(300):
        sender.send(prefix, str(number).encode(), key=b"%d" % (number % 7), headers=[("n", b"%d" % number)],
                    timestamp_ms=1_000_000 + number)
    sender.flush(20)
    client = consumer(broker)
    parts = [TopicPartition(prefix, each) for each in range(3)]
    client.assign(parts)
    client.seek_to_beginning()
    records = read(client, 300)
    equal(sorted(int(record.value) for record in records), list(range(300)), "all values")
    for record in records:
        number = int(record.value)
        equal((record.key, list(map(tuple, record.headers)), record.timestamp),
              (b"%d" % (number % 7), [("n", b"%d" % number)], 1_000_000 + number), "key, headers and time")
    ends = client.end_offsets(parts)
    equal(sum(ends.values()), 300, "the ends")
    longest = max(parts, key=lambda part: ends[part])
    client.seek(longest, ends[longest] - 2)
    equal([record.offset for record in read(client, 2)], [ends[longest] - 2, ends[longest] - 1], "after a seek")
    client.close()


def group(broker: str, prefix: str) -> None:
    create(broker, prefix, 6)
    first, second = consumer(broker, f"{prefix}-group"), consumer(broker, f"{prefix}-group")

    def owned(*clients: KafkaConsumer) -> list[list[int]]:
        for client in clients:
            client.poll(100)
        return [sorted(part.partition for part in client.assignment()) for client in clients]
    first.subscribe([prefix])
    eventually(lambda: owned(first) == [[0, 1, 2, 3, 4, 5]], "the only member has all")
    second.subscribe([prefix])

    def shared() -> bool:
        one, two = owned(first, second)
        return len(one) == 3 and len(two) == 3 and sorted(one + two) == [0, 1, 2, 3, 4, 5]
    eventually(shared, "two members share")
    listed = with_admin(broker, lambda admin: str(admin.list_groups()))
    assert f"{prefix}-group" in listed, "the group is listed"
    first.close()
    eventually(lambda: owned(second) == [[0, 1, 2, 3, 4, 5]], "who stays has all")
    second.close()


def commits(broker: str, prefix: str) -> None:
    create(broker, prefix)
    write(KafkaProducer(bootstrap_servers=broker), prefix, [str(number) for number in range(10)])
    part = TopicPartition(prefix, 0)
    client = consumer(broker, f"{prefix}-group")
    client.subscribe([prefix])
    read(client, 4)
    client.commit({part: OffsetAndMetadata(4, "half way", -1)})
    client.close()
    client = consumer(broker, f"{prefix}-group")
    client.subscribe([prefix])
    equal(read(client, 1)[0].offset, 4, "where the next one goes on")
    kept = client.committed(part, metadata=True)
    equal((kept.offset, kept.metadata), (4, "half way"), "the commit")
    client.close()
    client = consumer(broker, f"{prefix}-group")
    client.assign([part])
    equal(client.committed(part), 4, "asked outside the group's membership")
    client.close()


def time(broker: str, prefix: str) -> None:
    create(broker, prefix)
    sender = KafkaProducer(bootstrap_servers=broker)
    for number in range(10):
        sender.send(prefix, str(number).encode(), partition=0, timestamp_ms=1_700_000_000_000 + number * 1000)
    sender.flush(20)
    client = consumer(broker)
    part = TopicPartition(prefix, 0)
    for stamp, offset in [(0, 0), (1_700_000_003_000, 3), (1_700_000_003_001, 4), (1_700_000_010_000, None)]:
        found = client.offsets_for_times({part: stamp})[part]
        equal(found and found.offset, offset, f"the offset at {stamp}")
    equal((client.beginning_offsets([part])[part], client.end_offsets([part])[part]), (0, 10), "the ends")
    client.close()


def transactions(broker: str, prefix: str) -> None:
    create(broker, prefix)
    create(broker, f"{prefix}-in")
    sender = KafkaProducer(bootstrap_servers=broker, transactional_id=f"{prefix}-id")
    sender.init_transactions()
    for value, commit in [("kept 1", True), ("dropped", False), ("kept 2", True)]:
        sender.begin_transaction()
        write(sender, prefix, [f"{value} {number}" for number in range(3)])
        sender.commit_transaction() if commit else sender.abort_transaction()
    kept = [f"kept {which} {number}" for which in (1, 2) for number in range(3)]
    equal([record.value.decode() for record in read_topic(broker, prefix, 6, isolation_level="read_committed")], kept, "committed")
    equal([record.offset for record in read_topic(broker, prefix, 9)], [0, 1, 2, 4, 5, 6, 8, 9, 10], "offsets: a marker takes one")
    part = TopicPartition(f"{prefix}-in", 0)
    client = consumer(broker, f"{prefix}-group")
    client.subscribe([f"{prefix}-in"])
    eventually(lambda: client.poll(100) or client.assignment(), "an assignment")
    for commit in (False, True):
        sender.begin_transaction()
        sender.send_offsets_to_transaction({part: OffsetAndMetadata(4, "", -1)}, client.group_metadata())
        sender.commit_transaction() if commit else sender.abort_transaction()
        equal(client.committed(part), 4 if commit else None, f"the group's offset, commit {commit}")
    client.close()
    owner = KafkaProducer(bootstrap_servers=broker, transactional_id=f"{prefix}-id")
    owner.init_transactions()
    try:
        sender.begin_transaction()
        write(sender, prefix, ["of a zombie"])
        sender.commit_transaction()
    except KafkaError as error:
        assert "epoch" in repr(error).lower() or isinstance(error, ProducerFencedError) or "Fenced" in repr(error), repr(error)
    else:
        raise AssertionError("the fenced producer committed")
    owner.begin_transaction()
    write(owner, prefix, ["of the owner"])
    owner.commit_transaction()
    last = read_topic(broker, prefix, 7, isolation_level="read_committed")[-1]
    equal(last.value, b"of the owner", "the last committed value")
    sender.close(0)


if __name__ == "__main__":
    main({"admin": admin, "codecs": codecs, "idempotence": idempotence, "consume": consume, "group": group, "commits": commits,
          "time": time, "transactions": transactions})
