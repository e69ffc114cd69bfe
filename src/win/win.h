/*
 * What the files of src/win share: UTF-8 inside, UTF-16 to the system. Nobody else includes this.
 */
#ifndef RS_WIN_H
#define RS_WIN_H

#include <windows.h>

#include "../os.h"

/* UTF-16, ends with a zero; NULL: no memory or no UTF-8. The caller frees. */
wchar_t *rs_win_wide(const char *text);
/* Adds n units, or up to the zero with n < 0; false: no memory, or half a character. */
bool rs_win_add(struct rs_buf *out, const wchar_t *text, ptrdiff_t n);
/* errno's number for one of GetLastError. */
int rs_win_errno(DWORD error);
/* For a file that only its user, the system and administrators may open; free what is in it by
 * rs_win_private_clear. */
RS_NODISCARD bool rs_win_private(SECURITY_ATTRIBUTES *out);
void rs_win_private_clear(SECURITY_ATTRIBUTES *attributes);
/* What the library holds, given back before it is unloaded. */
void rs_win_forget_env(void);

#endif
