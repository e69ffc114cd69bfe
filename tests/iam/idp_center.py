#!/usr/bin/python3
"""IAM Identity Center from the application's side: client, browser, code, token, database."""
import glob, os, re, sys, tempfile, threading, time, unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
from idp_bench import PASSWORD, BrowserCase, E, aws_log, free_port, isql, native, stay  # noqa: E402
from aws_center import ISSUER  # noqa: E402
from idp_browser import Browser  # noqa: E402
from idp_secrets import Talkative  # noqa: E402

os.environ['AWS_ENDPOINT_URL_SSO_OIDC'] = E['RS_IDC_URL']


def center(way='', **more):
    return native('BrowserIdcAuthPlugin', **{'issuer_url': ISSUER, 'idc_region': 'us-west-2', 'listen_port': free_port(),
                                             'idc_client_display_name': 'x' + way, 'idp_response_timeout': 30, **more})


class Center(BrowserCase):
    def test_the_whole_chain(self):
        self.good(center(), 'u_idp', ())
        self.good(center(identity_namespace='x'), 'u_idp', ())
        status, text = isql(center())
        self.assertEqual((status, 'u_idp' in text), (0, True), text)

    def test_errors_that_pass(self):
        for way in ('pending-2', 'broken-1'):
            self.good(center(':' + way), 'u_idp', ())

    def test_refusals(self):
        for way in ('denied', 'expired', 'grant', 'unregistered'):
            with self.subTest(way):
                self.bad(center(':' + way), '28000')
        for way in ('noid', 'notoken', 'nojson'):
            with self.subTest(way):
                self.assertNotIn('canary', self.bad(center(':' + way), 'HY000', 'the answer cannot be used'))
        self.browse(RS_BROWSER_USER='deny')
        self.bad(center(), '28000', 'access_denied')
        self.browse('wrong-state-only')
        self.bad(center(LoginTimeout=4), 'HYT00')
        self.assertEqual(self.statuses(), [400])

    def test_keys(self):
        self.bad(native('BrowserIdcAuthPlugin'), '28000', 'issuer_url', 'idc_region')
        self.bad(center(Opener='libpq'), 'HYC00', 'Opener=native')

    def headless(self):
        """As on a machine without a display."""
        for name in ('RSODBC_BROWSER', 'DISPLAY', 'WAYLAND_DISPLAY'):
            os.environ.pop(name, None)

    def confirm(self, told, user='bob'):
        """Somebody opens elsewhere the page that was told of."""
        page = re.search(r'open (https://device\.[^ ]*user_code=([A-Z-]+)) ', told)
        self.assertIn(f'the code {page[2]}', told)
        browser = Browser(E['RS_CA_FILE'])
        browser.sign_in(browser.open(f'{E["RS_IDC_URL"]}/device?user_code={page[2]}'), user, PASSWORD)

    def test_a_device_without_a_log(self):
        """The message says which page to open; the next connection goes on where this one ended."""
        self.headless()
        stay(self)
        text = center(':device')
        for _ in range(2):
            told = self.bad(text, 'HY000', 'could not open a browser', 'connect again')
        self.confirm(told)
        self.good(text, 'u_idp', ())
        text = center(':no')
        self.confirm(self.bad(text, 'HY000', 'connect again'), 'deny')
        self.bad(text, '28000', 'access_denied')

    def test_a_device_with_a_log(self):
        """The log says it, and the connection waits."""
        self.headless()
        with tempfile.TemporaryDirectory() as folder:
            def watch():
                until, told = time.monotonic() + 30, ''
                while 'user_code' not in told and time.monotonic() < until:
                    time.sleep(0.1)
                    for path in glob.glob(folder + '/*.log'):
                        with open(path, encoding='utf-8') as file:
                            told = file.read()
                self.confirm(told)
            watcher = threading.Thread(target=watch)
            watcher.start()
            self.good(center(':waits', LogLevel=3, LogPath=folder), 'u_idp', ())
            watcher.join()

    def test_no_secret_is_told(self):
        talk = Talkative(self, aws_log)
        talk.go(lambda **keys: center(**keys))
        self.browse('wrong-state')
        talk.go(lambda **keys: center(**keys))
        self.browse()
        for way in ('grant', 'notoken', 'nojson', 'broken-9'):
            talk.go(lambda **keys: center(':' + way, **keys), False)
        talk.search('code', 'codeVerifier', 'clientSecret', 'password', 'state', 'what the database takes')


if __name__ == '__main__':
    unittest.main()
