# `cmake --install`: libtricolor.a, the headers a program may include, the lists, and tricolor.pc.
#
# A program includes <gc/gc.h>, says -DGC_BARRIER=NAME when it is compiled, and asks
# `pkg-config --static --cflags --libs tricolor`. <tricolor/collectors.def> and <tricolor/barriers.def>
# list what the library holds.

set(pc_cflags "")
foreach(definition IN LISTS TRICOLOR_DEFINITIONS)
  string(APPEND pc_cflags " -D${definition}")
endforeach()
set(pc_requires "")
if(TRICOLOR_JEMALLOC)
  set(pc_requires "jemalloc")
endif()
file(RELATIVE_PATH pc_up "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
string(REGEX REPLACE "/$" "" pc_up "${pc_up}")
configure_file("${PROJECT_SOURCE_DIR}/cmake/tricolor.pc.in" "${PROJECT_BINARY_DIR}/tricolor.pc" @ONLY)

install(TARGETS tricolor_heap ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
install(DIRECTORY include/gc DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" FILES_MATCHING
  PATTERN "*.h" PATTERN "*.def")
install(FILES ${TRICOLOR_BARRIER_HEADERS} DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/gc/barriers")
install(DIRECTORY "${TRICOLOR_GENERATED}/gc/barrier" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/gc")
install(FILES "${TRICOLOR_GENERATED}/tricolor/collectors.def"
  "${TRICOLOR_GENERATED}/tricolor/barriers.def" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/tricolor")
install(FILES "${PROJECT_BINARY_DIR}/tricolor.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
install(FILES LICENSE DESTINATION "${CMAKE_INSTALL_DOCDIR}")
