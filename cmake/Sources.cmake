# Which files belong to which target.
#
#   TRICOLOR_HEAP_SOURCES    heap/*.c barriers/*.c collectors/*.c and, of TRICOLOR_EXTRA, what is no workload
#   TRICOLOR_PARTS_SOURCES   harness/*.c harness/export/*.c results/*.c workloads/*.c, less main.c and the per-barrier halves
#   TRICOLOR_OPS_SOURCES     workloads/*_ops.c, compiled once per barrier
#   TRICOLOR_PORT_SOURCES    harness/native/*_port.c, compiled once per allocator of native.def
#   TRICOLOR_WORKLOADS_LEFT_OUT  workloads that TRICOLOR_WORKLOADS does not name
#
# A variation is a file: the arenas are heap/platform_arena_jemalloc.c or heap/platform_arena_malloc.c.

set(top "${PROJECT_SOURCE_DIR}")
file(GLOB TRICOLOR_HEAP_SOURCES CONFIGURE_DEPENDS
  "${top}/heap/*.c" "${top}/barriers/*.c" "${top}/collectors/*.c")
if(TRICOLOR_JEMALLOC)
  list(FILTER TRICOLOR_HEAP_SOURCES EXCLUDE REGEX "/platform_arena_malloc\\.c$")
else()
  list(FILTER TRICOLOR_HEAP_SOURCES EXCLUDE REGEX "/platform_arena_jemalloc\\.c$")
endif()

file(GLOB TRICOLOR_PARTS_SOURCES CONFIGURE_DEPENDS
  "${top}/harness/*.c" "${top}/harness/export/*.c" "${top}/harness/native/*.c" "${top}/results/*.c"
  "${top}/workloads/*.c")
list(FILTER TRICOLOR_PARTS_SOURCES EXCLUDE REGEX "/harness/main\\.c$|_ops\\.c$|_port\\.c$")
file(GLOB TRICOLOR_PORT_SOURCES CONFIGURE_DEPENDS "${top}/harness/native/*_port.c")
file(GLOB TRICOLOR_OPS_SOURCES CONFIGURE_DEPENDS "${top}/workloads/*_ops.c")

tricolor_list_names(known_workloads "${top}/workloads/workloads.def" WORKLOAD)
foreach(directory IN LISTS TRICOLOR_EXTRA)
  file(GLOB sources CONFIGURE_DEPENDS "${directory}/*.c")
  tricolor_list_names(workloads "${directory}/workloads.def" WORKLOAD)
  foreach(source IN LISTS sources)
    get_filename_component(name "${source}" NAME_WE)
    if(name MATCHES "_ops$")
      list(APPEND TRICOLOR_OPS_SOURCES "${source}")
    elseif(name IN_LIST workloads)
      list(APPEND TRICOLOR_PARTS_SOURCES "${source}")
    else()
      list(APPEND TRICOLOR_HEAP_SOURCES "${source}")
    endif()
  endforeach()
  list(APPEND known_workloads ${workloads})
endforeach()

set(TRICOLOR_WORKLOADS_LEFT_OUT "")
if(TRICOLOR_WORKLOADS)
  foreach(workload IN LISTS known_workloads)
    if(NOT workload IN_LIST TRICOLOR_WORKLOADS)
      list(APPEND TRICOLOR_WORKLOADS_LEFT_OUT "${workload}")
      list(FILTER TRICOLOR_PARTS_SOURCES EXCLUDE REGEX "/${workload}\\.c$")
      list(FILTER TRICOLOR_OPS_SOURCES EXCLUDE REGEX "/${workload}_ops\\.c$")
    endif()
  endforeach()
endif()
