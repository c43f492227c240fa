# tricolor-bench: the microbenchmarks of harness/microbench/, Google Benchmark behind a C shim.
#
# The comparison with the Boehm collector is the files named *bdwgc*; without that library they are left out.

pkg_check_modules(benchmark REQUIRED IMPORTED_TARGET benchmark)
pkg_check_modules(bdwgc IMPORTED_TARGET bdw-gc)

file(GLOB bench_sources CONFIGURE_DEPENDS
  "${PROJECT_SOURCE_DIR}/harness/microbench/*.c" "${PROJECT_SOURCE_DIR}/harness/microbench/*.cc")
if(NOT bdwgc_FOUND)
  list(FILTER bench_sources EXCLUDE REGEX "/[a-z0-9_]*bdwgc[a-z0-9_]*\\.c$")
  message(STATUS "Without bdw-gc, the comparison with the Boehm collector is off")
endif()
if(NOT bench_sources)
  return()
endif()

add_executable(tricolor-bench ${bench_sources})
target_link_libraries(tricolor-bench PRIVATE tricolor_flags tricolor_parts PkgConfig::benchmark
  $<TARGET_NAME_IF_EXISTS:PkgConfig::bdwgc>)
target_compile_definitions(tricolor-bench PRIVATE GC_BARRIER=card)
tricolor_use_version(${bench_sources})
