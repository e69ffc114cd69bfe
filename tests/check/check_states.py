#!/usr/bin/python3
"""check_states.py ROOT: every SQLSTATE that the driver can post is named by a test, as RS_xxxxx or in
quotes, in its ODBC 3 or ODBC 2 form. The server's own, by way of serverstate.def, are raised one by
one in tests/odbc/test_serverstate.c. A state of the table that nothing posts is told too."""
import os
import re
import sys

TABLE = "src/sqlstate.def"
SERVERS = "src/serverstate.def"
UNPOSTED = {"00000"}  # success, the diagnostic of a call without any


def texts(root, top):
    for folder, folders, names in os.walk(os.path.join(root, top)):
        folders[:] = [name for name in folders if name not in ("corpus", "node_modules")]
        for name in names:
            path = os.path.join(folder, name)
            with open(path, encoding="utf-8", errors="replace") as file:
                yield os.path.relpath(path, root), file.read()


def main():
    root = sys.argv[1]
    with open(os.path.join(root, TABLE), encoding="utf-8") as file:
        states = re.findall(r'^STATE\((\w+), "(\w+)", "(\w+)"', file.read(), re.M)
    source, tests = set(), set()
    for path, text in texts(root, "src"):
        if path not in (TABLE, SERVERS):
            source.update(re.findall(r"\b(?:RS_)?(\w{5})\b", text))
    for _, text in texts(root, "tests"):
        tests.update(re.findall(r"\bRS_(\w{5})\b", text))
        tests.update(re.findall(r"""["'](\w{5})["']""", text))
    with open(os.path.join(root, SERVERS), encoding="utf-8") as file:
        raised = set(re.findall(r'^SERVER\("\w+", (\w+)\)', file.read(), re.M))
    olds = [two for _, _, two in states]  # several states may share one of these
    faults = []
    for name, three, two in states:
        if name in UNPOSTED or name in raised:
            continue
        if name not in source:
            faults.append(f"{name}: in {TABLE}, but nothing posts it")
        elif three not in tests and not (olds.count(two) == 1 and two in tests):
            faults.append(f"{name}: posted, but no test provokes it")
    print("\n".join(faults) if faults else f"{len(states)} states, each with a test")
    return 1 if faults or not states else 0


if __name__ == "__main__":
    sys.exit(main())
