"""confluent-kafka: the newest librdkafka, from Python."""
import functools
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from confluent_kafka import (Consumer, ConsumerGroupTopicPartitions, KafkaError, KafkaException, Message, Producer,  # noqa: E402
                             TopicPartition)
from confluent_kafka.admin import (AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, NewPartitions,  # noqa: E402
                                   NewTopic, OffsetSpec)
from scenario import CODECS, equal, eventually, main  # noqa: E402


@functools.cache
def admin_client(broker: str) -> AdminClient:
    """One for the whole run: its answers are lost when it is deleted before they have come."""
    return AdminClient({"bootstrap.servers": broker})


def create(broker: str, topic: str, partitions: int = 1) -> None:
    admin_client(broker).create_topics([NewTopic(topic, partitions, 1)])[topic].result(20)


def producer(broker: str, **more: object) -> Producer:
    return Producer({"bootstrap.servers": broker, "linger.ms": 5} | {key.replace("_", "."): value for key, value in more.items()})


def consumer(broker: str, group: str, **more: object) -> Consumer:
    return Consumer({"bootstrap.servers": broker, "group.id": group, "auto.offset.reset": "earliest", "enable.auto.commit": False,
                     "session.timeout.ms": 6000, "heartbeat.interval.ms": 300, "topic.metadata.refresh.interval.ms": 1000}
                    | {key.replace("_", "."): value for key, value in more.items()})


def write(client: Producer, topic: str, values: list[str], partition: int = 0) -> None:
    errors = []
    for value in values:
        client.produce(topic, value, partition=partition, on_delivery=lambda error, _: errors.append(error) if error else None)
    equal(client.flush(20), 0, "messages still waiting")
    equal(errors, [], "delivery errors")


def read(client: Consumer, count: int) -> list[Message]:
    messages: list[Message] = []

    def enough() -> bool:
        messages.extend(client.consume(count - len(messages), 0.5))
        return len(messages) >= count
    eventually(enough, f"{count} messages")
    if errors := [message.error() for message in messages if message.error()]:
        raise KafkaException(errors[0])
    return messages


def read_topic(broker: str, topic: str, count: int, **more: object) -> list[Message]:
    client = consumer(broker, f"{topic}-reader", **more)
    client.assign([TopicPartition(topic, 0, 0)])
    try:
        return read(client, count)
    finally:
        client.close()


def code_of(future) -> int:
    try:
        future.result(20)
    except KafkaException as error:
        return error.args[0].code()
    return 0


def admin(broker: str, prefix: str) -> None:
    client = admin_client(broker)
    topic = NewTopic(prefix, 2, 1, config={"retention.ms": "3600000"})
    equal(code_of(client.create_topics([topic])[prefix]), 0, "creating")
    equal(code_of(client.create_topics([topic])[prefix]), KafkaError.TOPIC_ALREADY_EXISTS, "creating again")
    equal(code_of(client.create_partitions([NewPartitions(prefix, 5)])[prefix]), 0, "adding partitions")
    eventually(lambda: len(client.list_topics(prefix, timeout=10).topics[prefix].partitions) == 5, "five partitions")
    resource = ConfigResource(ConfigResource.Type.TOPIC, prefix)

    def setting() -> str:
        return client.describe_configs([resource])[resource].result(20)["retention.ms"].value
    equal(setting(), "3600000", "retention.ms")
    change = ConfigResource(ConfigResource.Type.TOPIC, prefix, incremental_configs=[
        ConfigEntry("retention.ms", "7200000", incremental_operation=AlterConfigOpType.SET)])
    client.incremental_alter_configs([change])[change].result(20)
    eventually(lambda: setting() == "7200000", "the changed setting")
    write(producer(broker), prefix, [str(number) for number in range(10)])
    deleted = client.delete_records([TopicPartition(prefix, 0, 4)])
    equal([future.result(20).low_watermark for future in deleted.values()], [4], "the start after deleting records")
    equal([message.value() for message in read_topic(broker, prefix, 6)], [b"%d" % number for number in range(4, 10)], "the rest")
    described = client.describe_cluster().result(20)
    equal(len(described.nodes), 1, "nodes")
    equal(code_of(client.delete_topics([prefix])[prefix]), 0, "deleting")
    eventually(lambda: prefix not in client.list_topics(timeout=10).topics, "the topic is gone")
    equal(code_of(client.delete_topics([prefix])[prefix]), KafkaError.UNKNOWN_TOPIC_OR_PART, "deleting again")


def codecs(broker: str, prefix: str) -> None:
    for codec in CODECS:
        topic = f"{prefix}-{codec}"
        create(broker, topic)
        values = [f"{number} {codec} " + "x" * 100 for number in range(200)]
        write(producer(broker, compression_type=codec), topic, values)
        equal([message.value().decode() for message in read_topic(broker, topic, 200)], values, codec)


def idempotence(broker: str, prefix: str) -> None:
    create(broker, prefix)
    values = [str(number) for number in range(5000)]
    write(producer(broker, enable_idempotence=True, batch_num_messages=100), prefix, values)
    equal([message.value().decode() for message in read_topic(broker, prefix, 5000)], values, "what was written")


def consume(broker: str, prefix: str) -> None:
    create(broker, prefix, 3)
    sender = producer(broker)
    for number in range(300):
        sender.produce(prefix, str(number), key=str(number % 7), headers=[("n", str(number))], timestamp=1_000_000 + number)
    sender.flush(20)
    client = consumer(broker, f"{prefix}-group")
    client.assign([TopicPartition(prefix, each, 0) for each in range(3)])
    messages = read(client, 300)
    equal(sorted(int(message.value()) for message in messages), list(range(300)), "all values")
    for message in messages:
        number = int(message.value())
        equal((message.key(), message.headers(), message.timestamp()[1]),
              (str(number % 7).encode(), [("n", str(number).encode())], 1_000_000 + number), "key, headers and time")
    for key in range(7):
        mine = [message for message in messages if message.key() == str(key).encode()]
        equal(len({message.partition() for message in mine}), 1, "partitions of one key")
        equal([int(message.value()) for message in mine], sorted(int(message.value()) for message in mine), "the order of a key")
    low, high = client.get_watermark_offsets(TopicPartition(prefix, messages[0].partition()), timeout=10)
    client.seek(TopicPartition(prefix, messages[0].partition(), high - 2))
    equal([message.offset() for message in read(client, 2)], [high - 2, high - 1], "after a seek")
    equal(low, 0, "the start")
    client.close()


def members(broker: str, prefix: str, **more: object) -> None:
    """Two members come, and one goes: each time all partitions have exactly one owner."""
    create(broker, prefix, 6)
    first, second = consumer(broker, f"{prefix}-group", **more), consumer(broker, f"{prefix}-group", **more)

    def owned(*clients: Consumer) -> list[list[int]]:
        for client in clients:
            client.poll(0.1)
        return [sorted(each.partition for each in client.assignment()) for client in clients]
    first.subscribe([prefix])
    eventually(lambda: owned(first) == [[0, 1, 2, 3, 4, 5]], "the only member has all")
    second.subscribe([prefix])

    def shared() -> bool:
        one, two = owned(first, second)
        return len(one) == 3 and len(two) == 3 and sorted(one + two) == [0, 1, 2, 3, 4, 5]
    eventually(shared, "two members share")
    first.close()
    eventually(lambda: owned(second) == [[0, 1, 2, 3, 4, 5]], "who stays has all")
    admin = admin_client(broker)
    described = admin.describe_consumer_groups([f"{prefix}-group"])[f"{prefix}-group"].result(20)
    equal((described.state.name, len(described.members)), ("STABLE", 1), "the group as the admin sees it")
    assert f"{prefix}-group" in [each.group_id for each in admin.list_consumer_groups().result(20).valid], "the group is listed"
    second.close()


def group(broker: str, prefix: str) -> None:
    members(broker, f"{prefix}-range", partition_assignment_strategy="range")
    members(broker, f"{prefix}-cooperative", partition_assignment_strategy="cooperative-sticky")


def commits(broker: str, prefix: str) -> None:
    create(broker, prefix)
    write(producer(broker), prefix, [str(number) for number in range(10)])
    client = consumer(broker, f"{prefix}-group")
    client.subscribe([prefix])
    read(client, 4)
    client.commit(offsets=[TopicPartition(prefix, 0, 4, "half way")], asynchronous=False)
    client.close()
    client = consumer(broker, f"{prefix}-group")
    client.subscribe([prefix])
    equal(read(client, 1)[0].offset(), 4, "where the next one goes on")
    kept = client.committed([TopicPartition(prefix, 0)], timeout=10)[0]
    equal((kept.offset, kept.metadata), (4, "half way"), "the commit")
    client.close()
    admin = admin_client(broker)
    asked = admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(f"{prefix}-group")])
    equal([[each.offset for each in future.result(20).topic_partitions] for future in asked.values()], [[4]], "asked by the admin")
    altered = admin.alter_consumer_group_offsets(
        [ConsumerGroupTopicPartitions(f"{prefix}-group", [TopicPartition(prefix, 0, 2)])])
    equal([[each.error for each in future.result(20).topic_partitions] for future in altered.values()], [[None]], "altering")
    client = consumer(broker, f"{prefix}-group")
    client.subscribe([prefix])
    equal(read(client, 1)[0].offset(), 2, "where it goes on after the change")
    client.close()
    equal([code_of(future) for future in admin.delete_consumer_groups([f"{prefix}-group"]).values()], [0], "deleting the group")


def time(broker: str, prefix: str) -> None:
    create(broker, prefix)
    sender = producer(broker)
    for number in range(10):
        sender.produce(prefix, str(number), partition=0, timestamp=1_700_000_000_000 + number * 1000)
    sender.flush(20)
    client = consumer(broker, f"{prefix}-group")
    for stamp, offset in [(0, 0), (1_700_000_003_000, 3), (1_700_000_003_001, 4), (1_700_000_010_000, -1)]:
        found = client.offsets_for_times([TopicPartition(prefix, 0, stamp)], timeout=10)[0]
        equal(found.offset, offset, f"the offset at {stamp}")
    client.close()
    for spec, offset in [(OffsetSpec.earliest(), 0), (OffsetSpec.latest(), 10), (OffsetSpec.max_timestamp(), 9)]:
        answer = admin_client(broker).list_offsets({TopicPartition(prefix, 0): spec})
        equal([future.result(20).offset for future in answer.values()], [offset], str(spec))


def transactions(broker: str, prefix: str) -> None:
    create(broker, prefix)
    create(broker, f"{prefix}-in")
    write(producer(broker), f"{prefix}-in", [str(number) for number in range(6)])
    sender = producer(broker, transactional_id=f"{prefix}-id")
    sender.init_transactions(20)
    for value, commit in [("kept 1", True), ("dropped", False), ("kept 2", True)]:
        sender.begin_transaction()
        write(sender, prefix, [f"{value} {number}" for number in range(3)])
        sender.commit_transaction(20) if commit else sender.abort_transaction(20)
    kept = [f"kept {which} {number}" for which in (1, 2) for number in range(3)]
    equal([message.value().decode() for message in read_topic(broker, prefix, 6, isolation_level="read_committed")], kept, "committed")
    everything = read_topic(broker, prefix, 9, isolation_level="read_uncommitted")
    equal([message.offset() for message in everything], [0, 1, 2, 4, 5, 6, 8, 9, 10], "offsets: a marker takes one")

    client = consumer(broker, f"{prefix}-group")
    client.subscribe([f"{prefix}-in"])
    read(client, 4)
    for commit in (False, True):
        sender.begin_transaction()
        write(sender, prefix, [f"with offsets {commit}"])
        sender.send_offsets_to_transaction([TopicPartition(f"{prefix}-in", 0, 4)], client.consumer_group_metadata(), 20)
        sender.commit_transaction(20) if commit else sender.abort_transaction(20)
        kept = client.committed([TopicPartition(f"{prefix}-in", 0)], timeout=10)[0].offset
        equal(kept, 4 if commit else -1001, f"the group's offset, commit {commit}")
    client.close()

    owner = producer(broker, transactional_id=f"{prefix}-id")
    owner.init_transactions(20)
    try:
        sender.begin_transaction()
        sender.produce(prefix, "of a zombie", partition=0)
        sender.commit_transaction(20)
    except KafkaException as error:
        assert error.args[0].code() in (KafkaError._FENCED, KafkaError.PRODUCER_FENCED, KafkaError.INVALID_PRODUCER_EPOCH), error
    else:
        raise AssertionError("the fenced producer committed")
    owner.begin_transaction()
    write(owner, prefix, ["of the owner"])
    owner.commit_transaction(20)
    last = read_topic(broker, prefix, 8, isolation_level="read_committed")[-1]
    equal(last.value(), b"of the owner", "the last committed value")


def new_group_protocol(broker: str, prefix: str) -> None:
    members_next = {"group_protocol": "consumer"}
    create(broker, prefix, 6)
    # The broker decides these two, and the client refuses to be told.
    settings = {"bootstrap.servers": broker, "group.id": f"{prefix}-group", "auto.offset.reset": "earliest",
                "group.protocol": members_next["group_protocol"]}
    first, second = Consumer(settings), Consumer(settings)
    first.subscribe([prefix])

    def owned(*clients: Consumer) -> list[int]:
        for client in clients:
            client.poll(0.1)
        return [len(client.assignment()) for client in clients]
    eventually(lambda: owned(first) == [6], "the only member has all", 20)
    second.subscribe([prefix])
    eventually(lambda: owned(first, second) == [3, 3], "two members share", 20)
    first.close()
    eventually(lambda: owned(second) == [6], "who stays has all", 20)
    second.close()


if __name__ == "__main__":
    main({"admin": admin, "codecs": codecs, "idempotence": idempotence, "consume": consume, "group": group, "commits": commits,
          "time": time, "transactions": transactions, "new_group_protocol": new_group_protocol})
