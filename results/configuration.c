/* Compares and names configurations by their field list; configuration.h says how. */
#include "results/configuration.h"
#include "results/units.h"
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- equality ----------------------------------------------------------------------------------
 */

static bool settings_equal(const struct results_settings *left,
                           const struct results_settings *right) {
  bool is_equal = left->count == right->count;
  for (size_t index = 0; is_equal && index < left->count; index++)
    is_equal = strcmp(left->items[index].name, right->items[index].name) == 0 &&
               strcmp(left->items[index].text, right->items[index].text) == 0;
  return is_equal;
}

/* A multiple that is not known is equal to another that is not. */
static bool ratios_equal(double left, double right) {
  return left == right || (left != left && right != right);
}

#define EQUAL_number(left, right)   ((left) == (right))
#define EQUAL_duration(left, right) ((left) == (right))
#define EQUAL_seed(left, right)     true
#define EQUAL_flag(left, right)     ((left) == (right))
#define EQUAL_ratio(left, right)    ratios_equal(left, right)
#define EQUAL_text(left, right)     (strcmp((left).text, (right).text) == 0)
#define EQUAL_settings(left, right) settings_equal(&(left), &(right))

bool results_configuration_equal(const struct results_configuration *left,
                                 const struct results_configuration *right) {
  struct results_configuration same = *right;
  same.invocation = left->invocation;
  bool is_equal = true;
#define RESULTS_FIELD(group, name, type, unit, description) FIELD_##group(name, type)
#define FIELD_configuration(name, type)                     is_equal = is_equal && EQUAL_##type(left->name, same.name);
#define FIELD_result(name, type)
#define FIELD_heap(name, type)
#define FIELD_recording(name, type)
#define FIELD_machine(name, type)
#include "results/schema.def"
#undef FIELD_configuration
  return is_equal;
}

/* --- labels ------------------------------------------------------------------------------------
 */

static int flatten_number(struct results_settings *flat, const char *name, uint64_t value) {
  char text[32];
  snprintf(text, sizeof text, "%" PRIu64, value);
  return results_settings_add(flat, name, text);
}

static int flatten_settings(struct results_settings *flat,
                            const struct results_settings *settings) {
  int status = 0;
  for (size_t index = 0; !status && index < settings->count; index++)
    status = results_settings_add(flat, settings->items[index].name, settings->items[index].text);
  return status;
}

/* What may tell configurations of one workload, collector, barrier and heap apart. */
static int flatten(const struct results_configuration *configuration,
                   struct results_settings *flat) {
  int status = 0;
#define FLATTEN_number(name)                                                                       \
  if (!status && strcmp(#name, "invocation") != 0 && strcmp(#name, "heap_bytes") != 0)             \
    status = flatten_number(flat, #name, configuration->name);
#define FLATTEN_duration(name)                                                                     \
  if (!status)                                                                                     \
    status = configuration->name == UINT64_MAX ? results_settings_add(flat, #name, "inf")          \
                                               : flatten_number(flat, #name, configuration->name);
#define FLATTEN_flag(name)                                                                         \
  if (!status)                                                                                     \
    status = results_settings_add(flat, #name, configuration->name ? "on" : "off");
#define FLATTEN_settings(name)                                                                     \
  if (!status)                                                                                     \
    status = flatten_settings(flat, &configuration->name);
#define FLATTEN_seed(name)
#define FLATTEN_ratio(name)
#define FLATTEN_text(name)
#define RESULTS_FIELD(group, name, type, unit, description) FIELD_##group(name, type)
#define FIELD_configuration(name, type)                     FLATTEN_##type(name)
#include "results/schema.def"
  return status;
}

/* In bytes, or over minimum heaps, which change with parameters and mutators. */
static bool is_same_heap(const struct results_configuration *left,
                         const struct results_configuration *right) {
  return left->heap_bytes == right->heap_bytes || left->heap_multiple == right->heap_multiple;
}

static bool is_same_cell(const struct results_configuration *left,
                         const struct results_configuration *right) {
  return is_same_heap(left, right) && strcmp(left->workload.text, right->workload.text) == 0 &&
         strcmp(left->collector.text, right->collector.text) == 0 &&
         strcmp(left->barrier.text, right->barrier.text) == 0;
}

/* Settings that follow from heap, parameters and mutators where nobody gave them. */
static bool is_derived(const char *name) {
  return strcmp(name, "nursery_bytes") == 0 || strcmp(name, "expected-allocation") == 0;
}

static bool is_of_same_work(const struct results_configuration *left,
                            const struct results_configuration *right) {
  return left->heap_bytes == right->heap_bytes && left->mutators == right->mutators &&
         settings_equal(&left->parameters, &right->parameters);
}

static bool differs(const struct results_summary *summaries, const struct results_settings *flats,
                    size_t count, size_t self, const struct results_setting *setting) {
  const struct results_configuration *own = &summaries[self].first.configuration;
  for (size_t index = 0; index < count; index++) {
    const struct results_configuration *other = &summaries[index].first.configuration;
    if (!is_same_cell(other, own) || (is_derived(setting->name) && !is_of_same_work(other, own)))
      continue;
    const char *text = results_settings_find(&flats[index], setting->name);
    if (!text || strcmp(text, setting->text) != 0)
      return true;
  }
  return false;
}

/* Appends " name=text", the first without the blank. What does not fit is left out. */
static void append(char text[RESULTS_TEXT_SIZE], const struct results_setting *setting) {
  size_t length = strlen(text), left = RESULTS_TEXT_SIZE - length;
  int written =
      snprintf(text + length, left, "%s%s=%s", length > 0 ? " " : "", setting->name, setting->text);
  if (written < 0 || (size_t)written >= left)
    text[length] = 0;
}

/* Parameters and mutators: another value is another work. */
static bool is_of_work(const struct results_configuration *configuration, const char *name) {
  return strcmp(name, "mutators") == 0 || results_settings_find(&configuration->parameters, name);
}

static void label(struct results_summary *summaries, const struct results_settings *flats,
                  size_t count, size_t self) {
  struct results_summary *summary = &summaries[self];
  for (size_t index = 0; index < flats[self].count; index++) {
    const struct results_setting *setting = &flats[self].items[index];
    if (!differs(summaries, flats, count, self, setting))
      continue;
    append(summary->label, setting);
    if (!is_of_work(&summary->first.configuration, setting->name))
      append(summary->strategy_label, setting);
  }
}

/* Over all heaps, collectors and barriers. */
static void name_work(struct results_summary *summaries, const struct results_settings *flats,
                      size_t count, size_t self) {
  struct results_summary *summary = &summaries[self];
  const struct results_configuration *own = &summary->first.configuration;
  snprintf(summary->work, sizeof summary->work, "%s", own->workload.text);
  for (size_t index = 0; index < flats[self].count; index++) {
    const struct results_setting *setting = &flats[self].items[index];
    bool is_other = false;
    for (size_t other = 0; is_of_work(own, setting->name) && other < count; other++) {
      const char *text = results_settings_find(&flats[other], setting->name);
      is_other |=
          strcmp(summaries[other].first.configuration.workload.text, own->workload.text) == 0 &&
          (!text || strcmp(text, setting->text) != 0);
    }
    if (is_other)
      append(summary->work, setting);
  }
}

/* --- names of files ----------------------------------------------------------------------------
 */

static void make_plain(char *text) {
  for (; *text; text++)
    if (!isalnum((unsigned char)*text) && !strchr("._-=", *text))
      *text = '-';
}

static bool is_taken(const struct results_summary *summaries, size_t self) {
  for (size_t index = 0; index < self; index++)
    if (strcmp(summaries[index].slug, summaries[self].slug) == 0)
      return true;
  return false;
}

static void slug(struct results_summary *summaries, size_t self) {
  struct results_summary *summary = &summaries[self];
  const struct results_configuration *configuration = &summary->first.configuration;
  char name[192];
  if (results_is_floor(summary))
    snprintf(name, sizeof name, "%s", configuration->workload.text);
  else
    snprintf(name, sizeof name, "%.40s.%.40s.%.30s.%s%s%.24s", configuration->workload.text,
             configuration->collector.text, configuration->barrier.text,
             results_text_size(configuration->heap_bytes).text, summary->label[0] ? "." : "",
             summary->label);
  make_plain(name);
  snprintf(summary->slug, sizeof summary->slug, "%s", name);
  for (unsigned number = 2; is_taken(summaries, self); number++)
    snprintf(summary->slug, sizeof summary->slug, "%s.%u", name, number);
}

int results_configurations_name(struct results_summary *summaries, size_t count) {
  struct results_settings *flats = calloc(count + 1, sizeof *flats);
  int status = flats ? 0 : -ENOMEM;
  for (size_t index = 0; !status && index < count; index++)
    status = flatten(&summaries[index].first.configuration, &flats[index]);
  for (size_t index = 0; !status && index < count; index++) {
    label(summaries, flats, count, index);
    name_work(summaries, flats, count, index);
    slug(summaries, index);
  }
  for (size_t index = 0; flats && index < count; index++)
    results_settings_finish(&flats[index]);
  free(flats);
  return status;
}

static bool has_other_barrier(const struct results_run *run,
                              const struct results_configuration *asked) {
  for (size_t index = 0; index < run->summary_count; index++) {
    const struct results_configuration *other = &run->summaries[index].first.configuration;
    if (strcmp(other->collector.text, asked->collector.text) == 0 &&
        strcmp(other->barrier.text, asked->barrier.text) != 0)
      return true;
  }
  return false;
}

void results_configuration_say(char *text, size_t size, const struct results_run *run,
                               const struct results_summary *summary) {
  const struct results_configuration *asked = &summary->first.configuration;
  bool has_barrier = has_other_barrier(run, asked);
  snprintf(text, size, "%s%s%s on %s, heap %s%s%s", asked->collector.text,
           has_barrier ? " with " : "", has_barrier ? asked->barrier.text : "",
           asked->workload.text, results_text_size(asked->heap_bytes).text,
           summary->label[0] ? ", " : "", summary->label);
}
