#include "floors.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { most_files = 2, journal_bytes = 1 << 20, largest = 65536 };

struct floor_commit {
    int folder, journal, files;
    /// The first file goes into a folder that is made for it.
    bool makes_folder;
    off_t end;
    uint64_t number;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    pthread_t threads[most_files];
    /// The rest under `mutex`: what each helper flushes, -1 for nothing, -2 for the end.
    int jobs[most_files];
    int pending, failure;
};

struct helper {
    floor_commit *commit;
    int index;
};

static const uint8_t zeros[largest];

static int write_all(int file, const void *bytes, size_t count, off_t offset) {
    while (count > 0) {
        ssize_t written = pwrite(file, bytes, count, offset);
        if (written < 0) return -errno;
        bytes = (const uint8_t *)bytes + written;
        count -= (size_t)written;
        offset += written;
    }
    return 0;
}

static void *help(void *argument) {
    struct helper helper = *(struct helper *)argument;
    free(argument);
    floor_commit *commit = helper.commit;
    pthread_mutex_lock(&commit->mutex);
    while (true) {
        int job = commit->jobs[helper.index];
        if (job == -2) break;
        if (job < 0) {
            pthread_cond_wait(&commit->changed, &commit->mutex);
            continue;
        }
        commit->jobs[helper.index] = -1;
        pthread_mutex_unlock(&commit->mutex);
        int failure = fsync(job) ? -errno : 0;
        pthread_mutex_lock(&commit->mutex);
        if (failure) commit->failure = failure;
        commit->pending--;
        pthread_cond_broadcast(&commit->changed);
    }
    pthread_mutex_unlock(&commit->mutex);
    return NULL;
}

floor_commit *floor_commit_open(const char *folder, int files, bool makes_folder) {
    floor_commit *commit = calloc(1, sizeof *commit);
    commit->files = files;
    commit->makes_folder = makes_folder;
    commit->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    commit->journal = openat(commit->folder, "journal", O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (commit->folder < 0 || commit->journal < 0) {
        free(commit);
        return NULL;
    }
    for (off_t offset = 0; offset < journal_bytes; offset += largest)
        write_all(commit->journal, zeros, largest, offset);
    fsync(commit->journal);
    pthread_mutex_init(&commit->mutex, NULL);
    pthread_cond_init(&commit->changed, NULL);
    for (int index = 0; index < files; index++) {
        commit->jobs[index] = -1;
        struct helper *helper = malloc(sizeof *helper);
        *helper = (struct helper){commit, index};
        pthread_create(&commit->threads[index], NULL, help, helper);
    }
    return commit;
}

int floor_commit_run(floor_commit *commit, const size_t *sizes) {
    uint8_t bytes[largest];
    int staged[most_files], failure = 0;
    size_t record = 256;
    for (int index = 0; index < commit->files; index++) record += sizes[index];
    commit->number++;
    for (size_t index = 0; index < sizeof bytes; index += sizeof commit->number)
        memcpy(bytes + index, &commit->number, sizeof commit->number);
    char made[32];
    snprintf(made, sizeof made, "made-%llu", (unsigned long long)commit->number);
    if (commit->makes_folder && mkdirat(commit->folder, "staged", 0755)) return -errno;
    for (int index = 0; index < commit->files; index++) {
        char name[32];
        snprintf(name, sizeof name, "staged-%d", index);
        staged[index] = openat(commit->folder, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
        if (staged[index] < 0) return -errno;
        if ((failure = write_all(staged[index], bytes, sizes[index], 0))) return failure;
    }
    if (commit->end + (off_t)record > journal_bytes) commit->end = 0;
    if ((failure = write_all(commit->journal, bytes, record, commit->end))) return failure;
    commit->end += (off_t)record;

    pthread_mutex_lock(&commit->mutex);
    commit->pending = commit->files;
    commit->failure = 0;
    for (int index = 0; index < commit->files; index++) commit->jobs[index] = staged[index];
    pthread_cond_broadcast(&commit->changed);
    pthread_mutex_unlock(&commit->mutex);
    if (fdatasync(commit->journal)) failure = -errno;
    pthread_mutex_lock(&commit->mutex);
    while (commit->pending > 0) pthread_cond_wait(&commit->changed, &commit->mutex);
    if (commit->failure) failure = commit->failure;
    pthread_mutex_unlock(&commit->mutex);

    if (!failure && commit->makes_folder && renameat(commit->folder, "staged", commit->folder, made)) failure = -errno;
    for (int index = 0; index < commit->files; index++) {
        char name[32], place[64];
        snprintf(name, sizeof name, "staged-%d", index);
        if (commit->makes_folder && index == 0) snprintf(place, sizeof place, "%s/placed", made);
        else snprintf(place, sizeof place, "placed-%d", index);
        close(staged[index]);
        if (!failure && renameat(commit->folder, name, commit->folder, place)) failure = -errno;
    }
    return failure;
}

void floor_commit_close(floor_commit *commit) {
    pthread_mutex_lock(&commit->mutex);
    for (int index = 0; index < commit->files; index++) commit->jobs[index] = -2;
    pthread_cond_broadcast(&commit->changed);
    pthread_mutex_unlock(&commit->mutex);
    for (int index = 0; index < commit->files; index++) pthread_join(commit->threads[index], NULL);
    pthread_cond_destroy(&commit->changed);
    pthread_mutex_destroy(&commit->mutex);
    close(commit->journal);
    close(commit->folder);
    free(commit);
}

static int write_flushed(int folder, const char *name, const void *bytes, size_t count) {
    int file = openat(folder, name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (file < 0) return -errno;
    int failure = write_all(file, bytes, count, 0);
    if (!failure && fsync(file)) failure = -errno;
    close(file);
    return failure;
}

int floor_careful_commit(const char *path, const size_t *sizes, uint64_t number, bool makes_folder) {
    uint8_t bytes[largest];
    for (size_t index = 0; index < sizeof bytes; index += sizeof number) memcpy(bytes + index, &number, sizeof number);
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) return -errno;
    int failure = write_flushed(folder, "intention", bytes, 256);
    for (int index = 0; !failure && index < 2; index++) {
        char place[64];
        int inner = folder;
        snprintf(place, sizeof place, "careful-%d", index);
        if (makes_folder && index == 0) {
            snprintf(place, sizeof place, "careful-made-%llu", (unsigned long long)number);
            if (mkdirat(folder, place, 0755)) failure = -errno;
            inner = openat(folder, place, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
            strcpy(place, "placed");
        }
        if (!failure) failure = write_flushed(inner, "careful.tmp", bytes, sizes[index]);
        if (!failure && renameat(inner, "careful.tmp", inner, place)) failure = -errno;
        if (!failure && fsync(inner)) failure = -errno;
        if (inner != folder) {
            close(inner);
            if (!failure && fsync(folder)) failure = -errno;
        }
    }
    if (!failure && unlinkat(folder, "intention", 0)) failure = -errno;
    if (!failure && fsync(folder)) failure = -errno;
    close(folder);
    return failure;
}
