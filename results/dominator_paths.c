/* Shortest paths from the root of all, breadth first. See dominators.h. */
#include "results/dominators.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int results_paths_find(const struct gc_image *image, struct results_paths *paths) {
  size_t bytes = (image->node_count + UINT64_C(1)) * sizeof(uint32_t);
  uint32_t *queue = malloc(bytes);
  *paths = (struct results_paths){
      .node_count = image->node_count, .via_edge = malloc(bytes), .via_node = malloc(bytes)};
  if (!queue || !paths->via_edge || !paths->via_node) {
    free(queue);
    results_paths_finish(paths);
    return -ENOMEM;
  }
  memset(paths->via_edge, 0xff, bytes);
  memset(paths->via_node, 0xff, bytes);
  uint32_t first = 0, end = 0;
  if (image->node_count > 0) {
    queue[end++] = 0;
  }
  for (; first < end; first++) {
    uint32_t node = queue[first];
    for (uint32_t edge = image->first_edges[node]; edge < image->first_edges[node + 1]; edge++) {
      uint32_t target = image->edge_targets[edge];
      if (target != 0 && !gc_image_is_weak(image, edge) &&
          paths->via_edge[target] == RESULTS_NO_NODE) {
        paths->via_edge[target] = edge;
        paths->via_node[target] = node;
        queue[end++] = target;
      }
    }
  }
  free(queue);
  return 0;
}

void results_paths_finish(struct results_paths *paths) {
  free(paths->via_edge);
  free(paths->via_node);
  *paths = (struct results_paths){0};
}

uint32_t results_paths_length(const struct results_paths *paths, uint32_t node) {
  uint32_t length = 0;
  for (; node != 0; node = paths->via_node[node], length++) {
    if (paths->via_node[node] == RESULTS_NO_NODE) {
      return RESULTS_NO_NODE;
    }
  }
  return length;
}

/* --- as text -----------------------------------------------------------------------------------*/

/* Nodes shown at either end of a long path. */
enum { SHOWN = 6 };

struct writer {
  char *text;
  size_t size, length;
};

static void write_text(struct writer *writer, const char *text) {
  size_t room = writer->length < writer->size ? writer->size - writer->length : 0;
  writer->length +=
      (size_t)snprintf(room > 0 ? writer->text + writer->length : NULL, room, "%s", text);
}

static void write_step(struct writer *writer, const struct gc_image *image, uint32_t edge) {
  uint32_t target = image->edge_targets[edge];
  char step[48] = "";
  switch (image->edge_kinds[edge]) {
  case GC_IMAGE_ROOT:
    if (image->node_kinds[target] == GC_IMAGE_OBJECT) {
      snprintf(step, sizeof step, " [%u]", image->edge_names[edge]);
    }
    break;
  case GC_IMAGE_SLOT:
    snprintf(step, sizeof step, " .%u", image->edge_names[edge]);
    break;
  case GC_IMAGE_KEY_VALUE:
    snprintf(step, sizeof step, " as key");
    break;
  default:
    break;
  }
  write_text(writer, step);
  write_text(writer, " / ");
  write_text(writer, gc_image_name(image, target));
}

/* The node so many edges before the end of the path. */
static uint32_t node_before(const struct results_paths *paths, uint32_t node, uint32_t edges) {
  while (edges-- > 0) {
    node = paths->via_node[node];
  }
  return node;
}

int results_paths_text(const struct gc_image *image, const struct results_paths *paths,
                       uint32_t node, char *text, size_t text_size) {
  struct writer writer = {.text = text, .size = text_size};
  uint32_t length = results_paths_length(paths, node);
  if (text_size > 0) {
    text[0] = 0;
  }
  if (length == RESULTS_NO_NODE) {
    write_text(&writer, "nothing keeps it");
    return (int)writer.length;
  }
  write_text(&writer, gc_image_name(image, 0));
  for (uint32_t done = 1; done <= length; done++) {
    if (length > 2 * SHOWN + 1 && done == SHOWN + 1) {
      char middle[48];
      snprintf(middle, sizeof middle, " / (%u more)", length - 2 * SHOWN);
      write_text(&writer, middle);
      done = length - SHOWN + 1;
    }
    write_step(&writer, image, paths->via_edge[node_before(paths, node, length - done)]);
  }
  return (int)writer.length;
}
