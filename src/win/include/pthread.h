/* The locks and conditions of os_task.c. Nothing of it is libpq's or winpthreads'. */
#ifndef RS_WIN_PTHREAD_H
#define RS_WIN_PTHREAD_H

#include <windows.h>

typedef SRWLOCK pthread_mutex_t;
typedef CONDITION_VARIABLE pthread_cond_t;

#define pthread_mutex_init(mutex, attr) InitializeSRWLock(mutex)
#define pthread_mutex_destroy(mutex)    ((void)(mutex))
#define pthread_mutex_lock(mutex)       AcquireSRWLockExclusive(mutex)
#define pthread_mutex_unlock(mutex)     ReleaseSRWLockExclusive(mutex)
#define pthread_cond_init(cond, attr)   InitializeConditionVariable(cond)
#define pthread_cond_destroy(cond)      ((void)(cond))
#define pthread_cond_signal(cond)       WakeConditionVariable(cond)
#define pthread_cond_wait(cond, mutex)  SleepConditionVariableSRW(cond, mutex, INFINITE, 0)

#endif
