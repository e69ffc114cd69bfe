#include "opener_pq_params.h"

#include <string.h>

/* A file that cannot exist: libpq looks for none of its own, and takes none from the environment.
 */
#define NO_FILE "/dev/null/none"

void rs_pq_params_add(struct rs_pq_params *params, const char *name, const char *value)
{
    char word[64];
    size_t n = strlen(name);

    if (n + 3 > sizeof(word) || params->n >= RS_PQ_PARAMS_MAX)
        return;
    word[0] = ' ';
    memcpy(word + 1, name, n);
    memcpy(word + 1 + n, " ", 2);
    if (strstr(params->known, word) == NULL)
        return;
    params->name[params->n] = name;
    params->value[params->n] = value;
    params->n++;
}

void rs_pq_params_clear(struct rs_pq_params *params)
{
    for (size_t i = 0; i < params->n_owned; i++)
        rs_free(params->owned[i]);
    params->n_owned = 0;
    params->n = 0;
}

static bool add_owned(struct rs_pq_params *params, const char *name, struct rs_buf *value,
                      struct rs_diag *diag)
{
    char *text;

    if (!rs_buf_ok(value, diag))
        return false;
    text = rs_buf_take(value);
    if (text == NULL)
        return rs_fail_memory(diag);
    params->owned[params->n_owned++] = text;
    rs_pq_params_add(params, name, text);
    return true;
}

static bool add_number(struct rs_pq_params *params, const char *name, int32_t number,
                       struct rs_diag *diag)
{
    struct rs_buf text = RS_BUF_INIT(16);

    rs_buf_addf(&text, "%d", (int)number);
    return add_owned(params, name, &text, diag);
}

/* The same whatever the login: each keeps a variable or file of the environment out. */
static void add_fixed(struct rs_pq_params *params)
{
    static const struct {
        const char *name, *value;
    } fixed[] = {
        { "client_encoding", "UTF8" },
        { "gssencmode", "disable" },
        { "channel_binding", "disable" },
        { "krbsrvname", "postgres" },
        { "gsslib", "gssapi" },
        { "gssdelegation", "0" },
        { "passfile", NO_FILE },
        { "sslcert", NO_FILE },
        { "sslkey", NO_FILE },
        { "sslcrl", NO_FILE },
        { "sslcrldir", NO_FILE },
        { "sslcertmode", "disable" },
        { "sslcompression", "0" },
        { "sslsni", "1" },
        { "sslnegotiation", "postgres" },
        { "ssl_max_protocol_version", "TLSv1.3" },
        { "min_protocol_version", "3.0" },
        { "max_protocol_version", "3.0" },
        { "connect_timeout", "0" },
        { "target_session_attrs", "any" },
        { "load_balance_hosts", "disable" },
        { "tcp_user_timeout", "0" },
    };

    for (size_t i = 0; i < RS_COUNT(fixed); i++)
        rs_pq_params_add(params, fixed[i].name, fixed[i].value);
}

static bool add_session(struct rs_pq_params *params, const struct rs_open_options *options,
                        struct rs_diag *diag)
{
    struct rs_buf settings = RS_BUF_INIT(64 * 1024), name = RS_BUF_INIT(256);

    if (options->settings != NULL && options->settings[0] != '\0')
        rs_buf_addf(&settings, "%s ", options->settings);
    rs_buf_adds(&settings, "-c datestyle=ISO -c extra_float_digits=2");
    if (!add_owned(params, "options", &settings, diag))
        return false;
    rs_start_text(options->application_name, RS_APPLICATION_NAME, &name);
    return add_owned(params, "application_name", &name, diag);
}

static bool add_keepalive(struct rs_pq_params *params, const struct rs_open_options *options,
                          struct rs_diag *diag)
{
    rs_pq_params_add(params, "keepalives", options->keepalive ? "1" : "0");
    return !options->keepalive ||
           ((options->keepalive_idle_s <= 0 ||
             add_number(params, "keepalives_idle", options->keepalive_idle_s, diag)) &&
            (options->keepalive_interval_s <= 0 ||
             add_number(params, "keepalives_interval", options->keepalive_interval_s, diag)) &&
            (options->keepalive_count <= 0 ||
             add_number(params, "keepalives_count", options->keepalive_count, diag)));
}

/* libpq compares and sends the name as it is; the root's dot is part of no certificate. */
static bool add_host(struct rs_pq_params *params, const char *host, struct rs_diag *diag)
{
    struct rs_str name = rs_str_of(host);
    struct rs_buf text = RS_BUF_INIT(64 * 1024);

    if (name.n > 1 && name.p[name.n - 1] == '.')
        name.n--;
    rs_buf_add(&text, name);
    return add_owned(params, "host", &text, diag);
}

bool rs_pq_params_fill(struct rs_pq_params *params, const struct rs_login *login,
                       const struct rs_open_options *options, const char *address,
                       const char *sslmode, bool no_clear_password, bool *guarded,
                       struct rs_diag *diag)
{
    const char *database = login->database;

    /* Without a name libpq takes the user's, but only after the environment's. */
    if (database == NULL || database[0] == '\0')
        database = login->user;
    rs_pq_params_add(params, "hostaddr", address);
    rs_pq_params_add(params, "dbname", database);
    rs_pq_params_add(params, "user", login->user);
    rs_pq_params_add(params, "sslmode", sslmode);
    rs_pq_params_add(params, "sslrootcert",
                     options->ca_file == NULL || options->ca_file[0] == '\0' ? NO_FILE
                                                                             : options->ca_file);
    rs_pq_params_add(params, "ssl_min_protocol_version",
                     options->tls13_only ? "TLSv1.3" : "TLSv1.2");
    add_fixed(params);
    *guarded = strstr(params->known, " require_auth ") != NULL;
    if (*guarded && no_clear_password)
        rs_pq_params_add(params, "require_auth", "!password");
    return add_host(params, login->host, diag) && add_number(params, "port", login->port, diag) &&
           add_session(params, options, diag) && add_keepalive(params, options, diag);
}

/* ---- what libpq says ---- */

static bool is_sqlstate(const char *p)
{
    for (int i = 0; i < 5; i++) {
        if (!rs_is_digit(p[i]) && (p[i] < 'A' || p[i] > 'Z'))
            return false;
    }
    return true;
}

/* The last line of a verbose text is "LOCATION:  function, file:line" in some language. */
static struct rs_str without_location(struct rs_str text)
{
    struct rs_str t = rs_str_trim(text);
    size_t at = t.n, end;

    while (at > 0 && rs_is_digit(t.p[at - 1]))
        at--;
    if (at == t.n || at == 0 || t.p[at - 1] != ':')
        return t;
    for (end = at; end > 0 && t.p[end - 1] != '\n'; end--)
        ;
    return end == 0 ? t : rs_str_trim(rs_str_sub(t, 0, end));
}

bool rs_pq_sqlstate(struct rs_str text, char five[6], struct rs_str *message)
{
    bool found = false;

    /* severity ":  " SQLSTATE ": " message */
    for (size_t i = 0; i + 10 <= text.n; i++) {
        const char *p = text.p + i;

        if (p[0] != ':' || p[1] != ' ' || p[2] != ' ' || !is_sqlstate(p + 3) || p[8] != ':' ||
            p[9] != ' ')
            continue;
        memcpy(five, p + 3, 5);
        five[5] = '\0';
        *message = without_location(rs_str_sub(text, i + 10, text.n));
        found = true;
    }
    return found;
}

bool rs_pq_is_nonsense(struct rs_str line)
{
    static const char *const words[] = { "expected authentication request",
                                         "lost synchronization with server",
                                         "invalid authentication request" };

    for (size_t i = 0; i < RS_COUNT(words); i++)
        if (rs_str_find_nocase(line, rs_str_of(words[i])) >= 0)
            return true;
    return false;
}
