#!/usr/bin/python3
"""check_tables.py ROOT PRINT_TABLES [--write]: what stands in README.md between the markers
`<!-- NAME -->` and `<!-- /NAME -->` is what `print_tables NAME` prints from the .def files."""
import os
import re
import subprocess
import sys

NAMES = ("keys", "functions")


def main():
    root, program = sys.argv[1:3]
    path = os.path.join(root, "README.md")
    with open(path, encoding="utf-8") as file:
        text = old = file.read()
    status = 0
    for name in NAMES:
        printed = subprocess.run([program, name], check=True, capture_output=True, text=True).stdout
        pattern = re.compile(rf"(<!-- {name} -->\n)(.*?)(<!-- /{name} -->)", re.S)
        found = pattern.search(text)
        if not found:
            print(f"README.md has no markers for {name}")
            status = 1
        elif found.group(2) != printed and "--write" not in sys.argv:
            print(f"the {name} table of README.md is not what the tables say; "
                  f"run tests/check/check_tables.py . {program} --write")
            status = 1
        text = pattern.sub(lambda match: match.group(1) + printed + match.group(3), text)
    if "--write" in sys.argv and text != old:
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
    if status == 0:
        print("README.md agrees with the tables")
    return status


if __name__ == "__main__":
    sys.exit(main())
