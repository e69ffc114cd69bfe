#!/usr/bin/python3
"""check_files.py ROOT: every source file of src stands in the tables of docs/architecture.md, and
every file named there exists. A header goes with the source of its name."""
import os
import re
import sys


def main():
    root = sys.argv[1]
    with open(os.path.join(root, "docs/architecture.md"), encoding="utf-8") as file:
        text = file.read()
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    named = {name for row in rows for name in re.findall(r"`([\w.]+)`", row)}
    present = {name for _, _, names in os.walk(os.path.join(root, "src")) for name in names
               if name.endswith((".c", ".h", ".def", ".inc", ".in", ".map"))}
    status = 0
    for name in sorted(present - named):
        if name.endswith(".h") and name[:-2] + ".c" in named:
            continue
        print(f"docs/architecture.md does not name {name}")
        status = 1
    for name in sorted(named - present):
        print(f"docs/architecture.md names {name}, which does not exist")
        status = 1
    if status == 0:
        print(f"{len(present)} files are named")
    return status


if __name__ == "__main__":
    sys.exit(main())
