#!/usr/bin/python3
"""check_banned.py ROOT: functions that the driver does not use, by name, outside comments and
strings. Numbers are parsed and printed by str.h, memory comes from os.h, and only wide.h asks how
wide SQLWCHAR is: what else depends on it would be wrong in one of the two libraries."""
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from check_layers import sources, without_comments  # noqa: E402

EVERYWHERE = ("strcpy strncpy strcat strncat sprintf vsprintf gets strtok strtok_r atoi atol atoll "
              "atof strtod strtof strtold alloca setlocale scanf fscanf sscanf vscanf vsscanf "
              "vfscanf swscanf signal strerror tmpnam mktemp localtime gmtime ctime asctime "
              "rand srand random "
              # a PGconn knows nothing of the session once its socket is ours
              "PQexec PQexecParams PQconsumeInput PQisBusy PQreset PQtransactionStatus").split()
# The W entry points have it in their prototypes, which says nothing of its width.
MAY_NAME_SQLWCHAR = {"src/odbc/wide.h", "src/odbc/api_text.c"}
OUTSIDE_OS = "malloc calloc realloc free strdup strndup".split()


def main():
    root = sys.argv[1]
    breaches, count = [], 0
    for path in sources(root):
        count += 1
        names = EVERYWHERE + ([] if path == "src/os.c" else OUTSIDE_OS)
        pattern = re.compile(r"(?<![\w.>])(" + "|".join(names) + r")\s*\(")
        with open(os.path.join(root, path), encoding="utf-8") as file:
            for number, line in enumerate(without_comments(file.read()), 1):
                for match in pattern.finditer(line):
                    breaches.append(f"{path}:{number}: {match.group(1)} is banned")
                if path not in MAY_NAME_SQLWCHAR and re.search(r"\bSQLWCHAR\b", line):
                    breaches.append(f"{path}:{number}: SQLWCHAR stands in wide.h alone")
    print("\n".join(breaches) if breaches else f"{count} files use no banned function")
    return 1 if breaches or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
