#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The least that each journey can cost, in C. Every function answers a negative errno where it fails.

#pragma mark Clock

/// Nanoseconds of CLOCK_MONOTONIC.
uint64_t floor_now(void);
/// Processor time of the whole process, in nanoseconds.
uint64_t floor_process_time(void);
/// How often threads got a processor, and for how many nanoseconds.
typedef struct {
    int64_t turns, time;
} floor_activity;
/// Of every thread there is whose name begins so.
floor_activity floor_activity_of(const char *prefix);
/// The kind of the filesystem there, as statfs(2) names it.
int64_t floor_filesystem(const char *path);

#pragma mark Walking

typedef struct {
    int64_t folders;
    int64_t entries;
    int64_t declarations;
    int64_t declaration_bytes;
} floor_crawl_result;

/// Called with the bytes of each declaration; null where nobody wants them.
typedef void (*floor_declaration)(void *context, const uint8_t *bytes, size_t count);

/// One thread: getdents64 of every folder beneath `path`, statx of every entry, open, read and close of every
/// `asset.json`. `.prometeu` is passed over.
int floor_crawl(const char *path, floor_crawl_result *result, floor_declaration body, void *context);

/// The same on two threads, which share the folders of the upper levels.
int floor_crawl_side_by_side(const char *path, floor_crawl_result *result);

#pragma mark Reading

/// A hash map by open addressing, built once.
typedef struct floor_map floor_map;

/// Keys of 8 bytes.
floor_map *floor_map_numbers(const uint64_t *keys, size_t count);
/// Keys that are strings, `lengths` bytes each; the bytes are copied.
floor_map *floor_map_strings(const char *const *keys, const uint32_t *lengths, size_t count);
void floor_map_free(floor_map *map);

/// An atomic load of the published map, then `count` probes in the order of `order`, each of which waits for what the
/// one before it found. Answers a checksum.
uint64_t floor_probe_numbers(const floor_map *map, const uint32_t *order, size_t count);
uint64_t floor_probe_strings(const floor_map *map, const uint32_t *order, size_t count);
/// `count` atomic loads of the published map, each with a look at what it points to.
uint64_t floor_acquire(const floor_map *map, size_t count);
/// A page: `rows` references copied to a list of their own, the number behind each added up.
uint64_t floor_page(const floor_map *map, size_t first, size_t rows);

/// As many objects behind an array of references, each with a record: what is left of a lookup by a dense id, and of the
/// details, where a reference is handed out that has to be counted.
typedef struct floor_objects floor_objects;
floor_objects *floor_objects_make(size_t count, size_t object_bytes, size_t record_bytes);
void floor_objects_free(floor_objects *objects);
/// A reference to each, counted and given back, and one load of it.
uint64_t floor_objects_take(const floor_objects *objects, const uint32_t *places, size_t count);
/// The same, and every word of the record.
uint64_t floor_objects_read(const floor_objects *objects, const uint32_t *places, size_t count);

#pragma mark Committing

/// One small commit: the staged files and a record in a preallocated journal, flushed side by side by threads that are
/// there already, then renamed into place; with `makes_folder` the first of them in a new folder.
typedef struct floor_commit floor_commit;

floor_commit *floor_commit_open(const char *folder, int files, bool makes_folder);
/// One commit of files of these sizes.
int floor_commit_run(floor_commit *commit, const size_t *sizes);
void floor_commit_close(floor_commit *commit);

/// Many small commits together: so many files are written over in place of new ones, flushed by sixteen threads beside the
/// record that holds them all, and exchanged with those in place, before the next so many.
typedef struct floor_group floor_group;

/// For files of these sizes, 64 KiB at most. Answers null where that fails.
floor_group *floor_group_open(const char *folder, int files, int together, const size_t *sizes);
/// Every file once.
int floor_group_run(floor_group *group, const size_t *sizes);
void floor_group_close(floor_group *group);

/// The careful way without a journal of its own kind: an intention written and flushed; for each of two files write,
/// fsync, rename, fsync of the folder; the intention removed and its folder flushed. Six flushes; with `makes_folder` the
/// first file is in a new folder, whose name is one flush more.
int floor_careful_commit(const char *folder, const size_t *sizes, uint64_t number, bool makes_folder);

#pragma mark Watching

/// A thread that reads raw inotify beneath a folder.
typedef struct floor_watch floor_watch;

/// Watches every folder beneath `path`; answers null where that fails.
floor_watch *floor_watch_open(const char *path, int64_t *watches);
/// Writes `bytes` at the front of a file and waits until the thread has read an event for it: nanoseconds from
/// before write(2) to after the read(2) of its event; negative after a second.
int64_t floor_watch_latency(floor_watch *watch, const char *file, const void *bytes, size_t count);
void floor_watch_close(floor_watch *watch);

/// Opens, writes at the front, closes: what somebody else's editor does. The time just before write(2), or negative.
int64_t floor_foreign_write(const char *file, const void *bytes, size_t count);

#pragma mark Memory

/// Bytes that malloc has given out, mapped ones included.
uint64_t floor_allocated_bytes(void);
/// Gives what is free back to the kernel, then answers the resident bytes of the process.
uint64_t floor_resident_bytes(void);
