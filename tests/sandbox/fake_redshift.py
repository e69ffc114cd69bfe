#!/usr/bin/python3
"""A stand-in for Amazon Redshift: a wire proxy in front of PostgreSQL.

To the client it speaks Redshift's dialect of protocol 3.0 (TLS by SSLRequest,
a white list of start-up parameters, Redshift's statuses, temporary IAM
passwords, Redshift's refusals); behind it is a plain PostgreSQL session over a
unix socket.  It can also misbehave on demand.  docs/standin.md says more.

One thread serves one connection, both directions: an SSL object must not be
read and written by two threads at once.  Buffers are scanned whole and rows
are passed on as they came, so that the stand-in does not limit speed tests.
"""

import os
import signal
import socket
import ssl
import sys
import threading
import time
import traceback

sys.dont_write_bytecode = True
from redshift_faults import Ending  # noqa: E402
from redshift_options import parse_arguments  # noqa: E402
from redshift_relay import Relay  # noqa: E402
from redshift_server import Server  # noqa: E402
from redshift_startup import Startup  # noqa: E402
from redshift_wire import AUTH_TIMEOUT  # noqa: E402


class Connection(Startup, Relay):
    """One client, from accept to close."""

    def __init__(self, server, sock, number):
        super().__init__(server, sock, number)
        self.started = time.time()

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
        Server(options, Connection).serve()
    except KeyboardInterrupt:
        pass
    except (OSError, ssl.SSLError, ValueError) as error:
        sys.exit("fake_redshift: %s" % error)


if __name__ == "__main__":
    main()
