#include "line.h"

#include "opener_say.h"

enum { TLS_REQUEST = 80877103, REQUEST_BYTES = 8, PIECE = 512 };

void rs_line_close(struct rs_line *line)
{
    rs_tls_release(line->ssl);
    rs_socket_close(line->fd);
    line->ssl = NULL;
    line->fd = -1;
}

static enum rs_line_end end_of(struct rs_line *line, enum rs_wait wait, int error)
{
    if (wait == RS_WAIT_OK)
        return RS_LINE_UP;
    if (wait != RS_WAIT_FAILED)
        return RS_LINE_NO_ANSWER;
    if (error == 0)
        rs_why_set(line->why, line->is_past ? "the server closed the connection"
                                            : "the proxy closed the connection");
    else
        rs_why_errno(line->why, error);
    return RS_LINE_BROKEN;
}

static enum rs_line_end say(struct rs_line *line, struct rs_str bytes, struct rs_deadline deadline)
{
    int error = 0;
    enum rs_wait wait = rs_socket_send(line->fd, bytes, deadline, &error);

    return end_of(line, wait, error);
}

static enum rs_line_end hear(struct rs_line *line, char *to, size_t room,
                             struct rs_deadline deadline, size_t *got)
{
    int error = 0;
    enum rs_wait wait = rs_socket_receive(line->fd, to, room, deadline, got, &error);

    return end_of(line, wait, error);
}

/* ---- the proxy ---- */

/* The server waits for us: what comes with the proxy's reply is nobody's we know. */
static enum rs_line_end judge(struct rs_line *line, enum rs_proxy_says says, bool has_more)
{
    line->is_past = says == RS_PROXY_OPEN && !has_more;
    if (line->is_past)
        return RS_LINE_UP;
    if (says == RS_PROXY_REFUSES)
        return RS_LINE_NO_PROXY;
    line->status = 0;
    rs_why_set(line->why, says == RS_PROXY_OPEN ? "bytes came behind its reply, unasked"
                                                : "what it answers is no reply of HTTP/1");
    return RS_LINE_NO_PROXY;
}

static enum rs_line_end tunnel(struct rs_line *line, const struct rs_secret *request,
                               struct rs_deadline deadline)
{
    struct rs_buf reply = RS_BUF_INIT(RS_PROXY_HEAD_MAX + PIECE);
    enum rs_proxy_says says = RS_PROXY_MORE;
    enum rs_line_end end =
        say(line, (struct rs_str){ rs_secret_reveal(request), rs_secret_len(request) }, deadline);
    size_t used = 0;

    while (end == RS_LINE_UP && says == RS_PROXY_MORE) {
        char piece[PIECE];
        size_t n = 0;

        end = hear(line, piece, sizeof(piece), deadline, &n);
        if (end != RS_LINE_UP)
            break;
        rs_buf_add(&reply, (struct rs_str){ piece, n });
        if (reply.bad)
            end = RS_LINE_NO_MEMORY;
        else
            says = rs_proxy_read(rs_buf_str(&reply), &line->status, &used);
    }
    if (end == RS_LINE_UP)
        end = judge(line, says, used < reply.len);
    rs_buf_clear(&reply);
    return end;
}

/* ---- TLS ---- */

static void put32(char to[4], uint32_t v)
{
    for (int i = 0; i < 4; i++)
        to[i] = (char)(v >> (24 - 8 * i));
}

/* One byte answers. More than that cannot come from an honest server: it waits for TLS to begin,
 * and what came in the clear would else be taken for what TLS protects. */
static enum rs_line_end tls_ask(struct rs_line *line, struct rs_deadline deadline)
{
    char request[REQUEST_BYTES], answer[16];
    enum rs_line_end end;
    size_t n = 0;

    put32(request, sizeof(request));
    put32(request + 4, TLS_REQUEST);
    end = say(line, (struct rs_str){ request, sizeof(request) }, deadline);
    if (end == RS_LINE_UP)
        end = hear(line, answer, sizeof(answer), deadline, &n);
    if (end != RS_LINE_UP || (n == 1 && answer[0] == 'S'))
        return end;
    if (n == 1 && answer[0] == 'N')
        return RS_LINE_NO_TLS;
    rs_why_set(line->why, answer[0] == 'S' || answer[0] == 'N'
                              ? RS_SAY_EARLY_BYTES
                              : "the answer to the request for TLS is neither yes nor no");
    return RS_LINE_BAD_TLS;
}

static enum rs_line_end tls_begin(struct rs_line *line, struct rs_tls_context *tls,
                                  struct rs_deadline deadline)
{
    enum rs_line_end end = tls_ask(line, deadline);

    if (end != RS_LINE_UP)
        return end;
    switch (rs_tls_connect(tls, line->fd, deadline, &line->ssl, line->why)) {
    case RS_TLS_UP:
        return RS_LINE_UP;
    case RS_TLS_DEADLINE:
        return RS_LINE_NO_ANSWER;
    case RS_TLS_FAILED:
        break;
    }
    return RS_LINE_BAD_TLS;
}

enum rs_line_end rs_line_open(const struct rs_line_to *to, const struct rs_socket_options *options,
                              struct rs_deadline deadline, struct rs_line *line)
{
    bool has_proxy = to->request != NULL && rs_secret_is_set(to->request);
    enum rs_line_end end;
    enum rs_wait wait;
    int error = 0;

    line->is_past = !has_proxy;
    wait = rs_socket_connect(to->address, to->port, options, deadline, &line->fd, &error);
    end = end_of(line, wait, error);
    if (end == RS_LINE_UP && has_proxy)
        end = tunnel(line, to->request, deadline);
    return end == RS_LINE_UP && to->tls != NULL ? tls_begin(line, to->tls, deadline) : end;
}
