# The source that names the version and the commit (cli/version.h). It is looked at again when HEAD is
# another commit or something changes that the program is made of, and written only when it says
# something else.
find_package(Git QUIET)
set(version_source "${PROJECT_BINARY_DIR}/version/version.cpp")
add_custom_command(OUTPUT "${version_source}"
  COMMAND ${CMAKE_COMMAND} "-DOUT=${version_source}" "-DDEPFILE=${version_source}.d"
          "-DVERSION=${PROJECT_VERSION}" "-DSOURCE=${PROJECT_SOURCE_DIR}"
          "-DPATHS=CMakeLists.txt;cmake;sim;transactions;services;protocols;checks;scenarios;runs;reports;cli"
          "-DGIT=${GIT_EXECUTABLE}" -P "${PROJECT_SOURCE_DIR}/cmake/version.cmake"
  DEPENDS ${core_sources} ${core_headers} ${page_files} "${PROJECT_SOURCE_DIR}/CMakeLists.txt"
          "${PROJECT_SOURCE_DIR}/cmake/version.cmake"
  DEPFILE "${version_source}.d" COMMENT "Looking which commit this is" VERBATIM)
# Alone: what is joined with it would be compiled again, too.
set_source_files_properties("${version_source}" PROPERTIES
  SKIP_UNITY_BUILD_INCLUSION ON SKIP_PRECOMPILE_HEADERS ON)
