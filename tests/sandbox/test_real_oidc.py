#!/usr/bin/python3
"""Tests of the real OpenID provider, on a bench that is up, by a client that is not the driver."""

import json
import os
import sys
import unittest
import urllib.parse

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
import idp_azure  # noqa: E402
from real_oidc import RealOidc  # noqa: E402
from real_saml import need  # noqa: E402
from test_idp_api import CHALLENGE, FORM, STATE, VERIFIER, browser, logs_in  # noqa: E402

REDIRECT = "http://localhost:7890/redshift/"  # any port will do
SCOPE = "openid jdbc_login"


class Oidc(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.idp = RealOidc().__enter__()
        cls.addClassCleanup(cls.idp.__exit__)

    def authorize(self, **more):
        query = {"scope": SCOPE, "response_type": "code", "response_mode": "form_post", "state": STATE,
                 "client_id": idp_azure.PUBLIC, "redirect_uri": REDIRECT, "code_challenge": CHALLENGE,
                 "code_challenge_method": "S256", **more}
        one = browser()
        page = one.open("https://localhost:%d/example.com/oauth2/v2.0/authorize?%s"
                        % (self.idp.port, urllib.parse.urlencode({n: v for n, v in query.items() if v})))
        return one.sign_in(page, "bob", "any")

    def redeem(self, code, **more):
        page = browser().open(
            "https://localhost:%d/example.com/oauth2/v2.0/token" % self.idp.port, urllib.parse.urlencode({
                "grant_type": "authorization_code", "code": code, "scope": SCOPE, "redirect_uri": REDIRECT,
                "client_id": idp_azure.PUBLIC, "code_verifier": VERIFIER, **more}).encode(), FORM)
        return page.status, json.loads(page.data)

    def test_code(self):
        page = self.authorize()
        self.assertEqual((page.target(page.forms[0]), page.value("state")), (REDIRECT, STATE))
        status, found = self.redeem(page.value("code"))
        self.assertEqual(status, 200, self.idp.said())
        self.assertEqual(logs_in(found["access_token"]), "u_idp")
        self.assertEqual(self.redeem(page.value("code"))[1]["error"], "invalid_grant")

    def test_refusals(self):
        self.assertEqual(self.redeem(self.authorize().value("code"), code_verifier="x" * 43)[1]["error"], "invalid_grant")
        self.assertEqual(self.redeem(self.authorize().value("code"), redirect_uri="http://localhost:1/redshift/")[1]
                         ["error"], "invalid_grant")
        self.assertEqual(self.authorize(code_challenge=None, code_challenge_method=None).value("error"), "invalid_request")
        self.assertEqual(self.authorize(redirect_uri="http://localhost:7890/other/").status, 400)


if __name__ == "__main__":
    need(RealOidc.programs)
    unittest.main()
