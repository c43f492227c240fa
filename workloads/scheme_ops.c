/* scheme, hot code: the machine that runs compiled programs.
 *
 * Each machine builds the constants of the program in its heap, runs the program once, which
 * defines its procedures, and then calls `run` as often as it is asked.
 *
 * Self-check: what `run` returns is the same each time, and what the program's text announces.
 */
#include "workloads/scheme_strings_ops.h"

/* ---- calls ----------------------------------------------------------------------------------*/

/* What an instruction answers: go on, or end, for better or worse. */
enum step { STEP_ON, STEP_END };

static inline enum step push_value(struct scheme_machine *machine, struct gc_ref value) {
  if (GC_UNLIKELY(gc_is_null(value))) {
    return STEP_END;
  }
  push(machine, value);
  return STEP_ON;
}

GC_NEVER_INLINE static enum step too_deep(struct scheme_machine *machine) {
  scheme_fail(machine, "the recursion is deeper than %d calls", DEPTH_MAX);
  return STEP_END;
}

static inline struct gc_ref call_primitive(struct scheme_machine *machine, uint32_t number,
                                           struct gc_ref *arguments, size_t count) {
  switch ((enum scheme_primitive_number)number) {
#define SCHEME_PRIMITIVE(identifier, ...)                                                          \
  case SCHEME_PRIMITIVE_##identifier:                                                              \
    return primitive_##identifier(machine, arguments, count);
#define SCHEME_PRIMITIVE_THAT_CALLS(...)
#include "workloads/scheme_primitive.def"
#undef SCHEME_PRIMITIVE
  default:
    return gc_null();
  }
}

/* The result takes the place of the arguments. */
static inline enum step op_primitive(struct scheme_machine *machine,
                                     struct scheme_instruction instruction) {
  struct gc_ref *arguments = machine->mutator->handle_top - instruction.count;
  struct gc_ref value = call_primitive(machine, instruction.operand, arguments, instruction.count);
  if (GC_UNLIKELY(gc_is_null(value))) {
    return STEP_END;
  }
  drop(machine, instruction.count);
  push(machine, value);
  return STEP_ON;
}

/* The value on top is the procedure's; below it lies the environment of its caller. */
static inline enum step op_return(struct scheme_machine *machine) {
  struct gc_ref value = *operand(machine, 0);
  drop(machine, 1);
  gc_handle_set(machine->mutator, machine->environment, *operand(machine, 0));
  set_operand(machine, operand(machine, 0), value);
  machine->place = machine->returns[--machine->depth];
  return STEP_ON;
}

GC_NEVER_INLINE static enum step wrong_count(struct scheme_machine *machine, const char *name,
                                             size_t count) {
  scheme_fail(machine, "%s: %zu arguments are not what it takes",
              *name == '\0' ? "a procedure without a name" : name, count);
  return STEP_END;
}

/* Puts the arguments behind the required ones into a list on top of the stack. */
static enum step collect_rest(struct scheme_machine *machine, size_t count, size_t required) {
  struct gc_ref *rest = machine->mutator->handle_top - (count - required);
  push(machine, empty_list(machine));
  if (!list_in_front(machine, rest, count - required)) {
    return STEP_END;
  }
  struct gc_ref list = *operand(machine, 0);
  drop(machine, count - required + 1);
  push(machine, list);
  return STEP_ON;
}

/* Makes the environment of the closure below `count` arguments; what has no variables runs in that
 * of its definition. Null when memory is out. */
static inline struct gc_ref enter_environment(struct scheme_machine *machine, size_t variables,
                                              size_t count) {
  struct gc_mutator *mutator = machine->mutator;
  if (variables == 0) {
    return gc_read_field(mutator, *operand(machine, count), CLOSURE_ENVIRONMENT);
  }
  struct gc_ref environment = make(machine, KIND_ENVIRONMENT, ENVIRONMENT_VARIABLES + variables, 0);
  if (GC_LIKELY(!gc_is_null(environment))) {
    gc_init_field(mutator, environment, ENVIRONMENT_OUTER,
                  gc_read_field(mutator, *operand(machine, count), CLOSURE_ENVIRONMENT));
    const struct gc_ref *arguments = mutator->handle_top - count;
    for (size_t place = 0; place < count; place++) {
      gc_init_field(mutator, environment, ENVIRONMENT_VARIABLES + place, arguments[place]);
    }
  }
  return environment;
}

enum call { CALL, TAIL_CALL };

/* Of the closure below `count` arguments. */
static inline enum step call_closure(struct scheme_machine *machine, size_t count, enum call kind) {
  struct gc_ref closure = *operand(machine, count);
  const struct scheme_lambda *lambda =
      &machine->program->lambdas[number_of(closure, CLOSURE_SLOTS)];
  if (GC_UNLIKELY(count != lambda->required || lambda->has_rest)) {
    if (count < lambda->required || !lambda->has_rest) {
      return wrong_count(machine, lambda->name, count);
    }
    if (collect_rest(machine, count, lambda->required) == STEP_END) {
      return STEP_END;
    }
    count = lambda->required + 1;
  }
  if (kind == CALL && GC_UNLIKELY(machine->depth == DEPTH_MAX || !has_room(machine, 0))) {
    return too_deep(machine);
  }
  struct gc_ref environment = enter_environment(machine, lambda->variables, count);
  if (GC_UNLIKELY(gc_is_null(environment) && lambda->variables > 0)) {
    return STEP_END;
  }
  if (kind == CALL) {
    machine->returns[machine->depth++] = machine->place;
    set_operand(machine, operand(machine, count), gc_handle_get(machine->environment));
    drop(machine, count);
  } else {
    drop(machine, count + 1);
  }
  gc_handle_set(machine->mutator, machine->environment, environment);
  machine->place = lambda->entry;
  gc_poll(machine->mutator);
  return STEP_ON;
}

/* Of the primitive below `count` arguments, as a value. */
static enum step call_primitive_value(struct scheme_machine *machine, size_t count,
                                      enum call kind) {
  uint32_t number = (uint32_t)number_of(*operand(machine, count), 0);
  const struct scheme_primitive *primitive = &scheme_primitives[number];
  if (count < primitive->fewest || count > primitive->most) {
    return wrong_count(machine, primitive->name, count);
  }
  struct gc_ref value =
      call_primitive(machine, number, machine->mutator->handle_top - count, count);
  if (gc_is_null(value)) {
    return STEP_END;
  }
  drop(machine, count + 1);
  push(machine, value);
  return kind == TAIL_CALL ? op_return(machine) : STEP_ON;
}

/* (apply procedure value ... list): leaves the procedure below its arguments and counts them. */
static enum step spread(struct scheme_machine *machine, size_t *count) {
  int64_t length = length_of(machine, operand(machine, 0));
  if (*count < 2 || length < 0) {
    wrong_kind(machine, "apply", *operand(machine, 0), "list of arguments");
    return STEP_END;
  }
  if (!has_room(machine, (size_t)length)) {
    return too_deep(machine);
  }
  struct gc_ref list = *operand(machine, 0);
  struct gc_ref *place = operand(machine, *count);
  for (size_t moved = 0; moved + 1 < *count; moved++) {
    set_operand(machine, place + moved, place[moved + 1]);
  }
  drop(machine, 2);
  for (; is_kind(machine, list, KIND_PAIR); list = rest_of(machine, list)) {
    push(machine, first_of(machine, list));
  }
  *count = *count - 2 + (size_t)length;
  return STEP_ON;
}

static inline enum step op_call(struct scheme_machine *machine, size_t count, enum call kind) {
  struct gc_ref callee = *operand(machine, count);
  while (is_kind(machine, callee, KIND_PRIMITIVE)) {
    if (number_of(callee, 0) != SCHEME_PRIMITIVE_apply) {
      return call_primitive_value(machine, count, kind);
    }
    if (spread(machine, &count) == STEP_END) {
      return STEP_END;
    }
    callee = *operand(machine, count);
  }
  if (GC_UNLIKELY(!is_kind(machine, callee, KIND_PROCEDURE))) {
    wrong_kind(machine, "a call", callee, "procedure");
    return STEP_END;
  }
  return call_closure(machine, count, kind);
}

/* ---- variables ------------------------------------------------------------------------------*/

static inline struct gc_ref environment_at(struct scheme_machine *machine, unsigned out) {
  struct gc_ref environment = gc_handle_get(machine->environment);
  for (; out > 0; out--) {
    environment = gc_read_field(machine->mutator, environment, ENVIRONMENT_OUTER);
  }
  return environment;
}

static inline enum step op_local(struct scheme_machine *machine,
                                 struct scheme_instruction instruction) {
  struct gc_ref value = gc_read_field(machine->mutator, environment_at(machine, instruction.count),
                                      ENVIRONMENT_VARIABLES + instruction.operand);
  if (GC_UNLIKELY(gc_is_null(value))) {
    scheme_fail(machine, "a variable is used before its definition");
    return STEP_END;
  }
  push(machine, value);
  return STEP_ON;
}

static inline struct gc_ref global_of(struct scheme_machine *machine, uint32_t symbol) {
  struct gc_ref value = gc_read_field(machine->mutator, gc_handle_get(machine->globals), symbol);
  if (GC_UNLIKELY(gc_is_null(value))) {
    return scheme_fail(machine, "the variable %s is unbound",
                       machine->program->symbols.names[symbol]);
  }
  return value;
}

static inline enum step op_set_local(struct scheme_machine *machine,
                                     struct scheme_instruction instruction) {
  gc_write_field(machine->mutator, environment_at(machine, instruction.count),
                 ENVIRONMENT_VARIABLES + instruction.operand, *operand(machine, 0));
  set_operand(machine, operand(machine, 0), unspecified(machine));
  return STEP_ON;
}

static inline enum step op_define_global(struct scheme_machine *machine, uint32_t symbol) {
  gc_write_field(machine->mutator, gc_handle_get(machine->globals), symbol, *operand(machine, 0));
  set_operand(machine, operand(machine, 0), unspecified(machine));
  return STEP_ON;
}

static inline enum step op_set_global(struct scheme_machine *machine, uint32_t symbol) {
  if (gc_is_null(global_of(machine, symbol))) {
    return STEP_END;
  }
  return op_define_global(machine, symbol);
}

/* ---- the rest -------------------------------------------------------------------------------*/

static inline enum step op_closure(struct scheme_machine *machine, uint32_t lambda) {
  struct gc_ref closure = make(machine, KIND_PROCEDURE, CLOSURE_SLOTS, sizeof(int64_t));
  if (GC_UNLIKELY(gc_is_null(closure))) {
    return STEP_END;
  }
  gc_init_field(machine->mutator, closure, CLOSURE_ENVIRONMENT,
                gc_handle_get(machine->environment));
  *(int64_t *)gc_object_raw(closure, CLOSURE_SLOTS) = lambda;
  push(machine, closure);
  return STEP_ON;
}

static inline enum step op_enter(struct scheme_machine *machine,
                                 struct scheme_instruction instruction) {
  struct gc_mutator *mutator = machine->mutator;
  struct gc_ref environment =
      make(machine, KIND_ENVIRONMENT, ENVIRONMENT_VARIABLES + instruction.operand, 0);
  if (GC_UNLIKELY(gc_is_null(environment))) {
    return STEP_END;
  }
  gc_init_field(mutator, environment, ENVIRONMENT_OUTER, gc_handle_get(machine->environment));
  const struct gc_ref *values = mutator->handle_top - instruction.count;
  for (size_t place = 0; place < instruction.count; place++) {
    gc_init_field(mutator, environment, ENVIRONMENT_VARIABLES + place, values[place]);
  }
  drop(machine, instruction.count);
  gc_handle_set(mutator, machine->environment, environment);
  return STEP_ON;
}

static inline enum step op_leave(struct scheme_machine *machine) {
  gc_handle_set(machine->mutator, machine->environment, environment_at(machine, 1));
  return STEP_ON;
}

static inline enum step op_jump_if_false(struct scheme_machine *machine, uint32_t target) {
  if (!is_true(machine, *operand(machine, 0))) {
    machine->place = target;
  }
  drop(machine, 1);
  return STEP_ON;
}

/* Jumps, keeping the value, when it is true or false as said; otherwise drops it. */
static inline enum step op_test(struct scheme_machine *machine, uint32_t target, bool jumps_if) {
  if (is_true(machine, *operand(machine, 0)) == jumps_if) {
    machine->place = target;
  } else {
    drop(machine, 1);
  }
  return STEP_ON;
}

static inline enum step op_jump(struct scheme_machine *machine, uint32_t target) {
  machine->place = target;
  return STEP_ON;
}

static inline enum step op_pop(struct scheme_machine *machine) {
  drop(machine, 1);
  return STEP_ON;
}

GC_ALWAYS_INLINE enum step execute_one(struct scheme_machine *machine,
                                       struct scheme_instruction instruction) {
  switch ((enum scheme_operation)instruction.operation) {
  case SCHEME_CONSTANT:
    return push_value(machine, constant_of(machine, instruction.operand));
  case SCHEME_LOCAL:
    return op_local(machine, instruction);
  case SCHEME_GLOBAL:
    return push_value(machine, global_of(machine, instruction.operand));
  case SCHEME_SET_LOCAL:
    return op_set_local(machine, instruction);
  case SCHEME_SET_GLOBAL:
    return op_set_global(machine, instruction.operand);
  case SCHEME_DEFINE_GLOBAL:
    return op_define_global(machine, instruction.operand);
  case SCHEME_POP:
    return op_pop(machine);
  case SCHEME_JUMP:
    return op_jump(machine, instruction.operand);
  case SCHEME_JUMP_IF_FALSE:
    return op_jump_if_false(machine, instruction.operand);
  case SCHEME_AND:
    return op_test(machine, instruction.operand, false);
  case SCHEME_OR:
    return op_test(machine, instruction.operand, true);
  case SCHEME_CLOSURE:
    return op_closure(machine, instruction.operand);
  case SCHEME_ENTER:
    return op_enter(machine, instruction);
  case SCHEME_LEAVE:
    return op_leave(machine);
  case SCHEME_CALL:
    return op_call(machine, instruction.count, CALL);
  case SCHEME_TAIL_CALL:
    return op_call(machine, instruction.count, TAIL_CALL);
  case SCHEME_PRIMITIVE_CALL:
    return op_primitive(machine, instruction);
  case SCHEME_RETURN:
    return op_return(machine);
  case SCHEME_HALT:
    return STEP_END;
  }
  return STEP_END;
}

/* From machine->place until a halt, with the result on top of the stack, or a failure. */
static enum scheme_status execute(struct scheme_machine *machine) {
  const struct scheme_instruction *code = machine->program->code;
  enum step step = STEP_ON;
  while (GC_LIKELY(step == STEP_ON)) {
    step = execute_one(machine, code[machine->place++]);
  }
  return machine->status;
}

/* The line of the text that was being executed; of the caller, where that is the prelude. */
static uint32_t line_of_error(const struct scheme_machine *machine) {
  const uint32_t *lines = machine->program->lines;
  uint32_t line = machine->place == 0 ? 0 : lines[machine->place - 1];
  for (uint32_t depth = machine->depth; line == 0 && depth > 0; depth--) {
    uint32_t place = machine->returns[depth - 1];
    line = place == 0 ? 0 : lines[place - 1];
  }
  return line;
}

/* ---- building -------------------------------------------------------------------------------*/

/* Pushes the datum as a value of the heap. False when memory is out. Recursion is bounded by the
 * reader's bound on nesting. */
static bool build(struct scheme_machine *machine, const struct scheme_datum *datum);

static bool build_list(struct scheme_machine *machine, const struct scheme_datum *list) {
  size_t count = 0;
  for (; list->kind == SCHEME_DATUM_PAIR; list = list->pair.rest, count++) {
    if (!has_room(machine, 2) || !build(machine, list->pair.first)) {
      return false;
    }
  }
  if (!build(machine, list) ||
      !list_in_front(machine, machine->mutator->handle_top - 1 - count, count)) {
    return false;
  }
  struct gc_ref value = *operand(machine, 0);
  drop(machine, count + 1);
  push(machine, value);
  return true;
}

static struct gc_ref build_atom(struct scheme_machine *machine, const struct scheme_datum *datum) {
  switch (datum->kind) {
  case SCHEME_DATUM_INTEGER:
    return integer(machine, datum->integer);
  case SCHEME_DATUM_CHARACTER:
    return character(machine, (unsigned char)datum->integer);
  case SCHEME_DATUM_BOOLEAN:
    return boolean(machine, datum->integer != 0);
  case SCHEME_DATUM_STRING:
    return make_text(machine, datum->text.bytes, datum->text.length);
  case SCHEME_DATUM_EMPTY:
    return empty_list(machine);
  default:
    return unspecified(machine);
  }
}

static bool build(struct scheme_machine *machine, const struct scheme_datum *datum) {
  struct gc_ref value;
  if (datum->kind == SCHEME_DATUM_PAIR) {
    return build_list(machine, datum);
  }
  if (datum->kind == SCHEME_DATUM_SYMBOL) {
    const char *name = machine->program->symbols.names[datum->integer];
    push(machine, make_text(machine, name, strlen(name)));
    value = gc_is_null(*operand(machine, 0)) ? gc_null() : intern(machine);
    drop(machine, 1);
  } else if (datum->kind == SCHEME_DATUM_VECTOR) {
    if (!build_list(machine, datum->items)) {
      return false;
    }
    value = primitive_list_to_vector(machine, operand(machine, 0), 1);
    drop(machine, 1);
  } else {
    value = build_atom(machine, datum);
  }
  push(machine, value);
  return !gc_is_null(value);
}

/* A vector of the machine's own, all null. */
static bool open_vector(struct scheme_machine *machine, struct gc_handle *handle, size_t length) {
  struct gc_ref vector = make(machine, KIND_VECTOR, length, 0);
  *handle = gc_handle_push(machine->mutator, vector);
  return !gc_is_null(vector);
}

static bool fill_numbers(struct scheme_machine *machine, struct gc_handle vector,
                         enum scheme_kind kind, int64_t first, size_t count) {
  for (size_t place = 0; place < count; place++) {
    struct gc_ref number = make_number(machine, kind, first + (int64_t)place);
    if (gc_is_null(number)) {
      return false;
    }
    gc_write_field(machine->mutator, gc_handle_get(vector), place, number);
  }
  return true;
}

/* The machine's own constants come first, because the others hold them. */
static bool build_constants(struct scheme_machine *machine) {
  static const struct {
    enum scheme_kind kind;
    int64_t number;
  } own[CONSTANTS_OF_MACHINE] = {
      {KIND_UNSPECIFIED, 0}, {KIND_BOOLEAN, 0}, {KIND_BOOLEAN, 1}, {KIND_EMPTY, 0}};
  for (uint32_t place = 0; place < machine->program->constant_count; place++) {
    if (place < CONSTANTS_OF_MACHINE) {
      push(machine, make_number(machine, own[place].kind, own[place].number));
      if (gc_is_null(*operand(machine, 0))) {
        return false;
      }
    } else if (!build(machine, machine->program->constants[place])) {
      return false;
    }
    gc_write_field(machine->mutator, gc_handle_get(machine->constants), place,
                   *operand(machine, 0));
    drop(machine, 1);
  }
  return true;
}

static bool build_globals(struct scheme_machine *machine) {
  for (uint32_t number = 0; number < SCHEME_PRIMITIVES; number++) {
    struct gc_ref primitive = make_number(machine, KIND_PRIMITIVE, number);
    if (gc_is_null(primitive)) {
      return false;
    }
    gc_write_field(machine->mutator, gc_handle_get(machine->globals),
                   scheme_symbol_of_primitive((enum scheme_primitive_number)number), primitive);
  }
  return true;
}

static bool define_types(struct scheme_machine *machine) {
  for (unsigned kind = 0; kind < KINDS; kind++) {
    char name[40];
    snprintf(name, sizeof name, "scheme %s", scheme_kind_names[kind]);
    machine->types[kind] = gc_type_define(machine->mutator->heap, name);
    if (machine->types[kind] == 0) {
      return false;
    }
  }
  return true;
}

/* Builds a machine in the caller's handle frame; machine_close is owed in any case. */
static enum scheme_status machine_open(struct scheme_machine *machine, struct gc_mutator *mutator,
                                       const struct scheme_program *program) {
  *machine = (struct scheme_machine){.mutator = mutator, .program = program};
  machine->returns = malloc(DEPTH_MAX * sizeof *machine->returns);
  machine->environment = gc_handle_push(mutator, gc_null());
  bool is_made = machine->returns != NULL && define_types(machine) &&
                 open_vector(machine, &machine->constants, program->constant_count) &&
                 open_vector(machine, &machine->globals, program->symbols.count) &&
                 open_vector(machine, &machine->integers, INTEGERS_MAX - INTEGERS_MIN + 1) &&
                 open_vector(machine, &machine->characters, CHARACTERS) &&
                 open_vector(machine, &machine->symbols, SYMBOL_BUCKETS);
  machine->operands = mutator->handle_top;
  is_made = is_made &&
            fill_numbers(machine, machine->integers, KIND_INTEGER, INTEGERS_MIN,
                         INTEGERS_MAX - INTEGERS_MIN + 1) &&
            fill_numbers(machine, machine->characters, KIND_CHARACTER, 0, CHARACTERS) &&
            build_constants(machine) && build_globals(machine);
  if (!is_made && machine->status == SCHEME_GOOD) {
    machine->status = SCHEME_OUT_OF_MEMORY;
  }
  machine->place = 1;
  return is_made ? execute(machine) : machine->status;
}

static void machine_close(struct scheme_machine *machine) {
  free(machine->returns);
}

/* Calls (run size); the answer is left on top of the stack. */
static enum scheme_status machine_run(struct scheme_machine *machine, uint64_t size) {
  machine->place = 0;
  struct gc_ref run = global_of(machine, machine->program->run_symbol);
  if (push_value(machine, run) == STEP_END) {
    return machine->status;
  }
  if (push_value(machine, integer(machine, (int64_t)size)) == STEP_END ||
      op_call(machine, 1, CALL) == STEP_END) {
    return machine->status;
  }
  return execute(machine);
}

/* ---- the workload ---------------------------------------------------------------------------*/

enum { ANSWER_BYTES_MAX = 4096 };

static enum workload_status as_workload_status(struct workload_run *run,
                                               const struct scheme_machine *machine) {
  switch (machine->status) {
  case SCHEME_GOOD:
    return WORKLOAD_DONE;
  case SCHEME_OUT_OF_MEMORY:
    return WORKLOAD_OUT_OF_MEMORY;
  default:
    break;
  }
  uint32_t line = line_of_error(machine);
  if (line == 0) { /* nothing of the text waits for what failed */
    return workload_wrong(run, "%s: %s", machine->program->path, machine->error);
  }
  return workload_wrong(run, "%s:%" PRIu32 ": %s", machine->program->path, line, machine->error);
}

/* Takes the answer from the stack. first: the text of the first one, empty before. */
static enum workload_status check_answer(struct workload_run *run, struct scheme_machine *machine,
                                         char *first) {
  char answer[ANSWER_BYTES_MAX];
  const struct scheme_expectation *expectation =
      scheme_program_expects(machine->program, workload_integer(run, SCHEME_WORKLOAD_SIZE));
  value_as_text(machine, *operand(machine, 0), answer, sizeof answer);
  drop(machine, 1);
  if (expectation != NULL && strcmp(answer, expectation->answer) != 0) {
    return workload_wrong(run, "the answer is %.80s where the program announces %.80s", answer,
                          expectation->answer);
  }
  if (*first == '\0') {
    strcpy(first, answer);
  } else if (strcmp(first, answer) != 0) {
    return workload_wrong(run, "the answer is %.80s where it was %.80s before", answer, first);
  }
  for (const char *byte = answer; *byte != '\0'; byte++) {
    run->checksum = workload_fold(run->checksum, (unsigned char)*byte);
  }
  return WORKLOAD_DONE;
}

static enum workload_status repeat(struct workload_run *run, struct scheme_machine *machine,
                                   char *first) {
  uint64_t repetitions = workload_integer(run, SCHEME_WORKLOAD_REPETITIONS);
  enum workload_status status = WORKLOAD_DONE;
  for (uint64_t repetition = 0; repetition < repetitions && status == WORKLOAD_DONE; repetition++) {
    machine_run(machine, workload_integer(run, SCHEME_WORKLOAD_SIZE));
    status = as_workload_status(run, machine);
    if (status == WORKLOAD_DONE) {
      status = check_answer(run, machine, first);
    }
    run->operations++;
    workload_operation_end(run);
    workload_progress(run, repetition + 1, repetitions);
  }
  return status;
}

static enum workload_status scheme_run(struct workload_run *run) {
  struct gc_handle_frame frame = gc_handles_enter(run->mutator);
  char first[ANSWER_BYTES_MAX] = "";
  struct scheme_machine machine;
  machine_open(&machine, run->mutator, run->input->data);
  enum workload_status status = as_workload_status(run, &machine);
  if (status == WORKLOAD_DONE) {
    drop(&machine, 1);
    workload_timed_begin(run);
    status = repeat(run, &machine, first);
    workload_timed_end(run);
  }
  if (status == WORKLOAD_DONE) {
    workload_note(run, "%.200s", first);
  }
  machine_close(&machine);
  gc_handles_leave(run->mutator, frame);
  return status;
}

WORKLOAD_OPS(scheme, scheme_run);
