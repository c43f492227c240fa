/* What the machine says of itself. */
#define _GNU_SOURCE /* sched_getaffinity */
#include "harness/machine.h"
#include "harness/say.h"
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>
#include <utmpx.h>

int machine_read_file(const char *path, char *text, size_t text_size) {
  text[0] = 0;
  int descriptor = open(path, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    return -errno;
  }
  ssize_t length = read(descriptor, text, text_size - 1);
  int status = length < 0 ? -errno : 0;
  close(descriptor);
  text[length > 0 ? length : 0] = 0;
  return status;
}

double machine_load(void) {
  char text[128];
  double load = NAN;
  if (machine_read_file("/proc/loadavg", text, sizeof text) == 0) {
    sscanf(text, "%lf", &load);
  }
  return load;
}

uint64_t machine_steal_ticks(void) {
  char text[512];
  unsigned long long steal = 0;
  if (machine_read_file("/proc/stat", text, sizeof text) == 0) {
    sscanf(text, "cpu %*u %*u %*u %*u %*u %*u %*u %llu", &steal);
  }
  return steal;
}

uint64_t machine_cores(void) {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0) {
    return (uint64_t)CPU_COUNT(&set);
  }
  long count = sysconf(_SC_NPROCESSORS_ONLN);
  return count > 0 ? (uint64_t)count : 1;
}

uint64_t machine_memory_bytes(void) {
  return (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* --- busy processes -----------------------------------------------------------------------------
 */

enum { PROCESSES = 4096, LOOK_MS = 200 };

struct process_ticks {
  long pid;
  unsigned long long ticks;
  char name[32];
};

/* User and system ticks of one process; false when it is gone. */
static bool read_process(long pid, struct process_ticks *process) {
  char path[64], text[512];
  snprintf(path, sizeof path, "/proc/%ld/stat", pid);
  if (machine_read_file(path, text, sizeof text) != 0) {
    return false;
  }
  const char *open_bracket = strchr(text, '(');
  const char *close_bracket = strrchr(text, ')');
  unsigned long long user, system;
  if (!open_bracket || !close_bracket ||
      sscanf(close_bracket + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu", &user,
             &system) != 2) {
    return false;
  }
  process->pid = pid;
  process->ticks = user + system;
  snprintf(process->name, sizeof process->name, "%.*s", (int)(close_bracket - open_bracket - 1),
           open_bracket + 1);
  return true;
}

static size_t read_processes(struct process_ticks *processes) {
  size_t count = 0;
  DIR *directory = opendir("/proc");
  const struct dirent *entry;
  while (directory && (entry = readdir(directory)) && count < PROCESSES) {
    if (isdigit((unsigned char)entry->d_name[0]) &&
        read_process(atol(entry->d_name), &processes[count])) {
      count++;
    }
  }
  if (directory) {
    closedir(directory);
  }
  return count;
}

static json_t *busy_processes(void) {
  json_t *busy = json_array();
  struct process_ticks *processes = calloc(PROCESSES, sizeof *processes);
  size_t count = processes ? read_processes(processes) : 0;
  poll(NULL, 0, LOOK_MS);
  double ticks_per_look = (double)sysconf(_SC_CLK_TCK) * LOOK_MS / 1000;
  for (size_t i = 0; i < count; i++) {
    struct process_ticks now;
    if (processes[i].pid == getpid() || !read_process(processes[i].pid, &now)) {
      continue;
    }
    double percent = 100 * (double)(now.ticks - processes[i].ticks) / ticks_per_look;
    if (percent > 50) {
      json_array_append_new(busy,
                            json_pack("{s:s, s:f}", "name", now.name, "cpu_percent", percent));
    }
  }
  free(processes);
  return busy;
}

/* --- the description ----------------------------------------------------------------------------
 */

static json_t *text_of(const char *path) {
  char text[256];
  if (machine_read_file(path, text, sizeof text) != 0) {
    return json_null();
  }
  text[strcspn(text, "\n")] = 0;
  return json_string(text);
}

static json_t *processor_name(void) {
  char text[4096];
  machine_read_file("/proc/cpuinfo", text, sizeof text);
  const char *line = strstr(text, "model name");
  const char *colon = line ? strchr(line, ':') : NULL;
  if (!colon) {
    return json_null();
  }
  colon += strspn(colon, ": \t");
  return json_stringn(colon, strcspn(colon, "\n"));
}

/* As cpufreq knows them, in kHz there; an empty array where it does not. */
static json_t *core_frequencies(void) {
  json_t *frequencies = json_array();
  char path[96], text[64];
  for (unsigned core = 0; core < 1024; core++) {
    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%u/cpufreq/scaling_cur_freq", core);
    if (machine_read_file(path, text, sizeof text) != 0) {
      break;
    }
    json_array_append_new(frequencies, json_integer((json_int_t)strtoull(text, NULL, 10) / 1000));
  }
  return frequencies;
}

/* People who are logged in, each once. */
static json_int_t count_users(void) {
  char names[32][sizeof((struct utmpx *)0)->ut_user + 1];
  size_t count = 0;
  const struct utmpx *entry;
  setutxent();
  while ((entry = getutxent()) && count < 32) {
    if (entry->ut_type != USER_PROCESS) {
      continue;
    }
    snprintf(names[count], sizeof names[count], "%.*s", (int)sizeof entry->ut_user, entry->ut_user);
    size_t first = 0;
    while (strcmp(names[first], names[count]) != 0) {
      first++;
    }
    count += first == count;
  }
  endutxent();
  return (json_int_t)count;
}

json_t *machine_observe(void) {
  double load = machine_load();
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  json_t *observation = json_object();
  json_object_set_new(observation, "load", isnan(load) ? json_null() : json_real(load));
  json_object_set_new(observation, "users", json_integer(count_users()));
  json_object_set_new(observation, "steal_ticks", json_integer((json_int_t)machine_steal_ticks()));
  json_object_set_new(observation, "uptime_ns",
                      json_integer((json_int_t)now.tv_sec * 1000000000 + now.tv_nsec));
  json_object_set_new(observation, "core_mhz", core_frequencies());
  json_object_set_new(observation, "busy_processes", busy_processes());
  return observation;
}

json_t *machine_describe(void) {
  struct utsname name;
  uname(&name);
  json_t *machine = machine_observe();
  json_object_set_new(machine, "host", json_string(name.nodename));
  json_object_set_new(machine, "system", json_string(name.sysname));
  json_object_set_new(machine, "release", json_string(name.release));
  json_object_set_new(machine, "version", json_string(name.version));
  json_object_set_new(machine, "architecture", json_string(name.machine));
  json_object_set_new(machine, "processor", processor_name());
  json_object_set_new(machine, "cores", json_integer((json_int_t)machine_cores()));
  json_object_set_new(machine, "memory_bytes", json_integer((json_int_t)machine_memory_bytes()));
  json_object_set_new(machine, "transparent_huge_pages",
                      text_of("/sys/kernel/mm/transparent_hugepage/enabled"));
  json_object_set_new(machine, "governor",
                      text_of("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"));
  json_object_set(machine, "load_before", json_object_get(machine, "load"));
  return machine;
}

/* --- what disturbs ------------------------------------------------------------------------------
 */

/* Less of the processors' time than this is not worth a sentence. */
static const double steal_percent_said = 0.5;

static void note_busy(json_t *noise, const json_t *observation, const char *when) {
  size_t index;
  json_t *process;
  json_array_foreach(json_object_get(observation, "busy_processes"), index, process) {
    json_array_append_new(noise,
                          json_sprintf("%s, another process (%s) took %.0f %% of a core", when,
                                       json_string_value(json_object_get(process, "name")),
                                       json_number_value(json_object_get(process, "cpu_percent"))));
  }
}

static void note_load(json_t *noise, const json_t *before) {
  double load = json_number_value(json_object_get(before, "load"));
  if (load > (double)machine_cores() / 2) {
    json_array_append_new(noise, json_sprintf("before the first trial, the load of the last minute "
                                              "was %.1f on %d cores",
                                              load, (int)machine_cores()));
  }
}

static void note_steal(json_t *noise, const json_t *before, const json_t *after) {
  json_int_t ticks = json_integer_value(json_object_get(after, "steal_ticks")) -
                     json_integer_value(json_object_get(before, "steal_ticks"));
  json_int_t elapsed_ns = json_integer_value(json_object_get(after, "uptime_ns")) -
                          json_integer_value(json_object_get(before, "uptime_ns"));
  double all_ticks =
      (double)elapsed_ns * 1e-9 * (double)sysconf(_SC_CLK_TCK) * (double)machine_cores();
  double percent = all_ticks > 0 && ticks > 0 ? 100 * (double)ticks / all_ticks : 0;
  if (percent >= steal_percent_said) {
    json_array_append_new(
        noise,
        json_sprintf("the host took %.1f %% of the processors' time during the run", percent));
  }
}

json_t *machine_noise(const json_t *before, const json_t *after) {
  json_t *noise = json_array();
  json_int_t users = json_integer_value(json_object_get(before, "users"));
  note_busy(noise, before, "before the first trial");
  note_busy(noise, after, "after the last trial");
  note_load(noise, before);
  note_steal(noise, before, after);
  if (users > 1) {
    json_array_append_new(noise, json_sprintf("%d people were logged in", (int)users));
  }
  return noise;
}

void machine_warn(const json_t *machine) {
  size_t index;
  json_t *process;
  json_array_foreach(json_object_get(machine, "busy_processes"), index, process) {
    say_note("Note: another process (%s) takes %.0f %% of a core; pauses will show it.",
             json_string_value(json_object_get(process, "name")),
             json_number_value(json_object_get(process, "cpu_percent")));
  }
  const char *governor = json_string_value(json_object_get(machine, "governor"));
  if (governor && strcmp(governor, "performance") != 0) {
    say_note("Note: the frequency governor is \"%s\", not \"performance\".", governor);
  }
}
