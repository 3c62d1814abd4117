"""Inputs and rules made to harm: each ends in a counted reason and bounded memory, and what is good beside it is read."""
import gzip
import json
import os
import shutil
import signal
import struct
import subprocess
import time
import unittest
import zipfile
import zlib

import weir_cli
from weir_cli import CORRUPT, FINDINGS, FINE, OUTSIDE, RULES, USAGE, Case, OnTerminal, event

MEMORY_MAX = 200_000_000
DUMP = event(1, "minidump")


class Records(Case):
    def bounded(self, ended: weir_cli.Ended) -> weir_cli.Ended:
        self.assertLess(ended.peak_bytes, MEMORY_MAX)
        return ended

    def test_a_line_of_100_megabytes_is_skipped_and_counted(self) -> None:
        for threads in (1, 4):
            with self.subTest(threads=threads):
                with open(self.folder / "log.jsonl", "w") as log:
                    log.write(DUMP + "\n" + '{"CommandLine": "')
                    for _ in range(100):
                        log.write("x" * 1_000_000)
                    log.write('"}\n' + DUMP + "\n")
                ended = self.bounded(self.scan("--threads", threads, "--rejects", "rejects", "log.jsonl"))
                self.assertEqual([a["events"][0]["offset"] for a in ended.alerts], [1, 3])
                self.assertIn("1  record longer than 16 MiB", ended.err)
                reject = json.loads((self.folder / "rejects").read_text())
                self.assertEqual((reject["offset"], reject["reason"]), (2, "record longer than 16 MiB"))
                self.assertLessEqual(len(reject["raw"]), 4096)

    def test_a_long_line_does_not_make_a_file_forget_its_header(self) -> None:
        head = "#Software: Microsoft Internet Information Services 10.0\n#Fields: date time cs-method cs-uri-stem sc-status\n"
        row = "2026-01-02 03:04:05 GET /minidump 200\n"
        self.write("iis.log", head + row + "y" * 20_000_000 + "\n" + row)
        self.write("rules/web.yml", WEB_RULE)
        ended = self.bounded(self.scan("--rule", "web.yml", "--rejects", "rejects", "iis.log"))
        self.assertEqual([a["events"][0]["offset"] for a in ended.alerts], [3, 5])
        self.assertEqual(json.loads((self.folder / "rejects").read_text())["offset"], 4)
        rows = "time,CommandLine\n2026-01-02T03:04:05Z,minidump\n"
        self.write("table.csv", rows + "y" * 20_000_000 + "\n2026-01-02T03:04:05Z,minidump\n")
        ended = self.bounded(self.scan("--logsource", "any", "--rule", "dump.yml", "table.csv"))
        self.assertEqual(len(ended.alerts), 2)

    def test_a_file_of_one_endless_line_ends(self) -> None:
        for form in ("syslog", "csv", "json", "logfmt", "w3c", "zeek", "clf", "cef", "auditd", "windows-xml", "evtx"):
            with self.subTest(form=form):
                self.write("line", b"a" * 40_000_000)
                self.bounded(self.scan("--input-format", form, "line", code=None))

    def test_deep_nesting_is_rejected(self) -> None:
        for name, line in {"arrays": "[" * 100_000, "objects": '{"a":' * 100_000, "closed": "[" * 100_000 + "]" * 100_000,
                           "inside": '{"CommandLine":' + "[" * 100_000 + "]" * 100_000 + "}"}.items():
            with self.subTest(name):
                self.write("log.jsonl", DUMP + "\n" + line + "\n" + DUMP + "\n")
                ended = self.bounded(self.scan("log.jsonl"))
                self.assertEqual([a["events"][0]["offset"] for a in ended.alerts], [1, 3])
                self.assertIn("1 record could not be read", ended.err)

    def test_deep_xml_is_survived(self) -> None:
        self.write("deep.xml", "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>" + "<a>" * 100_000)
        self.bounded(self.scan("deep.xml", code=None))

    def test_nul_bytes_and_malformed_utf8_are_read_past(self) -> None:
        lines = [DUMP.encode(), b"\0" * 5000, DUMP.replace("notepad", "x").encode().replace(b"alice", b"al\xff\xfe\xc0ice"),
                 b'{"a": "\0"}', b"\xed\xa0\x80\xf8", DUMP.encode()]
        self.write("log.jsonl", b"\n".join(lines) + b"\n")
        ended = self.bounded(self.scan("--rejects", "rejects", "log.jsonl"))
        self.assertEqual([a["events"][0]["offset"] for a in ended.alerts], [1, 3, 6])
        self.assertIn("\ufffd", ended.alerts[1]["events"][0]["fields"]["User"])
        self.assertIn("malformed UTF-8", ended.err)
        offsets = [json.loads(line)["offset"] for line in (self.folder / "rejects").read_bytes().splitlines()]
        self.assertIn(2, offsets)
        self.assertIn(5, offsets)

    def test_utf16_with_an_odd_byte_keeps_what_was_whole(self) -> None:
        text = (DUMP + "\n" + DUMP + "\n").encode("utf-16-le")
        self.write("log.jsonl", b"\xff\xfe" + text + b"\x41")
        ended = self.bounded(self.scan("log.jsonl"))
        self.assertEqual(len(ended.alerts), 2)
        self.assertIn("(UTF-16)", ended.err)
        self.write("only", b"\xff\xfe\x41")
        self.bounded(self.scan("only", code=None))

    def test_many_columns_and_many_fields_are_bounded(self) -> None:
        self.write("wide.json", "{" + ",".join(f'"k{i}":1' for i in range(300_000)) + "}\n" + DUMP + "\n")
        self.assertEqual(len(self.bounded(self.scan("wide.json")).alerts), 1)

    def write_rules_and_events_that_fire(self, events: int) -> None:
        for i in range(30):
            rule = weir_cli.RULE.replace("11111111-", f"aaaaaa{i:02}-")
            self.write(f"rules/many-{i}.yml", rule.replace("minidump", "x"))
        self.write("many.json", '{"CommandLine":"x"}\n' * events)

    def test_a_stop_is_seen_between_a_chunks_alerts(self) -> None:
        self.write_rules_and_events_that_fire(20_000)
        for threads in ("1", "2"):
            arguments = ["scan", "--rules", "rules", "--logsource", "any", "--threads", threads, "--output", "alerts", "many.json"]
            alerts = self.folder / "alerts"
            alerts.unlink(missing_ok=True)
            with subprocess.Popen([weir_cli.BINARY, *arguments], cwd=self.folder, stderr=subprocess.PIPE, text=True) as process:
                while not alerts.exists() or alerts.stat().st_size == 0:
                    time.sleep(0.005)
                process.send_signal(signal.SIGINT)
                err = process.stderr.read()
            self.assertIn("stopped early", err)
            self.assertNotIn("600,000 alerts", err)

    def test_alerts_without_number_are_handed_on_as_they_come(self) -> None:
        self.write_rules_and_events_that_fire(10_000)
        for threads in (1, 2):
            ended = self.bounded(self.scan("--logsource", "any", "--threads", threads, "--output", "alerts", "many.json"))
            self.assertIn("300,000 alerts", ended.err)
            with open(self.folder / "alerts") as alerts:
                first, second = next(alerts), next(alerts)
                self.assertNotEqual(json.loads(first)["rule"]["id"], json.loads(second)["rule"]["id"])
                self.assertEqual(sum(1 for _ in alerts), 299_998)

    def test_keys_that_begin_and_end_alike_cost_no_more_than_others(self) -> None:
        lines = []
        for event in range(60):
            keys = range(1000 * event, 1000 * (event + 1))
            lines.append("{" + ",".join(f'"aaaaaaaa{key:06}bbbbbbbb":1' for key in keys) + "}\n")
        self.write("alike.json", "".join(lines) + DUMP + "\n")
        self.assertEqual(len(self.bounded(self.scan("alike.json", timeout=6)).alerts), 1)


WEB_RULE = """\
title: Web
id: 33333333-2222-4333-8444-555555555555
author: A. Writer
logsource: {category: webserver}
detection:
  selection:
    cs-uri-stem|contains: minidump
  condition: selection
level: low
"""


class Compression(Case):
    def test_a_truncated_stream_gives_what_was_whole_and_says_so(self) -> None:
        # Random text, so that a part of the file holds a part of the lines.
        lines = [event(i, "minidump " + os.urandom(40).hex()) for i in range(3000)]
        content = ("\n".join(lines) + "\n").encode()
        whole = gzip.compress(content)
        self.write("cut.gz", whole[:len(whole) // 2])
        commands = [("cut.gz", "gzip")]
        if shutil.which("zstd"):
            self.write("whole", content)
            subprocess.run(["zstd", "-q", "whole", "-o", "whole.zst"], cwd=self.folder, check=True)
            stream = (self.folder / "whole.zst").read_bytes()
            self.write("cut.zst", stream[:len(stream) - 50])
            commands.append(("cut.zst", "zstd"))
        for name, kind in commands:
            ended = self.scan("--threads", 2, name, "log.jsonl")
            found = [a["events"][0]["source"] for a in ended.alerts]
            self.assertGreater(found.count(name), 500)
            self.assertEqual(found.count("log.jsonl"), 2)
            self.assertRegex(" ".join(ended.err.split()), f"{kind}.*(truncated|ends early|damaged|incomplete)")
            self.scan(name, code=CORRUPT)

    def test_a_damaged_stream_is_named(self) -> None:
        stream = bytearray(gzip.compress(os.urandom(100_000).hex().encode()))
        stream[len(stream) // 2] ^= 0xFF
        self.write("damaged.gz", bytes(stream))
        ended = self.scan("--input-format", "syslog", "damaged.gz", code=CORRUPT)
        self.assertIn("damaged.gz", ended.err)

    def test_a_bomb_is_read_in_bounded_memory(self) -> None:
        compressor = zlib.compressobj(9, zlib.DEFLATED, 31)
        with open(self.folder / "bomb", "wb") as bomb:
            zeros = bytes(10_000_000)
            for _ in range(30):
                bomb.write(compressor.compress(zeros))
            bomb.write(compressor.flush())
        for form in ("json", "syslog"):
            ended = self.scan("--input-format", form, "bomb", "log.jsonl")
            self.assertLess(ended.peak_bytes, MEMORY_MAX)
            self.assertIn("longer than 16 MiB", ended.err)
        ended = self.scan("bomb", "log.jsonl")
        self.assertLess(ended.peak_bytes, MEMORY_MAX)
        self.assertEqual(len(ended.alerts), 2)


    def test_a_zip_bomb_is_read_in_bounded_memory(self) -> None:
        with zipfile.ZipFile(self.folder / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(self.folder / "log.jsonl", "a.jsonl")
            with archive.open("b.jsonl", "w", force_zip64=True) as entry:
                for _ in range(200):
                    entry.write(bytes(1_000_000))
        ended = self.scan("--input-format", "json", "bomb.zip")
        self.assertLess(ended.peak_bytes, MEMORY_MAX)
        self.assertEqual(len(ended.alerts), 2)

    def test_a_damaged_or_truncated_zip_is_named(self) -> None:
        with zipfile.ZipFile(self.folder / "whole.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.jsonl", DUMP + "\n" + os.urandom(50_000).hex())
        whole = bytearray((self.folder / "whole.zip").read_bytes())
        self.write("cut.zip", bytes(whole[:len(whole) // 2]))
        self.assertIn("cut.zip", self.scan("cut.zip", code=None).err)
        whole[len(whole) // 2] ^= 0xFF
        self.write("damaged.zip", bytes(whole))
        ended = self.scan("--input-format", "json", "damaged.zip", "log.jsonl")
        self.assertIn("damaged.zip", ended.err)


class RulesAndPipelines(Case):
    BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(12))

    def test_an_alias_bomb_is_no_rule(self) -> None:
        self.write("rules/bomb.yml", self.BOMB)
        ended = self.scan("log.jsonl")
        self.assertLess(ended.peak_bytes, MEMORY_MAX)
        self.assertEqual(len(ended.alerts), 2)
        self.assertIn("1 could not be used", ended.err)
        checked = self.weir("rules", "check", "rules/bomb.yml", code=RULES)
        self.assertIn("alias", checked.text + checked.err)

    def test_an_alias_bomb_is_no_pipeline(self) -> None:
        self.write("bomb.yml", "name: x\ntransformations:\n" + "".join("  " + line + "\n" for line in self.BOMB.splitlines()))
        ended = self.scan("--pipeline", "bomb.yml", "log.jsonl", code=USAGE)
        self.assertLess(ended.peak_bytes, MEMORY_MAX)
        self.assertIn("bomb.yml", ended.err)

    def test_deep_yaml_is_no_rule(self) -> None:
        self.write("rules/deep.yml", "detection: " + "[" * 100_000)
        self.write("rules/deep2.yml", "".join(" " * i + "a:\n" for i in range(2000)))
        self.write("rules/condition.yml", weir_cli.RULE.replace("condition: selection",
                                                               "condition: " + "(" * 100_000 + "selection" + ")" * 100_000))
        ended = self.scan("log.jsonl")
        self.assertEqual(len(ended.alerts), 2)
        self.assertLess(ended.peak_bytes, MEMORY_MAX)

    def test_a_zip_bomb_is_no_rule_package(self) -> None:
        with zipfile.ZipFile(self.folder / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            with archive.open("big.yml", "w", force_zip64=True) as entry:
                for _ in range(100):
                    entry.write(b"#" * 1_000_000)
        ended = self.weir("scan", "--rules", "bomb.zip", "log.jsonl", code=None)
        self.assertNotEqual(ended.code, FINE)
        self.assertLess(ended.peak_bytes, MEMORY_MAX)
        self.assertIn("big.yml", ended.err)

    def test_a_noise_file_is_no_zip(self) -> None:
        self.write("x.zip", b"PK\x03\x04" + bytes(100))
        self.assertIn("x.zip", self.weir("scan", "--rules", "x.zip", "log.jsonl", code=None).err)

    def test_binary_noise_is_no_rule(self) -> None:
        self.write("rules/noise.yml", bytes(range(256)) * 100)
        self.assertEqual(len(self.scan("log.jsonl").alerts), 2)


class FileSystem(Case):
    def test_a_folder_with_a_pipe_and_a_loop_of_links_is_read_once(self) -> None:
        (self.folder / "logs/sub").mkdir(parents=True)
        shutil.copy(self.folder / "log.jsonl", self.folder / "logs/sub/a.jsonl")
        os.mkfifo(self.folder / "logs/pipe")
        os.symlink("..", self.folder / "logs/sub/up")
        os.symlink("loop", self.folder / "logs/loop")
        os.symlink("sub/a.jsonl", self.folder / "logs/again.jsonl")
        ended = self.scan("logs", timeout=10)
        self.assertEqual(len(ended.alerts), 2)

    def test_a_folder_named_as_a_file_and_devices_are_survived(self) -> None:
        (self.folder / "empty").mkdir()
        self.assertIn("empty", self.scan("empty", code=USAGE).err)
        self.scan("/dev/null", code=FINE)

    def test_an_empty_file_is_fine(self) -> None:
        self.write("empty.log", "")
        self.assertEqual(self.scan("empty.log").alerts, [])


class TerminalText(Case):
    EVIL = "minidump \x1b]0;owned\x07\x1b[2J\u202egnp.exe \x9b31m"

    def test_escapes_in_a_log_do_not_reach_the_terminal(self) -> None:
        # Half of them in JSON's notation, half as bytes.
        self.write("evil\x1b[31m.jsonl", event(1, self.EVIL, Computer="\x1b[5mPC", User="\x1b]8;;http://x\x07u") + "\n" +
                   json.dumps({"a\x1b[7m": 1}) + "\n{\x1b[41m\n")
        arguments = ["scan", "--rules", "rules", "--raw", "evil\x1b[31m.jsonl"]
        on = OnTerminal(self.folder, 200, *arguments, environment={"NO_COLOR": "1"})
        self.assertEqual(on.finish(), FINE)
        text = on.output.decode().replace("\r\x1b[2K", "")
        for wanted in ("minidump \\x1b]0;owned\\x07", "\\x1b[31m.jsonl"):
            self.assertIn(wanted, text)
        for harmful in ("\x1b", "\x07", "\u202e", "\x9b"):
            self.assertNotIn(harmful, text)

    def test_escapes_in_rules_do_not_reach_the_terminal(self) -> None:
        self.write("rules/evil.yml", weir_cli.RULE.replace("title: Dump of a Process", 'title: "evil \\e[31m"')
                   .replace("A. Writer", '"who \\e]0;x\\a"').replace("1111-", "aaaa-", 1))
        self.write("rules/broken.yml", 'title: x\n"\\e[31m": "\x1b[31m"\n')
        for arguments in (["scan", "--rules", "rules", "log.jsonl"], ["rules", "list", "rules"], ["rules", "check", "rules"]):
            on = OnTerminal(self.folder, 200, *arguments, environment={"NO_COLOR": "1"})
            on.finish()
            self.assertNotIn("\x1b", on.output.decode().replace("\r\x1b[2K", ""), arguments)


if __name__ == "__main__":
    weir_cli.main()
