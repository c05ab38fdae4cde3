/* Counts the calls by which this process changes files below one folder. The n-th can be made to fail, or to be the
   last thing that the process does. Loaded before libc's own functions (LD_PRELOAD), so that SQLite's and FAISS's calls
   are seen as Python's are. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { COUNT, KILL_BEFORE, KILL_AFTER, KILL_HALFWAY, FAIL_ONCE, FAIL_FROM_THEN_ON };

static char root[4096];
static long at, count;
static int mode, code;
static char names[1 << 18];

void fire_arm(const char *folder, long number, int what, int error) {
    snprintf(root, sizeof root, "%s", folder);
    count = 0, names[0] = 0, at = number, mode = what, code = error;
}

long fire_count(void) { return count; }
const char *fire_names(void) { return names; }

static void end(void) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

static int below(const char *path) {
    size_t length = strlen(root);
    return length && path && !strncmp(path, root, length);
}

static int is_below(int fd) {
    char link[64], path[4096];
    if (!root[0]) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return below(path);
}

static int is_below_at(int folder, const char *path) {
    return path && path[0] == '/' ? below(path) : folder != AT_FDCWD && is_below(folder);
}

/* 0: go on. 1: fail. 2: this is the call to be killed after. 3: halfway. */
static int tick(const char *name, int concerned) {
    if (!concerned) return 0;
    count++;
    int now = count == at;
    size_t used = strlen(names);
    if (mode == COUNT && used + strlen(name) + 2 < sizeof names) snprintf(names + used, sizeof names - used, "%s ", name);
    if (now && mode == KILL_BEFORE) end();
    if (now && mode == KILL_AFTER) return 2;
    if (now && mode == KILL_HALFWAY) return 3;
    if ((now && mode == FAIL_ONCE) || (at && count >= at && mode == FAIL_FROM_THEN_ON)) {
        errno = code;
        return 1;
    }
    return 0;
}

#define REAL(type, name, ...) static type (*real)(__VA_ARGS__); if (!real) real = dlsym(RTLD_NEXT, #name)
#define DONE(what, found) do { if ((what) >= 2) end(); return found; } while (0)

#define OPEN(name)                                                                     \
    int name(const char *path, int flags, ...) {                                       \
        REAL(int, name, const char *, int, ...);                                       \
        va_list list;                                                                  \
        va_start(list, flags);                                                         \
        mode_t rights = va_arg(list, mode_t);                                          \
        va_end(list);                                                                  \
        int what = tick("open", (flags & (O_CREAT | O_TRUNC)) && below(path));         \
        if (what == 1) return -1;                                                      \
        int found = real(path, flags, rights);                                         \
        DONE(what, found);                                                             \
    }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                                                   \
    int name(int folder, const char *path, int flags, ...) {                           \
        REAL(int, name, int, const char *, int, ...);                                  \
        va_list list;                                                                  \
        va_start(list, flags);                                                         \
        mode_t rights = va_arg(list, mode_t);                                          \
        va_end(list);                                                                  \
        int what = tick("open", (flags & (O_CREAT | O_TRUNC)) && is_below_at(folder, path)); \
        if (what == 1) return -1;                                                      \
        int found = real(folder, path, flags, rights);                                 \
        DONE(what, found);                                                             \
    }
OPENAT(openat)
OPENAT(openat64)

#define FOPEN(name)                                                                    \
    FILE *name(const char *path, const char *how) {                                    \
        REAL(FILE *, name, const char *, const char *);                                \
        int what = tick("fopen", strpbrk(how, "wa+") && below(path));                  \
        if (what == 1) return NULL;                                                    \
        FILE *found = real(path, how);                                                 \
        DONE(what, found);                                                             \
    }
FOPEN(fopen)
FOPEN(fopen64)

ssize_t write(int fd, const void *data, size_t size) {
    REAL(ssize_t, write, int, const void *, size_t);
    int what = tick("write", is_below(fd));
    if (what == 1) return -1;
    ssize_t found = real(fd, data, what == 3 ? size / 2 : size);
    DONE(what, found);
}

#define PWRITE(name)                                                                   \
    ssize_t name(int fd, const void *data, size_t size, off_t where) {                 \
        REAL(ssize_t, name, int, const void *, size_t, off_t);                         \
        int what = tick("pwrite", is_below(fd));                                       \
        if (what == 1) return -1;                                                      \
        ssize_t found = real(fd, data, what == 3 ? size / 2 : size, where);            \
        DONE(what, found);                                                             \
    }
PWRITE(pwrite)
PWRITE(pwrite64)

size_t fwrite(const void *data, size_t size, size_t number, FILE *file) {
    REAL(size_t, fwrite, const void *, size_t, size_t, FILE *);
    int what = tick("fwrite", is_below(fileno(file)));
    if (what == 1) return 0;
    size_t found = real(data, size, what == 3 ? number / 2 : number, file);
    if (what == 3) fflush(file);
    DONE(what, found);
}

int fclose(FILE *file) {
    REAL(int, fclose, FILE *);
    int what = tick("fclose", is_below(fileno(file)));
    if (what == 1) __fpurge(file);
    int found = real(file);
    if (what == 1) {
        errno = code;
        return EOF;
    }
    DONE(what, found);
}

#define ON_FILE(name)                                                                  \
    int name(int fd) {                                                                 \
        REAL(int, name, int);                                                          \
        int what = tick(#name, is_below(fd));                                          \
        if (what == 1) return -1;                                                      \
        int found = real(fd);                                                          \
        DONE(what, found);                                                             \
    }
ON_FILE(fsync)
ON_FILE(fdatasync)

#define ON_SIZE(name)                                                                  \
    int name(int fd, off_t size) {                                                     \
        REAL(int, name, int, off_t);                                                   \
        int what = tick("ftruncate", is_below(fd));                                    \
        if (what == 1) return -1;                                                      \
        int found = real(fd, size);                                                    \
        DONE(what, found);                                                             \
    }
ON_SIZE(ftruncate)
ON_SIZE(ftruncate64)

#define ON_PATH(name)                                                                  \
    int name(const char *path) {                                                       \
        REAL(int, name, const char *);                                                 \
        int what = tick(#name, below(path));                                           \
        if (what == 1) return -1;                                                      \
        int found = real(path);                                                        \
        DONE(what, found);                                                             \
    }
ON_PATH(unlink)
ON_PATH(rmdir)

int unlinkat(int folder, const char *path, int flags) {
    REAL(int, unlinkat, int, const char *, int);
    int what = tick(flags & AT_REMOVEDIR ? "rmdir" : "unlink", is_below_at(folder, path));
    if (what == 1) return -1;
    int found = real(folder, path, flags);
    DONE(what, found);
}

int rename(const char *from, const char *to) {
    REAL(int, rename, const char *, const char *);
    int what = tick("rename", below(from) || below(to));
    if (what == 1) return -1;
    int found = real(from, to);
    DONE(what, found);
}

int mkdir(const char *path, mode_t rights) {
    REAL(int, mkdir, const char *, mode_t);
    int what = tick("mkdir", below(path));
    if (what == 1) return -1;
    int found = real(path, rights);
    DONE(what, found);
}

int chmod(const char *path, mode_t rights) {
    REAL(int, chmod, const char *, mode_t);
    int what = tick("chmod", below(path));
    if (what == 1) return -1;
    int found = real(path, rights);
    DONE(what, found);
}
