#include "sso.h"

#include "../crypto.h"
#include "../json.h"
#include "../url.h"
#include "aws.h"
#include "locate.h"
#include "plaincall.h"
#include "ssotoken.h"

enum { PATH_MAX_BYTES = 8192, BODY_MAX_BYTES = 1 << 18, NAMES_MAX_BYTES = 256 };

/* What a profile and its session say. All of it is borrowed from them. */
struct ask {
    const struct rs_source *from;
    const struct rs_profile *profile;
    struct rs_str session; /* name of the session; empty: the old form */
    struct rs_str account, role, region, start_url;
    struct rs_buf clean_region; /* lower case */
    struct rs_buf path;         /* of the token */
    struct rs_diag *diag;
};

/* ---- settings ---- */

/* From the session where the profile has one; both may say it, but not differ. */
static bool take(const struct ask *ask, const struct rs_profile *session, const char *name,
                 struct rs_str *out)
{
    struct rs_str own = rs_creds_text(ask->profile, name);
    struct rs_str shared = session == NULL ? RS_STR_NULL : rs_creds_text(session, name);

    if (own.n > 0 && shared.n > 0 && !rs_str_eq(own, shared))
        return rs_fail(ask->diag, RS_28000, 0,
                       "AWS profile \"%s\" and its sso_session \"%.*s\" differ in %s",
                       rs_profile_name(ask->profile), RS_ARG(ask->session), name);
    *out = shared.n > 0 ? shared : own;
    return true;
}

static bool check_complete(const struct ask *ask)
{
    const struct {
        const char *name;
        struct rs_str value;
    } needed[] = { { "sso_account_id", ask->account },
                   { "sso_role_name", ask->role },
                   { "sso_region", ask->region },
                   { "sso_start_url", ask->start_url } };
    struct rs_buf lacks = RS_BUF_INIT(NAMES_MAX_BYTES);

    for (size_t i = 0; i < RS_COUNT(needed); i++)
        if (needed[i].value.n == 0)
            rs_buf_addf(&lacks, "%s%s", lacks.len == 0 ? "" : ", ", needed[i].name);
    if (lacks.len == 0 && !lacks.bad)
        return true;
    if (rs_buf_ok(&lacks, ask->diag))
        rs_fail(ask->diag, RS_28000, 0, "AWS profile \"%s\" lacks %s",
                rs_profile_name(ask->profile), lacks.p);
    rs_buf_clear(&lacks);
    return false;
}

static bool read_settings(struct ask *ask)
{
    const struct rs_profile *session = NULL;

    ask->session = rs_creds_text(ask->profile, "sso_session");
    if (ask->session.n > 0) {
        session = rs_profiles_section(ask->from->profiles, "sso-session", ask->session);
        if (session == NULL)
            return rs_fail(ask->diag, RS_28000, 0,
                           "AWS profile \"%s\" names the section [sso-session %.*s], which is not "
                           "there",
                           rs_profile_name(ask->profile), RS_ARG(ask->session));
    }
    ask->account = rs_creds_text(ask->profile, "sso_account_id");
    ask->role = rs_creds_text(ask->profile, "sso_role_name");
    if (!take(ask, session, "sso_region", &ask->region) ||
        !take(ask, session, "sso_start_url", &ask->start_url) || !check_complete(ask))
        return false;
    if (!rs_region_clean(ask->region, &ask->clean_region))
        return rs_fail(ask->diag, RS_28000, 0, "sso_region of AWS profile \"%s\" is no region name",
                       rs_profile_name(ask->profile));
    return rs_buf_ok(&ask->clean_region, ask->diag);
}

/* <home>/.aws/sso/cache/<SHA-1>.json */
static bool find_path(struct ask *ask)
{
    uint8_t digest[RS_SHA1_BYTES];

    if (!rs_sha1(ask->session.n > 0 ? ask->session : ask->start_url, digest, ask->diag))
        return false;
    if (!rs_profiles_home(ask->from->world, &ask->path))
        return ask->path.bad ? rs_buf_ok(&ask->path, ask->diag)
                             : rs_fail(ask->diag, RS_HY000, 0,
                                       "the home folder, where Identity Center tokens are kept, is "
                                       "unknown; set HOME");
    rs_buf_adds(&ask->path, "/.aws/sso/cache/");
    rs_hex_add(&ask->path, digest, sizeof digest);
    rs_buf_adds(&ask->path, ".json");
    return rs_buf_ok(&ask->path, ask->diag);
}

/* ---- the token ---- */

static bool fail_login(const struct ask *ask, const char *why)
{
    struct rs_str name = ask->session.n > 0 ? ask->session : ask->start_url;

    RS_LOG(ask->from->log, RS_LOG_INFO, "auth.sso", "\"%s\": %s", ask->path.p, why);
    return rs_fail(ask->diag, RS_28000, 0,
                   "the SSO session \"%.*s\" has expired or was never started (%s); run \"aws sso "
                   "login --profile %s\"",
                   RS_ARG(name), why, rs_profile_name(ask->profile));
}

static int64_t now_of(const struct ask *ask)
{
    return ask->from->world->utc_s(ask->from->world->ctx);
}

static struct rs_locate locate_of(const struct ask *ask)
{
    return (struct rs_locate){ .world = ask->from->world,
                               .log = ask->from->log,
                               .profiles = ask->from->profiles,
                               .profile = ask->profile };
}

static int64_t timeout_of(const struct rs_source *from)
{
    return from->call_timeout_ms > 0 ? from->call_timeout_ms : RS_AWS_DEFAULT_TIMEOUT_S * 1000;
}

/* One call; path is relative to the service's endpoint. */
static bool call(const struct ask *ask, enum rs_service service, struct rs_plaincall *it,
                 struct rs_str path, struct rs_http_reply *reply, struct rs_diag *diag)
{
    struct rs_locate locate = locate_of(ask);
    struct rs_endpoint endpoint = { 0 };
    struct rs_buf url = RS_BUF_WIPED(PATH_MAX_BYTES);
    struct rs_str base;
    bool ok = false;

    if (!rs_locate(&locate, service, ask->clean_region.p, &endpoint, diag))
        goto out;
    base = rs_str_of(endpoint.url);
    while (base.n > 0 && base.p[base.n - 1] == '/')
        base.n--;
    rs_buf_add(&url, base);
    rs_buf_add(&url, path);
    if (!rs_buf_ok(&url, diag))
        goto out;
    it->url = url.p;
    it->ca_file = ask->from->ca_file;
    it->proxy = ask->from->proxy;
    it->timeout_ms = timeout_of(ask->from);
    it->attempts = RS_AWS_ATTEMPTS;
    ok = rs_plaincall_send(ask->from, it, reply, diag);
out:
    rs_buf_clear(&url);
    rs_endpoint_clear(&endpoint);
    return ok;
}

/* New text for the file, by CreateToken. */
static bool ask_new(const struct ask *ask, struct rs_str file, const struct rs_ssotoken *token,
                    struct rs_buf *out, struct rs_diag *diag)
{
    struct rs_header header = { RS_STR("Content-Type"), RS_STR("application/json") };
    struct rs_plaincall it = {
        .what = "CreateToken", .method = "POST", .headers = &header, .n_headers = 1
    };
    struct rs_buf body = RS_BUF_WIPED(BODY_MAX_BYTES);
    struct rs_http_reply reply = { 0 };
    bool ok = false;

    rs_ssotoken_ask(token, &body);
    it.body = rs_buf_str(&body);
    if (!rs_buf_ok(&body, diag) ||
        !call(ask, RS_SERVICE_SSO_OIDC, &it, RS_STR("/token"), &reply, diag))
        goto out;
    if (reply.status == 200)
        ok = rs_ssotoken_renew(file, rs_buf_str(&reply.body), now_of(ask), out, diag);
    else
        rs_plaincall_refuse(
            &it, &reply,
            (struct rs_str){ rs_secret_reveal(&token->refresh), rs_secret_len(&token->refresh) },
            "", diag);
out:
    rs_http_reply_clear(&reply);
    rs_buf_clear(&body);
    return ok;
}

/* What cannot be renewed, or not be written back, leaves the old one in use while it is valid. */
static bool renew(const struct ask *ask, struct rs_str file, struct rs_ssotoken *token)
{
    struct rs_buf text = RS_BUF_WIPED(RS_SSOTOKEN_MAX_BYTES);
    struct rs_ssotoken renewed = { .expires_at = 0 };
    struct rs_diag cause = { 0 };
    bool ok = true;

    if (ask_new(ask, file, token, &text, &cause) &&
        rs_ssotoken_read(rs_buf_str(&text), &renewed, &cause)) {
        rs_ssotoken_clear(token);
        *token = renewed;
        if (!rs_os_replace_file(ask->path.p, rs_buf_str(&text)))
            RS_LOG(ask->from->log, RS_LOG_WARNING, "auth.sso", "\"%s\" cannot be written",
                   ask->path.p);
    } else if (rs_diag_state(&cause) == RS_HY001) {
        ok = rs_fail_memory(ask->diag);
    } else {
        RS_LOG(ask->from->log, RS_LOG_WARNING, "auth.sso", "the token is not renewed: %s",
               rs_diag_first(&cause));
    }
    rs_buf_clear(&text);
    rs_diag_clear(&cause);
    return ok;
}

static bool get_token(const struct ask *ask, struct rs_ssotoken *out)
{
    struct rs_buf text = RS_BUF_WIPED(RS_SSOTOKEN_MAX_BYTES);
    struct rs_diag cause = { 0 };
    enum rs_file found = rs_os_read_file(ask->path.p, &text, NULL, &cause);
    bool ok = false;

    if (rs_diag_state(&cause) == RS_HY001) {
        rs_fail_memory(ask->diag);
        goto out;
    }
    if (found != RS_FILE_READ) {
        fail_login(ask, found == RS_FILE_MISSING ? "no token is kept" : rs_diag_first(&cause));
        goto out;
    }
    if (!rs_ssotoken_read(rs_buf_str(&text), out, &cause)) {
        if (rs_diag_state(&cause) == RS_HY001)
            rs_fail_memory(ask->diag);
        else
            fail_login(ask, "the kept token cannot be read");
        goto out;
    }
    if (ask->session.n > 0 && out->expires_at - now_of(ask) < RS_SSOTOKEN_RENEW_S &&
        rs_ssotoken_is_renewable(out, now_of(ask)) && !renew(ask, rs_buf_str(&text), out))
        goto out;
    ok = out->expires_at > now_of(ask) || fail_login(ask, "the kept token has expired");
out:
    rs_buf_clear(&text);
    rs_diag_clear(&cause);
    return ok;
}

/* ---- the credentials ---- */

static bool read_role(const struct rs_json *json, struct rs_creds *out, struct rs_diag *diag)
{
    static const char *const names[] = { "accessKeyId", "secretAccessKey", "sessionToken" };
    struct rs_str text[RS_COUNT(names)];
    int64_t expires_ms;

    if (json == NULL)
        return rs_fail(diag, RS_HY000, 0, "roleCredentials is missing");
    for (size_t i = 0; i < RS_COUNT(names); i++)
        if (!rs_json_text(json, names[i], &text[i]) || text[i].n == 0)
            return rs_fail(diag, RS_HY000, 0, "%s is missing", names[i]);
    if (!rs_json_int(json, "expiration", &expires_ms) || expires_ms <= 0)
        return rs_fail(diag, RS_HY000, 0, "expiration is not a time");
    if (!rs_creds_make(text[0], text[1], text[2], out, diag))
        return false;
    out->expires_at = expires_ms / 1000;
    return true;
}

bool rs_sso_read(struct rs_str text, struct rs_creds *out, struct rs_diag *diag)
{
    struct rs_json *json = NULL;
    bool ok = rs_json_parse(text, &json, diag) &&
              read_role(rs_json_object(json, "roleCredentials"), out, diag);

    rs_json_free(json);
    return ok;
}

static bool take_answer(const struct ask *ask, const struct rs_plaincall *it,
                        const struct rs_http_reply *reply, struct rs_str token,
                        struct rs_creds *out)
{
    struct rs_diag cause = { 0 };
    bool ok = false;

    if (reply->status == 401) {
        fail_login(ask, "the token is refused");
    } else if (reply->status != 200) {
        rs_plaincall_refuse(it, reply, token,
                            reply->status == 403 || reply->status == 404
                                ? "; check sso_account_id and sso_role_name"
                                : "",
                            ask->diag);
    } else {
        ok = rs_sso_read(rs_buf_str(&reply->body), out, &cause);
        if (!ok && rs_diag_state(&cause) == RS_HY001)
            rs_fail_memory(ask->diag);
        else if (!ok)
            rs_fail(ask->diag, RS_HY000, 0, "%s: the answer cannot be used: %s", it->what,
                    rs_diag_first(&cause));
    }
    rs_diag_clear(&cause);
    return ok;
}

static bool get_role(const struct ask *ask, const struct rs_ssotoken *token, struct rs_creds *out)
{
    struct rs_str bearer = { rs_secret_reveal(&token->access), rs_secret_len(&token->access) };
    struct rs_header headers[] = { { RS_STR("x-amz-sso_bearer_token"), bearer },
                                   { RS_STR("Accept"), RS_STR("application/json") } };
    struct rs_plaincall it = {
        .what = "GetRoleCredentials", .method = "GET", .headers = headers, .n_headers = 2
    };
    struct rs_buf query = RS_BUF_INIT(PATH_MAX_BYTES), path = RS_BUF_INIT(PATH_MAX_BYTES);
    struct rs_http_reply reply = { 0 };
    bool ok = false;

    rs_query_add(&query, "role_name", ask->role);
    rs_query_add(&query, "account_id", ask->account);
    rs_buf_adds(&path, "/federation/credentials?");
    rs_buf_add(&path, rs_buf_str(&query));
    if (rs_buf_ok(&query, ask->diag) && rs_buf_ok(&path, ask->diag) &&
        call(ask, RS_SERVICE_SSO, &it, rs_buf_str(&path), &reply, ask->diag))
        ok = take_answer(ask, &it, &reply, bearer, out);
    rs_http_reply_clear(&reply);
    rs_buf_clear(&query);
    rs_buf_clear(&path);
    return ok;
}

bool rs_sso_fetch(const struct rs_source *from, const struct rs_profile *profile,
                  struct rs_creds *out, struct rs_diag *diag)
{
    struct ask ask = { .from = from,
                       .profile = profile,
                       .clean_region = RS_BUF_INIT(NAMES_MAX_BYTES),
                       .path = RS_BUF_INIT(PATH_MAX_BYTES),
                       .diag = diag };
    struct rs_ssotoken token = { .expires_at = 0 };
    bool ok = read_settings(&ask) && find_path(&ask) && get_token(&ask, &token) &&
              get_role(&ask, &token, out);

    rs_ssotoken_clear(&token);
    rs_buf_clear(&ask.clean_region);
    rs_buf_clear(&ask.path);
    return ok;
}
