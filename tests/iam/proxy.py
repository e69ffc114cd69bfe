#!/usr/bin/python3
"""Through an HTTP proxy: the driver and curl, a client that is not ours, ask the same proxy, which
leads to the bench's servers."""
import base64, glob, json, os, re, shutil, socket, subprocess, sys, tempfile, threading, unittest, urllib.parse

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
from bench import E, Failed, Log, Odbc, iam, standard  # noqa: E402

ODBC = Odbc()
# A colon may stand in the password only (RFC 7617).
NAME, PASSWORD = 'us@r%41 {ä}', 'canary:p@ss%20;}ü=='
BASIC = 'Basic ' + base64.b64encode(f'{NAME}:{PASSWORD}'.encode()).decode()


class Proxy:
    """CONNECT with Basic, on any free port; every name leads to this machine."""

    def __init__(self):
        self.asked = []  # (target, Proxy-Authorization)
        self.listener = socket.create_server(('127.0.0.1', 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                client = self.listener.accept()[0]
            except OSError:
                return
            threading.Thread(target=self.one, args=(client,), daemon=True).start()

    def one(self, client):
        with client:
            head = b''
            while not head.endswith(b'\r\n\r\n'):
                byte = client.recv(1)
                if not byte:
                    return
                head += byte
            line, *headers = head.decode().rstrip().split('\r\n')
            method, target, version = line.split(' ')
            fields = {name.lower(): value.strip() for name, value in (header.split(':', 1) for header in headers)}
            self.asked.append((target, fields.get('proxy-authorization')))
            if (method, version, fields['host']) != ('CONNECT', 'HTTP/1.1', target):
                client.sendall(b'HTTP/1.1 400 Bad Request\r\n\r\n')
            elif fields.get('proxy-authorization') != BASIC:
                client.sendall(b'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="x"\r\n'
                               b'Content-Length: 4\r\n\r\nnope')
            else:
                self.lead(client, int(target.rpartition(':')[2]))

    @staticmethod
    def lead(client, port):
        try:
            server = socket.create_connection(('127.0.0.1', port), 10)
        except OSError:
            client.sendall(b'HTTP/1.1 502 Bad Gateway\r\n\r\n')
            return
        server.settimeout(None)
        with server:
            client.sendall(b'HTTP/1.1 200 Connection established\r\n\r\n')
            back = threading.Thread(target=Proxy.copy, args=(server, client), daemon=True)
            back.start()
            Proxy.copy(client, server)
            back.join()

    @staticmethod
    def copy(source, target):
        try:
            while data := source.recv(65536):
                target.sendall(data)
        except OSError:
            pass
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def keys(self, **more):
        return {'ProxyHost': '127.0.0.1', 'ProxyPort': self.port, 'ProxyUid': NAME, 'ProxyPwd': PASSWORD, **more}


class Through(unittest.TestCase):
    def setUp(self):
        self.proxy = Proxy()
        self.target = f'localhost:{E["RS_REDSHIFT_PORT"]}'

    def tearDown(self):
        self.proxy.listener.close()

    def fails(self, text, state, words):
        with self.assertRaises(Failed) as caught:
            ODBC.connect(text)
        self.assertEqual(caught.exception.args[0], state, caught.exception.args[1])
        self.assertIn(words, caught.exception.args[1])
        self.assertNotIn(PASSWORD, caught.exception.args[1])

    def test_curl_asks_for_the_same(self):
        """What curl writes for this user and password is what the driver writes. curl's own option is decoded
        like a URL; the driver's keys are not."""
        done = subprocess.run(['curl', '-sS', '--max-time', '20', '--noproxy', '', '--proxytunnel', '--proxy',
                               f'http://127.0.0.1:{self.proxy.port}', '--proxy-user', ':'.join(urllib.parse.quote(part, safe='') for part in (NAME, PASSWORD)),
                               '--cacert', E['RS_CA_FILE'], '-o', os.devnull, '-w', '%{http_connect}', E['RS_AWS_URL']],
                              stdout=subprocess.PIPE, text=True, check=False, timeout=60,
                              env={name: value for name, value in E.items() if name != 'LD_PRELOAD'})  # a sanitizer's
        self.assertEqual((done.returncode, done.stdout), (0, '200'))
        dbc, _, _ = ODBC.connect(standard(**self.proxy.keys()))
        ODBC.close(dbc)
        self.assertEqual([basic for _, basic in self.proxy.asked], [BASIC, BASIC])

    def test_it_leads_to_the_server(self):
        for opener in ('auto', 'native'):
            for mode, tls in (('verify-full', True), ('disable', False)):
                with self.subTest(opener=opener, mode=mode):
                    log, self.proxy.asked = Log(E['RS_REDSHIFT_LOG']), []
                    dbc, _, records = ODBC.connect(standard(Opener=opener, SSLMode=mode, **self.proxy.keys()))
                    self.assertEqual(records, [])
                    self.assertEqual(ODBC.run(dbc, 'SELECT 41 + 1'), [('42',)])
                    self.assertEqual(len(ODBC.run(dbc, 'SELECT * FROM generate_series(1, 20000)')), 20000)
                    ODBC.close(dbc)
                    self.assertEqual(self.proxy.asked, [(self.target, BASIC)])
                    self.assertEqual([s[-1]['password_clear_bytes'] == 0 for s in log.sessions(1)], [tls])

    def test_temporary_passwords_go_by_another_way(self):
        """The proxy is the database's; AWS is called without it."""
        dbc, _, _ = ODBC.connect(iam(**self.proxy.keys()))
        self.assertEqual(ODBC.run(dbc, 'SELECT 1'), [('1',)])
        ODBC.close(dbc)
        self.assertEqual([target for target, _ in self.proxy.asked], [self.target])

    def test_a_cancel_goes_through_it(self):
        log = Log(E['RS_REDSHIFT_LOG'])
        dbc, _, _ = ODBC.connect(standard(QueryTimeout=1, **self.proxy.keys()))
        with self.assertRaises(Failed) as caught:
            ODBC.run(dbc, 'SELECT pg_sleep(60)')
        self.assertEqual(caught.exception.args[0], 'HYT00')
        self.assertEqual(ODBC.run(dbc, 'SELECT 1'), [('1',)])
        ODBC.close(dbc)
        self.assertEqual(self.proxy.asked, [(self.target, BASIC)] * 2)
        cancels = [line for line in log.lines() if line['event'] == 'cancel']
        self.assertEqual([cancel['tls'] for cancel in cancels], [True])

    def test_it_refuses(self):
        retry = {'ConnectionRetryCount': 2, 'ConnectionRetryDelay': 0}
        log = Log(E['RS_REDSHIFT_LOG'])
        self.fails(standard(**self.proxy.keys(ProxyPwd='wrong'), **retry), '08001', 'HTTP 407; it does not take')
        self.fails(standard(**self.proxy.keys(ProxyUid=None, ProxyPwd=None), **retry), '08001', 'it wants ProxyUid')
        self.assertEqual(len(self.proxy.asked), 2)
        self.fails(standard(**self.proxy.keys(), Port=1, **retry), '08001', 'HTTP 502; it could not reach')
        self.assertEqual(len(self.proxy.asked), 5)
        self.fails(standard(**self.proxy.keys(), Opener='libpq'), 'HYC00', 'Opener=native')
        self.assertEqual(len(self.proxy.asked), 5)
        self.fails(standard(**self.proxy.keys(), Port=E['RS_REDSHIFT_WRONGHOST_PORT']), '08001', 'not for "localhost"')
        self.assertEqual([line['event'] for line in log.lines() if line['event'] in ('startup', 'password')], [])

    def test_nothing_is_told(self):
        folder = tempfile.mkdtemp(prefix='rs-proxy-')
        try:
            for more in ({}, {'Port': 1}, {'ProxyUid': 'other'}):
                text = standard(LogLevel=6, LogPath=folder, **self.proxy.keys(**more)) if 'ProxyUid' in more else \
                    standard(LogLevel=6, LogPath=folder, **self.proxy.keys(), **more)
                try:
                    ODBC.close(ODBC.connect(text)[0])
                except Failed as failed:
                    self.assertNotIn(PASSWORD, failed.args[1])
            path, = glob.glob(os.path.join(folder, '*.log'))
            with open(path, encoding='utf-8') as file:
                log = file.read()
            self.assertIn('the proxy 127.0.0.1 port', log)
            self.assertIn('ProxyPwd=****', log)
            for secret in (PASSWORD, PASSWORD.replace('}', '}}'), BASIC.split(' ')[1], 'canary',
                           base64.b64encode(PASSWORD.encode()).decode(), json.dumps(PASSWORD)[1:-1]):
                self.assertNotIn(secret, log)
            self.assertIsNone(re.search('(?i)authorization', log))
        finally:
            shutil.rmtree(folder)


if __name__ == '__main__':
    unittest.main()
