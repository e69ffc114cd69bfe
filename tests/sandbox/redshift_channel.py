"""The client's end of one connection to the redshift stand-in: bytes in and out, counted, and
faults acted out.  What is said, redshift_startup.py and redshift_relay.py know.
"""

import collections
import socket
import ssl
import struct
import time

from redshift_faults import Ending
from redshift_wire import AUTH_TIMEOUT, error_message


class Channel:
    def __init__(self, server, sock, number):
        self.server = server
        self.options = server.options
        self.sock = sock
        self.number = number
        self.tls = False
        self.clear_bytes = 0
        self.clear_kinds = []
        self.bytes_in = self.bytes_out = 0
        self.out = collections.deque()
        self.out_size = 0
        self.one_byte = False
        self.cut_left = None
        self.session_faults = server.faults
        self.faults = server.faults
        self.swallow = False

    def log(self, event, **more):
        self.server.log(self, event, **more)

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
