"""Redshift's SQL as far as it is not PostgreSQL's: what it refuses, by the first word of a
statement, and what is put into other words for the back end.
"""

import re

MAX_TEXT = 16 * 1024 * 1024

FIRST_WORD = re.compile(rb"(?:\s+|--[^\n]*(?:\n|$)|/\*.*?\*/|\()*([A-Za-z_]+)", re.S)
LITERALS = re.compile(rb"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/|"
                      rb"\$([A-Za-z_]*)\$.*?\$\1\$", re.S)


class Refusal(Exception):
    def __init__(self, state, text):
        self.state, self.text = state, text
        super().__init__(text)


def not_supported(word):
    raise Refusal("0A000", 'SQL command "%s" not supported.' % word)


def syntax(word):
    raise Refusal("42601", 'syntax error at or near "%s"' % word)


def bare(text):
    """The statement without literals, quoted names and comments."""
    return LITERALS.sub(b" ", text)


SETTING = rb"\s*;?\s*$"
SET_RS = re.compile(rb"^(\s*(?:SET|RESET)\s+(?:SESSION\s+|LOCAL\s+)?)"
                    rb"(query_group|enable_case_sensitive_identifier)\b", re.I)
SHOW_RS = re.compile(rb"^\s*SHOW\s+(query_group|enable_case_sensitive_identifier)" + SETTING, re.I)
VERSION_CALL = re.compile(rb"^\s*SELECT\s+(?:pg_catalog\.)?version\s*\(\s*\)" + SETTING, re.I)
VERSION_TEXT = (b"PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2 20041017 "
                b"(Red Hat 3.4.2-6.fc3), Redshift 1.0.99999")
SET_READONLY = re.compile(rb"^(\s*SET\s+(?:SESSION\s+|LOCAL\s+)?)readonly\b", re.I)
SET_REFUSED = re.compile(rb"^\s*SET\s+(?:SESSION\s+|LOCAL\s+)?standard_conforming_strings\b", re.I)
SHOW_REFUSED = re.compile(rb"^\s*SHOW\s+server_version_num" + SETTING, re.I)
DECLARE = re.compile(rb"^\s*DECLARE\s+(\S+)", re.I)
HOLD = re.compile(rb"\bWITH\s+HOLD\b", re.I)
COPY_STREAM = re.compile(rb"\b(STDIN|STDOUT)\b", re.I)
CLAUSES = (
    (b"returning", re.compile(rb"\bRETURNING\b", re.I), "RETURNING"),
    (b"conflict", re.compile(rb"\bON\s+CONFLICT\b", re.I), "CONFLICT"),
    (b"for", re.compile(rb"\bFOR\s+(?:NO\s+KEY\s+)?(?:UPDATE|SHARE)\b", re.I), "FOR"),
)
PLAIN_REFUSED = {b"SAVEPOINT", b"RELEASE", b"LISTEN", b"UNLISTEN", b"NOTIFY", b"DISCARD", b"MOVE"}


def dialect(text, conn, extended):
    """The text for the back end; raises Refusal for what Redshift has not."""
    if len(text) > MAX_TEXT:
        raise Refusal("54000", "Statement is too large. Statement Size: %d bytes. Maximum "
                      "Allowed: %d bytes" % (len(text), MAX_TEXT))
    found = FIRST_WORD.match(text[:4096])
    if not found:
        return text
    word = found.group(1).upper()
    if word in PLAIN_REFUSED:
        not_supported(word.decode())
    if word in (b"SELECT", b"INSERT", b"UPDATE", b"DELETE", b"WITH"):
        if len(text) < 100 and VERSION_CALL.match(text):
            return b"SELECT '" + VERSION_TEXT + b"'::text AS version"
        if len(text) < 65536:
            lower = text.lower()
            for hint, pattern, name in CLAUSES:
                if hint in lower and pattern.search(bare(text)):
                    syntax(name)
        return text
    if word == b"SET":
        if SET_REFUSED.match(text):
            not_supported("SET standard_conforming_strings")
        text = SET_READONLY.sub(rb"\1default_transaction_read_only", text)
        return SET_RS.sub(rb"\1rs.\2", text)
    if word == b"RESET":
        return SET_RS.sub(rb"\1rs.\2", text)
    if word == b"SHOW":
        if SHOW_REFUSED.match(text):
            raise Refusal("0A000", 'unrecognized configuration parameter "server_version_num"')
        shown = SHOW_RS.match(text)
        if shown:
            name = shown.group(1).lower()
            return b"SELECT current_setting('rs." + name + b"') AS " + name
        return text
    if word == b"DEALLOCATE":
        if re.match(rb"^\s*DEALLOCATE\s+(PREPARE\s+)?ALL\b", text, re.I):
            not_supported("DEALLOCATE ALL")
    elif word == b"ROLLBACK" or word == b"ABORT":
        if re.match(rb"^\s*\w+\s+(WORK\s+|TRANSACTION\s+)?TO\b", text, re.I):
            syntax("TO")
    elif word == b"COPY":
        stream = COPY_STREAM.search(bare(text))
        if stream:
            syntax(stream.group(1).decode().upper())
    elif word == b"DECLARE":
        if extended:
            not_supported("DECLARE CURSOR in a prepared statement")
        if HOLD.search(bare(text)):
            not_supported("DECLARE CURSOR WITH HOLD")
        if conn.cursor is not None:
            raise Refusal("42P03", "cursor \"%s\" already exists: only one cursor may be open"
                          % conn.cursor)
        name = DECLARE.match(text)
        conn.cursor = name.group(1).decode("utf-8", "replace") if name else "?"
    elif word == b"CLOSE":
        conn.cursor = None
    elif word == b"CALL":
        return call_with_nulls(text, conn)
    return text


CALL = re.compile(rb"^\s*CALL\s+((?:\w+|\"[^\"]+\")(?:\s*\.\s*(?:\w+|\"[^\"]+\"))*)\s*\((.*)\)\s*;?\s*$",
                  re.I | re.S)
ARGUMENT_PARTS = re.compile(rb"'(?:[^'\\]|\\.|'')*'|\"[^\"]*\"|[(\[]|[)\]]|,|[^'\"(\[)\],]+", re.S)


def split_arguments(text):
    """At the commas of the outermost level."""
    arguments, depth = [b""], 0
    for part in ARGUMENT_PARTS.findall(text):
        depth += (part in b"([") - (part in b")]")
        if part == b"," and depth == 0:
            arguments.append(b"")
        else:
            arguments[-1] += part
    return arguments if text.strip() else []


def call_with_nulls(text, conn):
    """Redshift takes a call without its OUT arguments; the back end wants a NULL for each."""
    found = CALL.match(text)
    if not found:
        return text
    name = found.group(1).split(b".")[-1].strip().strip(b'"').decode("utf-8", "replace").lower()
    arguments = split_arguments(found.group(2))
    all_modes = conn.server.procedure_modes(conn.database, name)
    for modes in all_modes:
        if len(arguments) == len(modes) - modes.count("o"):
            left = list(arguments)
            filled = [b"NULL" if mode == "o" else left.pop(0) for mode in modes]
            return b"CALL " + found.group(1) + b"(" + b",".join(filled) + b")"
    if len(arguments) in map(len, all_modes):
        raise Refusal("42883", "procedure %s(%s) does not exist"
                      % (name, ", ".join(["unknown"] * len(arguments))))
    return text
