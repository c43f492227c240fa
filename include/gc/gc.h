/* The whole of the mutator's view of a heap: include this, compile with -DGC_BARRIER=name, link
 * libtricolor.
 *
 * The barrier is the one thing chosen at compile time, because its fast half is inline; the
 * collector is a text in the options. A unit that stores no references may do without GC_BARRIER:
 * it then sees everything but the stores and gc_attach.
 */
#ifndef GC_GC_H
#define GC_GC_H

#include <gc/allocate.h>
#include <gc/buffer.h>
#include <gc/dispose.h>
#include <gc/finalizer.h>
#include <gc/handles.h>
#include <gc/heap.h>
#include <gc/mutator.h>
#include <gc/object.h>
#include <gc/options.h>
#include <gc/ref.h>
#include <gc/safepoint.h>
#include <gc/weak.h>

#ifdef GC_BARRIER
#define GC_BARRIER_HEADER_TEXT(path) #path
#define GC_BARRIER_HEADER(path)      GC_BARRIER_HEADER_TEXT(path)
// clang-format off
#include GC_BARRIER_HEADER(gc/barrier/GC_BARRIER.h)
// clang-format on
#include <gc/buffer_slice.h>
#endif

#endif
