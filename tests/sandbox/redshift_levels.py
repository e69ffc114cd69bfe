"""Redshift's protocol levels, for the stand-in: what RowDescription says more from
level 1 on, and NUMERIC as an integer in binary from level 2 on.

The back end answers in the order it was asked, so that a queue of what was asked
tells which statement a description or a row belongs to.
"""

import collections
import json
import re
import struct

MARK = re.compile(r"rs-level:([0-3])")
NUMERIC = 1700
# In binary from level 2 on: DATE, TIME, TIMETZ, NUMERIC.
LATE = {1082, 1083, 1266, NUMERIC}
TEXTS = {18, 19, 25, 1042, 1043}
NOT_NULL, CASE_SENSITIVE, IDENTITY, SEARCHABLE = 0x0001, 0x0002, 0x0010, 0x1000
SHORT_PRECISION = 18

COLUMN = ("SELECT json_build_array(n.nspname, c.relname, a.attname, a.attnotnull, "
          "a.attidentity <> '') FROM pg_catalog.pg_attribute a "
          "JOIN pg_catalog.pg_class c ON c.oid = a.attrelid "
          "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
          "WHERE a.attrelid = %d AND a.attnum = %d")


def granted(sent, most):
    """The level of a session.  rs-level:N in application_name is the most that it may have, and
    what a client gets that asks for none: libpq cannot ask."""
    mark = MARK.search(sent.get("application_name", ""))
    if mark:
        most = int(mark.group(1))
    asked = sent.get("client_protocol_version", "")
    if not asked.isdigit():
        return most if mark else 0
    return min(int(asked), most)


def to_integer(value, typmod):
    """PostgreSQL's binary NUMERIC as Redshift's."""
    count, weight, sign = struct.unpack_from("!hhH", value)
    if sign not in (0, 0x4000):
        raise ValueError("Redshift has no such NUMERIC")
    precision, scale = (typmod - 4) >> 16 & 0xFFFF, (typmod - 4) & 0xFFFF
    digits = struct.unpack_from("!%dh" % count, value, 8)
    number = 0
    for digit in digits:
        number = number * 10000 + digit
    power = 4 * (weight - count + 1) + scale
    number = number * 10 ** power if power >= 0 else number // 10 ** -power
    return (-number if sign else number).to_bytes(8 if precision <= SHORT_PRECISION else 16,
                                                  "big", signed=True)


class Levels:
    """What one session's level changes; look_up(sql) -> first columns of the rows."""

    def __init__(self, level, database, look_up, case_sensitive):
        self.level = level
        self.database = database
        self.look_up = look_up
        self.case_sensitive = case_sensitive
        self.asked = collections.deque()
        self.columns = {}     # statement -> (OID, modifier) of each column
        self.portals = {}     # portal -> statement, formats
        self.found = {}       # (table, number) -> what look_up gave
        self.recode = None    # modifiers of the NUMERICs in binary among the running result's columns

    # What the client asks

    def client(self, kind, body):
        """Takes note of a message; the texts of a refusal, or None."""
        if kind == b"Q":
            self.asked.append((b"Q",))
        elif kind == b"S":
            self.asked.append((b"S",))
        elif kind == b"P":
            self.columns.pop(body.split(b"\0", 1)[0], None)
        elif kind == b"B":
            return self.bind(body)
        elif kind == b"D":
            name = body[1:].rstrip(b"\0")
            if body[:1] == b"P":
                name = self.portals.get(name, (name, ()))[0]
            self.asked.append((b"D", name))
        elif kind == b"E":
            self.asked.append((b"E",) + self.portals.get(body.split(b"\0", 1)[0], (b"", ())))
        return None

    def bind(self, body):
        portal, statement, rest = body.split(b"\0", 2)
        at = 2 + 2 * struct.unpack_from("!H", rest)[0]
        count = struct.unpack_from("!H", rest, at)[0]
        at += 2
        for _ in range(count):
            at += 4 + max(0, struct.unpack_from("!i", rest, at)[0])
        count = struct.unpack_from("!H", rest, at)[0]
        formats = struct.unpack_from("!%dh" % count, rest, at + 2)
        columns = self.columns.get(statement, ())
        if len(formats) == 1:
            formats *= len(columns)
        self.portals[portal] = statement, formats
        for (oid, typmod), wanted in zip(columns, formats):
            if wanted == 1 and oid in LATE and self.level < 2:
                return "0A000", "binary output of type %d is not supported" % oid
            if wanted == 1 and oid == NUMERIC and typmod < 0:
                return "42846", "a numeric without precision has no binary form"
        return None

    # What the back end answers

    def backend(self, kind, whole):
        """The message for the client."""
        if kind == b"T":
            return self.describe(whole)
        if kind == b"n":
            self.drop_to(b"D")
        elif kind == b"D":
            return self.row(whole)
        elif kind in (b"C", b"s", b"I"):
            self.recode = None
            if self.asked and self.asked[0][0] != b"Q":
                self.drop_to(b"E")
        elif kind == b"Z":
            self.recode = None
            while self.asked and self.asked.popleft()[0] not in (b"S", b"Q"):
                pass
        return whole

    def drop_to(self, kind):
        entry = None
        while self.asked and self.asked[0][0] not in (b"S", b"Q"):
            entry = self.asked.popleft()
            if entry[0] == kind:
                return entry
        return None

    def describe(self, whole):
        count = struct.unpack_from("!H", whole, 5)[0]
        body, columns, at = bytearray(whole[5:7]), [], 7
        for _ in range(count):
            end = whole.index(b"\0", at) + 19
            table, number, oid, _, typmod, _ = struct.unpack_from("!IhIhih", whole, end - 18)
            columns.append((oid, typmod))
            body += whole[at:end] + self.more(table, number, oid)
            at = end
        entry = self.drop_to(b"D")
        if entry:
            self.columns[entry[1]] = columns
        return b"T" + struct.pack("!I", len(body) + 4) + bytes(body)

    def more(self, table, number, oid):
        flags = SEARCHABLE
        texts = ("", "", "", "")
        if table and number > 0:
            key = table, number
            if key not in self.found:
                rows = self.look_up(COLUMN % key)
                self.found[key] = json.loads(rows[0]) if rows else None
            if self.found[key]:
                schema, name, column, not_null, identity = self.found[key]
                texts = schema, name, column, self.database
                flags |= NOT_NULL * not_null | IDENTITY * identity
                if self.level >= 3 and self.case_sensitive and oid in TEXTS:
                    flags |= CASE_SENSITIVE
        return b"".join(text.encode() + b"\0" for text in texts) + struct.pack("!H", flags)

    def row(self, whole):
        if self.recode is None:
            entry = self.asked[0] if self.asked else (b"Q",)
            self.recode = {}
            if entry[0] == b"E":
                self.recode = {i: column[1] for i, (column, wanted) in enumerate(
                    zip(self.columns.get(entry[1], ()), entry[2]))
                               if wanted == 1 and column[0] == NUMERIC}
        if not self.recode:
            return whole
        body, at = bytearray(whole[5:7]), 7
        for i in range(struct.unpack_from("!H", whole, 5)[0]):
            length = struct.unpack_from("!i", whole, at)[0]
            value = whole[at + 4:at + 4 + max(0, length)]
            if length >= 0 and i in self.recode:
                value = to_integer(value, self.recode[i])
            body += struct.pack("!i", len(value) if length >= 0 else -1) + value
            at += 4 + max(0, length)
        return b"D" + struct.pack("!I", len(body) + 4) + bytes(body)
