<?php
// What the PHP tests share: whether they can run, whom they connect to, what they say.
// $extension: what the test is of.
if (!extension_loaded($extension)) {
    echo "php-odbc is not installed\n";
    exit(77);
}
if (!getenv('RS_PG_PORT')) {
    echo "the sandbox is not up (RS_PG_PORT)\n";
    exit(77);
}
$failed = 0;
function shown($value): string
{
    return substr(var_export($value, true), 0, 300);
}

function is($got, $want, string $what): void
{
    global $failed;
    if ($got === $want) {
        echo "ok: $what\n";
        return;
    }
    $failed = 1;
    echo "FAILED: $what: ", shown($got), ' instead of ', shown($want), "\n";
}

function braced(string $value): string
{
    return '{' . str_replace('}', '}}', $value) . '}';
}

// The connection string; $more says what is different.
function keys(array $more = []): string
{
    $keys = $more + ['Driver' => '{Redshift ODBC}', 'Server' => getenv('RS_PG_HOST'), 'Port' => getenv('RS_PG_PORT'),
        'Database' => getenv('RS_PG_DATABASE'), 'UID' => getenv('RS_PG_USER'), 'PWD' => braced(getenv('RS_PG_PASSWORD')),
        'SSLMode' => 'verify-full', 'CaFile' => getenv('RS_CA_FILE')];
    $text = '';
    foreach ($keys as $key => $value) {
        $text .= "$key=$value;";
    }
    return $text . getenv('RS_TEST_KEYS');
}
