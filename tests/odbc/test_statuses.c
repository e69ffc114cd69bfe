/*
 * What a server says of itself when a session begins, redshift.md 4: each status left out, each
 * with a value out of the ordinary, through both openers. The connection stands or falls by
 * client_encoding alone; what is in doubt is not asked for in binary.
 */
#include <unistd.h>

#define FACE_NO_STMT
#include "facebed.h"

enum { LIBPQ, NATIVE, OPENERS };
static const char *const openers[OPENERS] = { "Opener=auto;", "Opener=native;" };

/* What is expected at level 0 and at level 2. */
struct want {
    const char *connect; /* SQLSTATE when connecting; "01000": a warning */
    const char *name;    /* SQL_DBMS_NAME */
    const char *query;   /* SQLSTATE of a query; "-": none is sent */
    int forms;           /* columns of 4 that come in binary the second time */
};

#define FINE0                                                                                      \
    {                                                                                              \
        "", "Redshift", "", 2                                                                      \
    }
#define FINE2                                                                                      \
    {                                                                                              \
        "", "Redshift", "", 4                                                                      \
    }
#define FINE                                                                                       \
    {                                                                                              \
        FINE0, FINE2                                                                               \
    }

static const struct row {
    const char *marks;
    struct want want[OPENERS];
} rows[] = {
    { "none", FINE },
    { "rs-status:server_version", FINE },
    { "rs-status:server_version=15.4", FINE },
    { "rs-status:padb_version", FINE }, /* version() is asked */
    { "rs-status:padb_version=", FINE },
    { "rs-status:padb_version rs-status:server_version=15.4",
      { { "", "PostgreSQL", "-", 0 }, { "", "PostgreSQL", "-", 0 } } },
    { "rs-status:padb_version rs-status:server_version",
      { { "", "PostgreSQL", "-", 0 }, { "", "PostgreSQL", "-", 0 } } },
    { "rs-status:client_encoding", FINE },
    { "rs-status:client_encoding=UNICODE", FINE },
    { "rs-status:client_encoding=utf-8", FINE },
    { "rs-status:client_encoding=LATIN1",
      { { "08S01", NULL, NULL, 0 }, { "08S01", NULL, NULL, 0 } } },
    { "rs-status:client_encoding=UTF16",
      { { "08S01", NULL, NULL, 0 }, { "08S01", NULL, NULL, 0 } } },
    { "rs-status:client_encoding=", { { "08S01", NULL, NULL, 0 }, { "08S01", NULL, NULL, 0 } } },
    { "rs-status:datestyle", FINE },
    { "rs-status:datestyle=German",
      { { "01000", "Redshift", "", 2 }, { "01000", "Redshift", "", 4 } } },
    { "rs-status:integer_datetimes", FINE },
    { "rs-status:integer_datetimes=off", { { "", "Redshift", "", 1 }, { "", "Redshift", "", 2 } } },
    /* 1 and more than 3 are levels too; a level that is had and not said makes rows unreadable */
    { "rs-status:server_protocol_version=3", { { "", "Redshift", "08S01", 0 }, FINE2 } },
    { "rs-status:server_protocol_version=9", { { "", "Redshift", "08S01", 0 }, FINE2 } },
    { "rs-status:server_protocol_version=1",
      { { "", "Redshift", "08S01", 0 }, { "", "Redshift", "", 2 } } },
    { "rs-status:server_protocol_version", { FINE0, { "", "Redshift", "08S01", 0 } } },
    { "rs-status:server_protocol_version=two", { FINE0, { "", "Redshift", "08S01", 0 } } },
    { "rs-status:server_protocol_version=-1", { FINE0, { "", "Redshift", "08S01", 0 } } },
};

/* Of these none has a say in any of that. */
static const char *const others[] = {
    "server_encoding", "TimeZone",         "timezone_abbreviations", "is_superuser",
    "padb_revision",   "session_id",       "session_authorization",  "max_numeric_precision",
    "case_sensitive",  "max_varchar_size", "datashare_enabled",      "external_database",
    "show_discovery",
};

/* How many columns the log says come in binary; removes it. */
static int forms_in(const char *folder)
{
    static char text[1 << 18];
    char command[200];
    const char *at;
    FILE *in;
    size_t n;

    snprintf(command, sizeof command, "cat %s/*; rm -rf %s", folder, folder);
    in = popen(command, "r");
    assert_non_null(in);
    n = fread(text, 1, sizeof text - 1, in);
    assert_int_equal(pclose(in), 0);
    text[n] = '\0';
    at = strstr(text, "wire.binary: ");
    at = at == NULL ? NULL : strstr(at, ": statement");
    at = at == NULL ? NULL : strchr(at + 2, ':');
    return at == NULL ? 0 : (int)strtol(at + 1, NULL, 10);
}

static void read_row(SQLHSTMT stmt)
{
    SQL_TIMESTAMP_STRUCT stamp;
    SQL_DATE_STRUCT date;
    double x, n;

    OK(stmt, SQLFetch(stmt));
    OK(stmt, SQLGetData(stmt, 1, SQL_C_DOUBLE, &x, 0, NULL));
    OK(stmt, SQLGetData(stmt, 2, SQL_C_TYPE_TIMESTAMP, &stamp, 0, NULL));
    OK(stmt, SQLGetData(stmt, 3, SQL_C_TYPE_DATE, &date, 0, NULL));
    OK(stmt, SQLGetData(stmt, 4, SQL_C_DOUBLE, &n, 0, NULL));
    assert_true(x == 0.1 && n == 1.5);
    assert_true(date.year == 2024 && date.month == 2 && date.day == 29);
    assert_true(stamp.year == 2024 && stamp.hour == 12 && stamp.fraction == 789012000);
    OK(stmt, SQLCloseCursor(stmt));
}

static void query(struct t_conn *own, const char *want)
{
    SQLHSTMT stmt = t_stmt(own);

    OK(stmt, SQLPrepare(stmt, SQL("SELECT 0.1::float8, timestamp '2024-02-29 12:34:56.789012', "
                                  "date '2024-02-29', 1.5::numeric(4,1)")));
    if (*want != '\0') {
        ERR(stmt, want, SQLExecute(stmt));
    } else {
        for (int i = 0; i < 2; i++) {
            OK(stmt, SQLExecute(stmt));
            read_row(stmt);
        }
    }
    t_free(stmt);
}

static void session(const char *marks, int opener, const struct want *want)
{
    char folder[] = "/tmp/rs_statuses_XXXXXX", keys[400], string[2400], state[6] = "", name[40];
    struct t_conn own;
    SQLRETURN rc;
    int forms;

    assert_non_null(mkdtemp(folder));
    snprintf(keys, sizeof keys, "%sApplicationName={%s};LogLevel=6;LogPath=%s;", openers[opener],
             marks, folder);
    t_string(string, sizeof string, T_REDSHIFT, keys);
    t_alloc(&own, SQL_OV_ODBC3);
    rc = t_try(&own, string);
    t_diag(SQL_HANDLE_DBC, own.dbc, 1, state, NULL, 0);
    if (strcmp(state, want->connect) != 0) {
        t_say(SQL_HANDLE_DBC, own.dbc);
        fail_msg("%s, %s: connecting gives %d %s", marks, openers[opener], rc, state);
    }
    if (SQL_SUCCEEDED(rc)) {
        DBC_OK(own.dbc, SQLGetInfo(own.dbc, SQL_DBMS_NAME, name, sizeof name, NULL));
        if (strcmp(name, want->name) != 0)
            fail_msg("%s: %s", marks, name);
        if (strcmp(want->query, "-") != 0)
            query(&own, want->query);
        SQLDisconnect(own.dbc);
    }
    assert_int_equal(SQLFreeHandle(SQL_HANDLE_DBC, own.dbc), SQL_SUCCESS);
    assert_int_equal(SQLFreeHandle(SQL_HANDLE_ENV, own.env), SQL_SUCCESS);
    forms = forms_in(folder);
    if (forms != want->forms)
        fail_msg("%s, %s: %d columns in binary", marks, openers[opener], forms);
}

/* A key of the run's own may have chosen the opener. */
static int first_opener(void)
{
    const char *keys = getenv("RS_TEST_KEYS");

    return keys != NULL && strstr(keys, "Opener=native") != NULL ? NATIVE : LIBPQ;
}

static void what_has_a_say(void **state)
{
    (void)state;
    for (int opener = first_opener(); opener < OPENERS; opener++)
        for (size_t i = 0; i < COUNT_OF(rows); i++)
            session(rows[i].marks, opener, &rows[i].want[opener]);
}

static void what_has_none(void **state)
{
    static const struct want want[OPENERS] = FINE;
    static const char *const odd[] = { "", "=", "=odd", "=-7" };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(others); i++)
        for (size_t k = 0; k < COUNT_OF(odd); k++) {
            char mark[80];
            int opener = first_opener() == NATIVE || (i + k) % 2 == 0 ? NATIVE : LIBPQ;

            snprintf(mark, sizeof mark, "rs-status:%s%s", others[i], odd[k]);
            session(mark, opener, &want[opener]);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_has_a_say),
        cmocka_unit_test(what_has_none),
    };

    return cmocka_run_group_tests_name("statuses", tests, NULL, NULL);
}
