#include "container.h"

#include "../url.h"
#include "keydoc.h"
#include "plaincall.h"

enum { URL_MAX_BYTES = 8192, TOKEN_MAX_BYTES = 1 << 16 };

static const char *variable(const struct rs_source *from, const char *name)
{
    return from->world->env(from->world->ctx, name);
}

const char *rs_container_variable(const struct rs_world *world)
{
    if (world->env(world->ctx, RS_CONTAINER_RELATIVE) != NULL)
        return RS_CONTAINER_RELATIVE;
    return world->env(world->ctx, RS_CONTAINER_FULL) != NULL ? RS_CONTAINER_FULL : NULL;
}

bool rs_container_allows(struct rs_str uri)
{
    static const char *const agents[] = { "169.254.170.2", "169.254.170.23", "fd00:ec2::23" };
    struct rs_url url;

    if (!rs_url_split(uri, &url) || url.has_userinfo || url.has_fragment)
        return false;
    if (rs_str_eq_nocase(url.scheme, RS_STR("https")))
        return true;
    if (!rs_str_eq_nocase(url.scheme, RS_STR("http")))
        return false;
    for (size_t i = 0; i < RS_COUNT(agents); i++)
        if (rs_str_eq_nocase(url.host, rs_str_of(agents[i])))
            return true;
    return rs_url_is_loopback(url.host);
}

static bool find_url(const struct rs_source *from, const char *name, struct rs_buf *out,
                     struct rs_diag *diag)
{
    struct rs_str value = rs_str_of(variable(from, name));
    bool is_relative = rs_str_eq(rs_str_of(name), RS_STR(RS_CONTAINER_RELATIVE));

    if (is_relative && value.p[0] != '/')
        return rs_fail(diag, RS_28000, 0, "%s must begin with /", name);
    if (is_relative)
        rs_buf_adds(out, "http://169.254.170.2");
    rs_buf_add(out, value);
    if (!rs_buf_ok(out, diag))
        return false;
    return rs_container_allows(rs_buf_str(out)) ||
           rs_fail(diag, RS_28000, 0,
                   "%s must be an https URL, or http to this computer, 169.254.170.2, "
                   "169.254.170.23 or [fd00:ec2::23]",
                   name);
}

/* Read anew each time: the agent renews the file. */
static bool read_token_file(const char *path, struct rs_buf *token, struct rs_diag *diag)
{
    enum rs_file found = rs_os_read_file(path, token, NULL, diag);

    if (found == RS_FILE_MISSING)
        return rs_fail(diag, RS_28000, 0,
                       "there is no file \"%s\" (AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE)", path);
    if (found == RS_FILE_FAILED)
        return false;
    if (token->len > 0 && token->p[token->len - 1] == '\n')
        rs_buf_truncate(token, token->len - 1);
    if (token->len > 0 && token->p[token->len - 1] == '\r')
        rs_buf_truncate(token, token->len - 1);
    return true;
}

static bool find_token(const struct rs_source *from, struct rs_buf *token, struct rs_diag *diag)
{
    const char *file = variable(from, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    const char *value = variable(from, "AWS_CONTAINER_AUTHORIZATION_TOKEN");

    if (file != NULL && !read_token_file(file, token, diag))
        return false;
    if (file == NULL && value != NULL)
        rs_buf_adds(token, value);
    if (!rs_buf_ok(token, diag))
        return false;
    if (rs_str_chr(rs_buf_str(token), '\n') >= 0 || rs_str_chr(rs_buf_str(token), '\r') >= 0 ||
        rs_str_chr(rs_buf_str(token), '\0') >= 0)
        return rs_fail(diag, RS_28000, 0,
                       "the token for container credentials (%s) contains a line end",
                       file != NULL ? "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"
                                    : "AWS_CONTAINER_AUTHORIZATION_TOKEN");
    return true;
}

static bool ask(const struct rs_source *from, const struct rs_plaincall *call, struct rs_str token,
                struct rs_creds *out, struct rs_diag *diag)
{
    struct rs_http_reply reply = { 0 };
    struct rs_diag cause = { 0 };
    bool ok = false;

    if (!rs_plaincall_send(from, call, &reply, diag))
        return false;
    if (reply.status != 200)
        rs_plaincall_refuse(call, &reply, token, "", diag);
    else if (rs_keydoc_read(rs_buf_str(&reply.body), out, &cause))
        ok = true;
    else if (rs_diag_state(&cause) == RS_HY001)
        rs_fail_memory(diag);
    else
        rs_fail(diag, RS_28000, 0, "%s: %s", call->what, rs_diag_first(&cause));
    rs_http_reply_clear(&reply);
    rs_diag_clear(&cause);
    return ok;
}

bool rs_container_fetch(const struct rs_source *from, struct rs_creds *out, struct rs_diag *diag)
{
    const char *name = rs_container_variable(from->world);
    struct rs_buf url = RS_BUF_INIT(URL_MAX_BYTES), token = RS_BUF_WIPED(TOKEN_MAX_BYTES);
    struct rs_header headers[2] = { { RS_STR("Accept"), RS_STR("application/json") } };
    struct rs_plaincall call = { .what = "container credentials",
                                 .method = "GET",
                                 .headers = headers,
                                 .n_headers = 1,
                                 .ca_file = from->ca_file,
                                 .timeout_ms = RS_CONTAINER_TIMEOUT_MS,
                                 .attempts = RS_CONTAINER_ATTEMPTS,
                                 .gap_ms = RS_CONTAINER_GAP_MS };
    bool ok = false;

    if (name == NULL)
        return rs_fail(diag, RS_28000, 0, "neither %s nor %s is set", RS_CONTAINER_RELATIVE,
                       RS_CONTAINER_FULL);
    if (!find_url(from, name, &url, diag) || !find_token(from, &token, diag))
        goto out;
    call.url = url.p;
    if (token.len > 0)
        headers[call.n_headers++] =
            (struct rs_header){ RS_STR("Authorization"), rs_buf_str(&token) };
    RS_LOG(from->log, RS_LOG_INFO, "auth.container", "container credentials, by %s", name);
    ok = ask(from, &call, rs_buf_str(&token), out, diag);
out:
    rs_buf_clear(&url);
    rs_buf_clear(&token);
    return ok;
}
