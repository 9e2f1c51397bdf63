#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/syscall.h>

// Debian 12's valgrind does not know openat2(2) and answers ENOSYS for it. Under it, and nowhere else, the program opens
// with openat(2): instructions of reads are counted, which open nothing.
long syscall(long number, ...) {
    static long (*next)(long, ...);
    if (!next) next = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
    long values[6];
    va_list list;
    va_start(list, number);
    for (int index = 0; index < 6; index++) values[index] = va_arg(list, long);
    va_end(list);
    long result = next(number, values[0], values[1], values[2], values[3], values[4], values[5]);
    if (number != SYS_openat2 || result >= 0 || errno != ENOSYS) return result;
    const struct open_how *how = (const struct open_how *)values[2];
    return openat((int)values[0], (const char *)values[1], (int)how->flags, (mode_t)how->mode);
}
