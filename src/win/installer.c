#include "../odbc/installer.h"

#include "win.h"

#include <odbcinst.h>

enum { FIRST_PROFILE_UNITS = 4096, MAX_PROFILE_UNITS = 1 << 20, ENDS = 2 };

/* The units that were read; the installer cuts silently, so that the room must not be full. */
static size_t read_units(const wchar_t *section, const wchar_t *key, wchar_t **text)
{
    for (size_t size = FIRST_PROFILE_UNITS; size <= MAX_PROFILE_UNITS; size *= 2) {
        wchar_t *room = rs_alloc(size, sizeof *room, NULL);
        int n = 0;

        if (room != NULL)
            n = SQLGetPrivateProfileStringW(section, key, L"", room, (int)size, L"odbc.ini");
        if (room != NULL && n >= 0 && (size_t)n + ENDS < size) {
            *text = room;
            return (size_t)n;
        }
        if (room != NULL)
            SecureZeroMemory(room, size * sizeof *room);
        rs_free(room);
    }
    *text = NULL;
    return 0;
}

bool rs_installer_read(const char *section, const char *key, struct rs_buf *out,
                       struct rs_diag *diag)
{
    wchar_t *wide_section = rs_win_wide(section), *wide_key = NULL, *text = NULL;
    size_t units = 0;
    bool ok = false;

    rs_buf_truncate(out, 0);
    if (key != NULL)
        wide_key = rs_win_wide(key);
    if (wide_section != NULL && (key == NULL || wide_key != NULL))
        units = read_units(wide_section, wide_key, &text);
    if (text == NULL) {
        rs_fail(diag, RS_HY000, 0, "the data source \"%s\" cannot be read", section);
        goto out;
    }
    (void)rs_win_add(out, text, (ptrdiff_t)units);
    SecureZeroMemory(text, units * sizeof *text);
    ok = rs_buf_ok(out, diag);
out:
    rs_free(text);
    rs_free(wide_key);
    rs_free(wide_section);
    return ok;
}

bool rs_installer_may_cut(size_t bytes)
{
    (void)bytes;
    return false;
}
