#include "installer.h"

/* The installer's header pulls in the ODBC types; nothing else of it is wanted here. */
#include <odbcinst.h>

enum {
    FIRST_PROFILE_BYTES = 8192,
    /* odbcinst reads lines into 1000 bytes and takes the rest of a longer one for further keys. */
    MAX_INSTALLER_LINE = 1000,
    SAFE_INSTALLER_LINE = 512
};

/* The installer cuts silently, so the buffer grows until one more line would have fitted. */
bool rs_installer_read(const char *section, const char *key, struct rs_buf *out,
                       struct rs_diag *diag)
{
    for (size_t size = FIRST_PROFILE_BYTES; size <= out->max / 2; size *= 2) {
        char *room;
        int n;

        rs_buf_truncate(out, 0);
        room = rs_buf_room(out, size);
        if (room == NULL)
            return rs_buf_ok(out, diag);
        n = SQLGetPrivateProfileString(section, key, "", room, (int)size, "odbc.ini");
        if (n < 0)
            n = 0;
        if ((size_t)n + MAX_INSTALLER_LINE + 2 < size) {
            rs_buf_seal(out, (size_t)n);
            return true;
        }
    }
    return rs_fail(diag, RS_HY000, 0, "the data source \"%s\" is too long", section);
}

bool rs_installer_may_cut(size_t bytes)
{
    return bytes > SAFE_INSTALLER_LINE;
}
