#!/usr/bin/python3
"""No secret of a sign-in at an identity provider is told: password, assertion, cookies, codes, tokens. What
was sent stands in the stand-ins' logs; the driver's log at its most talkative and all messages have none of it."""
import os, sys, time, unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
from idp_bench import Case, E, SignedIn, aws_log, crowd, idp_log, plugin, stay  # noqa: E402
from idp_forms import forms  # noqa: E402
from idp_secrets import Talkative  # noqa: E402
import idp_azure, idp_jwt  # noqa: E401, E402

ROLE = 'arn:aws:iam::123456789012:role/RedshiftAccess'


def token(**more):
    return idp_jwt.make(E['RS_IDP_KEY_FILE'], {
        'iss': idp_azure.ISSUER, 'aud': 'redshift', 'sub': 'bob', 'upn': 'bob@example.com', 'DbUser': 'bob',
        'exp': int(time.time()) + 600, **more})


def jwt(text=None, **more):
    return plugin('JwtIamAuthPlugin', **{'web_identity_token': text or token(), 'role_arn': ROLE, **more})


class Canary(Case):
    def test_forms(self):
        talk = Talkative(self, idp_log, aws_log)
        for name in ('ADFS', 'Ping'):
            talk.go(lambda **keys: forms(name, **keys))
            for way in ('action-host', 'redirect-host', 'status-500', 'huge', 'cut', 'noresponse'):
                talk.go(lambda **keys: forms(name, way, **keys), False)
            for user in ('locked', 'mfa', 'norole', 'noresponse', 'page500', 'saml-expired', 'saml-forged', 'saml-malformed',
                         'saml-bomb', 'saml-encrypted', 'saml-status', 'saml-large', 'untrusted', 'cut', 'away', 'downgrade'):
                talk.go(lambda **keys: forms(name, UID=user, **keys), False)
            talk.go(lambda **keys: forms(name, PWD='canary-7Zq;}}"%', **keys), False)
        talk.search('Password', 'pf.pass', 'MSISSamlRequest', 'PF', 'SAMLAssertion', 'what the database takes')

    def test_web_token(self):
        talk = Talkative(self, aws_log)
        talk.go(lambda **keys: jwt(**keys))
        talk.go(lambda **keys: jwt(token(aud='elsewhere'), **keys), False)
        talk.go(lambda **keys: jwt(token(iss='https://nobody'), **keys), False)
        talk.search('WebIdentityToken', 'what the database takes')


class WebToken(Case):
    def test_the_whole_chain(self):
        log = aws_log()
        self.good(jwt(AutoCreate=1), 'bob', ())
        self.assertEqual(self.asked(log), ['AssumeRoleWithWebIdentity', 'DescribeClusters', 'GetClusterCredentials'])
        asked = dict(log.requests()[0]['parameters'])
        self.assertEqual(asked['RoleSessionName'], 'jwt_redshift_session')
        self.good(jwt(DbUser='existing_user'), 'existing_user', ())
        self.good(jwt(token(DbUser=''), AutoCreate=1), 'bob@example.com', ())

    def test_refusals(self):
        log = aws_log()
        self.bad(jwt(token(exp=int(time.time()) - 60)), '28000', 'the token has expired')
        for text in ('x', 'a.b', 'a.b.c', 'a..c', '.' * 20000):
            self.bad(jwt(text), '28000', 'JWT')
        self.assertEqual(self.asked(log), [])
        self.bad(jwt(token(DbUser='', upn='')), '28000', 'DbUser')
        self.bad(jwt(token(aud='elsewhere')), '28000', 'InvalidIdentityToken')
        self.bad(jwt(role_arn='arn:aws:iam::123456789012:role/Nobody'), '28000', 'AccessDenied')
        self.bad(plugin('JwtIamAuthPlugin'), '28000', 'web_identity_token', 'role_arn')


class Once(Case):
    """As a program does that opens its connections at a time."""

    def setUp(self):
        stay(self)

    def logins(self, log):
        return [r['login']['good'] for r in log.requests() if 'login' in r]

    def test_twenty_connections_sign_in_once(self):
        for name in ('ADFS', 'Ping'):
            idp, aws = idp_log(), aws_log()
            self.assertEqual(crowd(forms(name, DisableCache=0, ApplicationName='crowd')), ['bob'] * 20)
            self.assertEqual(self.logins(idp), [True])
            self.assertEqual(self.asked(aws).count('AssumeRoleWithSAML'), 1)

    def test_another_user_signs_in_for_himself(self):
        for user, want in (('alice', 'alice'), ('bob', 'bob'), ('alice', 'alice')):
            self.assertEqual(SignedIn(forms('ADFS', UID=user, DisableCache=0)).user, want)
        idp = idp_log()
        self.bad(forms('ADFS', UID='alice', PWD='wrong', DisableCache=0), '28000', 'AD FS rejected')
        self.assertEqual(self.logins(idp), [False])


if __name__ == '__main__':
    unittest.main()
