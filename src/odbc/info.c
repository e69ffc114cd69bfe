#include "info.h"

#include <string.h>

#include "escape.h"
#include "query.h"
#include "version.h"
#include "wide.h"

enum width { S, H, I, L };
enum when { OPEN, ALWAYS };

/* What a computing function fills in: text or number, by its row's width. */
struct answer {
    struct rs_buf text;
    SQLULEN number;
};

typedef bool answer_fn(struct rs_dbc *dbc, struct answer *answer, struct rs_diag *diag);

struct info {
    SQLUSMALLINT id;
    enum width width;
    enum when when;
    const char *text;
    SQLUINTEGER redshift, postgres;
    answer_fn *compute;
};

/* ---- computed answers ---- */

static bool put_text(struct answer *answer, const char *text)
{
    rs_buf_add(&answer->text, rs_str_of(text));
    return true;
}

static bool data_source_name(struct rs_dbc *dbc, struct answer *answer, struct rs_diag *diag)
{
    (void)diag;
    return put_text(answer, dbc->dsn);
}

static bool database_name(struct rs_dbc *dbc, struct answer *answer, struct rs_diag *diag)
{
    (void)diag;
    return put_text(answer, dbc->database);
}

static bool dbms_name(struct rs_dbc *dbc, struct answer *answer, struct rs_diag *diag)
{
    (void)diag;
    if (rs_settings_has_text(&dbc->settings, RS_KEY_dbms_name))
        return put_text(answer, dbc->settings.dbms_name);
    return put_text(answer, dbc->policy.is_redshift ? "Redshift" : "PostgreSQL");
}

/* Up to three numbers divided by points; what follows them does not matter. */
static size_t parse_version(struct rs_str raw, unsigned part[3])
{
    size_t at = 0, n = 0;

    while (n < 3 && at < raw.n && rs_is_digit(raw.p[at])) {
        part[n] = 0;
        for (; at < raw.n && rs_is_digit(raw.p[at]); at++)
            if (part[n] < 1000000)
                part[n] = part[n] * 10 + (unsigned)(raw.p[at] - '0');
        n++;
        if (at == raw.n || raw.p[at] != '.')
            break;
        at++;
    }
    return n;
}

void rs_dbms_version(struct rs_str raw, struct rs_buf *out)
{
    unsigned part[3] = { 0, 0, 0 };

    if (parse_version(raw, part) == 2 && part[0] >= 10) {
        part[2] = part[1];
        part[1] = 0;
    }
    rs_buf_addf(out, "%02u.%02u.%04u", part[0], part[1], part[2]);
    if (raw.n > 0) {
        rs_buf_addc(out, ' ');
        rs_buf_add(out, raw);
    }
}

static bool dbms_version(struct rs_dbc *dbc, struct answer *answer, struct rs_diag *diag)
{
    const char *raw = NULL;

    (void)diag;
    if (dbc->policy.is_redshift)
        raw = rs_session_status(dbc->session, "padb_version");
    if (raw == NULL)
        raw = rs_session_status(dbc->session, "server_version");
    rs_dbms_version(rs_str_of(raw), &answer->text);
    return true;
}

static bool driver_hdbc(struct rs_dbc *dbc, struct answer *answer, struct rs_diag *diag)
{
    (void)diag;
    answer->number = (SQLULEN)(uintptr_t)dbc;
    return true;
}

static bool driver_henv(struct rs_dbc *dbc, struct answer *answer, struct rs_diag *diag)
{
    (void)diag;
    answer->number = (SQLULEN)(uintptr_t)dbc->env;
    return true;
}

/* The handle to translate stands where the answer goes; it was read before. */
static bool driver_handle(struct rs_dbc *dbc, struct answer *answer, struct rs_diag *diag)
{
    (void)dbc;
    (void)answer;
    (void)diag;
    return true;
}

static bool driver_name(struct rs_dbc *dbc, struct answer *answer, struct rs_diag *diag)
{
    struct rs_buf path = RS_BUF_INIT(65536);
    const char *slash;
    bool found = rs_os_library_path(&path) && path.len > 0;

    (void)dbc;
    (void)diag;
    slash = found ? strrchr(path.p, '/') : NULL;
    if (!found)
        rs_buf_adds(&answer->text,
                    RS_WIDE == 2 ? "libredshift_odbc.so" : "libredshift_odbc_iodbc.so");
    else
        rs_buf_adds(&answer->text, slash == NULL ? path.p : slash + 1);
    rs_buf_clear(&path);
    return true;
}

static bool driver_version(struct rs_dbc *dbc, struct answer *answer, struct rs_diag *diag)
{
    (void)dbc;
    (void)diag;
    rs_buf_addf(&answer->text, "%02d.%02d.%04d", RS_VERSION_MAJOR, RS_VERSION_MINOR,
                RS_VERSION_PATCH);
    return true;
}

static bool server_name(struct rs_dbc *dbc, struct answer *answer, struct rs_diag *diag)
{
    (void)diag;
    return put_text(answer, dbc->server_name);
}

static bool user_name(struct rs_dbc *dbc, struct answer *answer, struct rs_diag *diag)
{
    const char *said = rs_session_status(dbc->session, "session_authorization");

    (void)diag;
    return put_text(answer, said != NULL ? said : dbc->user);
}

/* Three-part names work where the cluster lets a session read its other databases. */
static bool catalog_usage(struct rs_dbc *dbc, struct answer *answer, struct rs_diag *diag)
{
    const char *said = rs_session_status(dbc->session, "datashare_enabled");

    (void)diag;
    if (dbc->policy.is_redshift && rs_str_eq_nocase(rs_str_of(said), RS_STR("on")))
        answer->number = SQL_CU_DML_STATEMENTS;
    return true;
}

static bool read_only(struct rs_dbc *dbc, struct answer *answer, struct rs_diag *diag)
{
    (void)diag;
    return put_text(answer, dbc->access_mode == SQL_MODE_READ_ONLY ? "Y" : "N");
}

static bool quoted_identifier_case(struct rs_dbc *dbc, struct answer *answer, struct rs_diag *diag)
{
    (void)diag;
    answer->number = rs_query_keeps_case(dbc, NULL) ? SQL_IC_SENSITIVE : SQL_IC_LOWER;
    return true;
}

size_t rs_name_max(const struct rs_policy *policy)
{
    return policy->is_redshift ? RS_NAME_MAX_REDSHIFT : RS_NAME_MAX_POSTGRES;
}

static bool name_length(struct rs_dbc *dbc, struct answer *answer, struct rs_diag *diag)
{
    (void)diag;
    answer->number = rs_name_max(&dbc->policy);
    return true;
}

static bool string_functions(struct rs_dbc *dbc, struct answer *answer, struct rs_diag *diag)
{
    (void)diag;
    answer->number = rs_escape_mask(RS_ESCAPE_STRING, dbc->policy.is_redshift);
    return true;
}

static bool numeric_functions(struct rs_dbc *dbc, struct answer *answer, struct rs_diag *diag)
{
    (void)diag;
    answer->number = rs_escape_mask(RS_ESCAPE_NUMERIC, dbc->policy.is_redshift);
    return true;
}

static bool timedate_functions(struct rs_dbc *dbc, struct answer *answer, struct rs_diag *diag)
{
    (void)diag;
    answer->number = rs_escape_mask(RS_ESCAPE_TIMEDATE, dbc->policy.is_redshift);
    return true;
}

static bool system_functions(struct rs_dbc *dbc, struct answer *answer, struct rs_diag *diag)
{
    (void)diag;
    answer->number = rs_escape_mask(RS_ESCAPE_SYSTEM, dbc->policy.is_redshift);
    return true;
}

static bool timedate_units(struct rs_dbc *dbc, struct answer *answer, struct rs_diag *diag)
{
    (void)diag;
    answer->number = rs_escape_mask(RS_ESCAPE_UNITS, dbc->policy.is_redshift);
    return true;
}

/* CAST needs no rewriting: the servers have it. */
static bool convert_functions(struct rs_dbc *dbc, struct answer *answer, struct rs_diag *diag)
{
    (void)diag;
    answer->number = rs_escape_mask(RS_ESCAPE_CONVERT, dbc->policy.is_redshift) | SQL_FN_CVT_CAST;
    return true;
}

/* ---- the table ---- */

static const struct info infos[] = {
#define TEXT(id, when, text) { id, S, when, text, 0, 0, NULL },
#define NUMBER(id, width, when, redshift, postgres)                                                \
    { id, width, when, NULL, redshift, postgres, NULL },
#define CALL(id, width, when, function) { id, width, when, NULL, 0, 0, function },
#include "info.def"
};

static const struct info *find_info(SQLUSMALLINT id)
{
    for (size_t i = 0; i < RS_COUNT(infos); i++)
        if (infos[i].id == id)
            return &infos[i];
    return NULL;
}

static void put_number(enum width width, SQLULEN number, SQLPOINTER value,
                       const struct rs_text_out *text)
{
    SQLUSMALLINT half = (SQLUSMALLINT)number;
    SQLUINTEGER whole = (SQLUINTEGER)number;
    const void *from = width == H   ? (const void *)&half
                       : width == I ? (const void *)&whole
                                    : (const void *)&number;
    size_t size = width == H ? sizeof half : width == I ? sizeof whole : sizeof number;

    if (value != NULL)
        memcpy(value, from, size);
    if (text->len16 != NULL)
        *text->len16 = (SQLSMALLINT)size;
    if (text->len32 != NULL)
        *text->len32 = (SQLINTEGER)size;
}

static bool check_buffer(const struct info *info, const struct rs_text_out *text,
                         struct rs_diag *diag)
{
    if (info->width != S || text->p == NULL)
        return true;
    if (!rs_text_out_ok(text, diag))
        return false;
    if (text->is_wide && !text->in_units && text->cap % RS_WIDE != 0)
        return rs_fail(diag, RS_HY090, 0,
                       "buffer length %ld is odd; wide texts have %d bytes a unit", (long)text->cap,
                       (int)RS_WIDE);
    return true;
}

static bool compute(struct rs_dbc *dbc, const struct info *info, struct answer *answer,
                    struct rs_diag *diag)
{
    if (info->compute != NULL)
        return info->compute(dbc, answer, diag) && rs_buf_ok(&answer->text, diag);
    answer->number = dbc->policy.is_redshift ? info->redshift : info->postgres;
    return true;
}

SQLRETURN rs_get_info(struct rs_dbc *dbc, SQLUSMALLINT type, SQLPOINTER value,
                      const struct rs_text_out *text)
{
    struct rs_diag *diag = &dbc->head.diag;
    const struct info *info = find_info(type);
    struct answer answer = { .text = RS_BUF_INIT(65536) };
    SQLRETURN rc = SQL_ERROR;

    if (info == NULL) {
        rs_fail(diag, RS_HY096, 0, "SQLGetInfo does not know information type %u", (unsigned)type);
        return SQL_ERROR;
    }
    if ((info->when == OPEN && !rs_dbc_ready(dbc, diag)) || !check_buffer(info, text, diag))
        return SQL_ERROR;
    if (info->width == L && value != NULL)
        memcpy(&answer.number, value, sizeof answer.number);
    if (!compute(dbc, info, &answer, diag))
        goto out;
    if (info->width != S)
        put_number(info->width, answer.number, value, text);
    else
        rs_text_put(text, info->text != NULL ? rs_str_of(info->text) : rs_buf_str(&answer.text),
                    diag);
    rc = SQL_SUCCESS;
out:
    rs_buf_clear(&answer.text);
    return rc;
}
