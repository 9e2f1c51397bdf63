#include "cxxhash.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

static cxxhash_128 value(XXH128_hash_t hash) {
    cxxhash_128 result = {hash.low64, hash.high64};
    return result;
}

cxxhash_128 cxxhash_digest128(const void *bytes, size_t length) {
    return value(XXH3_128bits(bytes, length));
}

uint64_t cxxhash_digest64(const void *bytes, size_t length) {
    return XXH3_64bits(bytes, length);
}

cxxhash_stream *cxxhash_stream_new(void) {
    XXH3_state_t *state = XXH3_createState();
    if (state) XXH3_128bits_reset(state);
    return (cxxhash_stream *)state;
}

void cxxhash_stream_update(cxxhash_stream *stream, const void *bytes, size_t length) {
    XXH3_128bits_update((XXH3_state_t *)stream, bytes, length);
}

cxxhash_128 cxxhash_stream_digest(const cxxhash_stream *stream) {
    return value(XXH3_128bits_digest((const XXH3_state_t *)stream));
}

void cxxhash_stream_free(cxxhash_stream *stream) {
    XXH3_freeState((XXH3_state_t *)stream);
}
