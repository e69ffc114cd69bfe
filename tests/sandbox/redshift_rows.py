"""Rows out of nothing for the redshift stand-in: SELECT * FROM rs.rows(n, width, delay_ms).

The back end is asked for no row of the same shape; the rows are made here and put before its
CommandComplete, so that millions of them cost no server anything.
"""

import re
import struct
import time

CALL = re.compile(rb"^\s*(?:/\*.*?\*/\s*)*SELECT\s+\*\s+FROM\s+rs\.rows\s*\(\s*(\d+)\s*,\s*(\d+)\s*"
                  rb"(?:,\s*(\d+)\s*)?\)\s*;?\s*$", re.I | re.S)
MAX_WIDTH = 65535
# Bytes that are made at once.
CHUNK = 1 << 16


def asked(text):
    """The Stream that the text asks for, or None."""
    found = CALL.match(text) if len(text) < 400 else None
    if not found:
        return None
    count, width, delay_ms = (int(group or 0) for group in found.groups())
    return Stream(count, width, delay_ms) if width <= MAX_WIDTH else None


class Stream:
    """What is left of one result: varchar number (from 1), varchar filler of width bytes."""

    def __init__(self, count, width, delay_ms):
        self.count, self.width, self.delay_ms = count, width, delay_ms
        self.sent = 0
        self.next_at = time.monotonic() + delay_ms / 1000
        filler = b"x" * width
        self.filler = struct.pack("!I", width) + filler

    def again(self):
        return Stream(self.count, self.width, self.delay_ms)

    def text(self):
        """What the back end is asked instead."""
        return (b"SELECT ''::varchar(20) AS number, ''::varchar(%d) AS filler WHERE false"
                % max(1, self.width))

    def wait(self):
        """Seconds until there is something to send."""
        return max(0, self.next_at - time.monotonic()) if self.delay_ms else 0

    def is_over(self):
        return self.sent == self.count

    def rows(self):
        """The messages that are due, not more than about CHUNK bytes."""
        if self.delay_ms:
            if self.wait() or self.is_over():
                return b""
            self.next_at += self.delay_ms / 1000
            return self.row()
        made = []
        size = 0
        while size < CHUNK and not self.is_over():
            made.append(self.row())
            size += len(made[-1])
        return b"".join(made)

    def row(self):
        self.sent += 1
        number = b"%d" % self.sent
        body = struct.pack("!HI", 2, len(number)) + number + self.filler
        return b"D" + struct.pack("!I", len(body) + 4) + body
