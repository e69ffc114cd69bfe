"""What all requests to the idp stand-in share: TLS, forms, cookies, the log, what goes wrong."""

import http.cookies
import http.server
import json
import os
import secrets
import select
import socket
import socketserver
import ssl
import sys
import threading
import time
import urllib.parse

import idp_accounts
import idp_pages
import idp_saml

MAX_BODY = 1 << 20
HUGE = 3 << 20
FORM = "application/x-www-form-urlencoded"


class Refused(Exception):
    """What no client that does it right would send; the page says why."""


class Gone(Exception):
    """Nothing more is to be said to this client."""


class Stand:
    """What all requests share."""

    def __init__(self, options):
        self.options = options
        self.signer = idp_saml.Signer(options.saml_key, options.saml_cert)
        self.lock = threading.Lock()
        self.kept = {}  # of one sign-in each: cookies, codes, tokens of a state
        self.log_fd = None
        if options.log:
            self.log_fd = os.open(options.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def log(self, **line):
        if self.log_fd is not None:
            line = {"t": round(time.time(), 3), "inst": self.options.name, **line}
            os.write(self.log_fd, (json.dumps(line) + "\n").encode())

    def keep(self, kind, value):
        name = secrets.token_urlsafe(24)
        with self.lock:
            self.kept[(kind, name)] = value
        return name

    def kept_for(self, kind, name, take=False):
        """None: not known, or taken already."""
        with self.lock:
            return (self.kept.pop if take else self.kept.get)((kind, name), None)

    def keep_token(self, user, token, seconds):
        """Where the redshift stand-in looks for what its users may show; not a subject's."""
        if not self.options.store:
            return
        name = os.path.join(self.options.store, secrets.token_hex(12))
        with open(os.open(name + ".tmp", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w",
                  encoding="utf-8") as file:
            json.dump({"user": user, "password": token, "expires": time.time() + seconds,
                       "used": False, "token_type": ""}, file)
        os.rename(name + ".tmp", name + ".json")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "standin"
    sys_version = ""
    timeout = 120
    pages = ()  # (start of a path, function of this handler); fake_idp.py fills it

    def log_message(self, *_):
        pass

    @property
    def stand(self):
        return self.server.stand

    def setup(self):
        self.request.settimeout(30)
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
        self.usable = True
        try:
            self.request = self.server.context.wrap_socket(self.request, server_side=True)
        except (OSError, ssl.SSLError) as error:
            self.usable = False
            self.stand.log(event="tls_fail", reason=str(error))
        super().setup()

    def handle(self):
        if self.usable:
            try:
                super().handle()
            except (OSError, ssl.SSLError) as error:
                self.stand.log(event="connection_lost", reason=str(error))

    def finish(self):
        try:
            super().finish()
        except (OSError, ssl.SSLError, ValueError):
            pass
        self.request.close()  # the server closes what it accepted, which is not this any more

    def do_POST(self):
        self.answer()

    do_GET = do_PUT = do_HEAD = do_OPTIONS = do_DELETE = do_POST

    def answer(self):
        self.entry = {
            "event": "request", "method": self.command, "path": self.path,
            "host": self.headers.get("Host"), "ua": self.headers.get("User-Agent"),
            "headers": {name.lower(): value for name, value in self.headers.items()
                        if name.lower() != "cookie"}}
        self.stand.log(event="asked")  # before the answer: who was answered finds it in the log
        try:
            self.read()
            self.dispatch()
        except Refused as refused:
            self.entry["refused"] = str(refused)
            self.say(400, "text/plain", ("refused: %s\n" % refused).encode())
        except Gone:
            self.close_connection = True
        finally:
            self.stand.log(**self.entry)

    def read(self):
        try:
            length = int(self.headers.get("Content-Length", "0"))
        except ValueError:
            length = -1
        if "Transfer-Encoding" in self.headers or not 0 <= length <= MAX_BODY:
            self.close_connection = True
            raise Refused("the body is too large, or its length is not said")
        self.body = self.rfile.read(length)
        split = urllib.parse.urlsplit(self.path)
        self.place = split.path
        self.query = self.pairs(split.query)
        self.form = {}
        if self.headers.get("Content-Type", "").partition(";")[0].strip() == FORM:
            self.form = self.pairs(self.body.decode("utf-8", "replace"))
        jar = http.cookies.SimpleCookie(self.headers.get("Cookie", ""))
        self.cookies = {name: each.value for name, each in jar.items()}
        self.entry.update(query=self.query, form=self.form, cookies=self.cookies)
        if self.body and not self.form:
            self.entry["body"] = self.body.decode("utf-8", "replace")

    @staticmethod
    def pairs(text):
        return dict(urllib.parse.parse_qsl(text, keep_blank_values=True))

    def dispatch(self):
        for start, page in self.pages:
            if self.place.startswith(start):
                page(self)
                return
        self.say(404, "text/plain", b"nothing here\n")

    # What pages answer with

    def say(self, status, kind, data, headers=()):
        self.entry["status"] = status
        self.send_response_only(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers:
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def page(self, typed, headers=(), status=200):
        """typed: (content type, bytes)"""
        self.say(status, typed[0], typed[1], headers)

    def json(self, status, value, headers=()):
        self.say(status, "application/json", json.dumps(value).encode(), headers)

    def redirect(self, target, headers=(), status=302):
        self.say(status, "text/html", b"", [("Location", target), *headers])

    def elsewhere(self):
        """The same server by another name, which the certificate has too."""
        host, colon, port = self.headers["Host"].partition(":")
        return ("localhost" if host != "localhost" else "127.0.0.1") + colon + port

    # What is asked of clients

    def want(self, condition, text):
        if not condition:
            raise Refused(text)

    def want_form(self):
        self.want(self.command == "POST", "only POST")
        self.want(self.headers.get("Content-Type", "").partition(";")[0].strip() == FORM,
                  "Content-Type must be " + FORM)

    def want_kept(self, layout, secret_name, secret):
        """What every form has besides the fields that are filled in comes back unchanged."""
        self.want(self.form.get(secret_name) == secret, "%s is wrong or missing" % secret_name)
        for name, value in idp_pages.ballast(layout).items():
            self.want(self.form.get(name) == value, "%s is wrong or missing" % name)
        for name in ("proceed", "off", "unticked", "picture", "again", "q", ""):
            self.want(name not in self.form, "%s should not have been sent" % name)

    # What goes wrong

    def act(self, way):
        """True when it took the place of an answer."""
        acts = {"status-404": self.status, "status-500": self.status, "status-503": self.status,
                "stall": self.stall, "huge": self.huge, "cut": self.cut, "close": self.leave,
                "redirect-host": self.lead, "redirect-http": self.lead, "redirect-file": self.lead,
                "redirect-loop": self.lead, "noresponse": self.nothing}
        if way not in acts:
            return False
        acts[way](way)
        return True

    def status(self, way):
        self.say(int(way[-3:]), "text/html",
                 b"<html><body><h1>Error</h1><p>canary-of-the-error-page</p></body></html>")

    def stall(self, _):
        """Ends when the client has gone."""
        select.select([self.connection], [], [], 120)
        self.entry["status"] = 0
        raise Gone

    def huge(self, _):
        self.say(200, "text/html", b"<html><body>" + b"<p>x</p>" * (HUGE // 8))

    def cut(self, _):
        self.send_response_only(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", "10000")
        self.end_headers()
        self.wfile.write(b"<html><body><form>")
        self.wfile.flush()
        self.entry["status"] = 200
        raise Gone

    def leave(self, _):
        self.entry["status"] = 0
        raise Gone

    def lead(self, way):
        target = {"redirect-host": "https://%s/elsewhere" % self.elsewhere(),
                  "redirect-http": "http://%s/elsewhere" % self.headers["Host"],
                  "redirect-file": "file:///etc/passwd",
                  "redirect-loop": "/loop/1"}[way]
        self.redirect(target)

    def nothing(self, _):
        self.page(idp_pages.document("plain", "<p>Welcome. There is nothing to post.</p>"))


class Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, address, stand, context, handler=Handler):
        super().__init__(address, handler)
        self.stand, self.context = stand, context

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


def signed_in(handler, name, password):
    """The account, or None when name or password are wrong; the log says who tried."""
    account = idp_accounts.find(name or "")
    good = idp_accounts.is_right(account, password)
    handler.entry["login"] = {"user": name, "good": good}
    return account if good else None
