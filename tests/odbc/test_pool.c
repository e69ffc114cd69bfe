/*
 * The driver manager's pool: two users in turn, a thousand times, neither seeing what the other, or
 * an earlier connection of his own, left behind. unixODBC keeps connections as they are and does
 * not ask for a reset itself: the application does, before it gives one back.
 */
#include "odbctest.h"

#include <sys/stat.h>
#include <unistd.h>

enum { ROUNDS = 1000 };

static SQLHENV env;
static char strings[2][2048];
static char names[2][64];
static char ini_folder[] = "/tmp/rs_pool_XXXXXX";
static char ini_path[128];

/* A configuration of our own, in which the pool is on. */
static void write_configuration(void)
{
    FILE *file;

    assert_non_null(mkdtemp(ini_folder));
    snprintf(ini_path, sizeof ini_path, "%s/odbcinst.ini", ini_folder);
    file = fopen(ini_path, "w");
    assert_non_null(file);
    fprintf(file,
            "[ODBC]\nPooling = Yes\n[Redshift ODBC pooled]\nDriver = %s\nThreading = 0\n"
            "CPTimeout = 60\n",
            t_var("RS_DRIVER"));
    assert_int_equal(fclose(file), 0);
    assert_int_equal(setenv("ODBCSYSINI", ini_folder, 1), 0);
}

static void compose(int which, const char *user, const char *password)
{
    char twice[256];
    size_t n = 0;

    /* inside braces a closing brace is written twice */
    for (const char *p = password; *p != '\0' && n + 3 < sizeof twice; p++) {
        twice[n++] = *p;
        if (*p == '}')
            twice[n++] = '}';
    }
    twice[n] = '\0';
    snprintf(names[which], sizeof names[which], "%s", t_var(user));
    snprintf(strings[which], sizeof strings[which],
             "DRIVER={Redshift ODBC pooled};Server=%s;Port=%s;Database=%s;UID=%s;PWD={%s};"
             "SSLMode=disable;",
             t_var("RS_PG_HOST"), t_var("RS_PG_PORT"), t_var("RS_PG_DATABASE"), names[which],
             twice);
}

static SQLHDBC connect_as(int which)
{
    SQLHDBC dbc;

    assert_int_equal(SQLAllocHandle(SQL_HANDLE_DBC, env, &dbc), SQL_SUCCESS);
    DBC_OK(dbc,
           SQLDriverConnect(dbc, NULL, SQL(strings[which]), NULL, 0, NULL, SQL_DRIVER_NOPROMPT));
    return dbc;
}

static void give_back(SQLHDBC dbc)
{
    DBC_OK(dbc,
           SQLSetConnectAttr(dbc, SQL_ATTR_RESET_CONNECTION, NUMBER(SQL_RESET_CONNECTION_YES), 0));
    DBC_OK(dbc, SQLDisconnect(dbc));
    assert_int_equal(SQLFreeHandle(SQL_HANDLE_DBC, dbc), SQL_SUCCESS);
}

/* Everything of the session that the round looks at, in one row. */
static void look(SQLHDBC dbc, int which, char *pid, size_t cap)
{
    SQLHSTMT stmt;
    SQLCHAR user[64], path[64], temp[8];

    assert_int_equal(SQLAllocHandle(SQL_HANDLE_STMT, dbc, &stmt), SQL_SUCCESS);
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT pg_backend_pid(), current_user, "
                                     "current_setting('search_path'), "
                                     "to_regclass('pg_temp.pool_mine') IS NULL")));
    OK(stmt, SQLFetch(stmt));
    OK(stmt, SQLGetData(stmt, 1, SQL_C_CHAR, pid, (SQLLEN)cap, NULL));
    OK(stmt, SQLGetData(stmt, 2, SQL_C_CHAR, user, sizeof user, NULL));
    OK(stmt, SQLGetData(stmt, 3, SQL_C_CHAR, path, sizeof path, NULL));
    OK(stmt, SQLGetData(stmt, 4, SQL_C_CHAR, temp, sizeof temp, NULL));
    assert_string_equal((char *)user, names[which]);
    assert_string_equal((char *)path, "\"$user\", public");
    assert_string_equal((char *)temp, "1");
    assert_int_equal(SQLFreeHandle(SQL_HANDLE_STMT, stmt), SQL_SUCCESS);
}

static void leave_traces(SQLHDBC dbc)
{
    SQLHSTMT stmt;

    assert_int_equal(SQLAllocHandle(SQL_HANDLE_STMT, dbc, &stmt), SQL_SUCCESS);
    OK(stmt, SQLExecDirect(stmt, SQL("SET search_path TO pg_catalog; "
                                     "CREATE TEMPORARY TABLE pool_mine (n integer); "
                                     "SET ROLE borrowed")));
    assert_int_equal(SQLFreeHandle(SQL_HANDLE_STMT, stmt), SQL_SUCCESS);
}

static void nobody_sees_the_other(void **state)
{
    char pid[2][32] = { "", "" };
    int reused = 0;

    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        int which = i % 2;
        SQLHDBC dbc = connect_as(which);
        char now[32];

        look(dbc, which, now, sizeof now);
        if (strcmp(now, pid[which]) == 0)
            reused++;
        snprintf(pid[which], sizeof pid[which], "%s", now);
        leave_traces(dbc);
        give_back(dbc);
    }
    printf("%d of %d connections came out of the pool\n", reused, ROUNDS);
    assert_true(reused >= ROUNDS - 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(nobody_sees_the_other) };
    int failed;

    write_configuration();
    compose(0, "RS_PG_CLEAR_USER", t_var("RS_PG_CLEAR_PASSWORD"));
    compose(1, "RS_PG_MD5_USER", t_var("RS_PG_MD5_PASSWORD"));
    SQLSetEnvAttr(SQL_NULL_HANDLE, SQL_ATTR_CONNECTION_POOLING, NUMBER(SQL_CP_ONE_PER_DRIVER), 0);
    if (SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &env) != SQL_SUCCESS)
        return 1;
    SQLSetEnvAttr(env, SQL_ATTR_ODBC_VERSION, NUMBER(SQL_OV_ODBC3), 0);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(ini_path);
    rmdir(ini_folder);
    return failed;
}
