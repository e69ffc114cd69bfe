/*
 * Which ODBC state a server error gets. Order: what connecting makes of it, special texts, the
 * table by five characters, by class, HY000.
 *
 * Source: redshift.md 16.2 to 16.4.
 */
#include <string.h>

#include "session.h"

/* Texts decide where Redshift gives one code for many faults. code NULL: any; "" ends a list. */
static const struct special {
    const char *code, *text;
    enum rs_state state;
} specials[] = {
    { NULL, "conflict with concurrent transaction", RS_40001 },
    { "XX000", "serializable isolation violation", RS_40001 },
    { "XX000", "deadlock detected", RS_40001 },
    { "XX000", "could not open relation with oid", RS_HY000 },
    { "57014", "cancelled by wlm", RS_HYT00 },
    { "57014", "canceled by wlm", RS_HYT00 },
    { "57014", "query monitoring rule", RS_HYT00 },
    { "57014", "timed out", RS_HYT00 },
    { "57014", "statement timeout", RS_HYT00 },
    { "XX000", "disk full", RS_HY000 },
    { "XX000", "out of memory", RS_HY001 },
    { "XX000", "string length exceeds ddl length", RS_22001 },
    { "XX000", "value too long for type", RS_22001 },
    { "XX000", "numeric data overflow", RS_22003 },
    { "XX000", "numeric overflow", RS_22003 },
    { "XX000", "integer overflow", RS_22003 },
    { "XX000", "divide by zero", RS_22012 },
    { "42704", "index", RS_42S12 },
    { "21000", "insert has", RS_21S01 },
};

static const struct {
    char five[6];
    enum rs_state state;
} codes[] = {
#define SERVER(five, state) { five, RS_##state },
#include "serverstate.def"
};

static const struct {
    char two[3];
    enum rs_state state;
} classes[] = {
#define SERVER_CLASS(two, state) { two, RS_##state },
#include "serverstate.def"
};

static bool contains(struct rs_str s, const char *needle)
{
    return rs_str_find_nocase(s, rs_str_of(needle)) >= 0;
}

static enum rs_state connecting_state(const char *five)
{
    if (memcmp(five, "28", 2) == 0 || strcmp(five, "0P000") == 0)
        return RS_28000;
    if (memcmp(five, "08", 2) == 0 || memcmp(five, "57", 2) == 0 || memcmp(five, "58", 2) == 0)
        return RS_08001;
    return RS_08004;
}

enum rs_state rs_server_state(const char *five, struct rs_str message, struct rs_str detail,
                              bool is_connecting)
{
    if (five == NULL || strlen(five) != 5)
        return is_connecting ? RS_08001 : RS_HY000;
    if (is_connecting)
        return connecting_state(five);
    for (size_t i = 0; i < RS_COUNT(specials); i++) {
        const struct special *s = &specials[i];

        if ((s->code == NULL || strcmp(s->code, five) == 0) &&
            (contains(message, s->text) || contains(detail, s->text)))
            return s->state;
    }
    for (size_t i = 0; i < RS_COUNT(codes); i++) {
        if (memcmp(codes[i].five, five, 5) == 0)
            return codes[i].state;
    }
    for (size_t i = 0; i < RS_COUNT(classes); i++) {
        if (memcmp(classes[i].two, five, 2) == 0)
            return classes[i].state;
    }
    return RS_HY000;
}
