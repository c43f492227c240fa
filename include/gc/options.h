/* How a heap is opened: the options of option.def as one struct.
 *
 * Start from gc_options_default(), change fields or call gc_option_set with the texts of a command
 * line, and pass the struct to gc_heap_open, which copies what it needs. Texts are borrowed until
 * gc_heap_open returns.
 */
#ifndef GC_OPTIONS_H
#define GC_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GC_OPTION_TYPE_size     uint64_t
#define GC_OPTION_TYPE_count    uint64_t
#define GC_OPTION_TYPE_duration uint64_t
#define GC_OPTION_TYPE_seed     uint64_t
#define GC_OPTION_TYPE_choice   const char *
#define GC_OPTION_TYPE_flag     bool

struct gc_options {
#define GC_OPTION(field, name, kind, default_text, description) GC_OPTION_TYPE_##kind field;
#include <gc/option.def>
#undef GC_OPTION
};

struct gc_option_description {
  const char *name; /* as on the command line, without the dashes */
  const char *kind; /* size, count, duration, choice, flag or seed */
  const char *default_text;
  const char *description;
};

struct gc_options gc_options_default(void);

/* The list, in the order of option.def; static storage. */
const struct gc_option_description *gc_option_descriptions(size_t *count);

/* Parses text into the named option. Returns 0, -ENOENT for a name that is no option, or -EINVAL;
 * then error holds one sentence. choice texts are borrowed, not copied. */
int gc_option_set(struct gc_options *options, const char *name, const char *text, char *error,
                  size_t error_size);

/* Parse helpers, for whoever has texts of the same kinds. Return 0 or -EINVAL with a sentence.
 * Sizes: an integer with an optional suffix K, M, G or T (powers of 1024, an optional trailing B or
 * iB); at most 2^46 bytes. Durations: a decimal number with ns, us, ms or s, or inf (UINT64_MAX).
 */
int gc_parse_size(const char *text, uint64_t *bytes, char *error, size_t error_size);
int gc_parse_duration(const char *text, uint64_t *duration_ns, char *error, size_t error_size);
int gc_parse_count(const char *text, uint64_t *count, char *error, size_t error_size);

#endif
