/* Loading libgc and listening to it. See libgc.h.
 *
 * Concurrency. `sources` changes under libgc's allocation lock. `last` and the entry under way are
 * the collecting thread's, of which there is one at a time: it holds that lock from the first event
 * of a collection to the last.
 */
#include "collectors/libgc.h"
#include "heap/platform.h"
#include <dlfcn.h>
#include <errno.h>
#include <gc/atomics.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#define LIBRARY "libgc.so.1"

/* What registering a thread answers; anything else is that it was. */
#define REGISTERED 0

/* Of the library's list of events. */
enum event {
  EVENT_START = 0,
  EVENT_END = 5,
  EVENT_PRE_STOP_WORLD = 6,
  EVENT_POST_STOP_WORLD = 7,
  EVENT_PRE_START_WORLD = 8,
  EVENT_POST_START_WORLD = 9,
};

static pthread_mutex_t opening = PTHREAD_MUTEX_INITIALIZER;
static struct gc_libgc functions; /* constant once it was opened */
static gc_libgc_push push_library_roots;
static struct gc_libgc_roots *sources;
static struct gc_libgc_collection before_all;
static struct gc_libgc_collection *last = &before_all; /* atomic [pairs: libgc-last] */
static struct gc_libgc_collection *under_way;
static uint64_t begin_cpu_ns;

static const struct {
  const char *name;
  size_t offset;
} symbols[] = {
#define LIBGC(result, name, parameters) {"GC_" #name, offsetof(struct gc_libgc, name)},
#include "collectors/libgc.def"
#undef LIBGC
};

/* --- what happens in a collection ---------------------------------------------------------------
 */

static uint64_t used_bytes(void) {
  return functions.get_heap_size() - functions.get_free_bytes();
}

static void begin_collection(void) {
  under_way = calloc(1, sizeof *under_way);
  if (under_way != NULL) {
    under_way->number = gc_atomic_load_relaxed(&last)->number + 1; /* this thread's, for now */
    under_way->thread_id = gc_platform_thread_id();
    under_way->used_before_bytes = used_bytes();
    begin_cpu_ns = gc_platform_thread_cpu_ns();
    under_way->begin_ns = gc_platform_now_ns();
  }
}

static void end_collection(void) {
  under_way->end_ns = gc_platform_now_ns();
  under_way->cpu_ns = gc_platform_thread_cpu_ns() - begin_cpu_ns;
  under_way->used_after_bytes = used_bytes();
  gc_atomic_store_release(&last->next, under_way); /* [pairs: libgc-collection] */
  gc_atomic_store_release(&last, under_way);       /* [pairs: libgc-last] */
  under_way = NULL;
}

static void notice(int event) {
  if (event == EVENT_START) {
    begin_collection();
  }
  if (under_way == NULL) { /* no memory to note it in */
    return;
  }
  switch (event) {
  case EVENT_PRE_STOP_WORLD:
    under_way->stopping_ns = gc_platform_now_ns();
    break;
  case EVENT_POST_STOP_WORLD:
    under_way->stopped_ns = gc_platform_now_ns();
    break;
  case EVENT_PRE_START_WORLD:
    under_way->marked_ns = gc_platform_now_ns();
    break;
  case EVENT_POST_START_WORLD:
    under_way->resumed_ns = gc_platform_now_ns();
    break;
  case EVENT_END:
    end_collection();
    break;
  default:
    break;
  }
}

static void push_roots(void) {
  for (const struct gc_libgc_roots *source = sources; source != NULL; source = source->next) {
    source->push(&functions, source->context);
  }
  push_library_roots();
}

/* It warns of large blocks, among others, which is what workloads are made of. */
static void ignore_warning(char *format, uintptr_t value) {
  (void)format;
  (void)value;
}

/* --- opening ------------------------------------------------------------------------------------
 */

static int load(char *error, size_t error_size) {
  void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) {
    snprintf(error, error_size, "%s is not on this machine; on Debian it is the package libgc1",
             LIBRARY);
    return -ENOENT;
  }
  for (size_t index = 0; index < sizeof symbols / sizeof symbols[0]; index++) {
    void *symbol = dlsym(library, symbols[index].name);
    if (symbol == NULL) {
      snprintf(error, error_size, "%s has no %s: it is older than 8.2, or built without threads",
               LIBRARY, symbols[index].name);
      dlclose(library);
      return -ENOSYS;
    }
    *(void **)((char *)&functions + symbols[index].offset) = symbol;
  }
  return 0;
}

static void configure(unsigned markers) {
  functions.set_no_dls(1);
  functions.set_all_interior_pointers(1); /* large objects are referred to behind their prefix */
  functions.set_markers_count(markers);
  functions.init();
  functions.clear_roots(); /* nothing static refers to an object */
  functions.set_warn_proc(ignore_warning);
  push_library_roots = functions.get_push_other_roots();
  functions.set_push_other_roots(push_roots);
  functions.set_on_collection_event(notice);
  functions.allow_register_threads();
}

static int find_locked(char *error, size_t error_size) {
  static bool is_loaded;
  int status = is_loaded ? 0 : load(error, error_size);
  is_loaded = status == 0;
  return status;
}

int gc_libgc_find(char *error, size_t error_size) {
  pthread_mutex_lock(&opening);
  int status = find_locked(error, error_size);
  pthread_mutex_unlock(&opening);
  return status;
}

int gc_libgc_open(unsigned markers, const struct gc_libgc **libgc, char *error, size_t error_size) {
  static bool is_configured; /* under the lock */
  pthread_mutex_lock(&opening);
  int status = find_locked(error, error_size);
  if (status == 0 && !is_configured) {
    configure(markers);
    is_configured = true;
  }
  pthread_mutex_unlock(&opening);
  *libgc = &functions;
  return status;
}

/* --- threads and roots --------------------------------------------------------------------------
 */

/* The thread that opened the library is registered by that, and stays so. */
static _Thread_local bool is_registered_here;

int gc_libgc_register_thread(const struct gc_libgc *libgc) {
  struct gc_libgc_stack stack;
  if (libgc->get_stack_base(&stack) != 0) {
    return -ENOSYS;
  }
  is_registered_here = libgc->register_my_thread(&stack) == REGISTERED;
  return 0;
}

void gc_libgc_unregister_thread(const struct gc_libgc *libgc) {
  if (is_registered_here) {
    libgc->unregister_my_thread();
    is_registered_here = false;
  }
}

static void *add_locked(void *context) {
  struct gc_libgc_roots *roots = context;
  roots->next = sources;
  sources = roots;
  return NULL;
}

static void *remove_locked(void *context) {
  struct gc_libgc_roots *roots = context;
  struct gc_libgc_roots **link = &sources;
  while (*link != roots) {
    link = &(*link)->next;
  }
  *link = roots->next;
  return NULL;
}

void gc_libgc_roots_add(const struct gc_libgc *libgc, struct gc_libgc_roots *roots) {
  libgc->call_with_alloc_lock(add_locked, roots);
}

void gc_libgc_roots_remove(const struct gc_libgc *libgc, struct gc_libgc_roots *roots) {
  libgc->call_with_alloc_lock(remove_locked, roots);
}

const struct gc_libgc_collection *gc_libgc_last_collection(void) {
  return gc_atomic_load_acquire(&last); /* [pairs: libgc-last] */
}
