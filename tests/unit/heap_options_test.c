/* Options: sizes, durations, counts, the list, and what gc_option_set refuses.
 *
 * A refusal is -EINVAL (or -ENOENT for a name) with one sentence that quotes what was given, and
 * leaves the options as they were.
 */
#include <gc/gc.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void sizes_that_are_understood(void **state) {
  (void)state;
  static const struct {
    const char *text;
    uint64_t bytes;
  } cases[] = {
      {"0", 0},
      {"1", 1},
      {"4096", 4096},
      {"4K", 4096},
      {"4KB", 4096},
      {"4KiB", 4096},
      {"16M", 16 << 20},
      {"16MiB", 16 << 20},
      {"3G", UINT64_C(3) << 30},
      {"2T", UINT64_C(2) << 40},
      {"64T", UINT64_C(1) << 46},
      {"70368744177664", UINT64_C(1) << 46},
  };
  for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
    char error[256] = "";
    uint64_t bytes = 77;
    if (gc_parse_size(cases[index].text, &bytes, error, sizeof error) != 0) {
      fail_msg("%s was refused: %s", cases[index].text, error);
    }
    assert_int_equal(bytes, cases[index].bytes);
  }
}

static void sizes_that_are_refused(void **state) {
  (void)state;
  static const char *const texts[] = {
      "",
      "K",
      "12Q",
      "-1",
      "+1",
      " 1",
      "1 ",
      "1 K",
      "1.5G",
      "0x10",
      "1KK",
      "4Ki",
      "4iB",
      "4BK",
      "99999T",
      "65T",
      "1e6",
      "1,000",
      "ten",
      "70368744177665",
      "M16",
      "16MM",
      "16MBB",
      "18446744073709551616",
      "18446744073709551615K",
  };
  for (size_t index = 0; index < sizeof texts / sizeof *texts; index++) {
    char error[256] = "";
    uint64_t bytes = 77;
    if (gc_parse_size(texts[index], &bytes, error, sizeof error) != -EINVAL) {
      fail_msg("\"%s\" was taken for %llu bytes", texts[index], (unsigned long long)bytes);
    }
    assert_int_equal(bytes, 77);
    assert_string_not_equal(error, "");
    if (strstr(error, texts[index]) == NULL) {
      fail_msg("the sentence \"%s\" does not quote \"%s\"", error, texts[index]);
    }
  }
}

static void durations(void **state) {
  (void)state;
  static const struct {
    const char *text;
    uint64_t ns; /* UINT64_MAX - 1: refused */
  } cases[] = {
      {"1ms", 1000000},
      {"2us", 2000},
      {"250ns", 250},
      {"3s", UINT64_C(3000000000)},
      {"0.5ms", 500000},
      {"1.5us", 1500},
      {"0ms", 0},
      {"inf", UINT64_MAX},
      {"-3ms", UINT64_MAX - 1},
      {"-3", UINT64_MAX - 1},
      {"", UINT64_MAX - 1},
      {"ms", UINT64_MAX - 1},
      {"1h", UINT64_MAX - 1},
      {"1 ms", UINT64_MAX - 1},
      {"nan", UINT64_MAX - 1},
      {"infinity", UINT64_MAX - 1},
      {"1e400s", UINT64_MAX - 1},
      {"99999999999999999999s", UINT64_MAX - 1},
      {"0x10ms", UINT64_MAX - 1},
      {"+1ms", UINT64_MAX - 1},
  };
  for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
    char error[256] = "";
    uint64_t ns = 77;
    int status = gc_parse_duration(cases[index].text, &ns, error, sizeof error);
    bool refused = cases[index].ns == UINT64_MAX - 1;
    if (status != (refused ? -EINVAL : 0)) {
      fail_msg("\"%s\" answered %d, %llu ns, %s", cases[index].text, status, (unsigned long long)ns,
               error);
    }
    assert_int_equal(ns, refused ? 77 : cases[index].ns);
    assert_int_equal(error[0] == '\0', !refused);
  }
}

static void counts(void **state) {
  (void)state;
  char error[256] = "";
  uint64_t count = 77;
  assert_int_equal(gc_parse_count("0", &count, error, sizeof error), 0);
  assert_int_equal(count, 0);
  assert_int_equal(gc_parse_count("18446744073709551615", &count, error, sizeof error), 0);
  assert_int_equal(count, UINT64_MAX);
  static const char *const texts[] = {
      "", "-1", "+1", " 1", "1 ", "1K", "x", "0x1", "18446744073709551616"};
  for (size_t index = 0; index < sizeof texts / sizeof *texts; index++) {
    count = 77;
    if (gc_parse_count(texts[index], &count, error, sizeof error) != -EINVAL) {
      fail_msg("\"%s\" was taken for %llu", texts[index], (unsigned long long)count);
    }
    assert_int_equal(count, 77);
  }
}

static void a_short_error_buffer_is_not_overrun(void **state) {
  (void)state;
  char error[8];
  memset(error, 'x', sizeof error);
  uint64_t bytes = 0;
  assert_int_equal(gc_parse_size("12Q", &bytes, error, 4), -EINVAL);
  assert_non_null(memchr(error, '\0', 4));
  assert_int_equal(error[4], 'x');
}

static void defaults_are_the_texts_of_the_list(void **state) {
  (void)state;
  struct gc_options defaults = gc_options_default();
  struct gc_options parsed;
  memset(&parsed, 0, sizeof parsed);
  size_t count = 0;
  const struct gc_option_description *list = gc_option_descriptions(&count);
  assert_true(count > 0);
  for (size_t index = 0; index < count; index++) {
    char error[256] = "";
    if (gc_option_set(&parsed, list[index].name, list[index].default_text, error, sizeof error) !=
        0) {
      fail_msg("default of --%s: %s", list[index].name, error);
    }
    assert_string_not_equal(list[index].description, "");
  }
#define GC_OPTION_EQUAL_size(field)                             assert_int_equal(defaults.field, parsed.field)
#define GC_OPTION_EQUAL_count(field)                            assert_int_equal(defaults.field, parsed.field)
#define GC_OPTION_EQUAL_duration(field)                         assert_int_equal(defaults.field, parsed.field)
#define GC_OPTION_EQUAL_seed(field)                             assert_int_equal(defaults.field, parsed.field)
#define GC_OPTION_EQUAL_flag(field)                             assert_int_equal(defaults.field, parsed.field)
#define GC_OPTION_EQUAL_choice(field)                           assert_string_equal(defaults.field, parsed.field)
#define GC_OPTION(field, name, kind, default_text, description) GC_OPTION_EQUAL_##kind(field);
#include <gc/option.def>
#undef GC_OPTION
  assert_int_equal(defaults.heap_bytes, 256 << 20);
  assert_int_equal(defaults.pause_target_ns, 1000000);
  assert_true(defaults.pretouch);
}

static void setting_by_name(void **state) {
  (void)state;
  struct gc_options options = gc_options_default();
  char error[256] = "";
  assert_int_equal(gc_option_set(&options, "heap", "48M", error, sizeof error), 0);
  assert_int_equal(options.heap_bytes, 48 << 20);
  assert_int_equal(gc_option_set(&options, "pretouch", "off", error, sizeof error), 0);
  assert_false(options.pretouch);
  assert_int_equal(gc_option_set(&options, "pause-target", "inf", error, sizeof error), 0);
  assert_int_equal(options.pause_target_ns, UINT64_MAX);
  assert_int_equal(
      gc_option_set(&options, "collector", "mark=stw,sweep=eager", error, sizeof error), 0);
  assert_string_equal(options.collector, "mark=stw,sweep=eager");
}

/* In MiB without a suffix, as in Node. */
static void max_old_space_size_counts_mebibytes(void **state) {
  (void)state;
  struct gc_options options = gc_options_default();
  char error[256] = "";
  assert_int_equal(gc_option_set(&options, "max-old-space-size", "512", error, sizeof error), 0);
  assert_int_equal(options.max_old_space_mib, 512);
}

static void refusals_change_nothing(void **state) {
  (void)state;
  static const struct {
    const char *name, *text;
    int status;
  } cases[] = {
      {"heap", "12Q", -EINVAL},       {"heap", "-1", -EINVAL},   {"heap", "99999T", -EINVAL},
      {"pretouch", "maybe", -EINVAL}, {"pretouch", "", -EINVAL}, {"pause-target", "-3", -EINVAL},
      {"gc-threads", "two", -EINVAL}, {"seed", "", -EINVAL},     {"heaps", "1M", -ENOENT},
      {"--heap", "1M", -ENOENT},      {"", "1", -ENOENT},        {"heap_bytes", "1M", -ENOENT},
  };
  for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
    struct gc_options options = gc_options_default(), before = options;
    char error[256] = "";
    int status = gc_option_set(&options, cases[index].name, cases[index].text, error, sizeof error);
    if (status != cases[index].status) {
      fail_msg("--%s %s answered %d", cases[index].name, cases[index].text, status);
    }
    assert_string_not_equal(error, "");
    assert_memory_equal(&options, &before, sizeof options);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sizes_that_are_understood),
      cmocka_unit_test(sizes_that_are_refused),
      cmocka_unit_test(durations),
      cmocka_unit_test(counts),
      cmocka_unit_test(a_short_error_buffer_is_not_overrun),
      cmocka_unit_test(defaults_are_the_texts_of_the_list),
      cmocka_unit_test(setting_by_name),
      cmocka_unit_test(max_old_space_size_counts_mebibytes),
      cmocka_unit_test(refusals_change_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
