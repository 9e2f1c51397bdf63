#pragma once
#include <stdint.h>

/// How often this thread has asked malloc and its like for memory so far.
uint64_t allocations_of_thread(void);
