"""IAM Identity Center of the aws stand-in: clients, tokens, the page where one signs in.

What follows the colon in a client's name chooses what goes wrong (README.md).  Whoever signs in,
the token is that of the database's user u_idp.
"""

import hashlib
import json
import re
import secrets
import threading
import time
import urllib.parse

import idp_accounts
import idp_jwt
import idp_pages

ISSUER = "https://example.awsapps.com/start"
SCOPE = "redshift:connect"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
REDIRECT = re.compile(r"^http://127\.0\.0\.1:[0-9]{1,5}$")
USER = "u_idp"
EXCEPTIONS = {
    "authorization_pending": "AuthorizationPendingException", "slow_down": "SlowDownException",
    "access_denied": "AccessDeniedException", "expired_token": "ExpiredTokenException",
    "invalid_grant": "InvalidGrantException", "invalid_client": "InvalidClientException",
    "invalid_request": "InvalidRequestException", "invalid_scope": "InvalidScopeException",
    "unauthorized_client": "UnauthorizedClientException",
    "unsupported_grant_type": "UnsupportedGrantTypeException",
    "server_error": "InternalServerException"}


class Problem(Exception):
    def __init__(self, name, text="", status=400):
        self.name, self.text, self.status = name, text, status
        super().__init__(name)


def document(status, value, headers=()):
    return status, "application/json", json.dumps(value).encode(), headers


class Center:
    """keep_token(user, token, seconds) is told of each token that is given."""

    def __init__(self, keep_token):
        self.keep_token = keep_token
        self.lock = threading.Lock()
        self.kept = {}  # (kind, name) -> dict

    def keep(self, kind, **value):
        name = secrets.token_urlsafe(30)
        with self.lock:
            self.kept[(kind, name)] = value
        return name

    def find(self, kind, name, take=False):
        with self.lock:
            return (self.kept.pop if take else self.kept.get)((kind, name), None)

    def answer(self, command, path, query, headers, body):
        """(status, content type, bytes, headers); None: no such place."""
        places = {("POST", "/client/register"): self.register, ("POST", "/token"): self.token,
                  ("POST", "/device_authorization"): self.begin_device,
                  ("GET", "/authorize"): self.authorize, ("GET", "/device"): self.device,
                  ("POST", "/signin"): self.sign_in}
        place = places.get((command, path))
        if place is None:
            return None
        try:
            if path in ("/client/register", "/token", "/device_authorization"):
                return place(self.members(headers, body))
            form = urllib.parse.parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
            return place(query, {name: values[0] for name, values in form.items()})
        except Problem as problem:
            status = 401 if problem.name == "invalid_client" else problem.status
            return document(status, {"error": problem.name, "error_description": problem.text},
                            [("x-amzn-ErrorType", EXCEPTIONS[problem.name])])

    @staticmethod
    def members(headers, body):
        try:
            found = json.loads(body)
        except ValueError:
            found = None
        if not isinstance(found, dict) or headers.get("Content-Type") != "application/json":
            raise Problem("invalid_request", "the body is no JSON object, or not said to be")
        if headers.get("Authorization"):
            raise Problem("invalid_request", "this is sent unsigned")
        return found

    @staticmethod
    def want(condition, text, name="invalid_request"):
        if not condition:
            raise Problem(name, text)

    # Clients

    def register(self, asked):
        device = asked.get("grantTypes") == [DEVICE_GRANT]
        wanted = {"clientName", "clientType", "scopes", "issuerUrl", "grantTypes"}
        self.want(set(asked) - ({"redirectUris"} if not device else set()) == wanted,
                  "members: " + " ".join(sorted(asked)))
        self.want(asked["clientType"] == "public", "Invalid client type")
        self.want(asked["scopes"] == [SCOPE], "Invalid scopes", "invalid_scope")
        self.want(asked["issuerUrl"] == ISSUER, "Invalid issuer URL provided")
        self.want(isinstance(asked["clientName"], str) and asked["clientName"], "Invalid client name")
        if not device:
            self.want(asked["grantTypes"] == ["authorization_code"], "Invalid grant type")
            uris = asked.get("redirectUris")
            self.want(isinstance(uris, list) and len(uris) == 1 and REDIRECT.match(uris[0]),
                      "Invalid redirect URI", "invalid_request")
        way, _, number = asked["clientName"].rpartition(":")[2].partition("-")
        way = way if ":" in asked["clientName"] else ""
        self.want(way != "unregistered", "as the name asked")
        if way == "error500":
            raise Problem("server_error", "as the name asked", 500)
        secret, until = secrets.token_urlsafe(60), time.time() + (-1 if way == "expiring" else 7776000)
        name = self.keep("client", secret=secret, until=until, asked=asked, way=way,
                         number=int(number) if number.isdigit() else 1, turns={})
        answer = {"clientId": name, "clientSecret": secret, "clientIdIssuedAt": int(time.time()),
                  "clientSecretExpiresAt": int(until), "authorizationEndpoint": None,
                  "tokenEndpoint": None}
        if way == "noid":
            del answer["clientId"]
        return document(200, answer)

    def client(self, asked):
        found = self.find("client", asked.get("clientId", ""))
        self.want(found and found["secret"] == asked.get("clientSecret"), "Client not found",
                  "invalid_client")
        self.want(found["until"] > time.time() or found["way"] == "expiring", "Client has expired",
                  "invalid_client")
        return found

    # Tokens

    def token(self, asked):
        grant = asked.get("grantType")
        codes = {"authorization_code": {"code", "codeVerifier", "redirectUri"},
                 DEVICE_GRANT: {"deviceCode"}}
        self.want(grant in codes, "Unsupported grant", "unsupported_grant_type")
        self.want(set(asked) == {"clientId", "clientSecret", "grantType"} | codes[grant],
                  "members: " + " ".join(sorted(asked)))
        client = self.client(asked)
        self.misbehave(client)
        if grant == DEVICE_GRANT:
            self.check_device(asked["deviceCode"], asked["clientId"])
        else:
            self.check_code(asked)
        if client["way"] == "notoken":
            return document(200, {"tokenType": "Bearer", "expiresIn": 28800})
        if client["way"] == "nojson":
            return 200, "text/html", b"<html>canary-of-the-error-page</html>", ()
        text = "aoa" + secrets.token_urlsafe(90) + ":" + secrets.token_urlsafe(40) + "+/="
        self.keep_token(USER, text, 28800)
        return document(200, {"accessToken": text, "tokenType": "Bearer", "expiresIn": 28800,
                              "refreshToken": "aor" + secrets.token_urlsafe(90), "idToken": None})

    def misbehave(self, client):
        """So many times, before the code is even looked at."""
        way = client["way"]
        answers = {"pending": "authorization_pending", "slow": "slow_down", "denied": "access_denied",
                   "expired": "expired_token", "grant": "invalid_grant", "client": "invalid_client",
                   "broken": "server_error"}
        if way not in answers:
            return
        with self.lock:
            turn = client["turns"][way] = client["turns"].get(way, 0) + 1
        if way in ("pending", "slow", "client", "broken") and turn > client["number"]:
            return
        raise Problem(answers[way], "as the name asked", 500 if way == "broken" else 400)

    def check_code(self, asked):
        code = self.find("code", asked["code"], take=True)
        self.want(code and code["until"] > time.time(), "Invalid code", "invalid_grant")
        self.want(code["client_id"] == asked["clientId"], "Another client's code", "invalid_grant")
        self.want(code["redirect_uri"] == asked["redirectUri"], "Another redirect URI", "invalid_grant")
        verifier = asked["codeVerifier"]
        self.want(re.match(r"^[\w.~-]{43,128}$", verifier, re.ASCII), "Invalid code verifier")
        self.want(idp_jwt.encoded(hashlib.sha256(verifier.encode()).digest()) == code["code_challenge"],
                  "Invalid code verifier", "invalid_grant")

    # The page

    def authorize(self, query, _):
        client = self.find("client", query.get("client_id", ""))
        self.want(client, "Client not found", "invalid_client")
        self.want(set(query) == {"response_type", "client_id", "redirect_uri", "state", "scopes",
                                 "code_challenge", "code_challenge_method"},
                  "parameters: " + " ".join(sorted(query)))
        self.want(query["response_type"] == "code", "response_type is wrong")
        self.want(query["redirect_uri"] in client["asked"].get("redirectUris", []),
                  "redirect_uri is not registered")
        self.want(query["scopes"] == SCOPE, "scopes are wrong", "invalid_scope")
        self.want(query["code_challenge_method"] == "S256", "code_challenge_method is wrong")
        self.want(re.match(r"^[\w-]{43}$", query["code_challenge"], re.ASCII), "code_challenge is wrong")
        self.want(len(query["state"]) >= 32, "state is short")
        return self.page(self.keep("page", query=query, way=client["way"]))

    def page(self, secret, text=""):
        kind, data = idp_pages.document("plain", "<p>%s</p>" % text + idp_pages.form(
            "plain", [("text", "username", "", ""), ("password", "password", "", ""),
                      ("hidden", "workflow", secret, "")], "signin"))
        return 200, kind, data, ()

    def sign_in(self, _, form):
        page = self.find("page", form.get("workflow", ""))
        self.want(page, "workflow is wrong or missing")
        account = idp_accounts.find(form.get("username", ""))
        if not idp_accounts.is_right(account, form.get("password")):
            return self.page(form["workflow"], "Please check your credentials.")
        if "device" in page:
            page["device"]["state"] = "denied" if account.way == "deny" else "approved"
            return 200, "text/html", b"<html><body>You may close this window.</body></html>", ()
        query = page["query"]
        pairs = {"error": "access_denied", "error_description": "The user said no"}
        if account.way != "deny":
            pairs = {"code": self.keep("code", until=time.time() + 60, **query)}
        pairs["state"] = "x" + query["state"][1:] if page["way"] == "wrongstate" else query["state"]
        return 302, "text/html", b"", [
            ("Location", query["redirect_uri"] + "/?" + urllib.parse.urlencode(pairs))]

    # Devices

    def begin_device(self, asked):
        self.want(set(asked) == {"clientId", "clientSecret", "startUrl"},
                  "members: " + " ".join(sorted(asked)))
        client = self.client(asked)
        self.want(client["asked"]["grantTypes"] == [DEVICE_GRANT], "not this client's grant",
                  "unauthorized_client")
        self.want(asked["startUrl"] == ISSUER, "Invalid start url provided")
        device = {"client": asked["clientId"], "state": "waiting", "until": time.time() + 600}
        code = "".join(secrets.choice("BCDFGHJKLMNPQRSTVWXZ") for _ in range(8))
        code = code[:4] + "-" + code[4:]
        with self.lock:
            self.kept[("user code", code)] = device
        name = self.keep("device", device=device)
        at = "https://device.sso.us-west-2.amazonaws.com/"
        return document(200, {
            "deviceCode": name, "userCode": code, "verificationUri": at,
            "verificationUriComplete": at + "?user_code=" + code, "expiresIn": 600, "interval": 1})

    def device(self, query, _):
        device = self.find("user code", query.get("user_code", ""))
        self.want(device, "user_code is not known")
        return self.page(self.keep("page", device=device, way=""))

    def check_device(self, name, client):
        kept = self.find("device", name)
        self.want(kept and kept["device"]["client"] == client, "Invalid device code", "invalid_grant")
        device = kept["device"]
        self.want(device["until"] > time.time(), "The code has expired", "expired_token")
        self.want(device["state"] != "denied", "The user said no", "access_denied")
        self.want(device["state"] == "approved", "Not yet", "authorization_pending")
