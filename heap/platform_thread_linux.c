/* Threads as Linux shows them: ids, and what a thread is doing, from /proc. */
#define _GNU_SOURCE /* gettid */
#include "heap/platform.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

uint64_t gc_platform_thread_id(void) {
  return (uint64_t)gettid();
}

void gc_platform_give_way(int nice) {
  (void)setpriority(PRIO_PROCESS, (id_t)gettid(), nice); /* of this thread alone */
}

static const char *state_words(char state) {
  switch (state) {
  case 'R':
    return "running";
  case 'S':
    return "sleeping in a system call";
  case 'D':
    return "waiting for a device";
  case 'T':
  case 't':
    return "halted";
  default:
    return "not running";
  }
}

void gc_platform_describe_thread(uint64_t thread_id, char *text, size_t text_size) {
  char path[64], line[256] = "";
  snprintf(path, sizeof path, "/proc/self/task/%" PRIu64 "/stat", thread_id);
  FILE *stream = fopen(path, "re");
  if (stream != NULL) {
    if (fgets(line, sizeof line, stream) == NULL) {
      line[0] = '\0';
    }
    fclose(stream);
  }
  /* ID (NAME) STATE …; a name may hold parentheses. */
  char *name = strchr(line, '('), *end = strrchr(line, ')');
  if (name == NULL || end == NULL || end[1] != ' ') {
    snprintf(text, text_size, "which has ended");
    return;
  }
  *end = '\0';
  snprintf(text, text_size, "%.64s, %s", name + 1, state_words(end[2]));
}
