// SPDX-License-Identifier: Apache-2.0
// Stands between kefud and the C library (LD_PRELOAD) and does to its disk and its clock what the test says, while it runs:
//   KEFUD_FAULTS_CONTROL  a file of int64: [0] milliseconds added to the wall clock, [1] milliseconds that each sync takes, [2] the errno of each write (0: none)
//   KEFUD_FAULTS_ROOT     the folder that the disk's faults are about
//   KEFUD_FAULTS_LOG      set: every change to a file there is written down, with the syncs, so that power.mjs can say what a power cut would have left
// A record of the log: op (1 byte), length of the path (u32), thread (u32), offset (u64), length of the data (u64), path, data; little-endian.
// SQLite's shared memory (-shm) is left out: it is mapped, and made anew after a crash.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { most_files = 4096, longest_path = 512 };
static char paths[most_files][longest_path]; // of the open files that are watched; empty: none
static volatile int64_t const* control;
static int log_file = -1;
static char root[longest_path];
static pthread_mutex_t order = PTHREAD_MUTEX_INITIALIZER; // a change and its record are one step

#define REAL(result, name, ...) \
    static result (*real)(__VA_ARGS__); \
    if (!real) real = (result(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

__attribute__((constructor)) static void begin(void) {
    char const* const file = getenv("KEFUD_FAULTS_CONTROL");
    char const* const folder = getenv("KEFUD_FAULTS_ROOT");
    char const* const log = getenv("KEFUD_FAULTS_LOG");
    if (!file || !folder) return;
    snprintf(root, sizeof root, "%s/", folder);
    int const fd = (int)syscall(SYS_openat, AT_FDCWD, file, O_RDONLY | O_CLOEXEC);
    void* const page = fd < 0 ? MAP_FAILED : mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
    if (page != MAP_FAILED) control = page;
    if (fd >= 0) syscall(SYS_close, fd);
    if (log) log_file = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static int64_t setting(int which) { return control ? control[which] : 0; }

static int ends_with(char const* text, char const* end) {
    size_t const a = strlen(text), b = strlen(end);
    return a >= b && strcmp(text + a - b, end) == 0;
}

static int is_ours(char const* path) { return root[0] && strncmp(path, root, strlen(root)) == 0 && strlen(path) < longest_path && !ends_with(path, "-shm"); }

static char const* path_of(int fd) { return fd >= 0 && fd < most_files && paths[fd][0] ? paths[fd] : NULL; }

static void note(char op, char const* path, uint64_t offset, void const* data, uint64_t length) {
    if (log_file < 0) return;
    char head[25];
    uint32_t const path_length = (uint32_t)strlen(path), thread = (uint32_t)syscall(SYS_gettid);
    head[0] = op;
    memcpy(head + 1, &path_length, 4);
    memcpy(head + 5, &thread, 4);
    memcpy(head + 9, &offset, 8);
    memcpy(head + 17, &length, 8);
    struct iovec parts[3] = {{head, sizeof head}, {(void*)path, path_length}, {(void*)data, length}};
    if (syscall(SYS_writev, log_file, parts, 3) != (ssize_t)(sizeof head + path_length + length)) abort();
}

static int refused(char const* path) {
    if (!path || !setting(2)) return 0;
    errno = (int)setting(2);
    return 1;
}

// --- the disk -----------------------------------------------------------------------------------------------------------------------------

static int opened(int fd, char const* path, int flags) {
    int const kept = errno;
    if (fd >= 0 && fd < most_files && is_ours(path)) {
        pthread_mutex_lock(&order);
        snprintf(paths[fd], longest_path, "%s", path);
        if (flags & (O_CREAT | O_TRUNC)) note('C', path, (flags & O_TRUNC) != 0, NULL, 0);
        pthread_mutex_unlock(&order);
    }
    errno = kept;
    return fd;
}

#define OPEN(name) \
    int name(char const* path, int flags, ...) { \
        REAL(int, #name, char const*, int, ...); \
        va_list more; \
        va_start(more, flags); \
        mode_t const mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0; \
        va_end(more); \
        int const creates = (flags & O_CREAT) != 0 && access(path, F_OK) != 0; \
        if ((creates || (setting(2) == EROFS && (flags & O_ACCMODE) != O_RDONLY)) && is_ours(path) && refused(path)) return -1; \
        return opened(real(path, flags, mode), path, flags); \
    }
OPEN(open)
OPEN(open64)

int close(int fd) {
    REAL(int, "close", int);
    if (fd >= 0 && fd < most_files) paths[fd][0] = 0;
    return real(fd);
}

static ssize_t written(int fd, char const* path, ssize_t done, void const* data, int64_t offset) {
    int const kept = errno;
    if (done > 0) note('W', path, (uint64_t)(offset < 0 ? lseek(fd, 0, SEEK_CUR) - done : offset), data, (uint64_t)done);
    errno = kept;
    return done;
}

#define WATCHED(call, data, offset) \
    char const* const path = path_of(fd); \
    if (!path) return call; \
    if (refused(path)) return -1; \
    pthread_mutex_lock(&order); \
    ssize_t const done = written(fd, path, call, data, offset); \
    pthread_mutex_unlock(&order); \
    return done

ssize_t write(int fd, void const* data, size_t length) {
    REAL(ssize_t, "write", int, void const*, size_t);
    WATCHED(real(fd, data, length), data, -1);
}

ssize_t pwrite(int fd, void const* data, size_t length, off_t offset) {
    REAL(ssize_t, "pwrite", int, void const*, size_t, off_t);
    WATCHED(real(fd, data, length, offset), data, offset);
}

ssize_t pwrite64(int fd, void const* data, size_t length, off64_t offset) {
    REAL(ssize_t, "pwrite64", int, void const*, size_t, off64_t);
    WATCHED(real(fd, data, length, offset), data, offset);
}

/// As several writes: a short one is allowed.
ssize_t writev(int fd, struct iovec const* parts, int count) {
    REAL(ssize_t, "writev", int, struct iovec const*, int);
    if (!path_of(fd)) return real(fd, parts, count);
    ssize_t total = 0;
    for (int i = 0; i < count; ++i) {
        ssize_t const done = write(fd, parts[i].iov_base, parts[i].iov_len);
        if (done < 0) return total > 0 ? total : done;
        total += done;
        if ((size_t)done < parts[i].iov_len) break;
    }
    return total;
}

static int cut(char const* path, int result, int64_t size) {
    if (result == 0) note('T', path, (uint64_t)size, NULL, 0);
    return result;
}

#define TRUNCATE(name, size_type) \
    int name(int fd, size_type size) { \
        REAL(int, #name, int, size_type); \
        char const* const path = path_of(fd); \
        if (!path) return real(fd, size); \
        if (refused(path)) return -1; \
        pthread_mutex_lock(&order); \
        int const result = cut(path, real(fd, size), size); \
        pthread_mutex_unlock(&order); \
        return result; \
    }
TRUNCATE(ftruncate, off_t)
TRUNCATE(ftruncate64, off64_t)

/// What was written before it began is safe when it has ended.
static int synced(int fd, int (*real)(int)) {
    char const* const path = path_of(fd);
    if (!path) return real(fd);
    if (refused(path)) return -1;
    pthread_mutex_lock(&order);
    note('B', path, 0, NULL, 0);
    pthread_mutex_unlock(&order);
    if (setting(1) > 0) usleep((useconds_t)setting(1) * 1000);
    int const result = real(fd);
    pthread_mutex_lock(&order);
    if (result == 0) note('E', path, 0, NULL, 0);
    pthread_mutex_unlock(&order);
    return result;
}

int fsync(int fd) {
    REAL(int, "fsync", int);
    return synced(fd, real);
}

int fdatasync(int fd) {
    REAL(int, "fdatasync", int);
    return synced(fd, real);
}

int unlink(char const* path) {
    REAL(int, "unlink", char const*);
    if (!is_ours(path)) return real(path);
    if (refused(path)) return -1;
    pthread_mutex_lock(&order);
    int const result = real(path);
    if (result == 0) note('U', path, 0, NULL, 0);
    pthread_mutex_unlock(&order);
    return result;
}

int rename(char const* from, char const* to) {
    REAL(int, "rename", char const*, char const*);
    if (!is_ours(from)) return real(from, to);
    if (refused(from)) return -1;
    pthread_mutex_lock(&order);
    int const result = real(from, to);
    if (result == 0) note('R', from, 0, to, strlen(to));
    pthread_mutex_unlock(&order);
    return result;
}

// --- the clock ----------------------------------------------------------------------------------------------------------------------------

int clock_gettime(clockid_t clock, struct timespec* now) {
    REAL(int, "clock_gettime", clockid_t, struct timespec*);
    int const result = real(clock, now);
    int64_t const shift = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE ? setting(0) : 0;
    if (result != 0 || shift == 0) return result;
    int64_t const nanoseconds = now->tv_nsec + (shift % 1000) * 1000000;
    now->tv_sec += shift / 1000 + (nanoseconds >= 1000000000) - (nanoseconds < 0);
    now->tv_nsec = (nanoseconds + 1000000000) % 1000000000;
    return 0;
}

int gettimeofday(struct timeval* restrict now, void* restrict zone) {
    (void)zone;
    struct timespec time;
    if (clock_gettime(CLOCK_REALTIME, &time) != 0) return -1;
    now->tv_sec = time.tv_sec;
    now->tv_usec = time.tv_nsec / 1000;
    return 0;
}

time_t time(time_t* result) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (result) *result = now.tv_sec;
    return now.tv_sec;
}
