#!/usr/bin/python3
"""What goes over the wire, and in which order, as the stand-ins' logs tell it."""
import contextlib, json, os, re, subprocess, sys, time, unittest
from urllib.parse import quote

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
from bench import E, Failed, Log, Odbc, braced, fault, iam, server, standard, string  # noqa: E402

HERE = os.path.dirname(os.path.realpath(__file__))
ODBC = Odbc()


class Case(unittest.TestCase):
    def setUp(self):
        self.aws, self.redshift = Log(E['RS_AWS_LOG']), Log(E['RS_REDSHIFT_LOG'])
        os.environ['AWS_CONFIG_FILE'] = E['RS_AWS_CONFIG_FILE']
        os.environ['AWS_SHARED_CREDENTIALS_FILE'] = E['RS_AWS_CREDENTIALS_FILE']

    @contextlib.contextmanager
    def connected(self, text):
        dbc, self.out, self.records = ODBC.connect(text)
        try:
            yield dbc
        finally:
            ODBC.close(dbc)

    def ask(self, dbc, sql):
        return ODBC.run(dbc, sql)[0][0]

    def calls(self):
        return [request['action'] for request in self.aws.requests()]

    def parameters(self, action):
        found = [r['parameters'] for r in self.aws.requests() if r['action'] == action]
        self.assertEqual(len(found), 1, action)
        names = [name for name, _ in found[0]]
        self.assertEqual(len(names), len(set(names)), names)
        return dict(found[0])

    def check_session(self, events):
        """Nothing but the request for TLS goes in the clear; passwords and names inside it."""
        order = [e['event'] for e in events]
        for event in events:
            if event['event'] in ('startup', 'password', 'query', 'parse', 'auth_request'):
                self.assertTrue(event['tls'], event)
        close = events[-1]
        self.assertEqual((close['clear_bytes'], close['clear_kinds'], close['password_clear_bytes']),
                         (8, ['ssl_request'], 0))
        self.assertEqual(order[:3], ['accept', 'ssl_request', 'tls'])
        self.assertEqual(events[1]['early_bytes'], 0)
        self.assertNotIn('gss_request', order)


class Order(Case):
    def test_cluster_and_region(self):
        with self.connected(iam()) as dbc:
            self.assertEqual(self.ask(dbc, 'SELECT current_user'), E['RS_DB_USER'])
        self.assertEqual(self.calls(), ['DescribeClusters', 'GetClusterCredentials'])
        session, = self.redshift.sessions(1)
        self.check_session(session)
        self.assertEqual([e['event'] for e in session if e['event'] in ('startup', 'auth_request', 'password', 'auth_ok')],
                         ['startup', 'auth_request', 'password', 'auth_ok'])
        startup = next(e for e in session if e['event'] == 'startup')
        self.assertGreaterEqual(startup['t'], max(r['t'] for r in self.aws.requests()))
        self.assertEqual(startup['parameters']['user'], 'IAMA:' + E['RS_DB_USER'])

    def test_server_given(self):
        with self.connected(iam(**server())):
            pass
        self.assertEqual(self.calls(), ['GetClusterCredentials'])
        self.check_session(self.redshift.sessions(1)[0])

    def test_each_connect_asks_once(self):
        for _ in range(3):
            with self.connected(iam(**server())):
                pass
        self.assertEqual(self.calls(), ['GetClusterCredentials'] * 3)
        self.assertEqual(len(self.redshift.sessions(3)), 3)

    def test_standard_asks_nobody(self):
        with self.connected(standard()):
            pass
        self.assertEqual(self.calls(), [])
        self.check_session(self.redshift.sessions(1)[0])

    def test_failed_connects_send_nothing_in_the_clear(self):
        """Not even after a bad certificate, or to a server without TLS."""
        for port in ('WRONGHOST', 'EXPIRED', 'UNKNOWNCA', 'NOTLS'):
            for text in (iam(Server='localhost', Port=E[f'RS_REDSHIFT_{port}_PORT']),
                         standard(Port=E[f'RS_REDSHIFT_{port}_PORT'])):
                log = Log(E['RS_REDSHIFT_LOG'])
                with self.assertRaises(Failed) as caught:
                    ODBC.connect(text)
                self.assertEqual(caught.exception.args[0], '08001')
                for session in log.sessions(1):
                    self.assertEqual((session[-1]['clear_bytes'], session[-1]['password_clear_bytes']), (8, 0), port)
                    self.assertFalse({'startup', 'password'} & {e['event'] for e in session}, port)

    def test_throttled_is_asked_again_and_once_answered(self):
        with self.connected(iam(EndpointUrl=fault('throttle-2'), **server())):
            pass
        self.assertEqual([(r['action'], r['status'] == 200) for r in self.aws.requests()],
                         [('GetClusterCredentials', False)] * 2 + [('GetClusterCredentials', True)])

    def test_redirect_is_not_followed(self):
        with self.assertRaises(Failed):
            ODBC.connect(iam(EndpointUrl=fault('redirect'), **server()))
        self.assertEqual(len(self.aws.requests()), 1)

    def test_expired_answer_is_used_once(self):
        with self.assertRaises(Failed) as caught:
            ODBC.connect(iam(EndpointUrl=fault('expiredcreds'), **server()))
        self.assertEqual(caught.exception.args[0], '28000')
        self.assertEqual(self.calls(), ['GetClusterCredentials'])
        self.assertEqual([e['event'] for e in self.redshift.sessions(1)[0]].count('password'), 1)

    def test_skew_is_corrected_by_one_more_call(self):
        for name in ('skewdate', 'skewsig'):
            log = Log(E['RS_AWS_LOG'])
            with self.connected(iam(EndpointUrl=fault(name), **server())):
                pass
            self.assertLessEqual(len(log.requests()), 2, name)
            self.assertEqual(log.requests()[-1]['status'], 200, name)
        with self.connected(iam(**server())):  # and back
            pass


class Parameters(Case):
    LEAST = {'Action': 'GetClusterCredentials', 'Version': '2012-12-01', 'DbUser': 'existing_user', 'DbName': 'dev',
             'ClusterIdentifier': 'examplecluster'}

    def least(self, **more):
        return iam(**{**server(), 'DbUser': E['RS_DB_EXISTING_USER'], 'AutoCreate': None, **more})

    def test_exactly_what_is_set(self):
        for keys, want in [
                ({}, {}),
                ({'AutoCreate': 0}, {'AutoCreate': 'false'}),
                ({'AutoCreate': 1}, {'AutoCreate': 'true'}),
                ({'IAMDuration': 900}, {'DurationSeconds': '900'}),
                ({'IAMDuration': 3600}, {'DurationSeconds': '3600'}),
                ({'DbGroups': 'group1'}, {'DbGroups.DbGroup.1': 'group1'}),
                ({'DbGroups': ' group1 , group2,group1,'}, {'DbGroups.DbGroup.1': 'group1', 'DbGroups.DbGroup.2': 'group2'}),
                ({'DbGroups': 'GROUP1', 'ForceLowercase': 1}, {'DbGroups.DbGroup.1': 'group1'}),
                ({'Database': 'other'}, {'DbName': 'other'}),
                ({'ClusterID': 'ExampleCluster'}, {}),
                ({'UID': 'existing_user', 'DbUser': None}, {}),
                ({'StsConnectionTimeout': 5, 'LoginTimeout': 20}, {})]:
            with self.subTest(keys):
                self.aws = Log(E['RS_AWS_LOG'])
                with self.connected(self.least(**keys)):
                    pass
                self.assertEqual(self.parameters('GetClusterCredentials'), {**self.LEAST, **want})

    def test_describe(self):
        with self.connected(iam()):
            pass
        self.assertEqual(self.parameters('DescribeClusters'),
                         {'Action': 'DescribeClusters', 'Version': '2012-12-01', 'ClusterIdentifier': 'examplecluster'})

    def test_session_token_is_signed(self):
        temporary = {'AccessKeyID': E['RS_AWS_TEMP_ACCESS_KEY_ID'], 'SecretAccessKey': E['RS_AWS_TEMP_SECRET_ACCESS_KEY'],
                     'SessionToken': E['RS_AWS_TEMP_SESSION_TOKEN']}
        for text in (iam(**temporary), iam(Profile='temp', AccessKeyID=None, SecretAccessKey=None)):
            log = Log(E['RS_AWS_LOG'])
            with self.connected(text):
                pass
            self.assertEqual(len(log.requests()), 2)
            for request in log.requests():
                self.assertEqual((request['signature'], request['token']), ('ok', True))
                self.assertIn('x-amz-security-token', request['signed'].split(';'))
                self.assertEqual(request['akid'], E['RS_AWS_TEMP_ACCESS_KEY_ID'])

    def test_headers(self):
        with self.connected(iam(**server())):
            pass
        request, = self.aws.requests()
        self.assertEqual(request['headers'], ['accept', 'authorization', 'content-length', 'content-type', 'host',
                                              'user-agent', 'x-amz-date'])
        self.assertEqual(request['signed'], 'content-type;host;x-amz-date')
        self.assertIn(request['tls'], ('TLSv1.2', 'TLSv1.3'))


class Effect(Case):
    def test_groups(self):
        with self.connected(iam(DbGroups='group1')) as dbc:
            self.assertEqual(self.ask(dbc, 'SELECT secret_of_group FROM second.for_group1'), 'group1 may see this')
        with self.connected(iam(DbGroups='group2')) as dbc:
            with self.assertRaises(Failed) as caught:
                self.ask(dbc, 'SELECT secret_of_group FROM second.for_group1')
            self.assertEqual(caught.exception.args[0], '42000')

    def test_user_names(self):
        for user, create in [('existing_user', None), ('existing_user', 0), ('bob+1@example.com', 1), ('a.b-c_d', 1)]:
            with self.subTest(user), self.connected(iam(DbUser=user, AutoCreate=create)) as dbc:
                self.assertEqual(self.ask(dbc, 'SELECT current_user'), user)

    def test_database(self):
        with self.connected(iam(Database='other')) as dbc:
            self.assertEqual(self.ask(dbc, 'SELECT current_database()'), 'other')

    def test_name_of_the_cluster_says_cluster_and_region(self):
        host = 'examplecluster.abc123xyz789.us-west-2.redshift.amazonaws.com'
        with self.connected(iam(ClusterID=None, Region=None, Server=host, vpc_endpoint_url='localhost',
                                Port=E['RS_REDSHIFT_PORT'])) as dbc:
            self.assertEqual(self.ask(dbc, 'SELECT current_user'), E['RS_DB_USER'])
        self.assertEqual(self.calls(), ['GetClusterCredentials'])
        self.assertEqual(self.parameters('GetClusterCredentials')['ClusterIdentifier'], 'examplecluster')
        self.assertEqual(self.aws.requests()[0]['region'], 'us-west-2')

    def test_custom_domain(self):
        with self.connected(iam(ClusterID=None, Server='db.example.com',
                                vpc_endpoint_url='localhost:' + E['RS_REDSHIFT_PORT'])):
            pass
        got = self.parameters('GetClusterCredentials')
        self.assertEqual(got['CustomDomainName'], 'db.example.com')
        self.assertNotIn('ClusterIdentifier', got)

    def test_the_identity_is_the_user(self):
        """Where AWS names the user: group_federation, and Serverless by workgroup, host name and custom domain."""
        local = {'DbUser': None, 'AutoCreate': None, 'vpc_endpoint_url': 'localhost:' + E['RS_REDSHIFT_PORT']}
        for keys, want in (({'group_federation': 1}, ['DescribeClusters', 'GetClusterCredentialsWithIAM']),
                           ({'ClusterID': None, 'Workgroup': 'default'}, ['GetWorkgroup', 'GetCredentials']),
                           ({'ClusterID': None, 'Server': 'default.123456789012.us-west-2.redshift-serverless.'
                             'amazonaws.com', **local}, ['GetCredentials']),
                           ({'ClusterID': None, 'Serverless': 1, 'Server': 'db.example.com', **local},
                            ['GetCredentials'])):
            self.setUp()
            with self.subTest(want), self.connected(iam(**{'DbUser': None, 'AutoCreate': None, **keys})) as dbc:
                self.assertEqual(self.ask(dbc, 'SELECT current_user'), 'alice')
                self.assertEqual(self.calls(), want)

    def test_jdbc_url(self):
        """By cluster and region, and by host; what stands beside it wins."""
        options = '&'.join(f'{name}={quote(str(value), safe="")}' for name, value in
                           {'DbUser': E['RS_DB_USER'], 'AutoCreate': 'true', 'EndpointUrl': E['RS_AWS_URL'],
                            'AccessKeyID': E['RS_AWS_ACCESS_KEY_ID'],
                            'SecretAccessKey': E['RS_AWS_SECRET_ACCESS_KEY']}.items())
        for url, more, want in (
                (f'iam://{E["RS_CLUSTER_ID"]}:{E["RS_REGION"]}/dev?{options}', {}, 'dev'),
                (f'iam://{E["RS_CLUSTER_ID"]}:{E["RS_REGION"]}/nowhere;{options}', {'Database': 'other'}, 'other'),
                (f'iam://examplecluster.abc123xyz789.us-west-2.redshift.amazonaws.com/dev?{options}',
                 {'vpc_endpoint_url': 'localhost:' + E['RS_REDSHIFT_PORT']}, 'dev'),
                (f'//localhost:{E["RS_REDSHIFT_PORT"]}/dev?user={E["RS_REDSHIFT_USER"]}&password='
                 + quote(E['RS_REDSHIFT_PASSWORD'], safe=''), {}, 'dev')):
            with self.subTest(url), self.connected(string(Url='jdbc:redshift:' + url, **more)) as dbc:
                self.assertEqual(self.ask(dbc, 'SELECT current_database()'), want)

    def test_port_beats_the_looked_up_one(self):
        with self.connected(iam(ClusterID='wrongport', Port=E['RS_REDSHIFT_PORT'])):
            pass

    def test_password_is_good_once(self):
        """The same temporary password again, as a standard login, where it is good once: refused with 28000."""
        store = E['RS_PASSWORD_STORE']
        before = set(os.listdir(store))
        once = {'Server': 'localhost', 'Port': E['RS_REDSHIFT_DIGESTS_PORT'], 'Opener': 'native'}
        with self.connected(iam(**once)):
            pass
        name, = [n for n in set(os.listdir(store)) - before if n.endswith('.used')]
        with open(os.path.join(store, name), encoding='utf-8') as file:
            password = re.search(r'"password": ("(?:[^"\\]|\\.)*")', file.read()).group(1)
        with self.assertRaises(Failed) as caught:
            ODBC.connect(standard(**once, UID='IAMA:' + E['RS_DB_USER'], PWD=json.loads(password)))
        self.assertEqual(caught.exception.args[0], '28000')
        self.assertNotIn(json.loads(password), caught.exception.args[1])


def accepted(log):
    with open(log, encoding='utf-8') as file:
        return sum('"accept"' in line for line in file)


class Retry(Case):
    """A cluster that resumes: a stand-in of our own refuses the first logins with 57P03."""

    @contextlib.contextmanager
    def resuming(self, count):
        certs = os.path.join(E['RS_SANDBOX_DIR'], 'certs')
        log = os.path.join(E['RS_SANDBOX_DIR'], f'resume-{os.getpid()}-{count}.jsonl')
        sockets = [n for n in os.listdir(E['RS_PG_SOCKET']) if n.startswith('.s.PGSQL.') and not n.endswith('.lock')]
        process = subprocess.Popen(
            ['/usr/bin/python3', os.path.join(HERE, '..', 'sandbox', 'fake_redshift.py'), '--pg-socket',
             E['RS_PG_SOCKET'], '--pg-port', sockets[0].rpartition('.')[2], '--cert', f'{certs}/good.pem', '--key',
             f'{certs}/good.key', '--password-store', E['RS_PASSWORD_STORE'], '--resume', str(count), '--log', log,
             '--stdin-eof'], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            yield re.search(r'\d+', process.stdout.readline()).group(), log
        finally:
            process.stdin.close()
            process.wait(10)
            process.stdout.close()
            os.unlink(log)

    def test_tries_again(self):
        for text in (standard, lambda **more: iam(**{**server(), **more})):
            with self.resuming(2) as (port, log):
                begun = time.monotonic()
                with self.connected(text(Port=port, ConnectionRetryCount=3, ConnectionRetryDelay=1)) as dbc:
                    self.assertEqual(self.ask(dbc, 'SELECT 1'), '1')
                self.assertTrue(2.5 < time.monotonic() - begun < 8, time.monotonic() - begun)
                self.assertEqual(accepted(log), 3)
        self.assertEqual(self.calls(), ['GetClusterCredentials'])

    def test_gives_up(self):
        for count in (None, 1):
            with self.resuming(5) as (port, log):
                with self.assertRaises(Failed) as caught:
                    ODBC.connect(standard(Port=port, ConnectionRetryCount=count, ConnectionRetryDelay=1))
                self.assertEqual(caught.exception.args[0], '08001', caught.exception.args)
                self.assertEqual(accepted(log), 1 + (count or 0))

    def test_login_timeout_ends_it(self):
        with self.resuming(50) as (port, _):
            begun = time.monotonic()
            with self.assertRaises(Failed) as caught:
                ODBC.connect(standard(Port=port, ConnectionRetryCount=50, ConnectionRetryDelay=1, LoginTimeout=2))
            self.assertLess(time.monotonic() - begun, 4)
            self.assertIn(caught.exception.args[0], ('HYT00', '08001'))

    def test_not_after_a_wrong_password(self):
        log = Log(E['RS_REDSHIFT_LOG'])
        with self.assertRaises(Failed) as caught:
            ODBC.connect(standard(PWD='wrong', ConnectionRetryCount=3, ConnectionRetryDelay=1))
        self.assertEqual(caught.exception.args[0], '28000')
        self.assertEqual(len(log.sessions(1)), 1)


if __name__ == '__main__':
    unittest.main()
