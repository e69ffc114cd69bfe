/*
 * Which cluster is meant, where it is and who signs in there. Source: aws-api.md 11, 12.
 */
#include "job.h"
#include "locate.h"

#include "../ca.h"
#include "../url.h"

enum { DB_USER_MAX_BYTES = 128, ALIASES_MAX_BYTES = 4096, ALIASES_TIMEOUT_MS = 5000 };

/* ---- which cluster, where ---- */

static bool is_id(struct rs_str text, size_t min, size_t max)
{
    for (size_t i = 0; i < text.n; i++)
        if (!rs_is_alnum(text.p[i]) && text.p[i] != '-')
            return false;
    return text.n >= min && text.n <= max;
}

static bool take_id(struct rs_job *job, struct rs_str id, struct rs_buf *out)
{
    for (size_t i = 0; i < id.n; i++)
        rs_buf_addc(out, rs_lower(id.p[i]));
    return rs_buf_ok(out, job->diag);
}

/* What a serverless target has no use for. */
static void warn_idle(struct rs_job *job)
{
    static const enum rs_key_id users[] = { RS_KEY_db_user, RS_KEY_auto_create, RS_KEY_db_groups,
                                            RS_KEY_force_lowercase };

    if (job->wants_token || (!job->is_serverless && !job->set->group_federation))
        return;
    for (size_t i = 0; i < RS_COUNT(users); i++)
        if (job->set->layer[users[i]] >= RS_LAYER_GLOBAL)
            rs_warn(job->diag, RS_01S00, "%s is ignored for %s", rs_key(users[i])->name,
                    job->is_serverless ? "serverless" : "group_federation");
}

/* Whether it is serverless, and which workgroup. */
static bool find_kind(struct rs_job *job)
{
    const struct rs_settings *set = job->set;
    struct rs_str id = rs_str_trim(rs_str_of(set->workgroup));

    job->host = rs_host_parse(rs_str_of(set->server));
    job->is_serverless =
        rs_settings_is_set(set, RS_KEY_serverless)
            ? set->serverless
            : job->host.is_serverless || (id.n > 0 && !rs_job_has(job, RS_KEY_server) &&
                                          !rs_job_has(job, RS_KEY_cluster_id));
    if (!job->is_serverless)
        return true;
    if (id.n == 0 && job->host.kind == RS_HOST_WORKGROUP)
        id = job->host.id;
    /* A workgroup can be reached through the cluster API when ClusterID names it there. */
    if (id.n == 0 && rs_job_has(job, RS_KEY_cluster_id)) {
        job->is_serverless = false;
        return true;
    }
    if (id.n == 0 && job->host.kind == RS_HOST_VPC_ENDPOINT)
        return rs_fail(job->diag, RS_28000, 0,
                       "Workgroup is required: the name of a VPC endpoint does not say which "
                       "workgroup is behind it");
    if (id.n == 0 && !rs_job_has(job, RS_KEY_server))
        return rs_fail(job->diag, RS_28000, 0, "Server, or Workgroup and Region, is required");
    if (id.n > 0 && !is_id(id, 3, 64))
        return rs_fail(job->diag, RS_HY000, 0, "Workgroup \"%.*s\" is not a workgroup's name",
                       RS_ARG(rs_str_sub(id, 0, 128)));
    return take_id(job, id, &job->workgroup);
}

static bool find_cluster(struct rs_job *job)
{
    struct rs_str id = rs_str_trim(rs_str_of(job->set->cluster_id));

    if (job->is_serverless)
        return true;
    if (id.n == 0 && job->host.kind == RS_HOST_CLUSTER)
        id = job->host.id;
    if (id.n == 0 && job->host.kind == RS_HOST_VPC_ENDPOINT)
        return rs_fail(job->diag, RS_28000, 0,
                       "ClusterID is required: the name of a VPC endpoint does not say which "
                       "cluster is behind it");
    if (id.n == 0 && !rs_job_has(job, RS_KEY_server))
        return rs_fail(job->diag, RS_28000, 0, "Server, or ClusterID and Region, is required");
    if (id.n > 0 && !is_id(id, 1, 128))
        return rs_fail(job->diag, RS_HY000, 0, "ClusterID \"%.*s\" is not a cluster identifier",
                       RS_ARG(id));
    return take_id(job, id, &job->cluster_id);
}

/* Takes a region from one source. *done: it had one. */
static bool take_region(struct rs_job *job, const char *source, struct rs_str value, bool *done)
{
    value = rs_str_trim(value);
    if (*done || value.n == 0)
        return true;
    if (!rs_region_clean(value, &job->region))
        return rs_fail(job->diag, RS_HY000, 0, "%s \"%.*s\" is not a region name", source,
                       RS_ARG(rs_str_sub(value, 0, 64)));
    if (!rs_buf_ok(&job->region, job->diag))
        return false;
    RS_LOG(job->log, RS_LOG_INFO, "auth.region", "%s, from %s", job->region.p, source);
    *done = true;
    return true;
}

/* With explicit keys the files are read only when nothing before them gave a region. */
static bool take_profile_region(struct rs_job *job, bool *done)
{
    if (!*done && job->profiles == NULL) {
        if (!rs_profiles_load(job->world, &job->profiles, job->log, job->diag))
            return false;
        job->profile =
            rs_profiles_find(job->profiles, rs_profiles_choose(job->set->profile, job->world));
    }
    return take_region(job, "region of the AWS profile",
                       rs_job_profile_text(job->profile, "region"), done);
}

/* A name that DNS may know more of: no address, and not the name of one computer here. */
static bool is_domain(struct rs_str name)
{
    bool done = false;
    struct rs_str label = RS_STR_NULL;

    if (rs_str_chr(name, ':') >= 0 || rs_str_chr(name, '.') < 0)
        return false;
    if (name.p[name.n - 1] == '.')
        name.n--;
    while (rs_str_split(&name, '.', &done, &label))
        continue;
    return label.n > 0 && !rs_is_digit(label.p[0]);
}

/* Where the aliases of a domain of one's own lead: to the region, and nothing else is taken, since
 * DNS may lie. */
static bool take_alias_region(struct rs_job *job, bool *done)
{
    struct rs_str server = rs_str_trim(rs_str_of(job->set->server));
    struct rs_deadline deadline =
        rs_deadline_min(job->deadline, rs_deadline_in(ALIASES_TIMEOUT_MS));
    struct rs_buf names = RS_BUF_INIT(ALIASES_MAX_BYTES);
    bool ok, at_end = false;
    struct rs_str rest, name;

    if (*done || job->host.kind != RS_HOST_OTHER || !is_domain(server))
        return true;
    ok = job->world->aliases(job->world->ctx, job->set->server, deadline, &names, job->diag);
    rest = rs_buf_str(&names);
    while (ok && !*done && rs_str_split(&rest, '\n', &at_end, &name)) {
        struct rs_host host = rs_host_parse(name);

        if (host.kind != RS_HOST_BALANCER)
            ok = take_region(job, "the name that Server is an alias of", host.region, done);
    }
    rs_buf_clear(&names);
    return ok;
}

static bool find_region(struct rs_job *job)
{
    const struct rs_world *world = job->world;
    bool done = false;

    if (!take_region(job, "Region", rs_str_of(job->set->region), &done) ||
        !take_region(job, "the region in Server", job->host.region, &done) ||
        !take_alias_region(job, &done) ||
        !take_region(job, "AWS_REGION", rs_str_of(world->env(world->ctx, "AWS_REGION")), &done) ||
        !take_region(job, "AWS_DEFAULT_REGION",
                     rs_str_of(world->env(world->ctx, "AWS_DEFAULT_REGION")), &done) ||
        !take_profile_region(job, &done))
        return false;
    if (!done && job->endpoint.name != NULL)
        done = rs_endpoint_region(&job->endpoint, &job->region);
    return done ? rs_buf_ok(&job->region, job->diag)
                : rs_fail(job->diag, RS_28000, 0,
                          "Region is required: neither Server nor AWS_REGION nor the AWS profile "
                          "says which region the cluster is in");
}

static bool find_endpoint(struct rs_job *job)
{
    struct rs_locate locate;

    if (rs_job_has(job, RS_KEY_endpoint_url) &&
        !rs_endpoint_parse("EndpointUrl", job->set->endpoint_url, &job->endpoint, job->diag))
        return false;
    if (!find_region(job))
        return false;
    locate = (struct rs_locate){
        .world = job->world, .log = job->log, .profiles = job->profiles, .profile = job->profile
    };
    return job->endpoint.url != NULL ||
           rs_locate(&locate, job->is_serverless ? RS_SERVICE_SERVERLESS : RS_SERVICE_REDSHIFT,
                     job->region.p, &job->endpoint, job->diag);
}

/* https_proxy_host and what belongs to it; a text that could be more than a host is refused. */
static bool find_proxy(struct rs_job *job)
{
    const struct rs_settings *set = job->set;

    if (!rs_job_has(job, RS_KEY_https_proxy_host))
        return true;
    if (!rs_url_is_host(rs_str_of(set->https_proxy_host)))
        return rs_fail(job->diag, RS_HY000, 0,
                       "https_proxy_host must be a host name or address, without scheme and port");
    job->proxy = (struct rs_http_proxy){ .host = set->https_proxy_host,
                                         .port = set->https_proxy_port,
                                         .user = set->https_proxy_username,
                                         .password = rs_secret_reveal(&set->https_proxy_password) };
    RS_LOG(job->log, RS_LOG_INFO, "auth.proxy", "%s:%d", job->proxy.host, (int)job->proxy.port);
    return true;
}

const struct rs_http_proxy *rs_job_proxy(const struct rs_job *job)
{
    return job->proxy.host == NULL ? NULL : &job->proxy;
}

static bool find_ca_file(struct rs_job *job)
{
    struct rs_str bundle = rs_job_profile_text(job->profile, "ca_bundle");

    rs_buf_truncate(&job->ca_file, 0); /* a plugin's own calls may have looked for it already */
    return rs_ca_file_aws(job->set, job->world, bundle.n > 0 ? bundle.p : NULL, &job->ca_file,
                          job->diag);
}

/* ---- the database user ---- */

const char *rs_job_db_user(const struct rs_job *job)
{
    const char *claimed = job->claims.db_user;

    if (claimed != NULL &&
        (job->set->allow_db_user_override || job->claims.allow_db_user_override == RS_CLAIM_YES))
        return claimed;
    if (rs_job_has(job, RS_KEY_db_user))
        return job->set->db_user;
    return job->plugin != NULL ? claimed : job->set->uid; /* a plugin's UID is the provider's */
}

bool rs_job_check_db_user(struct rs_job *job)
{
    struct rs_str user = rs_str_of(rs_job_db_user(job));

    /* it follows from the identity */
    if (job->wants_token || job->is_serverless || job->set->group_federation)
        return true;
    if (user.n == 0)
        return rs_fail(job->diag, RS_28000, 0, "DbUser is required");
    if (user.n > DB_USER_MAX_BYTES)
        return rs_fail(job->diag, RS_HY000, 0, "DbUser is longer than %d bytes", DB_USER_MAX_BYTES);
    for (size_t i = 0; i < user.n; i++)
        if ((unsigned char)user.p[i] < ' ' || user.p[i] == 127)
            return rs_fail(job->diag, RS_HY000, 0, "DbUser holds a control character");
    return true;
}

/* ---- entry ---- */

/* Host and port of vpc_endpoint_url: a URL, or host[:port]. */
bool rs_job_use_vpc_endpoint(struct rs_job *job)
{
    struct rs_endpoint place = { 0 };
    struct rs_url url;
    bool ok = false;

    if (!rs_endpoint_parse("vpc_endpoint_url", job->set->vpc_endpoint_url, &place, job->diag))
        return false;
    if (rs_url_split(rs_str_of(place.url), &url) && url.port != 0 &&
        !rs_settings_is_set(job->set, RS_KEY_port))
        job->login.port = url.port;
    ok = rs_job_set_text(job, &job->login.host, place.name);
    rs_endpoint_clear(&place);
    return ok;
}

bool rs_job_find(struct rs_job *job)
{
    if (!rs_job_has(job, RS_KEY_database))
        return rs_fail(job->diag, RS_28000, 0, "Database is required");
    if (!find_kind(job) || !find_cluster(job) || !find_endpoint(job))
        return false;
    /* What a plugin says of it is not known yet. */
    if (job->plugin == NULL && !rs_job_check_db_user(job))
        return false;
    warn_idle(job);
    return rs_job_find_way(job);
}

bool rs_job_find_way(struct rs_job *job)
{
    return find_ca_file(job) && find_proxy(job);
}

bool rs_job_find_endpoint(struct rs_job *job)
{
    return find_endpoint(job) && rs_job_find_way(job);
}
