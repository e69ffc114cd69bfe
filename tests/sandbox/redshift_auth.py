"""How the redshift stand-in asks who a client is, and which answers it takes.

A request is a code and what comes with it; it knows the kind of message that
answers it and whether an answer is right for a secret.  Nothing here reads or
writes a socket or knows the back end.
"""

import hashlib
import hmac
import secrets
import struct

OK, CLEAR, MD5, DIGEST, TOKEN = 0, 3, 5, 13, 14
CODES = (OK, CLEAR, MD5, DIGEST, TOKEN, 99)
SHA256 = 0
NONCE_MAX = 1024

# Ordinary users of the stand-in: password or token, and which request meets them.
# The roles of the same names are made by fixture.sql.
USERS = {
    "rs_test": {"password": "rs-Test;pw}1", "auth": MD5},
    "u_md5": {"password": "rs-Md5;pw}2", "auth": MD5},
    "u_clear": {"password": "rs-Clear;pw}3", "auth": CLEAR},
    "u_digest": {"password": "rs-Digest;pw}5", "auth": DIGEST},
    "u_scrypt": {"password": "rs-Scrypt;pw}6", "auth": DIGEST, "algorithm": 1},
    "u_idp": {"password": "rs-idp-token.e30.signature", "auth": TOKEN},
    "limited": {"password": "rs-Limited;pw}4", "auth": MD5},
}

u32 = struct.Struct("!I").unpack_from


class Request:
    """One authentication request; subclasses say what comes with it and what answers it."""
    kind = b"p"

    def __init__(self, code):
        self.code = code
        self.more = b""

    def body(self):
        return struct.pack("!I", self.code) + self.more

    def is_right(self, answer, user, secret):
        """Whether this message body answers for that user and password or token."""
        del answer, user, secret
        return False


class Clear(Request):
    def is_right(self, answer, user, secret):
        return hmac.compare_digest(answer, secret.encode() + b"\0")


class Md5(Request):
    def __init__(self, code, salt=None):
        super().__init__(code)
        self.more = salt or secrets.token_bytes(4)

    def is_right(self, answer, user, secret):
        inner = hashlib.md5(secret.encode() + user.encode()).hexdigest().encode()
        return hmac.compare_digest(
            answer, b"md5" + hashlib.md5(inner + self.more).hexdigest().encode() + b"\0")


class Digest(Request):
    kind = b"d"

    def __init__(self, code, salt=None, nonce=None, algorithm=SHA256):
        super().__init__(code)
        self.salt = secrets.token_bytes(16) if salt is None else salt
        self.nonce = secrets.token_bytes(16) if nonce is None else nonce
        self.more = (struct.pack("!II", algorithm, len(self.salt)) + self.salt +
                     struct.pack("!I", len(self.nonce)) + self.nonce)

    def is_right(self, answer, user, secret):
        if len(answer) < 40 or u32(answer)[0] != 32:
            return False
        client = answer[40:]
        if len(client) != u32(answer, 36)[0] or not client or len(client) > NONCE_MAX:
            return False
        first = hashlib.sha256(secret.encode() + self.salt).digest()
        return hmac.compare_digest(
            answer[4:36], hashlib.sha256(first + self.nonce + client).digest())


class Token(Request):
    kind = b"i"

    def is_right(self, answer, user, secret):
        # One of AWS's drivers leaves the zero byte out.
        return hmac.compare_digest(answer.removesuffix(b"\0"), secret.encode())


# Requests of 13 that no honest server makes.
MALFORMED = {
    "short": struct.pack("!II", SHA256, 16) + b"salt",
    "huge-salt": struct.pack("!II", SHA256, NONCE_MAX + 1) + bytes(NONCE_MAX + 1) +
                 struct.pack("!I", 0),
    "negative": struct.pack("!Ii", SHA256, -1) + bytes(16) + struct.pack("!I", 0),
}


# No request, or no word after the answer to it.
ENDINGS = {"hang": "hang", "close": "close"}
LATE_ENDINGS = {"late-hang": "hang", "late-close": "close"}


def fault_option(text):
    """What --auth-fault may say."""
    if text in MALFORMED or text in ENDINGS or text in LATE_ENDINGS:
        return text
    name, _, number = text.partition("=")
    if name == "unknown" and number.isdigit() and int(number) < 1 << 32:
        return text
    raise ValueError("no such fault")


def make_request(code, options, known):
    """The request of that code; options are the stand-in's, known is the user's entry."""
    if options.auth_fault and options.auth_fault.startswith("unknown="):
        return Request(int(options.auth_fault.partition("=")[2]))
    if code == CLEAR:
        return Clear(code)
    if code == MD5:
        return Md5(code, options.salt and options.salt[:4])
    if code == DIGEST:
        algorithm = known.get("algorithm", SHA256) if known else SHA256
        if options.digest_algorithm is not None:
            algorithm = options.digest_algorithm
        request = Digest(code, options.salt, options.nonce, algorithm)
        request.more = MALFORMED.get(options.auth_fault, request.more)
        return request
    if code == TOKEN:
        return Token(code)
    return Request(code)
