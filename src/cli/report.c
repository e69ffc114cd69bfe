#include "report.h"

#include <stdio.h>
#include <string.h>

#include "../json.h"
#include "../os.h"
#include "version.h"

enum { JSON_MAX = 1 << 24 };

static const char *const json_marks[] = { "note", "warning", "failure", "advice" };
static const char *const text_marks[] = { " ", "!", "X", ">" };

void report_begin(struct report *r, const char *target, bool is_json)
{
    *r = (struct report){ .is_json = is_json, .json = RS_BUF_INIT(JSON_MAX) };
    r->began_ms = rs_now_ms();
    if (!is_json) {
        printf("redshift-odbc %s looks at %s\n", RS_VERSION, target);
        return;
    }
    rs_buf_adds(&r->json, "{\"version\":\"" RS_VERSION "\",\"target\":");
    rs_json_quote(&r->json, rs_str_of(target));
    rs_buf_adds(&r->json, ",\"events\":[");
}

static void add_json(struct report *r, const char *step, enum report_mark mark, const char *state,
                     struct rs_str text, long long ms)
{
    rs_buf_addf(&r->json, "%s{\"step\":", r->n > 0 ? "," : "");
    rs_json_quote(&r->json, rs_str_of(step));
    rs_buf_addf(&r->json, ",\"ms\":%lld,\"kind\":\"%s\",", ms, json_marks[mark]);
    if (state != NULL)
        rs_buf_addf(&r->json, "\"sqlstate\":\"%s\",", state);
    rs_buf_adds(&r->json, "\"text\":");
    rs_json_quote(&r->json, text);
    rs_buf_addc(&r->json, '}');
}

/* Control characters of a server's words do not reach the terminal. */
static void print_text(struct rs_str text)
{
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];

        if (c == '\n')
            fputs("\n              ", stdout);
        else
            putchar(c < ' ' || c == 127 ? '?' : c);
    }
}

void report_add(struct report *r, const char *step, enum report_mark mark, const char *state,
                struct rs_str text)
{
    long long ms = (long long)(rs_now_ms() - r->began_ms);

    if (r->is_json) {
        add_json(r, step, mark, state, text, ms);
    } else {
        if (r->step == NULL || strcmp(r->step, step) != 0)
            printf("\n%s\n", step);
        printf("%7lld ms %s ", ms, text_marks[mark]);
        if (state != NULL)
            printf("%s ", state);
        print_text(text);
        putchar('\n');
        fflush(stdout);
    }
    r->step = step;
    r->n++;
}

bool report_end(struct report *r, bool is_well)
{
    bool ok = true;

    if (r->is_json) {
        rs_buf_addf(&r->json, "],\"ok\":%s}\n", is_well ? "true" : "false");
        ok = !r->json.bad;
        if (ok)
            fputs(r->json.p, stdout);
    } else {
        printf("\n%s\n", is_well ? "All is well." : "It does not work: see X above.");
    }
    rs_buf_clear(&r->json);
    return ok && fflush(stdout) == 0;
}
