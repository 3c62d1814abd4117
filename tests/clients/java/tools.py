"""The command-line tools of Apache Kafka, run as their start scripts run them. The jars' folder is in WEIR_TEST_JARS."""
import json
import os
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from scenario import equal, main  # noqa: E402

JARS = pathlib.Path(os.environ["WEIR_TEST_JARS"])
# The console producer and ConfigCommand are Scala and Java by turns; those of version 4 have moved.
IS_4 = any(JARS.glob("kafka-tools-4*.jar"))
CLASSES = {
    "topics": "org.apache.kafka.tools.TopicCommand",
    "console-producer": "org.apache.kafka.tools.ConsoleProducer" if IS_4 else "kafka.tools.ConsoleProducer",
    "console-consumer": "org.apache.kafka.tools.consumer.ConsoleConsumer",
    "consumer-groups": "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
    "configs": "kafka.admin.ConfigCommand",
    "producer-perf-test": "org.apache.kafka.tools.ProducerPerformance",
    "consumer-perf-test": "org.apache.kafka.tools.ConsumerPerformance",
    "verifiable-producer": "org.apache.kafka.tools.VerifiableProducer",
    "verifiable-consumer": "org.apache.kafka.tools.VerifiableConsumer",
    "get-offsets": "org.apache.kafka.tools.GetOffsetShell",
    "delete-records": "org.apache.kafka.tools.DeleteRecordsCommand",
    "transactions": "org.apache.kafka.tools.TransactionsCommand",
}


def command(name: str, *arguments: object) -> list[str]:
    return ["java", "-Xmx256m", "-XX:TieredStopAtLevel=1", "-cp", f"{JARS}/*", CLASSES[name], *map(str, arguments)]


def tool(name: str, *arguments: object, stdin: str = "") -> str:
    ended = subprocess.run(command(name, *arguments), input=stdin, capture_output=True, text=True, timeout=50)
    if ended.returncode or "Exception" in ended.stdout + ended.stderr:
        raise AssertionError(f"{name} {arguments} ended with {ended.returncode}:\n{ended.stdout[-1500:]}\n{ended.stderr[-3000:]}")
    return ended.stdout


def has(text: str, pattern: str, what: str) -> None:
    if not re.search(pattern, text):
        raise AssertionError(f"{what}: no /{pattern}/ in\n{text}")


def topics(broker: str, prefix: str) -> None:
    at = ("--bootstrap-server", broker)
    tool("topics", *at, "--create", "--topic", prefix, "--partitions", 2, "--config", "retention.ms=3600000")
    has(tool("topics", *at, "--describe", "--topic", prefix), r"PartitionCount:\s*2\b.*retention.ms=3600000", "described")
    tool("topics", *at, "--alter", "--topic", prefix, "--partitions", 4)
    has(tool("topics", *at, "--describe", "--topic", prefix), r"PartitionCount:\s*4\b", "after adding partitions")
    has(tool("topics", *at, "--list"), rf"(?m)^{prefix}$", "listed")
    tool("topics", *at, "--delete", "--topic", prefix)
    equal(prefix in tool("topics", *at, "--list").split(), False, "listed after it was deleted")


def console(broker: str, prefix: str) -> None:
    at = ("--bootstrap-server", broker)
    tool("console-producer", *at, "--topic", prefix, "--property", "parse.key=true", "--property", "key.separator=:",
         stdin="a:one\nb:two\n")
    read = tool("console-consumer", *at, "--topic", prefix, "--from-beginning", "--max-messages", 2, "--property", "print.key=true",
                "--group", f"{prefix}-group")
    equal(read.split(), ["a", "one", "b", "two"], "what the console consumer prints")


def consumer_groups(broker: str, prefix: str) -> None:
    at, group = ("--bootstrap-server", broker), f"{prefix}-group"
    tool("console-producer", *at, "--topic", prefix, stdin="".join(f"{number}\n" for number in range(10)))
    tool("console-consumer", *at, "--topic", prefix, "--from-beginning", "--max-messages", 4, "--group", group)
    has(tool("consumer-groups", *at, "--list"), rf"(?m)^{group}$", "listed")
    described = tool("consumer-groups", *at, "--describe", "--group", group)
    has(described, rf"{group}\s+{prefix}\s+0\s+(4|10)\s+10\s+(6|0)\b", "described")
    reset = ("--group", group, "--topic", prefix, "--reset-offsets", "--execute")
    has(tool("consumer-groups", *at, *reset, "--to-offset", 7), rf"{prefix}\s+0\s+7\b", "reset")
    has(tool("consumer-groups", *at, "--describe", "--group", group), rf"{group}\s+{prefix}\s+0\s+7\s+10\s+3\b", "after the reset")
    has(tool("consumer-groups", *at, *reset, "--to-datetime", "2001-01-01T00:00:00.000"), rf"{prefix}\s+0\s+0\b", "reset by time")
    has(tool("consumer-groups", *at, "--describe", "--group", group, "--state"), r"\bEmpty\s+0\b", "the state")
    tool("consumer-groups", *at, "--delete", "--group", group)
    equal(group in tool("consumer-groups", *at, "--list").split(), False, "listed after it was deleted")


def configs(broker: str, prefix: str) -> None:
    at = ("--bootstrap-server", broker)
    tool("topics", *at, "--create", "--topic", prefix)
    topic = (*at, "--entity-type", "topics", "--entity-name", prefix)
    tool("configs", *topic, "--alter", "--add-config", "max.message.bytes=2000,cleanup.policy=[compact,delete]")
    described = tool("configs", *topic, "--describe")
    has(described, r"max.message.bytes=2000", "the topic's setting")
    has(described, r"cleanup.policy=compact,delete", "the topic's clean-up")
    tool("configs", *topic, "--alter", "--delete-config", "max.message.bytes")
    equal("max.message.bytes=2000" in tool("configs", *topic, "--describe"), False, "set after it was deleted")
    has(tool("configs", *at, "--entity-type", "brokers", "--entity-name", "1", "--describe", "--all"), r"num.partitions=1", "the broker's")


def perf_test(broker: str, prefix: str) -> None:
    tool("topics", "--bootstrap-server", broker, "--create", "--topic", prefix)
    told = tool("producer-perf-test", "--topic", prefix, "--num-records", 50_000, "--record-size", 200, "--throughput", -1,
                "--producer-props", f"bootstrap.servers={broker}", "acks=all", "compression.type=lz4")
    has(told, r"50000 records sent, .* records/sec", "the producer's report")
    has(tool("get-offsets", "--bootstrap-server", broker, "--topic", prefix), rf"{prefix}:0:50000", "the end")
    told = tool("consumer-perf-test", "--bootstrap-server", broker, "--topic", prefix, "--messages", 50_000, "--timeout", 20_000)
    has(told, r"(?m), 50000, ", "the consumer's report")


def verifiable(broker: str, prefix: str) -> None:
    tool("topics", "--bootstrap-server", broker, "--create", "--topic", prefix)
    lines = [json.loads(line) for line in tool("verifiable-producer", "--bootstrap-server", broker, "--topic", prefix, "--max-messages",
                                               500, "--acks", -1).splitlines() if line.startswith("{")]
    sent = [int(line["value"]) for line in lines if line["name"] == "producer_send_success"]
    equal(sorted(sent), list(range(500)), "acknowledged")
    tool_lines = tool("verifiable-consumer", "--bootstrap-server", broker, "--topic", prefix, "--group-id", f"{prefix}-group",
                      "--max-messages", 500, "--verbose", "--reset-policy", "earliest").splitlines()
    lines = [json.loads(line) for line in tool_lines if line.startswith("{")]
    equal([int(line["value"]) for line in lines if line["name"] == "record_data"], list(range(500)), "consumed")
    commits = [part["offset"] for line in lines if line["name"] == "offsets_committed" and line["success"] for part in line["offsets"]]
    equal(commits[-1], 500, "the last commit")


def transactions(broker: str, prefix: str) -> None:
    listed = tool("transactions", "--bootstrap-server", broker, "list")
    has(listed, r"TransactionalId\s+Coordinator\s+ProducerId\s+TransactionState", "the list of transactions")


if __name__ == "__main__":
    main({"topics": topics, "console": console, "consumer-groups": consumer_groups, "configs": configs, "perf-test": perf_test,
          "verifiable": verifiable, "transactions": transactions})
