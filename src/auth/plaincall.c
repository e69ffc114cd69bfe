#include "plaincall.h"

#include "../json.h"
#include "aws_error.h"
#include "retry.h"

enum { TEXT_MAX_BYTES = 16384, HINT_MAX_BYTES = 256 };

static bool is_worth_another(const struct rs_http_reply *reply)
{
    return reply->status == 429 || (reply->status >= 500 && reply->status != 501);
}

/* Waits; false when no further attempt is allowed or the deadline would pass meanwhile. */
static bool wait_for_next(const struct rs_source *from, const struct rs_plaincall *call,
                          unsigned attempt, const struct rs_http_reply *reply)
{
    const struct rs_world *world = from->world;
    struct rs_retry retry = { .next = attempt + 1,
                              .gap_ms = call->gap_ms,
                              .is_throttling = reply != NULL && reply->status == 429,
                              .reply = reply };
    int64_t ms;

    if (attempt >= call->attempts)
        return false;
    ms = rs_retry_delay_ms(world, &retry);
    if (ms >= rs_deadline_left(from->deadline))
        return false;
    RS_LOG(from->log, RS_LOG_INFO, "auth.retry", "%s: attempt %u in %lld ms", call->what,
           attempt + 1, (long long)ms);
    world->sleep_ms(world->ctx, ms);
    return true;
}

static bool fail(const struct rs_source *from, const struct rs_plaincall *call, unsigned attempts,
                 const struct rs_diag *cause, bool retryable, struct rs_diag *diag)
{
    enum rs_state state = rs_diag_state(cause);
    struct rs_buf hint = RS_BUF_INIT(HINT_MAX_BYTES);

    if (state == RS_HY001)
        return rs_fail_memory(diag);
    if (state == RS_HYT00 && rs_deadline_passed(from->deadline))
        return rs_fail(diag, RS_HYT00, 0, "%s: the login timeout ran out", call->what);
    if (state == RS_HYT00)
        return rs_fail(diag, RS_08001, 0, "%s: no answer within %lld ms (%u attempt%s)", call->what,
                       (long long)call->timeout_ms, attempts, attempts == 1 ? "" : "s");
    /* What is asked in plain http is near, and no proxy leads there. */
    if (state == RS_08001 && retryable &&
        rs_str_starts_nocase(rs_str_of(call->url), RS_STR("https:")))
        rs_retry_add_hint(from->world, call->proxy, &hint);
    if (rs_buf_ok(&hint, diag))
        rs_fail(diag, state, 0, "%s: %s%s", call->what, rs_diag_first(cause),
                hint.len == 0 ? "" : hint.p);
    rs_buf_clear(&hint);
    return false;
}

bool rs_plaincall_send(const struct rs_source *from, const struct rs_plaincall *call,
                       struct rs_http_reply *reply, struct rs_diag *diag)
{
    const struct rs_world *world = from->world;
    struct rs_http_request req = { .method = call->method,
                                   .url = call->url,
                                   .headers = call->headers,
                                   .n_headers = call->n_headers,
                                   .body = call->body,
                                   .ca_file = call->ca_file,
                                   .proxy = call->proxy,
                                   .max_reply_bytes = RS_PLAINCALL_MAX_REPLY };

    for (unsigned attempt = 1;; attempt++) {
        struct rs_http_reply answer = { 0 };
        struct rs_diag cause = { 0 };
        bool retryable = false, ok;

        if (rs_deadline_passed(from->deadline))
            return rs_fail(diag, RS_HYT00, 0, "%s: the login timeout ran out", call->what);
        req.deadline = rs_deadline_min(from->deadline, rs_deadline_in(call->timeout_ms));
        ok = world->http(world->ctx, &req, &answer, &retryable, &cause);
        RS_LOG(from->log, RS_LOG_DEBUG, "auth.call", "%s: attempt %u: %d %s", call->what, attempt,
               answer.status, ok ? "" : rs_diag_first(&cause));
        if ((ok ? is_worth_another(&answer) : retryable) &&
            wait_for_next(from, call, attempt, ok ? &answer : NULL)) {
            rs_http_reply_clear(&answer);
            rs_diag_clear(&cause);
            continue;
        }
        if (ok)
            *reply = answer;
        else
            fail(from, call, attempt, &cause, retryable, diag);
        rs_diag_clear(&cause);
        return ok;
    }
}

/* The first member that is a text. */
static void add_member(const struct rs_json *json, const char *const *names, size_t max,
                       struct rs_buf *out)
{
    struct rs_str text;

    for (; *names != NULL; names++)
        if (out->len == 0 && rs_json_text(json, *names, &text))
            rs_buf_add_line(out, text, max);
}

/* What stands before the last # and from the first : on is not the code. */
static void add_code(struct rs_str text, struct rs_buf *out)
{
    for (ptrdiff_t at; (at = rs_str_chr(text, '#')) >= 0;)
        text = rs_str_sub(text, (size_t)at + 1, text.n);
    if (rs_str_chr(text, ':') >= 0)
        text = rs_str_sub(text, 0, (size_t)rs_str_chr(text, ':'));
    rs_buf_add_line(out, text, RS_AWS_MAX_CODE);
}

static bool read_error(const struct rs_http_reply *reply, struct rs_buf *code,
                       struct rs_buf *message, struct rs_diag *diag)
{
    static const char *const codes[] = { "__type", "error", "code", "Code", NULL };
    static const char *const messages[] = { "message", "Message", "error_description", NULL };
    struct rs_buf raw = RS_BUF_WIPED(TEXT_MAX_BYTES);
    struct rs_json *json = NULL;
    struct rs_diag cause = { 0 };
    bool ok;

    rs_buf_add_line(&raw, rs_http_header(reply, "x-amzn-ErrorType"), RS_AWS_MAX_MESSAGE);
    ok = rs_json_parse(rs_buf_str(&reply->body), &json, &cause);
    if (ok) {
        add_member(json, codes, RS_AWS_MAX_MESSAGE, &raw);
        add_member(json, messages, RS_AWS_MAX_MESSAGE, message);
    } else if (rs_diag_state(&cause) != RS_HY001) {
        ok = true; /* a page of a proxy, or nothing */
    } else {
        rs_fail_memory(diag);
    }
    add_code(rs_buf_str(&raw), code);
    if (code->len == 0)
        rs_buf_addf(code, "HTTP%d", reply->status);
    ok = ok && rs_buf_ok(&raw, diag) && rs_buf_ok(code, diag) && rs_buf_ok(message, diag);
    rs_buf_clear(&raw);
    rs_json_free(json);
    rs_diag_clear(&cause);
    return ok;
}

bool rs_plaincall_refuse(const struct rs_plaincall *call, const struct rs_http_reply *reply,
                         struct rs_str secret, const char *hint, struct rs_diag *diag)
{
    struct rs_buf code = RS_BUF_INIT(TEXT_MAX_BYTES), message = RS_BUF_WIPED(TEXT_MAX_BYTES);
    bool is_denied = reply->status >= 400 && reply->status < 500 && reply->status != 429;

    if (!read_error(reply, &code, &message, diag))
        goto out;
    rs_aws_mask(&message, secret);
    if (rs_buf_ok(&message, diag))
        rs_fail(diag, is_denied ? RS_28000 : RS_HY000, reply->status, "%s: %s%s%s (HTTP %d)%s",
                call->what, code.p, message.len == 0 ? "" : ": ", message.len == 0 ? "" : message.p,
                reply->status, hint);
out:
    rs_buf_clear(&code);
    rs_buf_clear(&message);
    return false;
}
