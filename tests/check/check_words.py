#!/usr/bin/python3
"""check_words.py ROOT: the project speaks of itself alone: no numbers of a tracker, no paths of the
machine it was written on, no credentials. Works on what git tracks, else on the folders that ship."""
import os
import re
import subprocess
import sys

PATTERNS = [
    (r"(?<![\w/.])/(work|farm)/", "a path of one machine"),
    (r"\B/tmp/(team|bash_jobs)", "a path of one machine"),
    (r"(?i)\b(issue|ticket|session|pull request|PR)\s*#\d+", "a tracker's number"),
    (r"(?i)\b(closes|fixes|fixed|resolves)\s+#\d+", "a tracker's number"),
    (r"(?i)\b(gpt|chatgpt|claude|copilot|llm)\b", "a writer's tool"),
    (r"\bA[KS]IA(?!\w*(?:EXAM|OTHER|IOSFODNN7))[A-Z0-9]{16}\b", "what looks like an access key"),
    (r"-----BEGIN [A-Z ]*PRIVATE KEY-----\n[A-Za-z0-9+/]", "a private key"),
]
ONLY = {"tests/check/check_words.py"}


def tracked(root):
    try:
        out = subprocess.run(["git", "-C", root, "ls-files", "-z"], check=True,
                             capture_output=True).stdout
        return [name for name in out.decode().split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        return [os.path.relpath(os.path.join(folder, name), root)
                for top in ("src", "include", "tests", "docs", "dev", "README.md")
                for folder, _, names in os.walk(os.path.join(root, top)) for name in names]


def main():
    root = sys.argv[1]
    breaches, count = [], 0
    for path in tracked(root):
        full = os.path.join(root, path)
        if path in ONLY or not os.path.isfile(full):
            continue
        with open(full, "rb") as file:
            text = file.read().decode("utf-8", "replace")
        count += 1
        for pattern, what in PATTERNS:
            for match in re.finditer(pattern, text):
                line = text.count("\n", 0, match.start()) + 1
                breaches.append(f"{path}:{line}: {what}: {match.group(0).strip()}")
    print("\n".join(breaches) if breaches else f"{count} files speak of the project alone")
    return 1 if breaches or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
