#!/usr/bin/python3
"""SQLAlchemy over pyodbc and TLS: a schema made from Python classes, values there and back, reflection.

SQLAlchemy has no dialect for PostgreSQL or Redshift over ODBC. `Dialect` joins its own two halves, the
SQL of PostgreSQL and the connector of pyodbc, as its users do; nothing of the driver needs more. Arrays,
JSON and intervals of that dialect want psycopg2's decoding, so their columns come as text here. With
pyodbc's fast_executemany a text is at most as long as its column says, or UnknownSizes.
"""
import datetime, decimal, os, sys, unittest, urllib.parse

try:
    import pyodbc
    import sqlalchemy as sa
    from sqlalchemy import orm
    from sqlalchemy.connectors.pyodbc import PyODBCConnector
    from sqlalchemy.dialects.postgresql.base import PGDialect
    from sqlalchemy.ext.compiler import compiles
except ImportError:
    print('python3-pyodbc or python3-sqlalchemy is not installed')
    sys.exit(77)
if 'RS_PG_PORT' not in os.environ:
    print('the sandbox is not up (RS_PG_PORT)')
    sys.exit(77)

E = os.environ
REFUSAL = E.get('RS_TEST_REFUSAL', ' [SQLSTATE 28P01]')


class Dialect(PyODBCConnector, PGDialect):
    supports_statement_cache = True
    supports_sane_rowcount_returning = False


@compiles(sa.LargeBinary, 'postgresql')
def bytes_type(*_, **__):
    return E.get('RS_TEST_BYTES', 'bytea')


def not_on_redshift(why):
    return unittest.skipIf('RS_TEST_ON' in E, 'Redshift has no ' + why)


sa.dialects.registry.register('postgresql.odbc', __name__, 'Dialect')


def braced(value):
    return '{' + value.replace('}', '}}') + '}'


def engine(fast=False, **more):
    """An engine as its URL makes it; `more` says which keys are different."""
    keys = {'Driver': '{Redshift ODBC}', 'Server': E['RS_PG_HOST'], 'Port': E['RS_PG_PORT'],
            'Database': E['RS_PG_DATABASE'], 'UID': E['RS_PG_USER'], 'PWD': braced(E['RS_PG_PASSWORD']),
            'SSLMode': 'verify-full', 'CaFile': E['RS_CA_FILE'], **more}
    text = ';'.join(f'{k}={v}' for k, v in keys.items()) + ';' + E.get('RS_TEST_KEYS', '')
    made = sa.create_engine('postgresql+odbc:///?odbc_connect=' + urllib.parse.quote_plus(urllib.parse.quote_plus(text)))

    @sa.event.listens_for(made, 'before_cursor_execute')
    def before(connection, cursor, statement, parameters, context, executemany):
        cursor.fast_executemany = fast and executemany
    return made


Base = orm.declarative_base()


class Sale(Base):
    __tablename__ = f'sa_sale_{os.getpid()}'
    __table_args__ = {'schema': 'public'}
    id = sa.Column(sa.Integer, primary_key=True)
    big = sa.Column(sa.BigInteger)
    amount = sa.Column(sa.Numeric(18, 4))
    ratio = sa.Column(sa.Float)
    customer = sa.Column(sa.Unicode(100))
    note = sa.Column(sa.Text)
    sold_on = sa.Column(sa.Date)
    sold_at = sa.Column(sa.DateTime)
    hour = sa.Column(sa.Time)
    paid = sa.Column(sa.Boolean)
    picture = sa.Column(sa.LargeBinary)


FIELDS = [c.name for c in Sale.__table__.columns]
ROWS = [
    (1, 2 ** 62, decimal.Decimal('12345678901234.5678'), 1.5, 'Zoë № 東京 😀🎉', 'ж' * 500000 + '😀' * 250000,
     datetime.date(2024, 2, 29), datetime.datetime(2024, 2, 29, 12, 34, 56, 789012), datetime.time(23, 59, 59), True,
     bytes(range(256)) * 40),
    (2,) + (None,) * 10,
    (3, -2 ** 63, decimal.Decimal('-0.0001'), -1e300, '', "quote ' \" back \\ ? :x %s %% {fn x}", datetime.date(1, 1, 1),
     datetime.datetime(1999, 12, 31, 23, 59, 59), datetime.time(0, 0), False, b''),
]


class Schema(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.engine = engine()
        Base.metadata.create_all(cls.engine)

    @classmethod
    def tearDownClass(cls):
        Base.metadata.drop_all(cls.engine)
        cls.engine.dispose()

    def setUp(self):
        with self.engine.begin() as c:
            c.execute(sa.delete(Sale))

    def test_there_and_back(self):
        with orm.Session(self.engine) as session:
            for row in ROWS:
                session.add(Sale(**dict(zip(FIELDS, row))))
            session.commit()
        with orm.Session(self.engine) as session:
            got = [tuple(getattr(s, f) for f in FIELDS) for s in session.query(Sale).order_by(Sale.id)]
            self.assertTrue(got == ROWS, [[str(v)[:40] for v in row] for row in got])
            found = session.query(Sale).filter(Sale.customer.like('%東京%'), Sale.paid.is_(True)).one()
            self.assertEqual(found.id, 1)

    def test_key_from_the_server(self):
        with orm.Session(self.engine) as session:
            sale = Sale(customer='new')
            session.add(sale)
            session.flush()
            self.assertGreater(sale.id, 0)
            sale.customer = 'changed'
            session.commit()
            self.assertEqual(session.query(Sale.customer).filter_by(id=sale.id).scalar(), 'changed')

    def test_many_rows(self):
        rows = [{'id': i, 'customer': f'строка {i} 😀', 'amount': decimal.Decimal(i) / 4, 'sold_at':
                 datetime.datetime(2020, 1, 1) + datetime.timedelta(seconds=i)} for i in range(1, 5001)]
        fast = engine(fast=True)
        with fast.begin() as c:
            c.execute(sa.insert(Sale), rows)
            total = c.execute(sa.select(sa.func.count(), sa.func.sum(Sale.amount), sa.func.max(Sale.sold_at))).one()
            self.assertEqual(tuple(total), (5000, decimal.Decimal(5000 * 5001) / 8, rows[-1]['sold_at']))
            self.assertEqual(c.execute(sa.select(Sale.customer).where(Sale.id == 4999)).scalar(), 'строка 4999 😀')
        fast.dispose()

    def test_two_results_at_once(self):
        with self.engine.connect() as c:
            a = c.execution_options(stream_results=True).execute(sa.text('select i from generate_series(1, 3000) i'))
            b = c.execute(sa.text('select i * 2 from generate_series(1, :n) i'), {'n': 3000})
            self.assertTrue(all(y[0] == 2 * x[0] for x, y in zip(a, b)))
            self.assertEqual((a.fetchall(), b.fetchall()), ([], []))

    def test_rollback(self):
        with self.engine.connect() as c:
            transaction = c.begin()
            c.execute(sa.insert(Sale).values(id=9))
            transaction.rollback()
            self.assertEqual(c.execute(sa.select(sa.func.count()).select_from(Sale)).scalar(), 0)

    @not_on_redshift('SAVEPOINT')
    def test_savepoint(self):
        with self.engine.begin() as c:
            c.execute(sa.insert(Sale).values(id=1))
            inner = c.begin_nested()
            c.execute(sa.insert(Sale).values(id=2))
            inner.rollback()
            self.assertEqual(c.execute(sa.select(Sale.id)).scalars().all(), [1])

    @not_on_redshift('SET SESSION CHARACTERISTICS')
    def test_autocommit(self):
        with self.engine.connect().execution_options(isolation_level='AUTOCOMMIT') as c:
            c.execute(sa.insert(Sale).values(id=7))
        with self.engine.connect() as c:
            self.assertEqual(c.execute(sa.select(Sale.id)).scalar(), 7)

    def test_reflection(self):
        inspector = sa.inspect(self.engine)
        self.assertIn('demo_sales', inspector.get_table_names('public'))
        self.assertIn('demo_paid', inspector.get_view_names('public'))
        self.assertEqual(inspector.get_pk_constraint('demo_sales', 'public')['constrained_columns'], ['sale_id'])
        self.assertEqual([(k['constrained_columns'], k['referred_table']) for k in
                          inspector.get_foreign_keys('regions', 'second')], [(['parent_id'], 'regions')])
        got = [(c['name'], str(c['type']), c['nullable']) for c in inspector.get_columns('demo_sales', 'public')]
        self.assertEqual(got, [('sale_id', 'INTEGER', False), ('customer', 'VARCHAR(60)', True),
                               ('amount', 'NUMERIC(18, 4)', True), ('sold_on', 'DATE', True),
                               ('sold_at', 'TIMESTAMP', True), ('paid', 'BOOLEAN', True)])
        table = sa.Table('Odd %_Name', sa.MetaData(), schema='second', autoload_with=self.engine)
        self.assertEqual([c.name for c in table.columns], ['Mixed Case', 'quote"d', 'späße'])
        with self.engine.connect() as c:
            self.assertEqual(c.execute(sa.select(table)).all(), [])


class Errors(unittest.TestCase):
    def failure(self, kind, engine, sql='select 1', **params):
        with self.assertRaises(kind) as caught:
            with engine.connect() as c:
                c.execute(sa.text(sql), params)
        return caught.exception.orig.args[0], str(caught.exception)

    def test_states(self):
        right = engine()
        for kind, sql, want in [(sa.exc.ProgrammingError, 'selec 1', '42000'),
                                (sa.exc.ProgrammingError, 'select * from no_such_table', '42S02'),
                                (sa.exc.IntegrityError, 'insert into demo_sales (sale_id) values (1)', '23000'),
                                (sa.exc.DataError, 'select 1/0', '22012')]:
            state, text = self.failure(kind, right, sql)
            self.assertEqual((sql, state), (sql, want), text)
            self.assertIn('[Redshift][ODBC Driver][Server]', text)
        right.dispose()

    def test_wrong_password(self):
        state, text = self.failure(sa.exc.InterfaceError, engine(PWD='wrong'))
        self.assertEqual(state, '28000')
        self.assertIn('password authentication failed for user "rs_test"' + REFUSAL, text)

    def test_wrong_ca(self):
        state, text = self.failure(sa.exc.OperationalError, engine(CaFile=E['RS_OTHER_CA_FILE']))
        self.assertEqual(state, '08001')
        self.assertIn(f'the certificate of "{E["RS_PG_HOST"]}" could not be verified', text)

    def test_lost_connection(self):
        """The pool must see that a connection is dead, and make another."""
        right = engine()
        with right.connect() as c:
            pid = c.execute(sa.text('select pg_backend_pid()')).scalar()
        other = engine()
        with other.begin() as c:
            c.execute(sa.text('select pg_terminate_backend(:pid, 5000)'), {'pid': pid})
        state, text = self.failure(sa.exc.DBAPIError, right)
        self.assertEqual(state, '08S01', text)
        right.dispose()
        other.dispose()


if __name__ == '__main__':
    unittest.main()
