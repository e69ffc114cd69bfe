"""What the tests of signing in at an identity provider share: a plugin's keys, outcomes, the logs."""
import json, os, socket, subprocess, sys, tempfile, threading, time, unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), '..', 'sandbox'))
from bench import E, Failed, Log, Odbc, iam, standard  # noqa: E402
from idp_accounts import IAM, PASSWORD  # noqa: E402

SANDBOX = os.path.realpath(os.path.join(os.path.dirname(os.path.realpath(__file__)), '..', 'sandbox'))
PARTY = 'urn:amazon:webservices'
CANNOT_REACH = 'cannot reach the identity provider'
GROUPS = ("SELECT r.rolname FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid JOIN pg_roles u ON u.oid = m.member "
          'WHERE u.rolname = current_user ORDER BY 1')
_odbc = []


def odbc():
    if not _odbc:
        _odbc.append(Odbc())
    return _odbc[0]


def plugin(name, **more):
    """A plugin that ends at GetClusterCredentials; nothing is remembered unless DisableCache says so."""
    return iam(**{'plugin_name': name, 'StsEndpointUrl': E['RS_AWS_URL'], 'AccessKeyID': None, 'SecretAccessKey': None,
                  'DbUser': None, 'AutoCreate': None, 'DisableCache': 1, **more})


def native(name, **more):
    """A plugin whose token goes to the database."""
    return plugin(name, **{'ClusterID': None, 'Region': None, 'EndpointUrl': None, 'StsEndpointUrl': None,
                           'DisableCache': None, 'Server': E['RS_REDSHIFT_HOST'], 'Port': E['RS_REDSHIFT_PORT'], **more})


def login(**more):
    return {'UID': E['RS_IDP_USER'], 'PWD': PASSWORD, **more}


def host(port=None, **more):
    return {'idp_host': E['RS_IDP_HOST'], 'idp_port': port or E['RS_IDP_PORT'], **more}


def party(way):
    return PARTY if way == 'plain' else f'{PARTY}:{way}'


def free_port():
    with socket.socket() as sock:
        sock.bind(('127.0.0.1', 0))
        return sock.getsockname()[1]


def stay(case):
    """An ordinary connection that is open as long as the test runs: with its last one a process forgets."""
    dbc = odbc().connect(standard())[0]
    case.addCleanup(odbc().close, dbc)


class SignedIn:
    """user, groups and warnings of a connection that was made and closed."""

    def __init__(self, text):
        dbc, self.completed, self.warnings = odbc().connect(text)
        try:
            self.user = odbc().run(dbc, 'SELECT current_user')[0][0]
            self.groups = [row[0] for row in odbc().run(dbc, GROUPS)]
        finally:
            odbc().close(dbc)


def crowd(text, number=20):
    """Who is signed in, or the message, of so many connections made at a time."""
    outcomes = []

    def connect():
        try:
            outcomes.append(SignedIn(text).user)
        except Failed as failed:
            outcomes.append(failed.args[1])
    threads = [threading.Thread(target=connect) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def isql(text, sql='select current_user'):
    """By the manager's own program."""
    done = subprocess.run(['isql', '-k', text, '-b', '-d,', '-3'], input=sql + '\n', text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=60)
    return done.returncode, done.stdout


class Case(unittest.TestCase):
    maxDiff = None

    def good(self, text, user='bob', groups=('group1',)):
        try:
            found = SignedIn(text)
        except Failed as failed:
            self.fail(f'{failed.args[0]} {failed.args[1]}')
        self.assertEqual((found.user, found.groups), (user, list(groups)))
        return found

    def bad(self, text, state, *words):
        """One record of this state with these words; its text."""
        with self.assertRaises(Failed) as caught:
            SignedIn(text)
        found, told, _ = caught.exception.args
        self.assertEqual(found, state, told)
        for word in words:
            self.assertIn(word, told)
        return told

    def asked(self, log):
        """Actions at AWS, in order, each with a good signature where it is signed."""
        requests = log.requests()
        for request in requests:
            self.assertIn(request['signature'], ('ok', 'not checked'))
        return [request.get('action') for request in requests]


class BrowserCase(Case):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.browse()

    def browse(self, way='', program='browser', **more):
        self.log = f'{self.folder.name}/browser-{time.monotonic()}'
        for name in ('RS_BROWSER_USER', 'RS_BROWSER_PASSWORD'):
            os.environ.pop(name, None)
        os.environ.update(RSODBC_BROWSER=os.path.join(SANDBOX, program), RS_BROWSER_WAY=way, RS_BROWSER_LOG=self.log, **more)

    def delivered(self):
        """(what, status) of each delivery, once the browser has written it."""
        until = time.monotonic() + 10
        while True:
            found = []
            if os.path.exists(self.log):
                with open(self.log, encoding='utf-8') as file:
                    found = [json.loads(line) for line in file if line.endswith('\n')]
            found = [line for line in found if line['event'] == 'delivered']
            if found or time.monotonic() > until:
                return found
            time.sleep(0.05)

    def statuses(self):
        return [line['status'] for line in self.delivered()]


def idp_log():
    return Log(E['RS_IDP_LOG'])


def aws_log():
    return Log(E['RS_AWS_LOG'])
