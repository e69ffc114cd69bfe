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
import os
import signal
import socket
import ssl
import sys
import threading
import time
import traceback

sys.dont_write_bytecode = True
import redshift_auth  # noqa: E402
from redshift_faults import Ending, Fault  # noqa: E402
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
        Server(options, Connection).serve()
    except KeyboardInterrupt:
        pass
    except (OSError, ssl.SSLError, ValueError) as error:
        sys.exit("fake_redshift: %s" % error)


if __name__ == "__main__":
    main()
