/*
 * Connects as an application does and tells each step. The driver is the same code, held within
 * this program; what it does comes from its log's events.
 */
#include <stdio.h>
#include <string.h>

#include <sql.h>
#include <sqlext.h>

#include "../log.h"
#include "../odbc/dsn.h"
#include "../os.h"
#include "../proxy.h"
#include "cli.h"
#include "report.h"

#define STEP_SETTINGS "Settings"
#define STEP_WHO      "Sign-in"
#define STEP_AWS      "Calls to AWS"
#define STEP_ADDRESS  "Address"
#define STEP_CONNECT  "Connection"
#define STEP_SERVER   "Server"

enum { STRING_MAX = 1 << 20 };

/* Events by the beginning of their names. */
static const struct {
    const char *prefix, *step;
} steps[] = {
    { "settings", STEP_SETTINGS },
    { "auth", STEP_WHO },
    { "profile", STEP_WHO },
    { "aws", STEP_AWS },
    { "connect.address", STEP_ADDRESS },
    { "connect", STEP_CONNECT },
};

static const struct {
    const char *step, *state, *piece, *text;
} advices[] = {
#define ADVICE(step, state, piece, text) { step, state, piece, text },
#include "advice.def"
};

struct doctor {
    struct report report;
    const char *step; /* what the driver did last */
};

static void on_event(void *ctx, enum rs_log_level level, const char *event, struct rs_str text)
{
    struct doctor *d = ctx;

    /* What fails is told once, by the records. */
    if (level <= RS_LOG_ERROR || strcmp(event, "settings") == 0)
        return;
    for (size_t i = 0; i < RS_COUNT(steps); i++)
        if (strncmp(event, steps[i].prefix, strlen(steps[i].prefix)) == 0) {
            d->step = steps[i].step;
            report_add(&d->report, d->step, level == RS_LOG_WARNING ? REPORT_WARNING : REPORT_NOTE,
                       NULL, text);
            return;
        }
}

static void advise(struct doctor *d, const char *state, const char *message)
{
    for (size_t i = 0; i < RS_COUNT(advices); i++)
        if ((advices[i].step == NULL || strcmp(advices[i].step, d->step) == 0) &&
            (advices[i].state == NULL || strcmp(advices[i].state, state) == 0) &&
            (advices[i].piece == NULL || strstr(message, advices[i].piece) != NULL)) {
            report_add(&d->report, d->step, REPORT_ADVICE, NULL, rs_str_of(advices[i].text));
            return;
        }
}

/* All records of a handle. failed: the first one that is no warning gets advice. */
static void tell(struct doctor *d, SQLSMALLINT kind, SQLHANDLE handle, bool failed)
{
    SQLCHAR state[6], text[4096];
    SQLSMALLINT n;

    for (SQLSMALLINT i = 1; SQL_SUCCEEDED(
             SQLGetDiagRec(kind, handle, i, state, NULL, text, (SQLSMALLINT)sizeof text, &n));
         i++) {
        bool is_warning = strncmp((const char *)state, "01", 2) == 0;

        report_add(&d->report, d->step, is_warning ? REPORT_WARNING : REPORT_FAILURE,
                   (const char *)state, rs_str_of((const char *)text));
        if (failed && !is_warning) {
            advise(d, (const char *)state, (const char *)text);
            failed = false;
        }
    }
}

/* Who one is there, and what it is. */
static bool ask_server(struct doctor *d, SQLHDBC dbc)
{
    static const char *const questions[][2] = {
        { "signed in as ", "SELECT current_user" },
        { "it is ", "SELECT version()" },
    };
    SQLHSTMT stmt = NULL;
    bool ok = SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_STMT, dbc, &stmt));

    d->step = STEP_SERVER;
    for (size_t i = 0; ok && i < RS_COUNT(questions); i++) {
        char sql[64], value[512] = "", line[600];

        snprintf(sql, sizeof sql, "%s", questions[i][1]);
        ok = SQL_SUCCEEDED(SQLExecDirect(stmt, (SQLCHAR *)sql, SQL_NTS)) &&
             SQL_SUCCEEDED(SQLFetch(stmt)) &&
             SQL_SUCCEEDED(SQLGetData(stmt, 1, SQL_C_CHAR, value, sizeof value, NULL));
        snprintf(line, sizeof line, "%s%s", questions[i][0], value);
        if (ok)
            report_add(&d->report, d->step, REPORT_NOTE, NULL, rs_str_of(line));
        else
            tell(d, SQL_HANDLE_STMT, stmt, true);
        SQLFreeStmt(stmt, SQL_CLOSE);
    }
    SQLFreeHandle(SQL_HANDLE_STMT, stmt);
    return ok;
}

static void tell_file(void *ctx, bool is_global, const char *path, bool exists)
{
    struct doctor *d = ctx;
    struct rs_buf text = RS_BUF_INIT(STRING_MAX);

    rs_buf_addf(&text, "%s: \"%s\" %s", is_global ? "settings for all" : "data sources", path,
                exists ? "is there" : "is not there");
    if (!text.bad)
        report_add(&d->report, d->step, REPORT_NOTE, NULL, rs_buf_str(&text));
    rs_buf_clear(&text);
}

/* A proxy that other programs go by and the driver does not. */
static void tell_proxy(struct doctor *d)
{
    const char *name = rs_proxy_variable(&rs_world_real);
    struct rs_buf text = RS_BUF_INIT(STRING_MAX);

    if (name == NULL)
        return;
    rs_buf_addf(
        &text, "the environment's %s is not used: a proxy stands in keys of the data source", name);
    report_add(&d->report, d->step, REPORT_WARNING, NULL, rs_buf_str(&text));
    rs_buf_clear(&text);
}

static bool examine(struct doctor *d, const char *target)
{
    struct rs_buf string = RS_BUF_WIPED(STRING_MAX);
    SQLHENV env = NULL;
    SQLHDBC dbc = NULL;
    SQLRETURN rc = SQL_ERROR;
    bool ok = false;

    cli_string(target, &string);
    if (string.bad || !SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_ENV, NULL, &env)) ||
        !SQL_SUCCEEDED(
            SQLSetEnvAttr(env, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)(uintptr_t)SQL_OV_ODBC3_80, 0)) ||
        !SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_DBC, env, &dbc))) {
        report_add(&d->report, d->step, REPORT_FAILURE, "HY001", RS_STR("there is no memory"));
        goto out;
    }
    rc = SQLDriverConnect(dbc, NULL, (SQLCHAR *)string.p, (SQLSMALLINT)SQL_NTS, NULL, 0, NULL,
                          SQL_DRIVER_NOPROMPT);
    tell(d, SQL_HANDLE_DBC, dbc, !SQL_SUCCEEDED(rc));
    if (!SQL_SUCCEEDED(rc))
        goto out;
    ok = ask_server(d, dbc);
    SQLDisconnect(dbc);
out:
    if (dbc != NULL)
        SQLFreeHandle(SQL_HANDLE_DBC, dbc);
    if (env != NULL)
        SQLFreeHandle(SQL_HANDLE_ENV, env);
    rs_buf_clear(&string);
    return ok;
}

int cli_doctor(int argc, char **argv)
{
    struct doctor d = { .step = STEP_SETTINGS };
    bool is_json = false, is_well;
    const struct cli_option options[] = { { "--json", &is_json } };
    int left = cli_options(argc, argv, options, RS_COUNT(options));

    if (left < 0)
        return CLI_USAGE;
    if (left != 1)
        return cli_misuse("doctor takes one data source or one connection string");
    report_begin(&d.report, cli_target_name(argv[0]), is_json);
    rs_dsn_places(tell_file, &d);
    tell_proxy(&d);
    rs_log_listen(RS_LOG_DEBUG, on_event, &d);
    is_well = examine(&d, argv[0]);
    rs_log_listen(RS_LOG_OFF, NULL, NULL);
    return report_end(&d.report, is_well) && is_well ? CLI_DONE : CLI_FAILED;
}
