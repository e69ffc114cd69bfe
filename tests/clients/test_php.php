<?php
// PHP's odbc functions over TLS: types there and back, long text, errors, rollback, two results.
// They are an ODBC 2 application, so they show that version's states. What they cannot do with any
// driver: arrays of parameters. A VARCHAR longer than its column says comes with what lies behind
// their buffer, so for text without a declared length UnknownSizes must be above MaxVarchar: then it
// is a LONG type, which they read in pieces up to odbc_longreadlen.
$extension = 'odbc';
require __DIR__ . '/client.php';

$db = odbc_connect(keys(['UnknownSizes' => '65535']), '', '');
$r = odbc_exec($db, 'select customer, amount from demo_sales where sale_id = 2');
is(odbc_fetch_array($r), ['customer' => 'Björn Åkesson', 'amount' => '250.0000'], 'a row');
odbc_exec($db, 'create temp table php_odbc (i int, b bigint, n numeric(18,4), x float8, f boolean, t varchar(100), '
    . 'd date, h time, ts timestamp)');
$rows = [['1', '4611686018427387904', '12345.6789', '-1e+300', '1', 'Zoë 東京 😀', '2024-02-29', '23:59:59.999999',
        '2024-02-29 12:34:56.789012'], array_fill(0, 9, null)];
$st = odbc_prepare($db, 'insert into php_odbc values (?,?,?,?,?,?,?,?,?)');
foreach ($rows as $row) {
    is(odbc_execute($st, $row), true, 'one row in');
}
$r = odbc_exec($db, 'select * from php_odbc');
foreach ($rows as $row) {
    $got = [];
    odbc_fetch_into($r, $got);
    is($got, $row, 'read back equal');
}
is([odbc_field_name($r, 3), odbc_field_type($r, 3), odbc_field_len($r, 3), odbc_field_scale($r, 3)],
    ['n', 'numeric', 18, 4], 'a column');
$text = str_repeat('0123456789ä😀', 70000);
odbc_exec($db, 'create temp table php_text (t text)');
$st = odbc_prepare($db, 'insert into php_text values (?)');
odbc_execute($st, [$text]);
$r = odbc_exec($db, 'select t from php_text');
odbc_longreadlen($r, 2000000);
odbc_fetch_row($r);
is(odbc_result($r, 1) === $text, true, 'a megabyte of text');

$a = odbc_exec($db, 'select i from generate_series(1, 2000) i');
$b = odbc_prepare($db, 'select i * 2 from generate_series(1, ?::int) i');
odbc_execute($b, [1000]);
for ($sum = [0, 0], $n = 0; odbc_fetch_row($a); $n++) {
    $sum[0] += odbc_result($a, 1);
    if ($n % 2 === 0 && odbc_fetch_row($b)) {
        $sum[1] += odbc_result($b, 1);
    }
}
is($sum, [2001000, 1001000], 'two results to their ends, in turns');

is(@odbc_exec($db, 'select * from no_such_table'), false, 'no such table');
is(odbc_error($db), 'S0002', 'its state');
is(str_starts_with(odbc_errormsg($db), '[Redshift][ODBC Driver][Server]relation "no_such_table" does not exist'), true,
    'its message');
odbc_autocommit($db, false);
odbc_exec($db, 'insert into php_odbc (i) values (9)');
odbc_rollback($db);
odbc_autocommit($db, true);
$r = odbc_exec($db, 'select count(*) from php_odbc where i = 9');
odbc_fetch_row($r);
is(odbc_result($r, 1), '0', 'rolled back');

$tables = odbc_tables($db, null, 'public', 'demo_sales', 'TABLE');
is(odbc_fetch_array($tables)['TABLE_NAME'], 'demo_sales', 'tables');
$columns = odbc_columns($db, null, 'public', 'demo_sales', '%');
for ($names = []; $row = odbc_fetch_array($columns);) {
    $names[] = $row['COLUMN_NAME'];
}
is($names, ['sale_id', 'customer', 'amount', 'sold_on', 'sold_at', 'paid'], 'columns');
is(odbc_fetch_array(odbc_gettypeinfo($db, 4))['TYPE_NAME'], 'int4', 'types');
odbc_close($db);

is(@odbc_connect(keys(['PWD' => 'wrong']), '', ''), false, 'a wrong password');
is(odbc_error(), '28000', 'its state');
is(@odbc_connect(keys(['CaFile' => getenv('RS_OTHER_CA_FILE')]), '', ''), false, 'a wrong CA');
is(odbc_error(), '08001', 'its state');
is(str_contains(odbc_errormsg(), 'could not be verified'), true, 'its message');
exit($failed);
