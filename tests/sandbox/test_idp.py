#!/usr/bin/python3
"""Tests of the idp stand-in and of AssumeRoleWithSAML, on a bench that is up: each page is signed in
to by a client that is not the driver."""

import base64
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.parse
import xml.etree.ElementTree

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
import idp_pages  # noqa: E402
import idp_saml  # noqa: E402
from idp_accounts import IAM, PASSWORD  # noqa: E402
from idp_browser import Browser  # noqa: E402

E = os.environ
if "RS_IDP_PORT" not in E:
    print("the sandbox is not up (RS_IDP_PORT)")
    sys.exit(77)

BASE = "https://localhost:" + E["RS_IDP_PORT"]
PARTY = "urn:amazon:webservices"
ROLE, PROVIDER = IAM + "role/ADFS-Production", IAM + "saml-provider/idp"


def elements(data):
    return {node.tag.rpartition("}")[2]: node.text
            for node in xml.etree.ElementTree.fromstring(data).iter()}


def assume(response, role=ROLE, provider=PROVIDER, **more):
    """(status, elements by local name) of AssumeRoleWithSAML, as the driver would send it."""
    pairs = {"Action": "AssumeRoleWithSAML", "Version": "2011-06-15", "RoleArn": role,
             "PrincipalArn": provider, "SAMLAssertion": response, **more}
    body = "&".join("%s=%s" % (name, urllib.parse.quote(str(value), safe="-_.~"))
                    for name, value in pairs.items())
    page = Browser(E["RS_CA_FILE"]).open(
        E["RS_AWS_URL"], body.encode(),
        {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"})
    return page.status, elements(page.data)


def adfs(party=PARTY, user="bob@example.com", password=PASSWORD, browser=None):
    browser = browser or Browser(E["RS_CA_FILE"])
    page = browser.open("%s/adfs/ls/IdpInitiatedSignOn.aspx?loginToRp=%s"
                        % (BASE, urllib.parse.quote(party, safe="")))
    return browser.sign_in(page, user, password) if user else page


def ping(party=PARTY, user="bob", password=PASSWORD):
    browser = Browser(E["RS_CA_FILE"])
    page = browser.open("%s/idp/startSSO.ping?PartnerSpId=%s"
                        % (BASE, urllib.parse.quote(party, safe="")))
    return browser.sign_in(page, user, password) if user else page


def response_of(page):
    return re.sub(r"\s", "", page.value("SAMLResponse") or "")


class Saml(unittest.TestCase):
    def test_each_page_and_layout(self):
        for layout in idp_pages.LAYOUTS:
            for sign_in in (adfs, ping):
                with self.subTest(layout, page=sign_in.__name__):
                    party = PARTY if layout == "plain" else PARTY + ":" + layout
                    status, found = assume(response_of(sign_in(party)), DurationSeconds=900)
                    self.assertEqual(status, 200, found)
                    self.assertRegex(found["Arn"], "assumed-role/ADFS-Production/bob@example.com$")

    def test_ping_in_two_steps_and_by_other_names(self):
        for way in ("twosteps", "renamed"):
            self.assertEqual(assume(response_of(ping(PARTY + ":" + way)))[0], 200)

    def refused(self, user, status, code, **more):
        got, found = assume(response_of(adfs(user=user)), **more)
        self.assertEqual((got, found.get("Code")), (status, code), (user, found))

    def test_what_the_token_service_refuses(self):
        for flaw, status, code in (
                ("expired", 400, "ExpiredTokenException"), ("unsigned", 400, "InvalidIdentityToken"),
                ("forged", 400, "InvalidIdentityToken"), ("tampered", 400, "InvalidIdentityToken"),
                ("audience", 403, "AccessDenied"), ("recipient", 403, "AccessDenied"),
                ("future", 400, "InvalidIdentityToken"), ("encrypted", 400, "InvalidIdentityToken"),
                ("dtd", 400, "InvalidIdentityToken"), ("bomb", 400, "InvalidIdentityToken"),
                ("malformed", 400, "InvalidIdentityToken"), ("root", 400, "InvalidIdentityToken"),
                ("nobase64", 400, "InvalidIdentityToken"), ("empty", 400, "ValidationError"),
                ("large", 400, "ValidationError"), ("nosession", 400, "InvalidIdentityToken"),
                ("noassertion", 400, "InvalidIdentityToken"), ("status", 400, "InvalidIdentityToken")):
            with self.subTest(flaw):
                self.refused("saml-" + flaw, status, code)
        self.refused("norole", 403, "AccessDenied")
        self.refused("halfrole", 403, "AccessDenied")
        self.refused("untrusted", 403, "AccessDenied", role=IAM + "role/Untrusted")
        self.refused("nosuchrole", 403, "AccessDenied", role=IAM + "role/NoSuchRole")
        self.refused("otherprovider", 400, "InvalidIdentityToken",
                     provider=IAM + "saml-provider/nosuch")
        self.refused("bob", 400, "InvalidIdentityToken", provider=IAM + "saml-provider/ssp")
        self.refused("bob", 403, "AccessDenied", role=IAM + "role/ADFS-Dev")
        self.refused("bob", 400, "ValidationError", DurationSeconds=899)
        self.refused("bob", 400, "ValidationError", DurationSeconds=43201)
        self.refused("several", 400, "ValidationError", role=IAM + "role/ADFS-Dev",
                     DurationSeconds=3601)
        self.assertEqual(assume(response_of(adfs(user="several")), IAM + "role/ADFS-Dev")[0], 200)

    def test_a_key_that_the_document_brings_itself(self):
        """A good signature by the wrong key, with that key in it, is no good signature."""
        with tempfile.TemporaryDirectory() as folder:
            key, text = folder + "/k", base64.b64decode(response_of(adfs())).decode()
            subprocess.run(["openssl", "genrsa", "-out", key, "2048"], check=True, stderr=subprocess.DEVNULL)
            for inner in ("<ds:KeyValue/>", "<ds:X509Data/>"):
                self.assertIn("<ds:KeyInfo>", text)
                bare = re.sub(r"<ds:KeyInfo>.*?</ds:KeyInfo>", "<ds:KeyInfo>%s</ds:KeyInfo>" % inner, text,
                              flags=re.S)
                bare = re.sub(r"<ds:SignatureValue>.*?</ds:SignatureValue>", "<ds:SignatureValue/>", bare,
                              flags=re.S)
                with open(folder + "/in.xml", "w", encoding="utf-8") as file:
                    file.write(bare)
                signed = subprocess.run(
                    ["xmlsec1", "--sign", "--privkey-pem", key, "--id-attr:ID",
                     idp_saml.ASSERTION_NS + ":Assertion", folder + "/in.xml"], check=True,
                    capture_output=True).stdout
                got, found = assume(base64.b64encode(signed).decode())
                self.assertEqual((got, found["Code"]), (400, "InvalidIdentityToken"))

    def test_a_second_assertion_beside_the_signed_one(self):
        text = base64.b64decode(response_of(adfs())).decode()
        forged = re.search(r"<saml:Assertion .*</saml:Assertion>", text, re.S)[0].replace("bob@", "eve@")
        for spot in ("<samlp:Status>", "</samlp:Response>"):
            wrapped = text.replace(spot, forged + spot)
            got, found = assume(base64.b64encode(wrapped.encode()).decode())
            self.assertEqual((got, found["Code"]), (400, "InvalidIdentityToken"))


class Pages(unittest.TestCase):
    def test_wrong_passwords(self):
        for sign_in in (adfs, ping):
            for user, password in (("bob", "wrong"), ("nobody", PASSWORD), ("locked", PASSWORD)):
                page = sign_in(user=user, password=password)
                self.assertEqual(page.status, 200)
                self.assertTrue(page.form_with("password"))
        self.assertIn("Incorrect user ID", adfs(password="x").text)
        self.assertIn("locked", adfs(user="locked").text)
        self.assertIn("VerificationCode", adfs(user="mfa").text)
        self.assertIn("mfaGreeting", adfs(PARTY + ":late", user="mfa").text)

    def test_without_cookies_adfs_starts_over(self):
        browser = Browser(E["RS_CA_FILE"])
        page = adfs(user=None, browser=browser)
        browser.jar.clear()
        page = browser.sign_in(page, "bob", PASSWORD)
        self.assertTrue(page.form_with("password"))
        self.assertNotIn("Incorrect", page.text)
        self.assertEqual(response_of(adfs(PARTY + ":cookieless")), "")

    def test_fields_that_are_not_sent_back(self):
        for party, layout in ((PARTY, "plain"), (PARTY + ":late", "late"), (PARTY + ":german", "german")):
            for sign_in, names in ((adfs, ["AuthMethod"]), (ping, ["pf.cancel", "pf.adapterId", "secret"])):
                for name in names + list(idp_pages.ballast(layout)):
                    page = sign_in(party, user=None)
                    browser = Browser(E["RS_CA_FILE"])
                    page = browser.open(page.url)
                    form = page.form_with("password")
                    form.controls = [each for each in form.controls if each[1] != name]
                    page = browser.sign_in(page, "bob", PASSWORD)
                    self.assertEqual((page.status, page.value("SAMLResponse")), (400, None), (name, page.text))

    def test_what_goes_wrong_with_pages(self):
        self.assertIn("SigninOptions", adfs("urn:nobody", user=None).text)
        self.assertEqual(ping("urn:nobody", user=None).status, 400)
        for ask in (adfs, ping):
            self.assertEqual(ask(PARTY + ":status-404", user=None).status, 404)
            self.assertEqual(ask(PARTY + ":status-500", user=None).status, 500)
            self.assertGreater(len(ask(PARTY + ":huge", user=None).data), 3 << 20)
            self.assertEqual(ask(PARTY + ":noresponse", user=None).forms, [])
            for way, scheme, host in (("action-host", "https", "127.0.0.1"), ("action-http", "http", "localhost")):
                page = ask(PARTY + ":" + way, user=None)
                target = urllib.parse.urlsplit(page.target(page.form_with("password")))
                self.assertEqual((target.scheme, target.hostname), (scheme, host))
            self.assertEqual(urllib.parse.urlsplit(ask(PARTY + ":redirect-login", user=None).url).hostname,
                             "127.0.0.1")
        self.assertEqual(assume(response_of(adfs(user="tenhops")))[0], 200)
        self.assertTrue(adfs(PARTY + ":redirect-ten", user=None).form_with("password"))

    def hops(self, url):
        """Each place that a chain of redirects goes through."""
        found = []
        browser = Browser(E["RS_CA_FILE"], stop=lambda url: True)
        while len(found) < 15:
            page = browser.open(url)
            if page.status != 302:
                break
            url = urllib.parse.urljoin(url, page.headers["Location"])
            found.append(url)
        return found

    def test_redirects(self):
        start = BASE + "/adfs/ls/IdpInitiatedSignOn.aspx?loginToRp=" + PARTY
        self.assertEqual(len(self.hops(start + ":redirect-ten")), 10)
        self.assertEqual(len(self.hops(start + ":redirect-eleven")), 11)
        self.assertEqual(len(self.hops(start + ":redirect-loop")), 15)
        self.assertRegex(self.hops(start + ":redirect-host")[0], "^https://127.0.0.1:")

    def test_certificates(self):
        for name in ("WRONGHOST", "SELFSIGNED"):
            with self.assertRaises(urllib.error.URLError):
                Browser(E["RS_CA_FILE"]).open("https://localhost:%s/" % E["RS_IDP_%s_PORT" % name])

    def test_integrated_is_asked_of_the_agents_that_can(self):
        agent = "Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.2; WOW64; Trident/6.0)"
        page = adfs(user=None, browser=Browser(E["RS_CA_FILE"], agent))
        self.assertEqual((page.status, page.headers["WWW-Authenticate"]), (401, "Negotiate"))
        page = adfs(PARTY + ":forms-only", user=None, browser=Browser(E["RS_CA_FILE"], agent))
        self.assertTrue(page.form_with("password"))

    def test_log_has_what_was_sent(self):
        adfs(user="log-me", password="canary ;=&+é")
        found, limit = [], time.monotonic() + 30
        while not found and time.monotonic() < limit:  # written a moment after the answer
            with open(E["RS_IDP_LOG"], encoding="utf-8") as file:
                found = [line for line in map(json.loads, file)
                         if line.get("form", {}).get("UserName") == "log-me"]
        self.assertEqual([(each["form"]["Password"], each["login"]["good"]) for each in found],
                         [("canary ;=&+é", False)])


if __name__ == "__main__":
    unittest.main()
