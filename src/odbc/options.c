#include "options.h"

#include <string.h>

#include "../ca.h"

enum { APPLICATION_NAME_MAX = 127 };

/* A value inside the start-up packet's options: blanks and backslashes get a backslash. */
static void add_option(struct rs_buf *out, const char *name, const char *value)
{
    rs_buf_addf(out, "%s-c %s=", out->len > 0 ? " " : "", name);
    for (const char *p = value; *p != '\0'; p++) {
        if (rs_is_space(*p) || *p == '\\')
            rs_buf_addc(out, '\\');
        rs_buf_addc(out, *p);
    }
}

static bool compose_settings(const struct rs_settings *set, struct rs_buf *out,
                             struct rs_diag *diag)
{
    rs_buf_adds(out, "");
    if (set->statement_timeout > 0) {
        char digits[24] = "";

        digits[rs_print_i64(digits, set->statement_timeout)] = '\0';
        add_option(out, "statement_timeout", digits);
    }
    if (set->search_path != NULL)
        add_option(out, "search_path", set->search_path);
    if (set->time_zone != NULL)
        add_option(out, "timezone", set->time_zone);
    return rs_buf_ok(out, diag);
}

/* ASCII alone goes into the server's connection log. */
static bool compose_application(const struct rs_settings *set, struct rs_buf *out,
                                struct rs_diag *diag)
{
    struct rs_buf name = RS_BUF_INIT(4096);

    if (set->application_name != NULL)
        rs_buf_adds(&name, set->application_name);
    else
        rs_os_program(&name);
    for (size_t i = 0; i < name.len && i < APPLICATION_NAME_MAX && !name.bad; i++)
        rs_buf_addc(out, name.p[i] >= ' ' && name.p[i] < 127 ? name.p[i] : '?');
    rs_buf_clear(&name);
    rs_buf_adds(out, "");
    return rs_buf_ok(out, diag);
}

static enum rs_sslmode sslmode_of(const char *word)
{
    static const char *const words[] = { "disable", "allow",     "prefer",
                                         "require", "verify-ca", "verify-full" };

    for (size_t i = 0; i < RS_COUNT(words); i++)
        if (word != NULL && strcmp(word, words[i]) == 0)
            return (enum rs_sslmode)i;
    return RS_SSL_VERIFY_FULL;
}

static enum rs_opener opener_of(const char *word)
{
    if (word != NULL && strcmp(word, "native") == 0)
        return RS_OPENER_NATIVE;
    return word != NULL && strcmp(word, "libpq") == 0 ? RS_OPENER_LIBPQ : RS_OPENER_AUTO;
}

bool rs_options_compose(struct rs_dbc *dbc, struct rs_options *options)
{
    const struct rs_settings *set = &dbc->settings;
    struct rs_diag *diag = &dbc->head.diag;
    enum rs_sslmode mode = sslmode_of(set->sslmode);

    if (mode != RS_SSL_DISABLE && !rs_ca_file(set, &rs_world_real, &options->ca, diag))
        return false;
    if (!compose_settings(set, &options->settings, diag) ||
        !compose_application(set, &options->application, diag))
        return false;
    options->session = (struct rs_session_options){
        .open = { .opener = opener_of(set->opener),
                  .sslmode = mode,
                  .sslmode_is_explicit = rs_settings_is_set(set, RS_KEY_sslmode),
                  .tls13_only = set->min_tls != NULL && strcmp(set->min_tls, "1.3") == 0,
                  .ca_file = mode == RS_SSL_DISABLE ? NULL : options->ca.p,
                  .application_name = options->application.p,
                  .settings = options->settings.p,
                  .level = set->client_protocol_version,
                  .level_is_explicit = set->client_protocol_version > 0 &&
                                       rs_settings_is_set(set, RS_KEY_client_protocol_version),
                  .plugin = set->plugin_name,
                  .keepalive = set->keep_alive,
                  .keepalive_idle_s = set->keep_alive_time,
                  .keepalive_interval_s = set->keep_alive_interval,
                  .keepalive_count = set->keep_alive_count,
                  .proxy = { .host = set->proxy_host,
                             .port = set->proxy_port,
                             .user = set->proxy_uid,
                             .password = &set->proxy_pwd },
                  .retry_count = set->connection_retry_count,
                  .retry_delay_s = set->connection_retry_delay,
                  .receive_bytes = (size_t)set->fetch_buffer_bytes,
                  .log = &dbc->log },
        .store_bytes = (size_t)set->result_memory_bytes,
        .may_spill = set->spill_to_disk,
        .spill_dir = set->temp_dir,
        .read_timeout_ms = (int64_t)dbc->connection_timeout_s * 1000,
        .statement_timeout_ms = set->statement_timeout,
        .show_notices = set->show_notices,
    };
    return true;
}

void rs_options_clear(struct rs_options *options)
{
    rs_buf_clear(&options->ca);
    rs_buf_clear(&options->settings);
    rs_buf_clear(&options->application);
}
