"""A small client of the redshift stand-in, and a stand-in of one's own, for tests.

ENV is filled by who uses it: the variables that `sandbox env` prints.
"""

import hashlib
import json
import os
import shutil
import socket
import ssl
import struct
import subprocess
import tempfile
import time

HERE = os.path.dirname(os.path.realpath(__file__))
ENV = {}


class ServerError(Exception):
    def __init__(self, body):
        self.fields = {chr(p[0]): p[1:].decode() for p in body.split(b"\0") if p}
        super().__init__("%(S)s %(C)s %(M)s" % self.fields)


def tls_context(ca=None):
    return ssl.create_default_context(cafile=ca or ENV["RS_CA_FILE"])


class Client:
    def __init__(self, port=None, user="rs_test", password=None, database="dev", tls=True,
                 distort=lambda *answer: answer, challenges=None, **parameters):
        self.distort = distort
        self.challenges = [] if challenges is None else challenges
        if password is None:
            password = ENV["RS_PG_PASSWORD"]
        self.port = int(port or ENV["RS_REDSHIFT_PORT"])
        self.tls = tls
        self.sock = socket.create_connection(("127.0.0.1", self.port), 60)
        self.statuses, self.requests = {}, []
        try:
            if tls:
                self.sock.sendall(struct.pack("!II", 8, 80877103))
                answer = self.sock.recv(1)
                if answer != b"S":
                    raise ConnectionError("no TLS: %r" % answer)
                self.sock = tls_context().wrap_socket(self.sock, server_hostname="localhost")
            body = struct.pack("!I", 196608)
            for name, value in {"user": user, "database": database, **parameters}.items():
                body += name.encode() + b"\0" + value.encode() + b"\0"
            self.sock.sendall(struct.pack("!I", len(body) + 5) + body + b"\0")
            self.login(user, password)
        except BaseException:
            self.sock.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sock.close()

    def exact(self, count):
        data = b""
        while len(data) < count:
            part = self.sock.recv(count - len(data))
            if not part:
                raise ConnectionError("closed after %d of %d bytes" % (len(data), count))
            data += part
        return data

    def message(self):
        head = self.exact(5)
        length = struct.unpack("!I", head[1:])[0]
        if not 4 <= length <= 1 << 24:
            raise ValueError("malformed message %r" % head)
        return head[:1], self.exact(length - 4)

    def send(self, kind, body=b""):
        self.sock.sendall(kind + struct.pack("!I", len(body) + 4) + body)

    def login(self, user, password):
        while True:
            kind, body = self.message()
            if kind == b"R":
                code = struct.unpack_from("!I", body)[0]
                self.requests.append(code)
                self.challenges.append(body)
                if code == 3:
                    self.send(b"p", password.encode() + b"\0")
                elif code == 5:
                    inner = hashlib.md5((password + user).encode()).hexdigest().encode()
                    self.send(b"p", b"md5" + hashlib.md5(inner + body[4:]).hexdigest().encode()
                              + b"\0")
                elif code == 13:
                    salt, nonce, own = body[12:28], body[32:48], os.urandom(16)
                    first = hashlib.sha256(password.encode() + salt).digest()
                    answer = (struct.pack("!I", 32) + hashlib.sha256(first + nonce + own).digest() +
                              struct.pack("!I", 16) + own)
                    self.send(*self.distort(b"d", answer))
                elif code == 14:
                    self.send(*self.distort(b"i", password.encode() + b"\0"))
            elif kind == b"S":
                name, value = body.split(b"\0")[:2]
                self.statuses[name.decode()] = value.decode()
            elif kind == b"K":
                self.pid, self.key = struct.unpack("!II", body)
            elif kind == b"E":
                raise ServerError(body)
            elif kind == b"Z":
                return

    def results(self):
        rows, failure = [], None
        while True:
            kind, body = self.message()
            if kind == b"D":
                row, at = [], 2
                for _ in range(struct.unpack_from("!H", body)[0]):
                    size = struct.unpack_from("!i", body, at)[0]
                    at += 4
                    row.append(None if size < 0 else body[at:at + size].decode())
                    at += max(size, 0)
                rows.append(row)
            elif kind == b"S":
                name, value = body.split(b"\0")[:2]
                self.statuses[name.decode()] = value.decode()
            elif kind == b"E":
                failure = ServerError(body)
            elif kind == b"Z":
                self.status = body
                if failure:
                    failure.rows = rows
                    raise failure
                return rows

    def query(self, text):
        self.send(b"Q", text.encode() + b"\0")
        return self.results()

    def parse(self, text):
        self.send(b"P", b"\0" + text.encode() + b"\0\0\0")

    def sync(self):
        self.send(b"S")
        return self.results()

    def execute(self, *values):
        body = b"\0\0\0\0" + struct.pack("!H", len(values))
        for value in values:
            body += struct.pack("!I", len(value)) + value.encode()
        self.send(b"B", body + b"\0\0")
        self.send(b"E", b"\0\0\0\0\0")

    def prepared(self, text, *values):
        self.parse(text)
        self.execute(*values)
        return self.sync()

    def cancel(self, tls):
        with socket.create_connection(("127.0.0.1", self.port), 10) as sock:
            if tls:
                sock.sendall(struct.pack("!II", 8, 80877103))
                assert sock.recv(1) == b"S"
                sock = tls_context().wrap_socket(sock, server_hostname="localhost")
            sock.sendall(struct.pack("!IIII", 16, 80877102, self.pid, self.key))
            assert sock.recv(1) == b""
            sock.close()


class StandIn:
    """A redshift stand-in of one's own, with options."""

    def __init__(self, *options, tls=True):
        self.folder = tempfile.mkdtemp(prefix="test-sandbox-")
        self.log_file = os.path.join(self.folder, "log")
        command = [os.path.join(HERE, "fake_redshift.py"), "--pg-socket", ENV["RS_PG_SOCKET"],
                   "--pg-port", ENV["RS_PG_PORT"], "--password-store", ENV["RS_PASSWORD_STORE"],
                   "--stdin-eof", "--log", self.log_file, *options]
        if tls:
            certs = os.path.dirname(ENV["RS_CA_FILE"])
            command += ["--cert", certs + "/good.pem", "--key", certs + "/good.key"]
        else:
            command.append("--no-tls")
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.port = int(self.process.stdout.readline())

    def __enter__(self):
        return self

    def log(self):
        return read_log(self.log_file)

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(60)
        self.process.stdout.close()
        shutil.rmtree(self.folder)


def read_log(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def log_until(path, wanted, limit=60):
    """Log lines once one of them is wanted: a close is logged after the fact."""
    end = time.monotonic() + limit
    while True:
        lines = read_log(path)
        if any(wanted(line) for line in lines) or time.monotonic() > end:
            return lines
        time.sleep(0.02)
