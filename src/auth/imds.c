#include "imds.h"

#include "../url.h"
#include "keydoc.h"
#include "plaincall.h"

#define WHAT      "instance metadata"
#define ROLE_PATH "/latest/meta-data/iam/security-credentials/"

enum { URL_MAX_BYTES = 4096, NAME_MAX_BYTES = 512, TOKEN_MAX_BYTES = 4096, MOST = 60 };

/* One visit of the service. */
struct visit {
    const struct rs_source *from;
    struct rs_buf base; /* scheme, host, port */
    struct rs_buf token;
    struct rs_buf role;
    int64_t timeout_ms;
    unsigned attempts;
    struct rs_diag *diag;
};

static struct rs_str variable(const struct rs_world *world, const char *name)
{
    return rs_str_trim(rs_str_of(world->env(world->ctx, name)));
}

bool rs_imds_is_disabled(const struct rs_world *world)
{
    return rs_str_eq_nocase(variable(world, "AWS_EC2_METADATA_DISABLED"), RS_STR("true"));
}

/* The variable, else the profile's property. */
static struct rs_str setting(const struct visit *visit, const struct rs_profile *profile,
                             const char *name, const char *property)
{
    struct rs_str value = variable(visit->from->world, name);

    return value.n > 0 || profile == NULL ? value : rs_creds_text(profile, property);
}

static bool find_base(struct visit *visit, const struct rs_profile *profile)
{
    struct rs_str place = setting(visit, profile, "AWS_EC2_METADATA_SERVICE_ENDPOINT",
                                  "ec2_metadata_service_endpoint");
    struct rs_str mode = setting(visit, profile, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
                                 "ec2_metadata_service_endpoint_mode");
    struct rs_url url;

    if (place.n == 0 && mode.n > 0 && !rs_str_eq_nocase(mode, RS_STR("IPv4")) &&
        !rs_str_eq_nocase(mode, RS_STR("IPv6")))
        return rs_fail(visit->diag, RS_28000, 0, WHAT ": the endpoint mode must be IPv4 or IPv6");
    if (place.n == 0)
        place = rs_str_eq_nocase(mode, RS_STR("IPv6")) ? RS_STR("http://[fd00:ec2::254]")
                                                       : RS_STR("http://169.254.169.254");
    if (!rs_url_split(place, &url) || url.has_userinfo || url.has_query || url.has_fragment ||
        (!rs_str_eq_nocase(url.scheme, RS_STR("http")) &&
         !rs_str_eq_nocase(url.scheme, RS_STR("https"))))
        return rs_fail(visit->diag, RS_28000, 0,
                       WHAT ": the endpoint must be an http or https URL");
    while (place.n > 0 && place.p[place.n - 1] == '/')
        place.n--;
    rs_buf_add(&visit->base, place);
    return rs_buf_ok(&visit->base, visit->diag);
}

static int64_t number(const struct rs_world *world, const char *name, int64_t usual)
{
    int64_t value;

    return rs_parse_i64(variable(world, name), &value) && value > 0 && value <= MOST ? value
                                                                                     : usual;
}

/* One request; path is appended to the base. */
static bool ask(const struct visit *visit, const char *method, const char *path, struct rs_str role,
                struct rs_header header, struct rs_http_reply *reply)
{
    struct rs_buf url = RS_BUF_INIT(URL_MAX_BYTES);
    struct rs_plaincall call = { .what = WHAT,
                                 .method = method,
                                 .headers = &header,
                                 .n_headers = 1,
                                 .ca_file = visit->from->ca_file,
                                 .timeout_ms = visit->timeout_ms,
                                 .attempts = visit->attempts };
    bool ok;

    rs_buf_add(&url, rs_buf_str(&visit->base));
    rs_buf_adds(&url, path);
    rs_url_encode(&url, role);
    call.url = url.p;
    ok = rs_buf_ok(&url, visit->diag) && rs_plaincall_send(visit->from, &call, reply, visit->diag);
    rs_buf_clear(&url);
    return ok;
}

static bool fail_status(const struct visit *visit, const char *step,
                        const struct rs_http_reply *reply)
{
    return rs_fail(visit->diag, RS_28000, reply->status, WHAT ": %s: HTTP %d", step, reply->status);
}

/* There is no falling back to version 1: it would hand credentials to whoever can make this
 * computer send a GET. */
static bool get_token(struct visit *visit)
{
    struct rs_header header = { RS_STR("X-aws-ec2-metadata-token-ttl-seconds"), RS_STR("21600") };
    struct rs_http_reply reply = { 0 };
    struct rs_str text;
    bool ok = false;

    if (!ask(visit, "PUT", "/latest/api/token", RS_STR_NULL, header, &reply))
        return false;
    text = rs_str_trim(rs_buf_str(&reply.body));
    if (reply.status != 200) {
        fail_status(visit, "no token", &reply);
        goto out;
    }
    rs_buf_clear(&visit->token);
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] <= ' ' || text.p[i] >= 127) {
            rs_fail(visit->diag, RS_28000, 0, WHAT ": the token cannot be used");
            goto out;
        }
    if (text.n == 0 || text.n > TOKEN_MAX_BYTES) {
        rs_fail(visit->diag, RS_28000, 0, WHAT ": the token cannot be used");
        goto out;
    }
    rs_buf_add(&visit->token, text);
    ok = rs_buf_ok(&visit->token, visit->diag);
out:
    rs_http_reply_clear(&reply);
    return ok;
}

/* With the token; once more with a new one when the service no longer knows it. */
static bool get(struct visit *visit, struct rs_str role, struct rs_http_reply *reply)
{
    for (int turn = 0;; turn++) {
        struct rs_header header = { RS_STR("X-aws-ec2-metadata-token"), rs_buf_str(&visit->token) };

        if (!ask(visit, "GET", ROLE_PATH, role, header, reply))
            return false;
        if (reply->status != 401 || turn > 0)
            return true;
        rs_http_reply_clear(reply);
        if (!get_token(visit))
            return false;
    }
}

static bool get_role(struct visit *visit)
{
    struct rs_http_reply reply = { 0 };
    struct rs_str text, line;
    bool done = false, ok = false;

    if (!get(visit, RS_STR_NULL, &reply))
        return false;
    text = rs_buf_str(&reply.body);
    if (reply.status == 404) {
        rs_fail(visit->diag, RS_28000, 404, WHAT ": no role is attached to this instance");
        goto out;
    }
    if (reply.status != 200) {
        fail_status(visit, "no role name", &reply);
        goto out;
    }
    if (rs_str_split(&text, '\n', &done, &line))
        rs_buf_add(&visit->role, rs_str_trim(line));
    ok = rs_buf_ok(&visit->role, visit->diag) &&
         (visit->role.len > 0 ||
          rs_fail(visit->diag, RS_28000, 0, WHAT ": no role is attached to this instance"));
out:
    rs_http_reply_clear(&reply);
    return ok;
}

static bool get_keys(struct visit *visit, struct rs_creds *out)
{
    struct rs_http_reply reply = { 0 };
    struct rs_diag cause = { 0 };
    bool ok = false;

    if (!get(visit, rs_buf_str(&visit->role), &reply))
        return false;
    if (reply.status != 200)
        fail_status(visit, "no credentials", &reply);
    else if (rs_keydoc_read(rs_buf_str(&reply.body), out, &cause))
        ok = true;
    else if (rs_diag_state(&cause) == RS_HY001)
        rs_fail_memory(visit->diag);
    else
        rs_fail(visit->diag, RS_28000, 0, WHAT ": %s", rs_diag_first(&cause));
    rs_http_reply_clear(&reply);
    rs_diag_clear(&cause);
    return ok;
}

bool rs_imds_fetch(const struct rs_source *from, const struct rs_profile *profile,
                   unsigned attempts, struct rs_creds *out, struct rs_diag *diag)
{
    const struct rs_world *world = from->world;
    struct visit visit = { .from = from,
                           .base = RS_BUF_INIT(URL_MAX_BYTES),
                           .token = RS_BUF_WIPED(TOKEN_MAX_BYTES),
                           .role = RS_BUF_INIT(NAME_MAX_BYTES),
                           .diag = diag };
    bool ok;

    if (rs_imds_is_disabled(world))
        return rs_fail(diag, RS_28000, 0, WHAT ": AWS_EC2_METADATA_DISABLED is true");
    visit.timeout_ms = number(world, "AWS_METADATA_SERVICE_TIMEOUT", 1) * 1000;
    visit.attempts = (unsigned)number(world, "AWS_METADATA_SERVICE_NUM_ATTEMPTS", attempts);
    ok = find_base(&visit, profile) && get_token(&visit) && get_role(&visit) &&
         get_keys(&visit, out);
    if (ok)
        RS_LOG(from->log, RS_LOG_INFO, "auth.instance", "credentials of this instance, role \"%s\"",
               visit.role.p);
    rs_buf_clear(&visit.base);
    rs_buf_clear(&visit.token);
    rs_buf_clear(&visit.role);
    return ok;
}
