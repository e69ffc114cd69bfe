// Node's odbc over TLS: types there and back, long text, cursors, a pool, errors, rollback, metadata.
// What it cannot do with any driver: arrays of parameters. It makes doubles of numerics and of reals,
// which it reads with so little room that their last digits are missing; a bit is text. A text longer
// than its column says is cut without a word, so for text without a declared length UnknownSizes must be
// above MaxVarchar: then it is a LONG type, which it reads in pieces.
'use strict';
const odbc = require('odbc');
const E = process.env;
let failed = 0;

function plain(value) {
    return JSON.stringify(value, (key, one) => {
        if (typeof one === 'bigint') {
            return `${one}n`;
        }
        return one instanceof ArrayBuffer ? Buffer.from(one).toString('hex') : one;
    });
}

function is(got, want, what) {
    if (plain(got) === plain(want)) {
        console.log(`ok: ${what}`);
        return;
    }
    failed = 1;
    console.log(`FAILED: ${what}: ${plain(got).slice(0, 300)} instead of ${plain(want).slice(0, 300)}`);
}

function keys(more = {}) {
    const all = {Driver: '{Redshift ODBC}', Server: E.RS_PG_HOST, Port: E.RS_PG_PORT, Database: E.RS_PG_DATABASE,
        UID: E.RS_PG_USER, PWD: `{${E.RS_PG_PASSWORD.replaceAll('}', '}}')}}`, SSLMode: 'verify-full',
        CaFile: E.RS_CA_FILE, UnknownSizes: 65535, ...more};
    return Object.entries(all).map(([key, value]) => `${key}=${value};`).join('') + (E.RS_TEST_KEYS ?? '');
}

// The state and message that the user sees of what fails.
async function refused(what) {
    try {
        await what();
    } catch (error) {
        return `${error.odbcErrors[0].state} ${error.odbcErrors[0].message}`;
    }
    return 'nothing failed';
}

async function values(db) {
    await db.query('create temp table nt (i int, b bigint, n numeric(18,4), x float8, f boolean, t varchar(200), '
        + 'z ' + (process.env.RS_TEST_BYTES || 'bytea') + ', d date, h time, ts timestamp)');
    const insert = 'insert into nt values (?,?,?,?,?,?,?,?,?,?)';
    const rows = [
        [1, 9223372036854775807n, 12345.6789, 1.5, true, 'Zoë 東京 😀', Buffer.from([0, 1, 255]), '2024-02-29',
            '23:59:59.999999', '2024-02-29 12:34:56.789012'],
        Array(10).fill(null),
        [-2147483648, -9223372036854775808n, -0.0001, -1e300, false, '', Buffer.from([]), '0001-01-01', '00:00:00',
            '1999-12-31 23:59:59'],
    ];
    for (const row of rows) {
        is((await db.query(insert, row)).count, 1, 'one row');
    }
    const want = rows.map(row => row.map(one => {
        if (Buffer.isBuffer(one)) {
            return one.toString('hex');
        }
        return typeof one === 'boolean' ? (one ? '1' : '0') : one;
    }));
    is((await db.query('select * from nt')).map(row => Object.values(row)), want, 'read back equal');
    const statement = await db.createStatement();
    await statement.prepare('select i from nt where t = ? and d = ?');
    await statement.bind(['Zoë 東京 😀', '2024-02-29']);
    is([...await statement.execute()], [{i: 1}], 'found by parameters');
    await statement.close();

    const long = '0123456789ä😀'.repeat(70000);
    await db.query('create temp table nt_long (t text)');
    await db.query('insert into nt_long values (?)', [long]);
    is([...await db.query('select t, octet_length(t) as n from nt_long')], [{t: long, n: 1120000}], 'a megabyte of text');
}

async function cursors(db) {
    const a = await db.query('select i from generate_series(1, 3000) i', {cursor: true, fetchSize: 100});
    const b = await db.query('select i * 2 as i from generate_series(1, 3000) i', {cursor: true, fetchSize: 100});
    let rows = 0;
    let sum = 0;
    while (!a.noData) {
        const one = await a.fetch();
        const two = await b.fetch();
        rows += one.length;
        one.forEach((row, n) => { sum += two[n].i - row.i; });
    }
    await a.close();
    await b.close();
    is([rows, sum], [3000, 4501500], 'two results to their ends, in turns');
}

async function errors(db) {
    is(await refused(() => db.query('selec 1')), '42000 [Redshift][ODBC Driver][Server]syntax error at or near "selec" at '
        + 'character 1 [SQLSTATE 42601]', 'a syntax error');
    for (const [sql, state] of [['select * from no_such_table', '42S02'], ['select 1/0', '22012'],
        ['insert into demo_sales (sale_id) values (1)', '23000']]) {
        is((await refused(() => db.query(sql))).slice(0, 5), state, sql);
    }
    await db.beginTransaction();
    await db.query('delete from nt');
    await db.rollback();
    is((await db.query('select count(*) as n from nt'))[0].n, 3n, 'rolled back');
    await db.beginTransaction();
    await db.query('delete from nt where i is null');
    await db.commit();
    is((await db.query('select count(*) as n from nt'))[0].n, 2n, 'committed');
}

async function metadata(db) {
    is((await db.tables(null, 'public', 'demo%', 'TABLE')).map(row => row.TABLE_NAME), ['demo_sales'], 'tables');
    is((await db.columns(null, 'public', 'demo_sales', null)).map(row => row.COLUMN_NAME),
        ['sale_id', 'customer', 'amount', 'sold_on', 'sold_at', 'paid'], 'columns');
    is((await db.primaryKeys(null, 'public', 'demo_sales')).map(row => row.COLUMN_NAME), ['sale_id'], 'a primary key');
    is((await db.query('select * from nt')).columns.slice(0, 3).map(c => [c.name, c.dataTypeName]),
        [['i', 'SQL_INTEGER'], ['b', 'SQL_BIGINT'], ['n', 'SQL_NUMERIC']], 'columns of a result');
}

async function main() {
    const db = await odbc.connect(keys());
    await values(db);
    await cursors(db);
    await errors(db);
    await metadata(db);
    await db.close();

    const pool = await odbc.pool(keys());
    const got = await Promise.all([1, 2, 3, 4, 5, 6].map(i => pool.query(`select ${i} as i, pg_sleep(0.05)`)));
    is(got.map(rows => rows[0].i), [1, 2, 3, 4, 5, 6], 'six queries of a pool at once');
    await pool.close();

    is(await refused(() => odbc.connect(keys({PWD: 'wrong'}))), '28000 [Redshift][ODBC Driver][Server]password '
        + 'authentication failed for user "rs_test"' + (process.env.RS_TEST_REFUSAL ?? ' [SQLSTATE 28P01]'), 'a wrong password');
    const chain = `08001 [Redshift][ODBC Driver]the certificate of "${E.RS_PG_HOST}" could not be verified`;
    is((await refused(() => odbc.connect(keys({CaFile: E.RS_OTHER_CA_FILE})))).slice(0, chain.length), chain, 'a wrong CA');
}

main().catch(error => {
    console.log('FAILED:', error);
    failed = 1;
}).finally(() => { process.exitCode = failed; });
