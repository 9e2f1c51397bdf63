#include "floors.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

struct entry {
    uint64_t inode;
    int64_t offset;
    uint16_t length;
    uint8_t type;
    char name[];
};

enum { most_shared = 1 << 16, shared_levels = 2 };

/// Folders that wait for either of two threads.
struct shared {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    /// The rest under `mutex`.
    int folders[most_shared], levels[most_shared], count, visiting, failure;
};

struct crawl {
    floor_crawl_result *result;
    floor_declaration body;
    void *context;
    /// NULL for one thread.
    struct shared *shared;
    uint8_t bytes[1 << 20];
};

static int read_declaration(struct crawl *crawl, int folder, const char *name) {
    int file = openat(folder, name, O_RDONLY | O_CLOEXEC);
    if (file < 0) return -errno;
    ssize_t count = read(file, crawl->bytes, sizeof crawl->bytes);
    int failure = count < 0 ? -errno : 0;
    close(file);
    if (failure) return failure;
    crawl->result->declarations++;
    crawl->result->declaration_bytes += count;
    if (crawl->body) crawl->body(crawl->context, crawl->bytes, (size_t)count);
    return 0;
}

/// Whether another thread may take the folder.
static bool share(struct crawl *crawl, int folder, int level) {
    struct shared *shared = crawl->shared;
    if (!shared || level > shared_levels) return false;
    pthread_mutex_lock(&shared->mutex);
    bool has_room = shared->count < most_shared;
    if (has_room) {
        shared->folders[shared->count] = folder;
        shared->levels[shared->count++] = level;
        pthread_cond_signal(&shared->changed);
    }
    pthread_mutex_unlock(&shared->mutex);
    return has_room;
}

static int visit(struct crawl *crawl, int folder, int level) {
    char buffer[32768];
    crawl->result->folders++;
    while (true) {
        long filled = syscall(SYS_getdents64, folder, buffer, sizeof buffer);
        if (filled < 0) return -errno;
        if (filled == 0) return 0;
        for (long offset = 0; offset < filled;) {
            struct entry *entry = (struct entry *)(buffer + offset);
            offset += entry->length;
            if (!strcmp(entry->name, ".") || !strcmp(entry->name, "..")) continue;
            if (level == 0 && !strcmp(entry->name, ".prometeu")) continue;
            struct statx status;
            if (statx(folder, entry->name, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &status)) return -errno;
            crawl->result->entries++;
            int failure = 0;
            if (S_ISDIR(status.stx_mode)) {
                int next = openat(folder, entry->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
                if (next < 0) return -errno;
                if (share(crawl, next, level + 1)) continue;
                failure = visit(crawl, next, level + 1);
                close(next);
            } else if (!strcmp(entry->name, "asset.json")) {
                failure = read_declaration(crawl, folder, entry->name);
            }
            if (failure) return failure;
        }
    }
}

int floor_crawl(const char *path, floor_crawl_result *result, floor_declaration body, void *context) {
    *result = (floor_crawl_result){0};
    struct crawl *crawl = calloc(1, sizeof *crawl);
    if (!crawl) return -ENOMEM;
    crawl->result = result;
    crawl->body = body;
    crawl->context = context;
    int top = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int failure = top < 0 ? -errno : visit(crawl, top, 0);
    if (top >= 0) close(top);
    free(crawl);
    return failure;
}

static void *visit_shared(void *argument) {
    struct crawl *crawl = argument;
    struct shared *shared = crawl->shared;
    pthread_mutex_lock(&shared->mutex);
    while (true) {
        while (shared->count == 0 && shared->visiting > 0) pthread_cond_wait(&shared->changed, &shared->mutex);
        if (shared->count == 0) break;
        shared->count--;
        shared->visiting++;
        int folder = shared->folders[shared->count], level = shared->levels[shared->count];
        pthread_mutex_unlock(&shared->mutex);
        int failure = visit(crawl, folder, level);
        close(folder);
        pthread_mutex_lock(&shared->mutex);
        shared->visiting--;
        if (failure) shared->failure = failure;
        if (shared->visiting == 0) pthread_cond_broadcast(&shared->changed);
    }
    pthread_mutex_unlock(&shared->mutex);
    return NULL;
}

int floor_crawl_side_by_side(const char *path, floor_crawl_result *result) {
    floor_crawl_result results[2] = {0};
    struct shared *shared = calloc(1, sizeof *shared);
    struct crawl *crawls = calloc(2, sizeof *crawls);
    pthread_t threads[2];
    pthread_mutex_init(&shared->mutex, NULL);
    pthread_cond_init(&shared->changed, NULL);
    int top = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int failure = top < 0 ? -errno : 0;
    if (!failure) {
        shared->folders[shared->count++] = top;
        for (int index = 0; index < 2; index++) {
            crawls[index].result = &results[index];
            crawls[index].shared = shared;
            pthread_create(&threads[index], NULL, visit_shared, &crawls[index]);
        }
        for (int index = 0; index < 2; index++) pthread_join(threads[index], NULL);
        failure = shared->failure;
    }
    *result = (floor_crawl_result){
        .folders = results[0].folders + results[1].folders,
        .entries = results[0].entries + results[1].entries,
        .declarations = results[0].declarations + results[1].declarations,
        .declaration_bytes = results[0].declaration_bytes + results[1].declaration_bytes,
    };
    pthread_cond_destroy(&shared->changed);
    pthread_mutex_destroy(&shared->mutex);
    free(crawls);
    free(shared);
    return failure;
}
