"""`weir scan` from outside: what it prints, how it ends, what it shows on a terminal."""
import csv
import gzip
import io
import json
import os
import re
import select
import shutil
import signal
import subprocess
import threading
import time
import unittest
import uuid
import zipfile

import weir_cli
from weir_cli import CORRUPT, FINDINGS, FINE, INTERRUPTED, OUTSIDE, RULES, USAGE, Case, OnTerminal, event


class Output(Case):
    def test_json_is_the_alert_document_member_by_member(self) -> None:
        alert = self.scan("--level", "high", "log.jsonl").alerts
        self.assertEqual(len(alert), 1)
        alert = alert[0]
        self.assertEqual(list(alert), ["id", "revision", "episode", "final", "status", "kind", "time", "rule", "group",
                                       "window", "events", "why"])
        self.assertEqual(uuid.UUID(alert["id"]).version, 8)
        self.assertEqual((alert["revision"], alert["episode"], alert["final"], alert["status"], alert["kind"]),
                         (1, "closed", True, "new", "match"))
        self.assertEqual(alert["time"], "2026-01-02T03:00:02.000Z")
        self.assertEqual(alert["rule"], {
            "id": "11111111-2222-4333-8444-555555555555", "title": "Dump of a Process", "level": "high",
            "author": "A. Writer", "version": "2026-01-05", "tags": ["attack.credential-access", "attack.t1003.001"]})
        self.assertEqual(alert["group"], {})
        self.assertEqual(alert["window"], {"start": alert["time"], "end": alert["time"], "count": 1})
        line = (self.folder / "log.jsonl").read_text().splitlines()[1]
        self.assertEqual(len(alert["events"]), 1)
        found = alert["events"][0]
        self.assertEqual(list(found), ["source", "partition", "offset", "time", "fields", "raw"])
        self.assertEqual((found["source"], found["partition"], found["offset"], found["time"], found["raw"]),
                         ("log.jsonl", 0, 2, alert["time"], line))
        for name, value in json.loads(line).items():
            self.assertEqual(str(found["fields"][name]), str(value))
        self.assertEqual(list(alert["why"][0]), ["field", "value", "matched"])
        self.assertIn({"field": "CommandLine", "value": json.loads(line)["CommandLine"], "matched": "contains 'minidump'"},
                      alert["why"])

    def test_ids_are_the_same_in_every_run_and_differ_between_alerts(self) -> None:
        first = [alert["id"] for alert in self.scan("log.jsonl").alerts]
        self.assertEqual(len(set(first)), 2)
        self.assertEqual(first, [alert["id"] for alert in self.scan("log.jsonl").alerts])

    def test_csv_has_a_row_per_alert(self) -> None:
        ended = self.scan("--format", "csv", "log.jsonl")
        rows = list(csv.DictReader(io.StringIO(ended.out.decode(), newline="")))
        self.assertEqual([row["rule"] for row in rows], ["Dump of a Process", "Whoami"])
        self.assertEqual([row["author"] for row in rows], ["A. Writer", "B. Other"])
        self.assertEqual(rows[0] | {"id": ""}, {
            "id": "", "time": "2026-01-02T03:00:02.000Z", "level": "high", "rule_id": "11111111-2222-4333-8444-555555555555",
            "rule": "Dump of a Process", "author": "A. Writer", "source": "log.jsonl", "offset": "2", "host": "PC1",
            "user": "LAB\\alice", "field": "CommandLine", "value": "rundll32 comsvcs.dll, MiniDump 1 a.dmp full",
            "matched": "contains 'minidump'"})
        with_raw = self.scan("--format", "csv", "--raw", "log.jsonl")
        rows = list(csv.DictReader(io.StringIO(with_raw.out.decode(), newline="")))
        self.assertEqual(rows[1]["raw"], (self.folder / "log.jsonl").read_text().splitlines()[3])

    def test_csv_cells_are_no_formulas_for_a_spreadsheet(self) -> None:
        self.write("log.jsonl", event(1, "=cmd|' /C calc'!A0 minidump", Computer="@SUM(1)", User="+1") + "\n")
        rows = list(csv.DictReader(io.StringIO(self.scan("--format", "csv", "log.jsonl").out.decode(), newline="")))
        self.assertEqual((rows[0]["value"], rows[0]["host"], rows[0]["user"]),
                         ("'=cmd|' /C calc'!A0 minidump", "'@SUM(1)", "'+1"))

    def test_table_names_time_level_rule_place_and_deciding_field(self) -> None:
        text = self.scan("--format", "table", "log.jsonl").text
        row = next(line for line in text.splitlines() if "Dump of a Process" in line)
        self.assertRegex(row, r"^2026-01-02T03:00:02 .*high .*Dump of a Process .*log\.jsonl:2 .*CommandLine: rundll32")

    def test_summary_counts_everything(self) -> None:
        self.write("log.jsonl", (self.folder / "log.jsonl").read_text() + "{broken\n")
        text = re.sub(r"  +", " ", self.scan("--format", "table", "log.jsonl").err)
        for wanted in ("5 events", "2 alerts", "\n 1 high", "\n 1 low", "Dump of a Process A. Writer", "Whoami B. Other",
                       "2 PC1", "2 LAB\\alice", "2 credential-access", "Timeline", "1 record could not be read"):
            self.assertIn(wanted, text)

    def test_the_summary_goes_to_standard_error_whatever_the_format(self) -> None:
        for form in ("json", "csv", "table"):
            ended = self.scan("--format", form, "log.jsonl")
            self.assertIn("\nInputs\n", ended.err)
            self.assertNotIn("Inputs", ended.text)
            self.assertNotIn("rules loaded", ended.text)

    def test_the_deciding_field_says_more_than_what_kind_of_event_it_is(self) -> None:
        self.write("audit.log", 'type=EXECVE msg=audit(1767322800.000:1): argc=2 a0="nc" a1="-lvp"\n')
        self.write("nc.yml", RULE_AUDITD)
        ended = self.weir("scan", "--rules", "nc.yml", "--format", "table", "audit.log")
        self.assertIn("a0: nc", ended.text)
        self.assertNotIn("type: EXECVE", ended.text)
        self.write("kind.yml", RULE_AUDITD.replace(", a0: nc", ""))
        self.assertIn("type: EXECVE", self.weir("scan", "--rules", "kind.yml", "--format", "table", "audit.log").text)

    def test_the_user_is_who_acted(self) -> None:
        def user(**names: str) -> str:
            fields = {"Channel": "Security", "Provider_Name": "Microsoft-Windows-Security-Auditing", "EventID": 4728,
                      "Computer": "DC1", "TargetUserName": "Domain Admins"}
            self.write("group.jsonl", json.dumps(fields | names) + "\n")
            ended = self.weir("scan", "--rules", "group.yml", "--format", "csv", "group.jsonl")
            return next(csv.DictReader(io.StringIO(ended.out.decode(), newline="")))["user"]

        self.write("group.yml", RULE_GROUP)
        self.assertEqual(user(SubjectUserName="mallory"), "mallory")
        for nobody in ("", "-", "DC1$", "SYSTEM", "Local Service", "NETWORK SERVICE", "ANONYMOUS LOGON"):
            self.assertEqual(user(SubjectUserName=nobody), "Domain Admins", nobody)
        self.assertEqual(user(), "Domain Admins")

    def test_the_address_of_a_call_to_the_cloud_is_no_host(self) -> None:
        record = {"eventVersion": "1.08", "eventTime": "2026-01-02T03:04:05Z", "eventSource": "cloudtrail.amazonaws.com",
                  "eventName": "StopLogging", "awsRegion": "eu-west-1", "sourceIPAddress": "192.0.2.7",
                  "userIdentity": {"type": "IAMUser", "userName": "eve"}}
        self.write("trail.json", json.dumps({"Records": [record]}))
        self.write("cloud.yml", RULE_CLOUD)
        ended = self.weir("scan", "--rules", "cloud.yml", "--format", "csv", "trail.json")
        row = next(csv.DictReader(io.StringIO(ended.out.decode(), newline="")))
        self.assertEqual((row["host"], row["user"], row["field"]), ("", "eve", "eventName"))

    def test_raw_shows_the_record_under_its_alert(self) -> None:
        line = (self.folder / "log.jsonl").read_text().splitlines()[1]
        self.assertNotIn(line, self.scan("--format", "table", "log.jsonl").text)
        self.assertIn(line, self.scan("--format", "table", "--raw", "log.jsonl").text)

    def test_output_goes_to_the_file(self) -> None:
        printed = self.scan("log.jsonl").out
        ended = self.scan("--output", "alerts.jsonl", "log.jsonl")
        self.assertEqual(ended.out, b"")
        self.assertEqual((self.folder / "alerts.jsonl").read_bytes(), printed)

    def test_in_a_pipe_there_is_no_colour_and_no_progress(self) -> None:
        for form in ("json", "csv", "table"):
            ended = self.scan("--format", form, "log.jsonl")
            self.assertNotIn(b"\x1b", ended.out)
            self.assertNotIn("\x1b", ended.err)
            self.assertNotIn("\r", ended.err)

    def test_quiet_leaves_the_alerts_alone(self) -> None:
        ended = self.scan("-q", "log.jsonl")
        self.assertEqual((len(ended.alerts), ended.err), (2, ""))


RULE_AUDITD = """\
title: Netcat
id: 33333333-2222-4333-8444-555555555555
logsource: {product: linux, service: auditd}
detection:
  selection: {type: EXECVE, a0: nc}
  condition: selection
level: low
"""

RULE_GROUP = """\
title: Member Added to a Group
id: 44444444-2222-4333-8444-555555555555
logsource: {product: windows, service: security}
detection:
  selection: {EventID: 4728}
  condition: selection
level: low
"""

RULE_CLOUD = """\
title: Trail Stopped
id: 55555555-2222-4333-8444-555555555555
logsource: {product: aws, service: cloudtrail}
detection:
  selection: {eventSource: cloudtrail.amazonaws.com, eventName: StopLogging}
  condition: selection
level: low
"""


class Choice(Case):
    def test_levels_rules_and_times_choose(self) -> None:
        def titles(*arguments: str) -> list[str]:
            return [alert["rule"]["title"] for alert in self.scan(*arguments, "log.jsonl").alerts]

        dump, whoami = "Dump of a Process", "Whoami"
        self.assertEqual(titles(), [dump, whoami])
        self.assertEqual(titles("--level", "medium"), [dump])
        self.assertEqual(titles("--rule", whoami), [whoami])
        self.assertEqual(titles("--rule", "dump.yml"), [dump])
        self.assertEqual(titles("--rule", "dump of*", "--rule", "who*.yml"), [dump, whoami])
        self.scan("--rule", "11111111-*", "--rule", "who*", "log.jsonl", code=USAGE)  # Ids are written out.
        self.assertEqual(titles("--rule", "11111111-2222-4333-8444-555555555555"), [dump])
        self.assertEqual(titles("--since", "2026-01-02T03:00:03Z"), [whoami])
        self.assertEqual(titles("--until", "2026-01-02T03:00:04Z"), [dump])
        self.assertEqual(titles("--since", "2026-01-02T05:00:02+02:00", "--until", "2026-01-03"), [dump, whoami])

    def test_a_time_range_includes_its_start_and_not_its_end(self) -> None:
        self.assertEqual(len(self.scan("--since", "2026-01-02T03:00:04Z", "log.jsonl").alerts), 1)
        self.assertEqual(len(self.scan("--until", "2026-01-02T03:00:02Z", "log.jsonl").alerts), 0)

    def test_fail_on_ends_with_findings(self) -> None:
        self.scan("--fail-on", "low", "log.jsonl", code=FINDINGS)
        self.scan("--fail-on", "high", "log.jsonl", code=FINDINGS)
        self.scan("--fail-on", "critical", "log.jsonl", code=FINE)

    def test_no_rule_left_is_said(self) -> None:
        self.assertIn("none of 2 rules fits", self.scan("--level", "critical", "log.jsonl", code=RULES).err)
        self.write("empty/README.txt", "nothing here")
        self.assertIn("no usable rule", self.weir("scan", "--rules", "empty", "log.jsonl", code=RULES).err)
        self.write("bad/bad.yml", "title: x\n")
        self.assertIn("weir rules check", self.weir("scan", "--rules", "bad", "log.jsonl", code=RULES).err)

    def test_a_rule_that_is_not_there_is_named(self) -> None:
        for wanted, advice in (("whoamy", "did you mean 'Whoami'"), ("process", "did you mean '*process*'"),
                               ("nosuch.yml", "--rule nosuch.yml: no rule has this id, title or file name")):
            ended = self.scan("--rule", "dump.yml", "--rule", wanted, "log.jsonl", code=USAGE)
            self.assertIn(advice, ended.err)
            self.assertNotIn("dump.yml", ended.err)
        self.assertEqual(len(self.scan("--rule", "dump.yml", "--rule", "who*", "log.jsonl").alerts), 2)

    def test_levels_are_known_in_any_case(self) -> None:
        self.assertEqual(len(self.scan("--level", "High", "log.jsonl").alerts), 1)
        self.scan("--fail-on", "HIGH", "log.jsonl", code=FINDINGS)

    def test_rules_for_other_logsources_are_no_silence(self) -> None:
        def notes(*arguments: str) -> str:
            return " ".join(self.scan(*arguments).err.split())

        self.assertNotIn("no loaded rule", notes("log.jsonl"))
        typo = notes("--logsource", "product=windos,category=process_creation", "log.jsonl")
        self.assertIn("no loaded rule is for windos/process_creation/* events", typo)
        self.assertIn("did you mean 'windows'?", typo)
        self.assertIn("windows/process_creation/* (2 rules)", typo)
        self.assertNotIn("no loaded rule", notes("--logsource", "product=windows,category=process_creation", "log.jsonl"))
        self.write("squid.log", SQUID)
        self.assertIn("no loaded rule is for */proxy/squid events", notes("squid.log"))
        self.assertNotIn("no loaded rule", notes("--logsource", "any", "squid.log"))
        self.assertNotIn("no loaded rule", notes("squid.log", "log.jsonl"))

    def test_a_bad_rule_among_good_ones_is_counted(self) -> None:
        self.write("rules/bad.yml", "title: x\n")
        ended = self.scan("log.jsonl")
        self.assertEqual(len(ended.alerts), 2)
        self.assertIn("1 could not be used", ended.err)

    def test_events_of_unknown_logsource_are_named_with_advice(self) -> None:
        self.write("odd.csv", "alpha,CommandLine\n1,minidump\n2,b\n")
        ended = self.scan("odd.csv")
        self.assertEqual(ended.alerts, [])
        text = " ".join(ended.err.split())
        for wanted in ("2 events of unknown logsource were matched with no rule", "odd.csv", "--logsource product=", "--logsource any"):
            self.assertIn(wanted, text)
        self.assertEqual(len(self.scan("--logsource", "any", "odd.csv").alerts), 1)
        self.assertEqual(len(self.scan("--logsource", "product=windows,category=process_creation", "odd.csv").alerts), 1)
        self.assertEqual(self.scan("--logsource", "product=linux", "odd.csv").alerts, [])

    def test_a_logsource_of_ones_own_leaves_known_events_alone(self) -> None:
        self.write("rules/proxy.yml", "title: Proxied\nid: 99999999-2222-4333-8444-555555555555\nstatus: test\n"
                   "level: high\nlogsource: {category: proxy}\ndetection:\n  s: {c-uri|contains: /evil}\n  condition: s\n")
        self.write("mixed/proxy.log", "1700000000.123 5 10.0.0.1 TCP_MISS/200 10 GET http://a/evil - DIRECT/1.2.3.4 text/html\n" * 2)
        self.write("mixed/odd.csv", "alpha,CommandLine\n1,minidump\n2,b\n")
        alerts = self.scan("--logsource", "product=windows,category=process_creation", "mixed").alerts
        self.assertEqual(sorted({alert["rule"]["title"] for alert in alerts}), ["Dump of a Process", "Proxied"])

    def test_events_in_the_elastic_common_schema_are_seen_by_the_rules_on_sysmon(self) -> None:
        self.write("ecs.jsonl", json.dumps({
            "@timestamp": "2026-01-02T03:04:05Z", "event": {"code": "1", "provider": "Microsoft-Windows-Sysmon"},
            "winlog": {"channel": "Microsoft-Windows-Sysmon/Operational", "event_id": "1"},
            "process": {"executable": "C:\\\\a.exe", "command_line": "a.exe minidump"}}) + "\n")
        self.assertEqual([alert["rule"]["title"] for alert in self.scan("ecs.jsonl").alerts], ["Dump of a Process"])

    def test_input_format_overrides_detection(self) -> None:
        self.assertIn("logfmt", self.scan("--input-format", "logfmt", "log.jsonl").err)
        self.assertIn("did you mean 'json'", self.scan("--input-format", "jsn", "log.jsonl", code=USAGE).err)

    def test_a_missing_zone_or_year_is_shown_with_its_option(self) -> None:
        self.write("auth.log", "Jan  2 03:04:05 host sshd[1]: Failed password for x from 192.0.2.1 port 1 ssh2\n")
        self.write("sshd.yml", RULE_SSHD)
        def scan(*arguments: str) -> weir_cli.Ended:
            return self.weir("scan", "--rules", "sshd.yml", *arguments, "auth.log")
        self.assertRegex(" ".join(scan().err.split()), r"syslog.*zone.*UTC.*--assume-zone")
        self.assertRegex(" ".join(scan().err.split()), r"syslog.*year.*--assume-year")
        ended = scan("--assume-zone", "+02:00", "--assume-year", "2019")
        self.assertEqual(ended.alerts[0]["time"], "2019-01-02T01:04:05.000Z")
        self.assertRegex(" ".join(ended.err.split()), r"year 2019.*zone \+02:00")
        # Times of this format always are UTC: there is nothing to assume.
        self.write("squid.log", SQUID)
        self.assertNotIn("--assume", self.weir("scan", "--rules", "sshd.yml", "squid.log").err)

    def test_verbose_tells_what_a_format_assumes(self) -> None:
        self.assertIn("the first readable one of the usual fields", " ".join(self.scan("-v", "log.jsonl").err.split()))


SQUID = "1704164645.123 5 192.0.2.1 TCP_MISS/200 512 GET http://a.example/ - HIER_DIRECT/192.0.2.2 -\n" * 3

RULE_SSHD = """\
title: Failed Password
id: 22222222-2222-4333-8444-555555555555
author: A. Writer
logsource: {product: linux, service: sshd}
detection:
  keywords: ['Failed password']
  condition: keywords
level: low
"""


class Inputs(Case):
    def test_a_file_a_folder_a_glob_and_standard_input_give_the_same_alerts(self) -> None:
        expected = [alert["rule"]["title"] for alert in self.scan("log.jsonl").alerts]
        shutil.copy(self.folder / "log.jsonl", self.write("logs/a.jsonl", ""))
        self.assertEqual([a["rule"]["title"] for a in self.scan("logs").alerts], expected)
        self.assertEqual([a["rule"]["title"] for a in self.scan("lo*/?.json*").alerts], expected)
        with open(self.folder / "log.jsonl", "rb") as stdin:
            alerts = self.scan("-", stdin=stdin).alerts
        self.assertEqual([a["rule"]["title"] for a in alerts], expected)
        self.assertEqual(alerts[0]["events"][0]["source"], "-")

    def test_compression_is_undone_whatever_the_name(self) -> None:
        content = (self.folder / "log.jsonl").read_bytes()
        self.write("one", gzip.compress(content))
        self.assertEqual(len(self.scan("one").alerts), 2)
        self.assertIn("(gzip)", self.scan("one").err)
        if shutil.which("zstd"):
            subprocess.run(["zstd", "-q", "log.jsonl", "-o", "two"], cwd=self.folder, check=True)
            self.assertEqual(len(self.scan("two").alerts), 2)
            self.assertIn("(zstd)", self.scan("two").err)

    def test_files_in_an_archive_go_by_its_name_and_theirs(self) -> None:
        with zipfile.ZipFile(self.folder / "export.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(self.folder / "log.jsonl", "inner/log.jsonl")
            archive.writestr("packed.gz", gzip.compress((self.folder / "log.jsonl").read_bytes()))
            archive.mkdir("empty") if hasattr(archive, "mkdir") else None
        sources = [alert["events"][0]["source"] for alert in self.scan("export.zip").alerts]
        self.assertEqual(sources, ["export.zip/inner/log.jsonl"] * 2 + ["export.zip/packed.gz"] * 2)

    def test_rejects_are_kept_with_their_place_and_reason(self) -> None:
        lines = [event(1), "{broken", event(2, "minidump"), "[1,2", event(3)]
        self.write("log.jsonl", "\n".join(lines) + "\n")
        ended = self.scan("--rejects", "rejects.jsonl", "log.jsonl")
        self.assertEqual([alert["events"][0]["offset"] for alert in ended.alerts], [3])
        rejects = [json.loads(line) for line in (self.folder / "rejects.jsonl").read_text().splitlines()]
        self.assertEqual([(r["source"], r["offset"], r["raw"]) for r in rejects],
                         [("log.jsonl", 2, "{broken"), ("log.jsonl", 4, "[1,2")])
        self.assertTrue(all(r["reason"] for r in rejects))
        self.assertIn("2 records could not be read", ended.err)
        for reject in rejects:
            self.assertIn(reject["reason"], ended.err)

    def test_logs_are_seen_in_a_folder_of_other_things(self) -> None:
        for i in range(40):
            self.write(f"many/a{i:02}.bin", bytes(range(256)) * 4)
            self.write(f"many/b{i:02}.jsonl", event(i, "minidump") + "\n" if i % 2 else "")
        outputs = set()
        for threads in (1, 3):
            lines = self.scan("--threads", threads, "many").err.split("\nInputs\n")[1].split("\n\n")[0]
            outputs.add(lines)
            text = " ".join(lines.split())
            self.assertRegex(text, r"^JSON lines, windows \S+: 20 files, 20 events, 20 alerts empty: 20 files, 0 events")
            self.assertRegex(text, r"40 files in no known log format: many/a00.bin, many/a01.bin, .*… \(-v names all\)")
            self.assertNotIn("a05.bin", text)
        self.assertEqual(len(outputs), 1)
        listed = self.scan("-v", "many").err
        for name in ("a05.bin", "a39.bin", "b04.jsonl", "b39.jsonl"):
            self.assertIn(name, listed)
        self.assertRegex(listed, r"b39\.jsonl +1 event +1 alert +JSON lines, windows .*; windows/\*/sysmon \(1\)")

    def test_one_bad_input_does_not_stop_the_others(self) -> None:
        self.write("a_noise", bytes(range(256)) * 64)
        ended = self.scan("a_noise", "log.jsonl")
        self.assertEqual(len(ended.alerts), 2)
        self.assertIn("no known log format", ended.err)
        self.assertIn("--input-format", ended.err)
        self.scan("a_noise", code=USAGE)

    @unittest.skipIf(os.geteuid() == 0, "root may read everything")
    def test_an_unreadable_file_is_named(self) -> None:
        self.write("secret.log", "x").chmod(0)
        self.assertIn("secret.log", self.scan("secret.log", code=OUTSIDE).err)

    def test_mistakes_are_said_with_advice(self) -> None:
        for arguments, advice in {
                ("nowhere.log",): "nowhere.log",
                ("--since", "yesterday", "log.jsonl"): "2026-01-02",
                ("--since", "2026-01-03", "--until", "2026-01-02", "log.jsonl"): "is not before",
                ("--since", "2026-01-02", "--until", "2026-01-02T00:00:00Z", "log.jsonl"): "is not before",
                ("--level", "hihg", "log.jsonl"): "critical",
                ("--fail-on", "x", "log.jsonl"): "critical",
                ("--format", "tabel", "log.jsonl"): "table, json, csv",
                ("--logsource", "windows", "log.jsonl"): "product",
                ("--assume-zone", "CET", "log.jsonl"): "+02:00",
                ("--tread", "2", "log.jsonl"): "--threads",
                ("--threads", "0", "log.jsonl"): "1"}.items():
            with self.subTest(arguments=arguments):
                ended = self.scan(*arguments, code=USAGE)
                self.assertIn(advice, ended.err)
                self.assertTrue(ended.err.startswith("weir: error: "), ended.err)
        self.assertIn("did you mean 'scan'", self.weir("scn", "log.jsonl", code=USAGE).err)
        self.assertIn("weir scan", self.weir(code=USAGE).err)
        self.scan("--output", "no/such/folder/x", "log.jsonl", code=OUTSIDE)
        self.scan("--rejects", "no/such/folder/x", "log.jsonl", code=OUTSIDE)


class Generated(Case):
    def test_a_scan_of_the_folder_reads_logs_alone(self) -> None:
        for folder in ("traffic", "new/traffic/", "./more"):
            self.weir("generate", "--duration", "2m", "--output", folder, "-q")
            plain = self.folder / folder
            self.assertEqual({path.name for path in plain.iterdir()},
                             {"proxy.log", "auth.log", "windows.jsonl", "cloudtrail.json", "access.log", "sharing.jsonl",
                              "transfers.csv"})
            for line in plain.with_name(plain.name + ".truth.jsonl").read_text().splitlines():
                self.assertTrue((plain / json.loads(line)["file"]).exists())
            self.assertTrue(plain.with_name(plain.name + ".networks.csv").exists())
        summary = self.weir("scan", "traffic").err
        self.assertNotIn("truth", summary)
        self.assertNotIn("networks", summary)

    def test_a_folder_with_files_is_refused(self) -> None:
        self.write("traffic/proxy.log", "of a former run")
        ended = self.weir("generate", "--duration", "2m", "--output", "traffic", code=USAGE)
        self.assertIn("a folder that is empty", ended.err)
        self.assertEqual([path.name for path in (self.folder / "traffic").iterdir()], ["proxy.log"])
        self.assertFalse((self.folder / "traffic.truth.jsonl").exists())
        self.assertIn("log.jsonl", self.weir("generate", "--output", "log.jsonl", code=OUTSIDE).err)


class Threads(Case):
    def test_output_is_the_same_for_any_number_of_threads(self) -> None:
        self.weir("generate", "--duration", "100m", "--output", "traffic", "--seed", "5", "-q")
        self.write("traffic/late.jsonl", "\n".join(event(i % 3600, "minidump" if i % 7 == 0 else "{") if i % 11 else "{no"
                                                   for i in range(20_000)))
        with open(self.folder / "traffic/windows.jsonl", "rb") as plain:
            self.write("traffic/again.jsonl.gz", gzip.compress(plain.read(), 1))
        with zipfile.ZipFile(self.folder / "traffic/more.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(self.folder / "traffic/access.log", "access.log")
        if shutil.which("zstd"):
            subprocess.run(["zstd", "-q", "proxy.log"], cwd=self.folder / "traffic", check=True)
        size = sum(path.stat().st_size for path in (self.folder / "traffic").iterdir())
        self.assertGreater(size, 10_000_000)
        outputs = {}
        for threads in (1, 2, 4):
            ended = self.weir("scan", "--rules", "rules", "--threads", threads, "--rejects", "rejects", "traffic")
            summary = re.sub(r"^.*( events/s| loaded in ).*$", "", ended.err, flags=re.MULTILINE)
            outputs[threads] = (ended.out, (self.folder / "rejects").read_bytes(), summary)
        self.assertGreater(outputs[1][0].count(b"\n"), 1000)
        self.assertGreater(outputs[1][1].count(b"\n"), 1000)
        for threads in (2, 4):
            for what, one, many in zip(("alerts", "rejects", "summary"), outputs[1], outputs[threads]):
                self.assertTrue(one == many, f"{what}: {threads} threads differ from one")


class Pipes(Case):
    def test_alerts_come_while_the_pipe_is_open(self) -> None:
        for threads in (1, 2):
            command = [weir_cli.BINARY, "scan", "--rules", "rules", "--format", "json", "--threads", str(threads), "-"]
            with subprocess.Popen(command, cwd=self.folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL) as process:
                for second in range(3):
                    process.stdin.write((event(second, "minidump") + "\n" + event(second, "half")[:30]).encode())
                    process.stdin.flush()
                    self.assertTrue(select.select([process.stdout], [], [], 10)[0], f"no alert {second}")
                    self.assertEqual(json.loads(process.stdout.readline())["events"][0]["offset"], 2 * second + 1)
                    process.stdin.write((event(second, "half")[30:] + "\n").encode())
                process.stdin.close()
                self.assertEqual(process.stdout.read(), b"")


class Terminals(Case):
    def test_a_terminal_shows_a_table_in_colour_and_progress(self) -> None:
        line = event(1, "x" * 300) + "\n"
        for name in ("first.jsonl", "last.jsonl"):
            self.write(name, event(1, "minidump") + "\n" + line * 2000)
        os.mkfifo(self.folder / "pipe")
        on = OnTerminal(self.folder, 100, "scan", "--rules", "rules", "--threads", 1, "first.jsonl", "pipe", "last.jsonl")
        # Holds weir up half-way for longer than it waits between two looks, however fast the machine is.
        with open(self.folder / "pipe", "w") as pipe:
            time.sleep(0.5)
            pipe.write(line)
        self.assertEqual(on.finish(), FINE)
        self.assertIn(b"Dump of a Process", on.output)
        self.assertIn(b"\x1b[31mhigh", on.output)
        progress = re.findall(rb"\r\x1b\[2K([^\r\n]*events/s[^\r\n]*)", on.output)
        self.assertTrue(progress, on.output[-2000:])
        for wanted in ("%", " alert", "B", "left"):
            self.assertIn(wanted, progress[-1].decode())

    def test_lines_of_the_table_fit_the_terminal(self) -> None:
        self.write("log.jsonl", event(1, "minidump " + "x" * 300) + "\n")
        for columns in (80, 120):
            on = OnTerminal(self.folder, columns, "scan", "--rules", "rules", "log.jsonl")
            self.assertEqual(on.finish(), FINE)
            text = re.sub(r"\x1b\[[0-9;]*[mK]", "", on.output.decode())
            for line in re.split(r"[\r\n]+", text):
                self.assertLessEqual(len(line), columns, line)
            self.assertIn("CommandLine", text)

    def test_no_color_is_respected(self) -> None:
        on = OnTerminal(self.folder, 80, "scan", "--rules", "rules", "log.jsonl", environment={"NO_COLOR": "1"})
        self.assertEqual(on.finish(), FINE)
        self.assertNotIn(b"\x1b[3", on.output)

    def test_the_summary_stands_below_the_table(self) -> None:
        on = OnTerminal(self.folder, 80, "scan", "--rules", "rules", "log.jsonl")
        self.assertEqual(on.finish(), FINE)
        text = re.sub(r"\x1b\[[0-9;]*[mK]", "", on.output.decode())
        places = [text.index(part) for part in ("TIME (UTC)", "log.jsonl:4", "\nInputs", "2 rules loaded")]
        self.assertEqual(places, sorted(places))

    def test_an_interrupt_ends_the_wait_for_the_writer_of_a_pipe(self) -> None:
        os.mkfifo(self.folder / "pipe")
        for threads in (1, 2):
            on = OnTerminal(self.folder, 100, "scan", "--rules", "rules", "--threads", threads, "log.jsonl", "pipe")
            # The first input's alert is out, and the scan waits at the pipe.
            self.assertTrue(on.read_until(b"Dump of a Process", 10), on.output[-500:])
            self.assertFalse(on.read_until(b"Inputs", 0.3), on.output[-500:])
            on.interrupt()
            self.assertEqual(on.finish(10), INTERRUPTED)

    def test_an_interrupted_scan_of_a_file_tells_what_it_found(self) -> None:
        path = self.folder / "endless.jsonl"
        with open(path, "w") as big:
            big.write(event(1, "minidump") + "\n")
        # A sparse file: a line, then more bytes than can be read within the test.
        os.truncate(path, 1 << 40)
        on = OnTerminal(self.folder, 100, "scan", "--rules", "rules", "--input-format", "json", "endless.jsonl", "log.jsonl")
        self.assertTrue(on.read_until(b"TIME", 10), on.output[-500:])
        self.assertFalse(on.read_until(b"alerts\r\n", 1), on.output[-500:])
        start = time.monotonic()
        on.interrupt()
        self.assertEqual(on.finish(10), INTERRUPTED)
        self.assertLess(time.monotonic() - start, 5)
        self.assertIn("stopped early", on.output.decode())
        self.assertIn("1 alert", on.output.decode())

    def interrupt_a_pipe(self, feed: bytes, threads: int) -> tuple[int, bytes, bytes]:
        process = subprocess.Popen([weir_cli.BINARY, "scan", "--rules", "rules", "--threads", str(threads), "-"],
                                   cwd=self.folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        process.stdin.write(feed)
        process.stdin.flush()
        time.sleep(0.7)
        self.assertIsNone(process.poll())
        process.send_signal(signal.SIGINT)
        killer = threading.Timer(10, process.kill)
        killer.start()
        out, err = process.stdout.read(), process.stderr.read()
        process.wait()
        killer.cancel()
        process.stdin.close()
        process.stdout.close()
        process.stderr.close()
        return process.returncode, out, err

    def test_an_interrupted_scan_of_a_silent_pipe_tells_what_came_before(self) -> None:
        for threads in (1, 3):
            feed = (self.folder / "log.jsonl").read_bytes()
            code, out, err = self.interrupt_a_pipe(feed, threads)
            self.assertEqual(code, INTERRUPTED)
            self.assertEqual(len(out.splitlines()), 2)
            self.assertIn(b"stopped early", err)

    def test_a_reader_that_goes_away_ends_the_scan(self) -> None:
        with open(self.folder / "many.jsonl", "w") as many:
            many.write((event(1, "minidump") + "\n") * 50_000)
        process = subprocess.Popen([weir_cli.BINARY, "scan", "--rules", "rules", "many.jsonl"], cwd=self.folder,
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        process.stdout.readline()
        process.stdout.close()
        self.assertNotEqual(process.wait(20), FINE)


if __name__ == "__main__":
    weir_cli.main()
