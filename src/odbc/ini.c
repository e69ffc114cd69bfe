#include "ini.h"

void rs_ini_init(struct rs_ini *ini, struct rs_str text)
{
    if (rs_str_starts_nocase(text, RS_STR("\xEF\xBB\xBF")))
        text = rs_str_sub(text, 3, text.n);
    *ini = (struct rs_ini){ .rest = text };
}

static enum rs_ini_item read_line(struct rs_str line, struct rs_str *name, struct rs_str *value)
{
    ptrdiff_t at;

    if (rs_str_chr(line, '\0') >= 0)
        return RS_INI_NONSENSE;
    if (line.p[0] == '[') {
        at = rs_str_chr(line, ']');
        if (at < 0)
            return RS_INI_NONSENSE;
        *name = rs_str_trim(rs_str_sub(line, 1, (size_t)at - 1));
        *value = RS_STR_NULL;
        return RS_INI_SECTION;
    }
    at = rs_str_chr(line, '=');
    if (at <= 0)
        return RS_INI_NONSENSE;
    *name = rs_str_trim(rs_str_sub(line, 0, (size_t)at));
    *value = rs_str_trim(rs_str_sub(line, (size_t)at + 1, line.n));
    return RS_INI_PAIR;
}

enum rs_ini_item rs_ini_next(struct rs_ini *ini, struct rs_str *name, struct rs_str *value)
{
    struct rs_str line;

    while (rs_str_split(&ini->rest, '\n', &ini->done, &line)) {
        ini->line++;
        line = rs_str_trim(line);
        if (line.n > 0 && line.p[0] != '#' && line.p[0] != ';')
            return read_line(line, name, value);
    }
    return RS_INI_END;
}
