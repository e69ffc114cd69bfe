#!/usr/bin/python3
"""Identity providers with names and ports of their own from the application's side: Okta, and Azure AD by
password, in a network namespace where these names are the stand-in's."""
import os, sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
import namespace  # noqa: E402
from idp_bench import CANNOT_REACH, SANDBOX, Case, E, Log, aws_log, login, plugin  # noqa: E402
from idp_secrets import Talkative  # noqa: E402
import idp_azure, idp_okta  # noqa: E401, E402

OKTA, AZURE = 'example.okta.com', 'login.microsoftonline.com'
NAMES = (OKTA, AZURE, 'login.microsoftonline.us')
CLOUD, CLOUD_ADDRESS = 'login.chinacloudapi.cn', '127.0.0.2'
UNCERTIFIED = 'other.okta.com'
PORTS = [int(E['RS_REDSHIFT_PORT']), int(E['RS_AWS_URL'].rpartition(':')[2].strip('/'))]
FOLDER = None


def begin(folder):
    global FOLDER
    FOLDER = folder
    namespace.names(folder, (*NAMES, UNCERTIFIED), others={CLOUD: CLOUD_ADDRESS})
    namespace.certificate(folder, (*NAMES, CLOUD), E['RS_CA_FILE'])
    return namespace.start(
        os.path.join(SANDBOX, 'fake_idp.py'), '--listen=443', f'--cert={folder}/pem', f'--key={folder}/key',
        f'--log={folder}/log', f'--store={E["RS_PASSWORD_STORE"]}', f'--saml-key={E["RS_IDP_KEY_FILE"]}',
        '--saml-cert=' + E['RS_IDP_KEY_FILE'].replace('.key', '.pem'))


def idp_log():
    return Log(f'{FOLDER}/log')


def okta(**more):
    return plugin('Okta', **{'idp_host': OKTA, 'app_id': idp_okta.APP_ID, **login(), **more})


def azure(tenant='example.com', **more):
    return plugin('AzureAD', **{'idp_tenant': tenant, 'client_id': idp_azure.CLIENT, 'client_secret': idp_azure.SECRET,
                                **login(), **more})


class Okta(Case):
    def test_the_whole_chain(self):
        for more in ({}, {'app_id': idp_okta.APP_ID + '/272'}, {'UID': 'bob'}, {'UID': 'warned'}, {'app_name': 'amazon_aws:late'},
                     {'app_name': 'amazon_aws:xhtml'}, {'app_name': 'amazon_aws:german'}, {'app_name': 'amazon_aws:table'}):
            with self.subTest(**more):
                log = aws_log()
                self.good(okta(**more))
                self.assertEqual(self.asked(log), ['AssumeRoleWithSAML', 'DescribeClusters', 'GetClusterCredentials'])
        self.good(okta(UID='alice'), 'alice', ('group1', 'group2'))

    def test_one_limit_that_is_soon_over(self):
        self.good(okta(UID='busy-once'))
        self.bad(okta(UID='busy-long'), '08001', 'rate limit')

    def test_statuses(self):
        for user, words in (('expiredpassword', 'the Okta password has expired'), ('locked', 'the Okta account is locked'),
                            ('warned-out', 'about to expire'), ('reset', 'Okta wants a password reset'),
                            ('recovery', 'Okta wants a password reset'), ('recovery-challenge', 'Okta wants a password reset'),
                            ('enroll', 'second factor to be enrolled'), ('enroll-activate', 'second factor to be enrolled'),
                            ('unauthenticated', 'UNAUTHENTICATED'), ('strange', 'SOMETHING_NEW'),
                            ('forbidden', 'Okta refused access'), ('nobody', 'Okta rejected the user name or password')):
            with self.subTest(user):
                log = idp_log()
                self.bad(okta(UID=user), '28000', words)
                self.assertEqual(len(log.requests()), 1)
        self.bad(okta(PWD='wrong'), '28000', 'Okta rejected the user name or password')
        self.bad(okta(UID='notoken'), '28000')
        self.bad(okta(UID='nojson'), '08001', 'no JSON')
        self.bad(okta(UID='api-500'), '08001', '500', 'E0000009')

    def test_factors(self):
        self.bad(okta(UID='mfa'), '28000', 'second factor', 'BrowserSAML')
        self.bad(okta(UID='challenge'), '28000', 'second factor', 'BrowserSAML')
        self.good(okta(UID='totp', okta_mfa_code=idp_okta.PASSCODE))
        self.bad(okta(UID='totp', okta_mfa_code='000000'), '28000')
        self.good(okta(UID='question', okta_mfa_code=idp_okta.ANSWER))
        self.good(okta(UID='push'))
        self.bad(okta(UID='push-rejected'), '28000')
        self.bad(okta(UID='push-timeout'), '28000')
        log = idp_log()
        self.good(okta(UID='push-away'))  # its link leads elsewhere, where nobody has to go
        self.assertEqual({request['host'] for request in log.requests()}, {OKTA})
        self.bad(okta(UID='push-forever', LoginTimeout=3), 'HYT00')

    def test_the_app(self):
        self.bad(okta(app_id='nosuch'), '28000', 'app_id')
        self.bad(okta(app_name='nosuch'), '28000', 'app_id')
        self.bad(okta(app_name='amazon_aws:mfa'), '28000', 'another sign-in step', 'BrowserSAML')
        self.bad(okta(app_name='amazon_aws:password'), '28000', 'another sign-in step', 'BrowserSAML')
        self.bad(okta(app_name='amazon_aws:noresponse'), '28000', 'app_id')
        self.bad(okta(app_name='amazon_aws:status-500'), '08001', 'HTTP 500')
        self.bad(okta(app_name='amazon_aws:redirect-host'), '08001', 'another host')
        self.bad(okta(app_name='amazon_aws:redirect-http'), '08001')
        self.bad(okta(app_name='amazon_aws:redirect-loop'), '08001')
        self.bad(okta(app_name='amazon_aws:huge'), 'HY000', 'is larger than')
        self.bad(okta(UID='noresponse'), '28000')
        self.bad(okta(UID='norole'), '28000', 'no AWS role')

    def test_unreachable(self):
        self.bad(okta(idp_host=UNCERTIFIED), '08001', CANNOT_REACH, UNCERTIFIED + ':443', 'CaFile')
        found = self.good(okta(idp_host=UNCERTIFIED, ssl_insecure=1))
        self.assertEqual([state for state, _ in found.warnings], ['01000'])
        self.bad(okta(UID='stall', StsConnectionTimeout=1), 'HYT00')


class Azure(Case):
    def test_the_whole_chain(self):
        for tenant in ('example.com', 'declared.example.com', 'padded.example.com'):
            log = aws_log()
            self.good(azure(tenant))
            self.assertEqual(self.asked(log), ['AssumeRoleWithSAML', 'DescribeClusters', 'GetClusterCredentials'])
        self.good(azure(idp_partition='US-Gov'))
        self.good(azure(UID='alice'), 'alice', ('group1', 'group2'))

    def test_refusals(self):
        for more, words in (({'PWD': 'wrong'}, 'AADSTS50126'), ({'UID': 'locked'}, 'AADSTS50053'),
                            ({'UID': 'expiredpassword'}, 'AADSTS50055'), ({'UID': 'mfa'}, 'BrowserAzureAD'),
                            ({'UID': 'enroll'}, 'BrowserAzureAD'), ({'UID': 'challenge'}, 'BrowserAzureAD'),
                            ({'client_secret': 'x'}, 'AADSTS7000215'), ({'client_id': 'x'}, 'AADSTS700016'),
                            ({'tenant': 'nosuch'}, 'AADSTS90002'), ({'UID': 'norole'}, 'no AWS role')):
            with self.subTest(**more):
                told = self.bad(azure(**more), '28000', words)
                self.assertNotIn('Trace ID', told)
        for tenant, state, words in (('notoken', '28000', 'without a token'), ('emptytoken', '28000', 'without a token'),
                                     ('numbertoken', '28000', 'without a token'), ('nobase64', '28000', ''),
                                     ('nojson-400', '08001', '400'), ('nojson', '28000', ''), ('status-500', '08001', '500'),
                                     ('redirect-host', '08001', ''), ('huge', 'HY000', 'is larger than'), ('close', '08001', '')):
            with self.subTest(tenant):
                self.assertNotIn('canary', self.bad(azure(tenant + '.example.com'), state, words))
        self.bad(azure(idp_partition='moon'), 'HY000', 'us-gov', 'cn')
        self.bad(azure('a/b'), 'HY000', 'idp_tenant')
        self.bad(plugin('AzureAD'), '28000', 'idp_tenant', 'client_id', 'client_secret', 'UID', 'PWD')


class Canary(Case):
    def test_okta(self):
        talk = Talkative(self, idp_log, aws_log)
        for user in ('bob', 'push'):
            talk.go(lambda **keys: okta(UID=user, **keys))
        talk.go(lambda **keys: okta(UID='totp', okta_mfa_code=idp_okta.PASSCODE, **keys))
        talk.go(lambda **keys: okta(UID='question', okta_mfa_code=idp_okta.ANSWER, **keys))
        talk.go(lambda **keys: okta(UID='totp', okta_mfa_code='canary-code', **keys), False)
        talk.go(lambda **keys: okta(PWD='canary-7Zq;}}"%', **keys), False)
        for user in ('locked', 'mfa', 'notoken', 'nojson', 'api-302', 'norole', 'saml-forged'):
            talk.go(lambda **keys: okta(UID=user, **keys), False)
        for way in ('noresponse', 'redirect-host', 'redirect-http', 'status-500', 'cut', 'mfa'):
            talk.go(lambda **keys: okta(app_name='amazon_aws:' + way, **keys), False)
        talk.search('password', 'onetimetoken', 'sid', 'stateToken', 'passCode', 'answer', 'SAMLAssertion',
                    'what the database takes')

    def test_azure(self):
        talk = Talkative(self, idp_log, aws_log)
        talk.go(lambda **keys: azure(**keys))
        talk.go(lambda **keys: azure(PWD='canary-7Zq;}}"%', **keys), False)
        talk.go(lambda **keys: azure(client_secret='canary-8Zq;}}"%', **keys), False)
        for way in ('nobase64', 'nojson', 'redirect-host', 'cut'):
            talk.go(lambda **keys: azure(way + '.example.com', **keys), False)
        talk.search('password', 'client_secret', 'SAMLAssertion', 'what the database takes')


if __name__ == '__main__':
    namespace.main(__file__, PORTS, begin)
