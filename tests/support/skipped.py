#!/usr/bin/python3
"""skipped.py JUNIT ALLOWED: lists the tests of a ctest run that were skipped, with their reasons.

The reason is the last line that the test printed. ALLOWED names, one a line, the tests that may be
skipped where nothing else may; exit status 1 when another one was.
"""
import os
import sys
import xml.etree.ElementTree as ET


def allowed_names(path):
    if not os.path.exists(path):
        return set()
    with open(path, encoding="utf-8") as file:
        lines = (line.split("#")[0].strip() for line in file)
        return {line for line in lines if line}


def reason(case):
    output = case.findtext("system-out") or ""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return lines[-1] if lines else "no reason given"


def main():
    if not os.path.exists(sys.argv[1]):
        return 0
    allowed = allowed_names(sys.argv[2])
    others = 0
    for case in ET.parse(sys.argv[1]).getroot().iter("testcase"):
        if case.find("skipped") is None:
            continue
        note = "" if case.get("name") in allowed else " (not in tests/skips.allowed)"
        others += bool(note)
        print(f"skipped: {case.get('name')}: {reason(case)}{note}")
    return 1 if others else 0


if __name__ == "__main__":
    sys.exit(main())
