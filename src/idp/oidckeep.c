#include "oidckeep.h"

#include "../crypto.h"

enum { TEXT_MAX_BYTES = 1 << 18 };

struct entry {
    struct rs_oidckeep_key key; /* empty: a free place */
    struct rs_oidc_client client;
    struct rs_oidc_device device;
};

/* Locked: lock. */
static struct rs_mutex lock = RS_MUTEX_INIT;
static struct entry entries[RS_OIDCKEEP_ENTRIES];
static size_t next_place;

static void clear_entry(struct entry *entry)
{
    rs_oidc_client_clear(&entry->client);
    rs_oidc_device_clear(&entry->device);
    entry->key.digest[0] = '\0';
}

static void clear_all(bool pending_too)
{
    for (size_t i = 0; i < RS_OIDCKEEP_ENTRIES; i++)
        if (pending_too || !rs_secret_is_set(&entries[i].device.code))
            clear_entry(&entries[i]);
}

void rs_idp_forget(bool pending_too)
{
    rs_lock(&lock);
    clear_all(pending_too);
    rs_unlock(&lock);
}

void rs_idp_before_fork(void)
{
    rs_lock(&lock);
}

void rs_idp_after_fork(bool is_child)
{
    if (!is_child) {
        rs_unlock(&lock);
        return;
    }
    clear_all(true);
    rs_mutex_init(&lock);
}

static void add_part(struct rs_buf *text, const char *part)
{
    rs_buf_add32(text, (uint32_t)(part == NULL ? 0 : strlen(part)));
    rs_buf_adds(text, part == NULL ? "" : part);
}

bool rs_oidckeep_key(const struct rs_idp_ask *ask, const char *redirect,
                     struct rs_oidckeep_key *out, struct rs_diag *diag)
{
    struct rs_buf text = RS_BUF_INIT(TEXT_MAX_BYTES), hex = RS_BUF_INIT(sizeof out->digest);
    uint8_t digest[RS_SHA256_BYTES];
    bool ok;

    add_part(&text, ask->oidc_url);
    add_part(&text, ask->set->issuer_url);
    add_part(&text, ask->set->idc_client_display_name);
    add_part(&text, redirect);
    add_part(&text, ask->set->uid);
    rs_buf_add32(&text, (uint32_t)rs_os_user());
    ok = rs_buf_ok(&text, diag) && rs_sha256(rs_buf_str(&text), digest, diag);
    if (ok) {
        rs_hex_add(&hex, digest, sizeof digest);
        ok = rs_buf_ok(&hex, diag);
    }
    if (ok)
        memcpy(out->digest, hex.p, hex.len + 1);
    rs_buf_clear(&text);
    rs_buf_clear(&hex);
    return ok;
}

static struct entry *find(const struct rs_oidckeep_key *key)
{
    for (size_t i = 0; i < RS_OIDCKEEP_ENTRIES; i++)
        if (memcmp(entries[i].key.digest, key->digest, sizeof key->digest) == 0)
            return &entries[i];
    return NULL;
}

static void wipe_what_is_over(int64_t now_s)
{
    for (size_t i = 0; i < RS_OIDCKEEP_ENTRIES; i++)
        if (entries[i].device.expires_at <= now_s)
            rs_oidc_device_clear(&entries[i].device);
}

bool rs_oidckeep_get(const struct rs_oidckeep_key *key, int64_t now_s,
                     struct rs_oidc_client *client, struct rs_oidc_device *device,
                     struct rs_diag *diag)
{
    struct entry *entry;
    bool ok = true;

    rs_lock(&lock);
    wipe_what_is_over(now_s);
    entry = find(key);
    if (entry != NULL && entry->client.expires_at - RS_OIDCKEEP_MARGIN_S > now_s) {
        ok = rs_oidc_client_copy(client, &entry->client, diag);
        if (ok && device != NULL && entry->device.expires_at > now_s)
            ok = rs_oidc_device_copy(device, &entry->device, diag);
    }
    rs_unlock(&lock);
    return ok;
}

void rs_oidckeep_put(const struct rs_oidckeep_key *key, const struct rs_oidc_client *client,
                     const struct rs_oidc_device *device)
{
    struct rs_diag ignored = { 0 };
    struct entry *entry;

    rs_lock(&lock);
    entry = find(key);
    if (entry == NULL) {
        entry = &entries[next_place];
        next_place = (next_place + 1) % RS_OIDCKEEP_ENTRIES;
    }
    clear_entry(entry);
    if (rs_oidc_client_copy(&entry->client, client, &ignored) &&
        (device == NULL || rs_oidc_device_copy(&entry->device, device, &ignored)))
        entry->key = *key;
    else
        clear_entry(entry);
    rs_unlock(&lock);
    rs_diag_clear(&ignored);
}

void rs_oidckeep_drop(const struct rs_oidckeep_key *key)
{
    struct entry *entry;

    rs_lock(&lock);
    entry = find(key);
    if (entry != NULL)
        clear_entry(entry);
    rs_unlock(&lock);
}
