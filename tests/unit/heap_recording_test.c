/* What a heap records of itself, against what happened: stops, pauses, phases, samples, lives, and
 * the statistics that must be their sums.
 *
 * Presets: release debug asan
 */
#include "heap/recording.h"
#include "heap_fixture.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#define STOPS_MAX 4096

struct log {
  struct gc_event_stop stops[STOPS_MAX + 1]; /* by id; stop_id 0: none */
  size_t stop_count, sample_count, phase_count, pause_count, lost_count, exhausted_count,
      cycle_count;
  size_t pauses_of_stop[STOPS_MAX + 1];
  struct gc_event_phase phases[STOPS_MAX * 4];
  struct gc_event_pause pauses[STOPS_MAX * 4];
  struct gc_event_mutator lives[16];
  size_t life_count;
  struct gc_event_out_of_memory exhausted;
};

static void take_record(struct log *log, enum gc_event_number number, const uint64_t *fields) {
  switch (number) {
  case GC_EVENT_stop: {
    struct gc_event_stop stop = *(const struct gc_event_stop *)fields;
    assert_true(stop.stop_id >= 1 && stop.stop_id <= STOPS_MAX);
    assert_int_equal(log->stops[stop.stop_id].stop_id, 0);
    log->stops[stop.stop_id] = stop;
    log->stop_count++;
    break;
  }
  case GC_EVENT_pause:
    assert_true(log->pause_count < STOPS_MAX * 4);
    log->pauses[log->pause_count++] = *(const struct gc_event_pause *)fields;
    break;
  case GC_EVENT_phase:
    assert_true(log->phase_count < STOPS_MAX * 4);
    log->phases[log->phase_count++] = *(const struct gc_event_phase *)fields;
    break;
  case GC_EVENT_mutator:
    assert_true(log->life_count < 16);
    log->lives[log->life_count++] = *(const struct gc_event_mutator *)fields;
    break;
  case GC_EVENT_sample:
    log->sample_count++;
    break;
  case GC_EVENT_out_of_memory:
    log->exhausted = *(const struct gc_event_out_of_memory *)fields;
    log->exhausted_count++;
    break;
  case GC_EVENT_cycle:
    log->cycle_count++;
    break;
  case GC_EVENT_pacer:
    break;
  default:
    fail_msg("event %s is not the heap's to record", gc_event_descriptions[number].name);
  }
}

static struct log *read_log(struct gc_heap *heap) {
  struct log *log = calloc(1, sizeof *log);
  assert_non_null(log);
  for (size_t index = 0; index < gc_recording_ring_count(heap); index++) {
    const struct gc_event_ring *ring = gc_recording_ring(heap, index);
    assert_non_null(ring);
    assert_int_equal(ring->ring_number, index);
    log->lost_count += ring->lost_events;
    for (size_t place = 0; place < ring->used_words;) {
      uint64_t head = ring->words[place];
      size_t number = head & 0xffff, field_count = head >> 16 & 0xffff;
      assert_true(number < GC_EVENT_NUMBERS);
      assert_int_equal(field_count, gc_event_descriptions[number].field_count);
      assert_int_equal(head >> 32, index);
      take_record(log, (enum gc_event_number)number, ring->words + place + 1);
      place += field_count + 1;
      assert_true(place <= ring->used_words);
    }
  }
  assert_int_equal(log->lost_count, 0);
  return log;
}

static void check_stops(const struct log *log) {
  for (size_t id = 1; id <= log->stop_count; id++) {
    const struct gc_event_stop *stop = &log->stops[id];
    assert_int_equal(stop->stop_id, id);
    assert_true(stop->kind < GC_PAUSE_KINDS && stop->reason < GC_PAUSE_REASONS);
    assert_true(stop->request_ns <= stop->stopped_ns && stop->stopped_ns <= stop->work_end_ns);
    assert_true(stop->work_end_ns <= stop->resumed_ns);
    assert_true(id == 1 || stop->stopped_ns >= log->stops[id - 1].work_end_ns);
    assert_true(stop->cpu_ns <= stop->cpu_total_ns);
    assert_true(stop->scavenge_cpu_ns <= stop->cpu_ns);
    assert_true(stop->scavenge_ns <= stop->work_end_ns - stop->stopped_ns);
    assert_true(stop->threads >= 1);
    /* The requester's next allocation buffer and the rests of survivor buffers count as used. */
    assert_true(stop->used_after_bytes <= stop->used_before_bytes + (128 << 10));
    assert_true(stop->nursery_before_bytes <= stop->used_before_bytes);
    if (stop->kind == GC_PAUSE_scavenge) {
      assert_int_equal(stop->marked_bytes, 0);
      assert_int_equal(stop->swept_bytes, 0);
    }
  }
  assert_int_equal(log->sample_count, log->stop_count);
}

static void check_pauses(struct log *log) {
  for (size_t index = 0; index < log->pause_count; index++) {
    const struct gc_event_pause *pause = &log->pauses[index];
    assert_true(pause->begin_ns <= pause->end_ns);
    assert_true(pause->stop_id >= 1 && pause->stop_id <= log->stop_count);
    const struct gc_event_stop *stop = &log->stops[pause->stop_id];
    assert_int_equal(pause->kind, stop->kind);
    assert_true(pause->end_ns >= stop->work_end_ns);
    log->pauses_of_stop[pause->stop_id]++;
    if (pause->mutator == stop->requester) {
      assert_int_equal(pause->begin_ns, stop->request_ns);
      assert_int_equal(pause->end_ns, stop->resumed_ns);
    }
  }
}

static void check_phases(struct gc_heap *heap, const struct log *log) {
  for (size_t index = 0; index < log->phase_count; index++) {
    const struct gc_event_phase *phase = &log->phases[index];
    assert_true(phase->phase < gc_recording_phase_count(heap));
    assert_string_not_equal(gc_recording_phase_name(heap, phase->phase), "");
    assert_true(phase->stop_id >= 1 && phase->stop_id <= log->stop_count);
    const struct gc_event_stop *stop = &log->stops[phase->stop_id];
    assert_true(phase->begin_ns >= stop->stopped_ns && phase->end_ns <= stop->work_end_ns);
    assert_true(phase->begin_ns <= phase->end_ns);
  }
}

static void check_sums(const struct log *log, const struct gc_statistics *statistics) {
  uint64_t survived = 0, promoted = 0, marked = 0, swept = 0, scavenges = 0, full = 0;
  for (size_t id = 1; id <= log->stop_count; id++) {
    survived += log->stops[id].survived_bytes;
    promoted += log->stops[id].promoted_bytes;
    marked += log->stops[id].marked_bytes;
    swept += log->stops[id].swept_bytes;
    scavenges += log->stops[id].scavenge_ns > 0;
    full += log->stops[id].kind == GC_PAUSE_full;
  }
  assert_int_equal(survived, statistics->survived_bytes);
  assert_int_equal(promoted, statistics->promoted_bytes);
  assert_int_equal(marked, statistics->marked_bytes);
  assert_int_equal(swept, statistics->swept_bytes);
  assert_int_equal(scavenges, statistics->scavenge_count);
  assert_int_equal(full, statistics->full_count);
  assert_int_equal(log->stop_count, statistics->stop_count);
}

static void one_mutator(void **state) {
  (void)state;
  struct gc_options options = fixture_options(16);
  options.nursery_bytes = 256 << 10;
  struct gc_heap *heap = fixture_open(&options);
  struct gc_mutator *mutator = fixture_attach(heap);
  for (size_t round = 0; round < 40; round++) {
    struct gc_handle_frame frame = gc_handles_enter(mutator);
    gc_handle_push(mutator, fixture_list(mutator, 200 * round, 40));
    gc_collect(mutator, round % 8 == 0 ? GC_COLLECTION_FULL : GC_COLLECTION_MINOR);
    gc_handles_leave(mutator, frame);
  }
  assert_true(gc_is_null(gc_allocate(mutator, 0, 64 << 20, 0)));
  struct gc_statistics statistics;
  gc_statistics_read(heap, &statistics);
  gc_detach(mutator);
  struct log *log = read_log(heap);
  check_stops(log);
  check_pauses(log);
  check_phases(heap, log);
  check_sums(log, &statistics);
  size_t forced_minor = 0, forced_full = 0, nursery_full = 0;
  for (size_t id = 1; id <= log->stop_count; id++) {
    const struct gc_event_stop *stop = &log->stops[id];
    assert_int_equal(log->pauses_of_stop[id], 1);
    forced_minor += stop->reason == GC_REASON_forced_minor && stop->kind == GC_PAUSE_scavenge;
    forced_full += stop->reason == GC_REASON_forced_full && stop->kind == GC_PAUSE_full;
    nursery_full += stop->reason == GC_REASON_nursery_full;
  }
  assert_int_equal(forced_minor, 35);
  assert_int_equal(forced_full, 5);
  assert_true(nursery_full > 10);
  assert_int_equal(log->exhausted_count, 1);
  assert_true(log->exhausted.requested_bytes >= 64 << 20);
  assert_int_equal(log->life_count, 1);
  assert_true(log->lives[0].attach_ns <= log->stops[1].request_ns);
  assert_true(log->lives[0].detach_ns >= log->stops[log->stop_count].resumed_ns);
  free(log);
  gc_heap_close(heap);
}

/* What was allocated is counted, and what died is swept, to the byte. */
static void statistics_add_up(void **state) {
  (void)state;
  struct gc_options options = fixture_options(32);
  struct gc_heap *heap = fixture_open(&options);
  struct gc_mutator *mutator = fixture_attach(heap);
  struct gc_statistics before, after;
  gc_statistics_read(heap, &before);
  enum { COUNT = 100000 };
  struct gc_handle list = gc_handle_push(mutator, fixture_list(mutator, COUNT, 40));
  uint64_t bytes = COUNT * gc_object_bytes_for(1, 40);
  gc_collect(mutator, GC_COLLECTION_FULL);
  gc_statistics_read(heap, &after);
  uint64_t allocated = after.allocated_bytes - before.allocated_bytes;
  assert_true(allocated >= bytes && allocated <= bytes + bytes / 100 + (1 << 20));
  assert_int_equal(after.promoted_bytes - before.promoted_bytes, bytes);
  assert_int_equal(after.promoted_objects - before.promoted_objects, COUNT);
  assert_int_equal(after.last_marked_objects, COUNT);
  assert_int_equal(after.last_live_bytes, bytes);
  assert_int_equal(after.marked_slots - before.marked_slots, COUNT);
  gc_handle_set(mutator, list, gc_null());
  gc_collect(mutator, GC_COLLECTION_FULL);
  gc_statistics_read(heap, &after);
  assert_int_equal(after.swept_bytes - before.swept_bytes, bytes);
  gc_detach(mutator);
  gc_heap_close(heap);
}

struct shared {
  struct gc_heap *heap;
  uint32_t attached, end; /* atomic */
};

static void *poll_until_the_end(void *argument) {
  struct shared *shared = argument;
  struct gc_mutator *mutator = fixture_attach(shared->heap);
  gc_handle_push(mutator, fixture_list(mutator, 100, 40));
  gc_atomic_fetch_add_relaxed(&shared->attached, 1);
  while (gc_atomic_load_relaxed(&shared->end) == 0) {
    gc_poll(mutator);
  }
  gc_detach(mutator);
  return NULL;
}

/* Every mutator that was running records a pause of its own for each stop. */
static void several_mutators(void **state) {
  (void)state;
  struct gc_options options = fixture_options(16);
  struct shared shared = {.heap = fixture_open(&options)};
  pthread_t threads[2];
  for (size_t index = 0; index < 2; index++) {
    pthread_create(&threads[index], NULL, poll_until_the_end, &shared);
  }
  while (gc_atomic_load_relaxed(&shared.attached) < 2) {
    sched_yield();
  }
  struct gc_mutator *mutator = fixture_attach(shared.heap);
  for (int round = 0; round < 50; round++) {
    gc_collect(mutator, round % 10 == 0 ? GC_COLLECTION_FULL : GC_COLLECTION_MINOR);
  }
  gc_atomic_store_relaxed(&shared.end, 1);
  gc_blocking_begin(mutator);
  for (size_t index = 0; index < 2; index++) {
    pthread_join(threads[index], NULL);
  }
  gc_blocking_end(mutator);
  struct gc_statistics statistics;
  gc_statistics_read(shared.heap, &statistics);
  gc_detach(mutator);
  struct log *log = read_log(shared.heap);
  check_stops(log);
  check_pauses(log);
  check_phases(shared.heap, log);
  check_sums(log, &statistics);
  assert_int_equal(log->life_count, 3);
  for (size_t id = 1; id <= log->stop_count; id++) {
    assert_int_equal(log->pauses_of_stop[id], 3);
  }
  free(log);
  gc_heap_close(shared.heap);
}

/* --record=nothing: the heap is the same, every event counts as lost. */
static void nothing_is_recorded(void **state) {
  (void)state;
  struct gc_options options = fixture_options(64);
  options.record = "nothing";
  struct gc_heap *heap = fixture_open(&options);
  struct gc_mutator *mutator = fixture_attach(heap);
  gc_collect(mutator, GC_COLLECTION_MINOR);
  gc_collect(mutator, GC_COLLECTION_FULL);
  gc_detach(mutator);
  uint64_t lost = 0;
  for (size_t index = 0; index < gc_recording_ring_count(heap); index++) {
    const struct gc_event_ring *ring = gc_recording_ring(heap, index);
    assert_int_equal(ring->used_words, 0);
    assert_int_equal(ring->ring_number, index);
    lost += ring->lost_events;
  }
  assert_true(lost >= 2 * 3 + 1); /* two stops with pause and sample each, a life */
  struct gc_statistics statistics;
  gc_statistics_read(heap, &statistics);
  assert_int_equal(statistics.stop_count, 2);
  gc_heap_close(heap);
}

static void what_is_recorded_has_three_names(void **state) {
  (void)state;
  enum gc_record record;
  char error[200];
  assert_int_equal(gc_record_parse("no-requests", &record, error, sizeof error), 0);
  assert_int_equal(record, GC_RECORD_NO_REQUESTS);
  assert_int_equal(gc_record_parse("little", &record, error, sizeof error), -EINVAL);
  assert_non_null(strstr(error, "'little'"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(one_mutator),
      cmocka_unit_test(statistics_add_up),
      cmocka_unit_test(several_mutators),
      cmocka_unit_test(nothing_is_recorded),
      cmocka_unit_test(what_is_recorded_has_three_names),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
