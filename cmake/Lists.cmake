# The `.def` lists: one line per variant, and everything that must know of it derived from that line.
#
# A list is a C file of X-macro lines. Here each becomes <build>/generated/tricolor/<name>.def: the lines
# of the tree followed by those of every directory in TRICOLOR_EXTRA. C code includes only the generated
# lists, as <tricolor/collectors.def>, so an out-of-tree variant is a variant like any other.

# Writes content to path unless the file says so already: an untouched header costs no recompilation.
function(tricolor_write_if_changed path content)
  if(EXISTS "${path}")
    file(READ "${path}" present)
    if(present STREQUAL content)
      return()
    endif()
  endif()
  file(WRITE "${path}" "${content}")
endfunction()

# The first argument of every line `MACRO(argument, ...)` or `MACRO_CUSTOM(argument, ...)` of a list file;
# nothing where there is no such file.
function(tricolor_list_names out file macro)
  set(names "")
  if(EXISTS "${file}")
    file(STRINGS "${file}" lines REGEX "^${macro}[A-Z_]*\\(")
    foreach(line IN LISTS lines)
      string(REGEX REPLACE "^${macro}[A-Z_]*\\( *([A-Za-z0-9_]+).*" "\\1" name "${line}")
      list(APPEND names "${name}")
    endforeach()
  endif()
  set(${out} "${names}" PARENT_SCOPE)
endfunction()

# Writes the generated list `name`. `home` is the folder of the tree's own; lines of TRICOLOR_WORKLOADS'
# absentees are left out of the list of workloads.
function(tricolor_generate_list name home)
  set(content "/* Generated from the lists named ${name}.def. Do not edit. */\n")
  foreach(directory IN ITEMS "${PROJECT_SOURCE_DIR}/${home}" LISTS TRICOLOR_EXTRA)
    set(file "${directory}/${name}.def")
    if(EXISTS "${file}")
      set_property(DIRECTORY "${PROJECT_SOURCE_DIR}" APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
      file(READ "${file}" text)
      string(APPEND content "${text}")
    endif()
  endforeach()
  if(name STREQUAL "workloads" AND TRICOLOR_WORKLOADS)
    foreach(workload IN LISTS TRICOLOR_WORKLOADS_LEFT_OUT)
      string(REGEX REPLACE "\nWORKLOAD\\( *${workload} *[,)][^\n]*" "" content "${content}")
    endforeach()
  endif()
  tricolor_write_if_changed("${TRICOLOR_GENERATED}/tricolor/${name}.def" "${content}")
endfunction()

# The names in the generated list.
function(tricolor_generated_names out name macro)
  tricolor_list_names(names "${TRICOLOR_GENERATED}/tricolor/${name}.def" "${macro}")
  set(${out} "${names}" PARENT_SCOPE)
endfunction()
