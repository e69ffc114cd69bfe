"""Azure AD of the idp stand-in: password grant, authorize page and code grant, versions 1 and 2.

The tenant is example.com, or WAY.example.com for what goes wrong (README.md).
"""

import base64
import hashlib
import re
import time
import urllib.parse

import idp_jwt
import idp_pages
import idp_saml
from idp_server import signed_in

CLIENT, SECRET = "11111111-2222-3333-4444-555555555555", "EXAMPLE~s3cret+/="
PUBLIC = "66666666-7777-8888-9999-000000000000"  # mobile and desktop: has no secret
SAML2 = "urn:ietf:params:oauth:token-type:saml2"
REDIRECT = re.compile(r"^http://localhost:[0-9]{1,5}/redshift/$")
PLACE = re.compile(r"^/(?P<tenant>[A-Za-z0-9.-]+)/oauth2/(?P<version>v2\.0/)?(?P<what>token|authorize|login)$")
ISSUER = "https://login.microsoftonline.com/example.com/v2.0"
ERRORS = {"wrong": (50126, "Error validating credentials due to invalid username or password."),
          "locked": (50053, "The account is locked, you've tried to sign in too many times."),
          "password-expired": (50055, "The password is expired."),
          "mfa": (50076, "Due to a configuration change made by your administrator, you must use "
                         "multi-factor authentication to access '%s'." % CLIENT),
          "enroll": (50079, "You must enroll in multi-factor authentication."),
          "challenge": (50158, "External security challenge was not satisfied."),
          "strange": (70000, "x" * 1000)}


def way_of(tenant):
    """plain, or what stands before .example.com; None: no such tenant."""
    if tenant == "example.com":
        return "plain"
    return tenant.removesuffix(".example.com") if tenant.endswith(".example.com") else None


def refuse(handler, number, text, error="invalid_grant", status=400):
    handler.json(status, {
        "error": error, "error_codes": [number], "timestamp": "2026-01-15 12:00:00Z",
        "error_description": "AADSTS%d: %s\r\nTrace ID: 1\r\nCorrelation ID: 2\r\n"
                             "Timestamp: 2026-01-15 12:00:00Z" % (number, text),
        "trace_id": "1", "correlation_id": "2"})


def answer(handler):
    place = PLACE.match(handler.place)
    way = way_of(place["tenant"]) if place else None
    if not place:
        handler.say(404, "text/html", b"<html><body>no such page</body></html>")
    elif way is None:
        refuse(handler, 90002, "Tenant '%s' not found." % place["tenant"], "invalid_request")
    elif place["what"] == "token":
        token(handler, way, bool(place["version"]))
    elif place["what"] == "authorize":
        authorize(handler, way, bool(place["version"]))
    else:
        login(handler, way)


def token(handler, way, is_second):
    handler.want_form()
    form = handler.form
    if way in ("notoken", "emptytoken", "numbertoken"):
        handler.json(200, {"token_type": "Bearer", **{
            "notoken": {}, "emptytoken": {"access_token": ""}, "numbertoken": {"access_token": 7}}[way]})
    elif way == "nojson":
        handler.say(200, "text/html", b"<html><body>canary-of-the-error-page</body></html>")
    elif way == "nojson-400":
        handler.say(400, "text/html", b"<html><body>canary-of-the-error-page</body></html>")
    elif handler.act(way):
        pass
    elif form.get("grant_type") == "password" and not is_second:
        password_grant(handler, way)
    elif form.get("grant_type") == "authorization_code":
        code_grant(handler, way, is_second)
    else:
        refuse(handler, 70003, "The grant type is not supported.", "unsupported_grant_type")


def want_members(handler, *names):
    for name in set(handler.form) - set(names):
        handler.want(False, "%s should not have been sent" % name)
    for name in names:
        handler.want(handler.form.get(name), "%s is missing" % name)


def password_grant(handler, way):
    want_members(handler, "grant_type", "requested_token_type", "username", "password",
                 "client_secret", "client_id", "resource")
    handler.want((handler.headers.get("Accept") or "") == "application/json",
                 "Accept must be application/json")
    form = handler.form
    handler.want(form["requested_token_type"] == SAML2, "requested_token_type is wrong")
    handler.want(form["resource"] == form["client_id"], "resource is not client_id")
    if form["client_id"] != CLIENT:
        refuse(handler, 700016, "Application with identifier '%s' was not found."
               % form["client_id"], "unauthorized_client")
        return
    if form["client_secret"] != SECRET:
        refuse(handler, 7000215, "Invalid client secret provided.", "invalid_client", 401)
        return
    account = signed_in(handler, form["username"], form["password"])
    wrong = "wrong" if account is None else account.way
    if wrong in ERRORS:
        refuse(handler, *ERRORS[wrong],
               error="interaction_required" if wrong == "challenge" else "invalid_grant")
    elif not handler.act(account.way):
        give_saml(handler, account, way)


def give_saml(handler, account, way):
    text = idp_saml.bare_assertion(handler.stand.signer, account, account.flaws)
    if way in ("declared", "padded"):
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        if way == "declared":
            data = b"\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"utf-8\"?>\n" + data
        text = base64.b64encode(data).decode()
    if way == "nobase64":
        text = "*" + text
    handler.json(200, {"token_type": "Bearer", "expires_in": "3599", "expires_on": "4070908800",
                       "access_token": text, "issued_token_type": SAML2})


# With a browser

def authorize(handler, way, is_second):
    query = handler.query
    handler.want(handler.command == "GET", "only GET")
    handler.want(query.get("response_type") == "code", "response_type is wrong")
    handler.want(query.get("response_mode") == "form_post", "response_mode is wrong")
    handler.want(query.get("client_id") == PUBLIC, "client_id is not known")
    handler.want(REDIRECT.match(query.get("redirect_uri", "")), "redirect_uri is not registered")
    handler.want("openid" in query.get("scope", "").split(" "), "scope is without openid")
    handler.want(len(query.get("state", "")) >= 32, "state is missing or short")
    handler.want(query.get("code_challenge_method") == "S256", "code_challenge_method is wrong")
    handler.want(re.match(r"^[\w-]{43}$", query.get("code_challenge", "")), "code_challenge is wrong")
    if way != "deny" and handler.act(way):
        return
    show_login(handler, handler.stand.keep("authorize", (query, way, is_second)), way)


def show_login(handler, context, way, text=""):
    layout = way if way in idp_pages.LAYOUTS else "plain"
    controls = [("email", "loginfmt", "", "i0116"), ("password", "passwd", "", "i0118"),
                ("hidden", "ctx", context, "")]
    handler.page(idp_pages.document(layout, "<p>%s</p>" % text + idp_pages.form(
        layout if layout != "noform" else "plain", controls, "/%s/oauth2/login" % (
            "example.com" if way == "plain" else way + ".example.com"))))


def login(handler, way):
    handler.want_form()
    query, _, is_second = handler.stand.kept_for("authorize", handler.form.get("ctx", "")) or (None,) * 3
    handler.want(query, "ctx is wrong or missing")
    account = signed_in(handler, handler.form.get("loginfmt"), handler.form.get("passwd"))
    if account is None:
        show_login(handler, handler.form["ctx"], way, ERRORS["wrong"][1])
        return
    if account.way == "deny":
        pairs = [("error", "access_denied"), ("error_description",
                                              "AADSTS65004: User declined to consent.\r\nTrace ID: 1")]
    else:
        code = handler.stand.keep("code", (query, account, is_second, time.time() + 60))
        pairs = [("code", code), ("session_state", "1")]
    state = "x" + query["state"][1:] if way == "wrongstate" else query["state"]
    handler.page(idp_pages.posted("plain", query["redirect_uri"], [
        ("hidden", name, value, "") for name, value in [*pairs, ("state", state)]]))


def code_grant(handler, way, is_second):
    if is_second:
        want_members(handler, "grant_type", "code", "scope", "client_id", "redirect_uri",
                     "code_verifier")
    else:
        want_members(handler, "grant_type", "code", "requested_token_type", "scope", "resource",
                     "client_id", "redirect_uri", "code_verifier")
        handler.want(handler.form["requested_token_type"] == SAML2, "requested_token_type is wrong")
        handler.want(handler.form["resource"] == handler.form["client_id"], "resource is not client_id")
    form = handler.form
    query, account, version, until = (
        handler.stand.kept_for("code", form["code"], take=True) or (None,) * 4)
    if query is None or until < time.time():
        refuse(handler, 54005, "OAuth2 Authorization code was already redeemed.")
    elif form["redirect_uri"] != query["redirect_uri"] or form["client_id"] != query["client_id"]:
        refuse(handler, 50011, "The redirect URI specified in the request does not match.",
               "invalid_client")
    elif version != is_second or form["scope"] != query["scope"]:
        refuse(handler, 70011, "The provided value for scope is not valid.", "invalid_scope")
    elif idp_jwt.encoded(hashlib.sha256(form["code_verifier"].encode()).digest()) != query["code_challenge"]:
        refuse(handler, 501481, "The Code_Verifier does not match the code_challenge.")
    elif is_second:
        give_jwt(handler, account)
    else:
        give_saml(handler, account, way)


def give_jwt(handler, account):
    """A token that the database takes for its user."""
    now = int(time.time())
    text = idp_jwt.make(handler.stand.signer.key, {
        "iss": ISSUER, "aud": PUBLIC, "iat": now, "nbf": now, "exp": now + 3600,
        "upn": account.session, "sub": account.session})
    handler.stand.keep_token("u_idp", text, 3600)
    handler.json(200, {"token_type": "Bearer", "scope": handler.form["scope"], "expires_in": 3599,
                       "access_token": text})
