#!/usr/bin/python3
"""LibreOffice's database side (SDBC over ODBC) over TLS, driven through UNO as a macro would: types there
and back, long text, errors, rollback, metadata.

What it cannot do with any driver: send a truth value, since setBoolean sends an integer, which PostgreSQL
does not take for a boolean; say a time's fraction, which ODBC's struct has no place for; tell the
native error number; go back in a static cursor unless the statement uses bookmarks. It reads narrow text in pieces of 2 KiB and decodes each by itself, so a character
across two pieces is spoilt: UseUnicode=1 makes it read wide text, whose pieces it joins. The connection's
property CharSet says UTF-8, or it is the process's guess. Statements and results are closed before the
connection: closing that first waits for a garbage collection that does not come.
"""
import os, shutil, subprocess, sys, tempfile, time, unittest

try:
    import uno
    from com.sun.star.beans import PropertyValue
    from com.sun.star.connection import NoConnectException
    from com.sun.star.lang import DisposedException
    from com.sun.star.sdbc import SQLException
    from com.sun.star.util import Date, DateTime, Time
except ImportError:
    print('python3-uno is not installed')
    sys.exit(77)
E = os.environ
BYTES, REFUSAL = E.get('RS_TEST_BYTES', 'bytea'), E.get('RS_TEST_REFUSAL', ' [SQLSTATE 28P01]')
if 'RS_PG_PORT' not in E:
    print('the sandbox is not up (RS_PG_PORT)')
    sys.exit(77)
if shutil.which('soffice') is None:
    print('libreoffice-base-nogui is not installed')
    sys.exit(77)

VARCHAR, DECIMAL = 12, 3
START_LIMIT = 90


class Office:
    """A LibreOffice of our own: no window, a profile that is thrown away, one data source."""

    def __init__(self):
        self.home = tempfile.mkdtemp()
        with open(os.path.join(self.home, 'odbc.ini'), 'w') as f:
            f.write('[office]\nDriver = Redshift ODBC\n')
        pipe = f'rs{os.getpid()}'
        self.process = subprocess.Popen(
            ['soffice', '--headless', '--norestore', '--nologo', '--nodefault', f'--accept=pipe,name={pipe};urp',
             f'-env:UserInstallation=file://{self.home}/profile'], stderr=subprocess.DEVNULL, start_new_session=True,
            env=dict(E, HOME=self.home, ODBCINI=os.path.join(self.home, 'odbc.ini'), LC_ALL='C.UTF-8'))
        self.context = self.reach(f'uno:pipe,name={pipe};urp;StarOffice.ComponentContext')
        self.drivers = self.service('com.sun.star.sdbc.DriverManager')

    def reach(self, address):
        here = uno.getComponentContext()
        resolver = here.ServiceManager.createInstanceWithContext('com.sun.star.bridge.UnoUrlResolver', here)
        until = time.monotonic() + START_LIMIT
        while True:
            try:
                return resolver.resolve(address)
            except NoConnectException:
                if self.process.poll() is not None or time.monotonic() > until:
                    self.end()
                    raise
                time.sleep(0.1)

    def service(self, name):
        return self.context.ServiceManager.createInstanceWithContext(name, self.context)

    def end(self):
        try:
            self.service('com.sun.star.frame.Desktop').terminate()
        except (AttributeError, DisposedException):
            pass  # not come up, or gone already
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, 9)
            self.process.wait()
        shutil.rmtree(self.home, ignore_errors=True)


office = None


def setUpModule():
    global office
    office = Office()


def tearDownModule():
    office.end()


def opened(**more):
    """`more` says which keys are different."""
    keys = {'Server': E['RS_PG_HOST'], 'Port': E['RS_PG_PORT'], 'Database': E['RS_PG_DATABASE'],
            'SSLMode': 'verify-full', 'CaFile': E['RS_CA_FILE'], 'UseUnicode': '1', **more}
    password = keys.pop('PWD', '{' + E['RS_PG_PASSWORD'].replace('}', '}}') + '}')
    url = 'sdbc:odbc:office;' + ';'.join(f'{k}={v}' for k, v in keys.items()) + ';' + E.get('RS_TEST_KEYS', '')
    said = [('user', E['RS_PG_USER']), ('password', password), ('CharSet', 'utf-8')]
    return office.drivers.getConnectionWithInfo(url, tuple(PropertyValue(Name=n, Value=v) for n, v in said))


def parts(value, names):
    return None if value is None else tuple(getattr(value, name) for name in names.split())


class Client(unittest.TestCase):
    # How each column is sent and read; a date or time is its parts.
    COLUMNS = ['Int', 'Long', 'String', 'Double', 'Boolean', 'String', 'Bytes', 'Date', 'Time', 'Timestamp']
    ROWS = [
        [1, 2 ** 62, '12345678901234.5678', 1.5, True, 'Zoë № 東京 😀🎉', bytes(range(256)), (2024, 2, 29),
         (23, 59, 59), (2024, 2, 29, 12, 34, 56, 789000000)],
        [-2147483648, -2 ** 63, '-0.0001', -1e300, False, '', b'', (1, 1, 1), (0, 0, 0), (1999, 12, 31, 23, 59, 59, 0)],
    ]

    def setUp(self):
        self.open = []
        self.connection = opened()

    def tearDown(self):
        for thing in reversed(self.open):
            thing.close()
        self.connection.close()

    def kept(self, thing):
        self.open.append(thing)
        return thing

    def run_sql(self, sql):
        return self.kept(self.connection.createStatement()).executeUpdate(sql)

    def query(self, sql):
        return self.kept(self.kept(self.connection.createStatement()).executeQuery(sql))

    def prepared(self, sql):
        return self.kept(self.connection.prepareStatement(sql))

    def rows(self, result, columns):
        """Every row; columns names the getter of each."""
        got = []
        while result.next():
            row = []
            for at, kind in enumerate(columns, 1):
                value = getattr(result, 'get' + kind)(at)
                if result.wasNull():
                    value = None
                elif kind == 'Bytes':
                    value = value.value
                elif kind == 'Date':
                    value = parts(value, 'Year Month Day')
                elif kind == 'Time':
                    value = parts(value, 'Hours Minutes Seconds')
                elif kind == 'Timestamp':
                    value = parts(value, 'Year Month Day Hours Minutes Seconds NanoSeconds')
                row.append(value)
            got.append(row)
        return got

    def set_values(self, statement, values):
        for at, (kind, value) in enumerate(zip(self.COLUMNS, values), 1):
            if value is None:
                statement.setNull(at, VARCHAR)
                continue
            if kind == 'Bytes':
                value = uno.ByteSequence(value)
            elif kind == 'Date':
                value = Date(*reversed(value))
            elif kind == 'Time':
                value = Time(0, *reversed(value), False)
            elif kind == 'Timestamp':
                value = DateTime(*reversed(value), False)
            getattr(statement, 'set' + kind)(at, value)

    def make_table(self):
        self.run_sql('create temp table lo (i int, b bigint, n numeric(18,4), x float8, f boolean, t varchar(200), '
                     f'z {BYTES}, d date, h time, ts timestamp)')

    def test_there_and_back(self):
        self.make_table()
        insert = self.prepared('insert into lo values (?,?,?,?,cast(? as int) = 1,?,?,?,?,?)')
        for row in self.ROWS + [[None] * 10]:
            self.set_values(insert, row)
            self.assertEqual(insert.executeUpdate(), 1)
        self.assertEqual(self.rows(self.query('select * from lo'), self.COLUMNS), self.ROWS + [[None] * 10])
        find = self.prepared('select i from lo where t = ? and d = ?')
        find.setString(1, 'Zoë № 東京 😀🎉')
        find.setDate(2, Date(29, 2, 2024))
        self.assertEqual(self.rows(self.kept(find.executeQuery()), ['Int']), [[1]])

    def test_numeric(self):
        find = self.prepared('select cast(? as numeric(18,4)) * 2')
        find.setObjectWithInfo(1, '1234567.0625', DECIMAL, 4)
        self.assertEqual(self.rows(self.kept(find.executeQuery()), ['String']), [['2469134.1250']])

    def test_long_text(self):
        text = ('0123456789ä€' * 6000 + '😀') * 14
        self.run_sql('create temp table lo_long (t text)')
        insert = self.prepared('insert into lo_long values (?)')
        insert.setString(1, text)
        self.assertEqual(insert.executeUpdate(), 1)
        got = self.rows(self.query('select t, octet_length(t) from lo_long'), ['String', 'Int'])
        self.assertTrue(got == [[text, len(text.encode())]])

    def test_two_results_at_once(self):
        first = self.query('select i from generate_series(1, 500) i')
        second = self.query('select i * 2 from generate_series(1, 500) i')
        count = 0
        while first.next():
            self.assertTrue(second.next())
            self.assertEqual(second.getInt(1), 2 * first.getInt(1))
            count += 1
        self.assertEqual((count, second.next()), (500, False))

    def test_to_and_fro(self):
        """What a form is fed by: a cursor that scrolls."""
        statement = self.kept(self.connection.createStatement())
        statement.ResultSetType = 1004  # ResultSetType.SCROLL_INSENSITIVE
        statement.UseBookmarks = True
        result = self.kept(statement.executeQuery('select sale_id, customer from demo_sales order by sale_id'))
        got = []
        for move in (lambda: result.absolute(9), result.previous, lambda: result.absolute(2), lambda: result.relative(2),
                     result.first):
            self.assertTrue(move())
            got.append((result.getRow(), result.getString(2)))
        self.assertEqual(got, [(9, '😀 emoji'), (8, 'Zoë "Z" Müller'), (2, 'Björn Åkesson'), (4, '東京商店'), (1, 'Anna')])

    def test_errors(self):
        for sql, state, want in [
                ('selec 1', '42000', '[Redshift][ODBC Driver][Server]syntax error at or near "selec" at character 1 [SQLSTATE 42601]'),
                ('select * from no_such_table', '42S02', '[SQLSTATE 42P01]'),
                ('select 1/0', '22012', '[Redshift][ODBC Driver][Server]division by zero'),
                ('insert into demo_sales (sale_id) values (1)', '23000', '[SQLSTATE 23505]')]:
            with self.assertRaises(SQLException, msg=sql) as caught:
                self.query(sql).next()  # a division fails at its first row
            self.assertEqual(caught.exception.SQLState, state)
            self.assertIn(want, caught.exception.Message)

    def test_rollback(self):
        self.make_table()
        self.connection.setAutoCommit(False)
        for end, want in ((self.connection.rollback, 0), (self.connection.commit, 1)):
            self.assertEqual(self.run_sql('insert into lo (i) values (9)'), 1)
            end()
            self.assertEqual(self.rows(self.query('select count(*) from lo'), ['Int']), [[want]])
        self.connection.rollback()

    def test_metadata(self):
        data = self.connection.getMetaData()
        self.assertEqual(data.getDatabaseProductName(), E.get('RS_TEST_DBMS', 'PostgreSQL'))
        found = self.rows(self.kept(data.getTables(None, 'public', 'demo_%', ('TABLE', 'VIEW'))), ['String'] * 4)
        self.assertEqual([row[1:] for row in found], [['public', 'demo_sales', 'TABLE'], ['public', 'demo_paid', 'VIEW']])
        columns = self.rows(self.kept(data.getColumns(None, 'public', 'demo_sales', '%')),
                            ['String'] * 4 + ['Int', 'String', 'Int'])
        # Types by SDBC's numbers: 93 is a timestamp, -7 a bit, 12 text, 91 a date.
        self.assertEqual([row[3:5] for row in columns], [['sale_id', 4], ['customer', 12], ['amount', 2], ['sold_on', 91],
                                                         ['sold_at', 93], ['paid', -7]])
        self.assertEqual([row[6] for row in columns[:3]], [10, 60, 18])
        keys = self.rows(self.kept(data.getPrimaryKeys(None, 'public', 'demo_sales')), ['String'] * 4)
        self.assertEqual([row[3] for row in keys], ['sale_id'])


class Refusals(unittest.TestCase):
    def refused(self, **more):
        with self.assertRaises(SQLException) as caught:
            opened(**more).close()
        return caught.exception

    def test_wrong_password(self):
        error = self.refused(PWD='wrong')
        self.assertEqual(error.SQLState, '28000')
        self.assertIn('[Redshift][ODBC Driver][Server]password authentication failed for user "rs_test"' + REFUSAL,
                      error.Message)

    def test_wrong_ca(self):
        error = self.refused(CaFile=E['RS_OTHER_CA_FILE'])
        self.assertEqual(error.SQLState, '08001')
        self.assertIn(f'[Redshift][ODBC Driver]the certificate of "{E["RS_PG_HOST"]}" could not be verified', error.Message)


if __name__ == '__main__':
    unittest.main()
