"""Okta of the idp stand-in: the authentication API with its factors, and the page of an app.

What follows the colon in the app's name chooses the page (README.md).
"""

import email.utils
import json
import time
import urllib.parse

import idp_pages
import idp_saml
from idp_server import signed_in

APP_ID = "0oa2hylwrpM8UGehd1t7"
APP = "amazon_aws"
PASSCODE, ANSWER = "424242", "blue ;&é"
POLLS = 3  # until somebody touches the telephone
API = "/api/v1/authn"

# Of an account: the status that its right password gives; None: SUCCESS.
STATUSES = {"locked": "LOCKED_OUT", "password-expired": "PASSWORD_EXPIRED", "mfa": "MFA_REQUIRED",
            "warned": "PASSWORD_WARN", "warned-out": "PASSWORD_WARN", "reset": "PASSWORD_RESET",
            "enroll": "MFA_ENROLL", "enroll-activate": "MFA_ENROLL_ACTIVATE", "recovery": "RECOVERY",
            "recovery-challenge": "RECOVERY_CHALLENGE", "challenge": "MFA_CHALLENGE",
            "unauthenticated": "UNAUTHENTICATED", "strange": "SOMETHING_NEW"}
FACTORS = {"totp": ("token:software:totp", "GOOGLE"), "push": ("push", "OKTA"),
           "question": ("question", "OKTA"), "sms": ("sms", "OKTA"), "web": ("web", "DUO")}


def error(handler, status, code, summary, headers=()):
    handler.json(status, {"errorCode": code, "errorSummary": summary, "errorLink": code,
                          "errorId": "oae-1", "errorCauses": []}, headers)


def answer(handler):
    if handler.place == API:
        authenticate(handler)
    elif handler.place.startswith(API + "/factors/"):
        verify(handler, handler.place.split("/"))
    elif handler.place.startswith("/home/"):
        home(handler)
    elif handler.place.startswith("/app/"):
        application(handler)
    else:
        handler.say(404, "text/html", b"<html><body>no such page</body></html>")


def members(handler, *names):
    """The request's JSON object: exactly these members, all of them strings."""
    handler.want(handler.command == "POST", "only POST")
    for header in ("Accept", "Content-Type"):
        handler.want((handler.headers.get(header) or "").partition(";")[0] == "application/json",
                     header + " must be application/json")
    try:
        found = json.loads(handler.body)
    except ValueError:
        found = None
    handler.want(isinstance(found, dict) and set(found) <= set(names) and
                 all(isinstance(value, str) for value in found.values()),
                 "the body is not the object expected")
    return found


def authenticate(handler):
    asked = members(handler, "username", "password")
    name = asked.get("username", "")
    account = signed_in(handler, name, asked.get("password"))
    if account is None:
        error(handler, 401, "E0000004", "Authentication failed")
    elif account.way == "forbidden":
        error(handler, 403, "E0000006", "You do not have permission to perform the requested action")
    elif account.way in ("busy", "busy-long", "busy-once"):
        busy(handler, account, name)
    elif account.way == "notoken":
        handler.json(200, {"status": "SUCCESS", "sessionToken": 7})
    elif account.way == "nojson":
        handler.say(200, "text/html", b"<html><body>proxy page</body></html>")
    elif account.way == "api-500":
        error(handler, 500, "E0000009", "Internal Server Error " + "x" * 300)
    elif account.way == "api-302":
        handler.redirect("https://%s%s" % (handler.elsewhere(), API), status=307)
    elif account.way in ("stall", "close"):
        handler.act(account.way)
    else:
        transaction(handler, account, STATUSES.get(account.way))


def busy(handler, account, name):
    """A limit that ends soon, once; or late."""
    if account.way == "busy-once" and handler.stand.kept_for("busy", name):
        with handler.stand.lock:
            del handler.stand.kept[("busy", name)]
        transaction(handler, account, None)
        return
    with handler.stand.lock:
        handler.stand.kept[("busy", name)] = True
    # Rounded up, so that it has passed when it says so.
    reset = int(time.time()) + (120 if account.way == "busy-long" else 2)
    error(handler, 429, "E0000047", "API call exceeded rate limit due to too many requests.",
          [("X-Rate-Limit-Limit", "4"), ("X-Rate-Limit-Remaining", "0"),
           ("X-Rate-Limit-Reset", str(reset)), ("Date", email.utils.formatdate(usegmt=True))])


def success(handler, account, status="SUCCESS"):
    token = "20111" + handler.stand.keep("session", account)
    handler.json(200, {"expiresAt": "2099-01-01T00:00:00.000Z", "status": status, "sessionToken": token,
                       "_embedded": {"user": {"id": "00u1", "profile": {"login": account.session}}}})


def transaction(handler, account, status):
    if status is None or account.way == "warned":
        success(handler, account, status or "SUCCESS")
        return
    state = handler.stand.keep("state", account)
    answered = {"stateToken": state, "expiresAt": "2099-01-01T00:00:00.000Z", "status": status,
                "_embedded": {"user": {"id": "00u1", "profile": {"login": account.session}}}}
    if status == "MFA_REQUIRED":
        answered["_embedded"]["factors"] = [factor(handler, name) for name in account.factors]
    handler.json(200, answered)


def link(handler, name):
    return {"href": "https://%s%s/factors/id-%s/verify" % (handler.headers["Host"], API, name),
            "hints": {"allow": ["POST"]}}


def factor(handler, name):
    kind, provider = FACTORS[name.partition("-")[0]]
    profile = {"question": {"question": "color", "questionText": "What is your favorite color?"},
               "sms": {"phoneNumber": "+1 XXX-XXX-1337"}}.get(kind, {"credentialId": "bob"})
    return {"id": "id-" + name, "factorType": kind, "provider": provider, "vendorName": provider,
            "profile": profile, "_links": {"verify": link(handler, name)}}


def verify(handler, parts):
    """POST /api/v1/authn/factors/ID/verify; parts of the path."""
    handler.want(len(parts) == 7 and parts[6] == "verify", "no such link")
    asked = members(handler, "stateToken", "passCode", "answer")
    account = handler.stand.kept_for("state", asked.get("stateToken", ""))
    if account is None:
        error(handler, 401, "E0000011", "Invalid token provided")
        return
    name = parts[5].removeprefix("id-")
    handler.want(name in account.factors, "no such factor")
    right = {"totp": ("passCode", PASSCODE), "question": ("answer", ANSWER)}.get(name)
    if name.startswith("push"):
        push(handler, account, name, asked["stateToken"])
    elif right and asked.get(right[0]) is None:
        error(handler, 400, "E0000001", "Api validation failed: " + right[0])
    elif right and asked[right[0]] == right[1]:
        success(handler, account)
    else:
        error(handler, 403, "E0000068", "Invalid Passcode/Answer")


def push(handler, account, name, state):
    """Waits to be asked so many times; push-rejected and push-timeout end otherwise."""
    with handler.stand.lock:
        turn = handler.stand.kept.get(("polls", state), 0) + 1
        handler.stand.kept[("polls", state)] = turn
    ending = {"push-rejected": "REJECTED", "push-timeout": "TIMEOUT"}.get(name)
    if turn > POLLS and name in ("push", "push-away"):
        success(handler, account)
        return
    waits = turn <= POLLS or name == "push-forever"
    next_link = {"name": "poll", **link(handler, name)}
    if name == "push-away":
        next_link["href"] = next_link["href"].replace(handler.headers["Host"], handler.elsewhere())
    handler.json(200, {
        "stateToken": state, "status": "MFA_CHALLENGE", "challengeType": "FACTOR",
        "factorResult": "WAITING" if waits else ending,
        "_embedded": {"factor": factor(handler, name)},
        "_links": {"next": next_link} if waits else {}})


# The app's page

def home(handler):
    """/home/NAME/ID with the token for one use; leads to the app, signed in by a cookie."""
    parts = [urllib.parse.unquote(part) for part in handler.place.split("/")[2:]]
    name, _, way = parts[0].partition(":")
    if name != APP or parts[1:2] != [APP_ID] or parts[2:] not in ([], ["272"]):
        handler.say(404, "text/html", b"<html><body>Page Not Found</body></html>")
        return
    token = handler.query.get("onetimetoken", "").removeprefix("20111")
    account = handler.stand.kept_for("session", token, take=True)
    if account is None:
        handler.redirect("/app/login")
    elif not handler.act(way):
        session = handler.stand.keep("sid", (account, way))
        # Of several cookies, one with a name that another has at another path.
        handler.redirect("/app/%s/exk1/sso/saml" % name,
                         [("Set-Cookie", "sid=%s; Path=/; Secure; HttpOnly" % session),
                          ("Set-Cookie", "sid=other; Path=/login; Secure")])


def application(handler):
    account, way = handler.stand.kept_for("sid", handler.cookies.get("sid", "")) or (None, "password")
    if way == "password":
        handler.page(idp_pages.document("plain", idp_pages.form(
            "plain", [("text", "username", "", ""), ("password", "password", "", "")], "/signin")))
    elif way == "mfa":
        handler.page(idp_pages.document(
            "plain", '<div id="okta-sign-in" class="auth-container mfa-verify main">Verify</div>'))
    elif not handler.act(account.way):
        layout = way if way in idp_pages.LAYOUTS else "unquoted"
        response = idp_saml.response(handler.stand.signer, account, account.flaws)
        handler.page(idp_pages.carrying(layout, "https://signin.aws.amazon.com/saml", response))
