# The sources of a folder, or of one kind in it, are compiled together, for builds from scratch: most
# of what a file takes is what it includes. Headers of libraries that nearly all of them include are
# compiled once for all, and so are those that are named behind the target.
function(txsim_join target)
  if(NOT TXSIM_UNITY)
    return()
  endif()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  target_precompile_headers(${target} PRIVATE
    <algorithm> <array> <cstdint> <functional> <map> <memory> <optional> <set> <span> <string>
    <string_view> <utility> <vector> <fmt/format.h> ${ARGN})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # g++ 12 warns of its own strings once it sees more of them (GCC bugs 105329, 105651).
    target_compile_options(${target} PRIVATE
      -Wno-array-bounds -Wno-restrict -Wno-stringop-overflow -Wno-stringop-overread)
  endif()
  get_target_property(sources ${target} SOURCES)
  foreach(source IN LISTS sources)
    cmake_path(GET source PARENT_PATH folder)
    cmake_path(GET folder FILENAME group)
    cmake_path(GET folder PARENT_PATH above)
    cmake_path(GET above FILENAME above)
    cmake_path(GET source STEM kind)
    if(above STREQUAL protocols)  # a folder a protocol
      string(PREPEND group "protocols_")
      string(REGEX REPLACE "_(local|uncoordinated)$" "" group "${group}")  # small
    elseif(kind MATCHES "^(two_phase|saga_orchestration|saga_choreography|saga|sweep|time_space)")
      string(APPEND group "_${CMAKE_MATCH_1}")
    endif()
    set_property(SOURCE "${source}" PROPERTY UNITY_GROUP "${group}")
  endforeach()
endfunction()
