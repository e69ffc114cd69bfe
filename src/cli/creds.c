/* A login as the driver would get it, without opening a connection. */
#include <stdio.h>
#include <string.h>

#include "../auth/auth.h"
#include "../json.h"
#include "../odbc/connstr.h"
#include "../odbc/dsn.h"
#include "cli.h"

enum { STRING_MAX = 1 << 20, OUT_MAX = 1 << 20 };

static void add_time(struct rs_buf *out, int64_t utc_s)
{
    struct rs_utc_time t = rs_utc_split(utc_s);

    rs_buf_addf(out, "%04d-%02d-%02dT%02d:%02d:%02dZ", t.year, t.month, t.day, t.hour, t.minute,
                t.second);
}

static void add_member(struct rs_buf *out, bool is_json, const char *name, struct rs_str value)
{
    if (!is_json) {
        rs_buf_addf(out, "%s: ", name);
        rs_buf_add(out, value);
        rs_buf_addc(out, '\n');
        return;
    }
    rs_buf_addf(out, "%c\"%s\":", out->len == 0 ? '{' : ',', name);
    rs_json_quote(out, value);
}

static void compose(const struct rs_login *login, bool is_json, bool shows_password,
                    struct rs_buf *out)
{
    struct rs_buf until = RS_BUF_INIT(64);

    if (login->user != NULL)
        add_member(out, is_json, "user", rs_str_of(login->user));
    if (login->expires_at != 0) {
        add_time(&until, login->expires_at);
        add_member(out, is_json, "expires", rs_buf_str(&until));
    }
    if (shows_password)
        add_member(
            out, is_json, login->kind == RS_LOGIN_TOKEN ? "token" : "password",
            (struct rs_str){ rs_secret_reveal(&login->secret), rs_secret_len(&login->secret) });
    if (is_json)
        rs_buf_adds(out, out->len == 0 ? "{}\n" : "}\n");
    rs_buf_clear(&until);
}

static bool resolve(const char *target, struct rs_login *login, struct rs_diag *diag)
{
    struct rs_buf string = RS_BUF_WIPED(STRING_MAX);
    struct rs_connstr pairs = { .n = 0 };
    struct rs_settings set = { 0 };
    bool ok = false;

    cli_string(target, &string);
    ok = rs_buf_ok(&string, diag) && rs_settings_init(&set, diag) &&
         rs_connstr_parse(rs_buf_str(&string), &pairs, diag) && rs_dsn_load(&set, &pairs, diag) &&
         rs_settings_check(&set, diag) &&
         rs_auth_resolve(&set, &rs_world_real, rs_deadline_in((int64_t)set.login_timeout * 1000),
                         NULL, login, diag);
    rs_connstr_clear(&pairs);
    rs_settings_clear(&set);
    rs_buf_clear(&string);
    return ok;
}

int cli_creds(int argc, char **argv)
{
    bool is_json = false, shows_password = false, ok;
    const struct cli_option options[] = { { "--json", &is_json },
                                          { "--show-password", &shows_password } };
    int left = cli_options(argc, argv, options, RS_COUNT(options));
    struct rs_buf out = RS_BUF_WIPED(OUT_MAX);
    struct rs_login login = { .host = NULL };
    struct rs_diag diag = { 0 };

    if (left < 0)
        return CLI_USAGE;
    if (left != 1)
        return cli_misuse("creds takes one data source or one connection string");
    ok = resolve(argv[0], &login, &diag);
    for (size_t i = 0; i < diag.n; i++)
        fprintf(stderr, "%s %s\n", rs_state_text(diag.rec[i].state, false), diag.rec[i].text);
    if (ok) {
        compose(&login, is_json, shows_password, &out);
        ok = !out.bad && out.p != NULL && fputs(out.p, stdout) >= 0 && fflush(stdout) == 0;
    }
    rs_login_clear(&login);
    rs_diag_clear(&diag);
    rs_buf_clear(&out);
    return ok ? CLI_DONE : CLI_FAILED;
}
