/* Retainers and growth. See retainers.h. */
#include "results/retainers.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

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

/* --- retainers ---------------------------------------------------------------------------------*/

/* The tree of dominators, downwards. Of an object that no other of its type is above `is_first`. */
struct tree {
  uint32_t *first_child, *next_sibling;
  bool *is_first;
};

static void close_tree(struct tree *tree) {
  free(tree->first_child);
  free(tree->next_sibling);
  free(tree->is_first);
}

static void link_children(const struct gc_image *image, const struct results_dominators *dominators,
                          struct tree *tree) {
  memset(tree->first_child, 0xff, image->node_count * sizeof *tree->first_child);
  for (uint32_t node = image->node_count; node-- > 0;) {
    uint32_t above = dominators->immediate[node];
    if (above != RESULTS_NO_NODE) {
      tree->next_sibling[node] = tree->first_child[above];
      tree->first_child[above] = node;
    }
  }
}

/* Depth first: `open` counts by type what is between the root and the node. */
static void find_first(const struct gc_image *image, const struct results_dominators *dominators,
                       struct tree *tree, uint32_t *open) {
  uint32_t node = 0;
  while (node != RESULTS_NO_NODE) {
    tree->is_first[node] =
        image->node_kinds[node] != GC_IMAGE_GROUP && open[image->node_names[node]] == 0;
    open[image->node_names[node]]++;
    uint32_t next = tree->first_child[node];
    while (next == RESULTS_NO_NODE && node != RESULTS_NO_NODE) {
      open[image->node_names[node]]--;
      next = node != 0 ? tree->next_sibling[node] : RESULTS_NO_NODE;
      node = dominators->immediate[node];
    }
    node = next;
  }
}

/* 0 or -ENOMEM. */
static int open_tree(const struct gc_image *image, const struct results_dominators *dominators,
                     struct tree *tree) {
  size_t nodes = image->node_count + UINT64_C(1);
  uint32_t *open = calloc(image->name_count + UINT64_C(1), sizeof *open);
  *tree = (struct tree){.first_child = malloc(nodes * sizeof *tree->first_child),
                        .next_sibling = malloc(nodes * sizeof *tree->next_sibling),
                        .is_first = calloc(nodes, sizeof *tree->is_first)};
  int status = open && tree->first_child && tree->next_sibling && tree->is_first ? 0 : -ENOMEM;
  if (status == 0 && image->node_count > 0) {
    link_children(image, dominators, tree);
    find_first(image, dominators, tree, open);
  }
  free(open);
  if (status != 0) {
    close_tree(tree);
  }
  return status;
}

struct retainers {
  struct results_retainer *items;
  size_t count, capacity;
};

static bool add_retainer(struct retainers *retainers, const struct results_retainer *retainer) {
  if (retainers->count == retainers->capacity) {
    size_t capacity = retainers->capacity == 0 ? 1024 : 2 * retainers->capacity;
    struct results_retainer *items = realloc(retainers->items, capacity * sizeof *items);
    if (!items) {
      return false;
    }
    retainers->items = items;
    retainers->capacity = capacity;
  }
  retainers->items[retainers->count++] = *retainer;
  return true;
}

/* Into the sum of its type, of which that of no object begins anew. */
static void sum_up(const struct gc_image *image, const struct results_dominators *dominators,
                   uint32_t node, struct results_retainer *sum) {
  if (sum->objects == 0 ||
      dominators->retained_bytes[node] > dominators->retained_bytes[sum->node]) {
    sum->node = node;
  }
  sum->objects++;
  sum->bytes += image->node_bytes[node];
  sum->retained_bytes += dominators->retained_bytes[node];
}

/* What one node is the immediate dominator of, by type. `sums` is all zero, before and after. */
static bool add_children(const struct gc_image *image, const struct results_dominators *dominators,
                         const struct tree *tree, uint32_t above, struct results_retainer *sums,
                         struct retainers *retainers) {
  bool is_added = true;
  for (uint32_t node = tree->first_child[above]; node != RESULTS_NO_NODE;
       node = tree->next_sibling[node]) {
    if (tree->is_first[node]) {
      sum_up(image, dominators, node, &sums[image->node_names[node]]);
    }
  }
  for (uint32_t node = tree->first_child[above]; node != RESULTS_NO_NODE;
       node = tree->next_sibling[node]) {
    struct results_retainer *sum = &sums[image->node_names[node]];
    if (sum->objects > 0) {
      is_added = is_added && add_retainer(retainers, sum);
      *sum = (struct results_retainer){0};
    }
  }
  return is_added;
}

/* 0, and the items are to be freed, or -ENOMEM. */
static int find_retainers(const struct gc_image *image, const struct results_dominators *dominators,
                          struct retainers *retainers) {
  struct tree tree;
  struct results_retainer *sums = calloc(image->name_count + UINT64_C(1), sizeof *sums);
  *retainers = (struct retainers){0};
  int status = open_tree(image, dominators, &tree);
  if (status == 0) {
    bool is_whole = sums != NULL;
    for (uint32_t above = 0; is_whole && above < image->node_count; above++) {
      is_whole = add_children(image, dominators, &tree, above, sums, retainers);
    }
    status = is_whole ? 0 : -ENOMEM;
    close_tree(&tree);
  }
  free(sums);
  if (status != 0) {
    free(retainers->items);
    retainers->items = NULL;
  }
  return status;
}

int results_retainers_top(const struct gc_image *image, const struct results_dominators *dominators,
                          struct results_retainer *retainers, size_t count_max) {
  struct retainers all;
  struct ranking ranking;
  int status = find_retainers(image, dominators, &all);
  if (status != 0 || open_ranking(&ranking, count_max) != 0) {
    free(all.items);
    return -ENOMEM;
  }
  for (size_t item = 0; item < all.count; item++) {
    offer(&ranking, (uint32_t)item, all.items[item].retained_bytes);
  }
  for (size_t place = 0; place < ranking.count; place++) {
    retainers[place] = all.items[ranking.items[place].item];
  }
  free(all.items);
  free(ranking.items);
  return (int)ranking.count;
}

/* --- growth of retainers -----------------------------------------------------------------------*/

/* A retainer by what is the same in other images. */
struct known {
  uint32_t above_id;
  const char *name;
  uint64_t retained_bytes;
};

static int compare_known(const void *left, const void *right) {
  const struct known *a = left, *b = right;
  return a->above_id != b->above_id ? (a->above_id > b->above_id) - (a->above_id < b->above_id)
                                    : strcmp(a->name, b->name);
}

struct identity {
  uint32_t id, node;
};

static int compare_identities(const void *left, const void *right) {
  const struct identity *a = left, *b = right;
  return (a->id > b->id) - (a->id < b->id);
}

static struct known known_of(const struct gc_image *image,
                             const struct results_dominators *dominators,
                             const struct results_retainer *retainer) {
  return (struct known){image->ids[dominators->immediate[retainer->node]],
                        gc_image_name(image, retainer->node), retainer->retained_bytes};
}

/* Sorted; null: no memory. */
static struct known *index_retainers(const struct gc_image *image,
                                     const struct results_dominators *dominators, size_t *count) {
  struct retainers all;
  struct known *known = NULL;
  if (find_retainers(image, dominators, &all) != 0) {
    return NULL;
  }
  known = malloc((all.count + 1) * sizeof *known);
  for (size_t item = 0; known && item < all.count; item++) {
    known[item] = known_of(image, dominators, &all.items[item]);
  }
  if (known) {
    qsort(known, all.count, sizeof *known, compare_known);
  }
  *count = all.count;
  free(all.items);
  return known;
}

/* Sorted by id; null: no memory. */
static struct identity *index_ids(const struct gc_image *image) {
  struct identity *identities = malloc((image->node_count + UINT64_C(1)) * sizeof *identities);
  for (uint32_t node = 0; identities && node < image->node_count; node++) {
    identities[node] = (struct identity){image->ids[node], node};
  }
  if (identities) {
    qsort(identities, image->node_count, sizeof *identities, compare_identities);
  }
  return identities;
}

/* The earlier image, to be asked for what is in the later one. */
struct past {
  const struct gc_image *image;
  const struct results_dominators *dominators;
  struct known *known;
  size_t known_count;
  struct identity *identities;
};

/* What the retainer retained before; 0: there was none. */
static uint64_t bytes_before(const struct past *past, const struct results_retainer *retainer,
                             uint32_t id, struct known key) {
  struct identity wanted = {.id = id};
  const struct identity *itself = retainer->objects > 1
                                      ? NULL
                                      : bsearch(&wanted, past->identities, past->image->node_count,
                                                sizeof wanted, compare_identities);
  if (itself) {
    return past->dominators->retained_bytes[itself->node];
  }
  const struct known *same =
      bsearch(&key, past->known, past->known_count, sizeof key, compare_known);
  return same ? same->retained_bytes : 0;
}

static int rank_grown(const struct past *past, const struct gc_image *image,
                      const struct results_dominators *dominators,
                      struct results_grown_retainer *grown, size_t count_max) {
  struct retainers all;
  struct ranking ranking = {0};
  int count = -ENOMEM;
  if (find_retainers(image, dominators, &all) == 0 && open_ranking(&ranking, count_max) == 0) {
    for (size_t item = 0; item < all.count; item++) {
      const struct results_retainer *retainer = &all.items[item];
      uint64_t was_bytes = bytes_before(past, retainer, image->ids[retainer->node],
                                        known_of(image, dominators, retainer));
      if (retainer->retained_bytes > was_bytes) {
        offer(&ranking, (uint32_t)item, retainer->retained_bytes - was_bytes);
      }
    }
    for (size_t place = 0; place < ranking.count; place++) {
      const struct results_retainer *retainer = &all.items[ranking.items[place].item];
      grown[place] = (struct results_grown_retainer){*retainer, retainer->retained_bytes -
                                                                    ranking.items[place].bytes};
    }
    count = (int)ranking.count;
  }
  free(all.items);
  free(ranking.items);
  return count;
}

int results_retainers_grown(const struct gc_image *before_image,
                            const struct results_dominators *before,
                            const struct gc_image *after_image,
                            const struct results_dominators *after,
                            struct results_grown_retainer *grown, size_t count_max) {
  struct past past = {.image = before_image, .dominators = before};
  past.known = index_retainers(before_image, before, &past.known_count);
  past.identities = index_ids(before_image);
  int count = past.known && past.identities
                  ? rank_grown(&past, after_image, after, grown, count_max)
                  : -ENOMEM;
  free(past.known);
  free(past.identities);
  return count;
}

/* --- types -------------------------------------------------------------------------------------*/

/* By name's index. */
static struct results_type_size *sum_types(const struct gc_image *image,
                                           const struct results_dominators *dominators) {
  struct tree tree;
  if (open_tree(image, dominators, &tree) != 0) {
    return NULL;
  }
  struct results_type_size *sizes = calloc(image->name_count + UINT64_C(1), sizeof *sizes);
  for (uint32_t node = 0; sizes && node < image->node_count; node++) {
    struct results_type_size *size = &sizes[image->node_names[node]];
    size->objects += image->node_kinds[node] != GC_IMAGE_GROUP;
    size->bytes += image->node_bytes[node];
    size->retained_bytes += tree.is_first[node] ? dominators->retained_bytes[node] : 0;
  }
  close_tree(&tree);
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
