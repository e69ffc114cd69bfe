/*
 * A login becomes an open transport: addresses, TLS, authentication. What stands behind it (libpq
 * or our own start-up code) is nobody's business above.
 */
#ifndef RS_OPENER_H
#define RS_OPENER_H

#include "attrs.h"
#include "crypto.h"
#include "diag.h"
#include "log.h"
#include "os.h"
#include "proxy.h"
#include "secret.h"
#include "str.h"

struct rs_transport;

enum rs_login_kind { RS_LOGIN_PASSWORD, RS_LOGIN_TOKEN };
enum rs_sslmode {
    RS_SSL_DISABLE,
    RS_SSL_ALLOW,
    RS_SSL_PREFER,
    RS_SSL_REQUIRE,
    RS_SSL_VERIFY_CA,
    RS_SSL_VERIFY_FULL
};

/* All the wire needs to know about who connects where. Any way of proving who one is ends so. */
struct rs_login {
    char *host; /* name for DNS and certificate */
    int32_t port;
    char *database;
    char *user; /* exactly as the credential call gave it (IAM: prefix included); a token's may be
                   empty: the server knows whose it is */
    struct rs_secret secret;
    enum rs_login_kind kind;
    /* Of a token, NULL: not said. What the server is to take it for, and whose it is. */
    char *idp_type, *provider_name, *token_type, *identity_namespace;
    bool is_iam;        /* temporary credentials: TLS with a checked chain is a must */
    int64_t expires_at; /* UTC seconds, 0 unknown */
    bool is_kept;       /* the secret was handed out before; where it is kept: */
    uint8_t keep_key[RS_SHA256_BYTES];
};
void rs_login_clear(struct rs_login *login);
/* TLS with a checked chain, whatever SSLMode says: temporary credentials and tokens. */
bool rs_login_needs_tls(const struct rs_login *login);

enum rs_opener { RS_OPENER_AUTO, RS_OPENER_LIBPQ, RS_OPENER_NATIVE };

/* How to connect. Text is borrowed for the call; NULL means not set. */
struct rs_open_options {
    enum rs_opener opener;
    enum rs_sslmode sslmode;
    bool sslmode_is_explicit; /* clear-text passwords without TLS only then (disable, allow) */
    bool tls13_only;          /* Min_TLS=1.3 */
    const char *ca_file;      /* never NULL unless sslmode is disable */
    const char *application_name;
    const char *settings; /* for the start-up packet's `options`: "-c name=value …" */
    /* Our own opener asks Redshift for this protocol level, and says then what it is and which
     * plugin signs in (NULL: none). 0: asks and says nothing that PostgreSQL does not know. */
    int32_t level;
    bool level_is_explicit; /* Auto takes our own opener: libpq cannot ask */
    const char *plugin;
    bool keepalive;
    int32_t keepalive_idle_s, keepalive_interval_s, keepalive_count; /* 0: the system's value */
    struct rs_proxy proxy; /* between us and the server; our own opener's alone */
    int32_t retry_count, retry_delay_s;
    size_t receive_bytes; /* receive buffer, FetchBufferBytes */
    struct rs_log *log;
};

/* Parameter statuses as the server last said; names compare without case. */
struct rs_status {
    char *name, *value;
    struct rs_status *next;
};

/* What an opener hands over. Owned by the session from then on. */
struct rs_opened {
    struct rs_transport *transport;
    struct rs_status *statuses;
    int32_t server_pid;
    char *address; /* numeric address connected to, for logs */
    bool uses_tls;
    /* Sends the server a cancel request for this connection and waits (at most until deadline)
     * until the cancel connection has ended. Any thread; must not touch the transport. True: the
     * request went out and its connection ended in time. */
    bool (*cancel)(void *ctx, struct rs_deadline deadline);
    /* Ends the connection and frees ctx. polite: the wire is idle, Terminate may be sent. In a
     * forked child (another pid than the opener's) nothing is sent and the parent's session goes
     * on. The transport is freed by it. */
    void (*finish)(void *ctx, struct rs_transport *transport, bool polite);
    void *ctx;
};

/*
 * Opens with the opener that options->opener names. Auto: libpq; our own where libpq is not able
 * to (see RS_OPENING_UNABLE), and from then on for that server as long as the process lives. A
 * token is our own opener's alone, and so is a protocol level.
 * Posts one of 08001, 08004, 08S01, 28000, HYT00, HY000, HY001, HYC00 (a token or a proxy
 * through libpq).
 */
RS_NODISCARD bool rs_open(const struct rs_login *login, const struct rs_open_options *options,
                          struct rs_deadline deadline, struct rs_opened *out, struct rs_diag *diag);

/*
 * UNABLE: the server did not refuse the login, libpq cannot make it: PGSERVICE is set, libpq uses
 * another TLS library, the server asks for a way to sign in that libpq does not know, or libpq
 * cannot be kept from sending the password as clear text without TLS.
 */
enum rs_opening { RS_OPENING_DONE, RS_OPENING_FAILED, RS_OPENING_UNABLE };
/* Opens through libpq. Posts 08001, 08004, 28000, HYT00 (and HY001). Tries every address of the
 * host within the deadline; retries as options say. */
RS_NODISCARD enum rs_opening rs_open_pq(const struct rs_login *login,
                                        const struct rs_open_options *options,
                                        struct rs_deadline deadline, struct rs_opened *out,
                                        struct rs_diag *diag);
/* The same by our own code, without libpq; also 08S01 (the server broke the protocol), HY000. */
RS_NODISCARD bool rs_open_native(const struct rs_login *login,
                                 const struct rs_open_options *options, struct rs_deadline deadline,
                                 struct rs_opened *out, struct rs_diag *diag);

#define RS_APPLICATION_NAME "redshift_odbc" /* where there is none */
/* Text as the start-up packet carries it: ASCII, at most 127 bytes; otherwise when it is NULL or
 * empty. Appended. */
void rs_start_text(const char *text, const char *otherwise, struct rs_buf *out);

const char *rs_status_get(const struct rs_status *list, const char *name); /* NULL: absent */
RS_NODISCARD bool rs_status_set(struct rs_status **list, struct rs_str name, struct rs_str value,
                                struct rs_diag *diag);
void rs_status_free(struct rs_status *list);

#endif
