/* dladdr, to find libpq's own library, is no POSIX function of its edition of 2008. */
#define _GNU_SOURCE 1

#include "opener.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libpq-fe.h>

#include "ca.h"
#include "opener_pq_params.h"
#include "opener_say.h"
#include "session.h"
#include "tls.h"
#include "transport.h"

enum { OPTIONS_BYTES = 4096 };

/* ---- cancel: PQcancel connects blocking, so a thread that may outlive us runs it ---- */

struct canceller {
    atomic_uint holders;
    PGcancel *pg;
};

struct cancel_job {
    struct canceller *canceller;
    struct rs_event *done;
    atomic_uint holders;
    atomic_bool sent;
};

static void canceller_leave(struct canceller *c)
{
    if (c == NULL || atomic_fetch_sub(&c->holders, 1) != 1)
        return;
    PQfreeCancel(c->pg);
    rs_free(c);
}

static void cancel_job_leave(struct cancel_job *job)
{
    if (atomic_fetch_sub(&job->holders, 1) != 1)
        return;
    canceller_leave(job->canceller);
    rs_free(job);
}

static void cancel_run(void *arg)
{
    struct cancel_job *job = arg;
    struct rs_event *done = job->done;
    char why[256];

    atomic_store(&job->sent, PQcancel(job->canceller->pg, why, sizeof(why)) == 1);
    cancel_job_leave(job);
    rs_event_set(done);
    rs_event_release(done);
}

struct pq_session {
    PGconn *conn;
    struct canceller *canceller;
    int64_t pid;
};

static bool pq_cancel(void *ctx, struct rs_deadline deadline)
{
    struct pq_session *pq = ctx;
    struct cancel_job *job = rs_new(struct cancel_job, NULL);
    struct rs_event *done = job == NULL ? NULL : rs_event_new(2, NULL);
    bool ok;

    if (done == NULL) {
        rs_free(job);
        return false;
    }
    job->canceller = pq->canceller;
    atomic_fetch_add(&job->canceller->holders, 1);
    job->done = done;
    atomic_init(&job->holders, 2);
    atomic_init(&job->sent, false);
    if (!rs_thread_detached(cancel_run, job)) {
        rs_event_release(done);
        cancel_job_leave(job);
        ok = false;
    } else {
        ok = rs_event_wait(done, deadline) && atomic_load(&job->sent);
    }
    rs_event_release(done);
    cancel_job_leave(job);
    return ok;
}

/* ---- end ---- */

/* In a forked child nothing may be said on the parent's connection: the descriptor is made to
 * lead nowhere before libpq says its own goodbye through it. */
static void lead_nowhere(int fd)
{
    int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);

    if (nowhere < 0 || dup2(nowhere, fd) < 0)
        (void)close(fd);
    if (nowhere >= 0)
        (void)close(nowhere);
}

static void pq_finish(void *ctx, struct rs_transport *transport, bool polite)
{
    struct pq_session *pq = ctx;
    int fd = PQsocket(pq->conn);

    if (pq->pid != rs_os_pid()) {
        lead_nowhere(fd);
    } else {
        /* Terminate is PQfinish's to say: once, and without waiting, since nothing lies before it
         * in the socket. A connection that is in disorder says nothing. */
        if (!polite || PQsetnonblocking(pq->conn, 1) != 0)
            (void)shutdown(fd, SHUT_RDWR);
    }
    rs_transport_free(transport);
    PQfinish(pq->conn);
    canceller_leave(pq->canceller);
    rs_free(pq);
}

/* ---- one attempt at one address ---- */

enum tls_wish {
    TLS_NONE,
    TLS_ALLOW, /* libpq tries without first */
    TLS_MUST,
    TLS_CHECKED,
    TLS_CHECKED_NAME
};

static const char *const tls_words[] = {
    [TLS_NONE] = "disable",      [TLS_ALLOW] = "allow",
    [TLS_MUST] = "require", /* checks the chain too: sslrootcert is always given */
    [TLS_CHECKED] = "verify-ca", [TLS_CHECKED_NAME] = "verify-full",
};

struct attempt {
    const struct rs_login *login;
    const struct rs_open_options *options;
    const struct rs_address *address;
    enum tls_wish wish;
    bool withhold; /* the password must not go out in the clear */
    bool guarded;  /* libpq sees to that; else it is not given the password */
    struct rs_deadline deadline;
    PGconn *conn;
    ConnStatusType status; /* before the last call of PQconnectPoll */
    bool tls_began, tls_denied;
    bool tls_agreed; /* the server answered S */
    bool tls_early;  /* more than the answer came in the clear */
    bool is_named;   /* the certificate is for the host */
    bool misnamed;   /* it is not */
    bool tls_unseen; /* TLS failed within one call of libpq: its SSL object is gone */
    void *ssl;       /* held, to ask it about the certificate */
    int twin;        /* duplicate of the socket, to see whether the server hung up; or -1 */
};

/* libpq may be bound to another libssl than we are (a bundled one, or one inside the host
 * program); its SSL objects are of no use then. */
static bool libssl_is_shared(void)
{
    PostgresPollingStatusType (*function)(PGconn *) = PQconnectPoll;
    void *address, *library, *ssl_read;
    Dl_info info;
    bool ours;

    memcpy(&address, &function, sizeof(address));
    if (dladdr(address, &info) == 0 || info.dli_fname == NULL)
        return false;
    library = dlopen(info.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
    if (library == NULL)
        return false;
    ssl_read = dlsym(library, "SSL_read");
    ours = ssl_read != NULL && rs_tls_is_ours(ssl_read);
    (void)dlclose(library);
    return ours;
}

static enum rs_try other_libssl(struct rs_diag *diag)
{
    rs_fail(diag, RS_08001, 0,
            "libpq uses another TLS library than this driver in this program; Opener=auto "
            "connects without libpq");
    return RS_TRY_UNABLE;
}

static void quiet(void *arg, const char *message)
{
    (void)arg;
    (void)message;
}

/* Names of the options the running libpq has, with a blank before and after each. They are asked
 * for once in the process: libpq looks the user up to tell them. */
static struct {
    struct rs_mutex lock;
    char text[OPTIONS_BYTES]; /* "" until they are known; never changed afterwards */
} known_options = { .lock = RS_MUTEX_INIT };

static bool options_ask(struct rs_buf *out, struct rs_diag *diag)
{
    PQconninfoOption *options = PQconndefaults();

    if (options == NULL)
        return rs_fail_memory(diag);
    rs_buf_addc(out, ' ');
    for (const PQconninfoOption *o = options; o->keyword != NULL; o++)
        rs_buf_addf(out, "%s ", o->keyword);
    PQconninfoFree(options);
    return rs_buf_ok(out, diag);
}

static bool options_known(struct rs_diag *diag)
{
    struct rs_buf asked = RS_BUF_INIT(OPTIONS_BYTES - 1);
    bool known, ok;

    rs_lock(&known_options.lock);
    known = known_options.text[0] != '\0';
    rs_unlock(&known_options.lock);
    if (known)
        return true;
    ok = options_ask(&asked, diag);
    if (ok) {
        rs_lock(&known_options.lock);
        if (known_options.text[0] == '\0')
            memcpy(known_options.text, asked.p, asked.len);
        rs_unlock(&known_options.lock);
    }
    rs_buf_clear(&asked);
    return ok;
}

static bool attempt_start(struct attempt *at, struct rs_diag *diag)
{
    struct rs_pq_params params = { .known = known_options.text };
    bool ok = false;

    if (!options_known(diag))
        goto out;
    if (!rs_pq_params_fill(&params, at->login, at->options, at->address->text, tls_words[at->wish],
                           at->withhold, &at->guarded, diag))
        goto out;
    if (rs_secret_is_set(&at->login->secret) && (!at->withhold || at->guarded))
        rs_pq_params_add(&params, "password", rs_secret_reveal(&at->login->secret));
    else if (rs_env("PGPASSWORD") != NULL) /* no password must not become that one */
        rs_pq_params_add(&params, "password", "none");
    at->conn = PQconnectStartParams(params.name, params.value, 0);
    ok = at->conn != NULL || rs_fail_memory(diag);
out:
    rs_pq_params_clear(&params);
    if (!ok)
        return false;
    (void)PQsetErrorVerbosity(at->conn, PQERRORS_VERBOSE);
    (void)PQsetNoticeProcessor(at->conn, quiet, NULL);
    at->status = CONNECTION_STARTED;
    return true;
}

static void before_poll(struct attempt *at)
{
    int fd = PQsocket(at->conn);
    char answer[2];
    ssize_t n;

    at->status = PQstatus(at->conn);
    /* A new socket begins with this state, also where libpq begins anew by itself. */
    if (at->twin < 0 || at->status == CONNECTION_STARTED) {
        if (at->twin >= 0)
            (void)close(at->twin);
        at->twin = fd >= 0 ? fcntl(fd, F_DUPFD_CLOEXEC, 0) : -1;
    }
    if (at->status != CONNECTION_SSL_STARTUP || at->tls_began)
        return;
    n = recv(fd, answer, sizeof(answer), MSG_PEEK | MSG_DONTWAIT);
    if (n >= 1 && (answer[0] == 'N' || answer[0] == 'S')) {
        at->tls_denied = answer[0] == 'N';
        at->tls_agreed = answer[0] == 'S';
        at->tls_early = n > 1;
    }
}

/* libpq has checked the name in its own way, which takes the subject's and an address written as a
 * name, too. The handshake is over, the start-up packet not yet out. */
static void name_check(struct attempt *at)
{
    at->is_named = at->ssl != NULL && rs_tls_is_for(at->ssl, at->login->host);
    at->misnamed = at->ssl != NULL && !at->is_named;
}

static void after_poll(struct attempt *at)
{
    void *ssl = PQsslStruct(at->conn, "OpenSSL");

    if (ssl != NULL && !at->tls_began) {
        at->tls_began = true;
        rs_tls_hold(ssl);
        at->ssl = ssl;
    }
    if (at->wish == TLS_CHECKED_NAME && PQstatus(at->conn) == CONNECTION_MADE)
        name_check(at);
}

/* False: the deadline passed. *opened says how it ended otherwise. */
static bool attempt_drive(struct attempt *at, bool *opened)
{
    PostgresPollingStatusType want = PGRES_POLLING_WRITING;

    *opened = false;
    while (PQstatus(at->conn) != CONNECTION_BAD) {
        enum rs_ready what = want == PGRES_POLLING_READING ? RS_READY_READ : RS_READY_WRITE;

        if (rs_socket_wait(PQsocket(at->conn), what, at->deadline) == RS_WAIT_DEADLINE)
            return false;
        before_poll(at);
        if (at->tls_early)
            break;
        want = PQconnectPoll(at->conn);
        after_poll(at);
        if (want == PGRES_POLLING_OK) {
            *opened = at->wish != TLS_CHECKED_NAME || at->is_named;
            return true;
        }
        if (want == PGRES_POLLING_FAILED || at->misnamed)
            break;
    }
    return true;
}

/* ---- why it failed ---- */

/* After a failure: the server hung up (or the line broke), rather than libpq having given up. */
static bool server_hung_up(const struct attempt *at)
{
    char byte;
    ssize_t n;

    if (at->twin < 0)
        return true;
    n = recv(at->twin, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return n == 0 || (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK);
}

/* Without its guard libpq was not given the password at all; our own opener would answer what is
 * no clear text. */
static enum rs_try lacks_password(const struct attempt *at, struct rs_diag *diag)
{
    bool unable = at->withhold && !at->guarded && rs_secret_is_set(&at->login->secret);
    enum rs_try outcome = rs_say_needs_password(at->login, at->withhold, diag);

    return unable ? RS_TRY_UNABLE : outcome;
}

/* A password is out that nobody has judged: it is not sent again, to no other address either. */
static bool is_out(const struct attempt *at)
{
    return at->status == CONNECTION_AWAITING_RESPONSE && PQconnectionUsedPassword(at->conn) != 0;
}

static enum rs_try once(const struct attempt *at, enum rs_try outcome)
{
    return is_out(at) ? RS_TRY_REFUSED : outcome;
}

static enum rs_try attempt_failed(struct attempt *at, struct rs_diag *diag)
{
    struct rs_str text = rs_str_trim(rs_str_of(PQerrorMessage(at->conn)));
    struct rs_str message, line;
    enum rs_try outcome;
    bool done = false;
    char five[6];

    if (at->tls_early)
        return rs_say_tls_failed(at->login, at->options, NULL, false, RS_STR(RS_SAY_EARLY_BYTES),
                                 diag);
    if (at->misnamed)
        return rs_say_tls_failed(at->login, at->options, at->ssl, true,
                                 RS_STR("the certificate is not for this name"), diag);
    if (rs_pq_sqlstate(text, five, &message)) {
        if (at->withhold && PQconnectionUsedPassword(at->conn))
            return lacks_password(at, diag);
        return rs_say_refused(at->options, at->address, five, message, diag);
    }
    line = text;
    (void)rs_str_split(&text, '\n', &done, &line);
    if (PQconnectionNeedsPassword(at->conn))
        return lacks_password(at, diag);
    if (at->status == CONNECTION_SSL_STARTUP && at->tls_denied)
        return rs_say_no_tls(at->login, diag);
    at->tls_unseen = at->status == CONNECTION_SSL_STARTUP && at->ssl == NULL;
    if (at->status == CONNECTION_SSL_STARTUP && (at->tls_began || at->tls_agreed))
        return rs_say_tls_failed(at->login, at->options, at->ssl, at->wish == TLS_CHECKED_NAME,
                                 line, diag);
    if ((at->status == CONNECTION_AWAITING_RESPONSE || at->status == CONNECTION_AUTH_OK) &&
        !server_hung_up(at) && !rs_pq_is_nonsense(line)) {
        if (is_out(at)) {
            rs_fail(diag, RS_28000, 0, "the sign-in broke off after the password was sent: %.*s",
                    RS_ARG(line));
            return RS_TRY_REFUSED;
        }
        rs_fail(diag, RS_28000, 0,
                "the server asked for a way to sign in that libpq does not know: %.*s; "
                "Opener=auto may be able to answer",
                RS_ARG(line));
        return RS_TRY_UNABLE;
    }
    outcome = once(at, rs_say_not_connected(at->login, line, diag));
    /* Once it has let us in, that is no server that wakes; a temporary password may be spent. */
    return at->status == CONNECTION_AUTH_OK || PQparameterStatus(at->conn, "server_version") != NULL
               ? RS_TRY_FAILED
               : outcome;
}

/* ---- hand-over ---- */

static bool statuses_copy(PGconn *conn, struct rs_status **out, struct rs_diag *diag)
{
    static const char *const names[] = {
        "server_version",
        "padb_version",
        "padb_revision",
        "server_protocol_version",
        "server_encoding",
        "client_encoding",
        "DateStyle",
        "datestyle",
        "TimeZone",
        "timezone",
        "IntervalStyle",
        "integer_datetimes",
        "is_superuser",
        "session_authorization",
        "application_name",
        "session_id",
        "datashare_enabled",
        "external_database",
        "show_discovery",
        "case_sensitive",
        "max_numeric_precision",
        "max_varchar_size",
        "standard_conforming_strings",
        "in_hot_standby",
        "default_transaction_read_only",
    };

    for (size_t i = 0; i < RS_COUNT(names); i++) {
        const char *value = PQparameterStatus(conn, names[i]);

        if (value != NULL && !rs_status_set(out, rs_str_of(names[i]), rs_str_of(value), diag))
            return false;
    }
    return true;
}

static bool hand_over(struct attempt *at, struct rs_opened *out, struct rs_diag *diag)
{
    struct rs_opened opened = { 0 };
    struct pq_session *pq = NULL;
    bool ok = false;

    pq = rs_new(struct pq_session, diag);
    if (pq == NULL)
        goto out;
    pq->canceller = rs_new(struct canceller, diag);
    if (pq->canceller == NULL)
        goto out;
    atomic_init(&pq->canceller->holders, 1);
    pq->canceller->pg = PQgetCancel(at->conn);
    if (pq->canceller->pg == NULL) {
        rs_fail_memory(diag);
        goto out;
    }
    opened.address = rs_str_dup(rs_str_of(at->address->text), diag);
    if (opened.address == NULL || !statuses_copy(at->conn, &opened.statuses, diag))
        goto out;
    opened.uses_tls = PQsslInUse(at->conn) != 0;
    opened.server_pid = PQbackendPID(at->conn);
    opened.transport = rs_transport_new(PQsocket(at->conn),
                                        opened.uses_tls ? PQsslStruct(at->conn, "OpenSSL") : NULL,
                                        at->options->receive_bytes, diag);
    if (opened.transport == NULL)
        goto out;
    pq->conn = at->conn;
    pq->pid = rs_os_pid();
    at->conn = NULL;
    opened.ctx = pq;
    opened.cancel = pq_cancel;
    opened.finish = pq_finish;
    *out = opened;
    ok = true;
out:
    if (!ok) {
        rs_status_free(opened.statuses);
        rs_free(opened.address);
        if (pq != NULL)
            canceller_leave(pq->canceller);
        rs_free(pq);
    }
    return ok;
}

static enum rs_try attempt_run(struct attempt *at, struct rs_opened *out, struct rs_diag *diag)
{
    enum rs_try outcome = RS_TRY_REFUSED;
    bool opened;

    at->twin = -1;
    RS_LOG(at->options->log, RS_LOG_DEBUG, "connect", "trying %s port %d, sslmode %s",
           at->address->text, (int)at->login->port, tls_words[at->wish]);
    if (!attempt_start(at, diag))
        return RS_TRY_REFUSED;
    if (!attempt_drive(at, &opened)) {
        outcome = once(at, rs_say_no_answer(at->login, diag));
    } else if (!opened) {
        outcome = attempt_failed(at, diag);
    } else if (hand_over(at, out, diag)) {
        outcome = RS_TRY_OPEN;
    }
    rs_tls_release(at->ssl);
    at->ssl = NULL;
    if (at->twin >= 0)
        (void)close(at->twin);
    if (at->conn != NULL)
        PQfinish(at->conn);
    at->conn = NULL;
    return outcome;
}

/* ---- one address, in the modes SSLMode allows ---- */

/* How SSLMode is put to libpq. `prefer` must not become libpq's: after a certificate that does
 * not verify it would go on in the clear. */
static enum tls_wish wish_of(const struct rs_login *login, const struct rs_open_options *options)
{
    switch (options->sslmode) {
    case RS_SSL_DISABLE:
        return login->is_iam ? TLS_CHECKED : TLS_NONE;
    case RS_SSL_ALLOW:
        if (login->is_iam)
            return TLS_CHECKED;
        return options->sslmode_is_explicit ? TLS_ALLOW : TLS_MUST;
    case RS_SSL_PREFER:
    case RS_SSL_REQUIRE:
        return login->is_iam ? TLS_CHECKED : TLS_MUST;
    case RS_SSL_VERIFY_CA:
        return TLS_CHECKED;
    case RS_SSL_VERIFY_FULL:
        return TLS_CHECKED_NAME;
    }
    return TLS_CHECKED_NAME;
}

/* One handshake of our own, which leaves something to ask about the certificate. */
static enum rs_try tls_look(const struct attempt *at, enum rs_try outcome, struct rs_diag *diag)
{
    struct rs_diag found = { 0 };
    enum rs_try seen = rs_native_tls_look(at->login, at->options, at->address,
                                          at->wish == TLS_CHECKED_NAME, at->deadline, &found);

    if (seen != RS_TRY_OPEN) {
        rs_diag_clear(diag);
        rs_diag_move(diag, &found);
        outcome = seen;
    }
    rs_diag_clear(&found);
    return outcome;
}

static enum rs_try address_try(const struct rs_login *login, const struct rs_open_options *options,
                               const struct rs_address *address, struct rs_deadline deadline,
                               struct rs_opened *out, struct rs_diag *diag)
{
    bool may_fall_back =
        !login->is_iam && (options->sslmode == RS_SSL_PREFER ||
                           (options->sslmode == RS_SSL_ALLOW && !options->sslmode_is_explicit));
    struct attempt at = { .login = login,
                          .options = options,
                          .address = address,
                          .wish = wish_of(login, options),
                          .deadline = deadline };
    enum rs_try outcome;

    if (at.wish != TLS_NONE && !libssl_is_shared())
        return other_libssl(diag);
    at.withhold = at.wish == TLS_NONE && !options->sslmode_is_explicit;
    outcome = attempt_run(&at, out, diag);
    if (at.tls_unseen)
        outcome = tls_look(&at, outcome, diag);
    if (outcome != RS_TRY_NO_TLS || !may_fall_back)
        return outcome;
    rs_diag_clear(diag);
    at = (struct attempt){ .login = login,
                           .options = options,
                           .address = address,
                           .wish = TLS_NONE,
                           .withhold = true,
                           .deadline = deadline };
    return attempt_run(&at, out, diag);
}

enum rs_opening rs_open_pq(const struct rs_login *login, const struct rs_open_options *options,
                           struct rs_deadline deadline, struct rs_opened *out, struct rs_diag *diag)
{
    if (rs_env("PGSERVICE") != NULL) {
        rs_fail(diag, RS_08001, 0,
                "the environment variable PGSERVICE is set; libpq would take settings from a "
                "service file; unset it, or let Opener be auto");
        return RS_OPENING_UNABLE;
    }
    if (rs_ca_is_store(options->ca_file)) {
        rs_fail(diag, RS_08001, 0,
                "libpq does not know %s; set CaFile, or let Opener be auto or native", RS_CA_STORE);
        return RS_OPENING_UNABLE;
    }
    switch (rs_open_each(address_try, login, options, deadline, out, diag)) {
    case RS_TRY_OPEN:
        return RS_OPENING_DONE;
    case RS_TRY_UNABLE:
        return RS_OPENING_UNABLE;
    case RS_TRY_REFUSED:
    case RS_TRY_FAILED:
    case RS_TRY_LATER:
    case RS_TRY_NO_TLS:
        break;
    }
    return RS_OPENING_FAILED;
}
