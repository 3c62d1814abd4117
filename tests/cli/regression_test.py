"""SigmaHQ's regression set through the binary: each rule fires on its events, from JSON and from EVTX.

Skipped where ../shared/data is not beside the checkout. `regression_test.py BINARY`.
"""
import json
import os
import pathlib
import subprocess
import sys
import unittest

BINARY = ""
FOLDERS = ("rules", "rules-emerging-threats", "rules-threat-hunting", "rules-placeholder", "rules-compliance")


def shared_sigma():
    beside = pathlib.Path(__file__).resolve().parents[2].parent / "shared"
    return pathlib.Path(os.environ.get("WEIR_SHARED", beside)) / "data" / "sigma"


class Regression(unittest.TestCase):
    def setUp(self):
        if not (shared_sigma() / "regression_conformance.jsonl").exists():
            self.skipTest("../shared/data is not here, so there are no regression events to scan")

    def test_json(self):
        self.check(".json")

    def test_evtx(self):
        self.check(".evtx")

    def check(self, suffix):
        with open(shared_sigma() / "regression_conformance.jsonl", encoding="utf-8") as lines:
            tests = [json.loads(line) for line in lines]
        self.assertEqual(len(tests), 202)
        paths = [str((shared_sigma() / test["evtx"]).with_suffix(suffix)) for test in tests]
        counts = self.scan(paths)
        for test, path in zip(tests, paths):
            wanted = test["match_count"] or 1
            self.assertGreaterEqual(counts.get((path, test["rule_id"]), 0), wanted, f"{test['rule']} on {path}")

    def scan(self, paths):
        command = [BINARY, "scan", "--quiet", "--format", "json"]
        for folder in FOLDERS:
            command += ["--rules", str(shared_sigma() / folder)]
        result = subprocess.run(command + paths, capture_output=True, text=True, check=False)
        self.assertEqual(result.returncode, 0, result.stderr)
        counts = {}
        for line in result.stdout.splitlines():
            alert = json.loads(line)
            key = (alert["events"][0]["source"], alert["rule"]["id"])
            counts[key] = counts.get(key, 0) + 1
        return counts


if __name__ == "__main__":
    BINARY = sys.argv.pop(1)
    unittest.main()
