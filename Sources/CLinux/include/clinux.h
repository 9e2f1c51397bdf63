#ifndef CLINUX_H
#define CLINUX_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// System calls that Swift's Glibc module does not show, because they are newer than the C library's wrappers,
/// variadic, or only macros. Each answers as its man page says: -1 and errno on failure.

/// A number that several threads look at: an atomic load (acquire).
static inline uint64_t clinux_load_acquire(const uint64_t *number) { return __atomic_load_n(number, __ATOMIC_ACQUIRE); }

/// One more (release).
static inline void clinux_add_release(uint64_t *number) { __atomic_fetch_add(number, 1, __ATOMIC_RELEASE); }

/// openat2(2) with RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV.
int clinux_open_beneath(int directory, const char *path, int flags, unsigned int mode);

typedef struct {
    uint32_t mode;
    uint32_t links;
    uint32_t uid;
    uint32_t gid;
    uint64_t size;
    uint64_t inode;
    uint64_t device;
    uint64_t mount;
    int64_t mtime_ns;
    int64_t ctime_ns;
} clinux_status;

/// statx(2) of a name in a directory, the last component not followed; an empty path means the descriptor itself.
int clinux_statx(int directory, const char *path, clinux_status *status);

/// statx(2) with STATX_MNT_ID_UNIQUE: the mount that a descriptor is on, 0 where the kernel is older than that.
int clinux_unique_mount(int descriptor, uint64_t *mount);

/// renameat2(2).
int clinux_rename(int from, const char *from_name, int to, const char *to_name, unsigned int flags);
unsigned int clinux_rename_exchange(void);
unsigned int clinux_rename_noreplace(void);

typedef void clinux_entry(void *context, const char *name, size_t length, uint8_t type);

/// getdents64(2) to the end: calls `body` with every entry but `.` and `..`. The names hold during the call only.
int clinux_each_entry(int directory, clinux_entry *body, void *context);

/// fcntl(2) F_SETLEASE with F_RDLCK, released at once: 0 when nobody has the file open for writing.
int clinux_probe_read_lease(int descriptor);

/// fcntl(2) F_SETLEASE with F_WRLCK, released at once: 0 when no other open file description of it exists.
int clinux_probe_write_lease(int descriptor);

/// sync_file_range(2), SYNC_FILE_RANGE_WRITE over the whole file: a head start, not a guarantee.
int clinux_start_writeback(int descriptor);

/// Gives one descriptor exactly the extended attributes (POSIX ACLs are among them) of another: 1 where that changed
/// any, -1 on failure.
int clinux_copy_xattrs(int from, int to);

/// pthread_setname_np(3) on the calling thread; a name over 15 bytes is refused by it, so cut it before.
void clinux_name_thread(const char *name);

#endif
