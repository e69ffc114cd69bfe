<?php
// PDO_ODBC and the odbc functions over TLS: values there and back, long text, errors, rollback.
if (!extension_loaded('odbc') || !extension_loaded('pdo_odbc')) {
    echo "php-odbc is not installed\n";
    exit(77);
}
if (!getenv('RS_PG_PORT')) {
    echo "the sandbox is not up (RS_PG_PORT)\n";
    exit(77);
}
$failed = 0;
function is($got, $want, string $what): void
{
    global $failed;
    if ($got === $want) {
        echo "ok: $what\n";
        return;
    }
    $failed = 1;
    echo "FAILED: $what: ", substr(var_export($got, true), 0, 300), ' instead of ', substr(var_export($want, true), 0, 300), "\n";
}
$keys = 'Driver={Redshift ODBC};Server=' . getenv('RS_PG_HOST') . ';Port=' . getenv('RS_PG_PORT') . ';Database='
    . getenv('RS_PG_DATABASE') . ';CaFile=' . getenv('RS_CA_FILE') . ';UID=' . getenv('RS_PG_USER') . ';'
    . getenv('RS_TEST_KEYS');
$pwd = '{' . str_replace('}', '}}', getenv('RS_PG_PASSWORD')) . '}';

$pdo = new PDO("odbc:$keys;PWD=$pwd", null, null, [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]);
$pdo->exec('create temp table php_pdo (i int, b bigint, n numeric(18,4), t varchar(100), d date, ts timestamp)');
$rows = [['1', '4611686018427387904', '12345.6789', 'Zoë 東京 😀', '2024-02-29', '2024-02-29 12:34:56.789012'],
    [null, null, null, null, null, null], ['-5', '0', '-0.0001', '', '0001-01-01', '1999-12-31 23:59:59']];
$st = $pdo->prepare('insert into php_pdo values (?,?,?,?,?,?)');
foreach ($rows as $row) {
    $st->execute($row);
}
is($pdo->query('select * from php_pdo')->fetchAll(PDO::FETCH_NUM), $rows, 'PDO: read back equal');
$text = str_repeat('0123456789ä', 90000);
$pdo->exec('create temp table php_long (t text)');
$pdo->prepare('insert into php_long values (?)')->execute([$text]);
is($pdo->query('select t from php_long')->fetchColumn(), $text, 'PDO: a megabyte of text');
try {
    $pdo->exec('selec 1');
    is('no error', 'an error', 'PDO: syntax error');
} catch (PDOException $e) {
    is($e->errorInfo[0], '42000', 'PDO: syntax error');
}
$pdo->beginTransaction();
$pdo->exec('insert into php_pdo (i) values (9)');
$pdo->rollBack();
is((int)$pdo->query('select count(*) from php_pdo where i = 9')->fetchColumn(), 0, 'PDO: rolled back');
try {
    new PDO("odbc:$keys;PWD=wrong");
    is('connected', 'refused', 'PDO: wrong password');
} catch (PDOException $e) {
    is(str_contains($e->getMessage(), '28000'), true, 'PDO: wrong password');
}

$db = odbc_connect("$keys;PWD=$pwd", '', '');
$r = odbc_exec($db, 'select customer, amount from demo_sales where sale_id = 2');
is(odbc_fetch_array($r), ['customer' => 'Björn Åkesson', 'amount' => '250.0000'], 'odbc: a row');
$st = odbc_prepare($db, 'select ?::int + ?::int');
odbc_execute($st, [40, 2]);
odbc_fetch_row($st);
is(odbc_result($st, 1), '42', 'odbc: parameters');
$a = odbc_exec($db, 'select i from generate_series(1, 2000) i');
odbc_fetch_row($a);
$b = odbc_exec($db, 'select 7');
odbc_fetch_row($b);
is([odbc_result($a, 1), odbc_result($b, 1)], ['1', '7'], 'odbc: two results at once');
for ($n = 1; odbc_fetch_row($a); $n++) {
}
is($n, 2000, 'odbc: the first one to its end');
is(@odbc_exec($db, 'select * from no_such_table'), false, 'odbc: no such table');
is(odbc_error($db), 'S0002', 'odbc: its state, in the words of ODBC 2, which this extension speaks');
$tables = odbc_tables($db, null, 'public', 'demo_sales', 'TABLE');
is(odbc_fetch_array($tables)['TABLE_NAME'], 'demo_sales', 'odbc: tables');
odbc_close($db);
exit($failed);
