#include "floors.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct object {
    _Atomic uint64_t references;
    uint64_t number;
    uint64_t *record;
    char rest[];
};

struct floor_objects {
    size_t count, record_words;
    struct object **objects;
};

floor_objects *floor_objects_make(size_t count, size_t object_bytes, size_t record_bytes) {
    floor_objects *all = calloc(1, sizeof *all);
    all->count = count;
    all->record_words = record_bytes / sizeof(uint64_t);
    all->objects = calloc(count, sizeof *all->objects);
    for (size_t index = 0; index < count; index++) {
        uint64_t *record = malloc(record_bytes);
        memset(record, (int)index, record_bytes);
        struct object *object = calloc(1, object_bytes);
        atomic_init(&object->references, 1);
        object->number = index;
        object->record = record;
        all->objects[index] = object;
    }
    return all;
}

void floor_objects_free(floor_objects *all) {
    for (size_t index = 0; index < all->count; index++) {
        free(all->objects[index]->record);
        free(all->objects[index]);
    }
    free(all->objects);
    free(all);
}

static void take(struct object *object) { atomic_fetch_add_explicit(&object->references, 1, memory_order_relaxed); }
static void give_back(struct object *object) {
    atomic_fetch_sub_explicit(&object->references, 1, memory_order_release);
}

uint64_t floor_objects_take(const floor_objects *all, const uint32_t *places, size_t count) {
    uint64_t sum = 0;
    for (size_t index = 0; index < count; index++) {
        struct object *object = all->objects[places[index]];
        take(object);
        sum += object->number;
        give_back(object);
    }
    return sum;
}

uint64_t floor_objects_read(const floor_objects *all, const uint32_t *places, size_t count) {
    uint64_t sum = 0;
    for (size_t index = 0; index < count; index++) {
        struct object *object = all->objects[places[index]];
        take(object);
        for (size_t word = 0; word < all->record_words; word++) sum += object->record[word];
        give_back(object);
    }
    return sum;
}
