#define _GNU_SOURCE /* syscall */
#include "os_lock.h"

#ifdef __linux__
#include <errno.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_futex
#define SYS_futex SYS_futex_time64 /* where times never had 32 bits; none is passed here */
#endif

_Static_assert(sizeof(atomic_uint) == 4, "a futex is a word of 32 bits");

void rs_mutex_wait(struct rs_mutex *mutex)
{
    int saved = errno;

    /* Whoever has slept cannot know that nobody else does, and takes it as one that is awaited:
     * a wake too many costs a call, one too few a thread. */
    while (atomic_exchange_explicit(&mutex->state, RS_MUTEX_AWAITED, memory_order_acquire) !=
           RS_MUTEX_FREE)
        syscall(SYS_futex, &mutex->state, FUTEX_WAIT_PRIVATE, RS_MUTEX_AWAITED, NULL);
    errno = saved;
}

/* The mutex may be gone by now: its address says who is meant, and nothing is read there. */
void rs_mutex_wake(struct rs_mutex *mutex)
{
    int saved = errno;

    syscall(SYS_futex, &mutex->state, FUTEX_WAKE_PRIVATE, 1);
    errno = saved;
}

#elif !defined(_WIN32)

void rs_mutex_init(struct rs_mutex *mutex)
{
    pthread_mutex_init(&mutex->m, NULL);
}

void rs_mutex_destroy(struct rs_mutex *mutex)
{
    pthread_mutex_destroy(&mutex->m);
}

void rs_lock(struct rs_mutex *mutex)
{
    pthread_mutex_lock(&mutex->m);
}

bool rs_try_lock(struct rs_mutex *mutex)
{
    return pthread_mutex_trylock(&mutex->m) == 0;
}

void rs_unlock(struct rs_mutex *mutex)
{
    pthread_mutex_unlock(&mutex->m);
}
#endif
