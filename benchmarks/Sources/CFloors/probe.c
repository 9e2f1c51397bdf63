#include "floors.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct slot {
    uint64_t hash;
    const char *string;
    uint32_t length;
    uint32_t value;
};

struct floor_map {
    size_t mask;
    size_t count;
    struct slot *slots;
    uint64_t *numbers;
    char **strings;
    uint32_t *lengths;
    /// What a page copies: a reference for each element, in order.
    uint64_t **rows;
    /// Itself: what a reader loads to get at it.
    _Atomic(const floor_map *) published;
};

static uint64_t mixed(uint64_t value) {
    unsigned __int128 product = (unsigned __int128)(value ^ 0x9e3779b97f4a7c15u) * 0xd6e8feb86659fd93u;
    return (uint64_t)(product >> 64) ^ (uint64_t)product;
}

static uint64_t hash_string(const char *bytes, uint32_t count) {
    uint64_t hash = count, word;
    uint32_t index = 0;
    for (; index + 8 <= count; index += 8) {
        memcpy(&word, bytes + index, 8);
        hash = mixed(hash ^ word);
    }
    word = 0;
    memcpy(&word, bytes + index, count - index);
    return mixed(hash ^ word);
}

static floor_map *map_of(size_t count) {
    floor_map *map = calloc(1, sizeof *map);
    atomic_init(&map->published, map);
    size_t size = 16;
    while (size < count * 2) size *= 2;
    map->mask = size - 1;
    map->count = count;
    map->slots = calloc(size, sizeof *map->slots);
    for (size_t index = 0; index < size; index++) map->slots[index].value = UINT32_MAX;
    map->numbers = calloc(count, sizeof *map->numbers);
    map->strings = calloc(count, sizeof *map->strings);
    map->lengths = calloc(count, sizeof *map->lengths);
    map->rows = calloc(count, sizeof *map->rows);
    for (size_t index = 0; index < count; index++) {
        map->rows[index] = malloc(sizeof(uint64_t));
        *map->rows[index] = index;
    }
    return map;
}

static void insert(floor_map *map, uint64_t hash, uint32_t value) {
    size_t place = hash & map->mask;
    while (map->slots[place].value != UINT32_MAX) place = (place + 1) & map->mask;
    map->slots[place] = (struct slot){hash, map->strings[value], map->lengths[value], value};
}

floor_map *floor_map_numbers(const uint64_t *keys, size_t count) {
    floor_map *map = map_of(count);
    memcpy(map->numbers, keys, count * sizeof *keys);
    for (size_t index = 0; index < count; index++) insert(map, mixed(keys[index]), (uint32_t)index);
    return map;
}

floor_map *floor_map_strings(const char *const *keys, const uint32_t *lengths, size_t count) {
    floor_map *map = map_of(count);
    for (size_t index = 0; index < count; index++) {
        map->strings[index] = malloc(lengths[index] + 1);
        memcpy(map->strings[index], keys[index], lengths[index]);
        map->lengths[index] = lengths[index];
        insert(map, hash_string(keys[index], lengths[index]), (uint32_t)index);
    }
    return map;
}

void floor_map_free(floor_map *map) {
    if (!map) return;
    for (size_t index = 0; index < map->count; index++) {
        free(map->rows[index]);
        free(map->strings[index]);
    }
    free(map->rows);
    free(map->strings);
    free(map->lengths);
    free(map->numbers);
    free(map->slots);
    free(map);
}

uint64_t floor_probe_numbers(const floor_map *map, const uint32_t *order, size_t count) {
    uint64_t sum = 0, last = 0;
    for (size_t index = 0; index < count; index++) {
        const floor_map *now = atomic_load_explicit(&map->published, memory_order_acquire);
        // `last` is always 0 here, which the compiler cannot know: the next probe waits for this one.
        uint64_t hash = mixed(now->numbers[order[index] + last]);
        size_t place = hash & now->mask;
        while (now->slots[place].hash != hash) place = (place + 1) & now->mask;
        uint64_t found = *now->rows[now->slots[place].value];
        sum += found;
        last = found >> 40;
    }
    return sum;
}

uint64_t floor_probe_strings(const floor_map *map, const uint32_t *order, size_t count) {
    uint64_t sum = 0, last = 0;
    for (size_t index = 0; index < count; index++) {
        const floor_map *now = atomic_load_explicit(&map->published, memory_order_acquire);
        size_t wanted = order[index] + last;
        const char *key = now->strings[wanted];
        uint32_t length = now->lengths[wanted];
        uint64_t hash = hash_string(key, length);
        size_t place = hash & now->mask;
        while (true) {
            const struct slot *slot = &now->slots[place];
            if (slot->hash == hash && slot->length == length && !memcmp(slot->string, key, length)) break;
            place = (place + 1) & now->mask;
        }
        uint64_t found = *now->rows[now->slots[place].value];
        sum += found;
        last = found >> 40;
    }
    return sum;
}

uint64_t floor_acquire(const floor_map *map, size_t count) {
    uint64_t sum = 0;
    for (size_t index = 0; index < count; index++) {
        const floor_map *now = atomic_load_explicit(&map->published, memory_order_acquire);
        sum += now->count;
    }
    return sum;
}

uint64_t floor_page(const floor_map *map, size_t first, size_t rows) {
    uint64_t **page = malloc(rows * sizeof *page);
    memcpy(page, map->rows + first, rows * sizeof *page);
    uint64_t sum = 0;
    for (size_t index = 0; index < rows; index++) sum += *page[index];
    free(page);
    return sum;
}
