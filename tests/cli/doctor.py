#!/usr/bin/python3
"""redshift-odbc doctor on set-ups that are broken in one place each: what it says, against
docs/troubleshooting.md, which is made of these runs (doctor.py TOOL ROOT --write)."""
import json, os, re, subprocess, sys, tempfile, unittest
from urllib.parse import quote

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'iam'))
from bench import E, iam, standard  # noqa: E402

TOOL, ROOT = sys.argv[1:3]
EMPTY = tempfile.TemporaryDirectory()
HOME = EMPTY.name
PAGE = os.path.join(ROOT, 'docs', 'troubleshooting.md')
HEAD = """# When connecting does not work

`redshift-odbc doctor DSN` connects as an application would and tells each step, what fails and what
to do; `X` stands before what failed, `>` before advice. It needs no driver manager. A connection
string in quotes may stand in place of the name, `--json` gives the same to a program, and the exit
status is 0 only when all is well. Secrets are never printed.

The runs below are the doctor's own words on this computer's test bench, with common names and
numbers put in place of the bench's.

"""


def key(name):
    return {'AccessKeyID': E[f'RS_AWS_{name}_ACCESS_KEY_ID'], 'SecretAccessKey': E[f'RS_AWS_{name}_SECRET_ACCESS_KEY'],
            'SessionToken': E.get(f'RS_AWS_{name}_SESSION_TOKEN')}


def existing(**more):
    return iam(**{'DbUser': E['RS_DB_EXISTING_USER'], 'AutoCreate': None, **more})


def at(name):
    return {'Server': E['RS_REDSHIFT_HOST'], 'Port': E[f'RS_REDSHIFT_{name}_PORT']}


# title, string or data source, SQLSTATE ('' for none), words of the failure
CASES = [
    ('All is well', existing(), '', ''),
    ('The data source is not there', 'sales', '28000', 'Server, Database and UID are required'),
    ('A key has a value that makes no sense', existing(Port='abc'), 'HY000', 'Port'),
    ('A key is missing', existing(Database=None), '28000', 'Database'),
    ('The AWS profile is not there', iam(AccessKeyID=None, SecretAccessKey=None, Profile='nobody'), '28000', 'nobody'),
    ('The secret access key is wrong', existing(SecretAccessKey='wrong' * 8), '28000', 'SignatureDoesNotMatch'),
    ('AWS does not know the access key', existing(AccessKeyID='AKIA' + 'NOBODY00' * 2), '28000', 'InvalidClientTokenId'),
    ('The session credentials have lapsed', existing(**key('EXPIRED')), '28000', 'ExpiredToken'),
    ('No permission to look the cluster up', existing(**key('NODESCRIBE')), '28000', 'redshift:DescribeClusters'),
    ('No permission to get a password', existing(**key('NOCREDS')), '28000', 'redshift:GetClusterCredentials'),
    ('The cluster is unknown', existing(ClusterID='salse'), '08001', 'ClusterNotFound'),
    ('The region is wrong', existing(Region='eu-west-1'), '28000', 'valid region'),
    ('AWS is not reached', existing(EndpointUrl='https://localhost:1/', LoginTimeout=3), '08001', 'could not reach'),
    ('AWS shows a certificate of an unknown authority', existing(EndpointUrl=E['RS_AWS_UNKNOWNCA_URL']), '08001', 'certificate'),
    ('The name of the server is unknown', standard(Server='sales.invalid'), '08001', 'sales.invalid'),
    ('Nobody listens at the port', existing(Server='localhost', Port=1), '08001', 'refused'),
    ("The server's certificate is signed by an unknown authority", existing(**at('UNKNOWNCA')), '08001', 'certificate'),
    ("The server's certificate is another server's", existing(**at('WRONGHOST')), '08001', 'certificate'),
    ('The server speaks no TLS', existing(**at('NOTLS')), '08001', 'TLS'),
    ('The password is wrong', standard(PWD='not this one'), '28000', 'password authentication failed'),
]

PORTS = [('RS_REDSHIFT_PORT', '5439')] + [(f'RS_REDSHIFT_{n}_PORT', '5439') for n in ('UNKNOWNCA', 'WRONGHOST', 'NOTLS')]
URLS = ['RS_AWS_URL', 'RS_AWS_UNKNOWNCA_URL']
PLAIN = [
    (r'(?m)^ *\d+ ms', '        ms'), (r'request id [0-9a-f-]{36}', 'request id 01234567-89ab-cdef-0123-456789abcdef'),
    (r'good until \d{4}-\d\d-\d\d', 'good until 2030-01-01'), (r'in \d+ ms', 'in 250 ms'), (r'after \d+ ms', 'after 1 ms'), (r'\d+ attempts', '3 attempts'), (r'redshift-odbc [\d.]+', 'redshift-odbc'),
    (r'Sandbox CA', 'Amazon RSA'), (r'"/usr\S*/redshiftodbc.ini"', '"/usr/lib/odbc/redshiftodbc.ini"'), (r'(?m)(attempt )\d+', r'\g<1>1'),
]


def plain(text):
    """The bench's names and numbers, which differ from run to run, made common ones."""
    for name in URLS:
        port = E[name].rstrip('/').rpartition(':')[2]
        text = text.replace(f'localhost:{port}', 'redshift.us-west-2.amazonaws.com')
    for name, port in PORTS:
        text = re.sub(rf'\b{E[name]}\b', port, text)
    text = text.replace(E['RS_CA_FILE'], '/etc/ssl/our-ca.pem').replace(E['RS_SANDBOX_DIR'], '/home/me').replace(HOME, '/home/me')
    for pattern, to in PLAIN:
        text = re.sub(pattern, to, text)
    lines, seen = [], set()
    for line in text.splitlines():  # how often it tries again is a matter of time
        if 'attempt 1' in line and line in seen:
            continue
        seen.add(line)
        lines.append(line.rstrip())
    return '\n'.join(lines)


def run(*arguments):
    """With an empty home: no file of this computer has a say."""
    env = {k: v for k, v in E.items() if not k.startswith('AWS_') and not k.lower().endswith('_proxy')}
    env.update(HOME=HOME, ODBCINI='', ODBCSYSINI=HOME, REDSHIFTODBCINI='', AWS_CONFIG_FILE=E['RS_AWS_CONFIG_FILE'],
               AWS_SHARED_CREDENTIALS_FILE=E['RS_AWS_CREDENTIALS_FILE'])
    return subprocess.run([TOOL, *arguments], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          timeout=60)


def section(title, target):
    return f'## {title}\n\n```\n{plain(run("doctor", target).stdout).strip()}\n```\n'


class Doctor(unittest.TestCase):
    def test_page(self):
        """The page says what the doctor says."""
        with open(PAGE) as file:
            sections = dict(re.findall(r'(?ms)^## (.*?)\n(.*?)(?=^## |\Z)', file.read()))
        self.assertEqual(list(sections), [title for title, *_ in CASES])
        for title, target, *_ in CASES:
            with self.subTest(title):
                self.assertEqual(section(title, target).split('\n', 1)[1].strip(), sections[title].strip())

    def test_outcomes(self):
        for title, target, state, words in CASES:
            with self.subTest(title):
                done = run('doctor', '--json', target)
                found = json.loads(done.stdout)
                failures = [e for e in found['events'] if e['kind'] == 'failure']
                advice = [e for e in found['events'] if e['kind'] == 'advice']
                self.assertEqual(done.returncode, 1 if state else 0, done.stdout)
                self.assertEqual(found['ok'], not state)
                self.assertEqual([e['sqlstate'] for e in failures][:1], [state][:len(state)], done.stdout)
                self.assertEqual(len(advice), 1 if state else 0, done.stdout)
                self.assertIn(words, failures[0]['text'] if failures else '')
                self.assertEqual(sorted(e['ms'] for e in found['events']), [e['ms'] for e in found['events']])

    def test_no_secret(self):
        secrets = [E['RS_AWS_SECRET_ACCESS_KEY'], E['RS_REDSHIFT_PASSWORD'], E['RS_AWS_EXPIRED_SESSION_TOKEN'],
                   'not this one', 'wrongwrong']
        for title, target, *_ in CASES:
            for option in ((), ('--json',)):
                done = run('doctor', *option, target)
                for secret in secrets:
                    self.assertNotIn(secret, done.stdout + done.stderr, title)

    def test_files_and_proxies(self):
        """Which files are looked at, and that the environment's proxy is not used."""
        with tempfile.TemporaryDirectory() as home:
            with open(f'{home}/odbc.ini', 'w') as file:
                file.write('[here]\nServer = sales.invalid\nDatabase = dev\nUID = me\nPWD = sesame\n')
            env = {**E, 'HOME': home, 'ODBCINI': f'{home}/odbc.ini', 'ODBCSYSINI': f'{home}/no', 'REDSHIFTODBCINI': '',
                   'HTTPS_PROXY': 'http://me:proxysecret@proxy.invalid:1/'}
            done = subprocess.run([TOOL, 'doctor', 'here'], env=env, stdout=subprocess.PIPE, text=True, timeout=60)
        self.assertIn(f'data sources: "{home}/odbc.ini" is there', done.stdout)
        self.assertIn(f'data sources: "{home}/no/odbc.ini" is not there', done.stdout)
        self.assertIn('Server = sales.invalid, from the data source', done.stdout)
        self.assertIn("the environment's HTTPS_PROXY is not used", done.stdout)
        self.assertNotIn('secret', done.stdout)
        self.assertNotIn('sesame', done.stdout)

    def test_standard_password(self):
        done = run('doctor', '--json', standard())
        texts = [e['text'] for e in json.loads(done.stdout)['events']]
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn(f'signed in as {E["RS_REDSHIFT_USER"]}', texts)


class Creds(unittest.TestCase):
    def test_login(self):
        done = run('creds', existing())
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r'\Auser: IAM:existing_user\nexpires: \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\n\Z')

    def test_password(self):
        """Only when it is asked for; and it is the one AWS gave."""
        shown = json.loads(run('creds', '--json', '--show-password', existing()).stdout)
        self.assertEqual(sorted(shown), ['expires', 'password', 'user'])
        done = run('doctor', '--json', standard(UID=shown['user'], PWD=shown['password']))
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertNotIn('password', json.loads(run('creds', '--json', existing()).stdout))

    def test_refused(self):
        done = run('creds', existing(**key('NOCREDS')))
        self.assertEqual((done.returncode, done.stdout), (1, ''))
        self.assertIn('28000 GetClusterCredentials', done.stderr)


class Jdbc(unittest.TestCase):
    def test_section(self):
        done = run('dsn', 'from-jdbc', 'jdbc:redshift:iam://sales:eu-west-1/dev?DbUser=ann&AutoCreate=true&nonsense=1', 'mine')
        lines = done.stdout.splitlines()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(lines[:2], ['[mine]', 'Driver = Redshift ODBC'])
        for line in ('ClusterID = sales', 'Region = eu-west-1', 'Database = dev', 'DbUser = ann',
                     '# not a key of this driver: nonsense = 1'):
            self.assertIn(line, lines)

    def test_works(self):
        """The section is a data source that connects."""
        host, port, database = E['RS_REDSHIFT_HOST'], E['RS_REDSHIFT_PORT'], E['RS_PG_DATABASE']
        user, password = E['RS_REDSHIFT_MD5_USER'], quote(E['RS_REDSHIFT_MD5_PASSWORD'], safe='')
        done = run('dsn', 'from-jdbc', f'jdbc:redshift://{host}:{port}/{database}?user={user}&password={password}')
        with tempfile.TemporaryDirectory() as home:
            with open(f'{home}/odbc.ini', 'w') as file:
                file.write(done.stdout + f'CaFile = {E["RS_CA_FILE"]}\n')
            found = subprocess.run([TOOL, 'doctor', 'redshift'], env={**E, 'HOME': home, 'ODBCINI': f'{home}/odbc.ini'},
                                   stdout=subprocess.PIPE, text=True, timeout=60)
        self.assertEqual(found.returncode, 0, done.stdout + found.stdout)
        self.assertIn(f'signed in as {user}', found.stdout)

    def test_url_as_target(self):
        """A URL may hold a password wherever it likes."""
        for url in ('jdbc:redshift://127.0.0.1:1/db?user=a&password=sesame', 'JDBC:redshift://me:sesame@127.0.0.1:1/db'):
            done = run('doctor', url)
            self.assertEqual(done.returncode, 1, done.stdout)
            self.assertIn('looks at a JDBC URL', done.stdout)
            self.assertNotIn('sesame', done.stdout + done.stderr)
        self.assertIn('Server = 127.0.0.1, from', run('doctor', 'jdbc:redshift://127.0.0.1:1/db?user=a&password=b').stdout)

    def test_refused(self):
        for url in ('jdbc:postgresql://a/b', 'http://a', ''):
            done = run('dsn', 'from-jdbc', url)
            self.assertEqual((done.returncode, done.stdout), (1, ''), url)
            self.assertIn('HY000', done.stderr)
        done = run('dsn', 'from-jdbc', 'jdbc:redshift://a:1/b?user=a&password=%0Asesame')
        self.assertEqual((done.returncode, done.stdout), (1, ''))
        self.assertNotIn('sesame', done.stderr)


class Usage(unittest.TestCase):
    def test_wrong(self):
        for arguments in ((), ('doctor',), ('doctor', 'a', 'b'), ('doctor', '--jso', 'a'), ('nothing',), ('keys', 'a'),
                          ('creds',), ('dsn',), ('dsn', 'from-jdbc'), ('dsn', 'from-jdbc', 'jdbc:redshift://a/b', 'a]b')):
            done = run(*arguments)
            self.assertEqual((done.returncode, done.stdout), (2, ''), arguments)
            self.assertIn('usage: redshift-odbc', done.stderr)

    def test_keys(self):
        lines = run('keys').stdout.splitlines()
        more = run('keys', '--all').stdout.splitlines()
        self.assertTrue(any(re.match(r'ClusterID +text ', line) for line in lines))
        self.assertTrue(any(re.match(r'PWD +secret ', line) for line in lines))
        self.assertLess(set(lines), set(more))

    def test_name_is_quoted(self):
        """A data source may have a brace in its name."""
        done = run('doctor', '--json', 'a}b')
        self.assertIn('data source "a}b" was not found', done.stdout.replace('\\"', '"'))


if __name__ == '__main__':
    if sys.argv[3:] == ['--write']:
        with open(PAGE, 'w') as page:
            page.write(HEAD + '\n'.join(section(title, target) for title, target, *_ in CASES))
    else:
        unittest.main(argv=sys.argv[:1])
