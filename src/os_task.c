#include "os.h"

#include <pthread.h>

/*
 * Two threads, one lock, and whose turn it is: what either wrote before it gave the turn away the
 * other sees.
 */

enum turn { CALLERS, TASKS };

struct rs_task {
    pthread_mutex_t lock;
    pthread_cond_t to_caller, to_task;
    enum turn turn;
    void (*fn)(void *);
    void *arg;
    bool is_done; /* fn has returned */
    bool ends;    /* the thread is to return */
    int64_t pid;
    struct rs_thread thread;
};

static void task_destroy(struct rs_task *task)
{
    pthread_cond_destroy(&task->to_caller);
    pthread_cond_destroy(&task->to_task);
    pthread_mutex_destroy(&task->lock);
    rs_free(task);
}

/* The lock is held. */
static void hand_over(struct rs_task *task, enum turn to, pthread_cond_t *theirs,
                      pthread_cond_t *ours)
{
    task->turn = to;
    pthread_cond_signal(theirs);
    while (task->turn == to)
        pthread_cond_wait(ours, &task->lock);
}

static void task_main(void *p)
{
    struct rs_task *task = p;

    pthread_mutex_lock(&task->lock);
    while (task->turn != TASKS)
        pthread_cond_wait(&task->to_task, &task->lock);
    while (!task->ends) {
        pthread_mutex_unlock(&task->lock);
        task->fn(task->arg);
        pthread_mutex_lock(&task->lock);
        task->is_done = true;
        hand_over(task, CALLERS, &task->to_caller, &task->to_task);
    }
    pthread_mutex_unlock(&task->lock);
}

struct rs_task *rs_task_new(void)
{
    struct rs_task *task = rs_new(struct rs_task, NULL);

    if (task == NULL)
        return NULL;
    pthread_mutex_init(&task->lock, NULL);
    pthread_cond_init(&task->to_caller, NULL);
    pthread_cond_init(&task->to_task, NULL);
    task->pid = rs_os_pid();
    if (rs_thread_start(&task->thread, task_main, task))
        return task;
    task_destroy(task);
    return NULL;
}

bool rs_task_is_lost(const struct rs_task *task)
{
    return task->pid != rs_os_pid();
}

bool rs_task_resume(struct rs_task *task)
{
    bool is_done;

    pthread_mutex_lock(&task->lock);
    hand_over(task, TASKS, &task->to_task, &task->to_caller);
    is_done = task->is_done;
    pthread_mutex_unlock(&task->lock);
    return is_done;
}

bool rs_task_start(struct rs_task *task, void (*fn)(void *), void *arg)
{
    task->fn = fn;
    task->arg = arg;
    task->is_done = false;
    return rs_task_resume(task);
}

void rs_task_pause(struct rs_task *task)
{
    pthread_mutex_lock(&task->lock);
    hand_over(task, CALLERS, &task->to_caller, &task->to_task);
    pthread_mutex_unlock(&task->lock);
}

void rs_task_free(struct rs_task *task)
{
    if (task == NULL)
        return;
    if (rs_task_is_lost(task)) { /* nobody waits on its conditions here, though they say so */
        rs_free(task);
        return;
    }
    pthread_mutex_lock(&task->lock);
    task->ends = true;
    task->turn = TASKS;
    pthread_cond_signal(&task->to_task);
    pthread_mutex_unlock(&task->lock);
    /* What libraries keep for the thread is given back when it has ended. */
    rs_thread_join(&task->thread);
    task_destroy(task);
}
