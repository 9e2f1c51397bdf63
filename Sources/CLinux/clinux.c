#define _GNU_SOURCE
#include "clinux.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

int clinux_open_beneath(int directory, const char *path, int flags, unsigned int mode) {
    struct open_how how = {0};
    how.flags = (uint64_t)(unsigned int)(flags | O_CLOEXEC);
    how.mode = (flags & O_CREAT) ? mode : 0;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV;
    int descriptor;
    // The kernel answers EAGAIN when a rename raced the walk and it could not tell whether ".." escaped.
    do {
        descriptor = (int)syscall(SYS_openat2, directory, path, &how, sizeof how);
    } while (descriptor < 0 && (errno == EINTR || errno == EAGAIN));
    return descriptor;
}

static int64_t nanoseconds(struct statx_timestamp time) {
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

int clinux_statx(int directory, const char *path, clinux_status *status) {
    struct statx raw;
    int flags = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | (path[0] == 0 ? AT_EMPTY_PATH : 0);
    if (statx(directory, path, flags, STATX_BASIC_STATS | STATX_MNT_ID, &raw) != 0) return -1;
    status->mode = raw.stx_mode;
    status->links = raw.stx_nlink;
    status->uid = raw.stx_uid;
    status->gid = raw.stx_gid;
    status->size = raw.stx_size;
    status->inode = raw.stx_ino;
    status->device = ((uint64_t)raw.stx_dev_major << 32) | raw.stx_dev_minor;
    status->mount = raw.stx_mnt_id;
    status->mtime_ns = nanoseconds(raw.stx_mtime);
    status->ctime_ns = nanoseconds(raw.stx_ctime);
    return 0;
}

// Linux 6.8; newer than the headers that this may be built with.
#define CLINUX_STATX_MNT_ID_UNIQUE 0x4000U

int clinux_unique_mount(int descriptor, uint64_t *mount) {
    struct statx raw;
    if (statx(descriptor, "", AT_EMPTY_PATH, CLINUX_STATX_MNT_ID_UNIQUE, &raw) != 0) return -1;
    *mount = raw.stx_mask & CLINUX_STATX_MNT_ID_UNIQUE ? raw.stx_mnt_id : 0;
    return 0;
}

int clinux_rename(int from, const char *from_name, int to, const char *to_name, unsigned int flags) {
    return (int)syscall(SYS_renameat2, from, from_name, to, to_name, flags);
}

unsigned int clinux_rename_exchange(void) { return RENAME_EXCHANGE; }
unsigned int clinux_rename_noreplace(void) { return RENAME_NOREPLACE; }

int clinux_each_entry(int directory, clinux_entry *body, void *context) {
    // On the stack: malloc tidies all of its lists for each block of this size.
    _Alignas(struct dirent64) char buffer[32768];
    while (1) {
        long filled = syscall(SYS_getdents64, directory, buffer, sizeof buffer);
        if (filled <= 0) return (int)filled;
        for (long offset = 0; offset < filled;) {
            const struct dirent64 *entry = (const struct dirent64 *)(buffer + offset);
            offset += entry->d_reclen;
            const char *name = entry->d_name;
            if (name[0] == '.' && (name[1] == 0 || (name[1] == '.' && name[2] == 0))) continue;
            body(context, name, strlen(name), entry->d_type);
        }
    }
}

int clinux_probe_read_lease(int descriptor) {
    if (fcntl(descriptor, F_SETLEASE, F_RDLCK) != 0) return -1;
    return fcntl(descriptor, F_SETLEASE, F_UNLCK);
}

int clinux_probe_write_lease(int descriptor) {
    if (fcntl(descriptor, F_SETLEASE, F_WRLCK) != 0) return -1;
    return fcntl(descriptor, F_SETLEASE, F_UNLCK);
}

int clinux_start_writeback(int descriptor) {
    return sync_file_range(descriptor, 0, 0, SYNC_FILE_RANGE_WRITE);
}

int clinux_copy_xattrs(int from, int to) {
    enum { longest = 65536 };  // XATTR_LIST_MAX and XATTR_SIZE_MAX
    ssize_t wanted = flistxattr(from, NULL, 0), present = flistxattr(to, NULL, 0);
    if (wanted < 0 || present < 0) return errno == ENOTSUP ? 0 : -1;
    if (wanted == 0 && present == 0) return 0;
    char *names = malloc(longest), *value = malloc(longest), *old = malloc(longest);
    int result = names && value && old ? 0 : -1;
    ssize_t length = result == 0 ? flistxattr(to, names, longest) : 0;
    for (const char *name = names; result >= 0 && length > 0 && name < names + length; name += strlen(name) + 1) {
        if (fgetxattr(from, name, NULL, 0) >= 0 || errno != ENODATA) continue;
        if (fremovexattr(to, name) == 0) result = 1;
        else if (errno != ENODATA) result = -1;
    }
    length = result >= 0 ? flistxattr(from, names, longest) : 0;
    for (const char *name = names; result >= 0 && length > 0 && name < names + length; name += strlen(name) + 1) {
        ssize_t size = fgetxattr(from, name, value, longest);
        if (size < 0) {
            if (errno != ENODATA) result = -1;
        } else if (fgetxattr(to, name, old, longest) != size || memcmp(old, value, (size_t)size) != 0) {
            if (fsetxattr(to, name, value, (size_t)size, 0) == 0) result = 1;
            else if (errno != ENOTSUP) result = -1;
        }
    }
    free(names);
    free(value);
    free(old);
    return result;
}

void clinux_name_thread(const char *name) {
    pthread_setname_np(pthread_self(), name);
}
