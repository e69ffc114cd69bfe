#include "catalog_source.h"

enum { SHOW_SINCE = 4 };

static bool is_on(const struct rs_session *session, const char *name)
{
    const char *value = rs_session_status(session, name);

    return value != NULL && rs_str_eq_nocase(rs_str_of(value), RS_STR("on"));
}

static bool has_show(const struct rs_session *session)
{
    const char *value = rs_session_status(session, "show_discovery");
    int64_t level;

    return value != NULL && rs_parse_i64(rs_str_of(value), &level) && level >= SHOW_SINCE;
}

static bool source_is(const struct rs_dbc *dbc, struct rs_str word)
{
    const char *set = dbc->settings.metadata_source;

    return set != NULL && rs_str_eq_nocase(rs_str_of(set), word);
}

struct rs_catalog_source rs_catalog_source_of(const struct rs_dbc *dbc)
{
    struct rs_catalog_source source = { .where = RS_WHERE_CATALOG };

    if (!dbc->policy.is_redshift || dbc->session == NULL || source_is(dbc, RS_STR("catalog")))
        return source;
    source.is_foreign = is_on(dbc->session, "external_database");
    source.where = !source.is_foreign && (dbc->settings.database_metadata_current_db_only ||
                                          !is_on(dbc->session, "datashare_enabled"))
                       ? RS_WHERE_SINGLE
                       : RS_WHERE_CROSS;
    source.views_only = source_is(dbc, RS_STR("views"));
    source.may_show = !source.views_only && has_show(dbc->session);
    source.wants_show = source.may_show && source_is(dbc, RS_STR("show"));
    return source;
}

bool rs_catalog_may_try(struct rs_dbc *dbc)
{
    struct rs_diag unseen = { .n = 0 };
    bool is_sure = dbc->session != NULL && rs_dbc_know_txn(dbc, &unseen);

    rs_diag_clear(&unseen);
    return is_sure && rs_session_txn(dbc->session) == RS_TXN_IDLE;
}

bool rs_catalog_was_refused(const struct rs_dbc *dbc, const struct rs_diag *of)
{
    enum rs_state state = rs_diag_state(of);

    if (dbc->session == NULL || rs_session_is_dead(dbc->session))
        return false;
    for (size_t i = 0; i < of->n; i++)
        if (of->rec[i].is_error)
            return of->rec[i].from_server && state != RS_HY008 && state != RS_HYT00 &&
                   state != RS_HY001;
    return false;
}

bool rs_catalog_was_missing(const struct rs_diag *of)
{
    enum rs_state state = rs_diag_state(of);

    return state == RS_42S02 || state == RS_3F000 || state == RS_3D000;
}
