#include "secret.h"

#include <string.h>

#include "diag.h"
#include "os.h"

bool rs_secret_set(struct rs_secret *s, struct rs_str value, struct rs_diag *diag)
{
    char *bytes = NULL;

    if (value.n > 0) {
        bytes = rs_str_dup(value, diag);
        if (bytes == NULL)
            return false;
    }
    rs_secret_clear(s);
    s->bytes = bytes;
    s->len = value.n;
    return true;
}

bool rs_secret_copy(struct rs_secret *to, const struct rs_secret *from, struct rs_diag *diag)
{
    return rs_secret_set(to, (struct rs_str){ from->bytes, from->len }, diag);
}

void rs_secret_move(struct rs_secret *to, struct rs_secret *from)
{
    if (to == from)
        return;
    rs_secret_clear(to);
    *to = *from;
    from->bytes = NULL;
    from->len = 0;
}

void rs_secret_clear(struct rs_secret *s)
{
    if (s == NULL || s->bytes == NULL)
        return;
    rs_wipe(s->bytes, s->len);
    rs_free(s->bytes);
    s->bytes = NULL;
    s->len = 0;
}

bool rs_secret_is_set(const struct rs_secret *s)
{
    return s->len > 0;
}

size_t rs_secret_len(const struct rs_secret *s)
{
    return s->len;
}

bool rs_secret_equal(const struct rs_secret *a, const struct rs_secret *b)
{
    volatile unsigned char differs = 0;

    if (a->len != b->len)
        return false;
    for (size_t i = 0; i < a->len; i++)
        differs = (unsigned char)(differs | (a->bytes[i] ^ b->bytes[i]));
    return differs == 0;
}

const char *rs_secret_reveal(const struct rs_secret *s)
{
    return s->bytes == NULL ? "" : s->bytes;
}

bool rs_secret_is_in(const struct rs_secret *s, struct rs_str text)
{
    return s->len > 0 && rs_str_find_nocase(text, (struct rs_str){ s->bytes, s->len }) >= 0;
}
