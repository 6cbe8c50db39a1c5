# Run by cmake --install: the public headers, include/txsim/NAME.h, and below txsim/detail/ those of the
# project's own headers that they reach. There `#include "sim/world.h"` reads
# `#include "txsim/detail/sim/world.h"`. So one folder on the include path is enough, and a user's own
# sim/world.h is never taken for txsim's.
#
# TXSIM_SOURCE: the folder of the project. TXSIM_INCLUDES: the folder that gets txsim/, without DESTDIR.

cmake_policy(VERSION 3.25)

# install_header(FROM TO): what it includes of the project is left to do in `queue`.
function(install_header from to)
  file(READ "${TXSIM_SOURCE}/${from}" text)
  string(REGEX REPLACE "(\n#include )\"([^\"\n]+)\"" "\\1\"txsim/detail/\\2\"" installed "${text}")
  set(target "$ENV{DESTDIR}${TXSIM_INCLUDES}/txsim/${to}")
  set(before "")
  if(EXISTS "${target}")
    file(READ "${target}" before)
  endif()
  if(NOT before STREQUAL installed)  # else what was built with it would be built again
    message(STATUS "Installing: ${target}")
    file(WRITE "${target}" "${installed}")
    file(CHMOD "${target}" PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
  endif()
  list(APPEND CMAKE_INSTALL_MANIFEST_FILES "${TXSIM_INCLUDES}/txsim/${to}")

  string(REGEX MATCHALL "\n#include \"[^\"\n]+\"" includes "${text}")
  list(TRANSFORM includes REPLACE "\n#include \"([^\"]+)\"" "\\1")
  list(APPEND queue ${includes})
  set(queue "${queue}" PARENT_SCOPE)
  set(CMAKE_INSTALL_MANIFEST_FILES "${CMAKE_INSTALL_MANIFEST_FILES}" PARENT_SCOPE)
endfunction()

set(queue "")
file(GLOB public_headers RELATIVE "${TXSIM_SOURCE}/include/txsim" "${TXSIM_SOURCE}/include/txsim/*.h")
foreach(header IN LISTS public_headers)
  install_header("include/txsim/${header}" "${header}")
endforeach()
set(done "")
while(queue)
  list(POP_FRONT queue header)
  if(NOT header IN_LIST done)
    list(APPEND done "${header}")
    install_header("${header}" "detail/${header}")
  endif()
endwhile()
