#!/usr/bin/python3
"""Browser SAML from the application's side: the listener, what a browser brings to it, and what comes of
that. Once with chromium, on the page of a real SimpleSAMLphp."""
import json, os, socket, sys, threading, time, unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
from idp_bench import BrowserCase, E, aws_log, crowd, free_port, idp_log, plugin, stay  # noqa: E402
from idp_secrets import Talkative  # noqa: E402
from real_saml import RealSaml, need  # noqa: E402

BASE = f'https://localhost:{E["RS_IDP_PORT"]}'


def saml(way='', port=None, url=None, **more):
    port = port or free_port()
    return plugin('BrowserSAML', **{'login_url': url or f'{BASE}/saml/start/{way}?port={port}', 'listen_port': port,
                                    'idp_response_timeout': 30, **more})


class Saml(BrowserCase):
    def test_the_whole_chain(self):
        log = aws_log()
        self.good(saml())
        self.assertEqual(self.asked(log), ['AssumeRoleWithSAML', 'DescribeClusters', 'GetClusterCredentials'])
        page, = self.delivered()
        self.assertEqual((page['status'], page['headers']['Cache-Control'], page['headers']['Connection']),
                         (200, 'no-store', 'close'))
        self.assertNotIn('Access-Control-Allow-Origin', page['headers'])

    def test_origins(self):
        for way, status in (('', 200), ('no-origin', 200), ('own-origin', 200)):
            self.browse(way)
            self.good(saml())
            self.assertEqual(self.statuses(), [status], way)
        self.browse('origin')
        self.bad(saml(LoginTimeout=4), 'HYT00')
        self.assertEqual(self.statuses(), [403])

    def test_requests_that_are_not_the_answer(self):
        for way, first in (('favicon', 404), ('elsewhere', 404), ('get', 405), ('nonsense', 400)):
            with self.subTest(way):
                self.browse(way)
                self.good(saml())
                found = self.statuses()
                self.assertEqual((found[0], found[-1]), (first, 200)) if way != 'get' else self.assertEqual(found[-1], 200)
        self.browse('host')
        self.bad(saml(LoginTimeout=4), 'HYT00')
        self.assertEqual(self.statuses(), [403])

    def test_one_answer(self):
        self.browse('twice')
        self.good(saml())
        self.assertEqual(self.statuses()[0], 200)

    def test_responses(self):
        """One without a role is no answer; the token service looks at the others."""
        self.browse(RS_BROWSER_USER='norole')
        self.bad(saml(LoginTimeout=4), 'HYT00')
        self.assertEqual(self.statuses(), [400])
        for user, code in (('saml-expired', 'ExpiredTokenException'), ('saml-forged', 'InvalidIdentityToken')):
            self.browse(RS_BROWSER_USER=user)
            self.bad(saml(), '28000', code)

    def test_nobody_comes(self):
        self.browse('never')
        self.bad(saml(idp_response_timeout=10), 'HYT00', 'no SAML response arrived within 10 seconds')
        self.browse('leave')
        self.bad(saml(LoginTimeout=2), 'HYT00')

    def test_no_browser(self):
        self.browse('fail')
        self.bad(saml(), 'HY000', 'could not open a browser')
        os.environ['RSODBC_BROWSER'] = '/nonexistent'
        self.bad(saml(), 'HY000', 'could not open a browser')

    def test_port(self):
        with socket.create_server(('127.0.0.1', 0)) as busy:
            port = busy.getsockname()[1]
            self.bad(saml(port=port), '08001', f'port {port} is in use', 'listen_port')

    def test_keys(self):
        self.bad(plugin('BrowserSAML'), '28000', 'login_url')
        self.bad(saml(idp_response_timeout=9), 'HY000', 'idp_response_timeout')
        self.bad(saml(url='http://localhost/'), 'HY000', 'login_url')

    def test_hostile_neighbours(self):
        """What else may come to the port while the browser is away."""
        port = free_port()
        self.browse('never')
        answers = []

        def talk():
            for data in (b'GET / HTTP/1.1\r\nHost: localhost:%d\r\n\r\n' % port,
                         b'POST /redshift/ HTTP/1.1\r\nHost: evil.example.com\r\nContent-Length: 0\r\n\r\n',
                         b'POST /redshift/ HTTP/1.1\r\nHost: localhost:%d\r\nTransfer-Encoding: chunked\r\n\r\n' % port,
                         b'POST /redshift/ HTTP/1.1\r\nX: ' + b'x' * (1 << 20) + b'\r\n\r\n',
                         b'POST /redshift/ HTTP/1.1\r\nHost: localhost:%d\r\nContent-Type: application/x-www-form-urlencoded'
                         b'\r\nContent-Length: 99999999\r\n\r\n' % port, b'OPTIONS /redshift/ HTTP/1.1\r\nHost: localhost:%d\r\n\r\n' % port,
                         b'\x16\x03\x01\x00\xff'):
                until = time.monotonic() + 10
                while time.monotonic() < until:
                    try:
                        with socket.create_connection(('127.0.0.1', port), 5) as sock:
                            try:
                                sock.sendall(data)
                                answers.append(sock.recv(64).split(b'\r\n')[0].partition(b' ')[2][:3])
                            except OSError:
                                answers.append(b'cut')
                        break
                    except OSError:
                        time.sleep(0.1)
        talker = threading.Thread(target=talk)
        talker.start()
        self.bad(saml(port=port, idp_response_timeout=10), 'HYT00')
        talker.join()
        self.assertEqual(answers[:3], [b'405' if answers[0] == b'405' else b'404', b'403', b'411'])
        self.assertNotIn(b'200', answers)
        self.assertEqual(len(answers), 7)


class Once(BrowserCase):
    def test_twenty_connections_are_one_browser(self):
        stay(self)
        idp = idp_log()
        self.assertEqual(crowd(saml(DisableCache=0, LoginTimeout=60)), ['bob'] * 20)
        self.assertEqual([r['login']['good'] for r in idp.requests() if 'login' in r], [True])

    def test_no_secret_is_told(self):
        talk = Talkative(self, idp_log, aws_log)
        talk.go(lambda **keys: saml(**keys))
        self.browse('nonsense')
        talk.go(lambda **keys: saml(**keys))
        self.browse(RS_BROWSER_USER='saml-forged')
        talk.go(lambda **keys: saml(**keys), False)
        talk.search('SAMLAssertion', 'word', 'what the database takes')


class Real(BrowserCase):
    @classmethod
    def setUpClass(cls):
        cls.idp = RealSaml().__enter__()
        cls.addClassCleanup(cls.idp.__exit__)

    def test_simplesamlphp(self):
        port = free_port()
        self.browse(RS_BROWSER_USER='alice')
        self.good(saml(port=port, url=self.idp.start_url(port)), 'alice', ('group1', 'group2'))

    def test_chromium(self):
        port = free_port()
        self.browse(program='real_browser', RS_BROWSER_USER='bob')
        self.good(saml(port=port, url=self.idp.start_url(port), idp_response_timeout=90))
        until = time.monotonic() + 60
        while not os.path.exists(self.log) and time.monotonic() < until:
            time.sleep(0.1)
        with open(self.log, encoding='utf-8') as file:
            arrived = json.loads(file.readline())
        self.assertEqual((arrived['event'], arrived['url']), ('arrived', f'http://localhost:{port}/redshift/'))


if __name__ == '__main__':
    need(RealSaml.programs, ('/usr/bin/chromedriver',))
    unittest.main()
