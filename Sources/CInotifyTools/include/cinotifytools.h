#ifndef CINOTIFYTOOLS_H
#define CINOTIFYTOOLS_H

#include <stddef.h>
#include <stdint.h>

/// Debian's libinotifytools, loaded at run time with its symbols kept to itself: it exports globals named
/// `initialized` and `error`, and a linked copy would share them with any host that has the same names.
///
/// The library's state is global to the process and guarded by nothing. Call everything here from one thread at a
/// time, with a happens-before between threads.

typedef enum {
    CINOTIFY_LOADED = 0,
    /// dlopen(3) did not find it or could not bind it.
    CINOTIFY_LIBRARY_MISSING = 1,
    /// It lacks a function of its documented interface.
    CINOTIFY_SYMBOL_MISSING = 2,
    /// The host exports a global with a name of the library's.
    CINOTIFY_HOST_CLASH = 3,
    /// Somebody else in the process has it loaded: its one global state would be shared.
    CINOTIFY_LIBRARY_IN_USE = 4,
} cinotify_load_result;

/// Loads the library once; later calls answer the same. `detail` gets what dlerror(3) said, or the name in question.
cinotify_load_result cinotify_load(char *detail, size_t capacity);

/// Opens the library's inotify instance. 0 and its descriptor (close-on-exec, below 1024), or an errno:
/// EMFILE where the descriptor came out too high for the library's select(2), ENXIO where it could not be found.
int cinotify_initialize(int *descriptor);

/// Closes the instance. Read events until there are none before: what is left in the library's buffer would come up
/// again in the next instance under descriptors that mean something else there.
void cinotify_cleanup(void);

/// Gives the calling thread, which has to be the only one to call `cinotify_watch`, a working directory of its own where
/// the system lets it: a folder is then watched without a walk through /proc.
void cinotify_use_own_directory(void);

/// Goes back to the root folder: a working directory keeps its filesystem from being unmounted.
void cinotify_leave_directory(void);

/// What a watched folder reports.
uint32_t cinotify_tree_mask(void);
/// What the folder that holds a watched tree reports: only that something left it.
uint32_t cinotify_above_mask(void);

/// Watches an open folder, or (`above`) the folder that holds it. 0 with its watch descriptor, or an errno.
/// `existed` says that this inode was watched already; its mask then has grown by `mask`.
int cinotify_watch(int folder, int above, uint32_t mask, int *watch, int *existed);

/// Ends a watch, also one that the kernel has ended before.
void cinotify_unwatch(int watch);

typedef struct {
    int watch;
    uint32_t mask;
    /// Valid until the next call.
    const char *name;
    size_t length;
} cinotify_event;

/// 1 with the next event, 0 when there is none. Never blocks.
int cinotify_next(cinotify_event *event);

/// No more events than this were waiting when it was called.
size_t cinotify_waiting(void);

/// eventfd(2), close-on-exec and non-blocking; -1 and errno.
int cinotify_make_waker(void);

#endif
