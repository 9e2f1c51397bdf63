#include "floors.h"

#include <dirent.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

static uint64_t clock_of(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

uint64_t floor_now(void) { return clock_of(CLOCK_MONOTONIC); }
uint64_t floor_process_time(void) { return clock_of(CLOCK_PROCESS_CPUTIME_ID); }

static int read_line(const char *task, const char *name, char *line, int size) {
    char path[300];
    snprintf(path, sizeof path, "/proc/self/task/%s/%s", task, name);
    FILE *file = fopen(path, "r");
    if (!file) return 0;
    int found = fgets(line, size, file) != NULL;
    fclose(file);
    return found;
}

floor_activity floor_activity_of(const char *prefix) {
    floor_activity sum = {0, 0};
    DIR *tasks = opendir("/proc/self/task");
    if (!tasks) return sum;
    for (struct dirent *entry; (entry = readdir(tasks));) {
        char line[256];
        // sched(7): time on a processor, time waiting for one, and how often it got one.
        long long time, waited, turns;
        if (!read_line(entry->d_name, "comm", line, sizeof line) || strncmp(line, prefix, strlen(prefix))) continue;
        if (!read_line(entry->d_name, "schedstat", line, sizeof line)) continue;
        if (sscanf(line, "%lld %lld %lld", &time, &waited, &turns) != 3) continue;
        sum.turns += turns;
        sum.time += time;
    }
    closedir(tasks);
    return sum;
}

uint64_t floor_allocated_bytes(void) {
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

uint64_t floor_resident_bytes(void) {
    malloc_trim(0);
    FILE *file = fopen("/proc/self/statm", "r");
    unsigned long long all = 0, resident = 0;
    if (!file || fscanf(file, "%llu %llu", &all, &resident) != 2) resident = 0;
    if (file) fclose(file);
    return resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

int64_t floor_filesystem(const char *path) {
    struct statfs status;
    return statfs(path, &status) ? -1 : status.f_type;
}
