/*
 * The lock. Nearly every entry point takes one that nobody else wants, so that this case is a few
 * instructions where it stands and no call. A part of os.h, which includes it; nobody else does.
 *
 * Not recursive, not fair. rs_unlock does not look at the mutex once it is free, so that whoever
 * takes it last may free it.
 */
#ifndef RS_OS_LOCK_H
#define RS_OS_LOCK_H

#include "attrs.h"

#ifdef __linux__
/*
 * Source: U. Drepper, "Futexes Are Tricky", the second mutex; futex(2).
 */
#include <stdatomic.h>

enum { RS_MUTEX_FREE, RS_MUTEX_HELD, RS_MUTEX_AWAITED /* held, and somebody may be asleep */ };

struct rs_mutex {
    atomic_uint state;
};
#define RS_MUTEX_INIT                                                                              \
    {                                                                                              \
        RS_MUTEX_FREE                                                                              \
    }

/* The rest of rs_lock and rs_unlock; errno stays as it was. */
void rs_mutex_wait(struct rs_mutex *mutex);
void rs_mutex_wake(struct rs_mutex *mutex);

static inline void rs_mutex_init(struct rs_mutex *mutex)
{
    atomic_init(&mutex->state, RS_MUTEX_FREE);
}

static inline void rs_mutex_destroy(struct rs_mutex *mutex)
{
    (void)mutex;
}

static inline bool rs_try_lock(struct rs_mutex *mutex)
{
    unsigned was = RS_MUTEX_FREE;

    return atomic_compare_exchange_strong_explicit(&mutex->state, &was, RS_MUTEX_HELD,
                                                   memory_order_acquire, memory_order_relaxed);
}

static inline void rs_lock(struct rs_mutex *mutex)
{
    if (RS_UNLIKELY(!rs_try_lock(mutex)))
        rs_mutex_wait(mutex);
}

static inline void rs_unlock(struct rs_mutex *mutex)
{
    if (RS_UNLIKELY(atomic_exchange_explicit(&mutex->state, RS_MUTEX_FREE, memory_order_release) ==
                    RS_MUTEX_AWAITED))
        rs_mutex_wake(mutex);
}

#elif !defined(_WIN32)
#include <pthread.h>

struct rs_mutex {
    pthread_mutex_t m;
};
#define RS_MUTEX_INIT                                                                              \
    {                                                                                              \
        PTHREAD_MUTEX_INITIALIZER                                                                  \
    }

void rs_mutex_init(struct rs_mutex *mutex);
void rs_mutex_destroy(struct rs_mutex *mutex);
bool rs_try_lock(struct rs_mutex *mutex);
void rs_lock(struct rs_mutex *mutex);
void rs_unlock(struct rs_mutex *mutex);

#else
/* A slim reader/writer lock, which is one pointer; win/os_thread.c. */
struct rs_mutex {
    void *srw;
};
#define RS_MUTEX_INIT                                                                              \
    {                                                                                              \
        NULL                                                                                       \
    }

void rs_mutex_init(struct rs_mutex *mutex);
void rs_mutex_destroy(struct rs_mutex *mutex);
bool rs_try_lock(struct rs_mutex *mutex);
void rs_lock(struct rs_mutex *mutex);
void rs_unlock(struct rs_mutex *mutex);
#endif

#endif
