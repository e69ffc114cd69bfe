"""Redshift's SQL as far as it is not PostgreSQL's: what it refuses, by the first word of a
statement, and what is put into other words for the back end.
"""

import re

import redshift_errors
import redshift_leader
import redshift_settings
import redshift_show

MAX_TEXT = 16 * 1024 * 1024
# What is longer is data, and not looked into.
MAX_LOOK = 65536
MAX_IDENTIFIER = 127

FIRST_WORD = re.compile(rb"(?:\s+|--[^\n]*(?:\n|$)|/\*.*?\*/|\()*([A-Za-z_]+)", re.S)
LITERAL = (rb"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/|"
           rb"\$([A-Za-z_]*)\$.*?\$\1\$")
LITERALS = re.compile(LITERAL, re.S)
TOKENS = re.compile(LITERAL + rb"|;", re.S)
SYSDATE = re.compile(LITERAL + rb"|\bSYSDATE\b", re.S | re.I)


class Refusal(Exception):
    """An error in Redshift's words; more has further fields of the message."""

    def __init__(self, state, text, more=None):
        self.state, self.text, self.more = state, text, more
        super().__init__(text)


def not_supported(word):
    raise Refusal("0A000", 'SQL command "%s" not supported.' % word)


def syntax(word):
    raise Refusal("42601", 'syntax error at or near "%s"' % word)


def refuse(state, text):
    raise Refusal(state, text)


def bare(text):
    """The statement without literals, quoted names and comments."""
    return LITERALS.sub(b" ", text)


VERSION_CALL = re.compile(rb"^\s*SELECT\s+(?:pg_catalog\.)?version\s*\(\s*\)" +
                          redshift_settings.END, re.I)
VERSION_TEXT = (b"PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2 20041017 "
                b"(Red Hat 3.4.2-6.fc3), Redshift 1.0.99999")
SET_REFUSED = re.compile(rb"^\s*SET\s+(?:(?:SESSION\s+|LOCAL\s+)?(standard_conforming_strings)\b|"
                         rb"SESSION\s+(CHARACTERISTICS)\b)", re.I)
SHOW_REFUSED = re.compile(rb"^\s*SHOW\s+server_version_num" + redshift_settings.END, re.I)
DECLARE = re.compile(rb"^\s*DECLARE\s+(\S+)", re.I)
HOLD = re.compile(rb"\bWITH\s+HOLD\b", re.I)
COPY_STREAM = re.compile(rb"\b(STDIN|STDOUT)\b", re.I)
# It loads nothing; a number at the end of the address is how many rows it tells of.
COPY_S3 = re.compile(rb"^\s*COPY\s+([\w.]+).*?\bFROM\s+'s3://[^']*?(\d*)'", re.I | re.S)
CLAUSES = (
    (b"returning", re.compile(rb"\bRETURNING\b", re.I), "RETURNING"),
    (b"conflict", re.compile(rb"\bON\s+CONFLICT\b", re.I), "CONFLICT"),
    (b"for", re.compile(rb"\bFOR\s+(?:NO\s+KEY\s+)?(?:UPDATE|SHARE)\b", re.I), "FOR"),
)
PLAIN_REFUSED = {b"SAVEPOINT", b"RELEASE", b"LISTEN", b"UNLISTEN", b"NOTIFY", b"DISCARD", b"MOVE"}
LOOKED_INTO = {b"SET", b"RESET", b"SHOW", b"DEALLOCATE", b"ROLLBACK", b"ABORT", b"DECLARE",
               b"CALL"}
LONG_WORD = re.compile(rb"(?<![\w$\x80-\xff])[A-Za-z_\x80-\xff][\w$\x80-\xff]{%d,}"
                       % MAX_IDENTIFIER)


def dialect(text, conn, extended):
    """The text for the back end; raises Refusal for what Redshift has not.

    Of several statements in one text each is looked at, and the refused one alone is replaced.
    """
    if len(text) > MAX_TEXT:
        raise Refusal("54000", "Statement is too large. Statement Size: %d bytes. Maximum "
                      "Allowed: %d bytes" % (len(text), MAX_TEXT))
    if len(text) > MAX_LOOK or b";" not in text.rstrip(b"; \r\n"):
        return statement(text, conn, extended)
    changed = []
    for part in parts(text):
        try:
            changed.append(statement(part, conn, extended))
        except Refusal as refusal:
            changed.append(conn.refused(refusal))
    changed = b";".join(changed)
    return text if changed == text else changed


def parts(text):
    """The statements of a text, cut at the semicolons outside of literals and comments."""
    found, start = [], 0
    for token in TOKENS.finditer(text):
        if token.group() == b";":
            found.append(text[start:token.start()])
            start = token.end()
    found.append(text[start:])
    return found


def check_names(text):
    quoted = [token.group()[1:-1].replace(b'""', b'"') for token in LITERALS.finditer(text)
              if token.group()[:1] == b'"']
    for name in quoted + LONG_WORD.findall(bare(text)):
        if len(name) > MAX_IDENTIFIER:
            raise Refusal("42622", 'identifier "%s" is too long: at most %d bytes'
                          % (name[:20].decode("utf-8", "replace") + "...", MAX_IDENTIFIER))


def plain_sysdate(text):
    """SYSDATE is a word of Redshift's, without parentheses."""
    if b"sysdate" not in text.lower():
        return text
    return SYSDATE.sub(lambda found: b"LOCALTIMESTAMP(6)" if found.group()[:1] in b"sS"
                       else found.group(), text)


def statement(text, conn, extended):
    if len(text) <= MAX_LOOK:
        text = plain_sysdate(text)
    failure = redshift_errors.asked(text) if len(text) < 200 else None
    if failure:
        raise Refusal(*failure)
    if MAX_IDENTIFIER < len(text) <= MAX_LOOK:
        check_names(text)
    found = FIRST_WORD.match(text[:4096])
    if not found:
        return text
    word = found.group(1).upper()
    if word in LOOKED_INTO and found.start(1) and len(text) < MAX_LOOK:
        # Without the comments before it.
        text = text[found.start(1):]
    if word in PLAIN_REFUSED:
        not_supported(word.decode())
    if word in (b"SELECT", b"INSERT", b"UPDATE", b"DELETE", b"WITH"):
        if len(text) < 100 and VERSION_CALL.match(text):
            return b"SELECT '" + VERSION_TEXT + b"'::text AS version"
        if len(text) < MAX_LOOK:
            lower = text.lower()
            for hint, pattern, name in CLAUSES:
                if hint in lower and pattern.search(bare(text)):
                    syntax(name)
            redshift_leader.check(text, bare, conn.strict_leader, refuse)
        return text
    if word == b"SET":
        refused = SET_REFUSED.match(text)
        if refused:
            not_supported("SET " + (refused.group(1) or refused.group(2)).decode())
        return redshift_settings.for_back_end(text, refuse)
    if word == b"RESET":
        return redshift_settings.for_back_end(text, refuse)
    if word == b"SHOW":
        if SHOW_REFUSED.match(text):
            raise Refusal("0A000", 'unrecognized configuration parameter "server_version_num"')
        return (redshift_show.shown(text, conn.knows_show, conn.show_limit, refuse) or
                redshift_settings.shown(text) or text)
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
        load = COPY_S3.match(text)
        if load:
            conn.loads += 1
            return (b"DO $$ BEGIN RAISE INFO $_$Load into table '%%' completed, %% record(s) loaded "
                    b"successfully.$_$, $_$%b$_$, %d; END $$"
                    % (load.group(1), int(load.group(2) or 0)))
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
    elif word == b"VACUUM":
        if extended:
            not_supported("VACUUM in a prepared statement")
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
