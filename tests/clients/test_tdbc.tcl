# Tcl's tdbc::odbc over TLS: types there and back, long text, errors, rollback, metadata.
# What it cannot do with any driver: arrays of parameters. The error's native number has 32 bits more
# than a driver writes, so it is not looked at.
encoding system utf-8
if {![info exists env(RS_PG_PORT)]} {
    puts "the sandbox is not up (RS_PG_PORT)"
    exit 77
}
if {[catch {package require tdbc::odbc}]} {
    puts "tcl8.6-tdbc-odbc is not installed"
    exit 77
}
set failed 0
proc is {got want what} {
    if {$got eq $want} {
        puts "ok: $what"
    } else {
        set ::failed 1
        puts "FAILED: $what: [string range $got 0 300] instead of [string range $want 0 300]"
    }
}

proc connect {args} {
    global env
    set keys [dict merge [dict create Driver "{Redshift ODBC}" Server $env(RS_PG_HOST) Port $env(RS_PG_PORT) \
        Database $env(RS_PG_DATABASE) UID $env(RS_PG_USER) PWD "{[string map {\} \}\}} $env(RS_PG_PASSWORD)]}" \
        SSLMode verify-full CaFile $env(RS_CA_FILE)] $args]
    set text ""
    dict for {key value} $keys {
        append text "$key=$value;"
    }
    return [tdbc::odbc::connection new $text]
}

# What the user sees of a script that fails: the words for its class, the SQLSTATE, and the message.
proc refused {script} {
    if {[catch {uplevel 1 $script} message options]} {
        return "[lrange [dict get $options -errorcode] 0 3]: $message"
    }
    return "nothing failed"
}
proc begins {got want what} {
    is [string range $got 0 [string length $want]-1] $want $what
}

set db [connect]
proc here {name otherwise} {
    global env
    return [expr {[info exists env($name)] ? $env($name) : $otherwise}]
}
is [dict get [$db configure] -isolation] [expr {[here RS_TEST_ON {}] eq {} ? "readcommitted" : "serializable"}] "the isolation"
$db allrows "create temp table tt (i int, b bigint, n numeric(18,4), x float8, f boolean, t varchar(200),
    z [here RS_TEST_BYTES bytea], d date, h time, ts timestamp)"
set names {i b n x f t z d h ts}
set rows [list \
    [list 1 9223372036854775807 12345678901234.5678 1.5 1 "Zoë 東京 😀" "\x00\x01\xff'\\" 2024-02-29 23:59:59.999999 \
        {2024-02-29 12:34:56.789012}] \
    [list -2147483648 -9223372036854775808 -0.0001 -1e+300 0 {} {} 0001-01-01 00:00:00 {1999-12-31 23:59:59}]]
set insert [$db prepare {insert into tt values (:i,:b,:n,:x,:f,:t,:z,:d,:h,:ts)}]
is [lmap name $names {dict get [$insert params] $name type}] \
    {integer bigint numeric double bit varchar longvarbinary date time timestamp} "the types of parameters"
foreach row $rows {
    set values [dict create]
    foreach name $names value $row {
        dict set values $name $value
    }
    set result [$insert execute $values]
    is [$result rowcount] 1 "one row"
    $result close
}
is [$db allrows -as lists {select * from tt}] $rows "read back equal"
# What is not there is NULL, both ways.
$insert execute {i 7}
is [$db allrows {select * from tt where i = 7}] {{i 7}} "NULLs"
set i 1
set t "Zoë 東京 😀"
is [$db allrows -as lists {select i from tt where t = :t and i = :i}] 1 "found by parameters"

set long [string repeat 0123456789ä😀 70000]
$db allrows {create temp table tt_long (t text)}
$db allrows {insert into tt_long values (:long)}
is [lindex [$db allrows -as lists {select t from tt_long}] 0 0] $long "a megabyte of text"
is [$db allrows -as lists {select octet_length(t) from tt_long}] 1120000 "it is as long there"

set n 3000
set a [[$db prepare {select i from generate_series(1, 3000) i}] execute]
set b [[$db prepare {select i * 2 from generate_series(1, cast(:n as int)) i}] execute]
set sum 0
while {[$a nextlist one]} {
    $b nextlist two
    incr sum [expr {$two - $one}]
}
is [list $sum [$b nextlist two]] {4501500 0} "two results to their ends, in turns"
$a close
$b close

begins [refused {$db allrows {selec 1}}] {TDBC SYNTAX_ERROR_OR_ACCESS_RULE_VIOLATION 42000 ODBC: [Redshift][ODBC\
 Driver][Server]syntax error at or near "selec" at character 1 [SQLSTATE 42601]} "a syntax error"
foreach {sql class state} {
    {select * from no_such_table} SYNTAX_ERROR_OR_ACCESS_RULE_VIOLATION 42S02
    {select 1/0} DATA_EXCEPTION 22012
    {insert into demo_sales (sale_id) values (1)} CONSTRAINT_VIOLATION 23000
} {
    is [lrange [refused {$db allrows $sql}] 0 2] [list TDBC $class $state] $sql
}
$db begintransaction
$db allrows {delete from tt}
$db rollback
is [$db allrows -as lists {select count(*) from tt}] 3 "rolled back"
refused {$db transaction {
    $db allrows {delete from tt}
    error "on second thoughts"
}}
is [$db allrows -as lists {select count(*) from tt}] 3 "rolled back by an error of Tcl's"
$db transaction {
    $db allrows {delete from tt where i = 7}
}
is [$db allrows -as lists {select count(*) from tt}] 2 "committed"

is [lsort [dict keys [$db tables demo%]]] {demo_paid demo_sales} "tables"
set columns [$db columns demo_sales]
is [dict keys $columns] {sale_id customer amount sold_on sold_at paid} "columns"
is [lmap field {type precision scale nullable} {dict get $columns amount $field}] {numeric 18 4 1} "a column"
is [lmap key [$db primarykeys demo_sales] {dict get $key columnName}] sale_id "a primary key"
set keys [$db foreignkeys -foreign regions]
is [lmap key $keys {list [dict get $key primaryTable] [dict get $key foreignColumn]}] {{regions parent_id}} "a foreign key"
$db close

begins [refused {connect PWD wrong}] "TDBC INVALID_AUTHORIZATION_SPECIFICATION 28000 ODBC: \[Redshift\]\[ODBC\
 Driver\]\[Server\]password authentication failed for user \"rs_test\"[here RS_TEST_REFUSAL { [SQLSTATE 28P01]}]" "a wrong password"
begins [refused {connect CaFile $env(RS_OTHER_CA_FILE)}] "TDBC CONNECTION_EXCEPTION 08001 ODBC: \[Redshift\]\[ODBC\
 Driver\]the certificate of \"$env(RS_PG_HOST)\" could not be verified" "a wrong CA"
exit $failed
