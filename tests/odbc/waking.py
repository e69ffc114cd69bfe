#!/usr/bin/python3
"""What the driver does with redshift stand-ins that have options of their own: a workgroup that wakes,
connections that are reset, tags and notices as Redshift sends them."""
import ctypes, glob, os, sys, tempfile, time, unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [os.path.join(HERE, '..', 'iam'), os.path.join(HERE, '..', 'sandbox')]
from bench import E, Failed, Odbc, server, standard  # noqa: E402
from wire_client import ENV, StandIn  # noqa: E402

ENV.update(E)
ODBC = Odbc()
OPENERS = 'libpq', 'native'
AGAIN = 'trying again in %d ms'


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix='rs-waking-')
        self.addCleanup(self.folder.cleanup)

    def keys(self, **more):
        return standard(**{**server(), 'LogLevel': 4, 'LogPath': self.folder.name, **more})

    def log(self):
        """What the driver wrote since the last call."""
        lines = []
        for path in glob.glob(os.path.join(self.folder.name, '*')):
            with open(path, encoding='utf-8') as file:
                lines += file.read().splitlines()
            os.unlink(path)
        return lines

    def connects(self, **more):
        dbc, _, records = ODBC.connect(self.keys(**more))
        self.assertEqual(records, [])
        rows = ODBC.run(dbc, 'SELECT 1')
        ODBC.close(dbc)
        self.assertEqual(rows, [('1',)])
        return self.log()

    def fails(self, state, **more):
        with self.assertRaises(Failed) as caught:
            ODBC.connect(self.keys(**more))
        self.assertEqual(caught.exception.args[0], state, caught.exception.args)
        return self.log()

    def expect(self, lines, *wanted):
        """Those texts, in that order, each in a line of level info."""
        at = 0
        for text in wanted:
            while at < len(lines) and not (text in lines[at] and ' info ' in lines[at]):
                at += 1
            self.assertLess(at, len(lines), '\n'.join([f'no "{text}" in order in:', *lines]))
            at += 1


class Waking(Case):
    retry = {'ConnectionRetryCount': 50, 'ConnectionRetryDelay': 1, 'LoginTimeout': 60}

    def test_refused_then_reset(self):
        """Each pause is twice as long as the one before."""
        for opener in OPENERS:
            with self.subTest(opener), StandIn('--wake', '9') as standin:
                lines = self.connects(Opener=opener, Port=standin.port, **self.retry)
                self.expect(lines, 'refused', AGAIN % 1000, 'refused', AGAIN % 2000,
                            'could not connect', AGAIN % 4000, 'connected to')
                self.assertEqual([line['event'] for line in standin.log()][0], 'hang')

    def test_resuming(self):
        for opener in OPENERS:
            with self.subTest(opener), StandIn('--resume', '2') as standin:
                lines = self.connects(Opener=opener, Port=standin.port, **self.retry)
                self.expect(lines, 'SQLSTATE 57P03', AGAIN % 1000, 'SQLSTATE 57P03', AGAIN % 2000,
                            'connected to')

    def test_the_login_timeout_ends_it(self):
        with StandIn('--wake', '60') as standin:
            lines = self.fails('08001', Port=standin.port, **{**self.retry, 'LoginTimeout': 3})
            self.expect(lines, AGAIN % 1000)
        with StandIn('--wake', '0.3', '--fault', 'before-auth=hang') as standin:
            time.sleep(0.5)
            self.fails('HYT00', Port=standin.port, **{**self.retry, 'LoginTimeout': 2})

    def test_reset_before_the_password(self):
        for opener in OPENERS:
            with self.subTest(opener), StandIn('--fault', 'before-auth=reset') as standin:
                lines = self.fails('08001', Opener=opener, Port=standin.port, ConnectionRetryCount=2,
                                   ConnectionRetryDelay=0)
                self.assertEqual(sum(AGAIN % 0 in line for line in lines), 2, lines)
                self.assertEqual([line['event'] for line in standin.log()].count('accept'), 3)

    def test_reset_when_it_has_let_us_in(self):
        """A temporary password may be spent then."""
        for opener in OPENERS:
            with self.subTest(opener), StandIn('--fault', 'after-statuses=reset') as standin:
                lines = self.fails('08001', Opener=opener, Port=standin.port, **self.retry)
                self.assertFalse([line for line in lines if 'trying again' in line])
                self.assertEqual([line['event'] for line in standin.log()].count('accept'), 1)

    def test_what_waiting_does_not_help(self):
        """Certificates, names and refusals are not tried again."""
        for opener in OPENERS:
            for state, more in (('08001', {'Port': E['RS_REDSHIFT_WRONGHOST_PORT']}),
                                ('08001', {'Port': E['RS_REDSHIFT_EXPIRED_PORT']}),
                                ('08001', {'Port': E['RS_REDSHIFT_NOTLS_PORT']}),
                                ('08001', {'Server': 'no-such-host.invalid'}),
                                ('28000', {'PWD': 'wrong'}),
                                ('08004', {'Database': 'no_such'})):
                with self.subTest(opener=opener, more=more):
                    lines = self.fails(state, Opener=opener, **{**self.retry, **more})
                    self.assertFalse([line for line in lines if 'trying again' in line])

    def test_too_many_connections(self):
        lines = self.fails('08004', UID=E['RS_REDSHIFT_LIMITED_USER'], PWD=E['RS_REDSHIFT_LIMITED_PASSWORD'],
                           ConnectionRetryCount=2, ConnectionRetryDelay=0)
        self.assertEqual(sum('refused the connection, SQLSTATE 53300' in line for line in lines), 3, lines)


class Sleeping(Case):
    def test_a_session_that_was_dropped(self):
        """SQL_ATTR_CONNECTION_DEAD tells without asking, and the next use is 08S01."""
        for opener in OPENERS:
            with self.subTest(opener), StandIn('--idle-drop', '0.3') as standin:
                dbc, _, _ = ODBC.connect(self.keys(Opener=opener, Port=standin.port))
                self.assertEqual(self.dead(dbc), 0)
                until = time.monotonic() + 30
                while not self.dead(dbc) and time.monotonic() < until:
                    time.sleep(0.05)
                self.assertEqual(self.dead(dbc), 1)
                with self.assertRaises(Failed) as caught:
                    ODBC.run(dbc, 'SELECT 1')
                self.assertEqual(caught.exception.args[0], '08S01')
                ODBC.close(dbc)

    def dead(self, dbc):
        value = ctypes.c_uint(9)
        self.assertEqual(ODBC.lib.SQLGetConnectAttr(dbc, 1209, ctypes.byref(value), 0, None), 0)
        return value.value


class Answers(Case):
    def execute(self, standin, sql, **more):
        """Return code, records, row count of one execution before its rows are read."""
        dbc, _, _ = ODBC.connect(self.keys(Port=standin.port, **more))
        stmt = ODBC.alloc(3, dbc)
        rc = ODBC.lib.SQLExecDirect(stmt, sql.encode(), -3)
        records = ODBC.records(3, stmt)
        count = ctypes.c_ssize_t(99)
        ODBC.lib.SQLRowCount(stmt, ctypes.byref(count))
        ODBC.lib.SQLFreeHandle(3, stmt)
        ODBC.close(dbc)
        return rc, records, count.value

    def test_a_tag_without_a_count(self):
        with StandIn('--no-select-count') as standin:
            self.assertEqual(self.execute(standin, 'SELECT generate_series(1, 3)'), (0, [], -1))
            self.assertEqual(self.execute(standin, 'CREATE TEMP TABLE t AS SELECT generate_series(1, 3)')[0], 0)

    def test_a_notice_of_severity_info(self):
        with StandIn('--info', 'to be told') as standin:
            rc, records, _ = self.execute(standin, 'SELECT 1')
            self.assertEqual((rc, [state for state, _ in records]), (1, ['01000']))
            self.assertIn('[Server]to be told', records[0][1])
            self.assertEqual(self.execute(standin, 'SELECT 1', ShowNotices=0)[:2], (0, []))


if __name__ == '__main__':
    unittest.main()
