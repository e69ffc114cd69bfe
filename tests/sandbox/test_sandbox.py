#!/usr/bin/python3
"""Tests of the test bench itself: python's ssl and sockets, botocore to sign.

    tests/sandbox/test_sandbox.py            all, in a sandbox of its own
    tests/sandbox/test_sandbox.py -k cancel  unittest's options
"""

import datetime
import glob
import http.client
import json
import os
import re
import shutil
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request
import xml.etree.ElementTree

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

sys.dont_write_bytecode = True
import redshift_auth  # noqa: E402
from wire_client import (ENV, Client, ServerError, StandIn, log_until, read_log,  # noqa: E402
                         tls_context)

HERE = os.path.dirname(os.path.realpath(__file__))
SANDBOX = os.path.join(HERE, "sandbox")
CONTENT_TYPE = "application/x-www-form-urlencoded; charset=utf-8"
DIGEST_REQUEST = ("0000000d0000000000000010000102030405060708090a0b0c0d0e0f"
                  "00000010202122232425262728292a2b2c2d2e2f")
REFUSED = "password authentication failed"


def setUpModule():
    global FOLDER
    FOLDER = tempfile.mkdtemp(prefix="test-sandbox-")
    subprocess.run([SANDBOX, "up", FOLDER], check=True)
    printed = subprocess.run([SANDBOX, "env", FOLDER], check=True, capture_output=True, text=True)
    ENV.update(re.findall(r"^export (\w+)='(.*)'$", printed.stdout, re.M))


def tearDownModule():
    subprocess.run([SANDBOX, "down", FOLDER], check=False)
    shutil.rmtree(FOLDER, ignore_errors=True)


# --------------------------------------------------------------------------
# A small client of the aws stand-in

class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def keys(name=""):
    prefix = "RS_AWS_" + (name + "_" if name else "")
    return Credentials(ENV[prefix + "ACCESS_KEY_ID"], ENV[prefix + "SECRET_ACCESS_KEY"],
                       ENV.get(prefix + "SESSION_TOKEN"))


def call(action, url=None, credentials=None, region="us-west-2", service="redshift", at=None,
         change=None, body=None, **parameters):
    """(status, body, headers); change(headers) spoils a request after signing."""
    url = url or ENV["RS_AWS_URL"]
    if body is None:
        pairs = [("Action", action), ("Version", "2012-12-01"), *parameters.items()]
        body = "&".join("%s=%s" % (name, urllib.parse.quote(str(value), safe="-_.~"))
                        for name, value in pairs)
    request = AWSRequest("POST", url, data=body.encode(), headers={
        "Content-Type": CONTENT_TYPE, "Host": urllib.parse.urlsplit(url).netloc})
    signer = SigV4Auth(credentials or keys(), service, region)
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=at or 0)
    request.context["timestamp"] = moment.strftime("%Y%m%dT%H%M%SZ")
    request.headers["X-Amz-Date"] = request.context["timestamp"]
    if signer.credentials.token:
        request.headers["X-Amz-Security-Token"] = signer.credentials.token
    text = signer.string_to_sign(request, signer.canonical_request(request))
    signer._inject_signature_to_request(request, signer.signature(text, request))
    headers = dict(request.headers.items())
    if change:
        change(headers)
    opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=tls_context()),
                                         urllib.request.ProxyHandler({}), NoRedirect())
    try:
        with opener.open(urllib.request.Request(url, body.encode(), headers), timeout=10) as answer:
            return answer.status, answer.read(), answer.headers
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(), error.headers


def elements(body):
    """Local names -> text of an XML document."""
    return {node.tag.rpartition("}")[2]: node.text
            for node in xml.etree.ElementTree.fromstring(body).iter()}


def fault_url(name, nonce="n"):
    return "%sfault/%s/%s/" % (ENV["RS_AWS_URL"], name, nonce)


def get_credentials(user="newuser", **more):
    more = {"DbUser": user, "DbName": "dev", "ClusterIdentifier": "examplecluster",
            "AutoCreate": "true", **more}
    return call("GetClusterCredentials", **more)


def temporary(user="newuser", **more):
    status, body, _ = get_credentials(user, **more)
    assert status == 200, body
    document = elements(body)
    return document["DbUser"], document["DbPassword"]


# --------------------------------------------------------------------------

class AwsTest(unittest.TestCase):
    def refused(self, answer, status, code, text=""):
        self.assertEqual(answer[0], status, answer[1])
        document = elements(answer[1])
        self.assertEqual(document["Code"], code)
        self.assertIn(text, document["Message"])
        self.assertEqual(document["RequestId"], answer[2]["x-amzn-RequestId"])

    def test_describe_clusters(self):
        status, body, headers = call("DescribeClusters", ClusterIdentifier="examplecluster")
        self.assertEqual((status, headers["Content-Type"]), (200, "text/xml"))
        self.assertEqual((elements(body)["Address"], elements(body)["Port"]),
                         ("localhost", ENV["RS_REDSHIFT_PORT"]))
        body = call("DescribeClusters", ClusterIdentifier="creating")[1]
        self.assertNotIn("Endpoint", elements(body))
        body = call("DescribeClusters", ClusterIdentifier="wrongport")[1]
        with self.assertRaises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", int(elements(body)["Port"])), 5)
        self.refused(call("DescribeClusters", ClusterIdentifier="nosuch"), 404, "ClusterNotFound",
                     "Cluster nosuch not found.")

    def test_temporary_keys(self):
        self.assertEqual(call("DescribeClusters", credentials=keys("TEMP"),
                              ClusterIdentifier="examplecluster")[0], 200)
        bare = Credentials(keys("TEMP").access_key, keys("TEMP").secret_key)
        self.refused(call("DescribeClusters", credentials=bare, ClusterIdentifier="examplecluster"),
                     403, "InvalidClientTokenId")
        self.refused(call("DescribeClusters", credentials=keys("EXPIRED"),
                          ClusterIdentifier="examplecluster"), 403, "ExpiredToken", "is expired")

    def test_signature_errors(self):
        def ask(**more):
            return call("DescribeClusters", ClusterIdentifier="examplecluster", **more)
        wrong = Credentials(keys().access_key, "no" + keys().secret_key[2:])
        self.refused(ask(credentials=wrong), 403, "SignatureDoesNotMatch",
                     "Check your AWS Secret Access Key and signing method.")
        unknown = Credentials("AKIAUNKNOWNEXAMPLE00", keys().secret_key)
        self.refused(ask(credentials=unknown), 403, "InvalidClientTokenId")
        self.refused(ask(region="eu-west-1"), 403, "SignatureDoesNotMatch", "valid region")
        self.refused(ask(service="redshift-serverless"), 403, "SignatureDoesNotMatch",
                     "correct service: 'redshift'")
        self.refused(ask(at=-1000), 403, "SignatureDoesNotMatch", "Signature expired")
        self.refused(ask(at=1000), 403, "SignatureDoesNotMatch", "Signature not yet current")
        self.assertEqual(ask(at=-800)[0], 200)
        self.refused(ask(change=lambda h: h.pop("Authorization")), 403,
                     "MissingAuthenticationToken")
        self.refused(ask(change=lambda h: h.update(Authorization="AWS4-HMAC-SHA256 x")), 400,
                     "IncompleteSignature")
        self.refused(ask(change=lambda h: h.update(
            Authorization=h["Authorization"].replace(", S", ",S"))), 400, "IncompleteSignature")
        self.refused(ask(change=lambda h: h.update({"Content-Type": "text/plain"})), 403,
                     "SignatureDoesNotMatch")
        self.refused(ask(change=lambda h: h.update(Host="example.com")), 403,
                     "SignatureDoesNotMatch", "Host")

    def test_aws_own_client(self):
        """A whole client of AWS's agrees with the stand-in, not the signer alone."""
        import botocore.session
        client = botocore.session.Session().create_client(
            "redshift", region_name="us-west-2", endpoint_url=ENV["RS_AWS_URL"],
            verify=ENV["RS_CA_FILE"], aws_access_key_id=keys("TEMP").access_key,
            aws_secret_access_key=keys("TEMP").secret_key, aws_session_token=keys("TEMP").token)
        self.addCleanup(client.close)
        found = client.describe_clusters(ClusterIdentifier="examplecluster")
        self.assertEqual(found["Clusters"][0]["Endpoint"]["Port"], int(ENV["RS_REDSHIFT_PORT"]))
        answer = client.get_cluster_credentials(
            DbUser="botouser", DbName="dev", ClusterIdentifier="examplecluster", AutoCreate=True,
            DbGroups=["group1", "group2"], DurationSeconds=1200)
        with Client(user=answer["DbUser"], password=answer["DbPassword"]) as session:
            self.assertEqual(session.query("SELECT current_user"), [["botouser"]])
        with self.assertRaises(client.exceptions.ClusterNotFoundFault):
            client.describe_clusters(ClusterIdentifier="nosuch")

    def test_denied(self):
        self.refused(call("DescribeClusters", credentials=keys("NODESCRIBE"),
                          ClusterIdentifier="examplecluster"), 403, "AccessDenied",
                     "is not authorized to perform: redshift:DescribeClusters on resource: arn:aws:")
        self.refused(get_credentials(credentials=keys("NOCREDS")), 403, "AccessDenied",
                     "redshift:GetClusterCredentials")
        self.refused(get_credentials(credentials=keys("NOCREATE")), 403, "AccessDenied",
                     "redshift:CreateClusterUser")
        self.assertEqual(get_credentials(credentials=keys("NODESCRIBE"))[0], 200)

    def test_parameters(self):
        self.refused(get_credentials(Duration=900), 400, "ValidationError", "Duration")
        self.refused(get_credentials(DurationSeconds=899), 400, "ValidationError", "greater")
        self.refused(get_credentials(DurationSeconds=3601), 400, "ValidationError", "less")
        self.refused(get_credentials(AutoCreate="1"), 400, "ValidationError")
        self.refused(get_credentials(ClusterIdentifier="nosuch"), 404, "ClusterNotFound")
        self.refused(get_credentials(**{"DbGroups.DbGroup.2": "x"}), 400, "ValidationError")
        self.refused(get_credentials(user="1x"), 400, "ValidationError")
        self.refused(call("GetClusterCredentials", ClusterIdentifier="examplecluster"), 400,
                     "MissingParameter", "DbUser")
        self.refused(call("GetClusterCredentials", DbUser="x"), 400, "MissingParameter",
                     "ClusterIdentifier")
        self.refused(call("RebootCluster"), 400, "InvalidAction")
        self.refused(call(None, body="Action=DescribeClusters&Version=2012-12-01"
                          "&ClusterIdentifier=a+b"), 400, "MalformedQueryString")

    def test_password(self):
        status, body, _ = get_credentials(DurationSeconds=1800)
        self.assertEqual(status, 200)
        document = elements(body)
        self.assertEqual(document["DbUser"], "IAMA:newuser")
        self.assertGreaterEqual(len(document["DbPassword"]), 60)
        self.assertLessEqual(set(";{}=% '\"\\"), set(document["DbPassword"]))
        ends = datetime.datetime.strptime(document["Expiration"], "%Y-%m-%dT%H:%M:%S.%fZ")
        left = (ends - datetime.datetime.utcnow()).total_seconds()
        self.assertTrue(1790 < left <= 1801, left)
        self.assertEqual(temporary(AutoCreate="false")[0], "IAM:newuser")

    def test_log_without_secrets(self):
        password = temporary("logged")[1]
        with open(ENV["RS_AWS_LOG"], encoding="utf-8") as file:
            text = file.read()
        self.assertNotIn(password, text)
        self.assertNotIn(json.dumps(password), text)
        self.assertNotIn(keys().secret_key, text)
        mine = [line for line in read_log(ENV["RS_AWS_LOG"])
                if ["DbUser", "logged"] in line.get("parameters", [])]
        self.assertEqual([(line["action"], line["signature"], line["status"], line["akid"])
                          for line in mine],
                         [("GetClusterCredentials", "ok", 200, keys().access_key)])

    def test_counted_faults(self):
        for name, status, code in (("throttle-2", 400, "Throttling"),
                                   ("error500-2", 500, "InternalFailure"),
                                   ("error503-2", 503, "ServiceUnavailable"),
                                   ("expiredtoken-2", 403, "ExpiredToken")):
            for _ in range(2):
                self.refused(get_credentials(url=fault_url(name)), status, code)
            self.assertEqual(get_credentials(url=fault_url(name))[0], 200)
            self.refused(get_credentials(url=fault_url(name, "other")), status, code)
        self.refused(get_credentials(url=fault_url("error-OptInRequired-403")), 403,
                     "OptInRequired")

    def test_broken_answers(self):
        def ask(name):
            return get_credentials(url=fault_url(name))
        with self.assertRaises(http.client.RemoteDisconnected):
            ask("close")
        with self.assertRaises(http.client.IncompleteRead):
            ask("cut")
        for name in ("oversized", "oversizedchunked"):
            self.assertGreater(len(ask(name)[1]), 1 << 20)
        self.assertEqual((ask("nonxml")[0], ask("nonxml403")[0]), (200, 403))
        self.assertIn(b"<html>", ask("nonxml")[1])
        self.assertEqual(ask("emptybody")[:2], (200, b""))
        with self.assertRaises(xml.etree.ElementTree.ParseError):
            elements(ask("truncatedxml")[1])
        self.assertIn(b"<!ENTITY", ask("xmlbomb")[1])
        self.assertNotIn("DbPassword", elements(ask("nopassword")[1]))
        status, _, headers = ask("redirect")
        self.assertEqual((status, headers["Location"]), (302, ENV["RS_AWS_URL"]))
        self.assertEqual(len(elements(ask("longpassword-5000")[1])["DbPassword"]), 5000)
        document = elements(call("DescribeClusters", url=fault_url("badport"),
                                 ClusterIdentifier="examplecluster")[1])
        self.assertEqual(document["Port"], "99999")
        began = time.monotonic()
        self.assertEqual(ask("stall-1")[0], 200)
        self.assertGreaterEqual(time.monotonic() - began, 1)

    def test_skewed_clock(self):
        url = fault_url("skewdate")
        answer = get_credentials(url=url)
        self.refused(answer, 403, "RequestTimeTooSkewed")
        served = datetime.datetime.strptime(answer[2]["Date"], "%a, %d %b %Y %H:%M:%S GMT")
        skew = (served - datetime.datetime.utcnow()).total_seconds()
        self.assertTrue(3590 < skew < 3610, skew)
        self.assertEqual(get_credentials(url=url, at=skew)[0], 200)
        self.refused(get_credentials(url=fault_url("skewsig")), 403, "SignatureDoesNotMatch")

    def test_bad_certificates(self):
        for name in ("WRONGHOST", "UNKNOWNCA", "EXPIRED"):
            with self.assertRaises(urllib.error.URLError) as caught:
                get_credentials(url=ENV["RS_AWS_%s_URL" % name])
            self.assertIsInstance(caught.exception.reason, ssl.SSLCertVerificationError)


class RedshiftTest(unittest.TestCase):
    def refused(self, state, text, **arguments):
        with self.assertRaises(ServerError) as caught:
            Client(**arguments)
        self.assertEqual(caught.exception.fields["C"], state)
        self.assertIn(text, caught.exception.fields["M"])
        self.assertNotIn("V", caught.exception.fields)

    def fails(self, client, text, state, words=""):
        with self.assertRaises(ServerError) as caught:
            client.query(text)
        self.assertEqual(caught.exception.fields["C"], state)
        self.assertIn(words, caught.exception.fields["M"])

    def test_whole_chain(self):
        user, password = temporary(**{"DbGroups.DbGroup.1": "group1"})
        self.refused("28000", REFUSED, user=user, password=password + "x")
        self.refused("28000", REFUSED, user=user, password=password, database="other")
        self.refused("28000", REFUSED, user="IAM:newuser", password=password)
        with Client(user=user, password=password) as client:
            self.assertEqual(client.requests, [3, 0])
            self.assertEqual(client.statuses["session_authorization"], "newuser")
            self.assertEqual(client.query("SELECT current_user, count(*) FROM demo_sales"),
                             [["newuser", "12"]])
            self.assertEqual(len(client.query("SELECT * FROM second.for_group1")), 1)
        Client(user=user, password=password).sock.close()  # until it expires, as the real one
        # Membership ends with the session, a moment after the client has left.
        number = [line["conn"] for line in read_log(ENV["RS_REDSHIFT_LOG"])
                  if line["event"] == "auth_ok" and line.get("groups") == ["group1"]][-1]
        log_until(ENV["RS_REDSHIFT_LOG"], lambda line: line["event"] == "close" and
                  (line["inst"], line["conn"]) == ("redshift", number))
        user, password = temporary()
        with Client(user=user, password=password) as client:
            self.fails(client, "SELECT * FROM second.for_group1", "42501")

    def test_temporary_users(self):
        user, password = temporary("existing_user", AutoCreate="false")
        with Client(user=user, password=password) as client:
            self.assertEqual(client.query("SELECT current_user"), [["existing_user"]])
        user, password = temporary("nosuchuser", AutoCreate="false")
        self.refused("28000", 'user "nosuchuser" does not exist', user=user, password=password)
        user, password = temporary("grouped", **{"DbGroups.DbGroup.1": "nosuchgroup"})
        self.refused("42704", 'group "nosuchgroup" does not exist', user=user, password=password)
        status, body, _ = get_credentials(url=fault_url("expiredcreds"))
        self.assertEqual(status, 200)
        self.refused("28000", REFUSED, user=elements(body)["DbUser"],
                     password=elements(body)["DbPassword"])
        with StandIn("--auth", "5") as server:
            user, password = temporary()
            with Client(server.port, user, password) as client:
                self.assertEqual(client.requests, [5, 0])

    def test_one_login_among_many(self):
        user, password = temporary("racer")
        outcomes = []

        def login():
            try:
                Client(server.port, user, password).sock.close()
                outcomes.append(True)
            except ServerError:
                outcomes.append(False)
        with StandIn() as server:
            threads = [threading.Thread(target=login) for _ in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        self.assertEqual(outcomes.count(True), 1, outcomes)

    def test_ordinary_users(self):
        for name, code in (("", 5), ("MD5_", 5), ("CLEAR_", 3), ("DIGEST_", 13), ("IDP_", 14)):
            user = ENV["RS_REDSHIFT_%sUSER" % name]
            password = ENV["RS_REDSHIFT_%sPASSWORD" % name]
            with Client(user=user, password=password) as client:
                self.assertEqual(client.requests, [code, 0])
                self.assertEqual(client.query("SELECT current_user"), [[user]])
            self.refused("28000", 'password authentication failed for user "%s"' % user,
                         user=user, password="wrong")
        self.refused("28000", REFUSED, user="nobody")
        self.refused("3D000", 'database "nosuch" does not exist', database="nosuch")
        self.refused("53300", "too many connections", user=ENV["RS_REDSHIFT_LIMITED_USER"],
                     password=ENV["RS_REDSHIFT_LIMITED_PASSWORD"])

    def test_digest(self):
        """Request 13 byte by byte, and each answer that is wrong in one way."""
        user = ENV["RS_REDSHIFT_DIGEST_USER"]
        password = ENV["RS_REDSHIFT_DIGEST_PASSWORD"]
        wrong = {
            "kind": lambda kind, body: (b"p", body),
            "zero at the end": lambda kind, body: (kind, body + b"\0"),
            "nonce of another length": lambda kind, body: (kind, body[:39] + b"\x0f" + body[40:]),
            "no nonce": lambda kind, body: (kind, body[:36] + bytes(4)),
            "length of the digest": lambda kind, body: (kind, b"\0\0\0\x1f" + body[4:]),
            "digest": lambda kind, body: (kind, body[:4] + bytes(32) + body[36:]),
            "nonce": lambda kind, body: (kind, body[:40] + bytes(16)),
            "hexadecimal": lambda kind, body: (kind, body.hex().encode()),
        }
        for name, distort in wrong.items():
            with self.subTest(name):
                self.refused("28000", REFUSED, user=user, password=password, distort=distort)
        with StandIn("--auth", "13", "--salt", bytes(range(16)).hex(), "--nonce",
                     bytes(range(0x20, 0x30)).hex(), "--digest-algorithm", "2") as server:
            challenges = []
            with self.assertRaises(ServerError):
                Client(server.port, challenges=challenges, distort=wrong["kind"])
            self.assertEqual(challenges[0].hex(), DIGEST_REQUEST.replace("d00000000", "d00000002"))
        for fault, end in (("short", b"salt"), ("huge-salt", bytes(4)), ("negative", bytes(4))):
            with StandIn("--auth", "13", "--auth-fault", fault) as server:
                challenges = []
                with self.assertRaises(ServerError):
                    Client(server.port, challenges=challenges)
                self.assertEqual(challenges[0][-4:], end)

    def test_token(self):
        user, token = ENV["RS_REDSHIFT_IDP_USER"], ENV["RS_REDSHIFT_IDP_PASSWORD"]
        with Client(user="", password=token, idp_type="AwsIdc",
                    distort=lambda kind, body: (kind, body[:-1])) as client:
            self.assertEqual((client.requests, client.query("SELECT current_user")),
                             ([14, 0], [[user]]))
        for name in ("", user):
            self.refused("28000", REFUSED, user=name, password="wrong", idp_type="AwsIdc")
            self.refused("28000", REFUSED, user=name, password=token, idp_type="AwsIdc",
                         distort=lambda kind, body: (b"p", body))
        self.refused("28000", "no user name", user="", password=token)

    def test_vectors(self):
        """The specification's own request and answers, not a word of the driver's or ours."""
        request = redshift_auth.Digest(13, bytes(range(16)), bytes(range(0x20, 0x30)))
        self.assertEqual(request.body().hex(), DIGEST_REQUEST)
        answer = bytes.fromhex(
            "0000002081497637ba9068153d80c82a6ec2700160107207e1debdbef845b58e057b77af"
            "00000010404142434445464748494a4b4c4d4e4f")
        self.assertTrue(request.is_right(answer, "bob", "Rs-Passw0rd"))
        self.assertFalse(request.is_right(answer, "bob", "Rs-Passw0re"))
        self.assertTrue(redshift_auth.Md5(5, b"\1\2\3\4").is_right(
            b"md551fae051d59222f39227c0401b61bfb9\0", "bob", "Rs-Passw0rd"))

    def test_statuses(self):
        with Client(client_encoding="UTF8", DateStyle="ISO") as client:
            seen = client.statuses
            self.assertEqual(seen["client_encoding"], "UTF8")
            self.assertEqual((seen["server_version"], seen["padb_version"], seen["datestyle"]),
                             ("8.0.2", "1.0.99999", "ISO, MDY"))
            for name in ("standard_conforming_strings", "IntervalStyle", "DateStyle",
                         "in_hot_standby", "application_name"):
                self.assertNotIn(name, seen)
            client.query("SET TimeZone TO 'Europe/Berlin'; SET DateStyle TO SQL;"
                         "SELECT set_config('IntervalStyle', 'iso_8601', false)")
            self.assertEqual(seen["TimeZone"], "Europe/Berlin")
            self.assertEqual(seen["datestyle"], "SQL, MDY")
            self.assertNotIn("IntervalStyle", seen)
            self.assertEqual(client.query(r"SELECT 'a\'b'"), [["a'b"]])
        with Client() as client:
            self.assertEqual(client.statuses["client_encoding"], "UNICODE")
        with StandIn("--status", "client_encoding=LATIN1", "--no-status", "padb_version") as server:
            with Client(server.port) as client:
                self.assertEqual(client.statuses["client_encoding"], "LATIN1")
                self.assertNotIn("padb_version", client.statuses)
                self.assertIn("Redshift", client.query("SELECT version()")[0][0])

    def test_start_up_white_list(self):
        self.refused("42704", 'unrecognized configuration parameter "IntervalStyle"',
                     IntervalStyle="iso_8601")
        self.refused("42704", 'unrecognized configuration parameter "bytea_output"',
                     options="-c datestyle=ISO -c bytea_output=hex")
        self.refused("22023", "extra_float_digits", options="-c extra_float_digits=3")
        with Client(client_protocol_version="2", driver_version="x", os_version="y",
                    plugin_name="none", application_name="test", extra_float_digits="2",
                    options=r"-c datestyle=ISO -c search_path=second,\ public "
                            "-c query_group=quick -cstatement_timeout=60000") as client:
            self.assertEqual(client.query("SHOW search_path"), [["second, public"]])
            self.assertEqual(client.query("SHOW query_group"), [["quick"]])
            self.assertEqual(client.statuses["server_protocol_version"], "2")
        with StandIn("--no-startup-strict") as server:
            Client(server.port, unknown_to_all="x").sock.close()

    def test_startup_log(self):
        with tempfile.NamedTemporaryFile("r", encoding="utf-8") as file:
            with StandIn("--no-startup-strict", "--startup-log", file.name) as server:
                Client(server.port, options="-c datestyle=ISO", idp_type="AwsIdc", token_type="EXT_JWT",
                       Token="abc.def", db_password="123").sock.close()
                Client(server.port, plugin_name="none").sock.close()
            first, second, rest = file.read().split("\n\n")
        self.assertIn("options=-c datestyle=ISO\nidp_type=AwsIdc\ntoken_type=EXT_JWT\nToken=****\ndb_password=****",
                      first)
        self.assertIn("plugin_name=none", second)
        self.assertEqual(rest, "")

    def test_levels(self):
        for mark, asked, level in (("rs-level:3", "2", "2"), ("rs-level:1", "2", "1"),
                                   ("rs-level:2", None, "2"), ("", None, "0")):
            more = {"client_protocol_version": asked} if asked else {}
            with Client(application_name=mark, **more) as client:
                self.assertEqual(client.statuses["server_protocol_version"], level)
        with StandIn("--level-max", "1") as server:
            with Client(server.port, client_protocol_version="2") as client:
                self.assertEqual(client.statuses["server_protocol_version"], "1")
            with Client(server.port) as client:
                self.assertEqual(client.statuses["server_protocol_version"], "0")
        # It may be granted and not said, or misnamed.
        for option, value in ("--no-level-status", None), ("--status=server_protocol_version=9", "9"):
            with StandIn("--level-max", "2", option) as server:
                with Client(server.port, client_protocol_version="2") as client:
                    self.assertEqual(client.statuses.get("server_protocol_version"), value)

    def test_refusals(self):
        with Client() as client:
            for text, state in (("SAVEPOINT a", "0A000"), ("/* c */ LISTEN x", "0A000"),
                                ("DISCARD ALL", "0A000"), ("DEALLOCATE ALL", "0A000"),
                                ("COPY demo_sales TO STDOUT", "42601"),
                                ("SHOW server_version_num", "0A000"),
                                ("SET standard_conforming_strings TO on", "0A000"),
                                ("SELECT * FROM demo_sales FOR UPDATE", "42601"),
                                ("DELETE FROM demo_sales RETURNING 1", "42601")):
                self.fails(client, text, state)
                with self.assertRaises(ServerError) as caught:
                    client.prepared(text)
                self.assertEqual(caught.exception.fields["C"], state)
            self.assertEqual(client.query("SELECT 'FOR UPDATE' AS a -- RETURNING"),
                             [["FOR UPDATE"]])
            client.query("BEGIN; DECLARE c CURSOR FOR SELECT 1")
            client.query("CLOSE c")
            client.query("DECLARE c CURSOR FOR SELECT 1")
            self.fails(client, "DECLARE d CURSOR FOR SELECT 1", "42P03")
            self.assertEqual(client.status, b"E")
            client.query("ROLLBACK")
            client.query("SET readonly TO on")
            self.fails(client, "CREATE TABLE x (i int)", "25006")

    def test_no_tls(self):
        with self.assertRaisesRegex(ConnectionError, "no TLS: b'N'"):
            Client(ENV["RS_REDSHIFT_NOTLS_PORT"])
        with Client(tls=False) as client:
            self.assertEqual(client.query("SELECT 1"), [["1"]])
        with StandIn("--auth", "3", tls=False) as server:
            Client(server.port, tls=False).sock.close()
            line = log_until(server.log_file, lambda line: line["event"] == "close")[-1]
            self.assertEqual(line["clear_kinds"], ["startup", "password"])
            self.assertGreater(line["password_clear_bytes"], 0)

    def test_log_proves_tls(self):
        with StandIn() as server:
            with Client(server.port, "u_clear", ENV["RS_REDSHIFT_CLEAR_PASSWORD"]) as client:
                client.query("SELECT '" + "x" * 300 + "'")
            lines = log_until(server.log_file, lambda line: line["event"] == "close")
            text = json.dumps(lines)
        self.assertNotIn(ENV["RS_REDSHIFT_CLEAR_PASSWORD"], text)
        events = {line["event"]: line for line in lines}
        self.assertEqual([line["event"] for line in lines],
                         ["accept", "ssl_request", "tls", "startup", "auth_request", "password",
                          "auth_ok", "query", "close"])
        self.assertEqual((events["password"]["tls"], events["ssl_request"]["early_bytes"]),
                         (True, 0))
        self.assertEqual(events["startup"]["parameters"]["user"], "u_clear")
        self.assertEqual(len(events["query"]["text"]), 200)
        self.assertEqual((events["close"]["clear_bytes"], events["close"]["clear_kinds"],
                          events["close"]["password_clear_bytes"]), (8, ["ssl_request"], 0))

    def test_gss_request(self):
        with socket.create_connection(("127.0.0.1", int(ENV["RS_REDSHIFT_PORT"])), 5) as sock:
            sock.sendall(struct.pack("!II", 8, 80877104))
            self.assertEqual(sock.recv(1), b"")

    def test_bad_certificates(self):
        for name in ("WRONGHOST", "EXPIRED", "UNKNOWNCA"):
            with self.assertRaises(ssl.SSLCertVerificationError):
                Client(ENV["RS_REDSHIFT_%s_PORT" % name])
        Client(ENV["RS_REDSHIFT_CNONLY_PORT"], tls=False).sock.close()

    def until_asleep(self):
        """Until the back end runs a query that sleeps."""
        limit = time.monotonic() + 60
        with Client() as other:
            while other.query("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND "
                              "wait_event = 'PgSleep'") == [["0"]]:
                self.assertLess(time.monotonic(), limit)
                time.sleep(0.02)

    def test_cancel(self):
        with StandIn() as server, Client(server.port) as client:
            for tls in (True, False):
                client.send(b"Q", b"SELECT pg_sleep(60)\0")
                self.until_asleep()
                client.cancel(tls)
                with self.assertRaises(ServerError) as caught:
                    client.results()
                self.assertEqual((caught.exception.fields["C"], caught.exception.fields["M"]),
                                 ("57014", "Query (123) cancelled on user's request"))
                self.assertEqual(client.query("SELECT 1"), [["1"]])
            client.key ^= 1
            client.cancel(True)
            lines = [line for line in server.log() if line["event"] == "cancel"]
            self.assertEqual([(line["tls"], line["matched"]) for line in lines],
                             [(True, True), (False, True), (True, False)])

    def test_large_result(self):
        with Client() as client:
            rows = client.query("SELECT g, repeat('x', 1 + g % 300) FROM "
                                "generate_series(1, 50000) g")
            self.assertEqual(len(rows), 50000)
            self.assertTrue(all(len(row[1]) == 1 + int(row[0]) % 300 for row in rows))
            self.assertEqual(len(client.query("SELECT '" + "y" * 3000000 + "'")[0][0]), 3000000)
            self.fails(client, "SELECT '" + "y" * (16 << 20) + "'", "54000")

    def test_large_parameters(self):
        with Client() as client:
            value = "z" * 2000000
            self.assertEqual(client.prepared("SELECT length($1), $1::text", value),
                             [["2000000", value]])
            with self.assertRaises(ServerError) as caught:
                client.prepared("SELECT 1", *["1"] * 32768)
            self.assertEqual(caught.exception.fields["C"], "54000")

    def test_prepared_faults(self):
        with Client() as client:
            client.parse("/* rs-fault: row=2=error=XX000:1023 */ SELECT generate_series(1, 5)")
            client.sync()
            for _ in range(2):
                client.execute()
                with self.assertRaises(ServerError) as caught:
                    client.sync()
                self.assertEqual(len(caught.exception.rows), 1)
            self.assertEqual(len(client.prepared("SELECT generate_series(1, 5)")), 5)

    def test_query_faults(self):
        text = "/* rs-fault: %s */ SELECT g, 'abc' FROM generate_series(1, 9) g"
        for fault in ("row=3=close", "mid-row=3=close", "row=3=reset", "before-complete=close",
                      "before-ready=reset", "row=1=cut=7"):
            with Client() as client:
                with self.assertRaises((ConnectionError, ssl.SSLError), msg=fault):
                    client.query(text % fault)
        with Client() as client:
            with self.assertRaises(ServerError) as caught:
                client.query(text % "row=4=error=XX000:1023")
            self.assertEqual((caught.exception.fields["C"], caught.exception.fields["M"],
                              len(caught.exception.rows)), ("XX000", "1023", 3))
            self.assertEqual(len(client.query("SELECT 1")), 1)
            self.assertEqual(len(client.query(text % "row=1=byte")), 9)
            began = time.monotonic()
            self.assertEqual(len(client.query(text % "row=2=slow=300&before-ready=slow=200")), 9)
            self.assertGreaterEqual(time.monotonic() - began, 0.5)
        with Client() as client:
            client.sock.settimeout(0.3)
            with self.assertRaises(TimeoutError):
                client.query(text % "row=2=hang")
        with Client() as client:
            with self.assertRaises(ValueError):
                client.query(text % "row=2=garbage")

    def test_start_up_faults(self):
        self.refused("57P03", "soon", application_name="rs-fault: before-auth=error=57P03:soon")
        with self.assertRaises((ConnectionError, ssl.SSLError)):
            Client(application_name="rs-fault: after-statuses=cut=3")
        with Client(application_name="rs-fault: before-auth=byte") as client:
            self.assertIn("padb_version", client.statuses)
        with StandIn("--resume", "2", "--fault", "before-complete=slow=100") as server:
            for _ in range(2):
                self.refused("57P03", "resuming", port=server.port)
            with Client(server.port) as client:
                began = time.monotonic()
                client.query("SELECT 1")
                self.assertGreaterEqual(time.monotonic() - began, 0.1)
        with StandIn("--idle-drop", "0.3") as server, Client(server.port) as client:
            time.sleep(0.5)
            with self.assertRaises((ConnectionError, ssl.SSLError)):
                client.query("SELECT 1")


class LifeTest(unittest.TestCase):
    """`up` twice, `run`, a stop half way, and nothing left behind."""

    def processes(self, folder, private):
        found = []
        for path in glob.glob("/proc/[0-9]*/cmdline"):
            try:
                with open(path, "rb") as file:
                    text = file.read().decode("utf-8", "replace")
            except OSError:
                continue
            if folder in text or private in text:
                found.append(text.replace("\0", " "))
        return found

    def test_up_again(self):
        with open(FOLDER + "/env", encoding="utf-8") as file:
            first = file.read()
        subprocess.run([SANDBOX, "up", FOLDER], check=True, stderr=subprocess.DEVNULL)
        with open(FOLDER + "/env", encoding="utf-8") as file:
            self.assertEqual(file.read(), first)
        subprocess.run([SANDBOX, "run", FOLDER, "--", "true"], check=True,
                       stderr=subprocess.DEVNULL)
        self.assertTrue(self.processes(FOLDER, ENV["RS_PG_SOCKET"]))

    def test_nothing_is_left(self):
        folder = tempfile.mkdtemp(prefix="test-sandbox-")
        self.addCleanup(shutil.rmtree, folder, True)
        done = subprocess.run([SANDBOX, "run", folder, "--", "sh", "-c",
                               'cat "$RS_SANDBOX_DIR/env"; test -e "$RS_CA_FILE" && exit 7'],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 7, done.stderr)
        values = dict(re.findall(r"^(\w+)='(.*)'$", done.stdout, re.M))
        self.assertEqual(values["RS_PG_PASSWORD"], "rs-Test;pw}1")
        self.assertEqual(self.processes(folder, values["RS_PG_SOCKET"]), [])
        self.assertFalse(os.path.exists(values["RS_PG_SOCKET"]))
        ports = [value for name, value in values.items() if name.endswith("_PORT")]
        ports += [re.search(r":(\d+)", value.split("//")[1]).group(1) for name, value in values.items()
                  if name.endswith("_URL")]
        self.assertEqual(len(ports), 16)
        for port in ports:
            with self.assertRaises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", int(port)), 5)
        left = [name for name in os.listdir(folder) if not name.endswith((".log", ".jsonl"))]
        self.assertEqual(left, [])
        subprocess.run([SANDBOX, "down", folder], check=True)

    def test_interrupted_up(self):
        for moment in ("private", "postgres.pid"):
            folder = tempfile.mkdtemp(prefix="test-sandbox-")
            self.addCleanup(shutil.rmtree, folder, True)
            process = subprocess.Popen([SANDBOX, "up", folder], stderr=subprocess.DEVNULL)
            end = time.monotonic() + 60
            while not os.path.exists(folder + "/run/" + moment) and time.monotonic() < end:
                time.sleep(0.01)
            with open(folder + "/run/private", encoding="utf-8") as file:
                private = file.read().strip()
            process.terminate()
            self.assertEqual(process.wait(60), 143)
            end = time.monotonic() + 60  # what was just killed may need a moment
            while self.processes(folder, private) and time.monotonic() < end:
                time.sleep(0.02)
            self.assertEqual(self.processes(folder, private), [])
            self.assertFalse(os.path.exists(private))


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    unittest.main()
