# The version a result carries: the project's number and, in a git checkout, the commit it was built from.
#
# Sets TRICOLOR_VERSION. A commit makes CMake configure again, so that a manifest never names an old one;
# tricolor_use_version() hands it only to the sources that say TRICOLOR_VERSION, so that little recompiles.

set(TRICOLOR_VERSION "${PROJECT_VERSION}")
find_program(TRICOLOR_GIT git)
mark_as_advanced(TRICOLOR_GIT)
if(TRICOLOR_GIT AND EXISTS "${PROJECT_SOURCE_DIR}/.git")
  execute_process(COMMAND "${TRICOLOR_GIT}" describe --always --abbrev=10 --match "v[0-9]*"
    WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}"
    OUTPUT_VARIABLE described OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(described)
    string(APPEND TRICOLOR_VERSION "+${described}")
    execute_process(COMMAND "${TRICOLOR_GIT}" rev-parse --git-path logs/HEAD
      WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}"
      OUTPUT_VARIABLE head_log OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    get_filename_component(head_log "${head_log}" ABSOLUTE BASE_DIR "${PROJECT_SOURCE_DIR}")
    if(EXISTS "${head_log}")
      set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${head_log}")
    endif()
  endif()
endif()

function(tricolor_use_version)
  foreach(source IN LISTS ARGN)
    file(STRINGS "${source}" uses REGEX "TRICOLOR_VERSION" LIMIT_COUNT 1)
    if(uses)
      set_property(SOURCE "${source}" APPEND PROPERTY COMPILE_DEFINITIONS
        "TRICOLOR_VERSION=\"${TRICOLOR_VERSION}\"")
    endif()
  endforeach()
endfunction()
