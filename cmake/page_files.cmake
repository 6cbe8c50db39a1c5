# The files of the HTML pages, built into the library: what stands in reports/page/ and, from npm in
# the versions that its package-lock.json pins, the library that draws charts.
option(TXSIM_CHARTS "Charts in HTML reports (needs npm; without them there are their tables)" ON)

set(page_folder "${PROJECT_SOURCE_DIR}/reports/page")
set(page_build "${PROJECT_BINARY_DIR}/page")
set(page_files "${page_folder}/page.css" "${page_folder}/run_facts.js" "${page_folder}/run.js"
    "${page_folder}/charts.js" "${page_folder}/matrix.js")
set(chart_library "")
if(TXSIM_CHARTS)
  find_program(NPM npm)
  if(NOT NPM)
    message(FATAL_ERROR "npm not found: the charts in HTML reports are drawn by a library from npm. "
      "Install it (Debian package npm), or configure with -DTXSIM_CHARTS=OFF for reports that have "
      "tables only")
  endif()
  foreach(package IN ITEMS vega vega-lite vega-embed)
    list(APPEND chart_library "${page_build}/node_modules/${package}/build/${package}.min.js")
  endforeach()
  add_custom_command(OUTPUT ${chart_library}
    COMMAND ${CMAKE_COMMAND} "-DNPM=${NPM}" "-DPAGE=${page_folder}" "-DOUT=${page_build}"
            -P "${PROJECT_SOURCE_DIR}/cmake/fetch_charts.cmake"
    COMMAND ${CMAKE_COMMAND} -E touch ${chart_library}
    DEPENDS "${page_folder}/package.json" "${page_folder}/package-lock.json"
    COMMENT "Fetching the library that draws charts" VERBATIM)
endif()

set(page_source "${page_build}/page_files.cpp")
add_custom_command(OUTPUT "${page_source}"
  COMMAND ${CMAKE_COMMAND} "-DOUT=${page_source}" "-DPAGE=${page_folder}"
          "-DLIBRARY=${chart_library}" -P "${PROJECT_SOURCE_DIR}/cmake/embed.cmake"
  DEPENDS ${page_files} ${chart_library} "${PROJECT_SOURCE_DIR}/cmake/embed.cmake" VERBATIM)
