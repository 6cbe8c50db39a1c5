# How everything of ours is compiled: C++20, ccache where there is one, asserts on in every build.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

# No NDEBUG: a broken assumption of our own stops the program in release too.
string(REPLACE "-DNDEBUG" "" CMAKE_CXX_FLAGS_RELEASE "${CMAKE_CXX_FLAGS_RELEASE}")

# No path of the building machine in what is built: __FILE__ reads "sim/world.cpp".
add_compile_options("-ffile-prefix-map=${PROJECT_SOURCE_DIR}/=")

if(TXSIM_SANITIZE)
  add_compile_options(
    -fsanitize=${TXSIM_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${TXSIM_SANITIZE})
  find_program(LLD ld.lld)
  if(LLD)  # 100 MB of program in 1 s instead of 10
    add_link_options(-fuse-ld=lld)
  endif()
  # To relocate a program of this size at each start takes longer than most tests.
  add_compile_options($<$<NOT:$<STREQUAL:$<TARGET_PROPERTY:TYPE>,MODULE_LIBRARY>>:-fno-pie>)
  add_link_options($<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:-no-pie>)
endif()

if(TXSIM_ODR)  # what is compared stands in the objects besides their code
  add_link_options(-fno-lto)
endif()

if(TXSIM_LTO)
  include(CheckIPOSupported)
  check_ipo_supported(LANGUAGES CXX)
  set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ON)
endif()

# Our warnings for one target. LENIENT leaves out those that the macros of Catch2 set off.
function(txsim_compile target)
  get_target_property(type ${target} TYPE)
  if(TXSIM_FUZZ AND NOT type STREQUAL "EXECUTABLE")  # counts which edges an input takes
    if(target STREQUAL txsim_core)  # what it compares guides the fuzzer where texts are read
      target_compile_options(${target} PRIVATE -fsanitize-coverage=inline-8bit-counters,pc-table)
    else()
      target_compile_options(${target} PRIVATE -fsanitize=fuzzer-no-link)
    endif()
  endif()
  if(TXSIM_ODR AND target MATCHES "^(txsim|txsim_core|txsim_texts)$")
    # DWARF 5 of g++ 12 would name the folder of the build there.
    target_compile_options(${target} PRIVATE -flto -ffat-lto-objects -gdwarf-4 -g1)
  endif()
  if(NOT TXSIM_STRICT)
    return()
  endif()
  # A designated initialiser may leave members at their defaults.
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wpedantic -Wshadow -Werror -Wno-missing-field-initializers)
  if(NOT "LENIENT" IN_LIST ARGN)
    target_compile_options(${target} PRIVATE -Wconversion -Wsign-conversion)
  endif()
endfunction()
