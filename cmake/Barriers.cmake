# The generated barrier headers: <gc/barrier/NAME.h> for each line of barriers.def, and <gc/barriers/*.h>.
#
# A barrier is a remembering half and a shading half. Its header names both and includes the composition,
# so that `-DGC_BARRIER=NAME` is all a translation unit has to say. GC_BARRIER_CUSTOM(name) is a barrier
# that is not a pair of halves: it is <gc/barriers/barrier_NAME.h> as it stands.

# Makes the barrier headers of the folder barriers/ and of TRICOLOR_EXTRA visible as <gc/barriers/...>, which is
# where an installed tree has them. Links, so that an edit is an edit of the source.
function(tricolor_link_barrier_headers)
  set(folder "${TRICOLOR_GENERATED}/gc/barriers")
  file(MAKE_DIRECTORY "${folder}")
  file(GLOB headers CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/barriers/*.h")
  list(FILTER headers EXCLUDE REGEX "_parts\\.h$") # the slow halves' own, not a mutator's
  foreach(directory IN LISTS TRICOLOR_EXTRA)
    file(GLOB extra CONFIGURE_DEPENDS "${directory}/remember_*.h" "${directory}/shade_*.h"
         "${directory}/barrier_*.h")
    list(APPEND headers ${extra})
  endforeach()
  set(kept "")
  foreach(header IN LISTS headers)
    get_filename_component(name "${header}" NAME)
    list(APPEND kept "${folder}/${name}")
    file(CREATE_LINK "${header}" "${folder}/${name}" SYMBOLIC COPY_ON_ERROR)
  endforeach()
  file(GLOB present "${folder}/*.h")
  foreach(link IN LISTS present)
    if(NOT link IN_LIST kept)
      file(REMOVE "${link}")
    endif()
  endforeach()
  set(TRICOLOR_BARRIER_HEADERS "${headers}" PARENT_SCOPE)
endfunction()

function(tricolor_write_barrier_header name body)
  string(TOUPPER "GC_BARRIER_${name}_H" guard)
  tricolor_write_if_changed("${TRICOLOR_GENERATED}/gc/barrier/${name}.h"
    "/* Generated from barriers.def. Do not edit. */\n#ifndef ${guard}\n#define ${guard}\n\n${body}\n#endif\n")
endfunction()

# Sets TRICOLOR_BARRIERS, the names of all barriers, and writes a header for each.
function(tricolor_generate_barriers)
  tricolor_link_barrier_headers()
  set(names "")
  file(STRINGS "${TRICOLOR_GENERATED}/tricolor/barriers.def" lines REGEX "^GC_BARRIER(_CUSTOM)?\\(")
  foreach(line IN LISTS lines)
    if(line MATCHES "^GC_BARRIER\\( *([a-z0-9_]+) *, *([a-z0-9_]+) *, *([a-z0-9_]+) *[,)]")
      set(name "${CMAKE_MATCH_1}")
      set(remember "${CMAKE_MATCH_2}")
      set(shade "${CMAKE_MATCH_3}")
      string(CONCAT body
        "#define GC_BARRIER_NAME     \"${name}\"\n"
        "#define GC_BARRIER_REMEMBER ${remember}\n"
        "#define GC_BARRIER_SHADE    ${shade}\n\n"
        "#include <gc/barriers/remember_${remember}.h>\n"
        "#include <gc/barriers/shade_${shade}.h>\n\n"
        "#include <gc/barriers/barrier.h>\n")
    elseif(line MATCHES "^GC_BARRIER_CUSTOM\\( *([a-z0-9_]+) *[,)]")
      set(name "${CMAKE_MATCH_1}")
      set(body "#define GC_BARRIER_NAME \"${name}\"\n\n#include <gc/barriers/barrier_${name}.h>\n")
    else()
      message(FATAL_ERROR "barriers.def: cannot read the line: ${line}")
    endif()
    tricolor_write_barrier_header("${name}" "${body}")
    list(APPEND names "${name}")
  endforeach()
  file(GLOB present RELATIVE "${TRICOLOR_GENERATED}/gc/barrier" "${TRICOLOR_GENERATED}/gc/barrier/*.h")
  foreach(header IN LISTS present)
    string(REGEX REPLACE "\\.h$" "" name "${header}")
    if(NOT name IN_LIST names)
      file(REMOVE "${TRICOLOR_GENERATED}/gc/barrier/${header}")
    endif()
  endforeach()
  set(TRICOLOR_BARRIERS "${names}" PARENT_SCOPE)
  set(TRICOLOR_BARRIER_HEADERS "${TRICOLOR_BARRIER_HEADERS}" PARENT_SCOPE)
endfunction()
