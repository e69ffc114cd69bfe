"""The PostgreSQL behind the redshift stand-in: one session over its unix socket."""

import socket
import struct

import redshift_settings
from redshift_wire import AUTH_TIMEOUT, PROTOCOL_3, message, parse_fields, u32

BACKEND_SETTINGS = {
    "standard_conforming_strings": "off",
    "escape_string_warning": "off",
    "backslash_quote": "on",
    "IntervalStyle": "postgres",
    "bytea_output": "hex",
    **redshift_settings.AT_START,
}


class PgError(Exception):
    """The back end refused; fields by their code, raw message for passing on."""

    def __init__(self, body):
        self.body = body
        self.fields = parse_fields(body)
        super().__init__(self.fields.get("M", "error"))


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


