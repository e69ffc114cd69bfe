#include "win.h"

_Static_assert(sizeof(SRWLOCK) == sizeof(void *), "struct rs_mutex holds a slim lock");
_Static_assert(sizeof(INIT_ONCE) == sizeof(void *), "struct rs_once holds an INIT_ONCE");

static SRWLOCK *of(struct rs_mutex *mutex)
{
    return (SRWLOCK *)&mutex->srw;
}

void rs_mutex_init(struct rs_mutex *mutex)
{
    InitializeSRWLock(of(mutex));
}

void rs_mutex_destroy(struct rs_mutex *mutex)
{
    (void)mutex;
}

bool rs_try_lock(struct rs_mutex *mutex)
{
    return TryAcquireSRWLockExclusive(of(mutex)) != 0;
}

void rs_lock(struct rs_mutex *mutex)
{
    AcquireSRWLockExclusive(of(mutex));
}

void rs_unlock(struct rs_mutex *mutex)
{
    ReleaseSRWLockExclusive(of(mutex));
}

void rs_once(struct rs_once *once, void (*fn)(void))
{
    INIT_ONCE *o = (INIT_ONCE *)&once->o;
    BOOL pending = FALSE;

    if (!InitOnceBeginInitialize(o, 0, &pending, NULL) || !pending)
        return;
    fn();
    (void)InitOnceComplete(o, 0, NULL);
}

/* ---- threads ---- */

struct thread_start {
    void (*fn)(void *);
    void *arg;
    HMODULE library;
};

/* The library stays loaded until its last thread has left it. */
static DWORD WINAPI thread_main(void *p)
{
    struct thread_start start = *(struct thread_start *)p;

    rs_free(p);
    start.fn(start.arg);
    if (start.library != NULL)
        FreeLibraryAndExitThread(start.library, 0);
    return 0;
}

static HANDLE thread_begin(void (*fn)(void *), void *arg)
{
    static const wchar_t anchor = L'a'; /* any address of this library */
    struct thread_start *start = rs_new(struct thread_start, NULL);
    HANDLE thread;

    if (start == NULL)
        return NULL;
    start->fn = fn;
    start->arg = arg;
    if (!GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, &anchor, &start->library))
        start->library = NULL;
    thread = CreateThread(NULL, 0, thread_main, start, 0, NULL);
    if (thread == NULL) {
        if (start->library != NULL)
            FreeLibrary(start->library);
        rs_free(start);
    }
    return thread;
}

bool rs_thread_detached(void (*fn)(void *), void *arg)
{
    HANDLE thread = thread_begin(fn, arg);

    if (thread != NULL)
        CloseHandle(thread);
    return thread != NULL;
}

bool rs_thread_start(struct rs_thread *thread, void (*fn)(void *), void *arg)
{
    thread->t = thread_begin(fn, arg);
    return thread->t != NULL;
}

void rs_thread_join(struct rs_thread *thread)
{
    WaitForSingleObject(thread->t, INFINITE);
    CloseHandle(thread->t);
}

/* ---- events ---- */

struct rs_event {
    SRWLOCK lock;
    CONDITION_VARIABLE cond;
    unsigned holders;
    bool is_set;
};

struct rs_event *rs_event_new(unsigned holders, struct rs_diag *diag)
{
    struct rs_event *event = rs_new(struct rs_event, diag);

    if (event == NULL)
        return NULL;
    InitializeSRWLock(&event->lock);
    InitializeConditionVariable(&event->cond);
    event->holders = holders;
    return event;
}

void rs_event_set(struct rs_event *event)
{
    AcquireSRWLockExclusive(&event->lock);
    event->is_set = true;
    WakeAllConditionVariable(&event->cond);
    ReleaseSRWLockExclusive(&event->lock);
}

bool rs_event_wait(struct rs_event *event, struct rs_deadline deadline)
{
    bool is_set;

    AcquireSRWLockExclusive(&event->lock);
    while (!event->is_set && !rs_deadline_passed(deadline)) {
        int ms = rs_deadline_poll(deadline);

        (void)SleepConditionVariableSRW(&event->cond, &event->lock, ms < 0 ? INFINITE : (DWORD)ms,
                                        0);
    }
    is_set = event->is_set;
    ReleaseSRWLockExclusive(&event->lock);
    return is_set;
}

void rs_event_release(struct rs_event *event)
{
    bool is_last;

    if (event == NULL)
        return;
    AcquireSRWLockExclusive(&event->lock);
    is_last = --event->holders == 0;
    ReleaseSRWLockExclusive(&event->lock);
    if (is_last)
        rs_free(event);
}
