#!/usr/bin/python3
"""A stand-in for the Redshift query API of AWS, and the Serverless one.

Answers what a sign-in asks over https.  Every signature
is recomputed by botocore, an implementation that is not ours.  The passwords it
hands out are real: the redshift stand-in finds them in the shared store.  The
server is stricter than AWS (unknown parameters, encoding, headers), so that a
typo in a client cannot hide.  See README.md for options and faults.
"""

import argparse
import datetime
import email.utils
import hmac
import html
import http.server
import json
import os
import re
import secrets
import select
import signal
import socket
import socketserver
import ssl
import string
import sys
import threading
import time
import urllib.parse
import uuid

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

import aws_saml
import aws_web
from aws_center import Center
from aws_errors import ApiError

NAMESPACE = "http://redshift.amazonaws.com/doc/2012-12-01/"
VERSION = "2012-12-01"
STS_NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"
STS_VERSION = "2011-06-15"
CONTENT_TYPE = "application/x-www-form-urlencoded; charset=utf-8"
JSON_TYPE = "application/x-amz-json-1.1"
JSON_PREFIX = "RedshiftServerless."
# Custom domain: its cluster, and whether the credential calls know it by themselves.
DOMAINS = {"db.example.com": ("examplecluster", True), "alias.example.com": ("examplecluster", False)}
AUTH_PROFILES = {
    "team-a": {"DbUser": "newuser", "AutoCreate": "1", "DbGroups": "group1"},
    "whole": {"ClusterID": "examplecluster", "Database": "dev", "DbUser": "newuser",
              "AutoCreate": "true", "LogLevel": "6"},
    "bad": {"AutoCreate": "maybe"},
}
MAX_SKEW = 15 * 60
MAX_BODY = 1 << 20

AUTHORIZATION = re.compile(
    r"^AWS4-HMAC-SHA256 Credential=(?P<key>[^/, ]+)/(?P<date>\d{8})/(?P<region>[^/, ]+)/"
    r"(?P<service>[^/, ]+)/aws4_request, SignedHeaders=(?P<signed>[a-z0-9;-]+), "
    r"Signature=(?P<signature>[0-9a-f]{64})$")
DB_USER = re.compile(r"^[A-Za-z][A-Za-z0-9_+.@-]{0,127}$")
CLUSTER_IDS = "ClusterIds.ClusterIdentifier.1"
GROUP = re.compile(r"^DbGroups\.DbGroup\.([1-9][0-9]*)$")
ROLE = re.compile(r"^arn:aws:iam::123456789012:role/([\w+=,.@-]{1,64})$")
# Name of a role: who may assume it (None: everybody here), its external id, what it may not do.
ROLES = {
    "RedshiftAccess": {},
    "Chained": {"trusts": "RedshiftAccess"},
    "External": {"external": "partner/42:x"},
    "NoCreds": {"deny": ["GetClusterCredentials"]},
    "ADFS-Production": {"provider": True},
    "ADFS-Dev": {"provider": True, "most": 3600},
    "Untrusted": {"provider": False},
}
# What a container's agent wants to see.
MACHINE_TOKEN = "machine token/+=="
FAULT_PATH = re.compile(r"^/fault/(?P<name>[A-Za-z0-9-]+)/(?P<nonce>[^/]+)/?$")
# A bare name is one answer each time; NAME-N counts or carries a value.
FAULT_NAMES = ("throttle", "throttleafter", "error500", "error503", "stall", "cut", "close", "oversized",
               "oversizedchunked", "nonxml", "nonxml403", "emptybody", "truncatedxml", "xmlbomb",
               "badport", "redirect", "nopassword", "expiredcreds", "skewdate", "skewsig",
               "longpassword", "expiredtoken", "shortcreds", "error")


def iso(moment, fraction=False):
    stamp = datetime.datetime.fromtimestamp(moment, datetime.timezone.utc)
    text = stamp.strftime("%Y-%m-%dT%H:%M:%S")
    return text + (".%03dZ" % (stamp.microsecond // 1000) if fraction else "Z")


def amz(moment):
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(moment))


def new_password(length):
    """Every awkward printable character is in it, at a random place."""
    awkward = ";{}=% '\"\\&<>+/,:@#?"
    letters = string.ascii_letters + string.digits
    inner = list(awkward) + [secrets.choice(letters) for _ in range(length - len(awkward) - 2)]
    secrets.SystemRandom().shuffle(inner)
    # No blank at either end: AWS's own have none, and XML tools may trim.
    return secrets.choice(letters) + "".join(inner) + secrets.choice(letters)


class Stand:
    """What all requests share."""

    def __init__(self, options):
        self.options = options
        with open(options.keys, encoding="utf-8") as file:
            self.keys = json.load(file)
        self.lock = threading.Lock()
        self.fault_counts = {}
        self.instance_token = None
        self.center = Center(lambda user, token, seconds: self.keep_password(
            {"user": user, "password": token, "expires": time.time() + seconds, "used": False,
             "token_type": "ACCESS_TOKEN"}))
        self.clusters = {
            "creating": {"status": "creating"},
            "wrongport": {"host": "localhost", "port": 1, "status": "available"},
        }
        if options.cluster_port:
            self.clusters["examplecluster"] = {
                "host": options.cluster_host, "port": options.cluster_port, "status": "available"}
        for name, host, port in options.cluster:
            self.clusters[name] = {"host": host, "port": port, "status": "available"}
        self.log_fd = None
        if options.log:
            self.log_fd = os.open(options.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def log(self, **line):
        if self.log_fd is not None:
            line = {"t": round(time.time(), 3), "inst": self.options.name, **line}
            os.write(self.log_fd, (json.dumps(line) + "\n").encode())

    def fault_turn(self, name, nonce):
        """1 for the first request of this nonce, then 2, 3, …"""
        with self.lock:
            turn = self.fault_counts.get((name, nonce), 0) + 1
            self.fault_counts[(name, nonce)] = turn
            return turn

    def keep_password(self, entry):
        if not self.options.store:
            return
        name = os.path.join(self.options.store, secrets.token_hex(12))
        with open(os.open(name + ".tmp", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w",
                  encoding="utf-8") as file:
            json.dump(entry, file)
        os.rename(name + ".tmp", name + ".json")


# --------------------------------------------------------------------------
# Documents

def success_document(action, inner, request_id, namespace=NAMESPACE):
    return ('<%sResponse xmlns="%s">\n  <%sResult>\n%s  </%sResult>\n  <ResponseMetadata>\n'
            '    <RequestId>%s</RequestId>\n  </ResponseMetadata>\n</%sResponse>\n'
            % (action, namespace, action, inner, action, request_id, action))


def error_document(error, request_id):
    kind = "Receiver" if error.status >= 500 else "Sender"
    return ('<ErrorResponse xmlns="%s">\n  <Error>\n    <Type>%s</Type>\n    <Code>%s</Code>\n'
            '    <Message>%s</Message>\n  </Error>\n  <RequestId>%s</RequestId>\n</ErrorResponse>\n'
            % (NAMESPACE, kind, error.code, html.escape(error.text), request_id))


PAGE = ("<!DOCTYPE html>\n<html><head><title>Proxy</title></head><body><h1>Sign in to the "
        "network</h1><p>Please <b>sign in<br> first &nbsp;</p></body></html>\n")

BOMB = ('<?xml version="1.0"?>\n<!DOCTYPE bomb [\n <!ENTITY a "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa">\n' +
        "".join(' <!ENTITY %s "%s">\n' % (name, ("&%s;" % chr(ord(name) - 1)) * 20)
                for name in "bcdefgh") +
        ']>\n<GetClusterCredentialsResponse xmlns="%s"><GetClusterCredentialsResult>'
        '<DbUser>IAM:newuser</DbUser><DbPassword>&h;</DbPassword>'
        '<Expiration>2099-01-01T00:00:00Z</Expiration></GetClusterCredentialsResult>'
        '</GetClusterCredentialsResponse>\n' % NAMESPACE)


# --------------------------------------------------------------------------

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "standin"
    sys_version = ""
    timeout = 120

    def log_message(self, *_):
        pass

    @property
    def stand(self):
        return self.server.stand

    def setup(self):
        # The handshake belongs to this thread, not to the one that accepts.
        self.request.settimeout(30)
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
        self.usable = True
        try:
            if self.server.context:
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

    # One entry for every method

    def do_POST(self):
        self.answer()

    do_GET = do_PUT = do_HEAD = do_DELETE = do_POST

    def answer(self):
        began = time.time()
        self.request_id = str(uuid.uuid4())
        self.skew = 0
        self.retry_after = None
        self.is_json = "X-Amz-Target" in self.headers
        entry = {"event": "request", "method": self.command, "path": self.path,
                 "host": self.headers.get("Host"), "ua": self.headers.get("User-Agent"),
                 "headers": sorted(name.lower() for name in self.headers.keys()),
                 "tls": self.request.version() if self.server.context else None, "signature": "not checked",
                 "keep_alive": getattr(self, "requests_before", 0) > 0}
        self.requests_before = getattr(self, "requests_before", 0) + 1
        self.entry = entry
        fault = None
        self.stand.log(event="asked")  # before the answer: who was answered finds it in the log
        try:
            try:
                body = self.read_body()
                machine = self.machine_path()
                if machine:
                    self.body = body
                    self.machine(machine)
                    return
                fault = self.find_fault()
                if fault:
                    entry["fault"] = fault[0]
                action, document = self.api(body, fault)
                status = 200
            except ApiError as error:
                status, action = error.status, entry.get("action", "")
                entry["code"], entry["message"] = error.code, error.text
                document = (json.dumps({"__type": "com.amazonaws.redshift#" + error.code,
                                        "message": error.text}) if self.is_json
                            else error_document(error, self.request_id))
            entry["status"] = status
            self.deliver(status, action, document, fault)
        finally:
            entry["seconds"] = round(time.time() - began, 3)
            self.stand.log(**entry)

    def read_body(self):
        if "Transfer-Encoding" in self.headers:
            self.close_connection = True
            raise ApiError(400, "MalformedInput", "Transfer-Encoding is not accepted here")
        try:
            length = int(self.headers.get("Content-Length", "0"))
        except ValueError:
            length = -1
        if not 0 <= length <= MAX_BODY:
            self.close_connection = True
            raise ApiError(413, "MalformedInput", "body too large")
        return self.rfile.read(length)

    def find_fault(self):
        """(whole name, base, value, turn) when the path asks for a fault."""
        path = urllib.parse.urlsplit(self.path).path
        if path == "/":
            return None
        found = FAULT_PATH.match(path)
        base, _, value = found["name"].partition("-") if found else ("", "", "")
        if base not in FAULT_NAMES:
            raise ApiError(404, "UnknownPath", "no such path in this stand-in: " + path)
        return found["name"], base, value, self.stand.fault_turn(found["name"], found["nonce"])

    # What is asked

    def api(self, body, fault):
        entry = self.entry
        if fault and fault[1] in ("skewdate", "skewsig"):
            self.skew = 3600
        if self.command != "POST":
            raise ApiError(400, "InvalidAction", "only POST is understood here")
        if self.is_json:
            return self.json_api(body, fault)
        raw = body.decode("utf-8", "replace")
        pairs = []
        for part in raw.split("&") if raw else []:
            name, _, value = part.partition("=")
            pairs.append((urllib.parse.unquote(name), urllib.parse.unquote(value)))
        entry["parameters"] = pairs
        parameters = dict(pairs)
        entry["action"] = action = parameters.get("Action", "")
        key = self.check_signature(body, fault)
        self.early_fault(fault)
        if len(parameters) != len(pairs):
            raise ApiError(400, "MalformedQueryString", "a parameter is there twice")
        for (name, value), part in zip(pairs, raw.split("&")):
            if part != "%s=%s" % (urllib.parse.quote(name, safe="-_.~"),
                                  urllib.parse.quote(value, safe="-_.~")):
                raise ApiError(400, "MalformedQueryString",
                               "parameter %s is not percent-encoded as it should be" % name)
        if self.headers.get("Content-Type") != CONTENT_TYPE:
            raise ApiError(400, "MalformedInput", "Content-Type must be exactly " + CONTENT_TYPE)
        if not action:
            raise ApiError(400, "MissingAction", "the request must contain the parameter Action")
        handlers = {"DescribeClusters": self.describe_clusters,
                    "GetClusterCredentials": self.get_cluster_credentials,
                    "GetClusterCredentialsWithIAM": self.get_cluster_credentials_with_iam,
                    "DescribeCustomDomainAssociations": self.describe_domains,
                    "DescribeAuthenticationProfiles": self.describe_profiles,
                    "GetIdentityCenterAuthToken": self.get_cluster_token}
        if action in STS_ACTIONS:
            if parameters.get("Version") != STS_VERSION:
                raise ApiError(400, "InvalidAction", "Could not find operation %s for version %s"
                               % (action, parameters.get("Version", "NO_VERSION_SPECIFIED")))
            del parameters["Action"], parameters["Version"]
            self.key = key
            inner = getattr(self, STS_ACTIONS[action])(parameters)
            return action, success_document(action, inner, self.request_id, STS_NAMESPACE)
        if action not in handlers:
            raise ApiError(400, "InvalidAction", "Could not find operation %s for version %s"
                           % (action, parameters.get("Version", VERSION)))
        if parameters.get("Version") != VERSION:
            raise ApiError(400, "InvalidAction", "Could not find operation %s for version %s"
                           % (action, parameters.get("Version", "NO_VERSION_SPECIFIED")))
        del parameters["Action"], parameters["Version"]
        self.key = key
        return action, success_document(action, handlers[action](parameters, fault),
                                        self.request_id)

    def json_api(self, body, fault):
        entry = self.entry
        target = self.headers["X-Amz-Target"]
        entry["action"] = action = target.removeprefix(JSON_PREFIX)
        handlers = {"GetWorkgroup": self.get_workgroup, "GetCredentials": self.get_credentials,
                    "GetIdentityCenterAuthToken": self.get_workgroup_token}
        key = self.check_signature(body, fault)
        self.early_fault(fault)
        if not target.startswith(JSON_PREFIX) or action not in handlers:
            raise ApiError(400, "UnknownOperationException", "no operation " + target)
        if self.headers.get("Content-Type") != JSON_TYPE:
            raise ApiError(400, "SerializationException", "Content-Type must be exactly " + JSON_TYPE)
        try:
            members = json.loads(body)
        except ValueError:
            raise ApiError(400, "SerializationException", "the body is no JSON") from None
        entry["parameters"] = sorted(members.items())
        self.key = key
        return action, json.dumps(handlers[action](members, fault))

    def members(self, members, **types):
        for name, value in members.items():
            if not isinstance(value, types.get(name, ())) or value == "":
                raise ApiError(400, "ValidationException", "member %s is not good" % name)

    def may(self, action, resource):
        if action in self.key.get("deny", []):
            raise ApiError(400, "AccessDeniedException",
                           "User: arn:aws:iam::123456789012:user/%s is not authorized to perform: "
                           "redshift-serverless:%s on resource: %s"
                           % (self.key.get("user", "x"), action, resource))

    def workgroup(self, name):
        if not re.match(r"^[a-z0-9-]{3,64}$", name):
            raise ApiError(400, "ValidationException", "workgroupName is invalid")
        if name not in ("default", "fresh"):
            raise ApiError(400, "ResourceNotFoundException", "Workgroup %s not found." % name)

    def get_workgroup(self, members, fault):
        self.members(members, workgroupName=str)
        name = members.get("workgroupName", "")
        self.may("GetWorkgroup", name)
        self.workgroup(name)
        group = {"workgroupName": name, "namespaceName": "default", "status": "CREATING",
                 "creationDate": "2026-01-15T12:00:00.000Z"}
        if name == "default":
            cluster = self.stand.clusters["examplecluster"]
            port = 99999 if fault and fault[1] == "badport" else cluster["port"]
            group.update(status="AVAILABLE", port=port,
                         endpoint={"address": cluster["host"], "port": port, "vpcEndpoints": []})
        return {"workgroup": group}

    def get_credentials(self, members, fault):
        self.members(members, workgroupName=str, customDomainName=str, dbName=str,
                     durationSeconds=int)
        if ("workgroupName" in members) == ("customDomainName" in members):
            raise ApiError(400, "ValidationException", "workgroupName or customDomainName, not both")
        name = members.get("workgroupName")
        if name is None:
            if members["customDomainName"] != "db.example.com":
                raise ApiError(400, "ResourceNotFoundException", "no such custom domain")
            name = "default"
        self.may("GetCredentials", name)
        self.workgroup(name)
        try:
            duration = self.duration(str(members.get("durationSeconds", 900)))
        except ApiError as error:
            raise ApiError(400, "ValidationException", error.text) from None
        user, password, expires = self.identity_password(members.get("dbName"), duration, fault)
        answer = {"dbUser": user, "dbPassword": password, "expiration": expires,
                  "nextRefreshTime": expires - 300}
        if fault and fault[1] == "nopassword":
            del answer["dbPassword"]
        return answer

    def identity_password(self, database, duration, fault):
        """For a user who is the identity."""
        user = "IAMR:" + re.sub(r"[^a-z0-9]", "_", self.key.get("user", "x").lower())
        password = new_password(72)
        expires = time.time() + duration
        if fault and fault[1] == "shortcreds":
            expires = time.time() + int(fault[2])
        self.stand.keep_password({"user": user, "db": database, "password": password,
                                  "expires": expires, "groups": [], "autocreate": True,
                                  "used": False})
        return user, password, round(expires + self.skew, 3)

    def identity_token(self):
        """For the database's user that the keys' session stands for; good until it expires."""
        token, expires = "aws.%s.sig+/=&<" % secrets.token_urlsafe(60), time.time() + 900
        self.stand.keep_password({"user": self.key["identity"], "password": token,
                                  "expires": expires, "used": False, "token_type": "SUBJECT_TOKEN"})
        return token, iso(expires + self.skew)

    def get_workgroup_token(self, members, fault):
        names = members.get("workgroupNames")
        if list(members) != ["workgroupNames"] or not isinstance(names, list) or len(names) != 1:
            raise ApiError(400, "ValidationException", "exactly workgroupNames, with one of them")
        self.may("GetIdentityCenterAuthToken", names[0])
        self.workgroup(names[0])
        if not self.key.get("identity"):
            raise ApiError(400, "ValidationException", "The session carries no identity")
        token, expires = self.identity_token()
        if fault and fault[1] == "nopassword":
            return {"expirationTime": expires}
        return {"token": token, "expirationTime": expires}

    def check_signature(self, body, fault):
        if self.entry["action"] in UNSIGNED:
            if self.headers.get("Authorization") or self.headers.get("X-Amz-Security-Token"):
                raise ApiError(403, "SignatureDoesNotMatch", "this action is sent unsigned")
            return {}
        try:
            key = self.signature_owner(body)
        except ApiError as error:
            self.entry["signature"] = "%s: %s" % (error.code, error.text.split("\n")[0])
            raise
        self.entry["signature"] = "ok"
        return key

    def signature_owner(self, body):
        headers = self.headers
        authorization = headers.get("Authorization")
        if authorization is None:
            raise ApiError(403, "MissingAuthenticationToken",
                           "Request is missing Authentication Token")
        found = AUTHORIZATION.match(authorization)
        if not found or len(headers.get_all("Authorization")) > 1:
            raise ApiError(400, "IncompleteSignature",
                           "Authorization header is not of the form 'AWS4-HMAC-SHA256 Credential="
                           "…, SignedHeaders=…, Signature=…'")
        self.entry["akid"] = found["key"]
        self.entry["region"] = found["region"]
        self.entry["signed"] = found["signed"]
        token = headers.get("X-Amz-Security-Token")
        self.entry["token"] = token is not None
        signed = found["signed"].split(";")
        if signed != sorted(set(signed)):
            raise ApiError(400, "IncompleteSignature", "SignedHeaders is not a sorted list")
        wanted = {"host", "x-amz-date", "content-type"}
        if token is not None:
            wanted.add("x-amz-security-token")
        if self.is_json:
            wanted.add("x-amz-target")
        missing = wanted - set(signed)
        if missing:
            raise ApiError(403, "SignatureDoesNotMatch", "these headers must be signed: "
                           + ", ".join(sorted(missing)))
        changeable = {"user-agent", "content-length", "expect", "connection", "accept"} & set(signed)
        if changeable:
            raise ApiError(403, "SignatureDoesNotMatch", "these headers must not be signed: "
                           + ", ".join(sorted(changeable)))
        for name in signed:
            if headers.get(name) is None:
                raise ApiError(403, "SignatureDoesNotMatch", "signed header %s is not there" % name)
        self.check_host()
        date = headers["X-Amz-Date"]
        if not re.match(r"^\d{8}T\d{6}Z$", date):
            raise ApiError(400, "IncompleteSignature",
                           "Date must be in ISO-8601 'basic format'. Got '%s'." % date)
        key = self.stand.keys.get(found["key"])
        if key is None or (key.get("token") or None) != token:
            raise ApiError(403, "InvalidClientTokenId",
                           "The security token included in the request is invalid.")
        service = "sts" if self.entry["action"] in STS_ACTIONS else "redshift"
        service = "redshift-serverless" if self.is_json else service
        if found["service"] != service:
            raise ApiError(403, "SignatureDoesNotMatch",
                           "Credential should be scoped to correct service: '%s'. " % service)
        if found["region"] not in self.stand.options.region:
            raise ApiError(403, "SignatureDoesNotMatch",
                           "Credential should be scoped to a valid region. ")
        if found["date"] != date[:8]:
            raise ApiError(403, "SignatureDoesNotMatch",
                           "Date in Credential scope does not match YYYYMMDD from ISO-8601 version "
                           "of date from HTTP: '%s' != '%s', from '%s'."
                           % (found["date"], date[:8], date))
        if not hmac.compare_digest(self.expected(body, key, found, date), found["signature"]):
            raise ApiError(403, "SignatureDoesNotMatch",
                           "The request signature we calculated does not match the signature you "
                           "provided. Check your AWS Secret Access Key and signing method. Consult "
                           "the service documentation for details.")
        self.check_clock(date)
        if key.get("expired"):
            raise ApiError(403, "ExpiredToken",
                           "The security token included in the request is expired")
        return key

    def check_host(self):
        host = self.headers["Host"]
        port = self.server.server_address[1]
        suffix = "" if port == 443 else ":%d" % port
        hosts = ["localhost", "127.0.0.1", "[::1]"] + self.stand.options.host
        if host not in [name + suffix for name in hosts]:
            raise ApiError(403, "SignatureDoesNotMatch", "the Host header %s is not ours" % host)

    def expected(self, body, key, found, date):
        request = AWSRequest(method=self.command, data=body,
                             url="https://%s%s" % (self.headers["Host"], self.path))
        for name in found["signed"].split(";"):
            for value in self.headers.get_all(name):
                request.headers.add_header(name, value)
        request.context["timestamp"] = date
        # The token is among the signed headers already; the class would only add it again.
        signer = SigV4Auth(Credentials(found["key"], key["secret"]), found["service"],
                           found["region"])
        return signer.signature(signer.string_to_sign(request, signer.canonical_request(request)),
                                request)

    def check_clock(self, date):
        try:
            moment = datetime.datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(
                tzinfo=datetime.timezone.utc).timestamp()
        except ValueError:
            raise ApiError(400, "IncompleteSignature", "X-Amz-Date is not a date") from None
        now = time.time() + self.skew
        if abs(moment - now) <= MAX_SKEW:
            return
        if self.skew and self.entry["path"].startswith("/fault/skewdate"):
            raise ApiError(403, "RequestTimeTooSkewed",
                           "The difference between the request time and the current time is too "
                           "large.")
        if moment < now:
            raise ApiError(403, "SignatureDoesNotMatch",
                           "Signature expired: %s is now earlier than %s (%s - 15 min.)"
                           % (date, amz(now - MAX_SKEW), amz(now)))
        raise ApiError(403, "SignatureDoesNotMatch",
                       "Signature not yet current: %s is still later than %s (%s + 15 min.)"
                       % (date, amz(now + MAX_SKEW), amz(now)))

    # The actions

    def allowed(self, action, resource):
        if action in self.key.get("deny", []):
            raise ApiError(403, "AccessDenied",
                           "User: arn:aws:iam::123456789012:user/%s is not authorized to perform: "
                           "redshift:%s on resource: arn:aws:redshift:us-west-2:123456789012:%s "
                           "because no identity-based policy allows the redshift:%s action"
                           % (self.key.get("user", "x"), action, resource, action))

    def only(self, parameters, names):
        for name in parameters:
            if name not in names and not ("DbGroups" in names and GROUP.match(name)):
                raise ApiError(400, "ValidationError", "unknown parameter: " + name)
            if parameters[name] == "":
                raise ApiError(400, "ValidationError", "parameter %s is empty" % name)

    def cluster(self, name):
        cluster = self.stand.clusters.get(name)
        if cluster is None:
            raise ApiError(404, "ClusterNotFound", "Cluster %s not found." % name)
        return cluster

    def describe_clusters(self, parameters, fault):
        self.only(parameters, ("ClusterIdentifier",))
        name = parameters.get("ClusterIdentifier")
        self.allowed("DescribeClusters", "cluster:" + (name or "*"))
        if name is not None:
            self.cluster(name)
        inner = ""
        for each in [name] if name is not None else sorted(self.stand.clusters):
            inner += self.describe(each, self.stand.clusters[each], fault)
        return "    <Clusters>\n" + inner + "    </Clusters>\n"

    def describe(self, name, cluster, fault):
        endpoint = ""
        if "host" in cluster:
            port = 99999 if fault and fault[1] == "badport" else cluster["port"]
            endpoint = ("        <Endpoint>\n          <Address>%s</Address>\n"
                        "          <Port>%d</Port>\n        </Endpoint>\n"
                        % (html.escape(cluster["host"]), port))
        return ("      <Cluster>\n        <ClusterIdentifier>%s</ClusterIdentifier>\n"
                "        <NodeType>ra3.xlplus</NodeType>\n"
                "        <ClusterStatus>%s</ClusterStatus>\n"
                "        <MasterUsername>admin</MasterUsername>\n        <DBName>dev</DBName>\n"
                "%s        <ClusterCreateTime>2025-11-03T08:12:44.104Z</ClusterCreateTime>\n"
                "        <VpcSecurityGroups/>\n"
                "        <PubliclyAccessible>false</PubliclyAccessible>\n"
                "        <Encrypted>true</Encrypted>\n        <NumberOfNodes>2</NumberOfNodes>\n"
                "      </Cluster>\n" % (html.escape(name), cluster["status"], endpoint))

    def get_cluster_credentials(self, parameters, fault):
        self.only(parameters, ("DbUser", "DbName", "ClusterIdentifier", "DurationSeconds",
                               "AutoCreate", "CustomDomainName", "DbGroups"))
        user = parameters.get("DbUser")
        if user is None:
            raise ApiError(400, "MissingParameter",
                           "The request must contain the parameter DbUser")
        name = parameters.get("ClusterIdentifier")
        domain = parameters.get("CustomDomainName")
        if name is None and domain is None:
            raise ApiError(400, "MissingParameter",
                           "The request must contain the parameter ClusterIdentifier")
        if name is None:
            name = self.cluster_of(domain)
        if not DB_USER.match(user) or user.lower() == "public":
            raise ApiError(400, "ValidationError", "Invalid DbUser: " + user)
        create = parameters.get("AutoCreate", "false")
        if create not in ("true", "false"):
            raise ApiError(400, "ValidationError", "AutoCreate must be true or false")
        duration = self.duration(parameters.get("DurationSeconds", "900"))
        groups = self.groups(parameters)
        self.allowed("GetClusterCredentials", "dbuser:%s/%s" % (name, user))
        if create == "true":
            self.allowed("CreateClusterUser", "dbuser:%s/%s" % (name, user))
        for group in groups:
            self.allowed("JoinGroup", "dbgroup:%s/%s" % (name, group))
        self.cluster(name)
        db_user = ("IAMA:" if create == "true" else "IAM:") + user
        length = 72
        if fault and fault[1] == "longpassword":
            length = max(72, min(int(fault[2] or 4096), 32767))
        password = new_password(length)
        expires = time.time() + duration
        if fault and fault[1] == "shortcreds":
            expires = time.time() + int(fault[2])
        if fault and fault[1] == "expiredcreds":
            expires = time.time() - 60
        self.stand.keep_password({
            "user": db_user, "db": parameters.get("DbName"), "password": password,
            "expires": expires, "groups": groups, "autocreate": create == "true", "used": False})
        inner = "    <DbUser>%s</DbUser>\n" % html.escape(db_user)
        if not (fault and fault[1] == "nopassword"):
            inner += "    <DbPassword>%s</DbPassword>\n" % html.escape(password)
        return inner + "    <Expiration>%s</Expiration>\n" % iso(expires + self.skew, True)

    def cluster_of(self, domain):
        cluster, known = DOMAINS.get(domain, (None, False))
        if not known:
            raise ApiError(404, "CustomDomainAssociationNotFoundFault",
                           "Custom domain association for %s not found." % domain)
        return cluster

    def get_cluster_credentials_with_iam(self, parameters, fault):
        self.only(parameters, ("DbName", "ClusterIdentifier", "DurationSeconds", "CustomDomainName"))
        name = parameters.get("ClusterIdentifier")
        if name is None:
            name = self.cluster_of(parameters.get("CustomDomainName"))
        duration = self.duration(parameters.get("DurationSeconds", "900"))
        self.allowed("GetClusterCredentialsWithIAM", "dbname:%s/%s" % (name, parameters.get("DbName")))
        self.cluster(name)
        user, password, expires = self.identity_password(parameters.get("DbName"), duration, fault)
        return ("    <DbUser>%s</DbUser>\n    <DbPassword>%s</DbPassword>\n"
                "    <Expiration>%s</Expiration>\n    <NextRefreshTime>%s</NextRefreshTime>\n"
                % (html.escape(user), html.escape(password), iso(expires), iso(expires - 300)))

    def describe_domains(self, parameters, fault):
        self.only(parameters, ("CustomDomainName",))
        domain = parameters.get("CustomDomainName")
        self.allowed("DescribeCustomDomainAssociations", "*")
        if domain not in DOMAINS:
            raise ApiError(404, "CustomDomainAssociationNotFoundFault",
                           "Custom domain association for %s not found." % domain)
        inner = "".join("          <CertificateAssociation>\n"
                        "            <CustomDomainName>%s</CustomDomainName>\n"
                        "            <ClusterIdentifier>%s</ClusterIdentifier>\n"
                        "          </CertificateAssociation>\n" % row
                        for row in (("other.example.com", "wrongport"),
                                    (domain.upper(), DOMAINS[domain][0])))
        return ("    <Associations>\n      <Association>\n"
                "        <CustomDomainCertificateArn>arn:aws:acm:x</CustomDomainCertificateArn>\n"
                "        <CertificateAssociations>\n%s        </CertificateAssociations>\n"
                "      </Association>\n    </Associations>\n" % inner)

    def describe_profiles(self, parameters, fault):
        self.only(parameters, ("AuthenticationProfileName",))
        name = parameters.get("AuthenticationProfileName", "")
        self.allowed("DescribeAuthenticationProfiles", "authenticationprofile:" + name)
        if not re.match(r"^[a-zA-Z0-9-]{1,63}$", name):
            raise ApiError(400, "InvalidAuthenticationProfileRequestFault", "The name is invalid")
        if name not in AUTH_PROFILES:
            raise ApiError(404, "AuthenticationProfileNotFoundFault",
                           "Authentication profile %s not found." % name)
        return ("    <AuthenticationProfiles>\n      <member>\n"
                "        <AuthenticationProfileName>%s</AuthenticationProfileName>\n"
                "        <AuthenticationProfileContent>%s</AuthenticationProfileContent>\n"
                "      </member>\n    </AuthenticationProfiles>\n"
                % (name, html.escape(json.dumps(AUTH_PROFILES[name]))))

    def get_cluster_token(self, parameters, fault):
        self.only(parameters, (CLUSTER_IDS,))
        name = parameters.get(CLUSTER_IDS, "")
        self.allowed("GetIdentityCenterAuthToken", "cluster:" + name)
        self.cluster(name)
        if not self.key.get("identity"):
            raise ApiError(400, "UnsupportedOperation", "The session carries no identity")
        token, expires = self.identity_token()
        inner = "    <ExpirationTime>%s</ExpirationTime>\n" % expires
        if fault and fault[1] == "nopassword":
            return inner
        return "    <Token>%s</Token>\n" % html.escape(token) + inner

    def assume_role(self, parameters):
        self.only(parameters, ("RoleArn", "RoleSessionName", "ExternalId", "DurationSeconds"))
        name = self.role_name(parameters)
        role = ROLES.get(name)
        if (role is None or "provider" in role or role.get("trusts") not in (None, self.key.get("role"))
                or role.get("external") != parameters.get("ExternalId")):
            raise ApiError(403, "AccessDenied",
                           "User: arn:aws:iam::123456789012:user/%s is not authorized to perform: "
                           "sts:AssumeRole on resource: %s"
                           % (self.key.get("user", "x"), parameters["RoleArn"]))
        return self.role_credentials(name, parameters)

    def assume_role_with_web_identity(self, parameters):
        self.only(parameters, ("RoleArn", "RoleSessionName", "WebIdentityToken",
                               "DurationSeconds"))
        name = self.role_name(parameters)
        who = aws_web.check(parameters.get("WebIdentityToken", ""),
                            dict(self.stand.options.web_provider))
        if name not in ROLES or "provider" in ROLES[name]:
            raise ApiError(403, "AccessDenied",
                           "Not authorized to perform sts:AssumeRoleWithWebIdentity")
        return self.role_credentials(name, parameters) + "".join(
            "    <%s>%s</%s>\n" % (each, html.escape(value), each) for each, value in who.items())

    def assume_role_with_saml(self, parameters):
        self.only(parameters, ("RoleArn", "PrincipalArn", "SAMLAssertion", "DurationSeconds"))
        name = self.role_name(parameters, ("RoleArn", "PrincipalArn", "SAMLAssertion"))
        who = aws_saml.check(parameters, dict(self.stand.options.saml_provider))
        role = ROLES.get(name, {})
        if not role.get("provider"):
            raise aws_saml.denied()
        most = role.get("most", 43200)
        if self.duration(parameters.get("DurationSeconds", "900"), 43200) > most:
            raise ApiError(400, "ValidationError", "The requested DurationSeconds exceeds the "
                           "MaxSessionDuration set for this role.")
        text = self.role_credentials(name, {**parameters, "RoleSessionName": who["session"]})
        return ("    <Issuer>%s</Issuer>\n%s    <Audience>%s</Audience>\n"
                "    <SubjectType>persistent</SubjectType>\n    <Subject>%s</Subject>\n"
                % (html.escape(who["issuer"]), text, html.escape(who["audience"]),
                   html.escape(who["subject"])))

    def role_name(self, parameters, wanted=("RoleArn", "RoleSessionName")):
        for needed in wanted:
            if needed not in parameters:
                raise ApiError(400, "ValidationError", "%s must be given" % needed)
        found = ROLE.match(parameters["RoleArn"])
        if not found:
            raise ApiError(400, "ValidationError", "%s is invalid" % parameters["RoleArn"])
        if ("RoleSessionName" in wanted and
                not re.match(r"^[\w+=,.@-]{2,64}$", parameters["RoleSessionName"], re.ASCII)):
            raise ApiError(400, "ValidationError", "RoleSessionName is invalid")
        return found[1]

    def role_credentials(self, name, parameters):
        duration = self.duration(parameters.get("DurationSeconds", "3600"), 43200)
        key = "ASIA" + secrets.token_hex(8).upper()
        entry = {"secret": secrets.token_urlsafe(30), "token": secrets.token_urlsafe(90) + "==",
                 "expired": False, "deny": ROLES[name].get("deny", []), "role": name,
                 "user": "%s/%s" % (name, parameters["RoleSessionName"])}
        self.stand.keys[key] = entry
        return ("    <AssumedRoleUser>\n      <Arn>arn:aws:sts::123456789012:assumed-role/%s/%s</Arn>\n"
                "    </AssumedRoleUser>\n    <Credentials>\n      <AccessKeyId>%s</AccessKeyId>\n"
                "      <SecretAccessKey>%s</SecretAccessKey>\n      <SessionToken>%s</SessionToken>\n"
                "      <Expiration>%s</Expiration>\n    </Credentials>\n"
                % (name, parameters["RoleSessionName"], key, entry["secret"], entry["token"],
                   iso(time.time() + duration)))

    def duration(self, text, most=3600):
        if not re.match(r"^-?\d{1,9}$", text):
            raise ApiError(400, "ValidationError", "DurationSeconds must be an integer")
        for limit, word, wrong in ((900, "greater", int(text) < 900),
                                   (most, "less", int(text) > most)):
            if wrong:
                raise ApiError(400, "ValidationError",
                               "1 validation error detected: Value '%s' at 'durationSeconds' failed "
                               "to satisfy constraint: Member must have value %s than or equal to %d"
                               % (text, word, limit))
        return int(text)

    def groups(self, parameters):
        numbered = {}
        for name, value in parameters.items():
            found = GROUP.match(name)
            if found:
                numbered[int(found[1])] = value
        if sorted(numbered) != list(range(1, len(numbered) + 1)):
            raise ApiError(400, "ValidationError", "DbGroups are not numbered from 1 on")
        return [numbered[number] for number in sorted(numbered)]

    # Credentials of the machine: a container's and an instance's

    def machine_path(self):
        """Below /machine/: by the path, the address that was asked, or the name of the service."""
        path = urllib.parse.urlsplit(self.path).path
        if self.server.machine:
            return "/machine/" + self.server.machine + path
        if self.headers.get("Host", "").startswith(("portal.sso.", "oidc.")):
            return "/machine/sso" + path
        return path if path.startswith("/machine/") else None

    def machine(self, path):
        """What stands behind /machine/ speaks JSON and text, and looks at no signature."""
        status, kind, document, *more = self.machine_answer(path)
        self.entry["status"] = status
        data = document if isinstance(document, bytes) else document.encode()
        self.head(status, kind, len(data), more=more[0] if more else ())
        self.wfile.write(data)

    def machine_answer(self, path):
        if path in ("/machine/container", "/machine/container/v2/credentials/bench",
                    "/machine/container/v1/credentials"):
            return self.container_answer()
        if path.startswith("/machine/sso"):
            return self.sso_answer(path[len("/machine/sso"):])
        if path.startswith("/machine/instance"):
            return self.instance_answer(path[len("/machine/instance"):])
        return 404, "text/plain", "nothing here\n"

    def container_answer(self):
        failure = None
        if self.command != "GET" or self.headers.get("Accept") != "application/json":
            failure = 400, "ClientError", "only GET, and only JSON"
        elif self.headers.get("Authorization") != MACHINE_TOKEN:
            failure = 401, "AccessDenied", "unknown token " + self.headers.get("Authorization", "")
        if failure:
            return failure[0], "application/json", json.dumps(
                {"code": failure[1], "message": failure[2]})
        return 200, "application/json", self.machine_keys()

    def instance_answer(self, path):
        """/denied, /rolefree and /untrusted in front of the usual paths misbehave."""
        way, slash, rest = path.partition("/latest/")
        way = way[1:]
        asked = self.headers.get("X-aws-ec2-metadata-token")
        if not slash or way not in ("", "denied", "rolefree", "untrusted"):
            return 404, "text/plain", ""
        if rest == "api/token":
            ttl = self.headers.get("X-aws-ec2-metadata-token-ttl-seconds", "")
            if self.command != "PUT" or not ttl.isdigit() or not 1 <= int(ttl) <= 21600:
                return 400, "text/plain", ""
            if way == "denied":
                return 403, "text/plain", ""
            with self.stand.lock:
                self.stand.instance_token = secrets.token_urlsafe(40) + "=="
            return 200, "text/plain", self.stand.instance_token
        if self.command != "GET" or asked is None or asked != self.stand.instance_token:
            return 401, "text/plain", ""
        if rest == "meta-data/iam/security-credentials/":
            return ((404, "text/plain", "") if way == "rolefree"
                    else (200, "text/plain", "RedshiftAccess\n"))
        if rest != "meta-data/iam/security-credentials/RedshiftAccess":
            return 404, "text/plain", ""
        if way == "untrusted":
            return 200, "text/plain", json.dumps({
                "Code": "AssumeRoleUnauthorizedAccess",
                "Message": "EC2 cannot assume the role RedshiftAccess"})
        return 200, "text/plain", self.machine_keys(Code="Success", Type="AWS-HMAC")

    def sso_answer(self, path):
        """The portal and the token service of IAM Identity Center."""
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))
        self.entry.update(body=self.body.decode("utf-8", "replace"), query=query)
        if path == "/token" and b"refresh_token" in self.body:
            return self.sso_token()
        answer = self.stand.center.answer(self.command, path, query, self.headers, self.body)
        if answer:
            return answer
        if path != "/federation/credentials" or self.command != "GET":
            return 404, "application/json", "{}"
        if self.headers.get("x-amz-sso_bearer_token") not in ("sso.good+/=", "sso.renewed"):
            return 401, "application/json", json.dumps(
                {"message": "Session token not found or invalid"})
        if query != {"account_id": "123456789012", "role_name": "RedshiftAccess"}:
            return 403, "application/json", json.dumps(
                {"__type": "com.amazonaws.switchboard#ForbiddenException",
                 "message": "No access"})
        keys = json.loads(self.machine_keys())
        return 200, "application/json", json.dumps({"roleCredentials": {
            "accessKeyId": keys["AccessKeyId"], "secretAccessKey": keys["SecretAccessKey"],
            "sessionToken": keys["Token"], "expiration": int(time.time() + 3600) * 1000}})

    def sso_token(self):
        try:
            asked = json.loads(self.body)
        except ValueError:
            asked = None
        if (self.command != "POST" or self.headers.get("Content-Type") != "application/json"
                or asked != {"grantType": "refresh_token", "clientId": "client",
                             "clientSecret": "sso.client", "refreshToken": "sso.refresh"}):
            return 400, "application/json", json.dumps(
                {"error": "invalid_grant", "error_description": "Invalid refresh token provided"})
        return 200, "application/json", json.dumps(
            {"accessToken": "sso.renewed", "tokenType": "Bearer", "expiresIn": 28800})

    def machine_keys(self, **more):
        key = "ASIA" + secrets.token_hex(8).upper()
        entry = {"secret": secrets.token_urlsafe(30), "token": secrets.token_urlsafe(90) + "==",
                 "expired": False, "deny": [], "role": "RedshiftAccess", "user": "RedshiftAccess/i-1"}
        self.stand.keys[key] = entry
        return json.dumps({**more, "AccessKeyId": key, "SecretAccessKey": entry["secret"],
                           "Token": entry["token"], "Expiration": iso(time.time() + 3600)})

    # Faults

    def early_fault(self, fault):
        """Faults that take the place of an answer of the API."""
        if not fault:
            return
        _, base, value, turn = fault
        count = int(value) if value.isdigit() else 1
        if base == "throttle" and turn <= count:
            raise ApiError(400, "Throttling", "Rate exceeded")
        if base == "throttleafter":
            self.retry_after = count
            raise ApiError(400, "Throttling", "Rate exceeded")
        if base == "error500" and turn <= count:
            raise ApiError(500, "InternalFailure", "We encountered an internal error.")
        if base == "error503" and turn <= count:
            raise ApiError(503, "ServiceUnavailable", "Service is unable to handle request.")
        if base == "expiredtoken" and turn <= count:
            raise ApiError(403, "ExpiredToken",
                           "The security token included in the request is expired")
        if base == "error":
            code, _, status = value.partition("-")
            raise ApiError(int(status) if status.isdigit() else 400, code or "ValidationError",
                           "as the fault asked")
        if base == "stall":
            self.stall(min(count, 600))

    def stall(self, seconds):
        """Ends when the client has gone: the log shall not tell of it long afterwards."""
        if select.select([self.connection], [], [], seconds)[0]:
            self.entry["status"] = 0
            self.close_connection = True
            raise ConnectionAbortedError("the client did not wait")

    def deliver(self, status, action, document, fault):
        """Sends the document, or what the fault makes of it."""
        base = fault[1] if fault else ""
        data = document.encode()
        kind = JSON_TYPE if self.is_json else "text/xml"
        if status == 200 and base:
            if base == "close":
                self.entry["status"] = 0
                self.close_connection = True
                return
            if base == "cut":
                self.head(200, kind, len(data))
                self.wfile.write(data[:len(data) // 2])
                self.wfile.flush()
                self.close_connection = True
                return
            if base in ("oversized", "oversizedchunked") and not self.is_json:
                filler = b"<!-- " + b"x" * 1000 + b" -->\n"
                at = data.rindex(b"  <ResponseMetadata>")
                data = data[:at] + filler * 1200 + data[at:]
                if base == "oversizedchunked":
                    self.chunked(kind, data)
                    return
            elif base in ("nonxml", "nonxml403"):
                status = 403 if base == "nonxml403" else 200
                data, kind = PAGE.encode(), "text/html"
            elif base == "emptybody":
                data = b""
            elif base == "truncatedxml":
                data = data[:len(data) // 2]
            elif base == "xmlbomb":
                data = BOMB.encode()
            elif base == "redirect":
                # Where a client that follows would be served well, to catch it.
                self.head(302, kind, 0, location="https://%s/" % self.headers["Host"])
                self.entry["status"] = 302
                return
        self.entry["status"] = status
        self.head(status, kind, len(data))
        if self.command != "HEAD":
            self.wfile.write(data)

    def chunked(self, kind, data):
        self.send_response_only(200)
        self.common_headers(kind)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for at in range(0, len(data), 16384):
            part = data[at:at + 16384]
            self.wfile.write(b"%x\r\n" % len(part) + part + b"\r\n")
        self.wfile.write(b"0\r\n\r\n")

    def common_headers(self, kind):
        self.send_header("x-amzn-RequestId", self.request_id)
        self.send_header("Content-Type", kind)
        self.send_header("Date", email.utils.formatdate(time.time() + self.skew, usegmt=True))
        if self.retry_after is not None:
            self.send_header("Retry-After", str(self.retry_after))

    def head(self, status, kind, length, location=None, more=()):
        self.send_response_only(status)
        self.common_headers(kind)
        for name, value in [("Location", location)] * bool(location) + list(more):
            self.send_header(name, value)
        self.send_header("Content-Length", str(length))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()


STS_ACTIONS = {"AssumeRole": "assume_role", "AssumeRoleWithSAML": "assume_role_with_saml",
               "AssumeRoleWithWebIdentity": "assume_role_with_web_identity"}
UNSIGNED = ("AssumeRoleWithSAML", "AssumeRoleWithWebIdentity")


class Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, address, stand, context=None, machine=None):
        """Without a context plain HTTP; machine: what of /machine/ this address stands for."""
        super().__init__(address, Handler)
        self.stand, self.context, self.machine = stand, context, machine

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


def cluster_option(text):
    found = re.match(r"^([a-z0-9-]+)=(\S*):(\d+)$", text)
    if not found:
        raise argparse.ArgumentTypeError("expected NAME=HOST:PORT")
    return found[1], found[2], int(found[3])


def provider_option(text):
    name, _, path = text.rpartition("=")
    if not name or not path:
        raise argparse.ArgumentTypeError("expected NAME=FILE")
    return name, path


def machine_option(text):
    found = re.match(r"^([0-9.]+)=(container|instance)$", text)
    if not found:
        raise argparse.ArgumentTypeError("expected ADDRESS=container or ADDRESS=instance")
    return found[1], found[2]


def main():
    parser = argparse.ArgumentParser(description="AWS stand-in; prints its port, then serves.")
    parser.add_argument("--listen", type=int, default=0, help="port on 127.0.0.1, 0 for any")
    parser.add_argument("--cert", required=True)
    parser.add_argument("--key", required=True)
    parser.add_argument("--keys", required=True,
                        help="JSON: access key -> {secret, token, expired, deny, user}")
    parser.add_argument("--store", help="folder for temporary passwords")
    parser.add_argument("--log", help="JSON lines, appended")
    parser.add_argument("--name", default="aws", help="name of this instance in the log")
    parser.add_argument("--region", action="append", default=[], help="accepted region")
    parser.add_argument("--host", action="append", default=[], help="one more accepted host name")
    parser.add_argument("--cluster-host", default="localhost")
    parser.add_argument("--cluster-port", type=int, help="where examplecluster is")
    parser.add_argument("--cluster", type=cluster_option, action="append", default=[],
                        metavar="NAME=HOST:PORT", help="one more cluster")
    parser.add_argument("--saml-provider", type=provider_option, action="append", default=[],
                        metavar="NAME=FILE", help="a saml provider and its certificate")
    parser.add_argument("--web-provider", type=provider_option, action="append", default=[],
                        metavar="ISSUER=FILE", help="an OpenID provider and its certificate")
    parser.add_argument("--machine", type=machine_option, action="append", default=[],
                        metavar="ADDRESS=WHAT", help="container or instance, at port 80 there")
    parser.add_argument("--stdin-eof", action="store_true", help="end when standard input closes")
    options = parser.parse_args()
    options.region = options.region or ["us-west-2"]
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    if options.stdin_eof:
        def watch():
            while os.read(0, 4096):
                pass
            os._exit(0)
        threading.Thread(target=watch, daemon=True).start()
    try:
        stand = Stand(options)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(options.cert, options.key)
        server = Server(("127.0.0.1", options.listen), stand, context)
        for address, what in options.machine:
            machine = Server((address, 80), stand, machine=what)
            threading.Thread(target=machine.serve_forever, daemon=True).start()
    except (OSError, ssl.SSLError, ValueError) as error:
        sys.exit("fake_aws: %s" % error)
    print(server.server_address[1], flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
