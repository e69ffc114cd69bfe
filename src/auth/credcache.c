#include "credcache.h"

#include <string.h>

#include "../idp/idp.h"
#include "aws.h"

/* ---- grants ---- */

void rs_grant_clear(struct rs_grant *grant)
{
    rs_free(grant->user);
    rs_free(grant->host);
    rs_secret_clear(&grant->secret);
    rs_secret_clear(&grant->token);
    rs_claims_clear(&grant->claims);
    *grant = (struct rs_grant){ 0 };
}

static bool copy_grant(struct rs_grant *to, const struct rs_grant *from, struct rs_diag *diag)
{
    struct rs_grant copy = { .port = from->port, .expires_at = from->expires_at };
    bool ok = false;

    copy.user = rs_str_dup(rs_str_of(from->user), diag);
    if (copy.user == NULL)
        goto out;
    if (from->host != NULL) {
        copy.host = rs_str_dup(rs_str_of(from->host), diag);
        if (copy.host == NULL)
            goto out;
    }
    if (!rs_secret_copy(&copy.secret, &from->secret, diag) ||
        !rs_secret_copy(&copy.token, &from->token, diag) ||
        !rs_claims_copy(&copy.claims, &from->claims, diag))
        goto out;
    *to = copy;
    copy = (struct rs_grant){ 0 };
    ok = true;
out:
    rs_grant_clear(&copy);
    return ok;
}

/* ---- what is kept ---- */

struct entry {
    bool is_used;
    uint8_t key[RS_SHA256_BYTES];
    struct rs_grant grant;
    int64_t kept_at, renew_at; /* UTC seconds by the ask's clock */
    uint64_t turn;             /* of its last use */
};

/* KEPT: look again. FAILED: so do we. ALONE: it cannot be shared, everybody for himself. AGAIN: the
 * one who fetched had a reason of his own to give up. */
enum outcome { OUTCOME_NONE, OUTCOME_KEPT, OUTCOME_FAILED, OUTCOME_ALONE, OUTCOME_AGAIN };

/* One fetch, and those who wait for it. */
struct flight {
    enum rs_credcache which;
    uint8_t key[RS_SHA256_BYTES];
    struct rs_event *over;
    unsigned holders;
    enum outcome outcome;
    enum rs_state state; /* of OUTCOME_FAILED */
    int32_t native;
    char *text;
    struct flight *next;
};

/* Locked: lock, all of it. */
static struct rs_mutex lock = RS_MUTEX_INIT;
static struct entry entries[RS_CREDCACHE_COUNT][RS_CREDCACHE_ENTRIES];
static struct flight *flights, *lost_flights;
static uint64_t last_turn;
static unsigned n_users;

static struct rs_once set_up_once = RS_ONCE_INIT;

static void clear_entry(struct entry *entry)
{
    rs_grant_clear(&entry->grant);
    rs_wipe(entry, sizeof *entry);
}

static void clear_all(void)
{
    for (size_t which = 0; which < RS_CREDCACHE_COUNT; which++)
        for (size_t i = 0; i < RS_CREDCACHE_ENTRIES; i++)
            clear_entry(&entries[which][i]);
}

static void before_fork(void)
{
    rs_lock(&lock);
    rs_aws_hold_clocks();
    rs_idp_before_fork();
}

static void after_fork_in_parent(void)
{
    rs_idp_after_fork(false);
    rs_aws_let_clocks();
    rs_unlock(&lock);
}

/* The threads that were fetching are not here. What they and their waiters hold cannot be taken
 * apart, since they were in the middle of it; it stays reachable. */
static void after_fork_in_child(void)
{
    struct flight **end = &lost_flights;

    rs_idp_after_fork(true);
    rs_aws_let_clocks();
    clear_all();
    while (*end != NULL)
        end = &(*end)->next;
    *end = flights;
    flights = NULL;
    rs_mutex_init(&lock);
}

static void set_up(void)
{
    rs_os_at_fork(before_fork, after_fork_in_parent, after_fork_in_child);
}

static bool is_key(const uint8_t *a, const uint8_t *b)
{
    return rs_bytes_equal(a, b, RS_SHA256_BYTES);
}

static struct entry *find_entry(enum rs_credcache which, const uint8_t *key)
{
    for (size_t i = 0; i < RS_CREDCACHE_ENTRIES; i++)
        if (entries[which][i].is_used && is_key(entries[which][i].key, key))
            return &entries[which][i];
    return NULL;
}

static bool is_over(const struct entry *entry, int64_t now)
{
    return entry->grant.expires_at - RS_CREDCACHE_MARGIN_S <= now;
}

static void wipe_what_is_over(int64_t now)
{
    for (size_t which = 0; which < RS_CREDCACHE_COUNT; which++)
        for (size_t i = 0; i < RS_CREDCACHE_ENTRIES; i++)
            if (entries[which][i].is_used && is_over(&entries[which][i], now))
                clear_entry(&entries[which][i]);
}

/* The entry of an ask, if it may be used at all. */
static struct entry *usable_entry(const struct rs_credcache_ask *ask, int64_t now)
{
    struct entry *entry;

    wipe_what_is_over(now);
    entry = find_entry(ask->which, ask->key);
    /* The clock was put back: nobody knows how much is left. */
    if (entry != NULL && now < entry->kept_at) {
        clear_entry(entry);
        entry = NULL;
    }
    if (entry != NULL)
        entry->turn = ++last_turn;
    return entry;
}

static struct entry *free_entry(enum rs_credcache which)
{
    struct entry *oldest = &entries[which][0];

    for (size_t i = 0; i < RS_CREDCACHE_ENTRIES; i++) {
        struct entry *entry = &entries[which][i];

        if (!entry->is_used)
            return entry;
        if (entry->turn < oldest->turn)
            oldest = entry;
    }
    clear_entry(oldest);
    return oldest;
}

static bool may_keep(const struct rs_credcache_ask *ask, const struct rs_grant *grant, int64_t now)
{
    int64_t most =
        ask->which == RS_CREDCACHE_PASSWORD ? RS_CREDCACHE_MAX_PASSWORD_S : RS_CREDCACHE_MAX_AWS_S;

    return grant->expires_at > 0 && !grant->clock_is_off &&
           grant->expires_at - RS_CREDCACHE_MARGIN_S > now && grant->expires_at - most <= now;
}

static bool keep(const struct rs_credcache_ask *ask, const struct rs_grant *grant, int64_t now)
{
    struct entry *entry = find_entry(ask->which, ask->key);
    int64_t margin = ask->which == RS_CREDCACHE_AWS ? RS_CREDCACHE_RENEW_S : RS_CREDCACHE_MARGIN_S;
    struct rs_grant copy = { 0 };

    if (entry != NULL)
        clear_entry(entry);
    if (!may_keep(ask, grant, now) || !copy_grant(&copy, grant, NULL))
        return false;
    entry = free_entry(ask->which);
    *entry = (struct entry){ .is_used = true,
                             .grant = copy,
                             .kept_at = now,
                             .renew_at = grant->expires_at - margin,
                             .turn = ++last_turn };
    memcpy(entry->key, ask->key, sizeof entry->key);
    return true;
}

/* ---- flights ---- */

static struct flight *find_flight(const struct rs_credcache_ask *ask)
{
    struct flight *flight = flights;

    while (flight != NULL && (flight->which != ask->which || !is_key(flight->key, ask->key)))
        flight = flight->next;
    return flight;
}

static struct flight *begin_flight(const struct rs_credcache_ask *ask, struct rs_diag *diag)
{
    struct flight *flight = rs_new(struct flight, diag);

    if (flight == NULL)
        return NULL;
    flight->over = rs_event_new(1, diag);
    if (flight->over == NULL) {
        rs_free(flight);
        return NULL;
    }
    flight->which = ask->which;
    memcpy(flight->key, ask->key, sizeof flight->key);
    flight->holders = 1;
    flight->next = flights;
    flights = flight;
    return flight;
}

static void leave_flight(struct flight *flight)
{
    if (--flight->holders > 0)
        return;
    rs_event_release(flight->over);
    rs_free(flight->text);
    rs_free(flight);
}

static void end_flight(struct flight *flight, enum outcome outcome)
{
    struct flight **at = &flights;

    while (*at != flight)
        at = &(*at)->next;
    *at = flight->next;
    flight->outcome = outcome;
    rs_event_set(flight->over);
    leave_flight(flight);
}

/* What went wrong, for those who wait. */
static enum outcome keep_cause(const struct rs_credcache_ask *ask, struct flight *flight,
                               const struct rs_diag *cause)
{
    enum rs_state state = rs_diag_state(cause);

    if (state == RS_HY001 || rs_deadline_passed(ask->deadline))
        return OUTCOME_AGAIN;
    flight->text = rs_str_dup(rs_str_of(rs_diag_first(cause)), NULL);
    if (flight->text == NULL)
        return OUTCOME_AGAIN;
    flight->state = state;
    for (size_t i = 0; rs_diag_get(cause, i) != NULL; i++)
        if (rs_diag_get(cause, i)->is_error)
            flight->native = rs_diag_get(cause, i)->native;
    return OUTCOME_FAILED;
}

/* They could not be renewed, but are still good. */
static bool fall_back(const struct rs_credcache_ask *ask, struct rs_grant *out)
{
    int64_t now = ask->now(ask->ctx);
    struct entry *entry = usable_entry(ask, now);

    if (entry == NULL || !copy_grant(out, &entry->grant, NULL))
        return false;
    entry->renew_at = now + RS_CREDCACHE_RETRY_S;
    return true;
}

static bool lead(const struct rs_credcache_ask *ask, struct flight *flight, struct rs_grant *out,
                 bool *was_kept, struct rs_diag *diag)
{
    struct rs_diag cause = { 0 };
    bool ok = ask->fetch(ask->ctx, out, &cause);
    enum outcome outcome;

    if (!ok)
        rs_grant_clear(out);
    rs_lock(&lock);
    if (ok) {
        outcome = keep(ask, out, ask->now(ask->ctx)) ? OUTCOME_KEPT : OUTCOME_ALONE;
    } else if (fall_back(ask, out)) {
        RS_LOG(ask->log, RS_LOG_WARNING, "auth.cache", "not renewed, the old ones go on: %s",
               rs_diag_first(&cause));
        rs_diag_clear(&cause);
        outcome = OUTCOME_KEPT;
        *was_kept = ok = true;
    } else {
        outcome = keep_cause(ask, flight, &cause);
    }
    end_flight(flight, outcome);
    rs_unlock(&lock);
    rs_diag_move(diag, &cause);
    return ok;
}

/* Waits for the outcome of another's fetch; what to do about it. */
static enum outcome join(const struct rs_credcache_ask *ask, struct flight *flight,
                         struct rs_diag *diag)
{
    bool is_done = rs_event_wait(flight->over, ask->deadline);
    enum outcome outcome;

    rs_lock(&lock);
    outcome = is_done ? flight->outcome : OUTCOME_FAILED;
    if (!is_done)
        rs_fail(diag, RS_HYT00, 0,
                "the login timeout ran out while another connection was getting the credentials");
    else if (outcome == OUTCOME_FAILED)
        rs_fail(diag, flight->state, flight->native, "%s", flight->text);
    leave_flight(flight);
    rs_unlock(&lock);
    return outcome;
}

enum look { LOOK_HIT, LOOK_LEAD, LOOK_JOIN, LOOK_FAILED };

static enum look look(const struct rs_credcache_ask *ask, struct rs_grant *out,
                      struct flight **flight, struct rs_diag *diag)
{
    int64_t now;
    struct entry *entry;
    enum look found;

    rs_lock(&lock);
    now = ask->now(ask->ctx);
    entry = usable_entry(ask, now);
    if (entry != NULL && now < entry->renew_at) {
        found = copy_grant(out, &entry->grant, diag) ? LOOK_HIT : LOOK_FAILED;
    } else if ((*flight = find_flight(ask)) != NULL) {
        (*flight)->holders++;
        found = LOOK_JOIN;
    } else {
        *flight = begin_flight(ask, diag);
        found = *flight != NULL ? LOOK_LEAD : LOOK_FAILED;
    }
    rs_unlock(&lock);
    return found;
}

/* ---- entry ---- */

bool rs_credcache_get(const struct rs_credcache_ask *ask, struct rs_grant *out, bool *was_kept,
                      struct rs_diag *diag)
{
    enum outcome outcome = OUTCOME_AGAIN;

    *was_kept = false;
    if (ask->is_off)
        return ask->fetch(ask->ctx, out, diag);
    rs_once(&set_up_once, set_up);
    while (outcome == OUTCOME_AGAIN || outcome == OUTCOME_KEPT) {
        struct flight *flight = NULL;
        enum look found = look(ask, out, &flight, diag);

        if (found == LOOK_LEAD)
            return lead(ask, flight, out, was_kept, diag);
        if (found != LOOK_JOIN) {
            *was_kept = found == LOOK_HIT;
            return found == LOOK_HIT;
        }
        outcome = join(ask, flight, diag);
    }
    return outcome == OUTCOME_ALONE && ask->fetch(ask->ctx, out, diag);
}

void rs_credcache_drop(enum rs_credcache which, const uint8_t key[RS_SHA256_BYTES],
                       const struct rs_secret *secret)
{
    struct entry *entry;

    rs_lock(&lock);
    entry = find_entry(which, key);
    if (entry != NULL && rs_secret_equal(&entry->grant.secret, secret))
        clear_entry(entry);
    rs_unlock(&lock);
}

void rs_credcache_clear(void)
{
    rs_lock(&lock);
    clear_all();
    rs_idp_forget(true);
    rs_unlock(&lock);
}

size_t rs_credcache_size(enum rs_credcache which)
{
    size_t n = 0;

    rs_lock(&lock);
    for (size_t i = 0; i < RS_CREDCACHE_ENTRIES; i++)
        n += entries[which][i].is_used;
    rs_unlock(&lock);
    return n;
}

void rs_credcache_hold(void)
{
    rs_lock(&lock);
    n_users++;
    rs_unlock(&lock);
}

void rs_credcache_release(void)
{
    rs_lock(&lock);
    /* A code that the user is told when connecting fails is confirmed without any environment. */
    if (--n_users == 0) {
        clear_all();
        rs_idp_forget(false);
    }
    rs_unlock(&lock);
}
