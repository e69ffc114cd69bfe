#!/usr/bin/python3
"""A stand-in for Amazon Redshift: a wire proxy in front of PostgreSQL.

To the client it speaks Redshift's dialect of protocol 3.0 (TLS by SSLRequest,
a white list of start-up parameters, Redshift's statuses, temporary IAM
passwords, Redshift's refusals); behind it is a plain PostgreSQL session over a
unix socket.  It can also misbehave on demand.  See README.md for the options.

One thread serves one connection, both directions: an SSL object must not be
read and written by two threads at once.  Buffers are scanned whole and rows
are passed on as they came, so that the stand-in does not limit speed tests.
"""

import argparse
import collections
import json
import os
import re
import secrets
import select
import signal
import socket
import ssl
import struct
import sys
import threading
import time
import uuid

sys.dont_write_bytecode = True
import redshift_auth  # noqa: E402
import redshift_levels  # noqa: E402
from redshift_auth import USERS  # noqa: E402

SSL_REQUEST = 80877103
GSSENC_REQUEST = 80877104
CANCEL_REQUEST = 80877102
PROTOCOL_3 = 196608

# Start-up parameters that Redshift knows, lower case -> what becomes of them:
# a name is handed to the back end under that name, None is taken and dropped.
STARTUP = {
    "user": None, "database": None, "options": None,
    "client_encoding": "client_encoding",
    "application_name": "application_name",
    "datestyle": "DateStyle",
    "extra_float_digits": "extra_float_digits",
    "timezone": "TimeZone",
    "search_path": "search_path",
    "client_protocol_version": None, "driver_version": None,
    "os_version": None, "plugin_name": None,
    "driver_discovery_version": None, "idp_type": None,
    "provider_name": None, "token_type": None, "identity_namespace": None,
    "idc_client_display_name": None, "_pq_.compression": None,
}

# Settings accepted inside `options`.  PostgreSQL does not know the last two;
# it keeps any name with a dot, so they live under "rs.".
OPTIONS = {
    "datestyle": "DateStyle",
    "extra_float_digits": "extra_float_digits",
    "timezone": "TimeZone",
    "search_path": "search_path",
    "statement_timeout": "statement_timeout",
    "client_encoding": "client_encoding",
    "application_name": "application_name",
    "query_group": "rs.query_group",
    "enable_case_sensitive_identifier": "rs.enable_case_sensitive_identifier",
}

BACKEND_SETTINGS = {
    "standard_conforming_strings": "off",
    "escape_string_warning": "off",
    "backslash_quote": "on",
    "IntervalStyle": "postgres",
    "bytea_output": "hex",
    "rs.query_group": "default",
    "rs.enable_case_sensitive_identifier": "off",
}

# Changes that PostgreSQL reports later and Redshift would report too.
LATER_STATUS = {
    "client_encoding": "client_encoding",
    "DateStyle": "datestyle",
    "TimeZone": "TimeZone",
    "is_superuser": "is_superuser",
    "session_authorization": "session_authorization",
}

STRICT_FLOAT_DIGITS = 2
MAX_TEXT = 16 * 1024 * 1024
MAX_PARAMETERS = 32767
HIGH_WATER = 1 << 20
AUTH_TIMEOUT = 60

u32 = struct.Struct("!I").unpack_from


def message(kind, body=b""):
    return kind + struct.pack("!I", len(body) + 4) + body


def error_message(severity, state, text, kind=b"E"):
    fields = (b"S" + severity.encode() + b"\0C" + state.encode() + b"\0M" + text.encode() +
              b"\0Fstandin.c\0L1\0Rstandin\0\0")
    return message(kind, fields)


def quote_ident(name):
    return '"' + name.replace('"', '""') + '"'


def quote_literal(text):
    return "'" + text.replace("'", "''") + "'"


class PgError(Exception):
    """The back end refused; fields by their code, raw message for passing on."""

    def __init__(self, body):
        self.body = body
        self.fields = parse_fields(body)
        super().__init__(self.fields.get("M", "error"))


def parse_fields(body):
    fields = {}
    for part in body.split(b"\0"):
        if part:
            fields[chr(part[0])] = part[1:].decode("utf-8", "replace")
    return fields


class Ending(Exception):
    """Ends a connection: how is close, reset or hang; orderly when it is no fault."""

    def __init__(self, how, why, orderly=False):
        self.how, self.why, self.orderly = how, why, orderly
        super().__init__(why)


# --------------------------------------------------------------------------
# Faults

class Fault:
    """point=action, where point may carry a row number and action a value."""

    POINTS = ("before-auth", "after-statuses", "row", "mid-row", "before-complete",
              "before-ready", "cancel")
    ACTIONS = ("close", "reset", "hang", "slow", "garbage", "error", "byte", "cut")

    def __init__(self, text):
        self.text = text
        parts = text.strip().split("=", 2)
        self.point = parts.pop(0)
        if self.point not in self.POINTS:
            raise ValueError("unknown fault point %r" % self.point)
        self.number = 0
        if self.point in ("row", "mid-row"):
            if not parts or not parts[0].isdigit():
                raise ValueError("%s wants a row number" % self.point)
            self.number = int(parts.pop(0))
            parts = "=".join(parts).split("=", 1)
        self.action = parts[0] if parts else ""
        self.value = "=".join(parts[1:])
        if self.action not in self.ACTIONS:
            raise ValueError("unknown fault action %r" % self.action)
        if self.action in ("slow", "cut") and not self.value.isdigit():
            raise ValueError("%s wants a number" % self.action)


def parse_faults(text):
    return [Fault(part) for part in text.split("&") if part.strip()]


class FaultSet:
    def __init__(self, faults):
        self.faults = list(faults)
        self.rows = {f.number: f for f in self.faults if f.point == "row"}
        self.mid_rows = {f.number: f for f in self.faults if f.point == "mid-row"}
        self.points = {f.point: f for f in self.faults if f.point not in ("row", "mid-row")}
        # Whether result messages must be looked at one by one.
        self.in_result = bool(self.rows or self.mid_rows or "before-complete" in self.points)

    def with_more(self, faults):
        return FaultSet(self.faults + list(faults))


# --------------------------------------------------------------------------
# What Redshift refuses, by the first word of a statement

FIRST_WORD = re.compile(rb"(?:\s+|--[^\n]*(?:\n|$)|/\*.*?\*/|\()*([A-Za-z_]+)", re.S)
LITERALS = re.compile(rb"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/|"
                      rb"\$([A-Za-z_]*)\$.*?\$\1\$", re.S)

# The back end itself must raise the error, so that order and transaction state
# are right: the text is replaced by a name that does not exist, and the answer
# is rewritten on its way back.
REFUSAL_MARK = b"rs-refusal:"
UNKNOWN_COLUMN = re.compile(rb'rs-refusal:(\d+)')


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


# --------------------------------------------------------------------------
# The back end

class Backend:
    """One PostgreSQL session over the unix socket, trusted."""

    def __init__(self, path, parameters):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.statuses = {}
        self.pid = self.key = 0
        self.notices = []
        try:
            self.sock.settimeout(AUTH_TIMEOUT)
            self.sock.connect(path)
            body = struct.pack("!I", PROTOCOL_3)
            for name, value in parameters.items():
                body += name.encode() + b"\0" + value.encode() + b"\0"
            body += b"\0"
            self.sock.sendall(struct.pack("!I", len(body) + 4) + body)
            for kind, data in self.until_ready():
                if kind == b"S":
                    name, value = data.split(b"\0")[:2]
                    self.statuses[name.decode()] = value.decode()
                elif kind == b"K":
                    self.pid, self.key = struct.unpack("!II", data)
                elif kind == b"N":
                    self.notices.append(data)
        except BaseException:
            self.sock.close()
            raise

    def exact(self, count):
        data = bytearray()
        while len(data) < count:
            part = self.sock.recv(count - len(data))
            if not part:
                raise OSError("the back end closed the connection")
            data += part
        return bytes(data)

    def until_ready(self):
        failure = None
        while True:
            head = self.exact(5)
            data = self.exact(u32(head, 1)[0] - 4)
            kind = head[:1]
            if kind == b"E":
                failure = PgError(data)
                if failure.fields.get("S") in ("FATAL", "PANIC"):
                    raise failure
            elif kind == b"Z":
                if failure:
                    raise failure
                return
            else:
                yield kind, data

    def query(self, sql):
        """First columns of the rows of a simple query, as text."""
        self.sock.sendall(message(b"Q", sql.encode() + b"\0"))
        rows = []
        for kind, data in self.until_ready():
            if kind == b"D":
                length = struct.unpack_from("!i", data, 2)[0]
                rows.append(None if length < 0 else data[6:6 + length].decode())
        return rows

    def close(self):
        try:
            self.sock.sendall(message(b"X"))
        except OSError:
            pass
        self.sock.close()


# --------------------------------------------------------------------------

class Server:
    def __init__(self, options):
        self.options = options
        self.pg_path = os.path.join(options.pg_socket, ".s.PGSQL.%d" % options.pg_port)
        self.faults = FaultSet(options.fault)
        self.users = dict(USERS)
        if options.users:
            with open(options.users, encoding="utf-8") as file:
                self.users = json.load(file)
        self.lock = threading.Lock()
        self.connections = 0
        self.resume_left = options.resume
        self.cancel_keys = {}
        self.memberships = collections.Counter()
        self.ours = set()
        self.log_fd = None
        if options.log:
            self.log_fd = os.open(options.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self.context = None
        if not options.no_tls:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.minimum_version = ssl.TLSVersion.TLSv1_2
            self.context.load_cert_chain(options.cert, options.key)

    def log(self, conn, event, **more):
        if self.log_fd is None:
            return
        line = {"t": round(time.time(), 3), "inst": self.options.name,
                "conn": conn.number if conn else 0, "event": event}
        if conn:
            line["tls"] = conn.tls
        line.update(more)
        # One write per line: several stand-ins may share the file.
        os.write(self.log_fd, (json.dumps(line) + "\n").encode())

    def serve(self):
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.options.listen))
        listener.listen(128)
        print(listener.getsockname()[1], flush=True)
        while True:
            sock, _ = listener.accept()
            with self.lock:
                self.connections += 1
                conn = Connection(self, sock, self.connections)
            threading.Thread(target=conn.run, daemon=True).start()

    def admin(self):
        return Backend(self.pg_path, {"user": self.options.pg_superuser, "database": "postgres"})

    def procedure_modes(self, database, name):
        """Of each procedure of that name, a letter a parameter."""
        back = Backend(self.pg_path, {"user": self.options.pg_superuser, "database": database})
        try:
            return back.query("SELECT COALESCE(array_to_string(proargmodes, ''), "
                              "repeat('i', pronargs)) FROM pg_proc WHERE prokind = 'p' "
                              "AND lower(proname) = " + quote_literal(name))
        finally:
            back.close()

    def refuse_resume(self):
        with self.lock:
            if self.resume_left > 0:
                self.resume_left -= 1
                return True
        return False

    # Temporary passwords: one file each, written by the aws stand-in.

    def stored_passwords(self, user):
        store = self.options.password_store
        if not store:
            return
        for name in sorted(os.listdir(store)):
            if not name.endswith((".json", ".used")):
                continue
            path = os.path.join(store, name)
            try:
                with open(path, encoding="utf-8") as file:
                    entry = json.load(file)
            except (OSError, ValueError):
                continue
            if entry.get("user") == user:
                entry["path"] = path
                entry["used"] = name.endswith(".used")
                yield entry

    def take_password(self, entry):
        """Marks it used; a rename has one winner, also between processes."""
        if self.options.password_reuse:
            return True
        try:
            os.rename(entry["path"], entry["path"][:-len(".json")] + ".used")
            return True
        except FileNotFoundError:
            return False

    # Group memberships last as long as the sessions that asked for them.

    def join_groups(self, admin, role, groups):
        joined = []
        with self.lock:
            for group in groups:
                if not admin.query("SELECT 1 FROM pg_roles WHERE NOT rolcanlogin AND rolname = "
                                   + quote_literal(group)):
                    self.leave_groups_locked(admin, role, joined)
                    raise Refusal("42704", 'group "%s" does not exist' % group)
                pair = (role, group)
                if not self.memberships[pair] and not admin.query(
                        "SELECT 1 FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member "
                        "JOIN pg_roles g ON g.oid = m.roleid WHERE r.rolname = %s AND g.rolname = %s"
                        % (quote_literal(role), quote_literal(group))):
                    admin.query("GRANT %s TO %s" % (quote_ident(group), quote_ident(role)))
                    self.ours.add(pair)
                self.memberships[pair] += 1
                joined.append(group)
        return joined

    def leave_groups(self, role, groups):
        try:
            admin = self.admin()
        except (OSError, PgError):
            return
        try:
            with self.lock:
                self.leave_groups_locked(admin, role, groups)
        except (OSError, PgError):
            pass
        finally:
            admin.close()

    def leave_groups_locked(self, admin, role, groups):
        for group in groups:
            pair = (role, group)
            self.memberships[pair] -= 1
            if self.memberships[pair] == 0 and pair in self.ours:
                self.ours.discard(pair)
                admin.query("REVOKE %s FROM %s" % (quote_ident(group), quote_ident(role)))


class Tail:
    """The begun message at the end of a buffer, until the rest of it has come.

    Joining it with each new piece would be quadratic for a large message.
    """

    def __init__(self):
        self.data = bytearray()
        self.need = 0

    def keep(self, data):
        self.data = bytearray(data)
        self.need = 1 + u32(data, 1)[0] if len(data) >= 5 else 5

    def complete(self, data):
        """All bytes so far, or None while the message is not whole."""
        if not self.data:
            return data
        self.data += data
        if len(self.data) < self.need:
            return None
        whole = bytes(self.data)
        self.data = bytearray()
        return whole


class Connection:
    def __init__(self, server, sock, number):
        self.server = server
        self.options = server.options
        self.sock = sock
        self.number = number
        self.tls = False
        self.clear_bytes = 0
        self.clear_kinds = []
        self.password_clear_bytes = 0
        self.bytes_in = self.bytes_out = 0
        self.kinds = collections.Counter()
        self.out = collections.deque()
        self.out_size = 0
        self.to_back = collections.deque()
        self.to_back_size = 0
        self.one_byte = False
        self.cut_left = None
        self.session_faults = server.faults
        self.faults = server.faults
        self.rows = 0
        self.swallow = False
        self.cursor = None
        self.refusals = []
        self.levels = None
        self.statement_faults = {}
        self.backend = None
        self.database = ""
        self.role = None
        self.groups = []
        self.cancel_pair = None
        self.client_tail = Tail()
        self.client_skip = 0
        self.back_tail = Tail()
        self.back_skip = 0
        self.started = time.time()

    def log(self, event, **more):
        self.server.log(self, event, **more)

    # Life

    def run(self):
        why = "done"
        orderly = True
        self.log("accept")
        try:
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.sock.settimeout(AUTH_TIMEOUT)
            if self.start():
                why = self.relay()
        except Ending as end:
            why = end.why
            orderly = end.orderly
            self.end(end.how)
        except (OSError, ssl.SSLError) as error:
            why = "%s: %s" % (type(error).__name__, error)
        except Exception as error:  # a bug here must show in the log, not vanish
            why = "bug: %r" % error
            import traceback
            traceback.print_exc()
        finally:
            with self.server.lock:
                self.server.cancel_keys.pop(self.cancel_pair, None)
            if orderly and self.tls:
                self.say_goodbye()
            self.sock.close()
            if self.backend:
                self.backend.close()
            if self.groups:
                self.server.leave_groups(self.role, self.groups)
            self.log("close", why=why, clear_bytes=self.clear_bytes, clear_kinds=self.clear_kinds,
                     password_clear_bytes=self.password_clear_bytes, bytes_in=self.bytes_in,
                     bytes_out=self.bytes_out, messages=dict(self.kinds),
                     seconds=round(time.time() - self.started, 3))

    def say_goodbye(self):
        """TLS's close_notify, without waiting for the client's."""
        try:
            self.sock.setblocking(False)
            self.sock.unwrap()
        except (OSError, ssl.SSLError, ValueError):
            pass

    def end(self, how):
        if how == "reset":
            try:
                self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            except OSError:
                pass
        elif how == "hang":
            # Silent but alive: what the client sends is read and forgotten.
            try:
                self.sock.settimeout(600)
                while self.sock.recv(65536):
                    pass
            except OSError:
                pass

    # Output to the client

    def emit(self, data):
        if not data:
            return
        if self.cut_left is not None:
            if len(data) >= self.cut_left:
                self.put(data[:self.cut_left])
                self.flush()
                raise Ending("close", "fault cut")
            self.cut_left -= len(data)
        self.put(data)

    def put(self, data):
        if data:
            self.out.append(bytes(data))
            self.out_size += len(data)

    def flush(self):
        """Sends all that waits, however long it takes."""
        self.sock.settimeout(AUTH_TIMEOUT)
        while self.out:
            chunk = self.out[0]
            if self.one_byte:
                for at in range(len(chunk)):
                    self.sock.sendall(chunk[at:at + 1])
                    time.sleep(0.00005)
            else:
                self.sock.sendall(chunk)
            self.bytes_out += len(chunk)
            self.out_size -= len(chunk)
            self.out.popleft()

    def fatal(self, state, text):
        self.emit(error_message("FATAL", state, text))
        self.flush()
        raise Ending("close", "refused: " + text, True)

    # Input from the client before the relay

    def exact(self, count):
        data = bytearray()
        while len(data) < count:
            part = self.sock.recv(count - len(data))
            if not part:
                raise Ending("close", "the client closed" if not data else "the client cut a message")
            data += part
            self.count_in(len(part))
        return bytes(data)

    def count_in(self, count):
        self.bytes_in += count
        if not self.tls:
            self.clear_bytes += count

    def kind_seen(self, kind):
        if not self.tls and kind not in self.clear_kinds:
            self.clear_kinds.append(kind)

    def start(self):
        while True:
            first = self.exact(4)
            if first[0] == 0x16:
                raise Ending("close", "TLS without SSLRequest")
            length = u32(first)[0]
            if length < 8 or length > 1 << 20:
                raise Ending("close", "malformed first message")
            body = self.exact(length - 4)
            code = u32(body)[0]
            if code == SSL_REQUEST and length == 8:
                self.kind_seen("ssl_request")
                self.start_tls()
            elif code == GSSENC_REQUEST:
                self.kind_seen("gss_request")
                self.log("gss_request")
                raise Ending("close", "GSSENCRequest")
            elif code == CANCEL_REQUEST and length == 16:
                self.kind_seen("cancel")
                self.cancel(*struct.unpack("!II", body[4:]))
                return False
            elif code == PROTOCOL_3:
                self.kind_seen("startup")
                self.startup(body[4:])
                return True
            else:
                self.fatal("0A000", "unsupported frontend protocol %d.%d: server supports 3.0 to 3.0"
                           % (code >> 16, code & 0xffff))

    def early_bytes(self):
        """Bytes that the client sent without waiting for our answer."""
        ready = select.select([self.sock], [], [], 0)[0]
        return len(self.sock.recv(4096, socket.MSG_PEEK)) if ready else 0

    def start_tls(self):
        early = self.early_bytes()
        offered = self.server.context is not None and not self.tls
        self.log("ssl_request", answer="S" if offered else "N", early_bytes=early)
        if not offered:
            self.emit(b"N")
            self.flush()
            return
        self.emit(b"S")
        self.flush()
        self.sock.settimeout(AUTH_TIMEOUT)
        try:
            self.sock = self.server.context.wrap_socket(self.sock, server_side=True)
        except (OSError, ssl.SSLError) as error:
            self.log("tls_fail", reason=str(error), clear_bytes=self.clear_bytes,
                     clear_kinds=self.clear_kinds)
            raise
        self.tls = True
        self.log("tls", version=self.sock.version(), cipher=self.sock.cipher()[0],
                 clear_bytes=self.clear_bytes, clear_kinds=self.clear_kinds)

    def cancel(self, pid, key):
        with self.server.lock:
            target = self.server.cancel_keys.get((pid, key))
        self.log("cancel", pid=pid, matched=target is not None,
                 target=target[0] if target else None)
        fault = self.server.faults.points.get("cancel")
        if target and target[3].faults.points.get("cancel"):
            fault = target[3].faults.points["cancel"]
        if fault:
            self.act(fault)
        if target:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
                sock.settimeout(AUTH_TIMEOUT)
                sock.connect(self.server.pg_path)
                sock.sendall(struct.pack("!IIII", 16, CANCEL_REQUEST, target[1], target[2]))
                sock.recv(1)

    # Start-up

    def startup(self, body):
        texts = [part.decode("utf-8", "replace") for part in body.split(b"\0")]
        while texts and texts[-1] == "":
            texts.pop()
        if len(texts) % 2:
            texts.append("")
        sent = dict(zip(texts[::2], texts[1::2]))
        self.log("startup", parameters=sent)
        if self.server.refuse_resume():
            self.fatal("57P03", "the cluster is resuming, try again later")
        asked, refusal = self.settings(sent)
        self.take_name_faults(asked.get("application_name", ""))
        if refusal:
            self.fatal(*refusal)
        self.point("before-auth")
        user = sent.get("user", "")
        if not user and "idp_type" not in sent:
            self.fatal("28000", "no user name was given in the start-up packet")
        database = self.database = sent.get("database") or user
        self.authenticate(user, database)
        self.emit(message(b"R", struct.pack("!I", 0)))
        parameters = {"user": self.role, "database": database}
        parameters.update(BACKEND_SETTINGS)
        parameters.update(asked)
        try:
            self.backend = Backend(self.server.pg_path, parameters)
        except PgError as error:
            self.log("backend_refused", state=error.fields.get("C"), text=error.fields.get("M"))
            self.emit(self.error_out(b"E", error.body))
            self.flush()
            raise Ending("close", "the back end refused", True) from None
        level = redshift_levels.granted(sent, self.options.level_max)
        if level:
            self.levels = redshift_levels.Levels(level, database, self.look_up,
                                                 dict(self.options.status).get("case_sensitive") != "off")
        self.greet("client_encoding" in asked, level)

    def settings(self, sent):
        """What the back end is to be started with, and a refusal or None."""
        asked = {}

        def check(name, value, known):
            target = known.get(name.lower(), "?")
            if target == "?":
                if self.options.startup_strict:
                    return "42704", 'unrecognized configuration parameter "%s"' % name
                return None
            if target == "extra_float_digits":
                try:
                    digits = int(value)
                except ValueError:
                    return "22023", 'parameter "extra_float_digits" requires an integer value'
                if not -15 <= digits <= STRICT_FLOAT_DIGITS:
                    return "22023", ('%d is outside the valid range for parameter '
                                     '"extra_float_digits" (-15 .. %d)' % (digits, STRICT_FLOAT_DIGITS))
            if target:
                asked[target] = value
            return None

        for name, value in sent.items():
            refusal = check(name, value, STARTUP)
            if refusal:
                return asked, refusal
        for item in split_options(sent.get("options", "")):
            if item is None:
                return asked, ("42601", "invalid command-line argument in start-up options")
            refusal = check(item[0], item[1], OPTIONS)
            if refusal:
                return asked, refusal
        return asked, None

    def take_name_faults(self, name):
        at = name.find("rs-fault:")
        if at >= 0:
            try:
                self.session_faults = self.faults = self.server.faults.with_more(
                    parse_faults(name[at + len("rs-fault:"):]))
            except ValueError as error:
                self.fatal("22023", str(error))

    # Authentication

    def authenticate(self, user, database):
        temporary = user.startswith(("IAM:", "IAMA:"))
        known = self.server.users.get(user)
        code = self.options.auth
        if code is None:
            code = redshift_auth.CLEAR if temporary else known["auth"] if known else redshift_auth.MD5
            code = code if user else redshift_auth.TOKEN
        proof = self.ask(code, known)
        if not user:
            # The token says who it is.
            user = next((name for name, entry in self.server.users.items()
                         if entry["auth"] == code and proof(name, entry["password"])), "")
            known = self.server.users.get(user)
        if temporary:
            self.authenticate_iam(user, database, proof)
            return
        if proof and not (known and proof(user, known["password"])):
            self.log("auth_fail", user=user, reason="wrong password" if known else "unknown user")
            self.fatal("28000", 'password authentication failed for user "%s"' % user)
        self.role = (known or {}).get("role", user)
        self.log("auth_ok", user=user, role=self.role)

    def ask(self, code, known):
        """Makes the request, reads the answer; a function (user, password) -> right?"""
        if code == redshift_auth.OK:
            self.log("auth_request", auth=code)
            return None
        request = redshift_auth.make_request(code, self.options, known)
        self.log("auth_request", auth=code)
        self.emit(message(b"R", request.body()))
        self.flush()
        head = self.exact(5)
        length = u32(head, 1)[0] - 4
        if head[:1] not in (b"p", b"d", b"i") or not 0 <= length <= 1 << 20:
            raise Ending("close", "no password message")
        answer = self.exact(length)
        self.kind_seen("password")
        if not self.tls:
            self.password_clear_bytes += length
        self.log("password", length=length, kind=head[:1].decode())
        if head[:1] != request.kind:
            return lambda user, password: False
        return lambda user, password: request.is_right(answer, user, password)

    def authenticate_iam(self, user, database, proof):
        reason = "unknown password"
        entry = None
        for entry in self.server.stored_passwords(user):
            if proof and not proof(user, entry["password"]):
                continue
            if entry["used"]:
                reason = "used"
            elif entry["expires"] <= time.time():
                reason = "expired"
            elif entry.get("db") and entry["db"] != database:
                reason = "other database"
            elif not self.server.take_password(entry):
                reason = "used"
            else:
                reason = None
                break
        if reason:
            self.log("auth_fail", user=user, reason=reason)
            self.fatal("28000", 'password authentication failed for user "%s"' % user)
        role = user.split(":", 1)[1]
        created = False
        admin = self.server.admin()
        try:
            if not admin.query("SELECT 1 FROM pg_roles WHERE rolname = " + quote_literal(role)):
                if not user.startswith("IAMA:"):
                    raise Refusal("28000", 'user "%s" does not exist' % role)
                try:
                    admin.query("CREATE ROLE %s LOGIN" % quote_ident(role))
                    created = True
                except PgError as error:
                    if error.fields.get("C") != "42710":
                        raise
            self.role = role
            self.groups = self.server.join_groups(admin, role, entry.get("groups") or [])
        except Refusal as refusal:
            self.log("auth_fail", user=user, reason=refusal.text)
            self.fatal(refusal.state, refusal.text)
        finally:
            admin.close()
        self.log("auth_ok", user=user, role=role, groups=self.groups, created=created)

    def look_up(self, sql):
        back = Backend(self.server.pg_path, {"user": self.options.pg_superuser,
                                             "database": self.database})
        try:
            return back.query(sql)
        finally:
            back.close()

    def greet(self, encoding_asked, level):
        reported = self.backend.statuses
        statuses = {
            "server_version": "8.0.2",
            "server_encoding": "UNICODE",
            "client_encoding": reported.get("client_encoding", "UTF8") if encoding_asked
                               else "UNICODE",
            "datestyle": reported.get("DateStyle", "ISO, MDY"),
            "TimeZone": reported.get("TimeZone", "UTC"),
            "timezone_abbreviations": "Default",
            "integer_datetimes": "on",
            "is_superuser": reported.get("is_superuser", "off"),
            "session_authorization": self.role,
            "padb_version": "1.0.99999",
            "padb_revision": "test",
            "max_numeric_precision": "38",
            "max_varchar_size": "65535",
            "datashare_enabled": "on",
            "external_database": "off",
            "show_discovery": "4",
            "case_sensitive": "on",
            "session_id": str(uuid.uuid4()),
            "server_protocol_version": str(level),
        }
        for name, value in self.options.status:
            statuses[name] = value
        for name in self.options.no_status:
            statuses.pop(name, None)
        for name, value in statuses.items():
            self.emit(message(b"S", name.encode() + b"\0" + value.encode() + b"\0"))
        self.point("after-statuses")
        pair = (secrets.randbelow(1 << 30) + 1, secrets.randbits(32))
        with self.server.lock:
            self.server.cancel_keys[pair] = (self.number, self.backend.pid, self.backend.key, self)
        self.cancel_pair = pair
        self.emit(message(b"K", struct.pack("!II", *pair)))
        for notice in self.backend.notices:
            self.emit(self.error_out(b"N", notice))
        self.emit(message(b"Z", b"I"))
        self.flush()

    # Faults

    def point(self, name):
        fault = self.faults.points.get(name)
        if fault:
            self.act(fault, before_ready=name == "after-statuses" or name == "before-auth")

    def act(self, fault, before_ready=False):
        self.log("fault", fault=fault.text)
        if fault.action in ("close", "reset", "hang"):
            self.flush()
            raise Ending(fault.action, "fault " + fault.text)
        if fault.action == "slow":
            self.flush()
            time.sleep(int(fault.value) / 1000)
        elif fault.action == "garbage":
            # An unknown type with an absurd length, then noise.
            self.emit(b"\x00\x7f\xff\xff\xff" + bytes(range(128, 192)))
            self.flush()
        elif fault.action == "error":
            state, _, text = fault.value.partition(":")
            deadly = before_ready or state.startswith("57P")
            if deadly:
                self.fatal(state, text)
            self.emit(error_message("ERROR", state, text))
            self.swallow = True
        elif fault.action == "byte":
            self.flush()
            self.one_byte = True
        elif fault.action == "cut":
            self.flush()
            self.cut_left = int(fault.value)
            if self.cut_left == 0:
                raise Ending("close", "fault cut")

    # Relay

    def relay(self):
        client, back = self.sock, self.backend.sock
        client.setblocking(False)
        back.setblocking(False)
        poller = select.poll()
        client_fd, back_fd = client.fileno(), back.fileno()
        interest = {}
        last = time.monotonic()
        idle = self.options.idle_drop
        while True:
            client_events = 0 if self.to_back_size > HIGH_WATER else select.POLLIN
            if self.out:
                client_events |= select.POLLOUT
            back_events = 0 if self.out_size > HIGH_WATER else select.POLLIN
            if self.to_back:
                back_events |= select.POLLOUT
            for fd, events in ((client_fd, client_events), (back_fd, back_events)):
                if interest.get(fd) != events:
                    poller.register(fd, events)
                    interest[fd] = events
            wait = None
            if idle:
                wait = max(0, last + idle - time.monotonic()) * 1000
            if self.tls and client_events & select.POLLIN and client.pending():
                wait = 0
            ready = dict(poller.poll(wait))
            if idle and not ready and time.monotonic() - last >= idle:
                raise Ending("reset", "idle drop")
            last = time.monotonic()
            if back_events & select.POLLIN and ready.get(back_fd, 0) & (select.POLLIN | select.POLLHUP):
                try:
                    data = back.recv(262144)
                except BlockingIOError:
                    data = None
                if data == b"":
                    self.flush()
                    return "the back end closed"
                if data:
                    self.scan_backend(data)
                    client.setblocking(False)
            if client_events & select.POLLIN and (
                    ready.get(client_fd, 0) & (select.POLLIN | select.POLLHUP) or
                    self.tls and client.pending()):
                try:
                    data = client.recv(262144)
                except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                    data = None
                if data == b"":
                    return "the client closed"
                if data:
                    self.count_in(len(data))
                    self.scan_client(data)
            if ready.get(client_fd, 0) & (select.POLLERR | select.POLLNVAL):
                return "the client was reset"
            if not client_events & select.POLLIN and ready.get(client_fd, 0) & select.POLLHUP:
                return "the client closed"
            if not back_events & select.POLLIN and ready.get(back_fd, 0) & select.POLLHUP:
                time.sleep(0.01)  # it left, and a slow client still has rows to take
            if self.out:
                self.send_client()
            if self.to_back:
                self.send_back()

    def send_client(self):
        if self.one_byte:
            self.flush()
            self.sock.setblocking(False)
            return
        try:
            while self.out:
                chunk = self.out[0]
                sent = self.sock.send(chunk)
                self.bytes_out += sent
                self.out_size -= sent
                if sent < len(chunk):
                    self.out[0] = chunk[sent:]
                else:
                    self.out.popleft()
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            # TLS wants the very same chunk again, which is why it stays in place.
            pass

    def send_back(self):
        try:
            while self.to_back:
                chunk = self.to_back[0]
                sent = self.backend.sock.send(chunk)
                self.to_back_size -= sent
                if sent < len(chunk):
                    self.to_back[0] = chunk[sent:]
                else:
                    self.to_back.popleft()
        except BlockingIOError:
            pass

    def forward(self, data):
        if data:
            self.to_back.append(data)
            self.to_back_size += len(data)

    # Client to back end: only Q, P, F and very large B are looked into.

    def scan_client(self, data):
        if self.client_skip:
            if len(data) <= self.client_skip:
                self.client_skip -= len(data)
                self.forward(data)
                return
            self.forward(data[:self.client_skip])
            data = data[self.client_skip:]
            self.client_skip = 0
        data = self.client_tail.complete(data)
        if data is None:
            return
        pos = start = 0
        size = len(data)
        kinds = self.kinds
        while size - pos >= 5:
            kind = data[pos:pos + 1]
            length = u32(data, pos + 1)[0]
            end = pos + 1 + length
            inspect = kind in (b"Q", b"P", b"F") or kind == b"B" and (
                length > 4 * MAX_PARAMETERS or self.statement_faults) or self.levels is not None
            if inspect and end > size:
                break
            kinds[kind.decode("latin-1")] += 1
            if not self.tls:
                self.kind_seen(kind.decode("latin-1"))
            if inspect:
                changed = self.inspect(kind, data[pos + 5:end])
                if changed is not None:
                    self.forward(data[start:pos])
                    self.forward(changed)
                    start = end
            elif end > size:
                self.client_skip = end - size
                pos = size
                break
            pos = end
        self.forward(data[start:pos])
        self.client_tail.keep(data[pos:])

    def refused(self, refusal):
        self.refusals.append((refusal.state, refusal.text))
        return b'SELECT "' + REFUSAL_MARK + str(len(self.refusals) - 1).encode() + b'"'

    def inspect(self, kind, body):
        """The message to send instead, or None to leave it."""
        refusal = self.levels.client(kind, body) if self.levels else None
        if refusal:
            return message(b"P", b"\0" + self.refused(Refusal(*refusal)) + b"\0\0\0")
        if kind not in b"QPFB":
            return None
        if kind == b"Q":
            text = body.rstrip(b"\0")
            self.log("query", text=text[:200].decode("utf-8", "replace"))
            self.faults = self.query_faults(text) or self.session_faults
            try:
                changed = dialect(text, self, False)
            except Refusal as refusal:
                changed = self.refused(refusal)
            return None if changed is text else message(b"Q", changed + b"\0")
        if kind == b"P":
            name, _, rest = body.partition(b"\0")
            text, _, types = rest.partition(b"\0")
            self.log("parse", name=name.decode("utf-8", "replace"),
                     text=text[:200].decode("utf-8", "replace"))
            # They are to meet the execution, which may come long after.
            self.statement_faults.pop(name, None)
            faults = self.query_faults(text)
            if faults:
                self.statement_faults[name] = faults
            try:
                changed = dialect(text, self, True)
            except Refusal as refusal:
                changed = self.refused(refusal)
                types = b"\0\0"
            if changed is text:
                return None
            return message(b"P", name + b"\0" + changed + b"\0" + types)
        if kind == b"F":
            return message(b"Q", self.refused(Refusal("0A000", "function calls are not supported"))
                           + b"\0")
        portal_end = body.index(b"\0")
        at = body.index(b"\0", portal_end + 1) + 1
        self.faults = self.statement_faults.get(body[portal_end + 1:at - 1], self.session_faults)
        at += 2 + 2 * struct.unpack_from("!H", body, at)[0]
        count = struct.unpack_from("!H", body, at)[0]
        if count > MAX_PARAMETERS:
            text = self.refused(Refusal("54000", "too many parameters: %d (at most %d)"
                                        % (count, MAX_PARAMETERS)))
            return message(b"P", b"\0" + text + b"\0\0\0")
        return None

    def query_faults(self, text):
        at = text.find(b"rs-fault:")
        if at < 0:
            return None
        words = re.split(rb"\*/|[\n']", text[at + len(b"rs-fault:"):])[0]
        try:
            return self.session_faults.with_more(parse_faults(words.decode("utf-8", "replace")))
        except ValueError as error:
            self.log("bad_fault", text=str(error))
            return None

    # Back end to client

    def scan_backend(self, data):
        if self.back_skip:
            if len(data) <= self.back_skip:
                self.back_skip -= len(data)
                self.emit(data)
                return
            self.emit(data[:self.back_skip])
            data = data[self.back_skip:]
            self.back_skip = 0
        data = self.back_tail.complete(data)
        if data is None:
            return
        pos = start = 0
        size = len(data)
        while size - pos >= 5:
            kind = data[pos]
            end = pos + 1 + u32(data, pos + 1)[0]
            careful = self.faults.in_result or self.swallow or self.levels is not None
            if kind not in b"SENZCGHW" and not careful:
                # Rows and all that Redshift sends as PostgreSQL does.
                if end > size:
                    self.back_skip = end - size
                    pos = size
                    break
                pos = end
                continue
            if end > size:
                break
            self.emit(data[start:pos])
            self.careful_message(bytes((kind,)), data[pos:end])
            start = pos = end
        self.emit(data[start:pos])
        self.back_tail.keep(data[pos:])

    def careful_message(self, kind, whole):
        if self.levels:
            whole = self.levels.backend(kind, whole)
        if kind == b"S":
            name, value = whole[5:].split(b"\0")[:2]
            name = LATER_STATUS.get(name.decode())
            if name and name not in self.options.no_status:
                self.emit(message(b"S", name.encode() + b"\0" + value + b"\0"))
            return
        if kind == b"Z":
            if whole[5:6] == b"I":
                self.cursor = None
            self.rows = 0
            self.point("before-ready")
            self.swallow = False
            self.faults = self.session_faults
            self.emit(whole)
            return
        if self.swallow:
            return
        if kind == b"D":
            self.rows += 1
            fault = self.faults.rows.get(self.rows)
            if fault:
                self.act(fault)
                if self.swallow:
                    return
            fault = self.faults.mid_rows.get(self.rows)
            if fault:
                half = len(whole) // 2
                self.emit(whole[:half])
                self.act(fault)
                self.emit(whole[half:])
                return
        elif kind == b"C":
            self.rows = 0
            self.point("before-complete")
            if self.swallow:
                return
        elif kind in (b"E", b"N"):
            whole = self.error_out(kind, whole[5:])
        self.emit(whole)

    def error_out(self, kind, body):
        """PostgreSQL's error as Redshift words it: no V field, own texts."""
        if REFUSAL_MARK in body:
            number = int(UNKNOWN_COLUMN.search(body).group(1))
            return error_message("ERROR", *self.refusals[number], kind=kind)
        cancelled = b"\0C57014\0" in b"\0" + body
        fields = []
        for part in body.split(b"\0"):
            if not part or part[:1] == b"V":
                continue
            if cancelled and part[:1] == b"M":
                part = b"MQuery (123) cancelled on user's request"
            fields.append(part + b"\0")
        return message(kind, b"".join(fields) + b"\0")


def split_options(text):
    """(name, value) pairs of a start-up `options` string; None for what is no -c."""
    words, word, quoted, any_char = [], "", False, False
    for char in text:
        if quoted:
            word += char
            quoted = False
        elif char == "\\":
            quoted = any_char = True
        elif char.isspace():
            if any_char:
                words.append(word)
            word, any_char = "", False
        else:
            word += char
            any_char = True
    if any_char:
        words.append(word)
    pairs = []
    at = 0
    while at < len(words):
        word = words[at]
        if word == "-c" and at + 1 < len(words):
            at += 1
            word = words[at]
        elif word.startswith("-c") and len(word) > 2:
            word = word[2:]
        elif word.startswith("--"):
            word = word[2:]
        else:
            word = ""
        at += 1
        name, equals, value = word.partition("=")
        # As PostgreSQL does, a dash in the name stands for an underscore.
        pairs.append((name.replace("-", "_"), value) if name and equals else None)
    return pairs


# --------------------------------------------------------------------------

def name_value(text):
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError("expected name=value")
    return name, value


def fault_option(text):
    try:
        return Fault(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def parse_arguments():
    parser = argparse.ArgumentParser(description="Redshift stand-in; prints its port, then serves.")
    parser.add_argument("--pg-socket", required=True, help="folder of PostgreSQL's unix socket")
    parser.add_argument("--pg-port", type=int, default=5432)
    parser.add_argument("--pg-superuser", default="postgres")
    parser.add_argument("--listen", type=int, default=0, help="port on 127.0.0.1, 0 for any")
    parser.add_argument("--cert")
    parser.add_argument("--key")
    parser.add_argument("--no-tls", action="store_true", help="answer N to SSLRequest")
    parser.add_argument("--password-store", help="folder of temporary passwords")
    parser.add_argument("--password-reuse", action="store_true",
                        help="a temporary password may log in more than once")
    parser.add_argument("--users", help="JSON file: name -> {password, auth, role}")
    parser.add_argument("--log", help="JSON lines, appended")
    parser.add_argument("--name", default="redshift", help="name of this instance in the log")
    parser.add_argument("--startup-strict", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--auth", type=int, choices=redshift_auth.CODES,
                        help="request for every user")
    parser.add_argument("--salt", type=bytes.fromhex, metavar="HEX", help="of requests 5 and 13")
    parser.add_argument("--nonce", type=bytes.fromhex, metavar="HEX", help="of request 13")
    parser.add_argument("--digest-algorithm", type=int, metavar="N", help="of request 13")
    parser.add_argument("--auth-fault", choices=sorted(redshift_auth.FAULTS),
                        help="request 13 malformed so")
    parser.add_argument("--status", type=name_value, action="append", default=[],
                        metavar="NAME=VALUE")
    parser.add_argument("--no-status", action="append", default=[], metavar="NAME")
    parser.add_argument("--level-max", type=int, choices=range(4), default=0,
                        help="highest protocol level that is granted")
    parser.add_argument("--fault", type=fault_option, action="append", default=[],
                        metavar="POINT=ACTION")
    parser.add_argument("--resume", type=int, default=0, metavar="N",
                        help="refuse the first N logins with 57P03")
    parser.add_argument("--idle-drop", type=float, default=0, metavar="S",
                        help="reset sessions silent for S seconds")
    parser.add_argument("--stdin-eof", action="store_true", help="end when standard input closes")
    options = parser.parse_args()
    if not options.no_tls and not (options.cert and options.key):
        parser.error("--cert and --key, or --no-tls")
    return options


def main():
    options = parse_arguments()
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    if options.stdin_eof:
        def watch():
            while os.read(0, 4096):
                pass
            os._exit(0)
        threading.Thread(target=watch, daemon=True).start()
    try:
        Server(options).serve()
    except KeyboardInterrupt:
        pass
    except (OSError, ssl.SSLError, ValueError) as error:
        sys.exit("fake_redshift: %s" % error)


if __name__ == "__main__":
    main()
