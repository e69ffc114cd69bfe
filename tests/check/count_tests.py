#!/usr/bin/python3
"""count_tests.py ROOT BUILD [--write]: prints how many tests there are by topic, a topic being a
list of tests (tests/*.cmake) with what its first line says. Functions are counted as written, runs as
ctest counts them: a function runs through the manager, alone, natively and abroad, on two servers at times.
--write puts the table into docs/architecture.md, between its markers."""
import json
import os
import re
import subprocess
import sys

MARKERS = re.compile(r"(<!-- tests -->\n)(.*?)(<!-- /tests -->)", re.S)


def topic_of(test, graph):
    """The outermost list in the chain of calls that added the test."""
    topic = None
    at = test["backtrace"]
    while at is not None:
        node = graph["nodes"][at]
        path = graph["files"][node["file"]]
        if os.path.dirname(path).endswith("tests") and path.endswith(".cmake"):
            topic = path
        at = node.get("parent")
    return topic


def sources_in(build):
    """Which test_….c each program is built from."""
    found = {}
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as file:
        for command in json.load(file):
            target = re.search(r"/CMakeFiles/(\w+)\.dir/", command["command"])
            if target and os.path.basename(command["file"]).startswith("test_"):
                found[target.group(1)] = command["file"]
    return found


def source_of(known, name):
    """Variants of a program are one; what is no program of ours goes by its name."""
    plain = re.sub(r"^redshift\d_|_(direct|native|abroad)$", "", name)
    return known.get(name) or known.get(plain) or plain


def functions_in(path):
    """Entries of the arrays of cmocka tests: macros called at the outermost level."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    count = 0
    for block in re.findall(r"struct CMUnitTest \w+\[\] = \{(.*?)\};", text, re.S):
        depth = 0
        for mark in re.findall(r"\w+\(|[()]", block):
            if mark == ")":
                depth -= 1
                continue
            count += depth == 0
            depth += 1
    return count


def head_of(path):
    with open(path, encoding="utf-8") as file:
        first = file.readline()
    return first[1:].strip().rstrip(".") if first.startswith("#") else ""


def counts(paths):
    return [len(paths), sum(functions_in(path) if os.path.exists(path) else 1 for path in paths)]


def table(build):
    shown = subprocess.run(["ctest", "--show-only=json-v1"], cwd=build, check=True,
                           capture_output=True, text=True).stdout
    listed = json.loads(shown)
    known, runs, sources = sources_in(build), {}, {}
    for test in listed["tests"]:
        topic = topic_of(test, listed["backtraceGraph"])
        if topic is None or topic.endswith("/sandbox.cmake"):
            continue
        runs[topic] = runs.get(topic, 0) + 1
        sources.setdefault(topic, set()).add(source_of(known, test["name"]))
    lines = ["| list | what it tests | programs | functions | runs |",
             "| --- | --- | --: | --: | --: |"]
    for topic in sorted(runs):
        row = counts(sources[topic]) + [runs[topic]]
        name = os.path.basename(topic)[:-len(".cmake")]
        lines.append(f"| {name} | {head_of(topic)} | {row[0]} | {row[1]} | {row[2]} |")
    total = counts(set().union(*sources.values())) + [sum(runs.values())]
    lines.append(f"| all | | {total[0]} | {total[1]} | {total[2]} |")
    return "\n".join(lines) + "\n"


def main():
    root, build = sys.argv[1:3]
    printed = table(build)
    print(printed, end="")
    if "--write" not in sys.argv:
        return 0
    path = os.path.join(root, "docs/architecture.md")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if not MARKERS.search(text):
        print("docs/architecture.md has no markers for tests")
        return 1
    with open(path, "w", encoding="utf-8") as file:
        file.write(MARKERS.sub(lambda match: match.group(1) + printed + match.group(3), text))
    return 0


if __name__ == "__main__":
    sys.exit(main())
