#!/usr/bin/python3
"""check_idp_errors.py ROOT: every row of tests/iam/idp_errors.txt has a test, every test that it names is
there and runs, and it says the row's SQLSTATE."""
import os
import re
import sys


def body_of(path, name):
    """Source of a function of a Python file; None: there is none."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    parts = re.split(r"^    def ", text, flags=re.M)
    found = [part for part in parts[1:] if part.startswith(name + "(")]
    return "\n".join(found) if found else None


def is_listed(name, lists):
    """Each by itself, or as a word of iam.cmake's loop over idp_NAME.py."""
    loop = re.search(r"^foreach\(name ([^)]*)\)\n.*idp_\$\{name\}\.py", lists, re.M)
    return name in lists or (loop and name.startswith("idp_") and name[4:-3] in loop[1].split())


def faults(root, lists):
    seen = set()
    with open(os.path.join(root, "tests/iam/idp_errors.txt"), encoding="utf-8") as file:
        rows = [line.rstrip("\n") for line in file if line.strip() and not line.startswith("#")]
    for row in rows:
        situation, state, tests = ([part.strip() for part in row.split("|")] + ["", ""])[:3]
        if situation in seen or not re.match(r"^[0-9A-Z]{5}$", state):
            yield "idp_errors.txt: " + row
        seen.add(situation)
        bodies = []
        for test in tests.split():
            path, _, name = test.partition(":")
            whole = os.path.join(root, "tests", path)
            body = body_of(whole, name) if os.path.exists(whole) else None
            if body is None:
                yield "%s: there is no %s" % (situation, test)
            elif not is_listed(os.path.basename(path), lists):
                yield "%s: %s is in no list of tests" % (situation, path)
            else:
                bodies.append(body)
        if not bodies:
            yield situation + ": no test provokes it"
        elif not any("'%s'" % state in body for body in bodies):
            yield "%s: no test of it expects %s" % (situation, state)
    if len(rows) < 30:
        yield "idp_errors.txt has lost rows"


def main():
    root = sys.argv[1]
    lists = ""
    for name in sorted(os.listdir(os.path.join(root, "tests"))):
        if name.endswith(".cmake"):
            with open(os.path.join(root, "tests", name), encoding="utf-8") as file:
                lists += file.read()
    found = list(faults(root, lists))
    for fault in found:
        print(fault)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
