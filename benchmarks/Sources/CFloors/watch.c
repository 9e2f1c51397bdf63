#include "floors.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

struct floor_watch {
    int events, stop;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    /// Under `mutex`: when the last event was read.
    uint64_t seen;
};

enum { mask = IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB | IN_CREATE | IN_DELETE | IN_MOVE | IN_DELETE_SELF | IN_MOVE_SELF };

static int watch_beneath(floor_watch *watch, const char *path, int64_t *watches) {
    if (inotify_add_watch(watch->events, path, mask) < 0) return -errno;
    (*watches)++;
    DIR *folder = opendir(path);
    if (!folder) return -errno;
    int failure = 0;
    for (struct dirent *entry; !failure && (entry = readdir(folder));) {
        if (entry->d_type != DT_DIR || !strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
        char below[PATH_MAX];
        if (snprintf(below, sizeof below, "%s/%s", path, entry->d_name) >= (int)sizeof below) failure = -ENAMETOOLONG;
        if (!failure) failure = watch_beneath(watch, below, watches);
    }
    closedir(folder);
    return failure;
}

static void *read_events(void *argument) {
    floor_watch *watch = argument;
    char buffer[65536];
    while (true) {
        struct pollfd polled[2] = {{watch->events, POLLIN, 0}, {watch->stop, POLLIN, 0}};
        if (poll(polled, 2, -1) < 0) continue;
        if (polled[1].revents) return NULL;
        if (read(watch->events, buffer, sizeof buffer) <= 0) continue;
        uint64_t now = floor_now();
        pthread_mutex_lock(&watch->mutex);
        watch->seen = now;
        pthread_cond_broadcast(&watch->changed);
        pthread_mutex_unlock(&watch->mutex);
    }
}

floor_watch *floor_watch_open(const char *path, int64_t *watches) {
    floor_watch *watch = calloc(1, sizeof *watch);
    *watches = 0;
    watch->events = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    watch->stop = eventfd(0, EFD_CLOEXEC);
    pthread_mutex_init(&watch->mutex, NULL);
    pthread_cond_init(&watch->changed, NULL);
    if (watch->events < 0 || watch->stop < 0 || watch_beneath(watch, path, watches) ||
        pthread_create(&watch->thread, NULL, read_events, watch)) {
        close(watch->events);
        close(watch->stop);
        free(watch);
        return NULL;
    }
    return watch;
}

int64_t floor_foreign_write(const char *file, const void *bytes, size_t count) {
    int descriptor = open(file, O_WRONLY | O_CLOEXEC);
    if (descriptor < 0) return -errno;
    uint64_t before = floor_now();
    ssize_t written = pwrite(descriptor, bytes, count, 0);
    int failure = written < 0 ? -errno : 0;
    close(descriptor);
    return failure ? failure : (int64_t)before;
}

int64_t floor_watch_latency(floor_watch *watch, const char *file, const void *bytes, size_t count) {
    int64_t before = floor_foreign_write(file, bytes, count);
    if (before < 0) return before;
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec++;
    pthread_mutex_lock(&watch->mutex);
    int failure = 0;
    while (!failure && watch->seen < (uint64_t)before)
        failure = pthread_cond_timedwait(&watch->changed, &watch->mutex, &until);
    int64_t latency = failure ? -failure : (int64_t)watch->seen - before;
    pthread_mutex_unlock(&watch->mutex);
    return latency;
}

void floor_watch_close(floor_watch *watch) {
    uint64_t one = 1;
    if (write(watch->stop, &one, sizeof one) == sizeof one) pthread_join(watch->thread, NULL);
    close(watch->events);
    close(watch->stop);
    pthread_cond_destroy(&watch->changed);
    pthread_mutex_destroy(&watch->mutex);
    free(watch);
}
