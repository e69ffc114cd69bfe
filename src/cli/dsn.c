/* A section of odbc.ini that does what a JDBC URL does. */
#include <stdio.h>
#include <string.h>

#include "../odbc/connstr.h"
#include "../odbc/jdbcurl.h"
#include "cli.h"

enum { OUT_MAX = 1 << 20 };

/* A line of the file has one key, and blanks around a value are not its own. */
static bool fits_line(struct rs_str value)
{
    if (value.n > 0 && (rs_is_space(value.p[0]) || rs_is_space(value.p[value.n - 1])))
        return false;
    return rs_str_chr(value, '\n') < 0 && rs_str_chr(value, '\r') < 0;
}

static bool compose(const struct rs_connstr *pairs, const char *name, struct rs_buf *out)
{
    rs_buf_addf(out, "[%s]\nDriver = Redshift ODBC\n", name);
    for (size_t i = 0; i < pairs->n; i++) {
        const struct rs_connstr_pair *pair = &pairs->pair[i];
        struct rs_str value = rs_connstr_value(pair);
        const char *key = pair->id == RS_KEY_NONE ? pair->key : rs_key(pair->id)->name;

        if (!fits_line(value)) {
            fprintf(stderr, "redshift-odbc: the value of %s does not fit a line of odbc.ini\n",
                    key);
            return false;
        }
        rs_buf_addf(out, "%s%s = ", pair->id == RS_KEY_NONE ? "# not a key of this driver: " : "",
                    key);
        rs_buf_add(out, value);
        rs_buf_addc(out, '\n');
    }
    return !out->bad;
}

int cli_dsn(int argc, char **argv)
{
    struct rs_buf out = RS_BUF_WIPED(OUT_MAX);
    struct rs_connstr pairs = { .n = 0 };
    struct rs_diag diag = { 0 };
    const char *name = argc == 3 ? argv[2] : "redshift";
    bool ok;

    if (argc > 0 && strcmp(argv[0], "new") == 0)
        return cli_dsn_new(argc - 1, argv + 1);
    if (argc < 2 || argc > 3 || strcmp(argv[0], "from-jdbc") != 0)
        return cli_misuse(
            "dsn takes new and perhaps a name, or from-jdbc, a URL and perhaps a name");
    if (name[0] == '\0' || strpbrk(name, "[]\n\r") != NULL)
        return cli_misuse("\"%s\" cannot be the name of a data source", name);
    ok = rs_jdbcurl_read(rs_str_of(argv[1]), &pairs, &diag);
    for (size_t i = 0; i < diag.n; i++)
        fprintf(stderr, "%s %s\n", rs_state_text(diag.rec[i].state, false), diag.rec[i].text);
    ok = ok && compose(&pairs, name, &out) && fputs(out.p, stdout) >= 0 && fflush(stdout) == 0;
    rs_connstr_clear(&pairs);
    rs_diag_clear(&diag);
    rs_buf_clear(&out);
    return ok ? CLI_DONE : CLI_FAILED;
}
