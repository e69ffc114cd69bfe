#include "script.h"

#include <stdlib.h>
#include <string.h>

void script_clear(struct script *s)
{
    free(s->step);
    free(s->bytes);
    *s = (struct script){ .step = NULL };
}

static struct script_step *step_new(struct script *s, enum script_do what)
{
    if (s->steps == s->step_cap) {
        s->step_cap = s->step_cap * 2 + 16;
        s->step = realloc(s->step, s->step_cap * sizeof *s->step);
        if (s->step == NULL)
            abort();
    }
    s->step[s->steps] = (struct script_step){ .what = what, .at = s->n, .times = 1 };
    return &s->step[s->steps++];
}

void script_add(struct script *s, enum script_do what)
{
    (void)step_new(s, what);
    s->apart = false;
}

void script_part(struct script *s)
{
    s->apart = true;
}

void script_times(struct script *s, size_t n)
{
    s->step[s->steps - 1].times = n;
    s->apart = true;
}

void script_say(struct script *s, const void *p, size_t n)
{
    if (s->apart || s->steps == 0 || s->step[s->steps - 1].what != SCRIPT_SEND)
        (void)step_new(s, SCRIPT_SEND);
    s->apart = false;
    if (s->n + n > s->cap) {
        s->cap = (s->n + n) * 2;
        s->bytes = realloc(s->bytes, s->cap);
        if (s->bytes == NULL)
            abort();
    }
    if (n > 0)
        memcpy(s->bytes + s->n, p, n);
    s->n += n;
    s->step[s->steps - 1].n += n;
}

size_t script_length(const struct script *s)
{
    size_t all = 0;

    for (size_t i = 0; i < s->steps; i++)
        all += s->step[i].n * s->step[i].times;
    return all;
}

/* ---- messages ---- */

static void say_be(struct script *s, uint32_t v, int bytes)
{
    for (int i = bytes - 1; i >= 0; i--) {
        unsigned char byte = (unsigned char)(v >> (8 * i));

        script_say(s, &byte, 1);
    }
}

void script_claim(struct script *s, char type, uint32_t length, const void *body, size_t n)
{
    script_say(s, &type, 1);
    say_be(s, length, 4);
    script_say(s, body, n);
}

void script_message(struct script *s, char type, const void *body, size_t n)
{
    script_claim(s, type, (uint32_t)n + 4, body, n);
}

/* A message is begun with a length of none; where it stands. */
static size_t begin(struct script *s, char type)
{
    script_claim(s, type, 0, NULL, 0);
    return s->n - 4;
}

static void end(struct script *s, size_t at)
{
    size_t n = s->n - at;

    for (int i = 0; i < 4; i++)
        s->bytes[at + (size_t)i] = (unsigned char)(n >> (24 - 8 * i));
}

static void say_text(struct script *s, const char *text)
{
    script_say(s, text, strlen(text) + 1);
}

void script_status(struct script *s, const char *name, const char *value)
{
    size_t at = begin(s, 'S');

    say_text(s, name);
    say_text(s, value);
    end(s, at);
}

void script_report(struct script *s, char type, const char *severity, const char *code,
                   const char *text)
{
    size_t at = begin(s, type);

    script_say(s, "S", 1);
    say_text(s, severity);
    script_say(s, "C", 1);
    say_text(s, code);
    script_say(s, "M", 1);
    say_text(s, text);
    script_say(s, "", 1);
    end(s, at);
}

void script_shape(struct script *s, size_t columns)
{
    enum { TEXT_OID = 25 };
    size_t at = begin(s, 'T');

    say_be(s, (uint32_t)columns, 2);
    for (size_t i = 0; i < columns; i++) {
        char name[3] = { 'c', (char)('1' + i % 9), '\0' };

        say_text(s, name);
        say_be(s, 0, 4);
        say_be(s, 0, 2);
        say_be(s, TEXT_OID, 4);
        say_be(s, 0xffff, 2);
        say_be(s, 0xffffffff, 4);
        say_be(s, 0, 2);
    }
    end(s, at);
}

void script_row(struct script *s, size_t columns, const char *const *values)
{
    size_t at = begin(s, 'D');

    say_be(s, (uint32_t)columns, 2);
    for (size_t i = 0; i < columns; i++) {
        size_t n = values[i] == NULL ? 0 : strlen(values[i]);

        say_be(s, values[i] == NULL ? 0xffffffff : (uint32_t)n, 4);
        script_say(s, values[i], n);
    }
    end(s, at);
}

void script_wide_row(struct script *s, size_t n, char fill)
{
    size_t at = begin(s, 'D');

    say_be(s, 1, 2);
    say_be(s, (uint32_t)n, 4);
    for (char block[1024]; n > 0;) {
        size_t part = n < sizeof block ? n : sizeof block;

        memset(block, fill, part);
        script_say(s, block, part);
        n -= part;
    }
    end(s, at);
}

void script_command(struct script *s, const char *tag)
{
    script_message(s, 'C', tag, strlen(tag) + 1);
}

void script_ready(struct script *s, char txn)
{
    script_message(s, 'Z', &txn, 1);
}

void script_welcome(struct script *s)
{
    static const char *const statuses[][2] = {
        { "server_version", "8.0.2" },      { "padb_version", "1.0.99999" },
        { "server_encoding", "UNICODE" },   { "client_encoding", "UTF8" },
        { "datestyle", "ISO, MDY" },        { "TimeZone", "UTC" },
        { "server_protocol_version", "0" }, { "integer_datetimes", "on" },
    };

    script_message(s, 'R', "\0\0\0\0", 4);
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
        script_status(s, statuses[i][0], statuses[i][1]);
    script_message(s, 'K', "\0\0\0\x2akey!", 8);
    script_ready(s, 'I');
}
