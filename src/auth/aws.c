#include "aws.h"

#include <stdio.h>

#include "../http.h"
#include "aws_error.h"
#include "retry.h"
#include "sigv4.h"

/* ---- clocks of the services ---- */

enum { MAX_CLOCKS = 16, MAX_CLOCK_HOST = 256, SKEW_MIN_S = 240 };

/* How far each host's clock is ahead of ours. Locked: clocks_lock. */
static struct rs_mutex clocks_lock = RS_MUTEX_INIT;
static struct {
    char host[MAX_CLOCK_HOST];
    int64_t ahead_s;
} clocks[MAX_CLOCKS];
static size_t n_clocks, next_clock;

static size_t find_clock(struct rs_str host)
{
    for (size_t i = 0; i < n_clocks; i++)
        if (rs_str_eq(rs_str_of(clocks[i].host), host))
            return i;
    return MAX_CLOCKS;
}

static int64_t clock_ahead(const char *host)
{
    int64_t ahead = 0;
    size_t i;

    rs_lock(&clocks_lock);
    i = find_clock(rs_str_of(host));
    if (i < MAX_CLOCKS)
        ahead = clocks[i].ahead_s;
    rs_unlock(&clocks_lock);
    return ahead;
}

static void set_clock(const char *host, int64_t ahead_s)
{
    struct rs_str name = rs_str_of(host);
    size_t i;

    if (name.n >= MAX_CLOCK_HOST)
        return;
    rs_lock(&clocks_lock);
    i = find_clock(name);
    if (i == MAX_CLOCKS) {
        i = next_clock;
        next_clock = (next_clock + 1) % MAX_CLOCKS;
        if (n_clocks < MAX_CLOCKS)
            n_clocks++;
        for (size_t k = 0; k <= name.n; k++)
            clocks[i].host[k] = host[k];
    }
    clocks[i].ahead_s = ahead_s;
    rs_unlock(&clocks_lock);
}

void rs_aws_hold_clocks(void)
{
    rs_lock(&clocks_lock);
}

void rs_aws_let_clocks(void)
{
    rs_unlock(&clocks_lock);
}

void rs_aws_forget_clocks(void)
{
    rs_lock(&clocks_lock);
    n_clocks = next_clock = 0;
    rs_unlock(&clocks_lock);
}

int64_t rs_aws_now(const struct rs_aws *aws)
{
    return aws->world->utc_s(aws->world->ctx) + clock_ahead(aws->endpoint->host);
}

static void tell_clock(const struct rs_aws *aws, const struct rs_aws_call *call, int64_t date_s)
{
    int64_t off_by = date_s - rs_aws_now(aws);

    if (call->told != NULL)
        call->told->clock_is_off =
            date_s != 0 && (off_by > RS_AWS_CLOCK_OFF_S || off_by < -RS_AWS_CLOCK_OFF_S);
}

static void tell_code(const struct rs_aws_call *call, const struct rs_aws_error *error)
{
    if (call->told != NULL)
        snprintf(call->told->code, sizeof call->told->code, "%s", error->code.p);
}

/* True when the answer shows that our clock is off and the offset is now known. */
static bool learn_clock(const struct rs_aws *aws, const struct rs_aws_error *error, int64_t date_s)
{
    int64_t ahead = date_s - aws->world->utc_s(aws->world->ctx);
    int64_t off_by = date_s - rs_aws_now(aws);
    bool is_certain;

    if (date_s == 0 || !rs_aws_error_is_skew(error, &is_certain))
        return false;
    if (!is_certain && off_by <= SKEW_MIN_S && off_by >= -SKEW_MIN_S)
        return false;
    set_clock(aws->endpoint->host, ahead);
    RS_LOG(aws->log, RS_LOG_INFO, "aws.clock", "%s is %lld s ahead of this computer",
           aws->endpoint->name, (long long)ahead);
    return true;
}

/* ---- one request ---- */

enum { MAX_HINT = 256 };

static int64_t call_timeout(const struct rs_aws *aws)
{
    return aws->call_timeout_ms > 0 ? aws->call_timeout_ms : RS_AWS_DEFAULT_TIMEOUT_S * 1000;
}

static bool send_once(const struct rs_aws *aws, const struct rs_aws_call *call,
                      struct rs_http_reply *reply, bool *retryable, struct rs_diag *diag)
{
    struct rs_header header[6] = {
        { RS_STR("Host"), rs_str_of(aws->endpoint->host) },
        { RS_STR("Content-Type"),
          call->target != NULL ? RS_STR("application/x-amz-json-1.1")
                               : RS_STR("application/x-www-form-urlencoded; charset=utf-8") },
        { RS_STR("X-Amz-Target"), rs_str_of(call->target) },
    };
    size_t n = call->target != NULL ? 3 : 2;
    struct rs_sign_request sign = { .method = "POST",
                                    .path = rs_str_of(aws->endpoint->path),
                                    .headers = header,
                                    .n_headers = n,
                                    .body = call->body,
                                    .region = aws->region,
                                    .service = aws->service };
    struct rs_http_request req = { .method = "POST",
                                   .url = aws->endpoint->url,
                                   .headers = header,
                                   .n_headers = n,
                                   .body = call->body,
                                   .ca_file = aws->ca_file,
                                   .proxy = aws->proxy,
                                   .max_reply_bytes = RS_AWS_MAX_REPLY };
    struct rs_signed sig = { 0 };
    bool ok;

    *retryable = false;
    if (!call->is_unsigned) {
        if (!rs_sigv4_sign(&sign, aws->creds, rs_aws_now(aws), &sig, diag))
            return false;
        header[n++] = (struct rs_header){ RS_STR("X-Amz-Date"), rs_buf_str(&sig.date) };
        header[n++] = (struct rs_header){ RS_STR("Authorization"), rs_buf_str(&sig.authorization) };
        req.n_headers = n;
        if (rs_secret_is_set(&aws->creds->session_token))
            header[req.n_headers++] =
                (struct rs_header){ RS_STR("X-Amz-Security-Token"), rs_creds_token(aws->creds) };
    }
    req.deadline = rs_deadline_min(aws->deadline, rs_deadline_in(call_timeout(aws)));
    ok = aws->world->http(aws->world->ctx, &req, reply, retryable, diag);
    rs_signed_clear(&sig);
    return ok;
}

static bool fail_transport(const struct rs_aws *aws, const struct rs_aws_call *call,
                           unsigned attempts, struct rs_diag *cause, bool retryable,
                           struct rs_diag *diag)
{
    enum rs_state state = rs_diag_state(cause);
    struct rs_buf hint = RS_BUF_INIT(MAX_HINT);
    char count[32] = "";

    if (state == RS_HY001)
        return rs_fail_memory(diag);
    if (attempts > 1)
        snprintf(count, sizeof count, ", %u attempts", attempts);
    if (state == RS_HYT00 && !rs_deadline_passed(aws->deadline))
        return rs_fail(diag, RS_08001, 0, "%s: no answer from %s within %lld s%s", call->operation,
                       aws->endpoint->host, (long long)(call_timeout(aws) / 1000), count);
    if (state == RS_08001 && retryable)
        rs_retry_add_hint(aws->world, aws->proxy, &hint);
    if (rs_buf_ok(&hint, diag))
        rs_fail(diag, state, 0, "%s: %s (%s%s)%s", call->operation, rs_diag_first(cause),
                aws->endpoint->host, count, hint.len == 0 ? "" : hint.p);
    rs_buf_clear(&hint);
    return false;
}

/* ---- when to try again ---- */

struct tries {
    unsigned attempt; /* 1-based */
    bool clock_corrected;
};

/* Waits; false when no further attempt is allowed or the deadline would pass meanwhile. */
static bool wait_for_next(const struct rs_aws *aws, const struct rs_aws_call *call,
                          struct tries *tries, bool is_throttling,
                          const struct rs_http_reply *reply)
{
    struct rs_retry retry = { .next = tries->attempt + 1,
                              .is_throttling = is_throttling,
                              .reply = reply };
    int64_t ms;

    if (tries->attempt >= RS_AWS_ATTEMPTS)
        return false;
    ms = rs_retry_delay_ms(aws->world, &retry);
    if (ms >= rs_deadline_left(aws->deadline))
        return false;
    RS_LOG(aws->log, RS_LOG_INFO, "aws.retry", "%s: attempt %u in %lld ms", call->operation,
           tries->attempt + 1, (long long)ms);
    aws->world->sleep_ms(aws->world->ctx, ms);
    tries->attempt++;
    return true;
}

enum verdict { VERDICT_DONE, VERDICT_AGAIN, VERDICT_FAILED };

static enum verdict judge_failure(const struct rs_aws *aws, const struct rs_aws_call *call,
                                  struct tries *tries, struct rs_diag *cause, bool retryable,
                                  struct rs_diag *diag)
{
    RS_LOG(aws->log, RS_LOG_WARNING, "aws.failure", "%s at %s, attempt %u: %s", call->operation,
           aws->endpoint->host, tries->attempt, rs_diag_first(cause));
    if (retryable && wait_for_next(aws, call, tries, false, NULL))
        return VERDICT_AGAIN;
    fail_transport(aws, call, tries->attempt, cause, retryable, diag);
    return VERDICT_FAILED;
}

static enum verdict judge_reply(const struct rs_aws *aws, const struct rs_aws_call *call,
                                struct tries *tries, const struct rs_http_reply *reply,
                                struct rs_diag *diag)
{
    struct rs_aws_error error = { 0 };
    enum verdict verdict = VERDICT_FAILED;

    if (reply->status >= 200 && reply->status < 300) {
        RS_LOG(aws->log, RS_LOG_INFO, "aws.call", "%s at %s: %d, request id %.*s, attempt %u",
               call->operation, aws->endpoint->host, reply->status,
               RS_ARG(rs_http_header(reply, "x-amzn-RequestId")), tries->attempt);
        tell_clock(aws, call, reply->date_s);
        return VERDICT_DONE;
    }
    if (!rs_aws_error_read(reply, aws->creds, &error, diag))
        return VERDICT_FAILED;
    RS_LOG(aws->log, RS_LOG_WARNING, "aws.call", "%s at %s: %d %s, request id %s, attempt %u",
           call->operation, aws->endpoint->host, reply->status, error.code.p,
           error.request_id.len == 0 ? "-" : error.request_id.p, tries->attempt);
    if (!tries->clock_corrected && learn_clock(aws, &error, reply->date_s)) {
        tries->clock_corrected = true;
        verdict = VERDICT_AGAIN;
    } else if (rs_aws_error_is_retryable(&error) &&
               wait_for_next(aws, call, tries, rs_aws_error_is_throttling(&error), reply)) {
        verdict = VERDICT_AGAIN;
    } else {
        tell_code(call, &error);
        rs_aws_error_post(&error, call, tries->attempt, diag);
    }
    rs_aws_error_clear(&error);
    return verdict;
}

bool rs_aws_send(const struct rs_aws *aws, const struct rs_aws_call *call, struct rs_buf *reply,
                 struct rs_diag *diag)
{
    struct tries tries = { .attempt = 1 };
    enum verdict verdict = VERDICT_AGAIN;

    while (verdict == VERDICT_AGAIN) {
        struct rs_http_reply answer = { 0 };
        struct rs_diag cause = { 0 };
        bool retryable = false;

        if (rs_deadline_passed(aws->deadline)) {
            rs_diag_clear(&cause);
            return rs_fail(diag, RS_HYT00, 0, "%s: the login timeout ran out", call->operation);
        }
        RS_LOG(aws->log, RS_LOG_DEBUG, "aws.send", "%s to %s, region %s, attempt %u",
               call->operation, aws->endpoint->url, aws->region, tries.attempt);
        if (send_once(aws, call, &answer, &retryable, &cause))
            verdict = judge_reply(aws, call, &tries, &answer, diag);
        else
            verdict = judge_failure(aws, call, &tries, &cause, retryable, diag);
        if (verdict == VERDICT_DONE) {
            rs_buf_add(reply, rs_buf_str(&answer.body));
            if (!rs_buf_ok(reply, diag))
                verdict = VERDICT_FAILED;
        }
        rs_http_reply_clear(&answer);
        rs_diag_clear(&cause);
    }
    return verdict == VERDICT_DONE;
}

/* ---- times in answers ---- */

/* Days from 1970-01-01 in the Gregorian calendar; month from 1. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
    int64_t y = month > 2 ? year : year - 1;
    int64_t m = month > 2 ? month - 3 : month + 9; /* the year begins in March */

    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

static bool digits(struct rs_str text, size_t at, size_t n, int64_t low, int64_t high, int64_t *out)
{
    for (size_t i = at; i < at + n; i++)
        if (!rs_is_digit(text.p[i]))
            return false;
    return rs_parse_i64(rs_str_sub(text, at, n), out) && *out >= low && *out <= high;
}

/* Z, +hh:mm or -hh:mm: seconds ahead of UTC. */
static bool zone(struct rs_str text, int64_t *ahead_s)
{
    int64_t hour, minute;

    *ahead_s = 0;
    if (rs_str_eq(text, RS_STR("Z")))
        return true;
    if (text.n != 6 || (text.p[0] != '+' && text.p[0] != '-') || text.p[3] != ':' ||
        !digits(text, 1, 2, 0, 23, &hour) || !digits(text, 4, 2, 0, 59, &minute))
        return false;
    *ahead_s = (text.p[0] == '-' ? -60 : 60) * (hour * 60 + minute);
    return true;
}

bool rs_aws_time(struct rs_str text, int64_t *out)
{
    static const char form[] = "dddd-dd-ddTdd:dd:dd";
    int64_t year, month, day, hour, minute, second, ahead_s;
    size_t end = sizeof form - 1;

    if (text.n < end + 1)
        return false;
    for (size_t i = 0; i < end; i++)
        if (form[i] != 'd' && text.p[i] != form[i])
            return false;
    if (!digits(text, 0, 4, 1970, 9999, &year) || !digits(text, 5, 2, 1, 12, &month) ||
        !digits(text, 8, 2, 1, 31, &day) || !digits(text, 11, 2, 0, 23, &hour) ||
        !digits(text, 14, 2, 0, 59, &minute) || !digits(text, 17, 2, 0, 60, &second))
        return false;
    if (text.p[end] == '.')
        for (end++; end < text.n && rs_is_digit(text.p[end]);)
            end++;
    if (!zone(rs_str_sub(text, end, text.n), &ahead_s))
        return false;
    *out = ((days_of(year, month, day) * 24 + hour) * 60 + minute) * 60 + second - ahead_s;
    return true;
}
