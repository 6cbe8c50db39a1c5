# usage: cmake -DOUT=FILE.cpp -DDEPFILE=FILE -DVERSION=0.1.0 -DSOURCE=FOLDER "-DPATHS=PATH;..."
#              [-DGIT=PROGRAM] -P version.cmake
# Writes the source that defines what cli/version.h declares, and leaves it alone where it says so
# already: the build compiles it again only when the commit is another. PATHS are what the program is
# made of: "-dirty" says that they are not as in the commit. A source folder that is not the root of a
# git checkout, such as that of a tarball, has a version and no commit.
cmake_minimum_required(VERSION 3.25)
foreach(variable IN ITEMS GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_PREFIX)  # a git hook sets them
  unset(ENV{${variable}})
endforeach()

# git(VARIABLE ARGUMENT...): what git prints in the source folder; empty where it fails.
function(git out)
  set(${out} "" PARENT_SCOPE)
  if(NOT GIT)
    return()
  endif()
  execute_process(COMMAND "${GIT}" ${ARGN} WORKING_DIRECTORY "${SOURCE}"
    OUTPUT_VARIABLE text ERROR_QUIET RESULT_VARIABLE status OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(status EQUAL 0)
    set(${out} "${text}" PARENT_SCOPE)
  endif()
endfunction()

set(text "${VERSION}")
set(looked_at "")
git(above rev-parse --show-cdup)
git(commit rev-parse --verify --short=12 HEAD)
if(commit AND above STREQUAL "")
  string(APPEND text "+g${commit}")
  git(changes status --porcelain -- ${PATHS})
  if(NOT changes STREQUAL "")
    string(APPEND text "-dirty")
  endif()
  # Whatever makes HEAD another commit writes to one of these.
  git(branch symbolic-ref --quiet HEAD)
  foreach(name IN ITEMS HEAD logs/HEAD packed-refs ${branch})
    git(file rev-parse --git-path "${name}")
    cmake_path(ABSOLUTE_PATH file BASE_DIRECTORY "${SOURCE}" NORMALIZE)
    if(EXISTS "${file}")
      string(REPLACE " " "\\ " file "${file}")
      string(APPEND looked_at " \\\n  ${file}")
    endif()
  endforeach()
endif()

file(CONFIGURE OUTPUT "${OUT}" @ONLY CONTENT "// Written by cmake/version.cmake.
#include \"cli/version.h\"

namespace txsim {

const char* const kVersion = \"@text@\";

}  // namespace txsim
")
string(REPLACE " " "\\ " target "${OUT}")
file(WRITE "${DEPFILE}" "${target}:${looked_at}\n")
