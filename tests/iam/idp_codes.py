#!/usr/bin/python3
"""Azure AD with a browser from the application's side: authorize page, code, token; in the namespace of
idp_names.py. And once npm's oidc-provider, under the name of one of Azure's clouds."""
import os, sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
import idp_names, namespace  # noqa: E401, E402
from idp_bench import SANDBOX, Case, aws_log, native, plugin  # noqa: E402
from idp_names import CLOUD_ADDRESS, PORTS, idp_log  # noqa: E402
from idp_secrets import Talkative  # noqa: E402
import idp_azure  # noqa: E402
from real_oidc import RealOidc  # noqa: E402

os.environ['RSODBC_BROWSER'] = os.path.join(SANDBOX, 'browser')


def browser_azure(tenant='example.com', **more):
    return plugin('BrowserAzureAD', **{'idp_tenant': tenant, 'client_id': idp_azure.PUBLIC,
                                       'idp_response_timeout': 30, **more})


def oauth2(tenant='example.com', **more):
    return native('BrowserAzureADOAuth2', **{'idp_tenant': tenant, 'client_id': idp_azure.PUBLIC,
                                             'scope': 'api://redshift/jdbc_login', 'idp_response_timeout': 30, **more})


class Browsing:
    """Variables of the browser while something is tried."""

    def __init__(self, way='', **more):
        self.set = {'RS_BROWSER_WAY': way, **more}

    def __enter__(self):
        os.environ.update(self.set)

    def __exit__(self, *_):
        for name in self.set:
            del os.environ[name]


class Browsers(Case):
    def test_code_for_an_assertion(self):
        for port in (None, namespace.free_port()):
            with Browsing():
                log, idp = aws_log(), idp_log()
                self.good(browser_azure(listen_port=port))
                self.assertEqual(self.asked(log), ['AssumeRoleWithSAML', 'DescribeClusters', 'GetClusterCredentials'])
                verifier = [r['form']['code_verifier'] for r in idp.requests() if 'code_verifier' in r['form']]
                self.assertEqual([len(each) for each in verifier], [43])

    def test_states(self):
        with Browsing('wrong-state', RS_BROWSER_LOG=f'{idp_names.FOLDER}/wrong-state'):
            self.good(browser_azure())
            with open(f'{idp_names.FOLDER}/wrong-state') as file:
                self.assertEqual([line.count('"status": 400') for line in file if 'delivered' in line], [1, 0])
        with Browsing('wrong-state-only'):
            self.bad(browser_azure(LoginTimeout=4), 'HYT00')

    def test_refusals(self):
        with Browsing(RS_BROWSER_USER='deny'):
            self.bad(browser_azure(), '28000', 'Azure AD: access_denied', 'AADSTS65004')
        with Browsing():
            for tenant, words in (('notoken', 'without a token'), ('nobase64', '')):
                self.bad(browser_azure(tenant + '.example.com'), '28000', words)
        self.bad(plugin('BrowserAzureAD'), '28000', 'idp_tenant', 'client_id')

    def test_code_for_a_token(self):
        with Browsing():
            log = aws_log()
            self.good(oauth2(), 'u_idp', ())
            self.assertEqual(self.asked(log), [])
            self.bad(oauth2(Opener='libpq'), 'HYC00', 'Opener=native')
        with Browsing(RS_BROWSER_USER='deny'):
            self.bad(oauth2(), '28000', 'Azure AD: access_denied')


class OpenId(Case):
    def test_a_provider_that_nobody_here_wrote(self):
        missing = [name for name in RealOidc.programs if not os.path.exists(name)]
        if missing:
            self.skipTest('npm did not bring oidc-provider')
        with RealOidc(f'{idp_names.FOLDER}/pem', f'{idp_names.FOLDER}/key', CLOUD_ADDRESS, 443) as idp, Browsing():
            try:
                self.good(oauth2(idp_partition='cn', scope='jdbc_login'), 'u_idp', ())
            except AssertionError:
                print(idp.said())
                raise


class Canary(Case):
    def test_no_secret_is_told(self):
        talk = Talkative(self, idp_log, aws_log)
        with Browsing():
            talk.go(lambda **keys: browser_azure(**keys))
            talk.go(lambda **keys: oauth2(**keys))
            talk.go(lambda **keys: browser_azure('nobase64.example.com', **keys), False)
        with Browsing('wrong-state'):
            talk.go(lambda **keys: browser_azure(**keys))
        with Browsing(RS_BROWSER_USER='deny'):
            talk.go(lambda **keys: browser_azure(**keys), False)
        talk.search('passwd', 'code', 'code_verifier', 'state', 'SAMLAssertion', 'what the database takes')


if __name__ == '__main__':
    namespace.main(__file__, PORTS, idp_names.begin)
