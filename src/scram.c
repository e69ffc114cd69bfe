#include "scram.h"

#include <string.h>

/* The head of the first message, and what it is in base64: no channel binding. */
#define HEAD        "n,,"
#define HEAD_BASE64 "biws"

enum { SALT_MAX = 1024 };

void rs_scram_clear(struct rs_scram *scram)
{
    rs_buf_clear(&scram->bare);
    rs_wipe(scram->server_signature, sizeof(scram->server_signature));
    scram->has_signature = false;
}

static bool malformed(struct rs_diag *diag, const char *what)
{
    return rs_fail(diag, RS_08S01, 0, "the server sent a malformed %s while signing in", what);
}

/* ---- the client's first message ---- */

/* '=' and ',' of a name are written so; SASLprep of names is the server's. */
static void add_name(struct rs_buf *out, const char *user)
{
    for (; *user != '\0'; user++) {
        if (*user == '=')
            rs_buf_adds(out, "=3D");
        else if (*user == ',')
            rs_buf_adds(out, "=2C");
        else
            rs_buf_addc(out, *user);
    }
}

bool rs_scram_first(struct rs_scram *scram, const char *user, const char *nonce, struct rs_buf *out,
                    struct rs_diag *diag)
{
    uint8_t random[RS_SCRAM_NONCE_BYTES];

    rs_scram_clear(scram);
    scram->bare.max = RS_SCRAM_TEXT_MAX;
    scram->count_max = RS_SCRAM_COUNT_MAX;
    rs_buf_adds(&scram->bare, "n=");
    add_name(&scram->bare, user);
    rs_buf_adds(&scram->bare, ",r=");
    scram->nonce_at = scram->bare.len;
    if (nonce != NULL) {
        rs_buf_adds(&scram->bare, nonce);
    } else {
        if (!rs_random(random, sizeof(random), diag))
            return false;
        rs_base64_add(&scram->bare, (struct rs_str){ (const char *)random, sizeof(random) });
    }
    if (!rs_buf_ok(&scram->bare, diag))
        return false;
    rs_buf_adds(out, HEAD);
    rs_buf_add(out, rs_buf_str(&scram->bare));
    return rs_buf_ok(out, diag);
}

/* ---- the server's first message ---- */

/* Cuts "x=value" off the front of the message; a message may have more fields behind. */
static bool take_field(struct rs_str *rest, bool *done, char name, struct rs_str *value)
{
    struct rs_str field;

    if (!rs_str_split(rest, ',', done, &field) || field.n < 2 || field.p[0] != name ||
        field.p[1] != '=')
        return false;
    *value = rs_str_sub(field, 2, field.n);
    return true;
}

static bool is_printable(struct rs_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < 0x21 || s.p[i] > 0x7e)
            return false;
    }
    return true;
}

struct challenge {
    struct rs_str nonce;
    struct rs_buf salt;
    int32_t count;
};

static bool challenge_read(const struct rs_scram *scram, struct rs_str text, struct challenge *out,
                           struct rs_diag *diag)
{
    struct rs_str ours = rs_str_sub(rs_buf_str(&scram->bare), scram->nonce_at, scram->bare.len);
    struct rs_str salt, count;
    int64_t number = 0;
    bool done = false;

    if (text.n > RS_SCRAM_TEXT_MAX || !take_field(&text, &done, 'r', &out->nonce) ||
        !take_field(&text, &done, 's', &salt) || !take_field(&text, &done, 'i', &count) ||
        !is_printable(out->nonce) || !rs_base64_read(salt, &out->salt) || out->salt.len == 0 ||
        count.n == 0 || !rs_is_digit(count.p[0]) || !rs_parse_i64(count, &number))
        return out->salt.bad && !out->salt.too_long ? rs_fail_memory(diag)
                                                    : malformed(diag, "SCRAM challenge");
    if (!rs_buf_ok(&out->salt, diag))
        return false;
    if (out->nonce.n <= ours.n || memcmp(out->nonce.p, ours.p, ours.n) != 0)
        return rs_fail(diag, RS_28000, 0,
                       "the server answered another sign-in than this one (SCRAM nonce)");
    if (number < 1 || number > scram->count_max)
        return rs_fail(diag, RS_28000, 0,
                       "the server asks for %lld SCRAM iterations; 1 to %d can be computed",
                       (long long)number, (int)scram->count_max);
    out->count = (int32_t)number;
    return true;
}

/* ---- the client's final message ---- */

/* Keys are derived from the password; all of it is wiped. */
struct keys {
    uint8_t salted[RS_SHA256_BYTES], client[RS_SHA256_BYTES], stored[RS_SHA256_BYTES],
        server[RS_SHA256_BYTES], signature[RS_SHA256_BYTES];
};

static struct rs_str key_str(const uint8_t key[RS_SHA256_BYTES])
{
    return (struct rs_str){ (const char *)key, RS_SHA256_BYTES };
}

/* k->client becomes the proof. */
static bool prove(struct keys *k, const struct challenge *challenge,
                  const struct rs_secret *password, struct rs_str message,
                  uint8_t server_signature[], struct rs_diag *diag)
{
    if (!rs_pbkdf2_sha256((struct rs_str){ rs_secret_reveal(password), rs_secret_len(password) },
                          rs_buf_str(&challenge->salt), challenge->count, k->salted, diag) ||
        !rs_hmac_sha256(key_str(k->salted), RS_STR("Client Key"), k->client, diag) ||
        !rs_sha256(key_str(k->client), k->stored, diag) ||
        !rs_hmac_sha256(key_str(k->stored), message, k->signature, diag) ||
        !rs_hmac_sha256(key_str(k->salted), RS_STR("Server Key"), k->server, diag) ||
        !rs_hmac_sha256(key_str(k->server), message, server_signature, diag))
        return false;
    for (size_t i = 0; i < RS_SHA256_BYTES; i++)
        k->client[i] ^= k->signature[i];
    return true;
}

bool rs_scram_final(struct rs_scram *scram, struct rs_str server_first,
                    const struct rs_secret *password, struct rs_buf *out, struct rs_diag *diag)
{
    struct challenge challenge = { .salt = RS_BUF_INIT(SALT_MAX) };
    struct rs_buf message = RS_BUF_INIT(4 * RS_SCRAM_TEXT_MAX); /* what both sides sign */
    struct keys keys;
    size_t from = out->len, without_proof;
    bool ok = false;

    if (!challenge_read(scram, server_first, &challenge, diag))
        goto out;
    rs_buf_adds(out, "c=" HEAD_BASE64 ",r=");
    rs_buf_add(out, challenge.nonce);
    without_proof = out->len - from;
    if (!rs_buf_ok(out, diag))
        goto out;
    rs_buf_add(&message, rs_buf_str(&scram->bare));
    rs_buf_addc(&message, ',');
    rs_buf_add(&message, server_first);
    rs_buf_addc(&message, ',');
    rs_buf_add(&message, rs_str_sub(rs_buf_str(out), from, without_proof));
    if (!rs_buf_ok(&message, diag) ||
        !prove(&keys, &challenge, password, rs_buf_str(&message), scram->server_signature, diag))
        goto out;
    scram->has_signature = true;
    rs_buf_adds(out, ",p=");
    rs_base64_add(out, key_str(keys.client));
    ok = rs_buf_ok(out, diag);
out:
    rs_wipe(&keys, sizeof(keys));
    rs_buf_clear(&challenge.salt);
    rs_buf_clear(&message);
    return ok;
}

/* ---- the server's final message ---- */

bool rs_scram_check(struct rs_scram *scram, struct rs_str server_final, struct rs_diag *diag)
{
    struct rs_buf signature = RS_BUF_WIPED(64);
    struct rs_str value, text = server_final;
    bool done = false, ok = false;

    if (take_field(&text, &done, 'e', &value))
        return rs_fail(diag, RS_28000, 0, "the server refused the SCRAM sign-in: \"%.*s\"",
                       is_printable(value) && value.n <= 64 ? (int)value.n : 0, value.p);
    text = server_final;
    done = false;
    if (server_final.n > RS_SCRAM_TEXT_MAX || !take_field(&text, &done, 'v', &value) ||
        !rs_base64_read(value, &signature) || signature.bad || signature.len != RS_SHA256_BYTES) {
        ok = signature.bad && !signature.too_long ? rs_fail_memory(diag)
                                                  : malformed(diag, "SCRAM signature");
        goto out;
    }
    ok = scram->has_signature &&
         rs_bytes_equal(signature.p, scram->server_signature, RS_SHA256_BYTES);
    if (!ok)
        rs_fail(diag, RS_28000, 0,
                "the server could not prove that it knows the password; it is not the server the "
                "password is for");
out:
    rs_buf_clear(&signature);
    return ok;
}
