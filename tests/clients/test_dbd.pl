#!/usr/bin/perl
# DBD::ODBC over TLS: values there and back, NULLs, long text, errors, rollback, metadata.
use strict;
use warnings;
use utf8;

BEGIN {
    eval { require DBI; require DBD::ODBC; 1 } or do { print "libdbd-odbc-perl is not installed\n"; exit 77 };
    $ENV{RS_PG_PORT} or do { print "the sandbox is not up (RS_PG_PORT)\n"; exit 77 };
}
use Encode qw(decode_utf8 encode_utf8);
use Test::More;

my $refusal = $ENV{RS_TEST_REFUSAL} // ' [SQLSTATE 28P01]';
(my $pwd = $ENV{RS_PG_PASSWORD}) =~ s/}/}}/g;
my $dsn = "dbi:ODBC:Driver={Redshift ODBC};Server=$ENV{RS_PG_HOST};Port=$ENV{RS_PG_PORT};"
    . "Database=$ENV{RS_PG_DATABASE};SSLMode=verify-full;CaFile=$ENV{RS_CA_FILE};UID=$ENV{RS_PG_USER};PWD={$pwd};" . ($ENV{RS_TEST_KEYS} // '');
my $db = DBI->connect($dsn, undef, undef, { RaiseError => 1, PrintError => 0, AutoCommit => 1, LongReadLen => 3_000_000 });
ok($db, 'connected');

$db->do('create temp table dbd (i int, b bigint, n numeric(18,4), t varchar(100), d date, ts timestamp, f boolean)');
my $ins = $db->prepare('insert into dbd values (?,?,?,?,?,?,?)');
my @rows = ([1, '4611686018427387904', '12345.6789', 'plain', '2024-02-29', '2024-02-29 12:34:56.789012', 1],
    [undef, undef, undef, undef, undef, undef, undef],
    [-2147483648, '-9223372036854775808', '-0.0001', encode_utf8('Zoë 東京 😀'), '0001-01-01', '1999-12-31 23:59:59', 0]);
is($ins->execute(@$_), 1, 'one row') for @rows;
my $got = $db->selectall_arrayref('select * from dbd');
# What is wide text comes back decoded in a Unicode build and as bytes in another.
for my $row (@$got) { defined and utf8::is_utf8($_) and $_ = encode_utf8($_) for @$row }
is_deeply($got, \@rows, 'read back equal');

my $text = '0123456789' x 100_000;
$db->do('create temp table dbd_long (t varchar(3000000))');
$db->do('insert into dbd_long values (?)', undef, $text);
is($db->selectrow_array('select t from dbd_long'), $text, 'a megabyte of text');

is($db->do('delete from dbd where i = 77'), '0E0', 'no row deleted');
eval { $db->do('selec 1') };
is($db->state, '42000', 'syntax error');
like($@, qr/\[Redshift\]\[ODBC Driver\]\[Server\]/, 'the server says so');
eval { $db->do('select * from no_such_table') };
is($db->state, '42S02', 'no such table');

$db->begin_work;
$db->do('insert into dbd (i) values (9)');
$db->rollback;
is($db->selectrow_array('select count(*) from dbd where i = 9'), 0, 'rolled back');

my $sth = $db->table_info(undef, 'public', 'demo_sales', 'TABLE');
is($sth->fetchrow_hashref->{TABLE_NAME}, 'demo_sales', 'table_info');
$sth = $db->column_info(undef, 'public', 'demo_sales', '%');
is(join(',', map { $_->[3] } @{ $sth->fetchall_arrayref }), 'sale_id,customer,amount,sold_on,sold_at,paid', 'column_info');

my $two = $db->prepare('select i from generate_series(1, 1000) i');
$two->execute;
my $sum = 0;
while (my ($i) = $two->fetchrow_array) {
    my ($again) = $db->selectrow_array('select cast(? as int)', undef, $i) if $i % 250 == 0;
    is($again, $i, "a second statement at $i") if defined $again;
    $sum += $i;
}
is($sum, 500500, 'the first one went on');
$db->disconnect;

my $bad = eval { DBI->connect($dsn =~ s/PWD=\{.*?\};/PWD=wrong;/r, undef, undef, { RaiseError => 1, PrintError => 0 }) };
is($DBI::state, '28000', 'a wrong password');
like($@, qr/password authentication failed for user "rs_test"\Q$refusal\E \(/, 'its message');
$bad = eval { DBI->connect($dsn =~ s/CaFile=.*?;/CaFile=$ENV{RS_OTHER_CA_FILE};/r, undef, undef, { RaiseError => 1, PrintError => 0 }) };
is($DBI::state, '08001', 'a wrong CA');
like($@, qr/the certificate of "\Q$ENV{RS_PG_HOST}\E" could not be verified/, 'its message');
done_testing();
