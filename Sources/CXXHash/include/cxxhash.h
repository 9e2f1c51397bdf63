#ifndef CXXHASH_H
#define CXXHASH_H

#include <stddef.h>
#include <stdint.h>

/// XXH3-128 and XXH3-64 (xxHash by Yann Collet), compiled in from Debian's libxxhash-dev headers.
typedef struct {
    uint64_t low;
    uint64_t high;
} cxxhash_128;

cxxhash_128 cxxhash_digest128(const void *bytes, size_t length);
uint64_t cxxhash_digest64(const void *bytes, size_t length);

/// Streaming, for files that are not held in memory. `cxxhash_stream_new` answers NULL without memory.
typedef struct cxxhash_stream cxxhash_stream;
cxxhash_stream *cxxhash_stream_new(void);
void cxxhash_stream_update(cxxhash_stream *stream, const void *bytes, size_t length);
cxxhash_128 cxxhash_stream_digest(const cxxhash_stream *stream);
void cxxhash_stream_free(cxxhash_stream *stream);

#endif
