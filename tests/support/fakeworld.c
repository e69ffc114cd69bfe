#include "fakeworld.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct fake_world *fake_of(void *ctx)
{
    return ctx;
}

static int64_t fake_utc_s(void *ctx)
{
    return fake_of(ctx)->utc_s + fake_of(ctx)->slept_ms / 1000;
}

static int64_t fake_utc_ms(void *ctx)
{
    return fake_of(ctx)->utc_s * 1000 + fake_of(ctx)->slept_ms;
}

static void fake_sleep(void *ctx, int64_t ms)
{
    fake_of(ctx)->slept_ms += ms;
}

static double fake_random(void *ctx)
{
    return fake_of(ctx)->random;
}

static const char *fake_env(void *ctx, const char *name)
{
    const char *const(*env)[2] = fake_of(ctx)->env;

    for (; env != NULL && (*env)[0] != NULL; env++)
        if (strcmp((*env)[0], name) == 0)
            return (*env)[1][0] == '\0' ? NULL : (*env)[1];
    return NULL;
}

static void keep_request(struct fake_world *fake, size_t i, const struct rs_http_request *req)
{
    size_t at = 0;

    snprintf(fake->url[i], sizeof fake->url[i], "%s", req->url);
    snprintf(fake->body[i], sizeof fake->body[i], "%.*s", RS_ARG(req->body));
    snprintf(fake->ca_file[i], sizeof fake->ca_file[i], "%s",
             req->ca_file == NULL ? "" : req->ca_file);
    snprintf(fake->method[i], sizeof fake->method[i], "%s", req->method);
    snprintf(fake->user_agent[i], sizeof fake->user_agent[i], "%s",
             req->user_agent == NULL ? "" : req->user_agent);
    fake->is_unchecked[i] = req->is_unchecked;
    fake->negotiates[i] = req->negotiates;
    fake->session[i] = req->session;
    fake->headers[i][0] = '\0';
    for (size_t k = 0; k < req->n_headers && at < sizeof fake->headers[i]; k++)
        at += (size_t)snprintf(fake->headers[i] + at, sizeof fake->headers[i] - at, "%.*s: %.*s\n",
                               RS_ARG(req->headers[k].name), RS_ARG(req->headers[k].value));
    fake->slept_before[i] = fake->slept_ms;
}

static bool fake_http(void *ctx, const struct rs_http_request *req, struct rs_http_reply *reply,
                      bool *retryable, struct rs_diag *diag)
{
    struct fake_world *fake = ctx;
    struct rs_http_reply made = { .body = RS_BUF_WIPED(req->max_reply_bytes),
                                  .headers = RS_BUF_WIPED(65536) };
    const struct fake_answer *answer;
    size_t i = fake->n_asked++;

    *retryable = false;
    if (i < FAKE_MAX)
        keep_request(fake, i, req);
    if (i >= fake->n_answers)
        return rs_fail(diag, RS_HY000, 0, "the script has no answer number %zu", i + 1);
    answer = &fake->answer[i];
    *retryable = answer->status == 0 && !answer->is_final;
    if (answer->status == 0)
        return rs_fail(diag, answer->fail, 0, "scripted failure");
    made.status = answer->status;
    made.date_s = answer->date_s;
    rs_buf_adds(&made.body, answer->body == NULL ? "" : answer->body);
    rs_buf_adds(&made.headers, answer->headers == NULL ? "" : answer->headers);
    if (!rs_buf_ok(&made.body, diag) || !rs_buf_ok(&made.headers, diag)) {
        rs_http_reply_clear(&made);
        return false;
    }
    *reply = made;
    return true;
}

static bool fake_aliases(void *ctx, const char *host, struct rs_deadline deadline,
                         struct rs_buf *out, struct rs_diag *diag)
{
    struct fake_world *fake = ctx;

    (void)host;
    (void)deadline;
    fake->n_aliases_asked++;
    rs_buf_adds(out, fake->aliases == NULL ? "" : fake->aliases);
    return rs_buf_ok(out, diag);
}

void fake_world_init(struct fake_world *fake, const struct fake_answer *answer, size_t n)
{
    memset(fake, 0, sizeof *fake);
    fake->world = (struct rs_world){ .ctx = fake,
                                     .utc_s = fake_utc_s,
                                     .utc_ms = fake_utc_ms,
                                     .sleep_ms = fake_sleep,
                                     .random01 = fake_random,
                                     .env = fake_env,
                                     .http = fake_http,
                                     .aliases = fake_aliases };
    fake->utc_s = 1768478400; /* 2026-01-15T12:00:00Z */
    fake->random = 0.5;
    fake->answer = answer;
    fake->n_answers = n;
}

void fake_world_rewind(struct fake_world *fake)
{
    fake->n_asked = 0;
    fake->slept_ms = 0;
}

bool fake_world_had_header(const struct fake_world *fake, size_t i, const char *name,
                           const char *value)
{
    char line[4096];

    snprintf(line, sizeof line, "%s: %s\n", name, value);
    return i < fake->n_asked && i < FAKE_MAX && strstr(fake->headers[i], line) != NULL;
}

bool fake_world_says(const char *text, const char *words)
{
    if (getenv("RS_TEST_PATIENCE") != NULL && strncmp(words, "cannot be started", 17) == 0)
        words = "exit status 127";
    return strstr(text, words) != NULL;
}
