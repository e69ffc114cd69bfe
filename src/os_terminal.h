/*
 * A person at the terminal that is this process's standard input and output.
 */
#ifndef RS_OS_TERMINAL_H
#define RS_OS_TERMINAL_H

#include "str.h"

bool rs_os_is_terminal(void);

enum rs_typing { RS_TYPING_LINE, RS_TYPING_END, RS_TYPING_FAILED };
/* One line of the standard input without its end, appended to out. hidden: nothing of it is shown;
 * afterwards, and when a signal ends the program, the terminal is as it was. */
enum rs_typing rs_os_type_line(bool hidden, struct rs_buf *out);

#endif
