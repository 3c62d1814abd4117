"""Prints "passed failed skipped" of a JUnit report that ctest wrote.

usage: junit_counts.py REPORT
"""
import sys
import xml.etree.ElementTree as tree

passed = failed = skipped = 0
for case in tree.parse(sys.argv[1]).getroot().iter("testcase"):
    status = case.get("status")
    if status == "run":
        passed += 1
    elif status in ("notrun", "disabled") and case.find("failure") is None:
        skipped += 1
    else:
        failed += 1
print(passed, failed, skipped)
