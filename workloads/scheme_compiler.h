/* The compiler's one call. */
#ifndef WORKLOADS_SCHEME_COMPILER_H
#define WORKLOADS_SCHEME_COMPILER_H

#include "workloads/scheme_program.h"

/* Fills the empty program from the prelude and the text. Fails with a line as scheme_load_fail does. */
void scheme_compile(struct scheme_load *load, struct scheme_program *program, const char *text,
                    size_t text_bytes);

#endif
