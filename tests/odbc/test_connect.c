/*
 * Connecting: keys that take effect, the completed string, every way to fail; odbc.md 3,
 * dsn-keys.md.
 */
#include "odbctest.h"

#include <unistd.h>

#include "redshift_odbc.h"

static struct t_conn conn;

static int new_handle(void **state)
{
    (void)state;
    t_alloc(&conn, SQL_OV_ODBC3);
    return 0;
}

static int free_handle(void **state)
{
    (void)state;
    SQLDisconnect(conn.dbc);
    assert_int_equal(SQLFreeHandle(SQL_HANDLE_DBC, conn.dbc), SQL_SUCCESS);
    assert_int_equal(SQLFreeHandle(SQL_HANDLE_ENV, conn.env), SQL_SUCCESS);
    return 0;
}

static void connect_with(enum t_server server, const char *extra)
{
    char string[2048];

    t_string(string, sizeof string, server, extra);
    DBC_OK(conn.dbc, t_try(&conn, string));
}

static void again(void)
{
    DBC_OK(conn.dbc, SQLDisconnect(conn.dbc));
}

/* ---- keys ---- */

static const struct {
    const char *keys, *sql, *want;
} keys[] = {
    { "ApplicationName=my app;", "SELECT current_setting('application_name')", "my app" },
    { "SearchPath=second, public;", "SELECT count(*) FROM regions", "3" },
    { "CurrentSchema=second;", "SELECT count(*) FROM regions", "3" },
    { "TimeZone=Asia/Tokyo;", "SELECT current_setting('TimeZone')", "Asia/Tokyo" },
    { "ReadOnly=1;", "SELECT 1", "1" },
    { "StatementTimeout=12345;", "SELECT current_setting('statement_timeout')", "12345ms" },
    { "InitializationString=SET search_path TO second;", "SELECT count(*) FROM regions", "3" },
    { "InitializationString={SET search_path TO second; SET TimeZone TO 'UTC'};",
      "SELECT current_setting('TimeZone')", "UTC" },
    { "BoolsAsChar=1;", "SELECT 1 = 1", "true" },
    { "KeepAlive=0;", "SELECT 1", "1" },
    { "KeepAliveTime=7;KeepAliveInterval=3;KeepAliveCount=2;", "SELECT 1", "1" },
    { "SSLMode=require;", "SELECT 1", "1" },
    { "SSLMode=verify-ca;", "SELECT 1", "1" },
};

static void keys_take_effect(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        for (int server = T_POSTGRES; server <= T_REDSHIFT; server++) {
            connect_with((enum t_server)server, keys[i].keys);
            t_expect(&conn, keys[i].sql, keys[i].want);
            again();
        }
    }
}

static void read_only_key(void **state)
{
    SQLUINTEGER mode = 9;

    (void)state;
    for (int server = T_POSTGRES; server <= T_REDSHIFT; server++) {
        SQLHSTMT stmt;
        SQLCHAR answer[4];

        connect_with((enum t_server)server, "ReadOnly=1;");
        DBC_OK(conn.dbc, SQLGetConnectAttr(conn.dbc, SQL_ATTR_ACCESS_MODE, &mode, 0, NULL));
        assert_int_equal(mode, SQL_MODE_READ_ONLY);
        DBC_OK(conn.dbc,
               SQLGetInfo(conn.dbc, SQL_DATA_SOURCE_READ_ONLY, answer, sizeof answer, NULL));
        assert_string_equal((char *)answer, "Y");
        stmt = t_stmt(&conn);
        ERR(stmt, "42000", SQLExecDirect(stmt, SQL("CREATE TABLE public.rs_never (n integer)")));
        t_free(stmt);
        again();
    }
}

static void query_timeout_key(void **state)
{
    SQLHSTMT stmt;
    SQLULEN seconds = 0;

    (void)state;
    connect_with(T_POSTGRES, "QueryTimeout=1;");
    stmt = t_stmt(&conn);
    OK(stmt, SQLGetStmtAttr(stmt, SQL_ATTR_QUERY_TIMEOUT, &seconds, 0, NULL));
    assert_int_equal(seconds, 1);
    ERR(stmt, "HYT00", SQLExecDirect(stmt, SQL("SELECT pg_sleep(20)")));
    t_free(stmt);
}

/* ---- what is known afterwards ---- */

static void tells_its_attributes(void **state)
{
    SQLUINTEGER n = 0;
    SQLCHAR text[64];
    SQLINTEGER length;
    char want[32];

    (void)state;
    for (int server = T_POSTGRES; server <= T_REDSHIFT; server++) {
        connect_with((enum t_server)server, "");
        DBC_OK(conn.dbc,
               SQLGetConnectAttr(conn.dbc, SQL_ATTR_CURRENT_CATALOG, text, sizeof text, &length));
        assert_string_equal((char *)text, "dev");
        assert_int_equal(length, 3);
        DBC_OK(conn.dbc, SQLSetConnectAttr(conn.dbc, SQL_ATTR_CURRENT_CATALOG, SQL("dev")));
        DBC_ERR(conn.dbc, "HYC00",
                SQLSetConnectAttr(conn.dbc, SQL_ATTR_CURRENT_CATALOG, SQL("other")));
        DBC_OK(conn.dbc, SQLGetConnectAttr(conn.dbc, SQL_ATTR_CONNECTION_DEAD, &n, 0, NULL));
        assert_int_equal(n, SQL_CD_FALSE);
        DBC_OK(conn.dbc, SQLGetConnectAttr(conn.dbc, RS_ATTR_SESSION_ID, &n, 0, NULL));
        snprintf(want, sizeof want, "%u", n);
        if (server == T_POSTGRES) /* the stand-in has numbers of its own */
            t_expect(&conn, "SELECT pg_backend_pid()", want);
        DBC_OK(conn.dbc, SQLGetConnectAttr(conn.dbc, RS_ATTR_IS_REDSHIFT, &n, 0, NULL));
        assert_int_equal(n, server == T_REDSHIFT || on_redshift());
        DBC_OK(conn.dbc, SQLGetInfo(conn.dbc, SQL_USER_NAME, text, sizeof text, NULL));
        assert_string_equal((char *)text, t_server_var((enum t_server)server, "_USER"));
        again();
    }
}

static void catalog_before_connecting(void **state)
{
    char string[2048], *at;

    (void)state;
    DBC_OK(conn.dbc, SQLSetConnectAttr(conn.dbc, SQL_ATTR_CURRENT_CATALOG, SQL("other")));
    t_string(string, sizeof string, T_POSTGRES, "");
    at = strstr(string, "Database=dev;");
    assert_non_null(at);
    memmove(at, at + 13, strlen(at + 13) + 1);
    DBC_OK(conn.dbc, t_try(&conn, string));
    t_expect(&conn, "SELECT current_database()", "other");
    again();
    t_string(string, sizeof string, T_POSTGRES, ""); /* the string beats it */
    DBC_OK(conn.dbc, t_try(&conn, string));
    t_expect(&conn, "SELECT current_database()", "dev");
}

static void attributes_outlive_a_connection(void **state)
{
    SQLUINTEGER n = 0;

    (void)state;
    DBC_OK(conn.dbc,
           SQLSetConnectAttr(conn.dbc, SQL_ATTR_AUTOCOMMIT, NUMBER(SQL_AUTOCOMMIT_OFF), 0));
    DBC_OK(conn.dbc, SQLSetConnectAttr(conn.dbc, SQL_ATTR_LOGIN_TIMEOUT, NUMBER(30), 0));
    for (int i = 0; i < 2; i++) {
        connect_with(T_POSTGRES, "");
        DBC_OK(conn.dbc, SQLGetConnectAttr(conn.dbc, SQL_ATTR_AUTOCOMMIT, &n, 0, NULL));
        assert_int_equal(n, SQL_AUTOCOMMIT_OFF);
        DBC_OK(conn.dbc, SQLGetConnectAttr(conn.dbc, SQL_ATTR_LOGIN_TIMEOUT, &n, 0, NULL));
        assert_int_equal(n, 30);
        t_expect(&conn, "SELECT 1", "1");
        DBC_OK(conn.dbc, SQLEndTran(SQL_HANDLE_DBC, conn.dbc, SQL_COMMIT));
        again();
    }
}

/* ---- the completed string ---- */

static void completes_the_string(void **state)
{
    char string[2048];
    SQLCHAR out[2048], cut[20];
    SQLSMALLINT length = 0, cut_length = 0;

    (void)state;
    t_string(string, sizeof string, T_POSTGRES, "TimeZone=UTC;MyOwnKey=kept;");
    T_CHECK(SQL_HANDLE_DBC, conn.dbc, SQL_SUCCESS_WITH_INFO, "01S00",
            SQLDriverConnect(conn.dbc, NULL, SQL(string), out, sizeof out, &length,
                             SQL_DRIVER_NOPROMPT));
    assert_int_equal(length, strlen((char *)out));
    assert_memory_equal(out, "DRIVER={Redshift ODBC}", 22);
    assert_non_null(strstr((char *)out, "TimeZone=UTC"));
    assert_non_null(strstr((char *)out, "PWD="));
    assert_non_null(strstr((char *)out, "MyOwnKey=kept"));
    again();
    /* it connects by itself, and completes to the same */
    {
        SQLCHAR second[2048];

        T_CHECK(SQL_HANDLE_DBC, conn.dbc, SQL_SUCCESS_WITH_INFO, "01S00",
                SQLDriverConnect(conn.dbc, NULL, out, length, second, sizeof second, NULL,
                                 SQL_DRIVER_COMPLETE));
        assert_string_equal((char *)out, (char *)second);
        t_expect(&conn, "SELECT current_setting('TimeZone')", "UTC");
        again();
    }
    t_string(string, sizeof string, T_POSTGRES, "");
    DBC_INFO(conn.dbc, "01004",
             SQLDriverConnect(conn.dbc, NULL, SQL(string), cut, sizeof cut, &cut_length,
                              SQL_DRIVER_COMPLETE_REQUIRED));
    assert_memory_equal(cut, out, sizeof cut - 1);
    assert_int_equal(cut[sizeof cut - 1], '\0');
    assert_true(cut_length > (SQLSMALLINT)sizeof cut);
    t_expect(&conn, "SELECT 1", "1");
    again();
    DBC_OK(conn.dbc,
           SQLDriverConnect(conn.dbc, NULL, SQL(string), NULL, 0, &length, SQL_DRIVER_NOPROMPT));
    assert_int_equal(length, cut_length);
}

static void takes_wide_strings(void **state)
{
    char string[2048];
    SQLWCHAR wide[2048], out[2048];
    SQLSMALLINT length = 0;
    size_t n;

    (void)state;
    t_string(string, sizeof string, T_POSTGRES, "");
    n = strlen(string);
    for (size_t i = 0; i <= n; i++)
        wide[i] = (unsigned char)string[i];
    DBC_OK(conn.dbc, SQLDriverConnectW(conn.dbc, NULL, wide, (SQLSMALLINT)n, out, 2048, &length,
                                       SQL_DRIVER_NOPROMPT));
    assert_int_equal(out[0], 'D');
    assert_int_equal(out[length], 0);
    assert_true(length > 20);
}

static void checks_its_arguments(void **state)
{
    char string[2048];
    SQLCHAR out[16];

    (void)state;
    t_string(string, sizeof string, T_POSTGRES, "");
    DBC_ERR(conn.dbc, "HY110", SQLDriverConnect(conn.dbc, NULL, SQL(string), NULL, 0, NULL, 77));
    DBC_ERR(conn.dbc, "HY090",
            SQLDriverConnect(conn.dbc, NULL, SQL(string), out, -1, NULL, SQL_DRIVER_NOPROMPT));
#if RS_DIRECT
    DBC_ERR(conn.dbc, "HY092",
            SQLDriverConnect(conn.dbc, NULL, SQL(string), NULL, 0, NULL, SQL_DRIVER_PROMPT));
#endif
}

/* ---- data sources ---- */

static void connects_by_dsn(void **state)
{
    char path[256], user[64];
    FILE *file;

    (void)state;
    snprintf(path, sizeof path, "%s/rs_odbc_%d.ini", t_var("RS_SANDBOX_DIR"), (int)getpid());
    file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file,
            "[warehouse]\nDriver=%s\nServer=%s\nPort=%s\nDatabase=dev\nCaFile=%s\n"
            "TimeZone=Asia/Tokyo\n",
            t_var("RS_DRIVER"), t_server_var(T_POSTGRES, "_HOST"),
            t_server_var(T_POSTGRES, "_PORT"), t_var("RS_CA_FILE"));
    fclose(file);
    setenv("ODBCINI", path, 1);
    snprintf(user, sizeof user, "%s", t_server_var(T_POSTGRES, "_USER"));
    DBC_OK(conn.dbc, SQLConnect(conn.dbc, SQL("warehouse"), SQL(user),
                                SQL(t_server_var(T_POSTGRES, "_PASSWORD"))));
    t_expect(&conn, "SELECT current_setting('TimeZone')", "Asia/Tokyo");
    {
        SQLCHAR name[32];

        DBC_OK(conn.dbc, SQLGetInfo(conn.dbc, SQL_DATA_SOURCE_NAME, name, sizeof name, NULL));
        assert_string_equal((char *)name, "warehouse");
    }
    again();
    DBC_ERR(conn.dbc, "28000", SQLConnect(conn.dbc, SQL("warehouse"), SQL(user), SQL("wrong")));
    DBC_ERR(conn.dbc, BY("28000", "IM002"),
            SQLConnect(conn.dbc, SQL("nowhere"), SQL(user), SQL("x")));
    unlink(path);
}

/* ---- failures ---- */

static const struct {
    const char *port; /* variable; NULL: the server's own */
    const char *keys, *state;
    int server;
} failures[] = {
    { NULL, "UID=nobody_at_all;", "28000", T_POSTGRES },
    { NULL, "PWD=wrong;", "28000", T_POSTGRES },
    { NULL, "PWD=wrong;", "28000", T_REDSHIFT },
    { NULL, "Database=no_such_database;", "08004", T_POSTGRES },
    { NULL, "Database=no_such_database;", "08004", T_REDSHIFT },
    { NULL, "Server=no-such-host.invalid;", "08001", T_POSTGRES },
    { NULL, "Port=1;", "08001", T_POSTGRES },
    { "RS_REDSHIFT_WRONGHOST_PORT", "", "08001", T_REDSHIFT },
    { "RS_REDSHIFT_EXPIRED_PORT", "", "08001", T_REDSHIFT },
    { "RS_REDSHIFT_UNKNOWNCA_PORT", "", "08001", T_REDSHIFT },
    { "RS_REDSHIFT_NOTLS_PORT", "", "08001", T_REDSHIFT },
    { NULL, "CaFile=/no/such/file.pem;", "08001", T_REDSHIFT },
    { NULL, "ApplicationName=rs-fault: before-auth=close;", "08001", T_REDSHIFT },
    { NULL, "ApplicationName=rs-fault: before-auth=reset;", "08001", T_REDSHIFT },
    { NULL, "ApplicationName=rs-fault: before-auth=garbage;", "08001", T_REDSHIFT },
    { NULL, "ApplicationName=rs-fault: after-statuses=close;", "08001", T_REDSHIFT },
    { NULL, "ApplicationName=rs-fault: before-auth=error=57P03:starting up;", "08001", T_REDSHIFT },
    { NULL, "ApplicationName=rs-fault: before-auth=error=53300:too many connections;", "08004",
      T_REDSHIFT },
    { NULL, "ApplicationName=rs-fault: before-auth=hang;LoginTimeout=1;", "HYT00", T_REDSHIFT },
    { NULL, "ApplicationName=rs-fault: after-statuses=hang;LoginTimeout=1;", "HYT00", T_REDSHIFT },
    { NULL, "InitializationString=SELEC 1;", "42000", T_POSTGRES },
    { NULL, "SSLMode=nonsense;", NULL, T_POSTGRES },
    { NULL, "Port=99999;", NULL, T_POSTGRES },
    { NULL, "Opener=mine;", NULL, T_POSTGRES },
};

static void put_first(char *string, size_t cap, const char *more)
{
    char whole[4096];
    const char *behind = strchr(string, ';') + 1; /* behind Driver={…}: earlier keys win */

    snprintf(whole, sizeof whole, "%.*s%s%s", (int)(behind - string), string, more, behind);
    snprintf(string, cap, "%s", whole);
}

static void reports_failures(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(failures); i++) {
        char string[4096], got[6], text[2048];
        SQLRETURN rc;
        int64_t start = t_now_ms();

        t_string(string, sizeof string, (enum t_server)failures[i].server, "");
        put_first(string, sizeof string, failures[i].keys);
        if (failures[i].port != NULL) {
            char port[32];

            snprintf(port, sizeof port, "Port=%s;", t_var(failures[i].port));
            put_first(string, sizeof string, port);
        }
        rc = t_try(&conn, string);
        assert_true(t_diag(SQL_HANDLE_DBC, conn.dbc, 1, got, text, sizeof text));
        if (rc != SQL_ERROR || (failures[i].state != NULL && strcmp(got, failures[i].state) != 0)) {
            t_say(SQL_HANDLE_DBC, conn.dbc);
            fail_msg("row %zu: %d %s", i, rc, got);
        }
        /* never a secret, always a word */
        assert_null(strstr(text, t_server_var((enum t_server)failures[i].server, "_PASSWORD")));
        assert_true(strlen(text) > 30);
        assert_in_range(t_now_ms() - start, 0, 15000);
    }
    /* the handle is as good as new */
    connect_with(T_POSTGRES, "");
    t_expect(&conn, "SELECT 1", "1");
}

static void says_what_is_missing(void **state)
{
    char state_text[6], text[2048];

    (void)state;
    T_CHECK(SQL_HANDLE_DBC, conn.dbc, SQL_ERROR, NULL, t_try(&conn, "DRIVER={Redshift ODBC};"));
    assert_true(t_diag(SQL_HANDLE_DBC, conn.dbc, 1, state_text, text, sizeof text));
    assert_true(strcmp(state_text, "28000") == 0 || strcmp(state_text, "08001") == 0);
    assert_non_null(strstr(text, "Server"));
}

/* The value in braces. */
static const char *braced(const char *value)
{
    static char out[128];
    size_t n = 0;

    out[n++] = '{';
    for (; *value != '\0' && n + 4 < sizeof out; value++) {
        out[n++] = *value;
        if (*value == '}')
            out[n++] = '}';
    }
    out[n++] = '}';
    out[n] = '\0';
    return out;
}

static void other_accounts(void **state)
{
    static const struct {
        const char *name;
        int server;
        const char *state;
    } users[] = {
        { "MD5", T_POSTGRES, NULL },        { "CLEAR", T_POSTGRES, NULL },
        { "LIMITED", T_POSTGRES, "08004" }, { "MD5", T_REDSHIFT, NULL },
        { "CLEAR", T_REDSHIFT, NULL },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(users); i++) {
        char string[4096], add[256], user[64], password[64];

        snprintf(user, sizeof user, "_%s_USER", users[i].name);
        snprintf(password, sizeof password, "_%s_PASSWORD", users[i].name);
        snprintf(add, sizeof add, "UID=%s;PWD=%s;",
                 t_server_var((enum t_server)users[i].server, user),
                 braced(t_server_var((enum t_server)users[i].server, password)));
        t_string(string, sizeof string, (enum t_server)users[i].server, "");
        put_first(string, sizeof string, add);
        if (users[i].state != NULL) {
            DBC_ERR(conn.dbc, users[i].state, t_try(&conn, string));
        } else {
            DBC_OK(conn.dbc, t_try(&conn, string));
            again();
        }
    }
}

/* ---- the server goes away ---- */

static void a_dead_connection(void **state)
{
    struct t_conn killer;
    SQLUINTEGER dead = 9, pid = 0;
    SQLHSTMT stmt, second;
    char sql[128];

    (void)state;
    t_open(&killer, T_POSTGRES, SQL_OV_ODBC3, "");
    for (int server = T_POSTGRES; server <= T_REDSHIFT; server++) {
        connect_with((enum t_server)server, "");
        stmt = t_stmt(&conn);
        second = t_stmt(&conn);
        OK(second, SQLPrepare(second, SQL("SELECT 1")));
        DBC_OK(conn.dbc,
               SQLSetConnectAttr(conn.dbc, SQL_ATTR_AUTOCOMMIT, NUMBER(SQL_AUTOCOMMIT_OFF), 0));
        OK(stmt, SQLExecDirect(stmt, SQL("SELECT pg_backend_pid()")));
        OK(stmt, SQLFetch(stmt));
        OK(stmt, SQLGetData(stmt, 1, SQL_C_ULONG, &pid, 0, NULL));
        OK(stmt, SQLCloseCursor(stmt)); /* the transaction stays open */
        snprintf(sql, sizeof sql, "SELECT pg_terminate_backend(%u)", pid);
        t_expect(&killer, sql, "1");
        t_sleep_ms(300);
        DBC_OK(conn.dbc, SQLGetConnectAttr(conn.dbc, SQL_ATTR_CONNECTION_DEAD, &dead, 0, NULL));
        assert_int_equal(dead, SQL_CD_TRUE);
        ERR(second, "08S01", SQLExecute(second));
        ERR(second, "08S01", SQLExecDirect(second, SQL("SELECT 1")));
        DBC_OK(conn.dbc, SQLEndTran(SQL_HANDLE_DBC, conn.dbc, SQL_ROLLBACK));
        DBC_OK(conn.dbc, SQLGetConnectAttr(conn.dbc, SQL_ATTR_CONNECTION_DEAD, &dead, 0, NULL));
        assert_int_equal(dead, SQL_CD_TRUE);
        t_free(stmt);
        DBC_OK(conn.dbc, SQLDisconnect(conn.dbc));
        DBC_OK(conn.dbc,
               SQLSetConnectAttr(conn.dbc, SQL_ATTR_AUTOCOMMIT, NUMBER(SQL_AUTOCOMMIT_ON), 0));
    }
    t_close(&killer);
}

/* Faults of the stand-in in the middle of a statement. */
static void the_server_goes_in_mid_result(void **state)
{
    static const struct {
        const char *fault, *state;
    } cases[] = {
        { "row=3=close", "08S01" },
        { "row=3=reset", "08S01" },
        { "mid-row=3=close", "08S01" },
        { "mid-row=3=garbage", "08S01" },
        { "row=3=error=57P01:terminating", "08S01" },
        { "before-complete=close", "08S01" },
        { "row=1=close", "08S01" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char sql[256];
        SQLHSTMT stmt;
        SQLUINTEGER dead = 9;
        SQLRETURN rc;
        int rows = 0;

        connect_with(T_REDSHIFT, "");
        stmt = t_stmt(&conn);
        snprintf(sql, sizeof sql, "/* rs-fault: %s */ SELECT sale_id FROM demo_sales ORDER BY 1",
                 cases[i].fault);
        rc = SQLExecDirect(stmt, SQL(sql));
        if (rc == SQL_SUCCESS) {
            while ((rc = SQLFetch(stmt)) == SQL_SUCCESS)
                rows++;
        }
        if (rc != SQL_ERROR)
            fail_msg("%s: %d after %d rows", cases[i].fault, rc, rows);
        ERR(stmt, cases[i].state, rc);
        DBC_OK(conn.dbc, SQLGetConnectAttr(conn.dbc, SQL_ATTR_CONNECTION_DEAD, &dead, 0, NULL));
        if (dead != SQL_CD_TRUE)
            fail_msg("%s: not dead", cases[i].fault);
        t_free(stmt);
        stmt = t_stmt(&conn);
        ERR(stmt, "08S01", SQLExecDirect(stmt, SQL("SELECT 1")));
        DBC_OK(conn.dbc, SQLDisconnect(conn.dbc));
    }
}

static void slow_servers_are_waited_for(void **state)
{
    (void)state;
    connect_with(T_REDSHIFT, "ApplicationName=rs-fault: before-auth=slow=300;");
    t_expect(&conn, "/* rs-fault: row=2=slow=300 */ SELECT generate_series(1, 3)", "1;2;3");
    t_expect(&conn, "/* rs-fault: row=1=byte */ SELECT generate_series(1, 5), 'text'",
             "1|text;2|text;3|text;4|text;5|text");
}

static void silent_servers_are_given_up(void **state)
{
    SQLHSTMT stmt;
    SQLUINTEGER dead = 9;
    SQLRETURN rc;

    (void)state;
    connect_with(T_REDSHIFT, "ReadTimeout=1;");
    stmt = t_stmt(&conn);
    rc = SQLExecDirect(stmt, SQL("/* rs-fault: row=1=hang */ SELECT 1"));
    if (rc == SQL_SUCCESS)
        rc = SQLFetch(stmt);
    ERR(stmt, "HYT01", rc);
    DBC_OK(conn.dbc, SQLGetConnectAttr(conn.dbc, SQL_ATTR_CONNECTION_DEAD, &dead, 0, NULL));
    assert_int_equal(dead, SQL_CD_TRUE);
}

int main(void)
{
#define EACH(name) cmocka_unit_test_setup_teardown(name, new_handle, free_handle)
    const struct CMUnitTest tests[] = {
        EACH(keys_take_effect),
        EACH(read_only_key),
        EACH(query_timeout_key),
        EACH(tells_its_attributes),
        EACH(catalog_before_connecting),
        EACH(attributes_outlive_a_connection),
        EACH(completes_the_string),
        EACH(takes_wide_strings),
        EACH(checks_its_arguments),
        EACH(connects_by_dsn),
        EACH(reports_failures),
        EACH(says_what_is_missing),
        EACH(other_accounts),
        EACH(a_dead_connection),
        EACH(the_server_goes_in_mid_result),
        EACH(slow_servers_are_waited_for),
        EACH(silent_servers_are_given_up),
    };

    return cmocka_run_group_tests_name("connect", tests, NULL, NULL);
}
