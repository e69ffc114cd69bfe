"""The least of PostgreSQL's protocol 3.0 that the redshift stand-in needs: messages, the
fields of an error, quoting, and the begun message at the end of a buffer.
"""

import struct

SSL_REQUEST = 80877103
GSSENC_REQUEST = 80877104
CANCEL_REQUEST = 80877102
PROTOCOL_3 = 196608
# Seconds for anything that is not the running session.
AUTH_TIMEOUT = 60

u32 = struct.Struct("!I").unpack_from


def message(kind, body=b""):
    return kind + struct.pack("!I", len(body) + 4) + body


def error_message(severity, state, text, kind=b"E", more=None):
    """more: further fields by their letters, None for what is not there."""
    fields = {"S": severity, "C": state, "M": text, "F": "standin.c", "L": "1", "R": "standin"}
    fields.update(more or {})
    return message(kind, b"".join(letter.encode() + value.encode() + b"\0"
                                  for letter, value in fields.items() if value is not None) + b"\0")


def quote_ident(name):
    return '"' + name.replace('"', '""') + '"'


def quote_literal(text):
    return "'" + text.replace("'", "''") + "'"


def parse_fields(body):
    fields = {}
    for part in body.split(b"\0"):
        if part:
            fields[chr(part[0])] = part[1:].decode("utf-8", "replace")
    return fields


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
