/* Keeps beside a database what would be left of it after a power cut: only bytes that were synced. Loaded into the server
 * with LD_PRELOAD by `tests/kill-nine --power-cut`. POWER_CUT_FILE is the database; the copy is in POWER_CUT_COPY.
 *
 * Each write is noted, and copied when its file is synced. Creation and removal of files count as synced at once. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_FD 4096
#define MAX_RANGES 65536

struct range { off_t from, to; };
struct file { ino_t inode; char name[64]; struct range *ranges; int count; };

static struct file files[64];
static int file_count;
static int by_fd[MAX_FD]; /* index in `files` plus one; 0 for other files */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/* The part of the name after that of the database, such as "-wal"; NULL for other files and those not kept. */
static const char *part(const char *path) {
    const char *database = getenv("POWER_CUT_FILE");
    size_t length = database ? strlen(database) : 0;
    if (!length || strncmp(path, database, length)) return NULL;
    const char *rest = path + length;
    return !*rest || !strcmp(rest, "-wal") || !strcmp(rest, "-journal") ? rest : NULL;
}

static void copy_path(char *to, const char *rest) {
    snprintf(to, PATH_MAX, "%s%s", getenv("POWER_CUT_COPY"), rest);
}

static void note_open(int fd, const char *path) {
    char full[PATH_MAX];
    struct stat status;
    if (fd < 0 || fd >= MAX_FD || !realpath(path, full)) return;
    const char *rest = part(full);
    by_fd[fd] = 0;
    if (!rest || fstat(fd, &status)) return;
    pthread_mutex_lock(&lock);
    int index = 0;
    while (index < file_count && files[index].inode != status.st_ino) index++;
    if (index == file_count) {
        if (file_count == 64) abort();
        file_count++;
        files[index].inode = status.st_ino;
        files[index].ranges = calloc(MAX_RANGES, sizeof(struct range));
        snprintf(files[index].name, sizeof files[index].name, "%s", rest);
    }
    by_fd[fd] = index + 1;
    pthread_mutex_unlock(&lock);
}

static void note_write(int fd, off_t from, ssize_t length) {
    if (fd < 0 || fd >= MAX_FD || !by_fd[fd] || length <= 0) return;
    pthread_mutex_lock(&lock);
    struct file *file = &files[by_fd[fd] - 1];
    struct range *last = file->count ? &file->ranges[file->count - 1] : NULL;
    if (last && last->to == from) {
        last->to += length;
    } else {
        if (file->count == MAX_RANGES) abort();
        file->ranges[file->count++] = (struct range){from, from + length};
    }
    pthread_mutex_unlock(&lock);
}

static void note_sync(int fd) {
    static char buffer[1 << 16];
    char to[PATH_MAX];
    struct stat status;
    if (fd < 0 || fd >= MAX_FD || !by_fd[fd] || fstat(fd, &status)) return;
    pthread_mutex_lock(&lock);
    struct file *file = &files[by_fd[fd] - 1];
    copy_path(to, file->name);
    int copy = REAL(open)(to, O_RDWR | O_CREAT, 0644);
    if (copy < 0) abort();
    for (int index = 0; index < file->count; index++) {
        struct range range = file->ranges[index];
        while (range.from < range.to) {
            size_t wanted = range.to - range.from < (off_t)sizeof buffer ? range.to - range.from : sizeof buffer;
            ssize_t got = pread(fd, buffer, wanted, range.from);
            if (got <= 0) break; /* truncated since */
            if (REAL(pwrite)(copy, buffer, got, range.from) != got) abort();
            range.from += got;
        }
    }
    file->count = 0;
    if (ftruncate(copy, status.st_size)) abort();
    close(copy);
    pthread_mutex_unlock(&lock);
}

static int opened(int fd, const char *path) {
    if (fd >= 0) note_open(fd, path);
    return fd;
}

#define OPENING(name) \
    int name(const char *path, int flags, ...) { \
        va_list more; va_start(more, flags); mode_t mode = va_arg(more, mode_t); va_end(more); \
        return opened(REAL(name)(path, flags, mode), path); \
    }
OPENING(open)
OPENING(open64)

ssize_t write(int fd, const void *bytes, size_t length) {
    off_t from = fd < MAX_FD && fd >= 0 && by_fd[fd] ? lseek(fd, 0, SEEK_CUR) : 0;
    ssize_t written = REAL(write)(fd, bytes, length);
    note_write(fd, from, written);
    return written;
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t from) {
    ssize_t written = REAL(pwrite)(fd, bytes, length, from);
    note_write(fd, from, written);
    return written;
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t from) {
    ssize_t written = REAL(pwrite64)(fd, bytes, length, from);
    note_write(fd, from, written);
    return written;
}

int close(int fd) {
    if (fd >= 0 && fd < MAX_FD) by_fd[fd] = 0;
    return REAL(close)(fd);
}

int fsync(int fd) {
    int result = REAL(fsync)(fd);
    if (!result) note_sync(fd);
    return result;
}

int fdatasync(int fd) {
    int result = REAL(fdatasync)(fd);
    if (!result) note_sync(fd);
    return result;
}

int unlink(const char *path) {
    char full[PATH_MAX], to[PATH_MAX];
    const char *rest = realpath(path, full) ? part(full) : NULL;
    if (rest) {
        copy_path(to, rest);
        REAL(unlink)(to);
    }
    return REAL(unlink)(path);
}
