#!/usr/bin/python3
"""check_exports.py ROOT LIBRARY [--without-libltdl]: what the library exports and what functions.def lists are the same,
both ways; WIDE functions export a W name too, and each name stands there as libltdl asks for it,
unless the library's manager does without libltdl."""
import os
import re
import subprocess
import sys


# What the installer library asks a driver's setup library for, which is the driver itself.
SETUP = {"ConfigDSN", "ConfigDriver", "ODBCINSTGetProperties"}


def listed(root):
    names = set()
    with open(os.path.join(root, "src/odbc/functions.def"), encoding="utf-8") as file:
        text = re.sub(r"/\*.*?\*/", "", file.read(), flags=re.S)
    for name, width in re.findall(r"^FUNCTION\((\w+),\s*\w+,\s*(\w+),\s*\w+\)", text, re.M):
        names.add(name)
        if width == "WIDE":
            names.add(name + "W")
        elif width != "NARROW":
            sys.exit(f"{name}: {width} is neither NARROW nor WIDE")
    return names


def exported(library):
    out = subprocess.run(["nm", "-D", "--defined-only", library], check=True,
                         capture_output=True, text=True).stdout
    names = set()
    for line in out.splitlines():
        kind, name = line.split()[-2:]
        # A sanitizer's run-time adds names of its own.
        if kind != "A" and not re.match(r"_*(asan|tsan|ubsan|lsan|sanitizer|interceptor)_", name):
            names.add(name.split("@")[0])
    return names


def main():
    have = exported(sys.argv[2])
    want = listed(sys.argv[1])
    count = len(want)
    if "--without-libltdl" not in sys.argv:
        # The manager's libltdl asks for LIBRARY_LTX_NAME first.
        module = os.path.basename(sys.argv[2]).split(".")[0]
        want |= {f"{module}_LTX_{name}" for name in want}
    want |= SETUP
    for name in sorted(want - have):
        print(f"{name} is in functions.def and not exported")
    for name in sorted(have - want):
        print(f"{name} is exported and not in functions.def")
    if want == have:
        print(f"{count} functions are exported")
    return 0 if want == have and want else 1


if __name__ == "__main__":
    sys.exit(main())
