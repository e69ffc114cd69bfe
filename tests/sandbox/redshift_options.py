"""The command line of the redshift stand-in."""

import argparse

import redshift_auth
from redshift_faults import Fault

EPILOG = """\
One session is told otherwise in its application_name:
  rs-fault: POINT=ACTION   as --fault
  rs-status:NAME=VALUE     as --status; rs-status:NAME leaves that status out
  rs-level:N               as --level-max N, and N for a client that asks for no level
One statement: /* rs-fault: POINT=ACTION */ before its text.

Faults: %(points)s
        (row and mid-row with a number: row=3=close)
Actions: close, reset, hang, garbage, byte, slow=MS, cut=BYTES, error=STATE:TEXT
Several faults are joined by &.

Queries of its own:
  SELECT rs.fail('1023')                            an error of Redshift's, see redshift_errors.py
  SELECT * FROM rs.rows(count, width[, delay_ms])   rows that cost no server anything

Example, in front of the PostgreSQL that listens in /tmp/sock:
  fake_redshift.py --pg-socket /tmp/sock --cert server.pem --key server.key --listen 5439
""" % {"points": ", ".join(Fault.POINTS)}


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


def add_servers(parser):
    group = parser.add_argument_group("where it stands")
    group.add_argument("--pg-socket", required=True, metavar="FOLDER",
                       help="folder of PostgreSQL's unix socket, which must trust everybody")
    group.add_argument("--pg-port", type=int, default=5432, metavar="N",
                       help="number in the socket's name (%(default)s)")
    group.add_argument("--pg-superuser", default="postgres", metavar="ROLE",
                       help="who looks into the catalog and makes roles (%(default)s)")
    group.add_argument("--listen", type=int, default=0, metavar="PORT",
                       help="port on 127.0.0.1; 0, the default: any free one. It is printed")
    group.add_argument("--cert", metavar="FILE", help="certificate for TLS, PEM")
    group.add_argument("--key", metavar="FILE", help="its key")
    group.add_argument("--no-tls", action="store_true", help="no TLS: SSLRequest is answered N")
    group.add_argument("--log", metavar="FILE", help="events as JSON lines, appended")
    group.add_argument("--startup-log", metavar="FILE",
                       help="start-up parameters, name=value lines, one more line after each packet")
    group.add_argument("--name", default="redshift", help="name of this instance in the log")
    group.add_argument("--stdin-eof", action="store_true", help="end when standard input closes")


def add_login(parser):
    group = parser.add_argument_group("signing in")
    group.add_argument("--users", metavar="FILE",
                       help="JSON in place of the built-in users: "
                            "{name: {password, auth: 0|3|5|13|14, role}}; role is PostgreSQL's, "
                            "by default the name itself")
    group.add_argument("--auth", type=int, choices=redshift_auth.CODES,
                       help="the same request for every user; 0 asks nothing, 99 is no request")
    group.add_argument("--salt", type=bytes.fromhex, metavar="HEX", help="of requests 5 and 13")
    group.add_argument("--nonce", type=bytes.fromhex, metavar="HEX", help="of request 13")
    group.add_argument("--digest-algorithm", type=int, metavar="N", help="of request 13")
    group.add_argument("--auth-fault", type=redshift_auth.fault_option, metavar="FAULT",
                       help="request 13 malformed: short, huge-salt, negative; request N in the "
                            "place of any: unknown=N; no request: hang, close; no word after the "
                            "answer: late-hang, late-close")
    group.add_argument("--password-store", metavar="FOLDER",
                       help="temporary passwords of the users IAM:… and IAMA:…")
    group.add_argument("--password-reuse", action="store_true",
                       help="a temporary password is good more than once")


def add_session(parser):
    group = parser.add_argument_group("what a session is like")
    group.add_argument("--startup-strict", action=argparse.BooleanOptionalAction, default=True,
                       help="refuse unknown start-up parameters with 42704 (default: yes)")
    group.add_argument("--status", type=name_value, action="append", default=[],
                       metavar="NAME=VALUE", help="report this status so")
    group.add_argument("--no-status", action="append", default=[], metavar="NAME",
                       help="do not report this status")
    group.add_argument("--level-max", type=int, choices=range(4), default=0,
                       help="highest protocol level that is granted (%(default)s)")
    group.add_argument("--no-level-status", dest="no_status", action="append_const",
                       const="server_protocol_version", help="grant a level without a word")
    group.add_argument("--no-select-count", action="store_true",
                       help="the command tag of SELECT has no count of rows")
    group.add_argument("--info", metavar="TEXT",
                       help="a notice of severity INFO before each result's description")


def add_troubles(parser):
    group = parser.add_argument_group("troubles")
    group.add_argument("--fault", type=fault_option, action="append", default=[],
                       metavar="POINT=ACTION", help="in every session, see below")
    group.add_argument("--resume", type=int, default=0, metavar="N",
                       help="refuse the first N logins with 57P03")
    group.add_argument("--wake", type=float, default=0, metavar="S",
                       help="a workgroup that needs S seconds to wake: for a third of them TCP is "
                            "refused, for a third connections hang and then are reset, for a third "
                            "logins meet 57P03")
    group.add_argument("--idle-drop", type=float, default=0, metavar="S",
                       help="reset sessions silent for S seconds")


def make_parser():
    parser = argparse.ArgumentParser(
        description="A stand-in for Amazon Redshift in front of PostgreSQL. Prints its port, then "
                    "serves any client of PostgreSQL's protocol 3.0 on 127.0.0.1.",
        epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_servers(parser)
    add_login(parser)
    add_session(parser)
    add_troubles(parser)
    return parser


def parse_arguments():
    parser = make_parser()
    options = parser.parse_args()
    if not options.no_tls and not (options.cert and options.key):
        parser.error("--cert and --key, or --no-tls")
    return options
