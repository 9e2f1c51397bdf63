#include "floors.h"

#include <errno.h>
#include <fcntl.h>
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

struct crawl {
    floor_crawl_result *result;
    floor_declaration body;
    void *context;
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

static int visit(struct crawl *crawl, int folder, bool is_top) {
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
            if (is_top && !strcmp(entry->name, ".prometeu")) continue;
            struct statx status;
            if (statx(folder, entry->name, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &status)) return -errno;
            crawl->result->entries++;
            int failure = 0;
            if (S_ISDIR(status.stx_mode)) {
                int next = openat(folder, entry->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
                if (next < 0) return -errno;
                failure = visit(crawl, next, false);
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
    struct crawl *crawl = malloc(sizeof *crawl);
    if (!crawl) return -ENOMEM;
    crawl->result = result;
    crawl->body = body;
    crawl->context = context;
    int top = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int failure = top < 0 ? -errno : visit(crawl, top, true);
    if (top >= 0) close(top);
    free(crawl);
    return failure;
}
