/*
 * ErrorResponse and NoticeResponse: fields, and the text a diagnostic record shows.
 *
 * Source: PostgreSQL documentation, "Error and Notice Message Fields"; redshift.md 16.1.
 */
#include <string.h>

#include "pgmsg.h"

static bool is_code(struct rs_str s)
{
    if (s.n != 5)
        return false;
    for (size_t i = 0; i < 5; i++) {
        if (!rs_is_digit(s.p[i]) && (s.p[i] < 'A' || s.p[i] > 'Z'))
            return false;
    }
    return true;
}

static void field_keep(struct rs_msg_report *report, char code, struct rs_str value)
{
    switch (code) {
    case 'S':
        if (report->severity.p == NULL)
            report->severity = value;
        break;
    case 'V': /* the untranslated severity, where the server sends it */
        report->severity = value;
        break;
    case 'C':
        if (is_code(value))
            memcpy(report->code, value.p, 5);
        break;
    case 'M':
        report->message = value;
        break;
    case 'D':
        report->detail = value;
        break;
    case 'H':
        report->hint = value;
        break;
    case 'P':
        report->position = value;
        break;
    default: /* where, file, line, routine, names: not shown */
        break;
    }
}

bool rs_msg_report(struct rs_str body, struct rs_msg_report *out)
{
    struct rs_msg_report report = { .code = "" };
    const char *p = body.p, *end = body.p + body.n;

    while (p < end && *p != '\0') {
        const char *value = p + 1;
        const char *nul = value < end ? memchr(value, '\0', (size_t)(end - value)) : NULL;

        if (nul == NULL)
            return false;
        field_keep(&report, *p, (struct rs_str){ value, (size_t)(nul - value) });
        p = nul + 1;
    }
    if (p + 1 != end)
        return false;
    report.is_fatal = rs_str_eq(report.severity, RS_STR("FATAL")) ||
                      rs_str_eq(report.severity, RS_STR("PANIC")) ||
                      memcmp(report.code, "57P0", 4) == 0;
    *out = report;
    return true;
}

static struct rs_str trim_line(struct rs_str line)
{
    while (line.n > 0 && (rs_is_space(line.p[line.n - 1]) || line.p[line.n - 1] == '-'))
        line.n--;
    return line;
}

/* Redshift frames the detail of an internal fault with lines of dashes. */
static void add_detail(const struct rs_msg_report *report, struct rs_buf *out)
{
    struct rs_str rest = report->detail, line;
    bool done = false, any = false;

    if (strcmp(report->code, "XX000") != 0) {
        rs_buf_add(out, rs_str_trim(rest));
        return;
    }
    while (rs_str_split(&rest, '\n', &done, &line)) {
        line = trim_line(line);
        if (line.n == 0)
            continue;
        if (any)
            rs_buf_addc(out, '\n');
        any = true;
        rs_buf_add(out, line);
    }
}

void rs_msg_report_text(const struct rs_msg_report *report, int64_t skip, struct rs_buf *out)
{
    int64_t position;

    if (report->message.n == 0)
        rs_buf_adds(out, "the server gave no message");
    else
        rs_buf_add(out, report->message);
    if (report->detail.n > 0) {
        rs_buf_adds(out, " (");
        add_detail(report, out);
        rs_buf_addc(out, ')');
    }
    if (report->hint.n > 0) {
        rs_buf_adds(out, "; ");
        rs_buf_add(out, report->hint);
    }
    if (rs_parse_i64(report->position, &position) && position > skip)
        rs_buf_addf(out, " at character %lld", (long long)(position - skip));
}

int32_t rs_msg_report_native(const struct rs_msg_report *report)
{
    int64_t number = 0;

    if (report->message.n == 0 || report->message.n > 6)
        return 0;
    for (size_t i = 0; i < report->message.n; i++) {
        if (!rs_is_digit(report->message.p[i]))
            return 0;
    }
    return rs_parse_i64(report->message, &number) ? (int32_t)number : 0;
}

/* "Load into table 'name' completed, 12 record(s) loaded successfully." */
bool rs_msg_report_loaded(const struct rs_msg_report *report, int64_t *rows)
{
    const struct rs_str before = RS_STR("completed, "), text = report->message;
    ptrdiff_t end = rs_str_find_nocase(text, RS_STR(" record(s) loaded"));
    size_t from;

    if (end < 0)
        return false;
    for (from = (size_t)end; from > 0 && rs_is_digit(text.p[from - 1]); from--)
        ;
    return from >= before.n &&
           rs_str_eq_nocase(rs_str_sub(text, from - before.n, before.n), before) &&
           rs_parse_i64(rs_str_sub(text, from, (size_t)end - from), rows);
}
