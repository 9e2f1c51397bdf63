#define _GNU_SOURCE
#include "cinotifytools.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <inotifytools/inotifytools.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <unistd.h>

#define LIBRARY "libinotifytools.so.0"

// The sanitizers' runtimes refuse RTLD_DEEPBIND: it would bind past their interceptors.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifdef SANITIZED
#define LOAD_FLAGS (RTLD_NOW | RTLD_LOCAL)
#else
#define LOAD_FLAGS (RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND)
#endif

static struct {
    __typeof__(&inotifytools_initialize) initialize;
    __typeof__(&inotifytools_cleanup) cleanup;
    __typeof__(&inotifytools_error) error;
    __typeof__(&inotifytools_watch_file) watch_file;
    __typeof__(&inotifytools_wd_from_filename) wd_from_filename;
    __typeof__(&inotifytools_filename_from_wd) filename_from_wd;
    __typeof__(&inotifytools_remove_watch_by_wd) remove_watch_by_wd;
    __typeof__(&inotifytools_next_events) next_events;
} library;

static int is_loaded;
static char load_detail[256];
static int instance = -1;
/// Above every watch descriptor that the library has met in this instance.
static int next_watch;
/// Whether the calling thread has a working directory of its own.
static int has_own_directory;

static const struct {
    const char *name;
    void *place;
} wanted[] = {
    {"inotifytools_initialize", &library.initialize},
    {"inotifytools_cleanup", &library.cleanup},
    {"inotifytools_error", &library.error},
    {"inotifytools_watch_file", &library.watch_file},
    {"inotifytools_wd_from_filename", &library.wd_from_filename},
    {"inotifytools_filename_from_wd", &library.filename_from_wd},
    {"inotifytools_remove_watch_by_wd", &library.remove_watch_by_wd},
    {"inotifytools_next_events", &library.next_events},
};

// The library's globals that a host is likely to have too. (Its `error` is static, glibc's is a function.)
static const char *const shared_names[] = {"initialized", "verbosity", "collect_stats", "tree_wd", "tree_filename"};

static cinotify_load_result load(void) {
    void *other = dlopen(LIBRARY, RTLD_LAZY | RTLD_NOLOAD);
    if (other) {
        dlclose(other);
        snprintf(load_detail, sizeof load_detail, "%s", LIBRARY);
        return CINOTIFY_LIBRARY_IN_USE;
    }
    void *handle = dlopen(LIBRARY, LOAD_FLAGS);
    if (!handle) {
        const char *reason = dlerror();
        snprintf(load_detail, sizeof load_detail, "%s", reason ? reason : LIBRARY);
        return CINOTIFY_LIBRARY_MISSING;
    }
    for (size_t index = 0; index < sizeof shared_names / sizeof *shared_names; index++) {
        void *global = dlsym(RTLD_DEFAULT, shared_names[index]);
        if (global && global != dlsym(handle, shared_names[index])) {
            snprintf(load_detail, sizeof load_detail, "%s", shared_names[index]);
            dlclose(handle);
            return CINOTIFY_HOST_CLASH;
        }
    }
    for (size_t index = 0; index < sizeof wanted / sizeof *wanted; index++) {
        void *symbol = dlsym(handle, wanted[index].name);
        if (!symbol) {
            snprintf(load_detail, sizeof load_detail, "%s", wanted[index].name);
            dlclose(handle);
            return CINOTIFY_SYMBOL_MISSING;
        }
        memcpy(wanted[index].place, &symbol, sizeof symbol);
    }
    return CINOTIFY_LOADED;
}

cinotify_load_result cinotify_load(char *detail, size_t capacity) {
    // A refusal is not kept: the library may be installed, and who else uses it may let go of it.
    cinotify_load_result result = is_loaded ? CINOTIFY_LOADED : load();
    is_loaded = result == CINOTIFY_LOADED;
    if (capacity > 0) snprintf(detail, capacity, "%s", load_detail);
    return result;
}

// The root folder is always there, and nobody else would watch it for these two.
#define PROBE_MASK (IN_MOVE_SELF | IN_DELETE_SELF)

/// Whether this descriptor is an inotify instance that holds the probe and nothing else.
static int holds_probe(const char *number) {
    char path[64];
    char text[512];
    snprintf(path, sizeof path, "/proc/self/fd/%.16s", number);
    ssize_t length = readlink(path, text, sizeof text - 1);
    if (length < 0) return 0;
    text[length] = 0;
    if (strcmp(text, "anon_inode:inotify") != 0) return 0;

    snprintf(path, sizeof path, "/proc/self/fdinfo/%.16s", number);
    FILE *information = fopen(path, "re");
    if (!information) return 0;
    int watches = 0;
    int matching = 0;
    while (fgets(text, sizeof text, information)) {
        unsigned int watch, mask;
        unsigned long inode, device;
        if (sscanf(text, "inotify wd:%x ino:%lx sdev:%lx mask:%x", &watch, &inode, &device, &mask) != 4) continue;
        watches++;
        if ((mask & IN_ALL_EVENTS) == PROBE_MASK) matching++;
    }
    fclose(information);
    return watches == 1 && matching == 1;
}

/// The library has no accessor for its descriptor. Comparing the open descriptors before and after would take another
/// thread's instance for ours when both open one at once; a watch that only ours holds cannot be mistaken.
static int find_instance(void) {
    DIR *folder = opendir("/proc/self/fd");
    if (!folder) return -1;
    int found = -1;
    struct dirent *entry;
    while (found < 0 && (entry = readdir(folder))) {
        if (entry->d_name[0] != '.' && holds_probe(entry->d_name)) found = atoi(entry->d_name);
    }
    closedir(folder);
    return found;
}

int cinotify_initialize(int *descriptor) {
    next_watch = 0;
    if (!library.initialize()) {
        int reason = library.error();
        return reason ? reason : EIO;
    }
    int reason = 0;
    if (library.watch_file("/", PROBE_MASK | IN_ONLYDIR)) {
        instance = find_instance();
        if (instance < 0) reason = ENXIO;
        library.remove_watch_by_wd(library.wd_from_filename("/"));
    } else {
        reason = library.error();
        if (!reason) reason = EIO;
    }
    // next_events puts the descriptor into an fd_set, whose end it would write past.
    if (instance >= FD_SETSIZE) reason = EMFILE;
    if (reason) {
        instance = -1;
        library.cleanup();
        return reason;
    }
    // The library cannot be told to open it so: a child that another thread starts in between inherits it.
    fcntl(instance, F_SETFD, FD_CLOEXEC);
    *descriptor = instance;
    return 0;
}

void cinotify_cleanup(void) {
    instance = -1;
    library.cleanup();
}

uint32_t cinotify_tree_mask(void) {
    return IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO
        | IN_DELETE_SELF | IN_MOVE_SELF;
}

uint32_t cinotify_above_mask(void) { return IN_DELETE | IN_MOVED_FROM; }

void cinotify_use_own_directory(void) { has_own_directory = unshare(CLONE_FS) == 0; }

void cinotify_leave_directory(void) {
    if (has_own_directory && chdir("/") != 0) has_own_directory = 0;
}

/// Whether the library has just made this watch: it forgets none, and had none so high before.
static int is_new(int watch) {
    const char *name = library.filename_from_wd(watch);
    return name && *name;
}

int cinotify_watch(int folder, int above, uint32_t mask, int *watch, int *existed) {
    // By descriptor, so that a symlink or a rename cannot lead elsewhere what has been opened beneath the top. The
    // dot keeps the magic link from being the last component, which IN_DONT_FOLLOW would watch instead of the folder.
    char path[48];
    if (has_own_directory && fchdir(folder) == 0)
        snprintf(path, sizeof path, "%s", above ? ".." : ".");
    else
        snprintf(path, sizeof path, "/proc/self/fd/%d/%s", folder, above ? ".." : ".");
    mask |= IN_ONLYDIR | IN_DONT_FOLLOW;
    *existed = 0;
    if (!library.watch_file(path, (int)(mask | IN_MASK_CREATE))) {
        int reason = library.error();
        if (reason != EEXIST) return reason ? reason : EIO;
        *existed = 1;
    } else if (next_watch > 0 && is_new(next_watch)) {
        // The kernel gives them out in order.
        *watch = next_watch++;
        return 0;
    }
    // The library keeps the descriptor to itself (its lookup by name answers dead ones). Adding to a watch that is
    // there answers which it is; it cannot make a new one, as the open folder keeps its inode and so its watch alive.
    *watch = inotify_add_watch(instance, path, mask | IN_MASK_ADD);
    if (*watch < 0) return errno;
    if (*watch >= next_watch) next_watch = *watch + 1;
    return 0;
}

void cinotify_unwatch(int watch) {
    // Not the library's: it writes to stderr when the kernel was first, and nothing can tell that beforehand.
    inotify_rm_watch(instance, watch);
}

int cinotify_next(cinotify_event *event) {
    // With a timeout of 0, select(2) inside does not wait; with more than one event asked for, it would spin.
    struct inotify_event *raw;
    do {
        raw = library.next_events(0, 1);
    } while (!raw && library.error() == EINTR);
    if (!raw) return 0;
    event->watch = raw->wd;
    event->mask = raw->mask;
    event->name = raw->len ? raw->name : "";
    event->length = raw->len ? strnlen(raw->name, raw->len) : 0;
    return 1;
}

size_t cinotify_waiting(void) {
    int bytes = 0;
    if (ioctl(instance, FIONREAD, &bytes) != 0 || bytes < 0) bytes = 0;
    // Plus what the library's own buffer of 4096 bare events may still hold.
    return (size_t)bytes / sizeof(struct inotify_event) + 4096;
}

int cinotify_make_waker(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }
