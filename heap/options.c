/* The heap's options: defaults, and parsing of their texts. See gc/options.h. */
#include <errno.h>
#include <gc/options.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIZE_BYTES_MAX (UINT64_C(1) << 46)

static const struct gc_option_description descriptions[] = {
#define GC_OPTION(field, name, kind, default_text, description)                                    \
  {name, #kind, default_text, description},
#include <gc/option.def>
#undef GC_OPTION
};

const struct gc_option_description *gc_option_descriptions(size_t *count) {
  *count = sizeof descriptions / sizeof descriptions[0];
  return descriptions;
}

/* The digits at the start of text; 0 when there are none or they overflow. */
static size_t parse_digits(const char *text, uint64_t *value) {
  size_t length = 0;
  *value = 0;
  for (; text[length] >= '0' && text[length] <= '9'; length++) {
    uint64_t digit = (uint64_t)(text[length] - '0');
    if (*value > (UINT64_MAX - digit) / 10) {
      return 0;
    }
    *value = *value * 10 + digit;
  }
  return length;
}

int gc_parse_count(const char *text, uint64_t *count, char *error, size_t error_size) {
  uint64_t value = 0;
  size_t length = parse_digits(text, &value);
  if (length == 0 || text[length] != '\0') {
    snprintf(error, error_size, "'%s' is not a whole number", text);
    return -EINVAL;
  }
  *count = value;
  return 0;
}

/* log2 of what a size's suffix multiplies by, or -1. An optional B or iB may follow the letter. */
static int suffix_shift(const char *suffix) {
  static const char letters[] = "KMGT";
  if (suffix[0] == '\0' || strcmp(suffix, "B") == 0) {
    return 0;
  }
  const char *letter = strchr(letters, suffix[0]);
  if (letter == NULL) {
    return -1;
  }
  const char *rest = suffix + 1;
  bool is_known = rest[0] == '\0' || strcmp(rest, "B") == 0 || strcmp(rest, "iB") == 0;
  return is_known ? 10 * (int)(letter - letters + 1) : -1;
}

int gc_parse_size(const char *text, uint64_t *bytes, char *error, size_t error_size) {
  uint64_t value = 0;
  size_t length = parse_digits(text, &value);
  int shift = length > 0 ? suffix_shift(text + length) : -1;
  if (shift < 0) {
    snprintf(error, error_size,
             "'%s' is not a size: write a whole number of bytes, or one with K, M, G or T", text);
    return -EINVAL;
  }
  if (value > SIZE_BYTES_MAX >> shift) {
    snprintf(error, error_size, "'%s' is too large: sizes go up to 64T", text);
    return -EINVAL;
  }
  *bytes = value << shift;
  return 0;
}

int gc_parse_duration(const char *text, uint64_t *duration_ns, char *error, size_t error_size) {
  static const struct {
    const char *suffix;
    double scale_ns;
  } units[] = {{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}};
  if (strcmp(text, "inf") == 0) {
    *duration_ns = UINT64_MAX;
    return 0;
  }
  /* Digits with at most one point: no exponents, no hexadecimal, no sign. */
  size_t digits = strspn(text, "0123456789."), points = 0;
  for (size_t index = 0; index < digits; index++) {
    points += text[index] == '.';
  }
  if (digits > points && points <= 1) {
    double number = strtod(text, NULL);
    const char *end = text + digits;
    for (size_t index = 0; index < sizeof units / sizeof units[0]; index++) {
      if (strcmp(end, units[index].suffix) == 0 && number * units[index].scale_ns < 1e18) {
        *duration_ns = (uint64_t)(number * units[index].scale_ns);
        return 0;
      }
    }
  }
  snprintf(error, error_size,
           "'%s' is not a duration: write a number with ns, us, ms or s, such as 500us, or inf",
           text);
  return -EINVAL;
}

static int parse_flag(const char *text, bool *flag, char *error, size_t error_size) {
  if (strcmp(text, "on") != 0 && strcmp(text, "off") != 0) {
    snprintf(error, error_size, "'%s' is neither on nor off", text);
    return -EINVAL;
  }
  *flag = strcmp(text, "on") == 0;
  return 0;
}

static int parse_choice(const char *text, const char **choice, char *error, size_t error_size) {
  (void)error;
  (void)error_size;
  *choice = text;
  return 0;
}

#define gc_parse_flag   parse_flag
#define gc_parse_choice parse_choice
#define gc_parse_seed   gc_parse_count

int gc_option_set(struct gc_options *options, const char *name, const char *text, char *error,
                  size_t error_size) {
  char reason[200] = "";
  int status = -ENOENT;
  if (strcmp(name, "nursery") == 0 && strcmp(text, "auto") == 0) {
    options->nursery_sizing = text;
    return 0;
  }
#define GC_OPTION(field, option_name, kind, default_text, description)                             \
  if (strcmp(name, option_name) == 0) {                                                            \
    status = gc_parse_##kind(text, &options->field, reason, sizeof reason);                        \
  }
#include <gc/option.def>
#undef GC_OPTION
  if (status == -ENOENT) {
    snprintf(error, error_size, "there is no option --%s", name);
  } else if (status != 0) {
    bool may_be_auto = strcmp(name, "nursery") == 0;
    snprintf(error, error_size, "--%s: %s%s", name, reason, may_be_auto ? "; or auto" : "");
  }
  return status;
}

struct gc_options gc_options_default(void) {
  struct gc_options options = {0};
  char error[256];
  for (size_t index = 0; index < sizeof descriptions / sizeof descriptions[0]; index++) {
    (void)gc_option_set(&options, descriptions[index].name, descriptions[index].default_text, error,
                        sizeof error);
  }
  return options;
}
