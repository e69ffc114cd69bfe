"""A running session of the redshift stand-in: both directions between the client and the
back end, scanned whole, with rows passed on as they came.
"""

import collections
import re
import select
import ssl
import struct
import time

import redshift_rows
from redshift_channel import Channel
from redshift_dialect import Refusal, dialect
from redshift_faults import Ending, parse_faults
from redshift_wire import Tail, error_message, message, u32

# Changes that PostgreSQL reports later and Redshift would report too.
LATER_STATUS = {
    "client_encoding": "client_encoding",
    "DateStyle": "datestyle",
    "TimeZone": "TimeZone",
    "is_superuser": "is_superuser",
    "session_authorization": "session_authorization",
}

MAX_PARAMETERS = 32767
HIGH_WATER = 1 << 20
# Seconds after which a stream looks whether it was cancelled.
STREAM_LOOK = 0.05
CANCELLED = "Query (123) cancelled on user's request"

# The back end itself must raise the error, so that order and transaction state
# are right: the text is replaced by a name that does not exist, and the answer
# is rewritten on its way back.
REFUSAL_MARK = b"rs-refusal:"
UNKNOWN_COLUMN = re.compile(rb'rs-refusal:(\d+)')


class Relay(Channel):
    def __init__(self, server, sock, number):
        super().__init__(server, sock, number)
        self.kinds = collections.Counter()
        self.to_back = collections.deque()
        self.to_back_size = 0
        self.rows = 0
        self.cursor = None
        self.loads = 0  # COPYs from S3 whose tag is still to come
        self.refusals = []
        self.statement_faults = {}
        self.client_tail = Tail()
        self.client_skip = 0
        self.back_tail = Tail()
        self.back_skip = 0
        # rs.rows: by statement name; asked for; running, and what the back end said after it.
        self.streams = {}
        self.stream = None
        self.running = None
        self.held = b""
        self.stream_cancelled = False
        self.breaking = self.dropping = False

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
            back_events = 0 if self.out_size > HIGH_WATER or self.running else select.POLLIN
            if self.to_back:
                back_events |= select.POLLOUT
            for fd, events in ((client_fd, client_events), (back_fd, back_events)):
                if interest.get(fd) != events:
                    poller.register(fd, events)
                    interest[fd] = events
            wait = None
            if idle:
                wait = max(0, last + idle - time.monotonic()) * 1000
            if self.running:
                pause = self.running.wait() if self.out_size <= HIGH_WATER else STREAM_LOOK
                wait = min(pause, STREAM_LOOK) * 1000
            if self.tls and client_events & select.POLLIN and client.pending():
                wait = 0
            ready = dict(poller.poll(wait))
            if idle and not ready and not self.running and time.monotonic() - last >= idle:
                raise Ending("reset", "idle drop")
            last = time.monotonic()
            if self.running:
                self.pump()
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

    def pump(self):
        """The next rows of a stream, or its end and what the back end said after it."""
        if self.stream_cancelled:
            self.emit(error_message("ERROR", "57014", CANCELLED))
            answer = b""
            self.breaking = True
        elif not self.running.is_over():
            if self.out_size <= HIGH_WATER:
                self.emit(self.running.rows())
            return
        else:
            answer = message(b"C", b"SELECT %d\0" % self.running.count)
        self.running = None
        self.stream_cancelled = False
        rest = answer + self.held[1 + u32(self.held, 1)[0]:]
        self.held = b""
        if rest:
            self.scan_backend(rest)

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
                length > 4 * MAX_PARAMETERS or self.statement_faults or self.streams) or self.levels is not None
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
        self.refusals.append(refusal)
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
            self.stream = redshift_rows.asked(text)
            if self.stream:
                return message(b"Q", self.stream.text() + b"\0")
            try:
                changed = dialect(text, self, False)
            except Refusal as refusal:
                changed = self.refused(refusal)
            return None if changed == text else message(b"Q", changed + b"\0")
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
            self.streams.pop(name, None)
            stream = redshift_rows.asked(text)
            if stream:
                self.streams[name] = stream
                return message(b"P", name + b"\0" + stream.text() + b"\0" + types)
            try:
                changed = dialect(text, self, True)
            except Refusal as refusal:
                changed = self.refused(refusal)
                types = b"\0\0"
            if changed == text:
                return None
            return message(b"P", name + b"\0" + changed + b"\0" + types)
        if kind == b"F":
            return message(b"Q", self.refused(Refusal("0A000", "function calls are not supported"))
                           + b"\0")
        portal_end = body.index(b"\0")
        at = body.index(b"\0", portal_end + 1) + 1
        self.faults = self.statement_faults.get(body[portal_end + 1:at - 1], self.session_faults)
        stream = self.streams.get(body[portal_end + 1:at - 1])
        if stream:
            self.stream = stream.again()
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
            careful = (self.faults.in_result or self.swallow or self.levels is not None or
                       self.options.info)
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
            if kind == ord("C") and self.stream and data[pos + 5:end] == b"SELECT 0\0":
                self.running, self.stream, self.held = self.stream, None, data[pos:]
                return
            self.careful_message(bytes((kind,)), data[pos:end])
            start = pos = end
        self.emit(data[start:pos])
        self.back_tail.keep(data[pos:])

    def careful_message(self, kind, whole):
        if self.breaking and kind == b"Z":
            self.breaking = False
            if whole[5:6] == b"T":
                # A cancelled stream aborts its transaction as any statement does.
                self.forward(message(b"Q", self.refused(Refusal("57014", CANCELLED)) + b"\0"))
                self.dropping = True
                return
        if self.dropping:
            if kind != b"Z":
                return
            self.dropping = False
        if self.levels:
            whole = self.levels.backend(kind, whole)
        if kind == b"S":
            name, value = whole[5:].split(b"\0")[:2]
            name = LATER_STATUS.get(name.decode())
            if name and name not in self.no_status:
                self.emit(message(b"S", name.encode() + b"\0" + value + b"\0"))
            return
        if kind == b"Z":
            if whole[5:6] == b"I":
                self.cursor = None
            self.rows = self.loads = 0
            self.stream = None
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
            if self.loads and whole[5:] == b"DO\0":
                self.loads -= 1
                whole = message(b"C", b"COPY\0")
            if self.options.no_select_count and whole[5:12] == b"SELECT ":
                whole = message(b"C", b"SELECT\0")
        elif kind == b"T" and self.options.info:
            self.emit(error_message("INFO", "00000", self.options.info, b"N"))
        elif kind in (b"E", b"N"):
            whole = self.error_out(kind, whole[5:])
        self.emit(whole)

    def error_out(self, kind, body):
        """PostgreSQL's error as Redshift words it: no V field, own texts."""
        if REFUSAL_MARK in body:
            refusal = self.refusals[int(UNKNOWN_COLUMN.search(body).group(1))]
            return error_message("ERROR", refusal.state, refusal.text, kind, refusal.more)
        cancelled = b"\0C57014\0" in b"\0" + body
        fields = []
        for part in body.split(b"\0"):
            if not part or part[:1] == b"V":
                continue
            if cancelled and part[:1] == b"M":
                part = b"M" + CANCELLED.encode()
            fields.append(part + b"\0")
        return message(kind, b"".join(fields) + b"\0")
