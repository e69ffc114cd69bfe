#!/usr/bin/python3
"""redshift-odbc dsn new at a terminal (a pty, then tmux): the questions, what is refused, what is
shown and kept; the data sources made are opened by isql."""
import os, pty, re, select, shlex, signal, stat, subprocess, sys, tempfile, termios, time, unittest

E = os.environ
if 'RS_AWS_URL' not in E:
    print('the sandbox is not up (RS_AWS_URL)')
    sys.exit(77)
TOOL = sys.argv[1]
LONG = 't' * 6000  # longer than a terminal's own lines


class Home:
    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.name = self.folder.name
        self.ini = os.path.join(self.name, 'user.ini')
        with open(os.path.join(self.name, 'odbcinst.ini'), 'w') as file:
            file.write(f'[Redshift ODBC]\nDriver = {E["RS_DRIVER"]}\n')
        self.env = {**{k: v for k, v in E.items() if not k.startswith('AWS_')}, 'ODBCSYSINI': self.name, 'HOME': self.name,
                    'ODBCINI': self.ini, 'REDSHIFTODBCINI': '', 'LC_ALL': 'C.UTF-8'}

    def text(self, name='user.ini'):
        path = os.path.join(self.name, name)
        if not os.path.exists(path):
            return ''
        with open(path) as file:
            return file.read()

    def isql(self, *words):
        return subprocess.run(['isql', '-b', *words], input='SELECT current_user AS me\n', env=self.env,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60).stdout


class Terminal:
    def __init__(self, home, *arguments):
        self.screen, self.seen = '', 0
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execve(TOOL, [TOOL, 'dsn', 'new', *arguments], home.env)

    def read(self, until):
        if not select.select([self.fd], [], [], max(0, until - time.monotonic()))[0]:
            raise AssertionError(f'nothing more comes: {self.screen[self.seen:]!r} of {self.screen}')
        try:
            return os.read(self.fd, 65536).decode()
        except OSError:  # the other end is closed
            return ''

    def expect(self, words):
        until = time.monotonic() + 60
        while words not in self.screen[self.seen:]:
            more = self.read(until)
            if not more:
                raise AssertionError(f'no {words!r} in {self.screen[self.seen:]!r} of {self.screen}')
            self.screen += more
        self.seen = self.screen.index(words, self.seen) + len(words)

    def type(self, text):
        os.write(self.fd, text.encode())

    def wait_hidden(self):
        until = time.monotonic() + 60
        while termios.tcgetattr(self.fd)[3] & termios.ECHO:
            assert time.monotonic() < until, 'the echo stays on'
            time.sleep(0.01)

    def talk(self, *lines):
        """(question, answer): the answer is typed when the question is there, None: it was none; a third: hidden."""
        for question, answer, *hidden in lines:
            self.expect(question)
            if hidden:
                self.wait_hidden()
            if answer is not None:
                self.type(answer + '\n')

    def echoes(self):
        return bool(termios.tcgetattr(self.fd)[3] & termios.ECHO)

    def end(self):
        until = time.monotonic() + 60
        while True:
            more = self.read(until)
            if not more:
                break
            self.screen += more
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


MORE = 'Another setting'


def keys(**more):
    answers = {'Auth Type [1]': '3', 'Server: ': '', 'Port: ': '', 'Database *: ': 'dev', 'ClusterID: ': E['RS_CLUSTER_ID'],
               'Region: ': E['RS_REGION'], 'DbUser *: ': E['RS_DB_EXISTING_USER'],
               'AccessKeyID *: ': E['RS_AWS_ACCESS_KEY_ID']}
    return list({**answers, **more}.items()) + [
        (MORE, 'Endpoint URL'), ('Endpoint URL: ', E['RS_AWS_URL']), (MORE, 'cafile'), ('CA File: ', E['RS_CA_FILE']),
        (MORE, ''), ('SecretAccessKey *: ', E['RS_AWS_SECRET_ACCESS_KEY'], True)]


def password(name='Auth Type [1]'):
    return [(name, ''), ('Server: ', E['RS_REDSHIFT_HOST']), ('Port: ', E['RS_REDSHIFT_PORT']), ('Database *: ', 'dev'),
            ('User *: ', E['RS_REDSHIFT_USER']), (MORE, 'CaFile'), ('CA File: ', E['RS_CA_FILE']), (MORE, ''),
            ('Password: ', E['RS_REDSHIFT_PASSWORD'], True)]


class Dialogue(unittest.TestCase):
    def setUp(self):
        self.home = Home()

    def test_keys(self):
        """Tested on the way, secrets saved; isql opens it."""
        t = Terminal(self.home, 'keys')
        t.talk(*keys(), ('SessionToken: ', '', True), ('Test the connection now? [no]', 'yes'))
        t.expect('signed in as')
        t.talk(('Save secrets in the file too? [no]', 'yes'))
        self.assertEqual(t.end(), 0, t.screen)
        self.assertNotIn(E['RS_AWS_SECRET_ACCESS_KEY'], t.screen)
        self.assertIn(f'"keys" is in {self.home.ini}', t.screen)
        self.assertIn(E['RS_DB_EXISTING_USER'], self.home.isql('keys'))
        self.assertEqual(stat.S_IMODE(os.stat(self.home.ini).st_mode), 0o600)

    def test_password(self):
        """The name is asked for; secrets are not saved unless that is said."""
        t = Terminal(self.home)
        t.talk(('Data Source Name *: ', 'a]b'), ('holds none of', None), ('Data Source Name *: ', 'plain'), *password(),
               ('Test the connection now? [no]', ''), ('Save secrets in the file too? [no]', ''))
        self.assertEqual(t.end(), 0, t.screen)
        self.assertNotIn(E['RS_REDSHIFT_PASSWORD'], t.screen)
        self.assertNotIn('PWD', self.home.text())
        self.assertIn(E['RS_REDSHIFT_USER'], self.home.isql('plain', E['RS_REDSHIFT_USER'], E['RS_REDSHIFT_PASSWORD']))

    def test_help_and_refusals(self):
        t = Terminal(self.home, 'helped')
        t.talk(('Auth Type [1]', '?'), ('AWS IAM Credentials (Static)', None), ('Auth Type [1]', ''))
        t.talk(('Server: ', '?'), ('host name of the cluster', None), ('Server: ', 'h'), ('Port: ', '99999'),
               ('! Port must be between 1 and 65535', '-'), ('Database *: ', ''), ('! Database is required', 'dev'),
               ('User *: ', 'u'), (MORE, '?'), ('Log Level', None), (MORE, 'idp_host'), ('! there is no such setting', 'SSLMode'),
               ('SSL Mode: ', '?'), ('one of: disable', None), ('SSL Mode: ', 'perhaps'), ('! SSLMode "perhaps" is not known', 'require'),
               (MORE, 'TimeZone'), ('TimeZone: ', 'UTC'), (MORE, ''), ('Password: ', '', True),
               ('Test the connection now? [no]', 'perhaps'), ('! yes or no', 'no'))
        self.assertEqual(t.end(), 0, t.screen)
        lines = re.sub(r'[ \t]*=[ \t]*', '=', self.home.text()).splitlines()
        for line in ('[helped]', 'Driver=Redshift ODBC', 'Server=h', 'Database=dev', 'UID=u', 'SSLMode=require', 'TimeZone=UTC',
                     'AuthType=Standard', 'IAM=0'):
            self.assertIn(line, lines)

    def test_missing(self):
        """What the driver misses is asked for again, at the field it is about."""
        t = Terminal(self.home, 'a')
        t.talk(('Auth Type [1]', 'Identity Provider: JWT'), ('Server: ', ''), ('Port: ', ''), ('Database *: ', 'd'), (MORE, ''),
               ('Web Identity Token *: ', '', True), ('! Server is required', 'h'), ('Test the connection now', ''))
        self.assertEqual(t.end(), 0, t.screen)
        self.assertRegex(self.home.text(), r'plugin_name\s*=\s*JWT')

    def test_long_secret(self):
        """A terminal's own lines would have cut it; odbc.ini cannot keep it."""
        t = Terminal(self.home, 'long')
        t.talk(*keys(), ('SessionToken: ', LONG, True), ('Test the connection now', ''),
               ('Save secrets', 'yes'), ('! SessionToken is too long', '-', True))
        self.assertEqual(t.end(), 0, t.screen)
        self.assertNotIn('tttt', t.screen)
        self.assertNotIn('SessionToken', self.home.text())

    def test_test_fails(self):
        t = Terminal(self.home, 'a')
        lines = password()
        lines[-1] = ('Password: ', 'not this one', True)
        t.talk(*lines, ('Test the connection now', 'y'), ('password authentication failed', None),
               ('Keep the data source all the same? [no]', ''))
        self.assertEqual(t.end(), 1, t.screen)
        self.assertIn('nothing was written', t.screen)
        self.assertNotIn('not this one', t.screen)
        self.assertEqual(self.home.text(), '')

    def test_change(self):
        t = Terminal(self.home, 'a')
        t.talk(*password(), ('Test', ''), ('Save secrets', 'yes'))
        self.assertEqual(t.end(), 0)
        t = Terminal(self.home, 'a')
        t.talk(('Change it? [no]', ''))
        self.assertEqual(t.end(), 1)
        t = Terminal(self.home, 'a')
        t.talk(('Change it? [no]', 'y'), ('Auth Type [1]', ''), (f'Server [{E["RS_REDSHIFT_HOST"]}]', ''), ('Port [', ''),
               ('Database * [dev]', ''), ('User * [', ''), (MORE, 'Description'), ('Description: ', 'changed'), (MORE, ''),
               ('Password [as it is]: ', '', True), ('Test', ''), ('Save secrets', 'yes'))
        self.assertEqual(t.end(), 0, t.screen)
        self.assertIn('changed', self.home.text())
        self.assertEqual(self.home.text().count('[a]'), 1)
        self.assertIn(E['RS_REDSHIFT_USER'], self.home.isql('a'))

    def test_system(self):
        t = Terminal(self.home, '--system', 'all')
        t.talk(*password(), ('Test', ''), ('Save secrets', 'yes'))
        self.assertEqual(t.end(), 0, t.screen)
        self.assertIn('[all]', self.home.text('odbc.ini'))
        self.assertEqual(self.home.text(), '')
        self.assertIn('others can read it', t.screen)

    def test_leave(self):
        """Ctrl-D anywhere, Ctrl-C where nothing is echoed: nothing is written, the echo is back."""
        for n in (0, 2, 8):
            t = Terminal(self.home, 'a')
            t.talk(*password()[:n])
            t.expect(password()[n][0])
            if n == 8:
                t.wait_hidden()
            t.type('\x04')
            self.assertEqual(t.end(), 1, t.screen)
            self.assertEqual(self.home.text(), '')
        t = Terminal(self.home, 'a')
        t.talk(*password()[:8])
        t.expect('Password: ')
        t.wait_hidden()
        slave = os.open(os.readlink(f'/proc/{t.pid}/fd/0'), os.O_RDWR | os.O_NOCTTY)
        t.type('half a secret\x03')
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(t.pid, 0)[1]), -signal.SIGINT)
        self.assertTrue(termios.tcgetattr(slave)[3] & termios.ECHO)
        os.close(slave)

    def test_no_terminal(self):
        done = subprocess.run([TOOL, 'dsn', 'new', 'a'], env=self.home.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stdout), (1, ''))
        self.assertIn('needs a terminal', done.stderr)
        for words in (('a', 'b'), ('--sys',)):
            self.assertEqual(subprocess.run([TOOL, 'dsn', 'new', *words], env=self.home.env, stdin=subprocess.DEVNULL,
                                            stderr=subprocess.DEVNULL, timeout=60).returncode, 2)


class Tmux(unittest.TestCase):
    def test_keys(self):
        home = Home()
        socket = os.path.join(home.name, 'tmux')

        def tmux(*words):
            return subprocess.run(['tmux', '-S', socket, *words], env=home.env, stdout=subprocess.PIPE, text=True, check=True,
                                  timeout=60).stdout

        def wait(words):
            until = time.monotonic() + 60
            while not screen().rstrip().endswith(words.rstrip()):
                assert time.monotonic() < until, f'no {words!r} at the end of {screen()}'
                time.sleep(0.1)

        def screen():
            return tmux('capture-pane', '-p', '-J', '-S', '-', '-t', 'a')

        tmux('-f', '/dev/null', 'new-session', '-d', '-s', 'a', '-x', '250', '-y', '100',
             f'{shlex.quote(TOOL)} dsn new mine; echo ended with $?; exec cat')
        try:
            for question, answer, *_ in keys() + [('SessionToken: ', '')] + [('Test the connection now? [no] ', ''),
                                                                            ('Save secrets in the file too? [no] ', 'yes')]:
                wait({'Auth Type [1]': 'Auth Type [1]:', MORE: f'{MORE} (? lists them, Enter: no more):'}.get(question, question))
                if answer:
                    tmux('send-keys', '-t', 'a', '-l', answer)
                tmux('send-keys', '-t', 'a', 'Enter')
            wait('ended with 0')
            self.assertNotIn(E['RS_AWS_SECRET_ACCESS_KEY'], screen())
            self.assertIn('Identity Provider: Okta', screen())
        finally:
            tmux('kill-server')
        self.assertIn(E['RS_DB_EXISTING_USER'], home.isql('mine'))


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1])
