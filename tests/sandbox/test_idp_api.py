#!/usr/bin/python3
"""Tests of the stand-ins' APIs, on a bench that is up: Okta, Azure AD, IAM Identity Center, web
identity tokens, and the browser that tests of the driver use."""

import base64
import hashlib
import http.server
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.parse

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
import idp_azure  # noqa: E402
import idp_jwt  # noqa: E402
import idp_okta  # noqa: E402
from aws_center import DEVICE_GRANT, ISSUER  # noqa: E402
from idp_accounts import PASSWORD  # noqa: E402
from idp_browser import Browser  # noqa: E402
from test_idp import BASE, E, assume, elements, response_of  # noqa: E402
from wire_client import ENV, Client, ServerError  # noqa: E402

ENV.update(E)
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json", "Accept": "application/json"}
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
STATE = "s" * 43


def browser(stop=None):
    return Browser(E["RS_CA_FILE"], stop=stop or (lambda url: False))


def post_json(url, value, **headers):
    page = browser().open(url, json.dumps(value).encode(), {**JSON, **headers})
    return page.status, json.loads(page.data) if page.data[:1] == b"{" else page.text


def logs_in(token, token_type=None, **start):
    """The database's user, by a token."""
    start = {"idp_type": "AwsIdc" if token_type else "AzureAD", **start}
    if token_type:
        start["token_type"] = token_type
    with Client(user="", password=token, **start) as client:
        return client.query("SELECT current_user")[0][0]


class Okta(unittest.TestCase):
    def authn(self, user, password=PASSWORD):
        return post_json(BASE + idp_okta.API, {"username": user, "password": password})

    def app(self, token, app="amazon_aws", number=idp_okta.APP_ID):
        return browser().open("%s/home/%s/%s?onetimetoken=%s"
                              % (BASE, urllib.parse.quote(app), number, urllib.parse.quote(token)))

    def test_sign_in(self):
        for app in ("amazon_aws", "amazon_aws:late", "amazon_aws:xhtml", "amazon_aws:german"):
            for number in (idp_okta.APP_ID, idp_okta.APP_ID + "/272"):
                status, found = self.authn("bob@example.com")
                self.assertEqual((status, found["status"]), (200, "SUCCESS"))
                page = self.app(found["sessionToken"], app, number)
                self.assertEqual(assume(response_of(page))[0], 200)
        # Once.
        self.assertTrue(self.app(found["sessionToken"]).form_with("password"))
        self.assertEqual(self.app(self.authn("bob")[1]["sessionToken"], number="nosuch").status, 404)
        self.assertEqual(self.app(self.authn("bob")[1]["sessionToken"], "nosuch").status, 404)
        self.assertIn("mfa-verify", self.app(self.authn("bob")[1]["sessionToken"], "amazon_aws:mfa").text)

    def test_statuses(self):
        for account, way in idp_okta.STATUSES.items():
            name = {"password-expired": "expiredpassword"}.get(account, account)
            status, found = self.authn(name)
            self.assertEqual((status, found["status"]), (200, way))
            self.assertEqual("sessionToken" in found, name == "warned")
        for name, status, code in (("nobody", 401, "E0000004"), ("forbidden", 403, "E0000006"),
                                   ("busy-long", 429, "E0000047"), ("api-500", 500, "E0000009")):
            got, found = self.authn(name)
            self.assertEqual((got, found["errorCode"]), (status, code))
        self.assertEqual(self.authn("bob", "wrong")[0], 401)
        self.assertEqual([self.authn("busy-once")[0] for _ in range(2)], [429, 200])

    def test_factors(self):
        _, found = self.authn("totp")
        self.assertEqual([each["factorType"] for each in found["_embedded"]["factors"]],
                         ["sms", "token:software:totp"])
        verify = found["_embedded"]["factors"][1]["_links"]["verify"]["href"]
        state = {"stateToken": found["stateToken"]}
        self.assertEqual(post_json(verify, {**state, "passCode": "000000"})[1]["errorCode"], "E0000068")
        self.assertEqual(post_json(verify, state)[0], 400)
        self.assertEqual(post_json(verify, {"stateToken": "x", "passCode": "424242"})[0], 401)
        status, done = post_json(verify, {**state, "passCode": idp_okta.PASSCODE})
        self.assertEqual((status, done["status"]), (200, "SUCCESS"))
        self.assertEqual(assume(response_of(self.app(done["sessionToken"])))[0], 200)
        _, found = self.authn("question")
        factor = found["_embedded"]["factors"][0]
        self.assertEqual(post_json(factor["_links"]["verify"]["href"], {
            "stateToken": found["stateToken"], "answer": idp_okta.ANSWER})[1]["status"], "SUCCESS")

    def test_push(self):
        for name, ending in (("push", "SUCCESS"), ("push-rejected", "REJECTED"), ("push-timeout", "TIMEOUT")):
            _, found = self.authn(name)
            href = found["_embedded"]["factors"][0]["_links"]["verify"]["href"]
            for turn in range(idp_okta.POLLS):
                status, now = post_json(href, {"stateToken": found["stateToken"]})
                self.assertEqual((status, now["status"], now["factorResult"]), (200, "MFA_CHALLENGE", "WAITING"))
                href = now["_links"]["next"]["href"]
            _, now = post_json(href, {"stateToken": found["stateToken"]})
            self.assertEqual(now.get("factorResult", now["status"]), ending)

    def test_requests_that_are_no_good(self):
        good = {"username": "bob", "password": PASSWORD}
        self.assertEqual(post_json(BASE + idp_okta.API, good, Accept="text/html")[0], 400)
        self.assertEqual(post_json(BASE + idp_okta.API, good, **{"Content-Type": "text/plain"})[0], 400)
        self.assertEqual(post_json(BASE + idp_okta.API, {**good, "extra": "1"})[0], 400)
        self.assertEqual(browser().open(BASE + idp_okta.API, b"{", JSON).status, 400)


class Azure(unittest.TestCase):
    def token(self, tenant="example.com", version="", spoil=None, **more):
        form = {"grant_type": "password", "requested_token_type": idp_azure.SAML2, "username": "bob@example.com",
                "password": PASSWORD, "client_secret": idp_azure.SECRET, "client_id": idp_azure.CLIENT,
                "resource": idp_azure.CLIENT, **more}
        form = {name: value for name, value in form.items() if name != spoil and value is not None}
        page = browser().open("%s/%s/oauth2/%stoken" % (BASE, tenant, version), urllib.parse.urlencode(form).encode(),
                              {**FORM, "Accept": "application/json"})
        return page.status, json.loads(page.data) if page.data[:1] == b"{" else page.text

    @staticmethod
    def wrapped(text):
        data = base64.b64decode(text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4))
        data = data.removeprefix(b"\xef\xbb\xbf").partition(b"?>\n")[2] or data
        return base64.b64encode(
            b'<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"><samlp:Status><samlp:StatusCode '
            b'Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>' + data +
            b"</samlp:Response>").decode()

    def test_password_grant(self):
        for tenant in ("example.com", "declared.example.com", "padded.example.com"):
            status, found = self.token(tenant)
            self.assertEqual(status, 200)
            self.assertEqual(assume(self.wrapped(found["access_token"]))[0], 200, tenant)
        self.assertRegex(self.token()[1]["access_token"], r"^[\w-]+$")

    def test_refusals(self):
        for more, status, code in (
                ({"password": "x"}, 400, 50126), ({"username": "locked"}, 400, 50053),
                ({"username": "expiredpassword"}, 400, 50055), ({"username": "mfa"}, 400, 50076),
                ({"username": "enroll"}, 400, 50079), ({"username": "challenge"}, 400, 50158),
                ({"client_secret": "x"}, 401, 7000215),
                ({"client_id": "x", "resource": "x"}, 400, 700016), ({"tenant": "nosuch"}, 400, 90002),
                ({"grant_type": "client_credentials"}, 400, 70003)):
            got, found = self.token(**more)
            self.assertEqual((got, found["error_codes"]), (status, [code]), more)
        for name in ("requested_token_type", "resource", "client_secret", "username"):
            self.assertEqual(self.token(spoil=name)[0], 400)
        self.assertNotIn("access_token", self.token("notoken.example.com")[1])
        self.assertIn("canary", self.token("nojson-400.example.com")[1])

    def authorize(self, version="", tenant="example.com", user="bob", **more):
        """The page that posts to the listener."""
        query = {"scope": "openid", "response_type": "code", "response_mode": "form_post",
                 "client_id": idp_azure.PUBLIC, "redirect_uri": "http://localhost:7890/redshift/", "state": STATE,
                 "code_challenge": CHALLENGE, "code_challenge_method": "S256", **more}
        one = browser()
        page = one.open("%s/%s/oauth2/%sauthorize?%s" % (BASE, tenant, version, urllib.parse.urlencode(query)))
        return one.sign_in(page, user, PASSWORD)

    def redeem(self, page, version="", **more):
        form = {"grant_type": "authorization_code", "code": page.value("code"), "scope": "openid",
                "client_id": idp_azure.PUBLIC, "redirect_uri": "http://localhost:7890/redshift/",
                "code_verifier": VERIFIER, "username": None, "password": None, "client_secret": None,
                "resource": idp_azure.PUBLIC, **more}
        return self.token(version=version, **form)

    def test_code_grant(self):
        page = self.authorize()
        self.assertEqual((page.target(page.forms[0]), page.value("state")), ("http://localhost:7890/redshift/", STATE))
        status, found = self.redeem(page)
        self.assertEqual(status, 200)
        self.assertEqual(assume(self.wrapped(found["access_token"]))[0], 200)
        self.assertEqual(self.redeem(page)[1]["error_codes"], [54005])
        for more, code in (({"code_verifier": "x" * 43}, 501481), ({"scope": "openid x"}, 70011),
                           ({"redirect_uri": "http://localhost:7891/redshift/"}, 50011)):
            self.assertEqual(self.redeem(self.authorize(), **more)[1]["error_codes"], [code])
        for more in ({"state": ""}, {"code_challenge": ""}, {"code_challenge_method": "plain"},
                     {"redirect_uri": "http://127.0.0.1:7890/redshift/"}, {"response_mode": "query"},
                     {"client_id": idp_azure.CLIENT}, {"scope": "profile"}):
            self.assertEqual(self.authorize(**more).status, 400, more)
        self.assertEqual(self.authorize(user="deny").value("error"), "access_denied")
        self.assertNotEqual(self.authorize(tenant="wrongstate.example.com").value("state"), STATE)

    def test_version_2_gives_the_database_s_token(self):
        page = self.authorize("v2.0/", scope="openid api://redshift/jdbc_login")
        more = {"scope": "openid api://redshift/jdbc_login", "resource": None, "requested_token_type": None}
        status, found = self.redeem(page, "v2.0/", **more)
        self.assertEqual(status, 200, found)
        self.assertEqual(logs_in(found["access_token"]), "u_idp")
        with self.assertRaises(ServerError):
            logs_in(found["access_token"] + "x")
        with self.assertRaises(ServerError):
            logs_in(found["access_token"], "ACCESS_TOKEN")
        # A code of version 1 is none of version 2.
        self.assertEqual(self.redeem(self.authorize(), "v2.0/", resource=None, requested_token_type=None)[0], 400)


class Center(unittest.TestCase):
    REDIRECT = "http://127.0.0.1:7890"

    def register(self, name="Redshift ODBC driver", **more):
        return post_json(E["RS_IDC_URL"] + "/client/register", {
            "clientName": name, "clientType": "public", "scopes": ["redshift:connect"], "issuerUrl": ISSUER,
            "redirectUris": [self.REDIRECT], "grantTypes": ["authorization_code"], **more})

    def code(self, client, user="bob", **more):
        """The pairs that the browser is led to the listener with."""
        query = {"response_type": "code", "client_id": client["clientId"], "redirect_uri": self.REDIRECT,
                 "state": STATE, "scopes": "redshift:connect", "code_challenge": CHALLENGE,
                 "code_challenge_method": "S256", **more}
        one = browser(lambda url: url.startswith("http://127.0.0.1:"))
        page = one.sign_in(one.open(E["RS_IDC_URL"] + "/authorize?" + urllib.parse.urlencode(query)), user, PASSWORD)
        return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(page.headers.get("Location", "")).query))

    def token(self, client, code, **more):
        return post_json(E["RS_IDC_URL"] + "/token", {
            "clientId": client["clientId"], "clientSecret": client["clientSecret"], "grantType": "authorization_code",
            "code": code, "codeVerifier": VERIFIER, "redirectUri": self.REDIRECT, **more})

    def test_code(self):
        status, client = self.register()
        self.assertEqual(status, 200)
        self.assertGreater(client["clientSecretExpiresAt"], time.time())
        pairs = self.code(client)
        self.assertEqual(pairs["state"], STATE)
        status, found = self.token(client, pairs["code"])
        self.assertEqual((status, found["tokenType"]), (200, "Bearer"))
        self.assertEqual(logs_in(found["accessToken"], "ACCESS_TOKEN"), "u_idp")
        with self.assertRaises(ServerError):
            logs_in(found["accessToken"])
        self.assertEqual(self.token(client, pairs["code"])[1]["error"], "invalid_grant")
        self.assertEqual(self.code(client, "deny")["error"], "access_denied")
        for more, error in (({"codeVerifier": "x" * 80}, "invalid_grant"), ({"codeVerifier": "short"}, "invalid_request"),
                            ({"redirectUri": "http://127.0.0.1:1"}, "invalid_grant"), ({"clientSecret": "x"}, "invalid_client"),
                            ({"grantType": "password"}, "unsupported_grant_type")):
            self.assertEqual(self.token(client, self.code(client)["code"], **more)[1]["error"], error, more)
        for more in ({"scopes": ""}, {"code_challenge": "x"}, {"redirect_uri": "http://127.0.0.1:1"}, {"state": "x"}):
            self.assertEqual(self.code(client, **more), {}, more)

    def test_clients(self):
        for more in ({"scopes": ["openid"]}, {"issuerUrl": "https://nobody"}, {"redirectUris": ["http://localhost:1/"]},
                     {"clientType": "confidential"}, {"extra": 1}):
            self.assertEqual(self.register(**more)[0], 400, more)

    def test_what_goes_wrong(self):
        for way, errors in (("pending-2", ["authorization_pending"] * 2 + [None]), ("slow-1", ["slow_down", None]),
                            ("denied", ["access_denied"]), ("expired", ["expired_token"]), ("broken-1", ["server_error", None]),
                            ("client-1", ["invalid_client", None])):
            _, client = self.register("x:" + way)
            code = self.code(client)["code"]
            for error in errors:
                self.assertEqual(self.token(client, code)[1].get("error"), error, way)
        self.assertNotEqual(self.code(self.register("x:wrongstate")[1])["state"], STATE)
        self.assertNotIn("accessToken", self.token(client := self.register("x:notoken")[1], self.code(client)["code"])[1])

    def test_device(self):
        _, client = self.register(redirectUris=None, grantTypes=[DEVICE_GRANT])
        self.assertIn("error", client)
        _, client = post_json(E["RS_IDC_URL"] + "/client/register", {
            "clientName": "x", "clientType": "public", "scopes": ["redshift:connect"], "issuerUrl": ISSUER,
            "grantTypes": [DEVICE_GRANT]})
        for user, want in (("bob", None), ("deny", "access_denied")):
            status, device = post_json(E["RS_IDC_URL"] + "/device_authorization", {
                "clientId": client["clientId"], "clientSecret": client["clientSecret"], "startUrl": ISSUER})
            self.assertEqual((status, device["interval"]), (200, 1))
            asked = {"clientId": client["clientId"], "clientSecret": client["clientSecret"],
                     "grantType": DEVICE_GRANT, "deviceCode": device["deviceCode"]}
            self.assertEqual(post_json(E["RS_IDC_URL"] + "/token", asked)[1]["error"], "authorization_pending")
            one = browser()
            page = one.open("%s/device?user_code=%s" % (E["RS_IDC_URL"], device["userCode"]))
            one.sign_in(page, user, PASSWORD)
            _, found = post_json(E["RS_IDC_URL"] + "/token", asked)
            self.assertEqual(found.get("error"), want)
        self.assertEqual(self.token(client, "x")[1]["error"], "invalid_grant")


class WebIdentity(unittest.TestCase):
    def assume(self, token, role="RedshiftAccess"):
        body = urllib.parse.urlencode({
            "Action": "AssumeRoleWithWebIdentity", "Version": "2011-06-15", "RoleSessionName": "x1",
            "RoleArn": "arn:aws:iam::123456789012:role/" + role, "WebIdentityToken": token})
        page = browser().open(E["RS_AWS_URL"], body.encode(), {"Content-Type": FORM["Content-Type"] + "; charset=utf-8"})
        found = elements(page.data)
        return page.status, found.get("Code"), found.get("Provider")

    def jwt(self, key=None, **more):
        claims = {"iss": idp_azure.ISSUER, "aud": idp_azure.PUBLIC, "sub": "bob", "exp": int(time.time()) + 60, **more}
        return idp_jwt.make(key or E["RS_IDP_KEY_FILE"], claims)

    def test_tokens(self):
        good = self.jwt()
        self.assertEqual(self.assume(good), (200, None, idp_azure.ISSUER))
        other = E["RS_SANDBOX_DIR"] + "/certs/saml-ssp.key"
        head, claims, signature = good.split(".")
        for token, code in ((self.jwt(exp=int(time.time()) - 5), "ExpiredTokenException"),
                            (self.jwt(aud="elsewhere"), "InvalidIdentityToken"), (self.jwt(other), "InvalidIdentityToken"),
                            (self.jwt(iss="https://nobody"), "InvalidIdentityToken"), ("a.b.c", "InvalidIdentityToken"),
                            (head + "." + idp_jwt.encoded(json.dumps({"iss": idp_azure.ISSUER, "aud": "redshift",
                                                                      "sub": "eve", "exp": 1 << 40}).encode()) + "." + signature,
                             "InvalidIdentityToken"),
                            (idp_jwt.encoded(b'{"alg":"none"}') + "." + claims + "." + signature, "InvalidIdentityToken"),
                            ("x" * 20001, "ValidationError")):
            self.assertEqual(self.assume(token)[:2], (400, code), token[:40])
        self.assertEqual(self.assume(good, "ADFS-Production")[:2], (403, "AccessDenied"))


class ListenerHandler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.server.got.append((self.command, self.path, dict(self.headers.items()),
                                dict(urllib.parse.parse_qsl(body.decode()))))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_POST

    def log_message(self, *_):
        pass


class Listening:
    """What the driver's listener is for the browser: got has all that came."""

    def __enter__(self):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), ListenerHandler)
        self.server.got = self.got = []
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


class BrowserProgram(unittest.TestCase):
    def setUp(self):
        self.listener = Listening().__enter__()
        self.addCleanup(self.listener.__exit__)
        self.port = self.listener.port

    def browse(self, url, way="", **more):
        self.listener.got.clear()
        done = subprocess.run([os.path.join(os.path.dirname(os.path.realpath(__file__)), "browser"), url], check=False,
                              env={**E, "RS_BROWSER_WAY": way, **more}, timeout=30)
        return done.returncode, self.listener.got

    def test_saml(self):
        url = "%s/saml/start?port=%d" % (BASE, self.port)
        status, ((method, path, headers, pairs),) = self.browse(url)
        self.assertEqual((status, method, path, headers["Origin"]), (0, "POST", "/redshift/", "null"))
        self.assertEqual(assume(pairs["SAMLResponse"])[0], 200)
        self.assertEqual([each[:2] for each in self.browse(url, "favicon")[1]],
                         [("GET", "/favicon.ico"), ("POST", "/redshift/")])
        self.assertEqual(len(self.browse(url, "twice")[1]), 2)
        self.assertEqual(self.browse(url, "never"), (0, []))
        self.assertEqual(self.browse(url, "fail"), (1, []))
        self.assertEqual(self.browse(url, RS_BROWSER_PASSWORD="wrong"), (0, []))
        self.assertNotIn("Origin", self.browse(url, "no-origin")[1][0][2])
        self.assertEqual(self.browse(url, "own-origin")[1][0][2]["Origin"], BASE)
        self.assertEqual(self.browse(url, "host")[1][0][2]["Host"], "strange.example.com")

    def test_states(self):
        query = urllib.parse.urlencode({
            "scope": "openid", "response_type": "code", "response_mode": "form_post", "client_id": idp_azure.PUBLIC,
            "redirect_uri": "http://localhost:%d/redshift/" % self.port, "state": STATE, "code_challenge": CHALLENGE,
            "code_challenge_method": "S256"})
        url = "%s/example.com/oauth2/authorize?%s" % (BASE, query)
        wrong, right = (each[3]["state"] for each in self.browse(url, "wrong-state")[1])
        self.assertEqual((wrong == STATE, right), (False, STATE))
        self.assertNotIn("state", self.browse(url, "no-state")[1][0][3])
        with tempfile.TemporaryDirectory() as folder:
            prefix = "https://login.microsoftonline.com=" + BASE
            self.browse(url.replace(BASE, "https://login.microsoftonline.com"), RS_BROWSER_PREFIX=prefix,
                        RS_BROWSER_LOG=folder + "/log")
            with open(folder + "/log", encoding="utf-8") as file:
                self.assertEqual([json.loads(line)["event"] for line in file], ["opened", "signed in", "delivered"])


if __name__ == "__main__":
    assert idp_jwt.encoded(hashlib.sha256(VERIFIER.encode()).digest()) == CHALLENGE
    unittest.main()
