#include "win.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

enum { MAX_NAME_UNITS = 32768, FILETIME_PER_US = 10 };
#define FILETIME_1970 116444736000000000LL

/* ---- text ---- */

wchar_t *rs_win_wide(const char *text)
{
    int units = MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text, -1, NULL, 0);
    wchar_t *wide = units > 0 ? rs_alloc((size_t)units, sizeof *wide, NULL) : NULL;

    if (wide != NULL)
        (void)MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text, -1, wide, units);
    return wide;
}

bool rs_win_add(struct rs_buf *out, const wchar_t *text, ptrdiff_t n)
{
    size_t units = n < 0 ? wcslen(text) : (size_t)n, room = units * 3;
    char *to;
    int bytes;

    if (units == 0)
        return true;
    to = units > INT_MAX / 3 ? NULL : rs_buf_room(out, room);
    if (to == NULL)
        return false;
    bytes = WideCharToMultiByte(CP_UTF8, WC_ERR_INVALID_CHARS, text, (int)units, to, (int)room,
                                NULL, NULL);
    rs_buf_seal(out, bytes > 0 ? (size_t)bytes : 0);
    return bytes > 0;
}

/* ---- errors ---- */

static const struct {
    DWORD system;
    int posix;
} errors[] = {
    { ERROR_FILE_NOT_FOUND, ENOENT },
    { ERROR_PATH_NOT_FOUND, ENOENT },
    { ERROR_INVALID_NAME, ENOENT },
    { ERROR_BAD_NETPATH, ENOENT },
    { ERROR_ACCESS_DENIED, EACCES },
    { ERROR_SHARING_VIOLATION, EBUSY },
    { ERROR_LOCK_VIOLATION, EBUSY },
    { ERROR_NOT_ENOUGH_MEMORY, ENOMEM },
    { ERROR_OUTOFMEMORY, ENOMEM },
    { ERROR_DISK_FULL, ENOSPC },
    { ERROR_HANDLE_DISK_FULL, ENOSPC },
    { ERROR_TOO_MANY_OPEN_FILES, EMFILE },
    { ERROR_FILENAME_EXCED_RANGE, ENAMETOOLONG },
    { ERROR_INVALID_HANDLE, EBADF },
    { ERROR_FILE_EXISTS, EEXIST },
    { ERROR_ALREADY_EXISTS, EEXIST },
    { ERROR_BAD_EXE_FORMAT, ENOEXEC },
    { ERROR_DIRECTORY, ENOTDIR },
};

int rs_win_errno(DWORD error)
{
    for (size_t i = 0; i < RS_COUNT(errors); i++)
        if (errors[i].system == error)
            return errors[i].posix;
    return EIO;
}

/* What the C runtime has no text for. */
static const struct {
    int error;
    const char *text;
} texts[] = {
    { EADDRINUSE, "Address already in use" },
    { EADDRNOTAVAIL, "Cannot assign requested address" },
    { EAFNOSUPPORT, "Address family not supported by protocol" },
    { EALREADY, "Operation already in progress" },
    { ECONNABORTED, "Software caused connection abort" },
    { ECONNREFUSED, "Connection refused" },
    { ECONNRESET, "Connection reset by peer" },
    { EHOSTUNREACH, "No route to host" },
    { EINPROGRESS, "Operation now in progress" },
    { EISCONN, "Transport endpoint is already connected" },
    { EMSGSIZE, "Message too long" },
    { ENETDOWN, "Network is down" },
    { ENETRESET, "Network dropped connection on reset" },
    { ENETUNREACH, "Network is unreachable" },
    { ENOBUFS, "No buffer space available" },
    { ENOTCONN, "Transport endpoint is not connected" },
    { ENOTSOCK, "Socket operation on non-socket" },
    { ETIMEDOUT, "Connection timed out" },
    { EWOULDBLOCK, "Resource temporarily unavailable" },
};

void rs_os_error_text(int error, struct rs_buf *out)
{
    char text[256];

    for (size_t i = 0; i < RS_COUNT(texts); i++) {
        if (texts[i].error == error) {
            rs_buf_adds(out, texts[i].text);
            return;
        }
    }
    if (strerror_s(text, sizeof text, error) == 0)
        rs_buf_adds(out, text);
}

/* ---- clocks ---- */

int64_t rs_now_ms(void)
{
    LARGE_INTEGER now, per_s;

    QueryPerformanceCounter(&now);
    QueryPerformanceFrequency(&per_s);
    return now.QuadPart / per_s.QuadPart * 1000 +
           now.QuadPart % per_s.QuadPart * 1000 / per_s.QuadPart;
}

static int64_t of_filetime(FILETIME time)
{
    return ((int64_t)time.dwHighDateTime << 32 | time.dwLowDateTime) - FILETIME_1970;
}

int64_t rs_utc_us(void)
{
    FILETIME now;

    GetSystemTimeAsFileTime(&now);
    return of_filetime(now) / FILETIME_PER_US;
}

struct rs_utc_time rs_local_split(int64_t utc_s)
{
    int64_t ticks = utc_s * 1000000 * FILETIME_PER_US + FILETIME_1970;
    FILETIME time = { (DWORD)ticks, (DWORD)(ticks >> 32) };
    SYSTEMTIME utc, local;

    if (!FileTimeToSystemTime(&time, &utc) || !SystemTimeToTzSpecificLocalTime(NULL, &utc, &local))
        return rs_utc_split(utc_s);
    return (struct rs_utc_time){ local.wYear, local.wMonth,  local.wDay,
                                 local.wHour, local.wMinute, local.wSecond };
}

void rs_sleep_ms(int64_t ms)
{
    while (ms > 0) {
        DWORD part = ms > 86400000 ? 86400000 : (DWORD)ms;

        Sleep(part);
        ms -= part;
    }
}

/* ---- process and environment ---- */

/* A value once asked for stays where it is, since callers keep it; a changed one gets a place of
 * its own. */
struct variable {
    struct variable *next;
    char *name, *value;
};
static struct rs_mutex env_lock = RS_MUTEX_INIT;
static struct variable *env;

/* The value in UTF-8; NULL: unset, or not to be had. */
static char *read_variable(const char *name)
{
    wchar_t *wide_name = rs_win_wide(name), *wide = NULL;
    struct rs_buf text = RS_BUF_WIPED(MAX_NAME_UNITS * 3);
    DWORD units, got;
    char *value = NULL;

    units = wide_name != NULL ? GetEnvironmentVariableW(wide_name, NULL, 0) : 0;
    if (units > 1)
        wide = rs_alloc(units, sizeof *wide, NULL);
    if (wide != NULL) {
        got = GetEnvironmentVariableW(wide_name, wide, units);
        if (got > 0 && got < units && rs_win_add(&text, wide, got))
            value = rs_str_dup(rs_buf_str(&text), NULL);
    }
    rs_free(wide);
    rs_free(wide_name);
    rs_buf_clear(&text);
    return value;
}

static const char *keep_variable(const char *name, char *value)
{
    struct variable *v;

    for (v = env; v != NULL; v = v->next) {
        if (strcmp(v->name, name) == 0 && strcmp(v->value, value) == 0) {
            rs_free(value);
            return v->value;
        }
    }
    v = rs_new(struct variable, NULL);
    if (v != NULL)
        v->name = rs_str_dup(rs_str_of(name), NULL);
    if (v == NULL || v->name == NULL) {
        rs_free(v);
        rs_free(value);
        return NULL;
    }
    v->value = value;
    v->next = env;
    env = v;
    return value;
}

const char *rs_env(const char *name)
{
    char *value = read_variable(name);
    const char *kept = NULL;

    if (value == NULL)
        return NULL;
    rs_lock(&env_lock);
    kept = keep_variable(name, value);
    rs_unlock(&env_lock);
    return kept;
}

void rs_win_forget_env(void)
{
    while (env != NULL) {
        struct variable *v = env;

        env = v->next;
        rs_free(v->name);
        SecureZeroMemory(v->value, strlen(v->value));
        rs_free(v->value);
        rs_free(v);
    }
}

/* A program with rights of its own has an environment of its own here, too. */
bool rs_os_is_elevated(void)
{
    return false;
}

int64_t rs_os_pid(void)
{
    return (int64_t)GetCurrentProcessId();
}

/* A number made of the user's SID: equal for the same user, and that is all that is asked of it. */
int64_t rs_os_user(void)
{
    union {
        TOKEN_USER user;
        unsigned char bytes[sizeof(TOKEN_USER) + SECURITY_MAX_SID_SIZE];
    } info;
    HANDLE token;
    DWORD size = 0;
    uint64_t hash = 0xcbf29ce484222325U; /* FNV-1a */

    if (!OpenThreadToken(GetCurrentThread(), TOKEN_QUERY, TRUE, &token) &&
        !OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token))
        return 0;
    if (GetTokenInformation(token, TokenUser, &info, sizeof info, &size)) {
        const unsigned char *sid = info.user.User.Sid;

        for (DWORD i = 0; i < GetLengthSid(info.user.User.Sid); i++)
            hash = (hash ^ sid[i]) * 0x100000001b3U;
    }
    CloseHandle(token);
    return (int64_t)(hash >> 1);
}

void rs_os_at_fork(void (*before)(void), void (*in_parent)(void), void (*in_child)(void))
{
    (void)before; /* a process has no copies here */
    (void)in_parent;
    (void)in_child;
}

bool rs_os_home(struct rs_buf *out)
{
    const char *home = rs_env(RS_HOME_VARIABLE);

    rs_buf_adds(out, home != NULL ? home : "");
    return !out->bad && home != NULL;
}

static bool add_module_path(HMODULE module, struct rs_buf *out)
{
    wchar_t *path = rs_alloc(MAX_NAME_UNITS, sizeof *path, NULL);
    DWORD n = path != NULL ? GetModuleFileNameW(module, path, MAX_NAME_UNITS) : 0;
    bool ok = n > 0 && n < MAX_NAME_UNITS;

    for (DWORD i = 0; ok && i < n; i++)
        if (path[i] == L'\\')
            path[i] = L'/';
    ok = ok && rs_win_add(out, path, n);
    rs_free(path);
    return ok;
}

void rs_os_program(struct rs_buf *out)
{
    struct rs_buf path = RS_BUF_INIT(MAX_NAME_UNITS * 3);
    struct rs_str name;

    if (add_module_path(NULL, &path)) {
        name = rs_buf_str(&path);
        for (size_t i = name.n; i > 0; i--) {
            if (name.p[i - 1] == '/') {
                name = rs_str_sub(name, i, name.n);
                break;
            }
        }
        rs_buf_add(out, name);
    }
    rs_buf_clear(&path);
}

void rs_os_version(struct rs_buf *out)
{
    LONG(WINAPI * get)(OSVERSIONINFOW *) = NULL;
    OSVERSIONINFOW info = { .dwOSVersionInfoSize = sizeof info };
    HMODULE ntdll = GetModuleHandleW(L"ntdll.dll");
    FARPROC found = ntdll != NULL ? GetProcAddress(ntdll, "RtlGetVersion") : NULL;

    if (found == NULL)
        return;
    memcpy(&get, &found, sizeof get);
    if (get(&info) == 0)
        rs_buf_addf(out, "Windows %lu.%lu.%lu x86_64", info.dwMajorVersion, info.dwMinorVersion,
                    info.dwBuildNumber);
}

static const char *library_path;

void rs_os_set_library_path(const char *path)
{
    library_path = path;
}

bool rs_os_library_path(struct rs_buf *out)
{
    static const char anchor = 'a'; /* any address of this library */
    HMODULE module;

    if (library_path != NULL) {
        rs_buf_adds(out, library_path);
        return !out->bad;
    }
    return GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS |
                                  GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
                              (const wchar_t *)&anchor, &module) &&
           add_module_path(module, out);
}
