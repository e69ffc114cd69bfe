#include "startup.h"

#include <string.h>

#include "crypto.h"
#include "digest.h"
#include "opener_say.h"
#include "pgmsg.h"
#include "scram.h"
#include "version.h"

enum {
    PROTOCOL_3_0 = 3 << 16,
    MESSAGE_MAX = 256 * 1024,
    MESSAGES_MAX = 4096, /* until the server is ready */
    PACKET_MAX = 256 * 1024
};

/* Authentication requests. */
enum {
    AUTH_OK = 0,
    AUTH_CLEAR = 3,
    AUTH_MD5 = 5,
    AUTH_SASL = 10,
    AUTH_SASL_MORE = 11,
    AUTH_SASL_END = 12,
    AUTH_DIGEST = 13,
    AUTH_TOKEN = 14
};

enum stage { STAGE_BEGUN, STAGE_ANSWERED, STAGE_SCRAM, STAGE_PROVED, STAGE_TRUSTED, STAGE_IN };

struct talk {
    struct rs_transport *transport;
    const struct rs_startup *in;
    struct rs_deadline deadline;
    struct rs_started *started;
    enum stage stage;
    struct rs_scram scram;
    struct rs_diag *diag;
    enum rs_try end; /* once something failed */
    bool is_ready;
};

/* ---- how it fails: each posts, and gives false ---- */

/* Once a password or token is out and nobody has judged it, it is not sent again, to no other
 * address either. */
static bool fail_with(struct talk *k, enum rs_try end)
{
    bool is_out = k->stage != STAGE_BEGUN && k->stage != STAGE_IN;

    k->end = is_out ? RS_TRY_REFUSED : end;
    return false;
}

static bool violation(struct talk *k, const char *what)
{
    rs_fail(k->diag, RS_08001, 0, "could not connect to \"%s\": it sent %s", k->in->login->host,
            what);
    return fail_with(k, RS_TRY_FAILED);
}

static bool malformed_request(struct talk *k, uint32_t code)
{
    rs_fail(k->diag, RS_08S01, 0, "malformed authentication request %lu", (unsigned long)code);
    return fail_with(k, RS_TRY_FAILED);
}

static bool not_known(struct talk *k, uint32_t code, const char *what)
{
    rs_fail(k->diag, RS_28000, 0,
            "the server asked for a way to sign in that this driver does not know: authentication "
            "request %lu%s",
            (unsigned long)code, what);
    return fail_with(k, RS_TRY_REFUSED);
}

/* ---- sending and receiving ---- */

static void set32(struct rs_buf *out, size_t at, size_t v)
{
    if (out->bad)
        return;
    for (int i = 0; i < 4; i++)
        out->p[at + (size_t)i] = (char)(v >> (24 - 8 * i));
}

/* A server that refuses at once may have closed before all was sent; what it said comes next, so
 * only a deadline ends the conversation here. */
static bool say(struct talk *k, const struct rs_buf *message)
{
    struct rs_diag scratch = { 0 };
    enum rs_wait wait;

    if (!rs_buf_ok(message, k->diag))
        return fail_with(k, RS_TRY_REFUSED);
    wait = rs_transport_send(k->transport, rs_buf_str(message), k->deadline, 0, &scratch);
    rs_diag_clear(&scratch);
    if (wait == RS_WAIT_DEADLINE || wait == RS_WAIT_INTERRUPTED)
        return fail_with(k, rs_say_no_answer(k->in->login, k->diag));
    return true;
}

static bool lost(struct talk *k, struct rs_diag *why)
{
    if (rs_diag_state(why) == RS_HY001) {
        rs_diag_move(k->diag, why);
        return fail_with(k, RS_TRY_REFUSED);
    }
    (void)fail_with(k, rs_say_not_connected(k->in->login, rs_str_of(rs_diag_first(why)), k->diag));
    if (k->stage == STAGE_IN) /* a temporary password may be spent: that is no server that wakes */
        k->end = RS_TRY_FAILED;
    rs_diag_clear(why);
    return false;
}

/* The next message; its body is valid until the next one is taken or something is sent. */
static bool take(struct talk *k, struct rs_msg *msg)
{
    struct rs_diag why = { 0 };

    for (;;) {
        struct rs_str in = rs_transport_peek(k->transport);
        size_t need = RS_MSG_HEAD;

        if (in.n >= RS_MSG_HEAD) {
            size_t length = rs_be32(in.p + 1);

            if (length < 4 || length > MESSAGE_MAX)
                return violation(k, "a message of an impossible length");
            need = 1 + length;
            if (in.n >= need) {
                *msg = (struct rs_msg){ in.p[0], { in.p + RS_MSG_HEAD, length - 4 } };
                rs_transport_consume(k->transport, need);
                return true;
            }
        }
        switch (rs_transport_need(k->transport, need, k->deadline, 0, &why)) {
        case RS_WAIT_OK:
            break;
        case RS_WAIT_DEADLINE:
        case RS_WAIT_INTERRUPTED:
            return fail_with(k, rs_say_no_answer(k->in->login, k->diag));
        case RS_WAIT_FAILED:
            return lost(k, &why);
        }
    }
}

/* ---- the start-up packet ---- */

static void add_parameter(struct rs_buf *out, const char *name, const char *value)
{
    if (value == NULL || value[0] == '\0')
        return;
    rs_buf_adds(out, name);
    rs_buf_addc(out, '\0');
    rs_buf_adds(out, value);
    rs_buf_addc(out, '\0');
}

static void add_text(struct rs_buf *out, const char *name, const char *text, const char *otherwise)
{
    struct rs_buf value = RS_BUF_INIT(256);

    rs_start_text(text, otherwise, &value);
    add_parameter(out, name, value.p);
    out->bad = out->bad || value.bad;
    rs_buf_clear(&value);
}

/* Redshift's own, none of which a session depends on: a server that refuses one is asked without.
 */
static const char *const extras[] = { "client_protocol_version", "driver_version", "os_version",
                                      "plugin_name" };
enum { EXTRA_LEVEL, EXTRA_DRIVER, EXTRA_OS, EXTRA_PLUGIN };

static void add_extras(struct rs_buf *out, const struct rs_open_options *options)
{
    struct rs_buf system = RS_BUF_INIT(1024);
    char level[2] = { (char)('0' + options->level), '\0' };

    rs_os_version(&system);
    out->bad = out->bad || system.bad;
    add_parameter(out, extras[EXTRA_LEVEL], level);
    add_parameter(out, extras[EXTRA_DRIVER], "Redshift ODBC " RS_VERSION);
    add_text(out, extras[EXTRA_OS], system.p, "unknown");
    add_text(out, extras[EXTRA_PLUGIN], options->plugin, "none");
    rs_buf_clear(&system);
}

static bool begin(struct talk *k)
{
    const struct rs_login *login = k->in->login;
    struct rs_buf packet = RS_BUF_INIT(PACKET_MAX);
    bool ok;

    rs_buf_add32(&packet, 0);
    rs_buf_add32(&packet, PROTOCOL_3_0);
    add_parameter(&packet, "user", login->user);
    add_parameter(&packet, "database", login->database);
    add_parameter(&packet, "client_encoding", "UTF8");
    add_parameter(&packet, "DateStyle", "ISO");
    add_parameter(&packet, "extra_float_digits", "2");
    add_text(&packet, "application_name", k->in->options->application_name, RS_APPLICATION_NAME);
    add_parameter(&packet, "options", k->in->options->settings);
    if (login->kind == RS_LOGIN_TOKEN) {
        add_parameter(&packet, "idp_type", login->idp_type);
        add_parameter(&packet, "provider_name", login->provider_name);
        add_parameter(&packet, "token_type", login->token_type);
        add_parameter(&packet, "identity_namespace", login->identity_namespace);
    }
    if (!k->in->is_plain)
        add_extras(&packet, k->in->options);
    rs_buf_addc(&packet, '\0');
    set32(&packet, 0, packet.len);
    ok = say(k, &packet);
    rs_buf_clear(&packet);
    return ok;
}

/* ---- passwords ---- */

static size_t answer_begin(struct rs_buf *out, char type)
{
    rs_buf_addc(out, type);
    rs_buf_add32(out, 0);
    return out->len - 4;
}

static bool answer_end(struct talk *k, struct rs_buf *out, size_t at, enum stage stage)
{
    bool ok;

    set32(out, at, out->len - at);
    k->stage = stage;
    ok = say(k, out);
    rs_buf_clear(out);
    return ok;
}

static struct rs_str password_of(const struct talk *k)
{
    const struct rs_secret *secret = &k->in->login->secret;

    return (struct rs_str){ rs_secret_reveal(secret), rs_secret_len(secret) };
}

static bool has_password(struct talk *k)
{
    if (k->in->login->kind == RS_LOGIN_TOKEN) {
        rs_fail(k->diag, RS_28000, 0,
                "the server asks for a password, but this sign-in has a token");
        return fail_with(k, RS_TRY_REFUSED);
    }
    if (!rs_secret_is_set(&k->in->login->secret))
        return fail_with(k, rs_say_needs_password(k->in->login, false, k->diag));
    return true;
}

static bool answer_clear(struct talk *k)
{
    struct rs_buf out = RS_BUF_WIPED(PACKET_MAX);
    size_t at;

    if (!has_password(k))
        return false;
    if (!k->in->may_send_clear)
        return fail_with(k, rs_say_needs_password(k->in->login, true, k->diag));
    at = answer_begin(&out, 'p');
    rs_buf_add(&out, password_of(k));
    rs_buf_addc(&out, '\0');
    return answer_end(k, &out, at, STAGE_ANSWERED);
}

/* hex(MD5(text and then more)), appended. */
static bool add_md5(struct rs_buf *out, struct rs_str text, struct rs_str more,
                    struct rs_diag *diag)
{
    struct rs_buf all = RS_BUF_WIPED(PACKET_MAX);
    uint8_t sum[RS_MD5_BYTES];
    bool ok;

    rs_buf_add(&all, text);
    rs_buf_add(&all, more);
    ok = rs_buf_ok(&all, diag) && rs_md5(rs_buf_str(&all), sum, diag);
    if (ok)
        rs_hex_add(out, sum, sizeof(sum));
    rs_wipe(sum, sizeof(sum));
    rs_buf_clear(&all);
    return ok;
}

static bool answer_md5(struct talk *k, struct rs_str salt)
{
    struct rs_buf out = RS_BUF_WIPED(256), inner = RS_BUF_WIPED(64);
    struct rs_diag why = { 0 };
    size_t at;
    bool ok;

    if (salt.n != 4)
        return malformed_request(k, AUTH_MD5);
    if (!has_password(k))
        return false;
    at = answer_begin(&out, 'p');
    rs_buf_adds(&out, "md5");
    ok = add_md5(&inner, password_of(k), rs_str_of(k->in->login->user), &why) &&
         rs_buf_ok(&inner, &why) && add_md5(&out, rs_buf_str(&inner), salt, &why);
    rs_buf_clear(&inner);
    rs_buf_addc(&out, '\0');
    if (ok)
        return answer_end(k, &out, at, STAGE_ANSWERED);
    rs_buf_clear(&out);
    if (rs_diag_state(&why) == RS_HY000)
        rs_fail(k->diag, RS_28000, 0, "the server asks for an MD5 password: %s",
                rs_diag_first(&why));
    else
        rs_diag_move(k->diag, &why);
    rs_diag_clear(&why);
    return fail_with(k, RS_TRY_REFUSED);
}

static bool answer_digest(struct talk *k, struct rs_str request)
{
    struct rs_buf out = RS_BUF_WIPED(RS_DIGEST_ANSWER_MAX);
    struct rs_digest digest;
    size_t at;

    if (!rs_digest_read(request, &digest))
        return malformed_request(k, AUTH_DIGEST);
    if (digest.algorithm != RS_DIGEST_SHA256) {
        rs_fail(k->diag, RS_28000, 0,
                "the server asked for password digest algorithm %lu, which this driver does not "
                "know",
                (unsigned long)digest.algorithm);
        return fail_with(k, RS_TRY_REFUSED);
    }
    if (!has_password(k))
        return false;
    at = answer_begin(&out, 'd');
    if (rs_digest_answer(&digest, &k->in->login->secret, NULL, &out, k->diag))
        return answer_end(k, &out, at, STAGE_ANSWERED);
    rs_buf_clear(&out);
    return fail_with(k, RS_TRY_REFUSED);
}

/* A token serves whoever has it: it goes through TLS alone, and never for a password. */
static bool answer_token(struct talk *k)
{
    struct rs_buf out = RS_BUF_WIPED(PACKET_MAX);
    size_t at;

    if (k->in->login->kind != RS_LOGIN_TOKEN || !rs_secret_is_set(&k->in->login->secret)) {
        rs_fail(k->diag, RS_28000, 0,
                "the server asked for an identity-provider token, and this sign-in has none; this "
                "user signs in through an identity provider, not with a password");
        return fail_with(k, RS_TRY_REFUSED);
    }
    if (!k->in->may_send_clear)
        return fail_with(k, rs_say_no_tls(k->in->login, k->diag));
    at = answer_begin(&out, 'i');
    rs_buf_add(&out, password_of(k));
    rs_buf_addc(&out, '\0');
    return answer_end(k, &out, at, STAGE_ANSWERED);
}

/* ---- SCRAM ---- */

/* The names the server offers: strings, and an empty one at the end. */
static bool offers_scram(struct rs_str names)
{
    while (names.n > 0 && names.p[0] != '\0') {
        const char *nul = memchr(names.p, '\0', names.n);
        size_t n;

        if (nul == NULL)
            return false;
        n = (size_t)(nul - names.p);
        if (rs_str_eq((struct rs_str){ names.p, n }, RS_STR(RS_SCRAM_NAME)))
            return true;
        names = rs_str_sub(names, n + 1, names.n);
    }
    return false;
}

static bool scram_begin(struct talk *k, struct rs_str names)
{
    struct rs_buf out = RS_BUF_WIPED(RS_SCRAM_TEXT_MAX * 2), text = RS_BUF_WIPED(RS_SCRAM_TEXT_MAX);
    size_t at;

    if (!offers_scram(names))
        return not_known(k, AUTH_SASL, ", without " RS_SCRAM_NAME);
    if (!has_password(k))
        return false;
    if (!rs_scram_first(&k->scram, "", NULL, &text, k->diag)) {
        rs_buf_clear(&text);
        return fail_with(k, RS_TRY_REFUSED);
    }
    at = answer_begin(&out, 'p');
    rs_buf_adds(&out, RS_SCRAM_NAME);
    rs_buf_addc(&out, '\0');
    rs_buf_add32(&out, (uint32_t)text.len);
    rs_buf_add(&out, rs_buf_str(&text));
    rs_buf_clear(&text);
    return answer_end(k, &out, at, STAGE_SCRAM);
}

static bool scram_prove(struct talk *k, struct rs_str challenge)
{
    struct rs_buf out = RS_BUF_WIPED(RS_SCRAM_TEXT_MAX * 2), text = RS_BUF_WIPED(RS_SCRAM_TEXT_MAX);
    size_t at = answer_begin(&out, 'p');

    if (!rs_scram_final(&k->scram, challenge, &k->in->login->secret, &text, k->diag)) {
        rs_buf_clear(&out);
        rs_buf_clear(&text);
        return fail_with(k, RS_TRY_REFUSED);
    }
    rs_buf_add(&out, rs_buf_str(&text));
    rs_buf_clear(&text);
    return answer_end(k, &out, at, STAGE_PROVED);
}

static bool scram_check(struct talk *k, struct rs_str signature)
{
    if (!rs_scram_check(&k->scram, signature, k->diag))
        return fail_with(k, RS_TRY_REFUSED);
    k->stage = STAGE_TRUSTED;
    return true;
}

/* ---- what the server sends ---- */

static bool let_in(struct talk *k, struct rs_str rest)
{
    if (rest.n != 0 || k->stage == STAGE_IN)
        return malformed_request(k, AUTH_OK);
    if (k->stage == STAGE_SCRAM || k->stage == STAGE_PROVED) {
        rs_fail(k->diag, RS_28000, 0,
                "the server ended the sign-in without proof that it knows the password");
        return fail_with(k, RS_TRY_REFUSED);
    }
    k->stage = STAGE_IN;
    return true;
}

static bool on_auth(struct talk *k, struct rs_str body)
{
    uint32_t code = body.n < 4 ? 0 : rs_be32(body.p);
    struct rs_str rest = rs_str_sub(body, 4, body.n);

    if (body.n < 4)
        return violation(k, "a malformed authentication request");
    if (code == AUTH_OK)
        return let_in(k, rest);
    k->started->was_asked = true;
    if (code == AUTH_SASL_MORE && k->stage == STAGE_SCRAM)
        return scram_prove(k, rest);
    if (code == AUTH_SASL_END && k->stage == STAGE_PROVED)
        return scram_check(k, rest);
    if (k->stage != STAGE_BEGUN || code == AUTH_SASL_MORE || code == AUTH_SASL_END)
        return violation(k, "an authentication request out of turn");
    RS_LOG(k->in->options->log, RS_LOG_DEBUG, "connect", "authentication request %lu",
           (unsigned long)code);
    switch (code) {
    case AUTH_CLEAR:
        return rest.n == 0 ? answer_clear(k) : malformed_request(k, AUTH_CLEAR);
    case AUTH_MD5:
        return answer_md5(k, rest);
    case AUTH_SASL:
        return scram_begin(k, rest);
    case AUTH_DIGEST:
        return answer_digest(k, rest);
    case AUTH_TOKEN: /* what comes with it says nothing */
        return answer_token(k);
    default:
        return not_known(k, code, "");
    }
}

/* A server says 42704, a pooler before it 08P01. The words may be translated; the name is not. */
static bool is_too_much(const struct talk *k, const struct rs_msg_report *report)
{
    if (k->in->is_plain ||
        (strcmp(report->code, "42704") != 0 && strcmp(report->code, "08P01") != 0))
        return false;
    for (size_t i = 0; i < RS_COUNT(extras); i++)
        if (rs_str_find_nocase(report->message, rs_str_of(extras[i])) >= 0)
            return true;
    return false;
}

static bool on_error(struct talk *k, struct rs_str body)
{
    struct rs_buf text = RS_BUF_INIT(RS_DIAG_MAX_TEXT);
    struct rs_msg_report report;

    if (!rs_msg_report(body, &report))
        return violation(k, "a malformed ErrorResponse");
    rs_msg_report_text(&report, 0, &text);
    k->started->was_refused = true;
    k->started->was_too_much = is_too_much(k, &report);
    k->started->may_again =
        k->started->was_too_much && (k->stage == STAGE_BEGUN || k->stage == STAGE_IN);
    k->end =
        rs_say_refused(k->in->options, k->in->address, report.code, rs_buf_str(&text), k->diag);
    rs_buf_clear(&text);
    return false;
}

static bool on_notice(struct talk *k, struct rs_str body)
{
    struct rs_msg_report report;

    if (!rs_msg_report(body, &report))
        return violation(k, "a malformed NoticeResponse");
    RS_LOG(k->in->options->log, RS_LOG_INFO, "connect", "the server says: %.*s",
           RS_ARG(report.message));
    return true;
}

static bool on_status(struct talk *k, struct rs_str body)
{
    struct rs_str name, value;

    if (!rs_msg_status(body, &name, &value))
        return violation(k, "a malformed ParameterStatus");
    return rs_status_set(&k->started->statuses, name, value, k->diag) ||
           fail_with(k, RS_TRY_REFUSED);
}

static bool on_key(struct talk *k, struct rs_str body)
{
    struct rs_str key = rs_str_sub(body, 4, body.n);

    if (!rs_msg_key(body, &k->started->server_pid) || key.n > RS_CANCEL_KEY_MAX)
        return violation(k, "a malformed BackendKeyData");
    memcpy(k->started->key, key.p, key.n);
    k->started->key_n = key.n;
    return true;
}

static bool on_message(struct talk *k, const struct rs_msg *msg)
{
    bool is_in = k->stage == STAGE_IN;
    char txn;

    switch (msg->type) {
    case RS_MSG_ERROR:
        return on_error(k, msg->body);
    case RS_MSG_NOTICE:
        return on_notice(k, msg->body);
    case 'v': /* NegotiateProtocolVersion: nothing was asked that could be negotiated */
        return true;
    case RS_MSG_AUTH:
        return on_auth(k, msg->body);
    case RS_MSG_STATUS:
        return is_in ? on_status(k, msg->body) : violation(k, "ParameterStatus out of turn");
    case RS_MSG_KEY:
        return is_in ? on_key(k, msg->body) : violation(k, "BackendKeyData out of turn");
    case RS_MSG_READY:
        if (!is_in || !rs_msg_ready(msg->body, &txn) || txn != 'I')
            return violation(k, "ReadyForQuery out of turn");
        k->is_ready = true;
        return true;
    default:
        return violation(k, "a message out of turn");
    }
}

void rs_started_clear(struct rs_started *started)
{
    rs_status_free(started->statuses);
    rs_wipe(started->key, sizeof(started->key));
    memset(started, 0, sizeof(*started));
}

enum rs_try rs_startup_run(struct rs_transport *transport, const struct rs_startup *startup,
                           struct rs_deadline deadline, struct rs_started *started,
                           struct rs_diag *diag)
{
    struct talk k = { .transport = transport,
                      .in = startup,
                      .deadline = deadline,
                      .started = started,
                      .diag = diag };
    struct rs_msg msg = { 0 };
    bool ok = begin(&k);

    for (int i = 0; ok && !k.is_ready; i++) {
        if (i == MESSAGES_MAX)
            ok = violation(&k, "too many messages before it is ready");
        else
            ok = take(&k, &msg) && on_message(&k, &msg);
    }
    rs_scram_clear(&k.scram);
    return ok ? RS_TRY_OPEN : k.end;
}
