/* Dominators. See dominators.h.
 *
 * Everything is in terms of preorder numbers, which a depth-first walk gives from 0: a node's
 * semidominator, the nodes of a bucket and the forest of linked nodes are numbers, so that most
 * steps touch memory nearby.
 */
#include "results/dominators.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NONE RESULTS_NO_NODE

struct work {
  const struct gc_image *image;
  uint32_t count;   /* of nodes that the walk reached */
  uint32_t *number; /* by node; NONE: not reached */
  uint32_t *node;   /* by number, as all below */
  uint32_t *parent; /* in the walk's tree */
  uint32_t *semi;   /* semidominator, as far as is known */
  uint32_t *dominator;
  uint32_t *ancestor;           /* in the forest; NONE: a root of it */
  uint32_t *label;              /* where the path to the root has its least semidominator */
  uint32_t *bucket, *in_bucket; /* first with that semidominator; next with the same one */
  uint32_t *first_source;       /* of edges that lead here; one more at the end */
  uint32_t *sources;            /* numbers */
  uint32_t *stack;              /* of the walk, then of path compression */
};

/* --- memory ------------------------------------------------------------------------------------*/

static uint32_t *make(size_t count) {
  return malloc((count + 2) * sizeof(uint32_t));
}

static bool open_work(struct work *work, const struct gc_image *image) {
  size_t count = image->node_count;
  *work = (struct work){.image = image,
                        .number = make(count),
                        .node = make(count),
                        .parent = make(count),
                        .semi = make(count),
                        .dominator = make(count),
                        .ancestor = make(count),
                        .label = make(count),
                        .bucket = make(count),
                        .in_bucket = make(count),
                        .first_source = calloc(count + 2, sizeof(uint32_t)),
                        .sources = make(image->edge_count),
                        .stack = make(count)};
  return work->number && work->node && work->parent && work->semi && work->dominator &&
         work->ancestor && work->label && work->bucket && work->in_bucket && work->first_source &&
         work->sources && work->stack;
}

static void close_work(struct work *work) {
  uint32_t *const all[] = {work->number,    work->node,         work->parent,  work->semi,
                           work->dominator, work->ancestor,     work->label,   work->bucket,
                           work->in_bucket, work->first_source, work->sources, work->stack};
  for (size_t index = 0; index < sizeof all / sizeof *all; index++) {
    free(all[index]);
  }
}

/* --- the walk ----------------------------------------------------------------------------------*/

static void reach(struct work *work, uint32_t node, uint32_t parent) {
  work->number[node] = work->count;
  work->node[work->count] = node;
  work->parent[work->count] = parent;
  work->count++;
}

/* Depth first; `bucket` says meanwhile which edge of a node comes next. */
static void walk(struct work *work) {
  const struct gc_image *image = work->image;
  uint32_t *next_edge = work->bucket;
  size_t depth = 0;
  memset(work->number, 0xff, image->node_count * sizeof *work->number);
  reach(work, 0, NONE);
  next_edge[0] = image->first_edges[0];
  work->stack[depth++] = 0;
  while (depth > 0) {
    uint32_t number = work->stack[depth - 1];
    uint32_t end = image->first_edges[work->node[number] + 1], edge = next_edge[number];
    while (edge < end &&
           (gc_image_is_weak(image, edge) || work->number[image->edge_targets[edge]] != NONE)) {
      edge++;
    }
    next_edge[number] = edge + 1;
    if (edge == end) {
      depth--;
      continue;
    }
    uint32_t target = image->edge_targets[edge];
    next_edge[work->count] = image->first_edges[target];
    work->stack[depth++] = work->count;
    reach(work, target, number);
  }
}

/* Edges by where they lead: counted, then placed from the end of each part to its begin. */
static void find_sources(struct work *work) {
  const struct gc_image *image = work->image;
  for (unsigned pass = 0; pass < 2; pass++) {
    for (uint32_t number = 0; number < work->count; number++) {
      uint32_t node = work->node[number];
      for (uint32_t edge = image->first_edges[node]; edge < image->first_edges[node + 1]; edge++) {
        if (gc_image_is_weak(image, edge)) {
          continue;
        }
        uint32_t target = work->number[image->edge_targets[edge]];
        if (pass == 0) {
          work->first_source[target]++;
        } else {
          work->sources[--work->first_source[target]] = number;
        }
      }
    }
    for (uint32_t number = 0; pass == 0 && number < work->count; number++) {
      work->first_source[number + 1] += work->first_source[number];
    }
  }
}

/* --- the forest --------------------------------------------------------------------------------*/

/* Of the nodes from this one to below the root of its tree, the one of the least semidominator;
 * the path is shortened to one step. */
static uint32_t evaluate(struct work *work, uint32_t number) {
  uint32_t *ancestor = work->ancestor, *label = work->label;
  size_t depth = 0;
  if (ancestor[number] == NONE) {
    return number;
  }
  for (uint32_t on_path = number; ancestor[ancestor[on_path]] != NONE;
       on_path = ancestor[on_path]) {
    work->stack[depth++] = on_path;
  }
  while (depth > 0) {
    uint32_t on_path = work->stack[--depth], above = ancestor[on_path];
    if (work->semi[label[above]] < work->semi[label[on_path]]) {
      label[on_path] = label[above];
    }
    ancestor[on_path] = ancestor[above];
  }
  return label[number];
}

static void find_semidominator(struct work *work, uint32_t number) {
  for (uint32_t index = work->first_source[number]; index < work->first_source[number + 1];
       index++) {
    uint32_t semi = work->semi[evaluate(work, work->sources[index])];
    if (semi < work->semi[number]) {
      work->semi[number] = semi;
    }
  }
}

/* Everything whose semidominator is the parent: its dominator is that, or that of a node above. */
static void empty_bucket(struct work *work, uint32_t parent) {
  uint32_t number = work->bucket[parent];
  while (number != NONE) {
    uint32_t least = evaluate(work, number);
    work->dominator[number] = work->semi[least] < parent ? least : parent;
    number = work->in_bucket[number];
  }
  work->bucket[parent] = NONE;
}

static void find(struct work *work) {
  for (uint32_t number = 0; number < work->count; number++) {
    work->semi[number] = work->label[number] = number;
    work->ancestor[number] = work->bucket[number] = NONE;
  }
  for (uint32_t number = work->count; number-- > 1;) {
    uint32_t parent = work->parent[number];
    find_semidominator(work, number);
    work->in_bucket[number] = work->bucket[work->semi[number]];
    work->bucket[work->semi[number]] = number;
    work->ancestor[number] = parent;
    empty_bucket(work, parent);
  }
  for (uint32_t number = 1; number < work->count; number++) {
    if (work->dominator[number] != work->semi[number]) {
      work->dominator[number] = work->dominator[work->dominator[number]];
    }
  }
}

/* --- the answer --------------------------------------------------------------------------------*/

/* A dominator has the lower number: from the last to the first, everything is summed up below. */
static void fill(const struct work *work, struct results_dominators *dominators) {
  const struct gc_image *image = work->image;
  for (uint32_t node = 0; node < image->node_count; node++) {
    dominators->immediate[node] = NONE;
    dominators->retained_bytes[node] = work->number[node] != NONE ? image->node_bytes[node] : 0;
  }
  for (uint32_t number = work->count; number-- > 1;) {
    uint32_t node = work->node[number], above = work->node[work->dominator[number]];
    dominators->immediate[node] = above;
    dominators->retained_bytes[above] += dominators->retained_bytes[node];
  }
}

int results_dominators_find(const struct gc_image *image, struct results_dominators *dominators) {
  struct work work;
  *dominators = (struct results_dominators){
      .node_count = image->node_count,
      .immediate = malloc((image->node_count + UINT64_C(1)) * sizeof *dominators->immediate),
      .retained_bytes =
          malloc((image->node_count + UINT64_C(1)) * sizeof *dominators->retained_bytes)};
  bool is_open = open_work(&work, image);
  if (!is_open || !dominators->immediate || !dominators->retained_bytes) {
    close_work(&work);
    results_dominators_finish(dominators);
    return -ENOMEM;
  }
  if (image->node_count > 0) {
    walk(&work);
    find_sources(&work);
    find(&work);
    fill(&work, dominators);
  }
  close_work(&work);
  return 0;
}

void results_dominators_finish(struct results_dominators *dominators) {
  free(dominators->immediate);
  free(dominators->retained_bytes);
  *dominators = (struct results_dominators){0};
}
