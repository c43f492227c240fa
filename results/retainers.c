/* Retainers and growth. See retainers.h. */
#include "results/retainers.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The first of its kind, seen from the root. */
static bool is_retainer(const struct gc_image *image, const struct results_dominators *dominators,
                        uint32_t node) {
  uint32_t above = dominators->immediate[node];
  return image->node_kinds[node] != GC_IMAGE_GROUP && above != RESULTS_NO_NODE &&
         (image->node_kinds[above] == GC_IMAGE_GROUP ||
          image->node_names[above] != image->node_names[node]);
}

/* --- lists of the largest ----------------------------------------------------------------------*/

struct ranked {
  uint64_t bytes;
  uint32_t item;
};

/* The largest so far, descending. */
struct ranking {
  struct ranked *items; /* count_max of them */
  size_t count, count_max;
};

static int open_ranking(struct ranking *ranking, size_t count_max) {
  *ranking = (struct ranking){.items = malloc((count_max + 1) * sizeof *ranking->items),
                              .count_max = count_max};
  return ranking->items ? 0 : -ENOMEM;
}

/* Of equals, the one that was offered first stays before the other. */
static void offer(struct ranking *ranking, uint32_t item, uint64_t bytes) {
  size_t place = ranking->count;
  while (place > 0 && ranking->items[place - 1].bytes < bytes) {
    ranking->items[place] = ranking->items[place - 1];
    place--;
  }
  ranking->items[place] = (struct ranked){bytes, item};
  ranking->count += ranking->count < ranking->count_max;
}

int results_retainers_top(const struct gc_image *image, const struct results_dominators *dominators,
                          struct results_retainer *retainers, size_t count_max) {
  struct ranking ranking;
  if (open_ranking(&ranking, count_max) != 0) {
    return -ENOMEM;
  }
  for (uint32_t node = 0; node < image->node_count; node++) {
    if (is_retainer(image, dominators, node)) {
      offer(&ranking, node, dominators->retained_bytes[node]);
    }
  }
  for (size_t place = 0; place < ranking.count; place++) {
    retainers[place] =
        (struct results_retainer){ranking.items[place].item, ranking.items[place].bytes};
  }
  free(ranking.items);
  return (int)ranking.count;
}

/* --- growth of objects -------------------------------------------------------------------------*/

struct known {
  uint32_t id, node;
};

static int compare_known(const void *left, const void *right) {
  const struct known *a = left, *b = right;
  return (a->id > b->id) - (a->id < b->id);
}

/* Objects and stores by id; null: no memory. */
static struct known *index_by_id(const struct gc_image *image) {
  struct known *known = malloc((image->node_count + UINT64_C(1)) * sizeof *known);
  for (uint32_t node = 0; known && node < image->node_count; node++) {
    known[node] = (struct known){image->ids[node], node};
  }
  if (known) {
    qsort(known, image->node_count, sizeof *known, compare_known);
  }
  return known;
}

/* What the object with that id retained before; 0: there was none. */
static uint64_t bytes_before(const struct known *known, const struct gc_image *before_image,
                             const struct results_dominators *before, uint32_t id) {
  struct known key = {.id = id};
  const struct known *same =
      bsearch(&key, known, before_image->node_count, sizeof *known, compare_known);
  return same ? before->retained_bytes[same->node] : 0;
}

int results_grown_objects(const struct gc_image *before_image,
                          const struct results_dominators *before,
                          const struct gc_image *after_image,
                          const struct results_dominators *after,
                          struct results_grown_object *grown, size_t count_max) {
  struct known *known = index_by_id(before_image);
  struct ranking ranking;
  if (open_ranking(&ranking, count_max) != 0 || !known) {
    free(ranking.items);
    free(known);
    return -ENOMEM;
  }
  for (uint32_t node = 0; node < after_image->node_count; node++) {
    uint64_t was_bytes = bytes_before(known, before_image, before, after_image->ids[node]);
    if (is_retainer(after_image, after, node) && after->retained_bytes[node] > was_bytes) {
      offer(&ranking, node, after->retained_bytes[node] - was_bytes);
    }
  }
  for (size_t place = 0; place < ranking.count; place++) {
    uint32_t node = ranking.items[place].item;
    grown[place] = (struct results_grown_object){.node = node,
                                                 .before_bytes = after->retained_bytes[node] -
                                                                 ranking.items[place].bytes,
                                                 .after_bytes = after->retained_bytes[node]};
  }
  free(ranking.items);
  free(known);
  return (int)ranking.count;
}

/* --- types -------------------------------------------------------------------------------------*/

/* By name's index. */
static struct results_type_size *sum_types(const struct gc_image *image,
                                           const struct results_dominators *dominators) {
  struct results_type_size *sizes = calloc(image->name_count + UINT64_C(1), sizeof *sizes);
  for (uint32_t node = 0; sizes && node < image->node_count; node++) {
    struct results_type_size *size = &sizes[image->node_names[node]];
    size->objects += image->node_kinds[node] != GC_IMAGE_GROUP;
    size->bytes += image->node_bytes[node];
    size->retained_bytes +=
        is_retainer(image, dominators, node) ? dominators->retained_bytes[node] : 0;
  }
  return sizes;
}

struct named {
  const char *name;
  uint32_t index;
};

static int compare_named(const void *left, const void *right) {
  return strcmp(((const struct named *)left)->name, ((const struct named *)right)->name);
}

static struct named *index_by_name(const struct gc_image *image) {
  struct named *named = malloc((image->name_count + UINT64_C(1)) * sizeof *named);
  for (uint32_t name = 0; named && name < image->name_count; name++) {
    named[name] = (struct named){image->names[name], name};
  }
  if (named) {
    qsort(named, image->name_count, sizeof *named, compare_named);
  }
  return named;
}

/* That of the earlier image by the name of the later one. */
static struct results_type_size size_before(const struct named *named,
                                            const struct gc_image *before_image,
                                            const struct results_type_size *before,
                                            const char *name) {
  struct named key = {.name = name};
  const struct named *same =
      bsearch(&key, named, before_image->name_count, sizeof *named, compare_named);
  return same ? before[same->index] : (struct results_type_size){0};
}

/* What rank_types has at its disposal: sizes by the indexes of names of each image. */
struct type_sizes {
  struct results_type_size *before, *after;
  struct named *named; /* of the earlier image, sorted */
  struct ranking ranking;
};

static void rank_types(struct type_sizes *sizes, const struct gc_image *before_image,
                       const struct gc_image *after_image, struct results_grown_type *grown) {
  for (uint32_t name = 0; name < after_image->name_count; name++) {
    struct results_type_size was =
        size_before(sizes->named, before_image, sizes->before, after_image->names[name]);
    if (sizes->after[name].bytes > was.bytes) {
      offer(&sizes->ranking, name, sizes->after[name].bytes - was.bytes);
    }
  }
  for (size_t place = 0; place < sizes->ranking.count; place++) {
    uint32_t name = sizes->ranking.items[place].item;
    const char *text = after_image->names[name];
    grown[place] = (struct results_grown_type){
        text, size_before(sizes->named, before_image, sizes->before, text), sizes->after[name]};
  }
}

int results_grown_types(const struct gc_image *before_image,
                        const struct results_dominators *before, const struct gc_image *after_image,
                        const struct results_dominators *after, struct results_grown_type *grown,
                        size_t count_max) {
  struct type_sizes sizes = {.before = sum_types(before_image, before),
                             .after = sum_types(after_image, after),
                             .named = index_by_name(before_image)};
  int count = open_ranking(&sizes.ranking, count_max);
  if (sizes.before && sizes.after && sizes.named && count == 0) {
    rank_types(&sizes, before_image, after_image, grown);
    count = (int)sizes.ranking.count;
  } else {
    count = -ENOMEM;
  }
  free(sizes.before);
  free(sizes.after);
  free(sizes.named);
  free(sizes.ranking.items);
  return count;
}

int results_stayed_types(uint32_t first_last_id, uint32_t second_last_id,
                         const struct gc_image *third, struct results_stayed_type *stayed,
                         size_t count_max) {
  struct results_stayed_type *types = calloc(third->name_count + UINT64_C(1), sizeof *types);
  struct ranking ranking;
  if (open_ranking(&ranking, count_max) != 0 || !types) {
    free(ranking.items);
    free(types);
    return -ENOMEM;
  }
  for (uint32_t node = 0; node < third->node_count; node++) {
    uint32_t owner_id = third->ids[node] - (third->node_kinds[node] == GC_IMAGE_STORE);
    bool has_stayed = third->node_kinds[node] != GC_IMAGE_GROUP && owner_id > first_last_id &&
                      owner_id <= second_last_id;
    types[third->node_names[node]].objects += has_stayed;
    types[third->node_names[node]].bytes += has_stayed ? third->node_bytes[node] : 0;
  }
  for (uint32_t name = 0; name < third->name_count; name++) {
    types[name].name = third->names[name];
    if (types[name].objects > 0) {
      offer(&ranking, name, types[name].bytes);
    }
  }
  for (size_t place = 0; place < ranking.count; place++) {
    stayed[place] = types[ranking.items[place].item];
  }
  free(ranking.items);
  free(types);
  return (int)ranking.count;
}
