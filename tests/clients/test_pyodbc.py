#!/usr/bin/python3
"""pyodbc over TLS, as an engineer uses it: types there and back, errors, transactions, metadata."""
import datetime, decimal, os, sys, unittest

try:
    import pyodbc
except ImportError:
    print('python3-pyodbc is not installed')
    sys.exit(77)
if 'RS_PG_PORT' not in os.environ:
    print('the sandbox is not up (RS_PG_PORT)')
    sys.exit(77)

E = os.environ
BYTES, REFUSAL = E.get('RS_TEST_BYTES', 'bytea'), E.get('RS_TEST_REFUSAL', ' [SQLSTATE 28P01]')


def braced(value):
    return '{' + value.replace('}', '}}') + '}'


def connection_string(**more):
    keys = {'Driver': '{Redshift ODBC}', 'Server': E['RS_PG_HOST'], 'Port': E['RS_PG_PORT'],
            'Database': E['RS_PG_DATABASE'], 'UID': E['RS_PG_USER'], 'PWD': braced(E['RS_PG_PASSWORD']),
            'CaFile': E['RS_CA_FILE'], **more}
    return ';'.join(f'{k}={v}' for k, v in keys.items()) + ';' + E.get('RS_TEST_KEYS', '')


def connect(autocommit=True, **more):
    return pyodbc.connect(connection_string(**more), autocommit=autocommit)


class Types(unittest.TestCase):
    ROWS = [
        (1, 2 ** 62, decimal.Decimal('12345678901234.5678'), 'plain', datetime.date(2024, 2, 29),
         datetime.datetime(2024, 2, 29, 12, 34, 56, 789012), True, 1.5),
        (-2147483648, -2 ** 63, decimal.Decimal('-0.0001'), 'Zoë № 東京 \u0141 😀🎉', datetime.date(1, 1, 1),
         datetime.datetime(1999, 12, 31, 23, 59, 59), False, -1e300),
        (None,) * 8,
        (2147483647, 0, decimal.Decimal('0'), '', datetime.date(9999, 12, 31),
         datetime.datetime(1970, 1, 1), True, 0.1),
        (0, 1, decimal.Decimal('99999999999999.9999'), "quote ' double \" back \\ ? {fn x} -- /*", None, None, None, None),
    ]

    def setUp(self):
        self.db = connect()
        self.cur = self.db.cursor()
        self.cur.execute('create temp table py_types (i int, b bigint, n numeric(18,4), t varchar(200), d date, '
                         'ts timestamp, f boolean, x float8)')

    def tearDown(self):
        self.db.close()

    def insert(self, rows):
        for row in rows:
            self.cur.execute('insert into py_types values (?,?,?,?,?,?,?,?)', row)
            self.assertEqual(self.cur.rowcount, 1)

    def test_there_and_back(self):
        self.insert(self.ROWS)
        got = [tuple(r) for r in self.cur.execute('select * from py_types').fetchall()]
        self.assertEqual(got, self.ROWS)

    def test_executemany(self):
        self.cur.executemany('insert into py_types values (?,?,?,?,?,?,?,?)', self.ROWS * 20)
        self.assertEqual(tuple(self.cur.execute('select count(*), count(i) from py_types').fetchone()), (100, 80))

    def test_fast_executemany(self):
        rows = [(i, i * 10 ** 9, f'строка {i} 😀', datetime.datetime(2020, 1, 1) + datetime.timedelta(seconds=i))
                for i in range(500)]
        self.cur.fast_executemany = True
        self.cur.executemany('insert into py_types (i, b, t, ts) values (?,?,?,?)', rows)
        got = [tuple(r) for r in self.cur.execute('select i, b, t, ts from py_types order by i').fetchall()]
        self.assertEqual(got, rows)

    def test_fast_executemany_of_many_rows(self):
        rows = [(i, None if i % 10 == 0 else f'row {i} ж') for i in range(100000)]
        self.cur.execute('create temp table py_many (i int primary key, t varchar(40))')
        self.cur.fast_executemany = True
        self.cur.executemany('insert into py_many values (?,?)', rows)
        got = self.cur.execute('select count(*), sum(cast(i as bigint)), count(t), max(t) from py_many').fetchone()
        self.assertEqual(tuple(got), (100000, 4999950000, 90000, 'row 99999 ж'))
        self.cur.execute('delete from py_many where i >= 500')
        self.db.autocommit = False
        with self.assertRaises(pyodbc.IntegrityError):
            self.cur.executemany('insert into py_many values (?,?)', rows[500:3000] + rows[499:500])
        self.db.rollback()
        self.db.autocommit = True
        self.assertEqual(self.cur.execute('select count(*) from py_many').fetchone()[0], 500)

    def test_one_megabyte_of_text(self):
        text = ('0123456789äöü€😀' * 70000)[:1000000]
        self.cur.execute('create temp table py_long (id int, t text)')
        self.cur.execute('insert into py_long values (?, ?)', 1, text)
        got = self.cur.execute('select t from py_long').fetchone()[0]
        self.assertEqual(len(got), len(text))
        self.assertTrue(got == text)

    def test_bytes(self):
        data = bytes(range(256)) * 40
        self.cur.execute(f'create temp table py_bytes (b {BYTES})')
        self.cur.execute('insert into py_bytes values (?)', data)
        self.assertEqual(self.cur.execute('select b from py_bytes').fetchone()[0], data)

    def test_where_with_parameters(self):
        self.insert(self.ROWS)
        for column, value, count in [('i', 1, 1), ('b', 2 ** 62, 1), ('n', decimal.Decimal('-0.0001'), 1), ('t', '', 1),
                                     ('d', datetime.date(2024, 2, 29), 1), ('f', True, 2), ('x', 0.1, 1),
                                     ('ts', datetime.datetime(1999, 12, 31, 23, 59, 59), 1)]:
            got = self.cur.execute(f'select count(*) from py_types where {column} = ?', value).fetchone()[0]
            self.assertEqual((column, got), (column, count))

    def test_description(self):
        self.cur.execute('select * from py_types')
        self.assertEqual([(d[0], d[1]) for d in self.cur.description],
                         [('i', int), ('b', int), ('n', decimal.Decimal), ('t', str), ('d', datetime.date),
                          ('ts', datetime.datetime), ('f', bool), ('x', float)])
        self.assertEqual(self.cur.description[2][4:6], (18, 4))
        self.assertEqual(self.cur.description[3][3], 200)


class Errors(unittest.TestCase):
    def setUp(self):
        self.db = connect()
        self.cur = self.db.cursor()

    def tearDown(self):
        self.db.close()

    def state(self, sql, *params):
        with self.assertRaises(pyodbc.Error) as caught:
            self.cur.execute(sql, *params)
        return caught.exception.args[0], str(caught.exception)

    def test_states(self):
        self.cur.execute('create temp table py_key (id int primary key)')
        self.cur.execute('insert into py_key values (1)')
        for sql, want in [('selec 1', '42000'), ('insert into py_key values (1)', '23000'),
                          ('select * from no_such_table', '42S02'), ('select no_such from py_key', '42S22'),
                          ('select 1/0', '22012'), ("select cast('x' as int)", '22018'),
                          ('create temp table py_key (id int)', '42S01')]:
            got, text = self.state(sql)
            self.assertEqual((sql, got), (sql, want), text)
            self.assertIn('[Redshift][ODBC Driver][Server]', text)
        self.assertEqual(self.cur.execute('select count(*) from py_key').fetchone()[0], 1)

    def test_wrong_password(self):
        with self.assertRaises(pyodbc.Error) as caught:
            connect(PWD='wrong')
        self.assertEqual(caught.exception.args[0], '28000')
        self.assertIn('password authentication failed for user "rs_test"' + REFUSAL, str(caught.exception))

    def test_wrong_ca(self):
        with self.assertRaises(pyodbc.OperationalError) as caught:
            connect(SSLMode='verify-full', CaFile=E['RS_OTHER_CA_FILE'])
        self.assertEqual(caught.exception.args[0], '08001')
        self.assertIn(f'the certificate of "{E["RS_PG_HOST"]}" could not be verified', str(caught.exception))
        connect(SSLMode='verify-full').close()

    def test_too_few_parameters(self):
        self.assertEqual(self.state('select ?', ())[0] in ('07002', 'HY000'), True)


class Transactions(unittest.TestCase):
    def test_rollback_and_commit(self):
        a, b = connect(autocommit=False), connect()
        try:
            name = f'py_txn_{os.getpid()}'
            b.execute(f'drop table if exists {name}')
            a.execute(f'create table {name} (i int)')
            a.rollback()
            with self.assertRaises(pyodbc.Error):
                b.execute(f'select * from {name}')
            a.execute(f'create table {name} (i int)')
            a.execute(f'insert into {name} values (1)')
            a.commit()
            a.execute(f'insert into {name} values (2)')
            self.assertEqual(b.execute(f'select count(*) from {name}').fetchone()[0], 1)
            a.rollback()
            self.assertEqual(a.execute(f'select count(*) from {name}').fetchone()[0], 1)
            a.commit()
            b.execute(f'drop table {name}')
        finally:
            a.close()
            b.close()

    def test_error_rolls_back(self):
        db = connect(autocommit=False)
        cur = db.cursor()
        cur.execute('create temp table py_undone (i int)')
        with self.assertRaises(pyodbc.Error):
            cur.execute('select 1/0')
        self.assertEqual(cur.execute('select 1').fetchone()[0], 1)  # a new transaction
        db.close()

    def test_two_cursors_in_turns(self):
        """Both inside one transaction, one of them with a parameter, to their ends."""
        db = connect(autocommit=False)
        a, b, c = db.cursor(), db.cursor(), db.cursor()
        a.execute('select i from generate_series(1, 20000) i')
        b.execute('select i * 2 from generate_series(1, cast(? as int)) i', 20000)
        for i in range(1, 20001):
            self.assertEqual((a.fetchone()[0], b.fetchone()[0]), (i, 2 * i))
            if i % 5000 == 0:
                self.assertEqual(c.execute('select ?', str(i)).fetchone()[0], str(i))
        self.assertEqual((a.fetchone(), b.fetchone()), (None, None))
        db.close()

    def test_two_cursors_at_once(self):
        db = connect()
        a, b = db.cursor(), db.cursor()
        a.execute('select i from generate_series(1, 5000) i')
        self.assertEqual(a.fetchone()[0], 1)
        b.execute('select i from generate_series(1, 3) i')
        self.assertEqual([r[0] for r in a.fetchmany(3)], [2, 3, 4])
        self.assertEqual([r[0] for r in b.fetchall()], [1, 2, 3])
        self.assertEqual(sum(r[0] for r in a.fetchall()), sum(range(5, 5001)))
        db.close()

    def test_calls(self):
        """pyodbc binds for input alone: values come as a row, cursors as results."""
        db = connect()
        cur = db.cursor()
        add, both = f'rs_test.py_add_{os.getpid()}', f'rs_test.py_open_{os.getpid()}'  # Redshift has no temporary ones
        cur.execute(f"create procedure {add}(a int, inout b int, inout w varchar) language plpgsql "
                    "as $$ begin b := a + b; w := w || '!'; end $$")
        cur.execute(f'{{call {add}(?, ?, ?)}}', 1, 2, 'so')
        self.assertEqual(tuple(cur.fetchone()), (3, 'so!'))
        self.assertFalse(cur.nextset())
        cur.execute(f"create procedure {both}(n int, inout a refcursor, inout b refcursor) language plpgsql "
                    "as $$ begin open a for select generate_series(1, n); open b for select 'b'; end $$")
        cur.execute(f'{{call {both}(?, null, null)}}', 3)
        self.assertEqual([r[0] for r in cur.fetchall()], [1, 2, 3])
        self.assertTrue(cur.nextset())
        self.assertEqual([r[0] for r in cur.fetchall()], ['b'])
        self.assertFalse(cur.nextset())
        cur.execute(f'drop procedure {add}(int, int, varchar)')
        cur.execute(f'drop procedure {both}(int, refcursor, refcursor)')
        db.close()


class Metadata(unittest.TestCase):
    def test_tables_and_columns(self):
        db = connect()
        cur = db.cursor()
        rows = cur.tables(table='demo_sales').fetchall()
        self.assertEqual([(r.table_schem, r.table_name, r.table_type) for r in rows], [('public', 'demo_sales', 'TABLE')])
        self.assertEqual(rows[0].table_cat, E['RS_PG_DATABASE'])
        got = [(r.column_name, r.type_name, r.column_size) for r in cur.columns(table='demo_sales', schema='public')]
        self.assertEqual(got, [('sale_id', 'int4', 10), ('customer', 'varchar', 60), ('amount', 'numeric', 18),
                               ('sold_on', 'date', 10), ('sold_at', 'timestamp', 26), ('paid', 'bool', 1)])
        self.assertTrue(cur.getTypeInfo(pyodbc.SQL_INTEGER).fetchall())
        self.assertEqual(db.getinfo(pyodbc.SQL_DBMS_NAME), E.get('RS_TEST_DBMS', 'PostgreSQL'))
        db.close()

    def test_redshift_flavour(self):
        s = connection_string(Server=E['RS_REDSHIFT_HOST'], Port=E['RS_REDSHIFT_PORT'], UID=E['RS_REDSHIFT_USER'],
                              PWD=braced(E['RS_REDSHIFT_PASSWORD']))
        db = pyodbc.connect(s, autocommit=True)
        self.assertEqual(db.getinfo(pyodbc.SQL_DBMS_NAME), 'Redshift')
        self.assertEqual(db.execute('select ?', 'back\\slash').fetchone()[0], 'back\\slash')
        self.assertEqual(db.execute('select customer from demo_sales where sale_id = ?', 9).fetchone()[0], '😀 emoji')
        db.close()


if __name__ == '__main__':
    unittest.main()
