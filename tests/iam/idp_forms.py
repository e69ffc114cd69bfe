#!/usr/bin/python3
"""AD FS and PingFederate from the application's side: form, assertion, token service, temporary password,
database. Against the stand-in's pages, and the login form of a real SimpleSAMLphp."""
import os, sys, unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
from idp_bench import CANNOT_REACH, IAM, PARTY, PASSWORD, Case, E, aws_log, host, idp_log, isql, login, party, plugin  # noqa: E402
import idp_pages  # noqa: E402
from real_saml import RealSaml, need  # noqa: E402

KEYS = {'ADFS': 'loginToRp', 'Ping': 'partner_spid'}


def forms(name, way='plain', **more):
    return plugin(name, **{**host(), **login(), KEYS[name]: None if way == 'plain' else party(way), **more})


class Good(Case):
    def test_the_whole_chain(self):
        for name in KEYS:
            with self.subTest(name):
                aws, idp = aws_log(), idp_log()
                self.good(forms(name))
                self.assertEqual(self.asked(aws), ['AssumeRoleWithSAML', 'DescribeClusters', 'GetClusterCredentials'])
                methods = [request['method'] for request in idp.requests()]
                self.assertEqual(methods, ['GET', 'POST'])
                by_name = {r['action']: dict(r['parameters']) for r in aws.requests()}
                self.assertEqual(by_name['AssumeRoleWithSAML']['PrincipalArn'], IAM + 'saml-provider/idp')
                self.assertNotIn('DurationSeconds', by_name['AssumeRoleWithSAML'])
                self.assertEqual(by_name['GetClusterCredentials']['DbUser'], 'bob')
                self.assertEqual(by_name['GetClusterCredentials']['AutoCreate'], 'true')

    def test_by_isql(self):
        for name in KEYS:
            status, text = isql(forms(name))
            self.assertEqual((status, 'bob' in text), (0, True), text)

    def test_every_layout(self):
        for name in KEYS:
            for layout in idp_pages.LAYOUTS:
                with self.subTest(layout, plugin=name):
                    self.good(forms(name, layout))

    def test_fields_of_other_names_and_pages_in_two_steps(self):
        for way in ('renamed', 'twosteps'):
            with self.subTest(way):
                self.good(forms('Ping', way))

    def test_what_the_assertion_says(self):
        self.good(forms('ADFS', UID='alice'), 'alice', ('group1', 'group2'))
        self.good(forms('ADFS', UID='carol'), 'Carol', ('group1', 'group2'))
        self.good(forms('ADFS', UID='nocreate'), 'existing_user', ())
        self.good(forms('ADFS', DbUser='existing_user', AutoCreate=0, DbGroups='group2'), 'existing_user', ('group2',))
        self.good(forms('ADFS', UID='override', DbUser='existing_user'), 'bob')
        self.good(forms('ADFS', UID='alice', dbgroups_filter='.*2'), 'alice', ('group1',))
        # Without the attribute it is the session's name.
        log = aws_log()
        self.good(forms('ADFS', UID='nouser'), 'bob@example.com')
        self.assertEqual(dict(log.requests()[-1]['parameters'])['DbUser'], 'bob@example.com')

    def test_roles(self):
        log = aws_log()
        self.good(forms('ADFS', UID='several'))
        self.good(forms('ADFS', UID='several', preferred_role=IAM + 'role/ADFS-Dev', duration=3600))
        asked = [dict(r['parameters']) for r in log.requests() if r['action'] == 'AssumeRoleWithSAML']
        self.assertEqual([(a['RoleArn'], a.get('DurationSeconds')) for a in asked],
                         [(IAM + 'role/ADFS-Production', None), (IAM + 'role/ADFS-Dev', '3600')])

    def test_redirects_and_trusted_hosts(self):
        self.good(forms('ADFS', UID='tenhops'))
        self.good(forms('ADFS', 'redirect-ten'))
        for name in KEYS:
            for way in ('redirect-login', 'action-host'):
                if way == 'action-host' and name == 'ADFS':
                    continue  # its cookie is the first host's
                with self.subTest(way, plugin=name):
                    self.bad(forms(name, way), *OTHER_HOST[way])
        self.good(forms('ADFS', 'redirect-login', idp_trusted_hosts='a.example.com, 127.0.0.1'))
        self.good(forms('Ping', 'redirect-login', idp_trusted_hosts='127.0.0.1'))

    def test_unchecked_certificate(self):
        for port in ('WRONGHOST', 'SELFSIGNED'):
            found = self.good(forms('ADFS', ssl_insecure=1, idp_port=E[f'RS_IDP_{port}_PORT']))
            self.assertEqual([state for state, _ in found.warnings], ['01000'])


OTHER_HOST = {'redirect-login': ('08001', 'redirected to another host', '127.0.0.1', 'idp_trusted_hosts'),
              'action-host': ('28000', 'login form posts to another host')}


class Wrong(Case):
    def test_wrong_password(self):
        for name, words in (('ADFS', 'AD FS rejected the user name or password'),
                            ('Ping', 'PingFederate rejected the user name or password')):
            for keys in ({'PWD': 'wrong'}, {'UID': 'nobody'}, {'UID': 'locked'}, {'UID': 'expiredpassword'}):
                with self.subTest(name, **keys):
                    log = idp_log()
                    self.bad(forms(name, **keys), '28000', words)
                    self.assertEqual(len([r for r in log.requests() if 'login' in r]), 1)  # a second try might lock
        self.bad(forms('ADFS', PWD='wrong'), '28000', 'Incorrect user ID or password')
        self.bad(forms('ADFS', UID='locked'), '28000', 'has been locked')
        self.bad(forms('ADFS', UID='expiredpassword'), '28000', 'has expired')

    def test_second_factor(self):
        for way in ('plain', 'late'):
            self.bad(forms('ADFS', way, UID='mfa'), '28000', 'asks for a second factor', 'BrowserSAML')

    def test_no_form_and_forms_not_understood(self):
        for name in KEYS:
            self.bad(forms(name, 'noresponse'), '28000', 'no login form')
            self.bad(forms(name, 'nopassword'), '28000',
                     'no login form' if name == 'ADFS' else 'no SAML response')  # it may ask for it on the next page
            self.bad(forms(name, 'nouser'), '28000', 'login form not understood')
        self.bad(forms('ADFS', loginToRp='urn:nobody'), '28000', 'relying party not found', 'loginToRp')
        self.bad(forms('Ping', 'twopasswords'), '28000', 'two password fields')

    def test_cookies_that_are_lost(self):
        self.bad(forms('ADFS', 'cookieless'), '28000', 'AD FS rejected the user name or password')

    def test_no_response(self):
        for name in KEYS:
            for user in ('noresponse', 'saml-empty', 'saml-nobase64'):
                with self.subTest(user, plugin=name):
                    self.bad(forms(name, UID=user), '28000', 'no SAML response')
            self.bad(forms(name, UID='saml-large'), '28000', 'is longer than 100000 characters')

    def test_responses_that_are_refused(self):
        for user, words in (('status', 'refused the sign-in (AuthnFailed'), ('encrypted', 'encrypted assertions'),
                            ('dtd', ''), ('bomb', ''), ('malformed', 'not well formed'), ('root', ''),
                            ('noassertion', '')):
            with self.subTest(user):
                log = aws_log()
                self.bad(forms('ADFS', UID='saml-' + user), '28000', words)
                self.assertEqual(self.asked(log), [])

    def test_roles_that_are_not_there(self):
        for user in ('norole', 'halfrole'):
            self.bad(forms('ADFS', UID=user), '28000', 'no AWS role in the SAML assertion')
        self.bad(forms('ADFS', UID='several', preferred_role=IAM + 'role/Other'), '28000',
                 'preferred_role is not among the 2 roles')

    def test_what_the_token_service_refuses(self):
        for user, code in (('saml-expired', 'ExpiredTokenException'), ('saml-future', 'InvalidIdentityToken'),
                           ('saml-unsigned', 'InvalidIdentityToken'), ('saml-forged', 'InvalidIdentityToken'),
                           ('saml-tampered', 'InvalidIdentityToken'), ('saml-audience', 'AccessDenied'),
                           ('saml-nosession', 'InvalidIdentityToken'), ('untrusted', 'AccessDenied'),
                           ('nosuchrole', 'AccessDenied'), ('otherprovider', 'InvalidIdentityToken')):
            with self.subTest(user):
                log = aws_log()
                self.bad(forms('ADFS', UID=user), '28000', code)
                self.assertEqual(set(self.asked(log)), {'AssumeRoleWithSAML'})

    def test_redirects(self):
        for name in KEYS:
            self.bad(forms(name, 'redirect-host'), '08001', 'redirected to another host')
            for way in ('redirect-http', 'redirect-file', 'redirect-loop'):
                self.bad(forms(name, way), '08001')
            self.bad(forms(name, 'action-http'), '28000', 'login form posts to a place that is not https')
        self.bad(forms('ADFS', 'redirect-eleven'), '08001')
        self.bad(forms('ADFS', UID='away'), '08001', 'redirected to another host')
        self.bad(forms('ADFS', UID='downgrade'), '08001')
        self.bad(forms('ADFS', UID='elevenhops'), '08001')

    def test_statuses(self):
        for name in KEYS:
            self.bad(forms(name, 'status-500'), '08001', 'the identity provider answered HTTP 500')
            told = self.bad(forms(name, UID='page500'), '08001', 'the identity provider answered HTTP 500')
            self.assertNotIn('canary', told)
        self.bad(forms('ADFS', 'status-404'), '28000', 'IdpInitiatedSignOn is disabled')
        self.bad(forms('Ping', 'status-404'), '08001', 'HTTP 404')

    def test_answers_too_large_cut_or_missing(self):
        for name in KEYS:
            for way, state, words in (('huge', 'HY000', 'is larger than'), ('cut', '08001', ''), ('close', '08001', '')):
                with self.subTest(way, plugin=name):
                    self.bad(forms(name, way), state, words)
                    self.bad(forms(name, UID=way), state, words)

    def test_silence(self):
        for keys in ({'StsConnectionTimeout': 1}, {'LoginTimeout': 1}):
            self.bad(forms('ADFS', 'stall', **keys), 'HYT00')
        self.bad(forms('ADFS', UID='stall', StsConnectionTimeout=1), 'HYT00',
                 'the identity provider did not answer in 1 s')

    def test_unreachable(self):
        self.bad(forms('ADFS', idp_port=1), '08001', CANNOT_REACH, 'localhost:1')
        self.bad(forms('ADFS', idp_host='nosuch.invalid'), '08001', CANNOT_REACH, 'nosuch.invalid')
        for port in ('WRONGHOST', 'SELFSIGNED'):
            self.bad(forms('ADFS', idp_port=E[f'RS_IDP_{port}_PORT']), '08001', CANNOT_REACH, 'CaFile', 'ssl_insecure=1')

    def test_keys(self):
        self.bad(plugin('ADFS'), '28000', 'idp_host')
        told = self.bad(plugin('Ping'), '28000', 'idp_host')
        for word in ('UID', 'PWD', 'Ping'):
            self.assertIn(word, told)
        for name in ('https://x', 'a/b', 'a@b', 'a b', 'a:1'):
            self.bad(forms('ADFS', idp_host=name), 'HY000', 'idp_host must be a host name')
        self.bad(plugin('Nonsense'), 'HY000', 'is not supported')


class Real(Case):
    @classmethod
    def setUpClass(cls):
        cls.idp = RealSaml().__enter__()
        cls.addClassCleanup(cls.idp.__exit__)

    def test_sign_in(self):
        for name in KEYS:
            self.good(plugin(name, **host(self.idp.port), **login(UID='bob')))
            self.good(plugin(name, **host(self.idp.port), **login(UID='alice')), 'alice', ('group1', 'group2'))
            status, text = isql(plugin(name, **host(self.idp.port), **login(UID='bob')))
            self.assertEqual((status, 'bob' in text), (0, True), text)

    def test_wrong_password(self):
        self.bad(plugin('ADFS', **host(self.idp.port), **login(UID='bob', PWD='wrong')), '28000', 'AD FS rejected')
        self.bad(plugin('Ping', **host(self.idp.port), **login(UID='bob', PWD='wrong')), '28000', 'PingFederate rejected')
        self.assertIn('wrong', [r['form'].get('password') for r in self.idp.requests])

    def test_another_party(self):
        self.bad(plugin('ADFS', loginToRp='urn:nobody', **host(self.idp.port), **login()), '28000', 'no login form')


if __name__ == '__main__':
    need(RealSaml.programs)
    unittest.main()
