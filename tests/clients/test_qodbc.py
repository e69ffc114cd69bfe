#!/usr/bin/python3
"""Qt's QODBC over TLS: types there and back, batches, long text, errors, rollback, metadata.

What it cannot do with any driver: say an SQLSTATE, except the server's own where the message ends with it; times
below a millisecond; a day without a year of our era. Its batches are executed row by row, NULL lists
want a typed QVariant. Numbers come as floats unless its precision policy says text.
"""
import os, sys, unittest

try:
    from PyQt5.QtCore import QByteArray, QCoreApplication, QDate, QDateTime, QTime, QVariant
    from PyQt5.QtSql import QSql, QSqlDatabase, QSqlQuery, QSqlQueryModel
except ImportError:
    print('python3-pyqt5.qtsql is not installed')
    sys.exit(77)
if 'RS_PG_PORT' not in os.environ:
    print('the sandbox is not up (RS_PG_PORT)')
    sys.exit(77)

E = os.environ
BYTES, REFUSAL = E.get('RS_TEST_BYTES', 'bytea'), E.get('RS_TEST_REFUSAL', ' [SQLSTATE 28P01]')
application = QCoreApplication([])
if not QSqlDatabase.isDriverAvailable('QODBC'):
    print('libqt5sql5-odbc is not installed')
    sys.exit(77)


def braced(value):
    return '{' + value.replace('}', '}}') + '}'


def opened(name, **more):
    """(whether it is open, the database); `more` says which keys are different."""
    keys = {'Driver': '{Redshift ODBC}', 'Server': E['RS_PG_HOST'], 'Port': E['RS_PG_PORT'],
            'Database': E['RS_PG_DATABASE'], 'UID': E['RS_PG_USER'], 'PWD': braced(E['RS_PG_PASSWORD']),
            'SSLMode': 'verify-full', 'CaFile': E['RS_CA_FILE'], **more}
    db = QSqlDatabase.addDatabase('QODBC', name)
    db.setDatabaseName(';'.join(f'{k}={v}' for k, v in keys.items()) + ';' + E.get('RS_TEST_KEYS', ''))
    db.setNumericalPrecisionPolicy(QSql.HighPrecision)
    return db.open(), db


class Client(unittest.TestCase):
    ROWS = [
        [1, 2 ** 62, '12345678901234.5678', 1.5, True, 'Zoë № 東京 😀🎉', bytes(range(256)), QDate(2024, 2, 29),
         QTime(23, 59, 59), QDateTime(QDate(2024, 2, 29), QTime(12, 34, 56, 789))],
        [-2147483648, -2 ** 63, '-0.0001', -1e300, False, '', b'', QDate(1, 1, 1), QTime(0, 0),
         QDateTime(QDate(1999, 12, 31), QTime(23, 59, 59))],
    ]

    def setUp(self):
        good, self.db = opened(self.id())
        self.assertTrue(good, self.db.lastError().text())
        self.query = QSqlQuery(self.db)

    def tearDown(self):
        self.query = None
        self.db.close()
        self.db = None
        QSqlDatabase.removeDatabase(self.id())

    def run_query(self, sql, *values):
        """A query of its own, executed."""
        query = QSqlQuery(self.db)
        self.assertTrue(query.prepare(sql), query.lastError().text())
        for value in values:
            query.addBindValue(value)
        self.assertTrue(query.exec_(), query.lastError().text())
        return query

    def rows(self, query):
        got = []
        while query.next():
            row = [None if query.isNull(i) else query.value(i) for i in range(query.record().count())]
            got.append([bytes(v) if isinstance(v, QByteArray) else v for v in row])
        return got

    def make_table(self):
        self.run_query('create temp table qt (i int, b bigint, n numeric(18,4), x float8, f boolean, t varchar(200), '
                       f'z {BYTES}, d date, h time, ts timestamp)')

    def test_there_and_back(self):
        self.make_table()
        for row in self.ROWS:
            values = [QByteArray(v) if isinstance(v, bytes) else v for v in row]
            self.assertEqual(self.run_query('insert into qt values (?,?,?,?,?,?,?,?,?,?)', *values).numRowsAffected(), 1)
        self.run_query('insert into qt values (?,?,?,?,?,?,?,?,?,?)', *[QVariant(QVariant.String)] * 10)
        got = self.rows(self.run_query('select * from qt'))
        # The policy that keeps every digit of a numeric makes text of a double as well.
        got = [row[:3] + [row[3] and float(row[3])] + row[4:] for row in got]
        self.assertEqual(got, self.ROWS + [[None] * 10])
        self.assertEqual(self.rows(self.run_query('select i from qt where t = ? and d = ?', 'Zoë № 東京 😀🎉',
                                                  QDate(2024, 2, 29))), [[1]])

    def test_batch(self):
        self.make_table()
        self.assertTrue(self.query.prepare('insert into qt (i, t) values (:i, :t)'))
        self.query.bindValue(':i', list(range(500)))
        self.query.bindValue(':t', [f'строка {i} 😀' for i in range(499)] + [QVariant(QVariant.String)])
        self.assertTrue(self.query.execBatch(), self.query.lastError().text())
        got = self.rows(self.run_query('select i, t from qt order by i'))
        self.assertEqual(got, [[i, f'строка {i} 😀'] for i in range(499)] + [[499, None]])

    def test_long_text(self):
        text = '0123456789ä😀' * 70000
        self.run_query('create temp table qt_long (t text)')
        self.run_query('insert into qt_long values (?)', text)
        self.assertTrue(self.rows(self.run_query('select t, octet_length(t) from qt_long')) == [[text, 1120000]])

    def test_two_results_at_once(self):
        self.query.setForwardOnly(True)
        self.assertTrue(self.query.exec_('select i from generate_series(1, 3000) i'))
        other = self.run_query('select i * 2 from generate_series(1, cast(? as int)) i', 3000)
        count = 0
        while self.query.next():
            self.assertTrue(other.next())
            self.assertEqual(other.value(0), 2 * self.query.value(0))
            count += 1
        self.assertEqual((count, other.next()), (3000, False))

    def test_model(self):
        """What a table view is fed by: it goes to and fro in a static cursor."""
        model = QSqlQueryModel()
        model.setQuery('select sale_id, customer from demo_sales order by sale_id', self.db)
        self.assertEqual((model.rowCount(), model.columnCount()), (12, 2))
        self.assertEqual([model.data(model.index(row, 1)) for row in (8, 1, 3)], ['😀 emoji', 'Björn Åkesson', '東京商店'])

    def test_errors(self):
        for sql, want in [('selec 1', '[Redshift][ODBC Driver][Server]syntax error at or near "selec" at character 1 [SQLSTATE 42601]'),
                          ('select * from no_such_table', '[SQLSTATE 42P01]'), ('select 1/0', '[Redshift][ODBC Driver][Server]division by zero'),
                          ('insert into demo_sales (sale_id) values (1)', '[SQLSTATE 23505]')]:
            query = QSqlQuery(self.db)
            good = query.exec_(sql)
            if good:  # a division fails at its first row
                good = query.next()
            self.assertFalse(good, sql)
            self.assertIn(want, query.lastError().databaseText())

    def test_rollback(self):
        self.make_table()
        self.assertTrue(self.db.transaction(), self.db.lastError().text())
        self.run_query('insert into qt (i) values (9)')
        self.assertTrue(self.db.rollback(), self.db.lastError().text())
        self.assertEqual(self.rows(self.run_query('select count(*) from qt')), [[0]])
        self.assertTrue(self.db.transaction(), self.db.lastError().text())
        self.run_query('insert into qt (i) values (9)')
        self.assertTrue(self.db.commit(), self.db.lastError().text())
        self.assertEqual(self.rows(self.run_query('select count(*) from qt')), [[1]])

    def test_metadata(self):
        self.assertIn('demo_sales', self.db.tables(QSql.Tables))
        self.assertIn('demo_paid', self.db.tables(QSql.Views))
        record = self.db.record('demo_sales')
        self.assertEqual([record.fieldName(i) for i in range(record.count())],
                         ['sale_id', 'customer', 'amount', 'sold_on', 'sold_at', 'paid'])
        fields = [record.field(i) for i in range(record.count())]
        self.assertEqual([f.type() for f in fields[:5]],
                         [QVariant.Int, QVariant.String, QVariant.Double, QVariant.Date, QVariant.DateTime])
        self.assertEqual((fields[1].length(), fields[2].length(), fields[2].precision()), (60, 18, 4))
        key = self.db.primaryIndex('demo_sales')
        self.assertEqual([key.fieldName(i) for i in range(key.count())], ['sale_id'])


class Refusals(unittest.TestCase):
    def test_wrong_password(self):
        good, db = opened('password', PWD='wrong')
        self.assertFalse(good)
        self.assertEqual(db.lastError().databaseText(), '[Redshift][ODBC Driver][Server]password authentication failed '
                         'for user "rs_test"' + REFUSAL)

    def test_wrong_ca(self):
        good, db = opened('ca', CaFile=E['RS_OTHER_CA_FILE'])
        self.assertFalse(good)
        self.assertIn(f'[Redshift][ODBC Driver]the certificate of "{E["RS_PG_HOST"]}" could not be verified',
                      db.lastError().databaseText())


if __name__ == '__main__':
    unittest.main()
