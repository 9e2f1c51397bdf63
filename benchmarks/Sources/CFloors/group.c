#include "floors.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { helpers = 15, journal_bytes = 1 << 20, largest = 65536 };

struct floor_group {
    int folder, journal, files, together;
    off_t end;
    uint64_t number;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    pthread_t threads[helpers];
    /// The rest under `mutex`: what is to be flushed, and how far that is.
    int *jobs;
    int next, count, pending, failure;
    bool is_ending;
};

static int flush_next(floor_group *group) {
    int job = group->jobs[group->next++];
    pthread_mutex_unlock(&group->mutex);
    int failure = fdatasync(job) ? -errno : 0;
    pthread_mutex_lock(&group->mutex);
    if (failure) group->failure = failure;
    if (--group->pending == 0) pthread_cond_broadcast(&group->changed);
    return failure;
}

static void *help(void *argument) {
    floor_group *group = argument;
    pthread_mutex_lock(&group->mutex);
    while (!group->is_ending) {
        if (group->next < group->count)
            flush_next(group);
        else
            pthread_cond_wait(&group->changed, &group->mutex);
    }
    pthread_mutex_unlock(&group->mutex);
    return NULL;
}

/// By this thread and the helpers.
static int flush(floor_group *group, int count) {
    pthread_mutex_lock(&group->mutex);
    group->next = group->failure = 0;
    group->count = group->pending = count;
    pthread_cond_broadcast(&group->changed);
    while (group->next < group->count) flush_next(group);
    while (group->pending > 0) pthread_cond_wait(&group->changed, &group->mutex);
    int failure = group->failure;
    pthread_mutex_unlock(&group->mutex);
    return failure;
}

static int make(int folder, const char *name, size_t size) {
    static const uint8_t zeros[largest];
    int file = openat(folder, name, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (file < 0) return -1;
    for (size_t at = 0; at < size; at += largest)
        if (pwrite(file, zeros, size - at < largest ? size - at : largest, (off_t)at) < 0) return -1;
    if (fsync(file)) return -1;
    return file;
}

floor_group *floor_group_open(const char *folder, int files, int together, const size_t *sizes) {
    floor_group *group = calloc(1, sizeof *group);
    group->files = files;
    group->together = together;
    group->jobs = calloc((size_t)together + 1, sizeof *group->jobs);
    group->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (group->folder < 0 || (group->journal = make(group->folder, "journal", journal_bytes)) < 0) return NULL;
    for (int index = 0; index < 2 * files; index++) {
        char name[32];
        snprintf(name, sizeof name, "%s-%d", index < files ? "place" : "slot", index % files);
        int file = make(group->folder, name, sizes[index % files]);
        if (file < 0) return NULL;
        close(file);
    }
    if (fsync(group->folder)) return NULL;
    pthread_mutex_init(&group->mutex, NULL);
    pthread_cond_init(&group->changed, NULL);
    for (int index = 0; index < helpers; index++) pthread_create(&group->threads[index], NULL, help, group);
    return group;
}

static int run(floor_group *group, int first, int count, const size_t *sizes) {
    uint8_t bytes[largest];
    size_t record = 256;
    group->number++;
    for (size_t index = 0; index < sizeof bytes; index += sizeof group->number)
        memcpy(bytes + index, &group->number, sizeof group->number);
    for (int index = 0; index < count; index++) {
        char name[32];
        snprintf(name, sizeof name, "slot-%d", first + index);
        int file = group->jobs[index] = openat(group->folder, name, O_RDWR | O_CLOEXEC);
        size_t size = sizes[first + index];
        if (file < 0 || pwrite(file, bytes, size, 0) != (ssize_t)size) return -errno;
        sync_file_range(file, 0, 0, SYNC_FILE_RANGE_WRITE);
        record += size + 128;
    }
    if (group->end + (off_t)record > journal_bytes) group->end = 0;
    for (size_t left = record; left > 0;) {
        size_t part = left < largest ? left : largest;
        if (pwrite(group->journal, bytes, part, group->end) != (ssize_t)part) return -errno;
        group->end += (off_t)part;
        left -= part;
    }
    group->jobs[count] = group->journal;
    int failure = flush(group, count + 1);
    for (int index = 0; index < count; index++) {
        char name[32], place[32];
        snprintf(name, sizeof name, "slot-%d", first + index);
        snprintf(place, sizeof place, "place-%d", first + index);
        close(group->jobs[index]);
        if (!failure && renameat2(group->folder, name, group->folder, place, RENAME_EXCHANGE)) failure = -errno;
    }
    return failure;
}

int floor_group_run(floor_group *group, const size_t *sizes) {
    int failure = 0;
    for (int first = 0; !failure && first < group->files; first += group->together) {
        int left = group->files - first;
        failure = run(group, first, left < group->together ? left : group->together, sizes);
    }
    if (!failure && fsync(group->folder)) failure = -errno;
    return failure;
}

void floor_group_close(floor_group *group) {
    pthread_mutex_lock(&group->mutex);
    group->is_ending = true;
    pthread_cond_broadcast(&group->changed);
    pthread_mutex_unlock(&group->mutex);
    for (int index = 0; index < helpers; index++) pthread_join(group->threads[index], NULL);
    pthread_cond_destroy(&group->changed);
    pthread_mutex_destroy(&group->mutex);
    close(group->journal);
    close(group->folder);
    free(group->jobs);
    free(group);
}
