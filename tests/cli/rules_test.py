"""`weir rules check|test|explain|list` from outside: what they say, in every format, and how they end."""
import csv
import gzip
import io
import json
import subprocess
import re
import urllib.parse
import xml.etree.ElementTree
import unittest
import zipfile

import weir_cli
from weir_cli import FINDINGS, FINE, OUTSIDE, RULES, USAGE, Case, event

BAD_MODIFIER = weir_cli.RULE.replace("|contains", "|contians").replace("1111-", "bbbb-", 1)
BAD_YAML = "title: [x\n"


def place_of(text: str, wanted: str) -> tuple[int, int]:
    before = text[:text.index(wanted)]
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def check_sarif(test: unittest.TestCase, log: dict) -> None:
    """What SARIF 2.1.0 requires of the properties that weir writes (section 3)."""
    test.assertEqual(log["version"], "2.1.0")
    test.assertEqual(urllib.parse.urlsplit(log["$schema"]).scheme, "https")
    for run in log["runs"]:
        driver = run["tool"]["driver"]
        test.assertTrue(driver["name"])
        test.assertRegex(driver["version"], r"^\d+\.\d+")
        ids = [rule["id"] for rule in driver["rules"]]
        test.assertEqual(len(ids), len(set(ids)))
        test.assertEqual(run["columnKind"], "unicodeCodePoints")
        for result in run["results"]:
            test.assertEqual(ids[result["ruleIndex"]], result["ruleId"])
            test.assertIn(result["level"], ("none", "note", "warning", "error"))
            test.assertTrue(result["message"]["text"])
            test.assertEqual(len(result["locations"]), 1)
            place = result["locations"][0]["physicalLocation"]
            uri = place["artifactLocation"]["uri"]
            test.assertTrue(re.fullmatch(r"(?:file://)?(?:[A-Za-z0-9._~/!$&'()*+,;=@-]|%[0-9A-F]{2})+", uri), uri)
            test.assertTrue(urllib.parse.unquote(uri, errors="strict"))
            region = place["region"]
            test.assertTrue(all(isinstance(number, int) and number >= 1 for number in region.values()), region)
            test.assertGreaterEqual(region["endColumn"], region["startColumn"])
            for name, value in result.get("partialFingerprints", {}).items():
                test.assertTrue(name and isinstance(value, str))
        test.assertEqual(set(ids), {result["ruleId"] for result in run["results"]})


class Check(Case):
    def setUp(self) -> None:
        super().setUp()
        self.write("bad/modifier.yml", BAD_MODIFIER)
        self.write("bad/yaml.yml", BAD_YAML)
        self.write("bad/good.yml", weir_cli.LOW_RULE)

    def test_good_rules_are_fine(self) -> None:
        ended = self.weir("rules", "check", "rules")
        self.assertEqual(ended.out, b"")
        self.assertIn("2 rules", ended.err)
        self.assertIn("0 errors", ended.err)

    def test_bad_rules_are_all_shown_with_place_and_advice(self) -> None:
        ended = self.weir("rules", "check", "bad", code=RULES)
        line, _ = place_of(BAD_MODIFIER, "CommandLine|contians")
        self.assertIn(f"bad/modifier.yml:{line}:", ended.text)
        self.assertIn("did you mean 'contains'", ended.text)
        self.assertIn("bad/yaml.yml:", ended.text)
        self.assertIn("2 errors", ended.err)

    def test_json_has_an_object_per_finding(self) -> None:
        found = self.weir("rules", "check", "--format", "json", "bad", code=RULES).alerts
        self.assertEqual({(each["path"], each["severity"]) for each in found},
                         {("bad/modifier.yml", "error"), ("bad/yaml.yml", "error")})
        for each in found:
            self.assertEqual(list(each), ["severity", "code", "path", "line", "column", "message", "hint"])

    def sarif(self, *paths: str, code: int = RULES) -> dict:
        log = json.loads(self.weir("rules", "check", "--format", "sarif", *paths, code=code).out)
        check_sarif(self, log)
        return log["runs"][0]

    def test_sarif_names_rule_and_region(self) -> None:
        run = self.sarif("bad")
        self.assertEqual(run["tool"]["driver"]["name"], "weir")
        result = next(each for each in run["results"] if each["ruleId"] == "unknown-modifier")
        place = result["locations"][0]["physicalLocation"]
        self.assertEqual(place["artifactLocation"]["uri"], "bad/modifier.yml")
        region = place["region"]
        source = BAD_MODIFIER.splitlines()[region["startLine"] - 1]
        self.assertEqual(source[region["startColumn"] - 1:region["endColumn"] - 1], "contians")
        self.assertEqual(result["level"], "error")

    def test_sarif_of_every_kind_of_document_and_file_name(self) -> None:
        self.write("odd/ü %20#?.yml", BAD_MODIFIER.replace("A. Writer", "\u00c4. Writer \U0001F600"))
        self.write("odd/twice.yml", weir_cli.RULE.replace("status: test", "status: tset"))
        self.write("odd/again.yml", weir_cli.RULE)
        self.write("odd/empty.yml", "")
        self.write("odd/correlation.yml", "title: C\ncorrelation:\n  type: event_count\n  rules: [nobody]\n"
                                          "  timespan: 5x\n  condition: {gte: 5}\n")
        self.write("odd/filter.yml", "title: F\nlogsource: {product: linux}\nfilter:\n  s: {A: x}\n  condition: s\n")
        results = self.sarif("odd", str(self.folder / "bad"))["results"]
        self.assertEqual({each["level"] for each in results}, {"error", "warning"})
        files = {each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for each in results}
        self.assertIn("odd/%C3%BC%20%2520%23%3F.yml", files)
        self.assertIn((self.folder / "bad" / "yaml.yml").as_uri(), files)

    def test_sarif_without_findings_has_a_run(self) -> None:
        self.assertEqual(self.sarif("rules", code=FINE)["results"], [])

    def test_warnings_do_not_fail_and_can_be_left_out(self) -> None:
        self.write("rules/odd.yml", weir_cli.RULE.replace("1111-", "cccc-", 1).replace(
            "  condition:", "  other:\n    Image: x\n  condition:"))
        self.assertIn("does not use 'other'", self.weir("rules", "check", "rules").text)
        self.assertEqual(self.weir("rules", "check", "--no-warnings", "rules").out, b"")

    def test_mistakes(self) -> None:
        self.assertIn("text, json, sarif", self.weir("rules", "check", "--format", "xml", "rules", code=USAGE).err)
        self.assertIn("nowhere", self.weir("rules", "check", "nowhere", code=USAGE).err)
        self.assertIn("did you mean 'check'", self.weir("rules", "chek", code=USAGE).err)
        self.assertIn("explain", self.weir("rules", code=USAGE).err)

    def test_built_in_rules_are_the_default(self) -> None:
        self.assertIn("0 errors", self.weir("rules", "check").err)


def test_file(fires: str) -> str:
    return ("tests:\n  - name: a dump\n    event: " + event(1, "minidump") + f"\n    fires: {fires}\n"
            "  - name: an <editor>\n    event: " + event(1, "notepad.exe") + "\n    fires: false\n")


class Test(Case):
    def test_tests_that_pass(self) -> None:
        self.write("rules/dump.test.yml", test_file("true"))
        self.assertIn("2 passed, 0 failed", self.weir("rules", "test", "rules").text)
        self.assertIn("2 passed, 0 failed", self.weir("rules", "test", "rules/dump.yml").text)

    def test_failures_are_findings_and_junit_is_xml(self) -> None:
        self.write("rules/dump.test.yml", test_file("false"))
        ended = self.weir("rules", "test", "rules", "--junit", "out.xml", code=FINDINGS)
        self.assertIn("FAIL a dump", ended.text)
        suite = xml.etree.ElementTree.parse(self.folder / "out.xml").getroot()
        self.assertEqual((suite.tag, suite.get("tests"), suite.get("failures")), ("testsuite", "2", "1"))
        cases = {case.get("name"): case.find("failure") is not None for case in suite.iter("testcase")}
        self.assertEqual(cases, {"a dump": True, "an <editor>": False})

    def test_mistakes_in_a_test_file_have_place_and_advice(self) -> None:
        def problem_of(lines: str) -> str:
            self.write("rules/dump.test.yml", lines)
            return self.weir("rules", "test", "rules", code=FINDINGS).text
        self.assertIn("dump.test.yml:2:5: unknown key 'fire'; did you mean 'fires'?",
                      problem_of("tests:\n  - fire: true\n    event: {A: x}\n"))
        self.assertIn("2:5: unknown key 'events'; did you mean 'event'?",
                      problem_of("tests:\n  - fires: true\n    events: {A: x}\n"))
        self.assertIn("unknown key 'rules'; did you mean 'rule'?", problem_of("rules: x.yml\ntests: [{fires: true}]\n"))
        self.assertIn("'event' must be a map", problem_of("tests:\n  - fires: true\n    event: [1]\n"))
        self.assertIn("did you mean 'json'", problem_of("tests:\n  - {fires: true, format: jsn, raw: '{}'}\n"))
        self.assertIn("'fires' must be true or false", problem_of("tests:\n  - {fires: maybe, event: {A: x}}\n"))
        self.assertIn("needs 'event' or 'raw'", problem_of("tests:\n  - {fires: true}\n"))

    def test_a_broken_rule_fails_its_tests(self) -> None:
        self.write("rules/dump.test.yml", test_file("true"))
        self.write("rules/dump.yml", BAD_MODIFIER)
        self.assertIn("FAIL", self.weir("rules", "test", "rules", code=FINDINGS).text)

    def test_no_test_is_a_mistake(self) -> None:
        self.assertIn(".test.yml", self.weir("rules", "test", "rules", code=USAGE).err)


class Explain(Case):
    def test_why_a_rule_fires_or_not(self) -> None:
        fires = self.weir("rules", "explain", "rules/dump.yml", "log.jsonl:2").text
        self.assertIn("the rule fires", fires)
        self.assertIn("A. Writer", fires)
        self.assertIn("CommandLine", fires)
        self.assertIn("does not fire", self.weir("rules", "explain", "rules/dump.yml", "log.jsonl:1").text)
        self.assertIn("the rule fires", self.weir("rules", "explain", "rules/dump.yml", event(1, "minidump")).text)

    def test_events_wherever_a_scan_finds_them(self) -> None:
        # More than one chunk of half a megabyte.
        lines = "".join(event(1, f"number {i} " + "x" * 100) + "\n" for i in range(1, 8001)) + event(1, "minidump") + "\n"
        self.write("long.jsonl", lines)
        for place in ("long.jsonl", "long.jsonl.gz", "long.zip/inner/long.jsonl"):
            with self.subTest(place):
                if place.endswith(".gz"):
                    self.write(place, gzip.compress(lines.encode()))
                if ".zip" in place:
                    with zipfile.ZipFile(self.folder / "long.zip", "w") as archive:
                        archive.writestr("inner/long.jsonl", lines)
                        archive.writestr("other.jsonl", lines)
                self.assertIn("the rule fires", self.weir("rules", "explain", "rules/dump.yml", f"{place}:8001").text)
                text = self.weir("rules", "explain", "rules/dump.yml", f"{place}:7321").text
                self.assertIn("number 7321 ", text)
                self.assertIn("does not fire", text)
                self.assertIn("only 8001", self.weir("rules", "explain", "rules/dump.yml", f"{place}:8002", code=USAGE).err)
        for archive_name, entry in (("ODD.ZIP", "one.jsonl"), ("odd.kmz", "in.zip/one.jsonl"), ("a.zip.1", "b/one.jsonl")):
            with zipfile.ZipFile(self.folder / archive_name, "w") as archive:
                archive.writestr(entry, event(1, "minidump"))
                archive.writestr("other", "x")
            self.assertIn("the rule fires", self.weir("rules", "explain", "rules/dump.yml", f"{archive_name}/{entry}:1").text)
        self.assertIn("name one", self.weir("rules", "explain", "rules/dump.yml", "long.zip", code=USAGE).err)
        self.weir("rules", "explain", "rules/dump.yml", "long.zip/none.jsonl", code=None)
        with open(self.write("one.json", event(1, "minidump"))) as one:
            self.assertIn("the rule fires", self.weir("rules", "explain", "rules/dump.yml", "-", stdin=one).text)
        with open(self.folder / "log.jsonl") as log:
            self.assertIn("the rule fires", self.weir("rules", "explain", "rules/dump.yml", "--", "-:2", stdin=log).text)

    def test_forms_for_other_logsources_are_only_named(self) -> None:
        text = self.weir("rules", "explain", "rules/dump.yml", event(1, "minidump")).text
        self.assertEqual(text.count("as a rule for "), 3)
        self.assertEqual(text.count("CommandLine contains"), 1)
        text = self.weir("rules", "explain", "rules/dump.yml", '{"CommandLine": "minidump"}').text
        self.assertEqual(text.count("CommandLine contains"), 1)

    def test_a_rule_by_its_title(self) -> None:
        self.assertIn("fires", self.weir("rules", "explain", "--rules", "rules", "Whoami", "log.jsonl:4").text)

    def test_an_event_of_another_logsource(self) -> None:
        text = self.weir("rules", "explain", "rules/dump.yml", '{"CommandLine": "minidump"}').text
        self.assertIn("does not fire", text)
        self.assertIn("the rule fires", self.weir("rules", "explain", "--logsource", "any", "rules/dump.yml",
                                                  '{"CommandLine": "minidump"}').text)

    def test_mistakes(self) -> None:
        self.assertIn("99", self.weir("rules", "explain", "rules/dump.yml", "log.jsonl:99", code=USAGE).err)
        self.weir("rules", "explain", "nowhere.yml", "log.jsonl:1", code=None)
        self.write("bad.yml", BAD_MODIFIER)
        self.assertIn("did you mean 'contains'", self.weir("rules", "explain", "bad.yml", "log.jsonl:1", code=USAGE).err)
        self.write("waiting.yml", weir_cli.RULE.replace("|contains", "|contains|expand").replace("minidump", "%tools%"))
        self.assertIn("no list fills", self.weir("rules", "explain", "waiting.yml", "log.jsonl:1", code=USAGE).err)
        self.assertIn("--rules names others", self.weir("rules", "explain", "No Such Rule", "log.jsonl:1", code=USAGE).err)
        several = self.weir("rules", "explain", "--rules", "rules", "*", "log.jsonl:1")
        self.assertIn("2 rules fit '*'", several.err)
        self.assertIn("did you mean 'json'", self.weir("rules", "explain", "--input-format", "jsn", "rules/dump.yml",
                                                       "log.jsonl:1", code=USAGE).err)


class List(Case):
    def test_every_format_lists_both(self) -> None:
        rows = self.weir("rules", "list", "--format", "json", "rules").alerts
        self.assertEqual([(row["title"], row["level"], row["author"]) for row in rows],
                         [("Dump of a Process", "high", "A. Writer"), ("Whoami", "low", "B. Other")])
        self.assertEqual(rows[0]["tags"], ["attack.credential-access", "attack.t1003.001"])
        table = self.weir("rules", "list", "--format", "table", "rules").text
        self.assertIn("Dump of a Process", table)
        self.assertIn("2 rules", table)
        text = self.weir("rules", "list", "--format", "csv", "rules").out.decode()
        self.assertEqual([row["title"] for row in csv.DictReader(io.StringIO(text, newline=""))], ["Dump of a Process", "Whoami"])

    def test_correlations_are_listed_and_told_apart(self) -> None:
        self.write("both.yml", """title: Base
id: 11111111-1111-4111-8111-111111111111
name: base_rule
logsource: {category: proxy}
detection: {s: {a: b}, condition: s}
level: low
---
title: Many
id: 11111111-1111-4111-8111-111111111112
correlation: {type: event_count, rules: [base_rule], group-by: [User], timespan: 10m, condition: {gte: 10}}
level: high
""")
        rows = self.weir("rules", "list", "--format", "json", "both.yml").alerts
        self.assertEqual([(row["kind"], row["title"]) for row in rows], [("rule", "Base"), ("correlation", "Many")])
        self.assertIn("do not run yet", self.weir("rules", "explain", "11111111-1111-4111-8111-111111111112", "--rules",
                                                  "both.yml", '{"a": 1}', code=USAGE).err)

    def test_an_empty_folder_holds_no_rule_that_could_be_loaded(self) -> None:
        (self.folder / "empty").mkdir()
        self.assertIn("no usable rule", self.weir("scan", "--rules", "empty", "log.jsonl", code=RULES).err)

    def test_level_chooses(self) -> None:
        self.assertEqual(len(self.weir("rules", "list", "--level", "High", "rules").alerts), 1)
        self.weir("rules", "list", "--level", "critical", "rules", code=RULES)
        self.weir("rules", "list", "--level", "x", "rules", code=USAGE)


class Others(Case):
    def test_formats_are_listed_with_what_they_assume(self) -> None:
        rows = {row["name"]: row for row in self.weir("formats", "--format", "json").alerts}
        self.assertIn("--assume-year", rows["syslog"]["assumptions"])
        self.assertTrue(all("event time" in row["assumptions"] and "logsource" in row["assumptions"] for row in rows.values()))
        self.assertIn("syslog", self.weir("formats").text)

    def test_every_command_has_help_with_an_example(self) -> None:
        for words in (["scan"], ["rules", "check"], ["rules", "test"], ["rules", "explain"], ["rules", "list"], ["generate"],
                      ["formats"], ["completion"], ["man"]):
            text = self.weir(*words, "--help").text
            self.assertRegex(text, r"Examples?:\n  .*weir " + words[0], words)
            self.assertNotIn("First steps", text)
        self.assertIn("First steps", self.weir("--help").text)
        self.assertIn("weir 0", self.weir("--version").text)

    def test_completion_and_manual_know_every_option_of_scan(self) -> None:
        page = self.weir("man").text.replace("\\-", "-")
        for shell in ("bash", "zsh", "fish"):
            script = self.weir("completion", shell).text
            for option in ("assume-zone", "fail-on", "verbose"):
                self.assertIn(option, script)
                self.assertIn("--" + option, page)
        self.weir("completion", "tcsh", code=USAGE)
        self.assertRegex(page, r"--rules.*PATH")

    def test_bash_completes_values_files_and_commands(self) -> None:
        (self.folder / "weir.bash").write_text(self.weir("completion", "bash").text)

        def completed(*words: str) -> str:
            script = f"source weir.bash; COMP_WORDS=({' '.join(words)} ''); COMP_CWORD={len(words)}; _weir; echo ${{COMPREPLY[@]}}"
            return subprocess.run(["bash", "-c", script], cwd=self.folder, capture_output=True, text=True).stdout.strip()

        self.assertEqual(completed("weir", "scan", "--level"), "informational low medium high critical")
        self.assertIn("evtx", completed("weir", "scan", "--input-format").split())
        self.assertEqual(completed("weir", "scan", "--rules"), "")  # Files, by bash itself.
        self.assertEqual(completed("weir", "scan"), "")
        self.assertEqual(completed("weir", "completion"), "bash zsh fish")
        self.assertIn("check", completed("weir", "rules").split())


if __name__ == "__main__":
    weir_cli.main()
