#include "errorlog.h"

const char *rs_session_text(const struct rs_dbc *dbc, char digits[RS_SESSION_TEXT])
{
    const char *id = rs_session_status(dbc->session, "session_id");
    int32_t pid = rs_session_server_pid(dbc->session);

    if (id != NULL && id[0] != '\0')
        return id;
    digits[rs_print_u64(digits, pid > 0 ? (uint64_t)pid : 0)] = '\0';
    return digits;
}

/* "query:     4711" is a line of an internal fault, "Query (4711) cancelled" a message. */
struct rs_str rs_query_named(struct rs_str text)
{
    static const char *const before[] = { "query (", "query:" };

    for (size_t i = 0; i < RS_COUNT(before); i++) {
        struct rs_str key = rs_str_of(before[i]);
        ptrdiff_t at = rs_str_find_nocase(text, key);
        struct rs_str rest;
        size_t n = 0;

        if (at < 0)
            continue;
        rest = rs_str_trim(rs_str_sub(text, (size_t)at + key.n, text.n));
        while (n < rest.n && rs_is_digit(rest.p[n]))
            n++;
        if (n > 0)
            return rs_str_sub(rest, 0, n);
    }
    return RS_STR_NULL;
}

void rs_log_errors(struct rs_dbc *dbc, const struct rs_diag *diag)
{
    char digits[RS_SESSION_TEXT];
    const char *session;

    if (diag->n_error == 0 || dbc->session == NULL || !rs_log_on(&dbc->log, RS_LOG_INFO))
        return;
    session = rs_session_text(dbc, digits);
    for (size_t i = 0; i < diag->n; i++) {
        const struct rs_diag_rec *rec = &diag->rec[i];
        struct rs_str query = rec->from_server ? rs_query_named(rs_str_of(rec->text)) : RS_STR_NULL;

        if (rec->is_error)
            rs_log_write(&dbc->log, RS_LOG_INFO, "error", "session %s%s%.*s: %s %s", session,
                         query.n > 0 ? ", query " : "", RS_ARG(query),
                         rs_state_text(rec->state, false), rec->text);
    }
}
