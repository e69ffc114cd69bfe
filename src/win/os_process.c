#include "win.h"

#include <errno.h>
#include <shellapi.h>
#include <string.h>
#include <wchar.h>

#include "../secret.h"

enum { READ_AT_ONCE = 4096, LOOK_MS = 5, MAX_LINE_UNITS = 32767, KILLED = 128 + 9 };

/* One pipe of a child: its end of ours, and what has come. */
struct inlet {
    HANDLE pipe; /* NULL: closed */
    struct rs_buf *to;
    bool drops_rest; /* what does not fit is read and forgotten */
};

static void close_handle(HANDLE *handle)
{
    if (*handle != NULL)
        CloseHandle(*handle);
    *handle = NULL;
}

/* ---- the command line ---- */

/* One argument as the C runtime takes it apart again: backslashes count only before a quote.
 * Source: Microsoft, "Parsing C command-line arguments". */
static void add_argument(struct rs_buf *line, const char *text)
{
    size_t slashes = 0;

    rs_buf_adds(line, line->len > 0 ? " \"" : "\"");
    for (; *text != '\0'; text++) {
        if (*text == '\\') {
            slashes++;
        } else {
            for (size_t i = 0; *text == '"' && i < slashes + 1; i++)
                rs_buf_addc(line, '\\');
            slashes = 0;
        }
        rs_buf_addc(line, *text);
    }
    for (; slashes > 0; slashes--)
        rs_buf_addc(line, '\\');
    rs_buf_addc(line, '"');
}

static bool has_ending(const char *name, const char *ending)
{
    struct rs_str s = rs_str_of(name), e = rs_str_of(ending);

    return s.n >= e.n && rs_str_eq_nocase(rs_str_sub(s, s.n - e.n, s.n), e);
}

static bool is_path(const char *name)
{
    return strpbrk(name, "/\\:") != NULL;
}

static void add_program(struct rs_buf *out, struct rs_str folder, const char *name)
{
    rs_buf_truncate(out, 0);
    rs_buf_add(out, folder);
    if (folder.n > 0)
        rs_buf_addc(out, '\\');
    rs_buf_adds(out, name);
    if (!has_ending(name, ".exe") && !has_ending(name, ".com"))
        rs_buf_adds(out, ".exe");
}

/* Only in the folders of PATH that are named in full: not in the current one. */
static bool find_program(const char *name, struct rs_buf *out)
{
    struct rs_str rest = rs_str_of(rs_env("PATH")), folder;
    bool done = false;

    if (is_path(name)) {
        add_program(out, RS_STR_NULL, name);
        return !out->bad && rs_os_file_exists(out->p);
    }
    while (rs_str_split(&rest, ';', &done, &folder)) {
        folder = rs_str_trim(folder);
        if (folder.n < 3 || (folder.p[1] != ':' && folder.p[1] != '\\'))
            continue;
        add_program(out, folder, name);
        if (!out->bad && rs_os_file_exists(out->p))
            return true;
    }
    return false;
}

/* ---- starting ---- */

/* Our end is not inherited, the child's is; both only by the list given at the start. */
static bool open_pipe(HANDLE *ours, HANDLE *theirs)
{
    return CreatePipe(ours, theirs, NULL, 0) &&
           SetHandleInformation(*theirs, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT);
}

static HANDLE open_nothing(void)
{
    SECURITY_ATTRIBUTES inherited = { .nLength = sizeof inherited, .bInheritHandle = TRUE };
    HANDLE file = CreateFileW(L"NUL", GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, &inherited,
                              OPEN_EXISTING, 0, NULL);

    return file == INVALID_HANDLE_VALUE ? NULL : file;
}

/* A job that ends all that is in it with its last handle. */
static HANDLE make_job(void)
{
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = { 0 };
    HANDLE job = CreateJobObjectW(NULL, NULL);

    limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
    if (job != NULL)
        (void)SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits,
                                      sizeof limits);
    return job;
}

static bool create(const wchar_t *program, wchar_t *line, HANDLE handles[3], HANDLE job,
                   PROCESS_INFORMATION *process)
{
    STARTUPINFOEXW start = { .StartupInfo = { .cb = sizeof start,
                                              .dwFlags = STARTF_USESTDHANDLES,
                                              .hStdInput = handles[0],
                                              .hStdOutput = handles[1],
                                              .hStdError = handles[2] } };
    SIZE_T size = 0;
    bool ok;

    (void)InitializeProcThreadAttributeList(NULL, 1, 0, &size);
    start.lpAttributeList = rs_alloc(size, 1, NULL);
    if (start.lpAttributeList == NULL)
        return false;
    ok = InitializeProcThreadAttributeList(start.lpAttributeList, 1, 0, &size);
    if (ok) {
        ok = UpdateProcThreadAttribute(start.lpAttributeList, 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST,
                                       handles, 3 * sizeof handles[0], NULL, NULL) &&
             CreateProcessW(program, line, NULL, NULL, TRUE,
                            CREATE_NO_WINDOW | CREATE_SUSPENDED | EXTENDED_STARTUPINFO_PRESENT,
                            NULL, NULL, &start.StartupInfo, process);
        DeleteProcThreadAttributeList(start.lpAttributeList);
    }
    rs_free(start.lpAttributeList);
    if (ok) {
        if (job != NULL)
            (void)AssignProcessToJobObject(job, process->hProcess);
        ResumeThread(process->hThread);
    }
    return ok;
}

/* 0, or errno's number. */
static int start(char *const *argv, HANDLE handles[3], HANDLE job, PROCESS_INFORMATION *process)
{
    struct rs_buf program = RS_BUF_INIT(MAX_LINE_UNITS), line = RS_BUF_WIPED(MAX_LINE_UNITS);
    wchar_t *wide = NULL, *wide_line = NULL;
    int error = ENOENT;

    if (has_ending(argv[0], ".bat") || has_ending(argv[0], ".cmd")) {
        error = ENOEXEC; /* an interpreter reads their arguments by rules of its own */
        goto out;
    }
    if (!find_program(argv[0], &program))
        goto out;
    for (size_t i = 0; argv[i] != NULL; i++)
        add_argument(&line, argv[i]);
    error = ENOMEM;
    if (line.bad || line.len == 0)
        goto out;
    wide = rs_win_wide(program.p);
    wide_line = rs_win_wide(line.p);
    if (wide == NULL || wide_line == NULL)
        goto out;
    error = create(wide, wide_line, handles, job, process) ? 0 : rs_win_errno(GetLastError());
out:
    if (wide_line != NULL)
        rs_wipe(wide_line, wcslen(wide_line) * sizeof *wide_line);
    rs_free(wide_line);
    rs_free(wide);
    rs_buf_clear(&line);
    rs_buf_clear(&program);
    return error;
}

/* ---- watching ---- */

enum taken { TAKEN, TAKEN_NOTHING, TAKEN_FULL };

static enum taken take(struct inlet *in)
{
    char some[READ_AT_ONCE];
    DWORD waiting = 0, got = 0;
    size_t room = in->to->max - in->to->len;
    struct rs_str text;

    if (in->pipe == NULL)
        return TAKEN_NOTHING;
    if (!PeekNamedPipe(in->pipe, NULL, 0, NULL, &waiting, NULL)) {
        close_handle(&in->pipe);
        return TAKEN;
    }
    if (waiting == 0)
        return TAKEN_NOTHING;
    if (!ReadFile(in->pipe, some, sizeof some, &got, NULL))
        got = 0;
    text = (struct rs_str){ some, got };
    if (in->drops_rest && text.n > room)
        text.n = room;
    rs_buf_add(in->to, text);
    rs_wipe(some, sizeof some);
    return in->to->bad ? TAKEN_FULL : TAKEN;
}

static bool fail_run(const char *what, int error, struct rs_diag *diag)
{
    struct rs_buf why = RS_BUF_INIT(512);

    rs_os_error_text(error, &why);
    if (rs_buf_ok(&why, diag))
        rs_fail(diag, RS_HY000, 0, "%s: %s", what, why.p);
    rs_buf_clear(&why);
    return false;
}

/* Until both pipes are at their end and the program has ended. */
static bool watch(HANDLE process, struct inlet in[2], struct rs_deadline deadline, int *status,
                  struct rs_diag *diag)
{
    DWORD code = KILLED;

    for (;;) {
        enum taken a = take(&in[0]), b = take(&in[1]);

        if (a == TAKEN_FULL || b == TAKEN_FULL) {
            if (!in[0].to->too_long && !in[1].to->too_long)
                return rs_fail_memory(diag);
            return rs_fail(diag, RS_HY000, 0, "it wrote more than %zu bytes and was killed",
                           in[0].to->max);
        }
        if (in[0].pipe == NULL && in[1].pipe == NULL &&
            WaitForSingleObject(process, LOOK_MS) == WAIT_OBJECT_0)
            break;
        if (rs_deadline_passed(deadline))
            return rs_fail(diag, RS_HYT00, 0, "it did not end in time and was killed");
        if (a == TAKEN_NOTHING && b == TAKEN_NOTHING)
            rs_sleep_ms(LOOK_MS);
    }
    (void)GetExitCodeProcess(process, &code);
    *status = (int)code;
    return true;
}

bool rs_os_run(char *const *argv, struct rs_deadline deadline, struct rs_buf *out,
               struct rs_buf *err, int *status, struct rs_diag *diag)
{
    struct inlet in[2] = { { .to = out }, { .to = err, .drops_rest = true } };
    HANDLE theirs[3] = { open_nothing(), NULL, NULL }, job = make_job();
    PROCESS_INFORMATION process = { 0 };
    bool ok = false;
    int error;

    if (job == NULL || theirs[0] == NULL || !open_pipe(&in[0].pipe, &theirs[1]) ||
        !open_pipe(&in[1].pipe, &theirs[2])) {
        fail_run("it cannot be given pipes", rs_win_errno(GetLastError()), diag);
        goto out;
    }
    error = start(argv, theirs, job, &process);
    if (error != 0) {
        fail_run("it cannot be started", error, diag);
        goto out;
    }
    for (int i = 0; i < 3; i++)
        close_handle(&theirs[i]);
    ok = watch(process.hProcess, in, deadline, status, diag);
out:
    close_handle(&job);
    close_handle(&process.hThread);
    close_handle(&process.hProcess);
    for (int i = 0; i < 2; i++)
        close_handle(&in[i].pipe);
    for (int i = 0; i < 3; i++)
        close_handle(&theirs[i]);
    return ok;
}

/* ---- programs that go on by themselves ---- */

enum { CHILD_ENDED = -1, SHELL_DONE = 32 /* more than this, says Microsoft, is success */ };

/* No program: who shows a URL is the shell's to know. */
const struct rs_url_opener rs_os_url_opener = { .program = "the program for web pages" };

static bool show_url(const char *url, struct rs_child *child, struct rs_diag *diag)
{
    struct rs_str text = rs_str_of(url);
    wchar_t *wide = NULL;
    INT_PTR said = 0;

    if (rs_str_starts_nocase(text, RS_STR("https://")) ||
        rs_str_starts_nocase(text, RS_STR("http://")))
        wide = rs_win_wide(url);
    if (wide != NULL)
        said = (INT_PTR)ShellExecuteW(NULL, L"open", wide, NULL, NULL, SW_SHOWNORMAL);
    rs_free(wide);
    child->id = CHILD_ENDED;
    return said > SHELL_DONE || fail_run("it cannot be started", ENOENT, diag);
}

bool rs_os_start(char *const *argv, struct rs_child *child, struct rs_diag *diag)
{
    HANDLE nothing = open_nothing(), handles[3] = { nothing, nothing, nothing };
    PROCESS_INFORMATION process = { 0 };
    int error = EIO;

    child->id = 0;
    if (strcmp(argv[0], rs_os_url_opener.program) == 0 && argv[1] != NULL) {
        close_handle(&nothing);
        return show_url(argv[1], child, diag);
    }
    if (nothing != NULL)
        error = start(argv, handles, NULL, &process);
    close_handle(&nothing);
    close_handle(&process.hThread);
    if (error != 0)
        return fail_run("it cannot be started", error, diag);
    child->id = (int64_t)(intptr_t)process.hProcess;
    return true;
}

bool rs_child_has_ended(struct rs_child *child, int *status)
{
    HANDLE process = (HANDLE)(intptr_t)child->id;
    DWORD code = 0;

    if (child->id != CHILD_ENDED) {
        if (WaitForSingleObject(process, 0) != WAIT_OBJECT_0)
            return false;
        (void)GetExitCodeProcess(process, &code);
        CloseHandle(process);
    }
    *status = (int)code;
    child->id = 0;
    return true;
}

void rs_child_leave(struct rs_child *child)
{
    if (child->id != 0 && child->id != CHILD_ENDED)
        CloseHandle((HANDLE)(intptr_t)child->id);
    child->id = 0;
}
