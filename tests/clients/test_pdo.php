<?php
// PDO_ODBC over TLS: every type there and back, long text, bytes, errors, rollback, two results.
// What it cannot do with any driver: arrays of parameters, and metadata of tables (PDO has none);
// bytes come as their hexadecimal text, since it reads every column as text.
$extension = 'pdo_odbc';
require __DIR__ . '/client.php';

function connect(array $more = []): PDO
{
    return new PDO('odbc:' . keys($more), null, null, [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]);
}

// The message that the user sees of what fails.
function refused(callable $what): string
{
    try {
        $what();
    } catch (PDOException $e) {
        return $e->getMessage();
    }
    return 'nothing failed';
}

$pdo = connect();
is($pdo->getAttribute(PDO::ATTR_SERVER_INFO), getenv('RS_TEST_DBMS') ?: 'PostgreSQL', 'the server');

$pdo->exec('create temp table php_pdo (i int, s smallint, b bigint, n numeric(18,4), r real, x float8, f boolean, '
    . 'c char(8), t varchar(100), d date, h time, ts timestamp, tz timestamptz)');
$rows = [['1', '-32768', '4611686018427387904', '12345.6789', '0.25', '-1e+300', '1', 'ab      ', 'Zoë 東京 😀',
        '2024-02-29', '23:59:59.999999', '2024-02-29 12:34:56.789012', '2024-02-29 12:34:56.5'],
    array_fill(0, 13, null),
    ['-5', '0', '-9223372036854775808', '-0.0001', '0', '0.1', '0', '        ', '', '0001-01-01', '00:00:00',
        '1999-12-31 23:59:59', '1970-01-01 00:00:00']];
$pdo->exec("set timezone = 'UTC'");
$st = $pdo->prepare('insert into php_pdo values (' . implode(',', array_fill(0, 13, '?')) . ')');
foreach ($rows as $row) {
    $st->execute($row);
    is($st->rowCount(), 1, 'one row');
}
is($pdo->query('select * from php_pdo')->fetchAll(PDO::FETCH_NUM), $rows, 'read back equal');
$st = $pdo->prepare('select t from php_pdo where i = :i and f = :f');
$st->bindValue('i', 1, PDO::PARAM_INT);
$st->bindValue('f', true, PDO::PARAM_BOOL);
$st->execute();
is($st->fetchAll(PDO::FETCH_ASSOC), [['t' => 'Zoë 東京 😀']], 'named parameters');
is($st->getColumnMeta(0)['name'], 't', 'a column\'s name');

// Redshift has no temporary procedures.
$twice = 'rs_test.php_twice_' . getmypid();
$pdo->exec("create procedure $twice(inout v varchar, out n integer) language plpgsql "
    . "as $$ begin v := v || v; n := length(v); end $$");
$st = $pdo->prepare("{call $twice(?, ?)}");
$word = 'Zoë ';
$n = '';
$st->bindParam(1, $word, PDO::PARAM_STR | PDO::PARAM_INPUT_OUTPUT, 100);
$st->bindParam(2, $n, PDO::PARAM_STR | PDO::PARAM_INPUT_OUTPUT, 20);
$st->execute();
is([$word, $n], ['Zoë Zoë ', '8'], 'values of a procedure');
$pdo->exec("drop procedure $twice(varchar)");
$st = $pdo->prepare('{?=call length(?)}');
$st->bindParam(1, $n, PDO::PARAM_STR | PDO::PARAM_INPUT_OUTPUT, 20);
$st->bindValue(2, 'abc');
$st->execute();
is($n, '3', 'the value of a function');

$text = str_repeat('0123456789ä😀', 70000);
$pdo->exec('create temp table php_long (t text, b ' . (getenv('RS_TEST_BYTES') ?: 'bytea') . ')');
$pdo->prepare('insert into php_long (t) values (?)')->execute([$text]);
is($pdo->query('select t from php_long')->fetchColumn(), $text, 'a megabyte of text');
$bytes = str_repeat(implode(array_map('chr', range(0, 255))), 1000);
$stream = fopen('php://memory', 'r+');
fwrite($stream, $bytes);
rewind($stream);
$st = $pdo->prepare('update php_long set b = ?');
$st->bindParam(1, $stream, PDO::PARAM_LOB);
$st->execute();
is($pdo->query('select b from php_long')->fetchColumn(), strtoupper(bin2hex($bytes)), 'bytes from a stream');

$a = $pdo->query('select i from generate_series(1, 5000) i');
is($a->fetchColumn(), '1', 'the first of two results');
$b = $pdo->prepare('select i * 2 from generate_series(1, ?) i');
$b->execute([2000]);
for ($sum = [1, 0], $n = 0; ($one = $a->fetchColumn()) !== false; $n++) {
    $sum[0] += $one;
    if ($n % 2 === 0 && ($two = $b->fetchColumn()) !== false) {
        $sum[1] += $two;
    }
    if ($n % 1000 === 500) {
        is($pdo->query("select $n")->fetchColumn(), (string)$n, "a third statement at $n");
    }
}
is($sum, [12502500, 4002000], 'both to their ends, in turns');

$syntax = 'SQLSTATE[42000]: Syntax error or access violation: [Redshift][ODBC Driver][Server]syntax error at or near "selec"';
is(substr(refused(fn() => $pdo->exec('selec 1')), 0, strlen($syntax)), $syntax, 'a syntax error');
foreach (['select * from no_such_table' => '42S02', 'select no_such from demo_sales' => '42S22', 'select 1/0' => '22012',
    'create temp table php_long (i int)' => '42S01'] as $sql => $state) {
    refused(fn() => $pdo->exec($sql));
    is($pdo->errorCode(), $state, $sql);
}
$pdo->beginTransaction();
$pdo->exec('insert into php_pdo (i) values (9)');
$pdo->rollBack();
is($pdo->query('select count(*) from php_pdo where i = 9')->fetchColumn(), '0', 'rolled back');
$pdo->beginTransaction();
$pdo->exec('insert into php_pdo (i) values (9)');
$pdo->commit();
is($pdo->query('select count(*) from php_pdo where i = 9')->fetchColumn(), '1', 'committed');

is(refused(fn() => connect(['PWD' => 'wrong'])), 'SQLSTATE[28000] SQLDriverConnect: 0 [Redshift][ODBC Driver][Server]password '
    . 'authentication failed for user "rs_test"' . (getenv('RS_TEST_ON') ? '' : ' [SQLSTATE 28P01]'), 'a wrong password');
$host = getenv('RS_PG_HOST');
$ca = getenv('RS_OTHER_CA_FILE');
$chain = "SQLSTATE[08001] SQLDriverConnect: 0 [Redshift][ODBC Driver]the certificate of \"$host\" could not be verified with \"$ca\"";
is(substr(refused(fn() => connect(['CaFile' => $ca])), 0, strlen($chain)), $chain, 'a wrong CA');
exit($failed);
