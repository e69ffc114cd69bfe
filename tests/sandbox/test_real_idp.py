#!/usr/bin/python3
"""Tests of the real identity providers, on a bench that is up, by a client that is not the driver."""

import os
import re
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
from idp_accounts import IAM, PASSWORD  # noqa: E402
from idp_browser import Browser  # noqa: E402
from real_kerberos import RealKerberos  # noqa: E402
from real_saml import RealSaml, clean_environment, need  # noqa: E402
from test_idp_api import Listening  # noqa: E402
from test_idp import E, assume, response_of  # noqa: E402

HERE = os.path.dirname(os.path.realpath(__file__))
PROVIDER = IAM + "saml-provider/ssp"


class Saml(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.idp = RealSaml().__enter__()
        cls.addClassCleanup(cls.idp.__exit__)

    def sign_in(self, path, user="bob", password=PASSWORD):
        browser = Browser(E["RS_CA_FILE"])
        page = browser.open(path if path.startswith("https:") else "https://localhost:%d%s" % (self.idp.port, path))
        self.assertTrue(page.form_with("password"), page.text)
        return browser.sign_in(page, user, password)

    def test_addresses_of_the_products(self):
        for path in ("/adfs/ls/IdpInitiatedSignOn.aspx?loginToRp=urn%3Aamazon%3Awebservices",
                     "/idp/startSSO.ping?PartnerSpId=urn%3Aamazon%3Awebservices"):
            page = self.sign_in(path)
            status, found = assume(response_of(page), provider=PROVIDER)
            self.assertEqual((status, found.get("Issuer")), (200, "http://ssp.example.com/idp"), found)
            page = self.sign_in(path, password="wrong")
            self.assertEqual((page.status, bool(page.form_with("password"))), (200, True))

    def test_browser(self):
        page = self.sign_in(self.idp.start_url(7890))
        form = next(form for form in page.forms if form.value("SAMLResponse"))
        self.assertEqual(page.target(form), "http://localhost:7890/redshift/")
        self.assertEqual(assume(response_of(page), provider=PROVIDER)[0], 200)
        self.assertEqual(assume(response_of(page), provider=IAM + "saml-provider/idp")[0], 400)

    def test_chromium(self):
        """A real browser posts the response to a plain http listener."""
        with Listening() as listener, tempfile.TemporaryDirectory() as folder:
            log = folder + "/log"
            subprocess.run([os.path.join(HERE, "real_browser"), self.idp.start_url(listener.port)], check=True,
                           env={**E, "RS_BROWSER_USER": "alice", "RS_BROWSER_LOG": log})
            limit = time.monotonic() + 60
            while not os.path.exists(log) and time.monotonic() < limit:
                time.sleep(0.1)
            with open(log, encoding="utf-8") as file:
                told = file.read()
            posts = [each for each in listener.got if each[0] == "POST"]
            self.assertEqual([each[1] for each in posts], ["/redshift/"], told)
            self.assertEqual(posts[0][2]["Origin"], "null")  # from https to http nothing else is said
            self.assertEqual(assume(posts[0][3]["SAMLResponse"], provider=PROVIDER)[0], 200)

    def test_requests_are_kept(self):
        self.sign_in("/idp/startSSO.ping?PartnerSpId=" + urllib.parse.quote("urn:amazon:webservices"), "canary")
        self.assertEqual([each["form"].get("password") for each in self.idp.requests
                          if each["form"].get("username") == "canary"], [PASSWORD])


class Kerberos(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.idp = RealKerberos().__enter__()
        cls.addClassCleanup(cls.idp.__exit__)

    def visit(self, cache, *options):
        """By the program curl: (status, body)."""
        done = subprocess.run(
            ["curl", "-sS", "--cacert", E["RS_CA_FILE"], "-L", "-w", "\n%{http_code}", *options,
             "https://localhost:%d/adfs/ls/IdpInitiatedSignOn.aspx?loginToRp=urn:amazon:webservices" % self.idp.port],
            env=clean_environment(**self.idp.environment, KRB5CCNAME=cache), check=True, capture_output=True, text=True)
        body, _, status = done.stdout.rpartition("\n")
        return int(status), body

    def test_tickets(self):
        for name in ("bob", "alice"):
            status, body = self.visit(self.idp.ticket(name), "--negotiate", "-u", ":")
            self.assertEqual(status, 200, body)
            self.assertEqual(assume(re.search('SAMLResponse" type="hidden" value="([^"]*)', body)[1])[0], 200)
            self.assertEqual(self.idp.requests[-1]["user"], name)
        self.assertNotIn("SAMLResponse", self.visit(self.idp.ticket("mallory"), "--negotiate", "-u", ":")[1])
        self.assertEqual(self.visit("FILE:/nonexistent", "--negotiate", "-u", ":")[0], 401)
        self.assertEqual(self.visit(self.idp.ticket("bob"))[0], 401)

    def test_nobody_says_who_he_is(self):
        status, body = self.visit("FILE:/nonexistent", "-H", "X-Remote-User: bob@TEST.EXAMPLE")
        self.assertEqual((status, "SAMLResponse" in body), (401, False))


if __name__ == "__main__":
    need(RealSaml.programs, RealKerberos.programs, ("/usr/bin/chromedriver", "/usr/bin/curl"))
    unittest.main()
