# Compiler flags, in one interface target that every other target links.
#
# tricolor_flags carries what the project's own sources are compiled with; tricolor_definitions what a
# program that includes <gc/gc.h> must be compiled with too, because inline code depends on it.

set(CMAKE_C_STANDARD 17)
set(CMAKE_C_EXTENSIONS ON)
set(CMAKE_CXX_STANDARD 17)

foreach(language IN ITEMS C CXX)
  set(CMAKE_${language}_FLAGS_RELEASE "-O2 -g")
  set(CMAKE_${language}_FLAGS_DEBUG "-O1 -g -fno-omit-frame-pointer")
endforeach()

add_library(tricolor_flags INTERFACE)
add_library(tricolor_definitions INTERFACE)

target_compile_options(tricolor_flags INTERFACE -Wall -Wextra -Wconversion)
if(TRICOLOR_WERROR)
  target_compile_options(tricolor_flags INTERFACE -Werror)
endif()

include(CheckCCompilerFlag)
check_c_compiler_flag(-march=native TRICOLOR_HAS_MARCH_NATIVE)
if(TRICOLOR_NATIVE AND TRICOLOR_HAS_MARCH_NATIVE)
  target_compile_options(tricolor_flags INTERFACE -march=native)
endif()

if(TRICOLOR_SANITIZE)
  set(sanitize -fsanitize=${TRICOLOR_SANITIZE})
  target_compile_options(tricolor_flags INTERFACE ${sanitize} -fno-omit-frame-pointer)
  target_link_options(tricolor_flags INTERFACE ${sanitize})
  if(TRICOLOR_SANITIZE MATCHES "undefined")
    target_compile_options(tricolor_flags INTERFACE -fno-sanitize-recover=all)
    target_link_options(tricolor_flags INTERFACE -fno-sanitize-recover=all)
  endif()
endif()
if(TRICOLOR_FUZZ)
  target_compile_options(tricolor_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

set(TRICOLOR_DEFINITIONS "")
if(TRICOLOR_DEBUG)
  list(APPEND TRICOLOR_DEFINITIONS GC_DEBUG=1)
endif()
if(TRICOLOR_STRESS)
  list(APPEND TRICOLOR_DEFINITIONS GC_STRESS=1)
endif()
if(TRICOLOR_INSTRUMENT)
  list(APPEND TRICOLOR_DEFINITIONS GC_BARRIER_COUNTS=1)
endif()
if(TRICOLOR_SANITIZE)
  list(APPEND TRICOLOR_DEFINITIONS GC_SANITIZE=1)
endif()
if(NOT TRICOLOR_JEMALLOC)
  list(APPEND TRICOLOR_DEFINITIONS GC_WITH_JEMALLOC=0)
endif()
target_compile_definitions(tricolor_definitions INTERFACE ${TRICOLOR_DEFINITIONS})
