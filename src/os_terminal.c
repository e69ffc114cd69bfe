#include "os_terminal.h"

#include <errno.h>
#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include "attrs.h"
#include "secret.h"

/* How the terminal was, for whoever ends the program while nothing is echoed. */
static struct termios was;
static const int deadly[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
enum { N_DEADLY = sizeof deadly / sizeof *deadly };

bool rs_os_is_terminal(void)
{
    return isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1;
}

static void restore_and_die(int signal)
{
    (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &was);
    (void)raise(signal); /* by now the default once more: SA_RESETHAND */
}

/* A hidden line is read byte by byte: a terminal's own lines end at 4095 bytes, tokens do not. */
static bool edit(struct rs_buf *line, char c, enum rs_typing *end)
{
    if (c == '\n' || c == '\r') {
        *end = RS_TYPING_LINE;
        return false;
    }
    if (c == 4 && line->len == 0) { /* Ctrl-D */
        *end = RS_TYPING_END;
        return false;
    }
    if (c == 127 || c == '\b') {
        size_t n = line->len;

        while (n > 0 && ((unsigned char)line->p[n - 1] & 0xC0) == 0x80)
            n--;
        rs_buf_truncate(line, n > 0 ? n - 1 : 0);
    } else if (c == 21) { /* Ctrl-U */
        rs_buf_truncate(line, 0);
    } else if (c != 4) {
        rs_buf_addc(line, c);
    }
    return true;
}

static enum rs_typing read_bytes(bool hidden, struct rs_buf *out)
{
    enum rs_typing end = RS_TYPING_END;
    ssize_t got;
    char c;

    for (;;) {
        got = read(STDIN_FILENO, &c, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        if (hidden ? !edit(out, c, &end) : c == '\n') {
            if (!hidden)
                end = RS_TYPING_LINE;
            break;
        }
        if (!hidden)
            rs_buf_addc(out, c);
    }
    rs_wipe(&c, sizeof c);
    return out->bad ? RS_TYPING_FAILED : end;
}

static enum rs_typing read_hidden(struct rs_buf *out)
{
    struct sigaction before[N_DEADLY], mine = { .sa_handler = restore_and_die };
    struct termios hidden;
    enum rs_typing end;

    if (tcgetattr(STDIN_FILENO, &was) != 0)
        return RS_TYPING_FAILED;
    mine.sa_flags = (int)SA_RESETHAND;
    (void)sigemptyset(&mine.sa_mask);
    for (size_t i = 0; i < N_DEADLY; i++)
        (void)sigaction(deadly[i], &mine, &before[i]);
    hidden = was;
    hidden.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON);
    hidden.c_cc[VMIN] = 1;
    hidden.c_cc[VTIME] = 0;
    hidden.c_cc[VSUSP] = _POSIX_VDISABLE; /* a shell would come back without an echo */
    end =
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) == 0 ? read_bytes(true, out) : RS_TYPING_FAILED;
    (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &was);
    for (size_t i = 0; i < N_DEADLY; i++)
        (void)sigaction(deadly[i], &before[i], NULL);
    return end;
}

enum rs_typing rs_os_type_line(bool hidden, struct rs_buf *out)
{
    return hidden ? read_hidden(out) : read_bytes(false, out);
}
