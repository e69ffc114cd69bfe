#!/usr/bin/python3
"""check_layers.py ROOT: includes point downwards, foreign libraries and the platform stand in one
place each. The tables below are the rule; a breach is printed with file and line."""
import os
import re
import sys

# A folder of src and what its files may include from ours; "src" is the folder itself.
OWN = {
    "src": {"src": None},
    "src/idp": {"src": None, "src/idp": None},
    "src/auth": {"src": None, "src/auth": None, "src/idp": {"idp.h", "claims.h", "saml.h", "jwt.h"}},
    "src/odbc": {"src": None, "src/odbc": None, "src/auth": {"auth.h"}},
    "src/setup": {"src": None, "src/setup": None, "src/idp": {"idp.h"},
                  "src/odbc": {"dsn.h"}},
    "src/cli": {"src": None, "src/cli": None, "src/auth": {"auth.h"},
                "src/setup": {"dsnform.h", "dsnfile.h"},
                "src/odbc": {"connstr.h", "dsn.h", "jdbcurl.h"}},
    "src/win": {"src": None, "src/win": None, "src/win/include": None,
                "src/odbc": {"installer.h"}},
    "src/win/include": {"src/win/include": None},
    **{f"src/win/include/{sub}": {"src/win/include": None} for sub in ("arpa", "netinet", "sys")},
    "include": {"include": None},
}

# Foreign header (pattern) and the only files that may include it.
FOREIGN = [
    (r"(libpq|postgres|pg_)[\w/-]*\.h", {"src/opener_pq.c"}),
    (r"openssl/ssl\.h", {"src/tls.c"}),
    (r"openssl/.*", {"src/tls.c", "src/crypto.c", "src/win/dll.c"}),
    (r"curl/.*", {"src/http.c", "src/link.c"}),
    (r"cjson/.*|cJSON\.h", {"src/json.c"}),
    (r"libxml2?/.*", {"src/xml.c", "src/html.c"}),
    (r"odbcinst\w*\.h", {"src/odbc/installer.c", "src/win/installer.c", "src/setup/dsnfile.c",
                         "src/setup/configdsn.c", "src/setup/properties.c"}),
]
ODBC = re.compile(r"sql(ext|types|ucode)?\.h")
ODBC_FOLDERS = {"src/odbc", "src/cli", "include"}
# Windows' own calls, and POSIX's as the files above know them.
SYSTEM_FOLDERS = {"src/win", "src/win/include"}

OS = {"src/os.c", "src/os_file.c", "src/os_posix.c", "src/os_process.c", "src/os_task.c",
      "src/os_terminal.c"}
LOCK = {"src/os_lock.h", "src/os_lock.c"}
NET = {"src/transport.c", "src/tls.c", "src/socket.c", "src/listen.c", "src/address.c",
       "src/os_posix.c", "src/os_file.c", "src/os_process.c"}
# Platform calls and headers, and the only files that may use them.
CALLS = [
    (r"\bpthread_\w+", OS | {"src/os.h"} | LOCK),
    (r"\bsyscall\s*\(", LOCK),
    (r"\b(clock_gettime|gettimeofday|nanosleep|usleep|sleep|localtime_r|gmtime_r)\s*\(", OS),
    (r"(?<![\w.>])time\s*\(", OS),
    (r"\b(getenv|secure_getenv|setenv|putenv)\s*\(", OS),
    (r"(?<![\w.>])(open|openat|creat|unlink|rename|stat|lstat|fstat|mkstemp|access)\s*\(", OS),
    (r"\b(fopen|fdopen|freopen|tmpfile|opendir)\s*\(", OS),
    (r"(?<![\w.>])(socket|socketpair|connect|bind|listen|accept|recv|recvmsg|send|sendmsg|"
     r"poll|select|getaddrinfo|setsockopt|shutdown)\s*\(", NET),
    (r"\b(fork|execve?|execvp|posix_spawnp?|system|popen)\s*\(", OS),
]
CALL_HEADERS = [
    (r"pthread\.h|threads\.h", OS | {"src/os.h"} | LOCK),
    (r"linux/.*|sys/syscall\.h", LOCK),
    (r"sys/(stat|time)\.h|fcntl\.h|pwd\.h|dlfcn\.h|dirent\.h|spawn\.h|termios\.h", OS | NET),
    (r"sys/socket\.h|netdb\.h|netinet/.*|arpa/.*|resolv\.h|poll\.h|sys/select\.h", NET | {"src/cname.c"}),
]
# What stands elsewhere all the same: file, pattern of the call or header, and why.
EXCEPTIONS = [
    ("src/http.c", r"pthread_sigmask", "libcurl writes to sockets without MSG_NOSIGNAL"),
    ("src/opener_pq.c", r"open\s*\(|fcntl\.h",
     "a forked child leads libpq's descriptor to /dev/null"),
    ("src/opener_pq.c", r"sys/socket\.h|poll\.h|(poll|recv|shutdown)\s*\(",
     "sockets that libpq opened, before transport takes over and of cancel requests"),
    ("src/opener_pq.c", r"dlfcn\.h", "functions that only a newer libpq has"),
]


def is_exception(path, what):
    return any(path == file and re.fullmatch(pattern, what) for file, pattern, _ in EXCEPTIONS)


def sources(root):
    for top in ("src", "include"):
        for folder, _, names in os.walk(os.path.join(root, top)):
            for name in sorted(names):
                if name.endswith((".c", ".h", ".inc")):
                    yield os.path.relpath(os.path.join(folder, name), root)


def without_comments(text):
    """Comments and string literals blanked, line numbers kept; #include lines stay as they are."""
    def blank(match):
        piece = match.group(0)
        return re.sub(r"[^\n]", " ", piece) if piece.startswith("/") else '""'

    lines = []
    pattern = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', re.S)
    marked = re.sub(r'(?m)^(\s*#\s*include\s+)"([^"\n]+)"', r"\1<./\2>", text)
    lines = pattern.sub(blank, marked).split("\n")
    return lines


def check_own(path, target, complain):
    folder = os.path.dirname(path)
    full = os.path.normpath(os.path.join(folder, target))
    base, name = os.path.dirname(full), os.path.basename(full)
    if not full.startswith(("src", "include")) or name == "version.h":
        return
    allowed = OWN.get(folder, {})
    if base not in allowed:
        complain(f"{folder} may not include {full}")
    elif allowed[base] is not None and name not in allowed[base]:
        complain(f"{folder} may include of {base} only {', '.join(sorted(allowed[base]))}")


def check_foreign(path, target, complain):
    system = [] if os.path.dirname(path) in SYSTEM_FOLDERS else CALL_HEADERS
    for pattern, files in FOREIGN + system:
        if re.fullmatch(pattern, target):
            if path not in files and not is_exception(path, target):
                complain(f"<{target}> belongs to {', '.join(sorted(files))}")
            return
    if ODBC.fullmatch(target) and os.path.dirname(path) not in ODBC_FOLDERS | SYSTEM_FOLDERS:
        complain(f"ODBC header <{target}> outside src/odbc")


def check_calls(path, line, own_names, complain):
    if os.path.dirname(path) in SYSTEM_FOLDERS:
        return
    for pattern, files in CALLS:
        found = re.search(pattern, line)
        if not found or path in files or is_exception(path, found.group(0).strip()):
            continue
        if found.group(0).strip("( ") not in own_names:
            complain(f"{found.group(0).strip()} belongs to {', '.join(sorted(files))}")


def own_functions(lines):
    """Static functions of a file: one may be called `send`."""
    return {match.group(1) for line in lines
            for match in [re.match(r"static\b[^=;]*?(\w+)\(", line)] if match}


def check_file(root, path):
    breaches = []
    with open(os.path.join(root, path), encoding="utf-8") as file:
        lines = without_comments(file.read())
    own_names = own_functions(lines)
    for number, line in enumerate(lines, 1):
        def complain(what, number=number):
            breaches.append(f"{path}:{number}: {what}")

        include = re.match(r"\s*#\s*include\s+<([^>]+)>", line)
        if include and include.group(1).startswith("./"):
            check_own(path, include.group(1)[2:], complain)
        elif include:
            check_foreign(path, include.group(1), complain)
        else:
            check_calls(path, line, own_names, complain)
    return breaches


def main():
    root = sys.argv[1]
    breaches, count = [], 0
    for path in sources(root):
        count += 1
        breaches += check_file(root, path)
    print("\n".join(breaches) if breaches else f"{count} files keep the layers")
    return 1 if breaches or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
