/* Retainers and growth as tables. See snapshot_print.h. */
#include "harness/snapshot_print.h"
#include "harness/snapshot_taker.h"
#include "results/retainers.h"
#include "results/units.h"
#include <inttypes.h>

/* Rows of a table at most; and the least part of the heap, one in so many, that is worth a row. */
enum { SHOWN = 8, WORTH_SHARE = 200, PATH_SHOWN = 300 };

/* An image, and what was found out about it. */
struct look {
  const struct gc_image *image;
  const char *moment;
  struct results_dominators dominators;
  struct results_paths paths; /* of the last one alone */
};

/* Bytes that are the row's place in its table, of all in the image. */
static bool is_worth_a_row(uint64_t bytes, const struct look *look) {
  return bytes >= look->dominators.retained_bytes[0] / WORTH_SHARE;
}

static double percent_of(uint64_t part, uint64_t whole) {
  return whole > 0 ? 100 * (double)part / (double)whole : 0;
}

void snapshot_print_sum(FILE *stream, const struct gc_image *image) {
  uint64_t objects = 0, bytes = 0, store_bytes = 0;
  for (uint32_t node = 0; node < image->node_count; node++) {
    bool is_store = image->node_kinds[node] == GC_IMAGE_STORE;
    objects += image->node_kinds[node] == GC_IMAGE_OBJECT;
    bytes += is_store ? 0 : image->node_bytes[node];
    store_bytes += is_store ? image->node_bytes[node] : 0;
  }
  fprintf(stream, "%s objects of %s", results_text_count((double)objects).text,
          results_text_bytes((double)bytes).text);
  if (store_bytes > 0) {
    fprintf(stream, ", %s outside the heap", results_text_bytes((double)store_bytes).text);
  }
}

/* --- retainers ---------------------------------------------------------------------------------*/

/* "cache @1048577", which viewers call it too, or "120 x cache.entry". Static storage. */
static const char *name_of(const struct gc_image *image, const struct results_retainer *retainer) {
  static char text[96];
  const char *name = gc_image_name(image, retainer->node);
  if (retainer->objects > 1) {
    snprintf(text, sizeof text, "%s x %.40s", results_text_count(retainer->objects).text, name);
  } else {
    snprintf(text, sizeof text, "%.40s @%" PRIu32, name, image->ids[retainer->node]);
  }
  return text;
}

static int print_retainers(FILE *stream, const struct look *look) {
  struct results_retainer retainers[SHOWN];
  const struct gc_image *image = look->image;
  uint64_t all_bytes = look->dominators.retained_bytes[0];
  int count = results_retainers_top(image, &look->dominators, retainers, SHOWN);
  if (count >= 0) {
    fprintf(stream, "\nlargest retainers at %s\n   retained  share        own  objects\n",
            look->moment);
  }
  for (int place = 0; place < count && is_worth_a_row(retainers[place].retained_bytes, look);
       place++) {
    const struct results_retainer *retainer = &retainers[place];
    char path[PATH_SHOWN];
    results_paths_text(image, &look->paths, retainer->node, path, sizeof path);
    fprintf(stream, "%11s  %3.0f %%  %9s  %s\n%33s%s\n",
            results_text_bytes((double)retainer->retained_bytes).text,
            percent_of(retainer->retained_bytes, all_bytes),
            results_text_bytes((double)retainer->bytes).text, name_of(image, retainer), "", path);
  }
  return count < 0 ? count : 0;
}

/* --- several images ----------------------------------------------------------------------------*/

static int print_grown_retainers(FILE *stream, const struct look *first, const struct look *last) {
  struct results_grown_retainer grown[SHOWN];
  int count = results_retainers_grown(first->image, &first->dominators, last->image,
                                      &last->dominators, grown, SHOWN);
  if (count >= 0) {
    fprintf(stream, "\nwhat retains more at %s than at %s\n     before       after  objects\n",
            last->moment, first->moment);
  }
  for (int place = 0; place < count; place++) {
    const struct results_retainer *after = &grown[place].after;
    uint64_t before_bytes = grown[place].before_bytes;
    uint32_t above = last->dominators.immediate[after->node];
    if (!is_worth_a_row(after->retained_bytes - before_bytes, last)) {
      break;
    }
    fprintf(stream, "%11s %11s  %s, kept by %.40s\n", results_text_bytes((double)before_bytes).text,
            results_text_bytes((double)after->retained_bytes).text, name_of(last->image, after),
            gc_image_name(last->image, above));
  }
  return count < 0 ? count : 0;
}

static int print_grown_types(FILE *stream, const struct look *first, const struct look *last) {
  struct results_grown_type grown[SHOWN];
  int count = results_grown_types(first->image, &first->dominators, last->image, &last->dominators,
                                  grown, SHOWN);
  if (count >= 0) {
    fprintf(stream,
            "\ntypes of which there is more at %s than at %s\n     before       after     objects  "
            "type\n",
            last->moment, first->moment);
  }
  for (int place = 0; place < count; place++) {
    const struct results_grown_type *type = &grown[place];
    fprintf(stream, "%11s %11s %11s  %s\n", results_text_bytes((double)type->before.bytes).text,
            results_text_bytes((double)type->after.bytes).text,
            results_text_count((double)type->after.objects).text, type->name);
  }
  return count < 0 ? count : 0;
}

static int print_stayed(FILE *stream, const struct look looks[SNAPSHOTS_MAX]) {
  struct results_stayed_type stayed[SHOWN];
  int count = results_stayed_types(looks[0].image->last_id, looks[1].image->last_id, looks[2].image,
                                   stayed, SHOWN);
  if (count >= 0) {
    fprintf(stream,
            "\nmade between %s and %s, and still there at %s\n      bytes     objects  type\n",
            looks[0].moment, looks[1].moment, looks[2].moment);
  }
  for (int place = 0; place < count; place++) {
    fprintf(stream, "%11s %11s  %s\n", results_text_bytes((double)stayed[place].bytes).text,
            results_text_count((double)stayed[place].objects).text, stayed[place].name);
  }
  return count < 0 ? count : 0;
}

/* --- all of it ---------------------------------------------------------------------------------*/

static int find_all(struct look *looks, size_t count) {
  int status = results_paths_find(looks[count - 1].image, &looks[count - 1].paths);
  for (size_t i = 0; status == 0 && i < count; i++) {
    status = results_dominators_find(looks[i].image, &looks[i].dominators);
  }
  return status;
}

int snapshot_print(FILE *stream, const struct snapshot_printed *printed, size_t count) {
  struct look looks[SNAPSHOTS_MAX] = {0};
  for (size_t i = 0; i < count; i++) {
    looks[i].image = printed[i].image;
    looks[i].moment = printed[i].moment;
  }
  const struct look *last = &looks[count - 1];
  int status = find_all(looks, count);
  if (status == 0) {
    status = print_retainers(stream, last);
  }
  if (status == 0 && count > 1) {
    status = print_grown_retainers(stream, looks, last);
  }
  if (status == 0 && count > 1) {
    status = print_grown_types(stream, looks, last);
  }
  if (status == 0 && count == SNAPSHOTS_MAX) {
    status = print_stayed(stream, looks);
  }
  for (size_t i = 0; i < count; i++) {
    results_dominators_finish(&looks[i].dominators);
    results_paths_finish(&looks[i].paths);
  }
  return status;
}
