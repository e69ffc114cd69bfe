#include "opener.h"

#include <string.h>

#include "known.h"

enum { START_TEXT_MAX = 127 };

/* ---- which opener ---- */

static bool open_auto(const struct rs_login *login, const struct rs_open_options *options,
                      struct rs_deadline deadline, struct rs_opened *out, struct rs_diag *diag)
{
    struct rs_diag scratch = { 0 };

    if (login->kind == RS_LOGIN_TOKEN || options->level_is_explicit ||
        options->proxy.host != NULL ||
        (login->host != NULL && rs_known_is(RS_KNOWN_BEYOND_LIBPQ, login->host, login->port)))
        return rs_open_native(login, options, deadline, out, diag);
    switch (rs_open_pq(login, options, deadline, out, &scratch)) {
    case RS_OPENING_DONE:
        rs_diag_move(diag, &scratch);
        return true;
    case RS_OPENING_FAILED:
        rs_diag_move(diag, &scratch);
        return false;
    case RS_OPENING_UNABLE:
        break;
    }
    RS_LOG(options->log, RS_LOG_INFO, "connect", "not through libpq: %s", rs_diag_first(&scratch));
    rs_diag_clear(&scratch);
    if (!rs_open_native(login, options, deadline, out, diag))
        return false;
    rs_known_add(RS_KNOWN_BEYOND_LIBPQ, login->host, login->port);
    return true;
}

bool rs_open(const struct rs_login *login, const struct rs_open_options *options,
             struct rs_deadline deadline, struct rs_opened *out, struct rs_diag *diag)
{
    switch (options->opener) {
    case RS_OPENER_AUTO:
        return open_auto(login, options, deadline, out, diag);
    case RS_OPENER_NATIVE:
        return rs_open_native(login, options, deadline, out, diag);
    case RS_OPENER_LIBPQ:
        break;
    }
    if (login->kind == RS_LOGIN_TOKEN)
        return rs_fail(diag, RS_HYC00, 0,
                       "libpq cannot sign in with a token; Opener=auto or Opener=native can");
    if (options->proxy.host != NULL)
        return rs_fail(diag, RS_HYC00, 0,
                       "libpq knows no proxy (ProxyHost); Opener=auto or Opener=native does");
    return rs_open_pq(login, options, deadline, out, diag) == RS_OPENING_DONE;
}

void rs_start_text(const char *text, const char *otherwise, struct rs_buf *out)
{
    const char *p = text == NULL || text[0] == '\0' ? otherwise : text;

    for (size_t i = 0; p[i] != '\0' && i < START_TEXT_MAX; i++)
        rs_buf_addc(out, p[i] >= ' ' && p[i] < 127 ? p[i] : '?');
}

/* ---- what openers take and hand over ---- */

void rs_login_clear(struct rs_login *login)
{
    rs_free(login->host);
    rs_free(login->database);
    rs_free(login->user);
    rs_free(login->idp_type);
    rs_free(login->provider_name);
    rs_free(login->token_type);
    rs_free(login->identity_namespace);
    rs_secret_clear(&login->secret);
    memset(login, 0, sizeof(*login));
}

bool rs_login_needs_tls(const struct rs_login *login)
{
    return login->is_iam || login->kind == RS_LOGIN_TOKEN;
}

static struct rs_status *status_find(struct rs_status *list, struct rs_str name)
{
    for (; list != NULL; list = list->next) {
        if (rs_str_eq_nocase(rs_str_of(list->name), name))
            return list;
    }
    return NULL;
}

const char *rs_status_get(const struct rs_status *list, const char *name)
{
    for (; list != NULL; list = list->next) {
        if (rs_str_eq_nocase(rs_str_of(list->name), rs_str_of(name)))
            return list->value;
    }
    return NULL;
}

bool rs_status_set(struct rs_status **list, struct rs_str name, struct rs_str value,
                   struct rs_diag *diag)
{
    struct rs_status *status = status_find(*list, name);
    char *copy = rs_str_dup(value, diag);

    if (copy == NULL)
        return false;
    if (status != NULL) {
        rs_free(status->value);
        status->value = copy;
        return true;
    }
    status = rs_new(struct rs_status, diag);
    if (status != NULL)
        status->name = rs_str_dup(name, diag);
    if (status == NULL || status->name == NULL) {
        rs_free(status);
        rs_free(copy);
        return false;
    }
    status->value = copy;
    status->next = *list;
    *list = status;
    return true;
}

void rs_status_free(struct rs_status *list)
{
    while (list != NULL) {
        struct rs_status *next = list->next;

        rs_free(list->name);
        rs_free(list->value);
        rs_free(list);
        list = next;
    }
}
