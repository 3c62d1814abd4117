"""The commands on a log, from outside: topic, produce, consume, group, lag.

usage: log_test.py BINARY [unittest's arguments]

Runs a `weir serve` of its own. WEIR_TEST_BOOTSTRAP=HOST:PORT names a cluster to use in its place, such as a real Apache
Kafka; topics and groups get names of their own, and topics stay behind.
"""
import base64
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
import uuid

import weir_cli
from weir_cli import FINE, INTERRUPTED, OUTSIDE, USAGE, Case

BOOTSTRAP = os.environ.get("WEIR_TEST_BOOTSTRAP", "")


class Server:
    """A `weir serve` on a free port, with an empty folder."""

    def __init__(self) -> None:
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="weir-log-"))
        self.log = open(self.folder / "log", "w+", encoding="utf-8")
        self.process = subprocess.Popen(
            [weir_cli.BINARY, "serve", "--data", self.folder / "data", "--listen", "127.0.0.1:0"],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=subprocess.STDOUT)
        self.bootstrap = self.address()

    def address(self) -> str:
        end = time.monotonic() + 20
        while time.monotonic() < end and self.process.poll() is None:
            self.log.seek(0)
            if found := re.search(r"ready listen=(\S+)", self.log.read()):
                return found[1]
            time.sleep(0.02)
        self.log.seek(0)
        raise RuntimeError(f"weir serve did not start: {self.log.read()}")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class LogCase(Case):
    server: Server | None = None
    bootstrap = BOOTSTRAP

    @classmethod
    def setUpClass(cls) -> None:
        if not BOOTSTRAP:
            cls.server = Server()
            cls.addClassCleanup(cls.server.stop)
            cls.bootstrap = cls.server.bootstrap

    def setUp(self) -> None:
        super().setUp()
        self.topic = f"t-{uuid.uuid4().hex[:12]}"
        self.group = f"g-{uuid.uuid4().hex[:12]}"

    def log(self, *words: object, lines: str | bytes | None = None, **options: object) -> weir_cli.Ended:
        """Runs a command against the cluster; `lines` is its standard input."""
        stdin: object = subprocess.DEVNULL
        if lines is not None:
            stdin = open(self.write(".in", lines), "rb")
            self.addCleanup(stdin.close)
        return self.weir(*words, "--bootstrap", self.bootstrap, stdin=stdin, **options)

    def create(self, partitions: int = 1, *more: str) -> None:
        self.log("topic", "create", self.topic, "--partitions", partitions, *more)

    def create_kept(self, partitions: int = 1) -> None:
        """For records with times of long ago, which retention would take away."""
        self.create(partitions, "--set", "retention.ms=-1")

    def consume(self, *more: object, code: int = FINE) -> list[dict]:
        return self.log("consume", self.topic, "--format", "json", *more, code=code).alerts

    def follow(self, *more: str) -> subprocess.Popen:
        process = subprocess.Popen([weir_cli.BINARY, "consume", self.topic, "--follow", *more, "--bootstrap", self.bootstrap],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.kill)
        return process


class Topics(LogCase):
    def test_a_topic_is_created_described_changed_and_deleted(self) -> None:
        self.create(2, "--set", "retention.ms=3600000")
        listed = {row["topic"]: row for row in self.log("topic", "list").alerts}
        self.assertEqual(listed[self.topic], {"topic": self.topic, "partitions": 2, "replicas": 1, "internal": False})
        self.log("produce", self.topic, "--partition", "1", lines="a\nb\n")
        [told] = self.log("topic", "describe", self.topic).alerts
        self.assertEqual(told["settings"], {"retention.ms": "3600000"})
        self.assertEqual([(p["partition"], p["start"], p["end"], p["records"]) for p in told["partitions"]],
                         [(0, 0, 0, 0), (1, 0, 2, 2)])
        self.assertGreater(told["partitions"][1]["bytes"], 0)
        self.assertEqual(told["records"], 2)
        self.log("topic", "alter", self.topic, "--set", "cleanup.policy=compact", "--unset", "retention.ms", "--partitions", 3)
        [told] = self.log("topic", "describe", self.topic).alerts
        self.assertEqual(told["settings"], {"cleanup.policy": "compact"})
        self.assertEqual(len(told["partitions"]), 3)
        self.log("topic", "delete", self.topic)
        self.assertNotIn(self.topic, self.log("topic", "list").text)

    def test_what_cannot_be_is_wrong_usage_and_says_why(self) -> None:
        self.create()
        self.assertIn("TOPIC_ALREADY_EXISTS", self.log("topic", "create", self.topic, code=USAGE).err)
        self.log("topic", "create", self.topic, "--if-not-exists")
        self.assertIn("UNKNOWN_TOPIC", self.log("topic", "describe", "absent", code=USAGE).err)
        self.assertIn("nothing was deleted", self.log("topic", "delete", self.topic, "absent", code=USAGE).err)
        self.log("topic", "delete", "absent", "--if-exists")
        self.assertIn("INVALID", self.log("topic", "create", "not/a/name", code=USAGE).err)
        self.assertIn("INVALID", self.log("topic", "alter", self.topic, "--set", "no.such=1", code=USAGE).err)
        self.assertIn("nothing to change", self.log("topic", "alter", self.topic, code=USAGE).err)

    def test_a_dry_run_changes_nothing(self) -> None:
        self.log("topic", "create", self.topic, "--dry-run")
        self.assertNotIn(self.topic, self.log("topic", "list").text)
        self.create()
        self.log("topic", "alter", self.topic, "--set", "retention.ms=1", "--partitions", "9", "--dry-run")
        self.log("topic", "delete", self.topic, "--dry-run")
        [told] = self.log("topic", "describe", self.topic).alerts
        self.assertEqual((told["settings"], len(told["partitions"])), ({}, 1))

    def test_a_table_and_csv_have_the_same_columns(self) -> None:
        self.create()
        csv = self.log("topic", "describe", self.topic, "--format", "csv").text.splitlines()
        self.assertEqual(csv[0], "topic,partition,leader,replicas,in_sync,start,end,records,bytes")
        self.assertIn("PARTITION  LEADER", self.log("topic", "describe", self.topic, "--format", "table").text)

    def test_nobody_there_is_an_outside_failure(self) -> None:
        for words in (["topic", "list"], ["produce", "t"], ["consume", "t"], ["group", "list"], ["lag"]):
            ended = self.weir(*words, "--bootstrap", "127.0.0.1:1", code=OUTSIDE)
            self.assertIn("cannot connect to 127.0.0.1:1", ended.err)

    def test_settings_come_from_a_file_and_options_stand_over_it(self) -> None:
        config = self.write("client.properties", "bootstrap.servers=127.0.0.1:1\nclient.id=me\n")
        self.log("topic", "list", "--config", config)
        self.weir("topic", "list", "--config", config, code=OUTSIDE)
        self.weir("topic", "list", "--config", config, "--property", f"bootstrap.servers={self.bootstrap}")
        wrong = self.write("wrong.properties", "\nbootstrap.server=x:1\n")
        self.assertIn("wrong.properties:2: unknown property 'bootstrap.server'; did you mean 'bootstrap.servers'?",
                      self.weir("topic", "list", "--config", wrong, code=USAGE).err)


class Records(LogCase):
    def test_lines_come_back_with_keys_and_headers(self) -> None:
        self.create()
        self.log("produce", self.topic, "--headers", "--key-separator", ":", "--header", "all=1",
                 lines="h:x,g:y\tk:v:w\n\tk2:\n")
        first, second = self.consume()
        self.assertEqual((first["key"], first["value"]), ("k", "v:w"))
        self.assertEqual(first["headers"], [{"key": "h", "value": "x"}, {"key": "g", "value": "y"}, {"key": "all", "value": "1"}])
        self.assertEqual((second["key"], second["value"], second["offset"]), ("k2", "", 1))
        raw = self.log("consume", self.topic, "--print", "offset,key").text
        self.assertEqual(raw, "0\tk\tv:w\n1\tk2\t\n")

    def test_json_goes_through_both_ways_with_any_bytes(self) -> None:
        self.create_kept(2)
        everything = base64.b64encode(bytes(range(256))).decode()
        lines = [{"key": None, "value_base64": everything, "partition": 1, "timestamp": 1700000000000},
                 {"key_base64": "/w==", "value": None, "partition": 0, "timestamp": "2026-01-02T03:04:05Z",
                  "headers": {"a": None, "b": "\u00e4"}}]
        self.log("produce", self.topic, "--json", lines="\n".join(map(json.dumps, lines)))
        zero, one = sorted(self.consume(), key=lambda record: record["partition"])
        self.assertEqual((one["value_base64"], one["timestamp"]), (everything, 1700000000000))
        self.assertEqual((zero["key_base64"], zero["value"], zero["timestamp"]), ("/w==", None, 1767323045000))
        self.assertEqual(zero["headers"], [{"key": "a", "value": None}, {"key": "b", "value": "\u00e4"}])
        copied = self.log("consume", self.topic, "--format", "json").out
        source, self.topic = self.topic, self.topic + "-copy"
        self.create_kept(2)
        self.log("produce", self.topic, "--json", lines=copied)
        again = sorted(self.consume(), key=lambda record: record["partition"])
        self.assertEqual([record | {"topic": source} for record in again], [zero, one])

    def test_a_bad_line_is_named_and_the_rest_goes_on(self) -> None:
        self.create()
        ended = self.log("produce", self.topic, "--json", lines='{"value":"a"}\n{"valu":1}\n{"value":"b"}', code=USAGE)
        self.assertIn('-:2: error: unknown member "valu"', ended.err)
        self.assertEqual([record["value"] for record in self.consume()], ["a", "b"])

    def test_a_record_that_is_not_stored_is_named(self) -> None:
        self.create(1, "--set", "max.message.bytes=1000")
        ended = self.log("produce", self.topic, lines="a\n" + "b" * 5000 + "\n", code=OUTSIDE)
        self.assertIn("-:2: error: cannot store the record", ended.err)

    def test_an_interrupted_writer_has_stored_what_it_read(self) -> None:
        self.create()
        process = subprocess.Popen([weir_cli.BINARY, "produce", self.topic, "--bootstrap", self.bootstrap],
                                   stdin=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(process.stdin.close)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.kill)
        process.stdin.write(b"a\nb\nhalf")
        process.stdin.flush()
        end = time.monotonic() + 20
        while len(self.consume()) < 2:
            self.assertLess(time.monotonic(), end)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(20), INTERRUPTED)
        self.assertIn(b"2 records written", process.stderr.read())
        self.assertEqual([record["value"] for record in self.consume()], ["a", "b"])

    def test_every_compression_and_acks_works(self) -> None:
        self.create()
        for i, compression in enumerate(["none", "gzip", "snappy", "lz4", "zstd"]):
            self.log("produce", self.topic, "--compression", compression, "--acks", ["all", "1", "0"][i % 3],
                     lines=f"{compression} " * 100)
        time.sleep(0.5)  # What acks=0 sent may still be on its way.
        self.assertEqual(sorted(record["value"].split()[0] for record in self.consume()),
                         ["gzip", "lz4", "none", "snappy", "zstd"])

    def test_reading_begins_and_ends_where_it_is_told_to(self) -> None:
        self.create_kept()
        times = [1_700_000_000_000 + 60_000 * i for i in range(10)]
        self.log("produce", self.topic, "--json",
                 lines="\n".join(json.dumps({"value": str(i), "timestamp": t}) for i, t in enumerate(times)))
        cases = {
            (): range(10), ("--from-beginning",): range(10), ("--offset", "4"): range(4, 10), ("--offset", "-3"): range(7, 10),
            ("--offset", "99"): [], ("--max", "2"): range(2), ("--since", str(times[6])): range(6, 10),
            ("--since", str(times[6] - 1)): range(6, 10), ("--until", str(times[2])): range(2),
            ("--since", "2023-11-14T22:15:20Z", "--until", "2023-11-14T22:18:20Z"): range(2, 5), ("--since", "1h"): [],
            ("--partition", "0", "--offset", "9"): [9]}
        for words, wanted in cases.items():
            with self.subTest(words=words):
                self.assertEqual([int(record["value"]) for record in self.consume(*words)], list(wanted))
        self.assertIn("has no partition 3", self.log("consume", self.topic, "--partition", "3", code=USAGE).err)
        for words in (["--offset", "1", "--since", "1h"], ["--until", "1h", "--follow"], ["--offset", "x"],
                      ["--group", "g", "--offset", "1"], ["--print", "no"]):
            self.log("consume", self.topic, *words, code=USAGE)

    def test_following_shows_new_records_until_it_is_interrupted(self) -> None:
        self.create()
        self.log("produce", self.topic, lines="old\n")
        for number, code in ((signal.SIGINT, INTERRUPTED), (signal.SIGTERM, 143)):
            process = self.follow("--from-beginning", "--format", "raw")
            self.assertEqual(process.stdout.readline(), b"old\n")
            self.log("produce", self.topic, lines="new\n")
            while process.stdout.readline() != b"new\n":
                self.assertIsNone(process.poll())
            process.send_signal(number)
            self.assertEqual(process.wait(20), code)

    def test_a_reader_that_goes_away_ends_it_quietly(self) -> None:
        self.create()
        self.log("produce", self.topic, lines="x" * 100 + "\n" + "y\n" * 50_000)
        process = self.follow("--from-beginning", "--format", "raw")
        process.stdout.read(10)
        process.stdout.close()
        self.assertEqual(process.wait(20), FINE)
        self.assertEqual(process.stderr.read(), b"")


class Groups(LogCase):
    def setUp(self) -> None:
        super().setUp()
        self.create_kept(2)
        for partition in (0, 1):
            self.log("produce", self.topic, "--partition", partition, "--json",
                     lines="\n".join(json.dumps({"value": str(i), "timestamp": 1_700_000_000_000 + 1000 * i}) for i in range(10)))

    def reset(self, *words: object, code: int = FINE) -> list[tuple]:
        rows = self.log("group", "reset", self.group, "--topic", self.topic, *words, code=code).alerts
        return [(row["partition"], row["old"], row["new"]) for row in rows]

    def test_a_group_goes_on_where_it_stopped(self) -> None:
        self.assertEqual(len(self.consume("--group", self.group)), 20)
        self.assertEqual(self.consume("--group", self.group), [])
        self.log("produce", self.topic, "--partition", "1", lines="new\n")
        self.assertEqual([record["value"] for record in self.consume("--group", self.group)], ["new"])

    def test_only_what_was_printed_is_committed(self) -> None:
        first = self.consume("--group", self.group, "--max", "7")
        rest = self.consume("--group", self.group)
        self.assertEqual((len(first), len(rest)), (7, 13))
        places = {(record["partition"], record["offset"]) for record in first + rest}
        self.assertEqual(len(places), 20)

    def test_a_reset_moves_offsets_and_a_dry_run_does_not(self) -> None:
        self.assertEqual(self.reset("--to-offset", "4", "--dry-run"), [(0, None, 4), (1, None, 4)])
        self.assertEqual(self.reset("--to-offset", "4"), [(0, None, 4), (1, None, 4)])
        self.assertEqual(self.reset("--by", "-1"), [(0, 4, 3), (1, 4, 3)])
        self.assertEqual(self.reset("--by", "100"), [(0, 3, 10), (1, 3, 10)])
        self.assertEqual(self.reset("--to-earliest"), [(0, 10, 0), (1, 10, 0)])
        self.assertEqual(self.reset("--to-time", "1700000005000"), [(0, 0, 5), (1, 0, 5)])
        self.assertEqual(self.reset("--to-latest"), [(0, 5, 10), (1, 5, 10)])
        one = self.log("group", "reset", self.group, "--topic", f"{self.topic}:1", "--to-offset", "8").alerts
        self.assertEqual([(row["partition"], row["new"]) for row in one], [(1, 8)])
        self.assertEqual(len(self.consume("--group", self.group)), 2)
        self.reset(code=USAGE)
        self.reset("--to-latest", "--to-earliest", code=USAGE)

    def test_a_group_with_members_is_described_and_left_alone(self) -> None:
        process = self.follow("--group", self.group, "--from-beginning", "--format", "raw")
        for _ in range(20):
            process.stdout.readline()
        rows = self.log("group", "describe", self.group).alerts
        self.assertEqual([(row["topic"], row["partition"]) for row in rows], [(self.topic, 0), (self.topic, 1)])
        self.assertEqual({row["state"] for row in rows}, {"Stable"})
        self.assertEqual({row["client"] for row in rows}, {"weir"})
        [member] = self.log("group", "describe", self.group, "--members").alerts
        self.assertEqual(member["partitions"], 2)
        self.assertIn("has 1 member",
                      self.log("group", "reset", self.group, "--topic", self.topic, "--to-latest", code=USAGE).err)
        self.assertIn("NON_EMPTY_GROUP", self.log("group", "delete", self.group, code=USAGE).err)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(20), INTERRUPTED)
        [before] = {row["lag"] for row in self.log("group", "describe", self.group).alerts}
        self.assertEqual(before, 0, "what was printed is committed")
        self.log("group", "delete", self.group)
        self.assertNotIn(self.group, self.log("group", "list").text)
        self.assertIn("GROUP_ID_NOT_FOUND", self.log("group", "delete", self.group, code=USAGE).err)

    def test_lag_is_in_seconds_and_the_longest_wait_comes_first(self) -> None:
        other = self.group + "-b"
        self.log("group", "reset", self.group, "--topic", f"{self.topic}:0", "--to-offset", "4")
        self.log("group", "reset", self.group, "--topic", f"{self.topic}:1", "--to-latest")
        self.log("group", "reset", other, "--topic", f"{self.topic}:0", "--to-earliest")
        rows = [row for row in self.log("lag", "--topic", self.topic).alerts]
        self.assertEqual([(row["group"], row["partition"], row["lag"], row["backlog_seconds"]) for row in rows],
                         [(other, 0, 10, 9), (self.group, 0, 6, 5), (self.group, 1, 0, 0)])
        waited = time.time() - 1_700_000_000
        self.assertAlmostEqual(rows[0]["lag_seconds"], waited, delta=30)
        self.assertAlmostEqual(rows[0]["lag_seconds"] - rows[1]["lag_seconds"], 4, delta=0.01)
        self.assertEqual(rows[2]["lag_seconds"], 0)
        self.assertEqual(len(self.log("lag", other).alerts), 1)


if __name__ == "__main__":
    weir_cli.main()
