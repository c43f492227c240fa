/* The file that the pair `stream` reads again and again: one that vanishes, or becomes shorter, in
 * mid-stream, ends the stream with a sentence, and another stream is unharmed.
 */
#include "workloads/leak.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { FILE_BYTES = 1000, CHUNK_BYTES = 600 };

static char path[] = "stream.XXXXXX";

static void write_file(void) {
  char bytes[FILE_BYTES];
  memset(bytes, 'x', sizeof bytes);
  strcpy(path, "stream.XXXXXX");
  int descriptor = mkstemp(path);
  assert_true(descriptor >= 0);
  assert_int_equal(write(descriptor, bytes, sizeof bytes), sizeof bytes);
  close(descriptor);
}

/* Once through the file, which begins anew. */
static void read_all(struct leak_file *file, char *note, size_t note_size) {
  char buffer[CHUNK_BYTES];
  assert_int_equal(leak_file_read(file, buffer, CHUNK_BYTES, note, note_size), CHUNK_BYTES);
  assert_int_equal(leak_file_read(file, buffer, CHUNK_BYTES, note, note_size),
                   FILE_BYTES - CHUNK_BYTES);
}

static void one_that_vanishes(void **state) {
  (void)state;
  char note[256] = "", buffer[CHUNK_BYTES];
  struct leak_file file = {.path = path, .descriptor = -1};
  write_file();
  read_all(&file, note, sizeof note);
  read_all(&file, note, sizeof note);
  assert_string_equal(note, "");
  assert_int_equal(unlink(path), 0);
  assert_int_equal(leak_file_read(&file, buffer, CHUNK_BYTES, note, sizeof note), 0);
  assert_non_null(strstr(note, path));
  assert_non_null(strstr(note, "vanished in mid-stream"));
  leak_file_close(&file);
  leak_file_close(&file);
  write_file();
  file = (struct leak_file){.path = path, .descriptor = -1};
  read_all(&file, note, sizeof note);
  leak_file_close(&file);
  assert_int_equal(unlink(path), 0);
}

static void one_that_becomes_shorter(void **state) {
  (void)state;
  char note[256] = "", buffer[CHUNK_BYTES];
  struct leak_file file = {.path = path, .descriptor = -1};
  write_file();
  assert_int_equal(leak_file_read(&file, buffer, CHUNK_BYTES, note, sizeof note), CHUNK_BYTES);
  assert_int_equal(truncate(path, CHUNK_BYTES), 0);
  assert_int_equal(leak_file_read(&file, buffer, CHUNK_BYTES, note, sizeof note), 0);
  assert_non_null(strstr(note, "ended after 600 of 1000 bytes"));
  leak_file_close(&file);
  assert_int_equal(unlink(path), 0);
}

static void one_that_never_was(void **state) {
  (void)state;
  char note[256] = "", buffer[CHUNK_BYTES];
  struct leak_file file = {.path = "there/is/none", .descriptor = -1};
  assert_int_equal(leak_file_read(&file, buffer, CHUNK_BYTES, note, sizeof note), 0);
  assert_non_null(strstr(note, "cannot be opened"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(one_that_vanishes),
      cmocka_unit_test(one_that_becomes_shorter),
      cmocka_unit_test(one_that_never_was),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
