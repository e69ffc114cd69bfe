"""From the first byte to ReadyForQuery: TLS, cancel requests, start-up parameters,
authentication and statuses of the redshift stand-in.
"""

import re
import secrets
import select
import socket
import ssl
import struct
import time
import uuid

import redshift_auth
import redshift_levels
from redshift_backend import BACKEND_SETTINGS, Backend, PgError
from redshift_channel import Channel
from redshift_dialect import Refusal
from redshift_faults import Ending, parse_faults
from redshift_wire import (AUTH_TIMEOUT, CANCEL_REQUEST, GSSENC_REQUEST, PROTOCOL_3, SSL_REQUEST,
                           message, quote_ident, quote_literal, u32)

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

STRICT_FLOAT_DIGITS = 2

# In application_name: rs-status:name=value, or rs-status:name to leave it out.
NAME_STATUS = re.compile(r"rs-status:(\w+)(?:(=)([^\s&]*))?")


def is_secret(name):
    """Nobody should send a password or a token here; the logs do not show it when somebody does."""
    return re.search("pass|pwd|secret|token$", name, re.I) is not None


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


class Startup(Channel):
    def __init__(self, server, sock, number):
        super().__init__(server, sock, number)
        self.password_clear_bytes = 0
        self.levels = None
        self.backend = None
        self.database = ""
        self.role = None
        self.groups = []
        self.cancel_pair = None
        self.name = ""
        self.no_status = set(self.options.no_status)
        self.knows_show = self.strict_leader = False
        self.show_limit = 0

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
        if target and target[3].running:
            target[3].stream_cancelled = True
        elif target:
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
        told = {name: "****" if is_secret(name) else value for name, value in sent.items()}
        self.log("startup", parameters=told)
        self.server.log_startup(told)
        if self.server.refuse_resume():
            self.fatal("57P03", "the cluster is resuming, try again later")
        asked, refusal = self.settings(sent)
        self.name = asked.get("application_name", "")
        self.take_name_faults(self.name)
        if refusal:
            self.fatal(*refusal)
        self.point("before-auth")
        user = sent.get("user", "")
        if not user and "idp_type" not in sent:
            self.fatal("28000", "no user name was given in the start-up packet")
        database = self.database = sent.get("database") or user
        self.token_type = sent.get("token_type", "")
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
        temporary = user.startswith(("IAM:", "IAMA:", "IAMR:"))
        known = self.server.users.get(user)
        code = self.options.auth
        if code is None:
            code = redshift_auth.CLEAR if temporary else known["auth"] if known else redshift_auth.MD5
            code = code if user else redshift_auth.TOKEN
        proof = self.ask(code, known)
        if not user:
            # The token says who it is.
            user = next((name for name, entry in self.server.users.items()
                         if entry["auth"] == code and self.is_his(name, entry, proof)), "")
            known = self.server.users.get(user)
        if temporary:
            self.authenticate_iam(user, database, proof)
            return
        if proof and not (known and self.is_his(user, known, proof)):
            self.log("auth_fail", user=user, reason="wrong password" if known else "unknown user")
            self.fatal("28000", 'password authentication failed for user "%s"' % user)
        self.role = (known or {}).get("role", user)
        self.log("auth_ok", user=user, role=self.role)

    def is_his(self, user, known, proof):
        """By what he always has, or a token of the kind it is said to be that was given out for him.
        A subject's is one that was given out."""
        if self.token_type != "SUBJECT_TOKEN" and proof(user, known["password"]):
            return True
        return any(proof(user, entry["password"]) and entry["expires"] > time.time()
                   for entry in self.server.stored_passwords(user)
                   if entry.get("token_type") == self.token_type)

    def ask(self, code, known):
        """Makes the request, reads the answer; a function (user, password) -> right?"""
        if code == redshift_auth.OK:
            self.log("auth_request", auth=code)
            return None
        fault = self.options.auth_fault
        if fault in redshift_auth.ENDINGS:
            raise Ending(redshift_auth.ENDINGS[fault], "--auth-fault")
        request = redshift_auth.make_request(code, self.options, known)
        self.log("auth_request", auth=request.code)
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
        if fault in redshift_auth.LATE_ENDINGS:
            raise Ending(redshift_auth.LATE_ENDINGS[fault], "--auth-fault")
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
                if not user.startswith(("IAMA:", "IAMR:")):
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
        marked = NAME_STATUS.findall(self.name)
        statuses.update((name, value) for name, sign, value in marked if sign)
        self.no_status.update(name for name, sign, _ in marked if not sign)
        for name in self.no_status:
            statuses.pop(name, None)
        self.knows_show = statuses.get("show_discovery", "0") >= "4"
        # No statuses, but asked for as such.
        self.strict_leader = statuses.pop("strict_leader", "off") == "on"
        self.show_limit = int(statuses.pop("show_limit", "10000"))
        for name, value in statuses.items():
            self.emit(message(b"S", name.encode() + b"\0" + value.encode() + b"\0"))
        self.point("after-statuses")
        pair = (self.backend.pid, secrets.randbits(32))
        with self.server.lock:
            self.server.cancel_keys[pair] = (self.number, self.backend.pid, self.backend.key, self)
        self.cancel_pair = pair
        self.emit(message(b"K", struct.pack("!II", *pair)))
        for notice in self.backend.notices:
            self.emit(self.error_out(b"N", notice))
        self.emit(message(b"Z", b"I"))
        self.flush()
