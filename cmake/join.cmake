# txsim_join(TARGET [KINDS REGEX] [HEADERS HEADER...]): the sources of a folder are compiled together,
# for builds from scratch: most of what a file takes is what it includes. Sources whose names begin as
# one of the KINDS are a group of their own in their folder. Headers of libraries that nearly all of them
# include, and HEADERS, are compiled once.
function(txsim_join target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" KINDS HEADERS)
  if(NOT TXSIM_UNITY)
    return()
  endif()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  target_precompile_headers(${target} PRIVATE
    <algorithm> <array> <cstdint> <functional> <map> <memory> <optional> <set> <span> <string>
    <string_view> <utility> <vector> <fmt/format.h> ${arg_HEADERS})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # g++ 12 warns of its own strings once it sees more of them (GCC bugs 105329, 105651).
    target_compile_options(${target} PRIVATE
      -Wno-array-bounds -Wno-restrict -Wno-stringop-overflow -Wno-stringop-overread)
  endif()
  get_target_property(sources ${target} SOURCES)
  foreach(source IN LISTS sources)
    cmake_path(GET source PARENT_PATH folder)
    if(folder MATCHES "(^|/)protocols/")  # a folder a protocol, each of few lines
      set(folder protocols)
    endif()
    cmake_path(GET folder FILENAME group)
    cmake_path(GET source STEM kind)
    if(arg_KINDS AND kind MATCHES "^(${arg_KINDS})")
      string(APPEND group "_${CMAKE_MATCH_1}")
    endif()
    set_property(SOURCE "${source}" PROPERTY UNITY_GROUP "${group}")
  endforeach()
endfunction()
