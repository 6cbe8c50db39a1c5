# Run by cpack between installing and packing: brings what was installed into the form that Debian's
# policy asks for.
file(GLOB_RECURSE archives "${CPACK_TEMPORARY_DIRECTORY}/*.a")
foreach(archive IN LISTS archives)  # cpack strips programs only
  execute_process(COMMAND strip --strip-debug --enable-deterministic-archives "${archive}"
                  COMMAND_ERROR_IS_FATAL ANY)
endforeach()

# compress(TEXT FILE): without the time in it, so that the same text is the same file.
function(compress text file)
  file(WRITE "${file}" "${text}")
  execute_process(COMMAND gzip -9nf "${file}" COMMAND_ERROR_IS_FATAL ANY)
  file(CHMOD "${file}.gz" PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
endfunction()

file(READ "${CPACK_TXSIM_PACKAGING}/../CHANGELOG.md" changelog)
# SOURCE_DATE_EPOCH, if it is set, says when this is.
string(TIMESTAMP now "%a, %d %b %Y %H:%M:%S +0000" UTC)
string(CONCAT debian_changelog "txsim (${CPACK_TXSIM_VERSION}) unstable; urgency=medium\n\n"
  "  * Made by cpack from the source of txsim; changelog.gz says what has changed.\n\n"
  " -- ${CPACK_PACKAGE_CONTACT}  ${now}\n")

foreach(pair IN ITEMS runtime:txsim dev:libtxsim-dev)
  string(REPLACE ":" ";" pair "${pair}")
  list(GET pair 0 component)
  list(GET pair 1 package)
  set(usr "${CPACK_TEMPORARY_DIRECTORY}/${component}/usr")
  if(NOT IS_DIRECTORY "${usr}")
    continue()
  endif()
  set(doc "${usr}/share/doc/${package}")
  file(MAKE_DIRECTORY "${doc}")
  file(COPY_FILE "${CPACK_TXSIM_PACKAGING}/copyright" "${doc}/copyright")
  file(CHMOD "${doc}/copyright" PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
  compress("${changelog}" "${doc}/changelog")
  compress("${debian_changelog}" "${doc}/changelog.Debian")
  if(component STREQUAL runtime)
    file(READ "${usr}/share/man/man1/txsim.1" page)
    compress("${page}" "${usr}/share/man/man1/txsim.1")
    # The pages link to these, and name scenarios/FILE beside themselves.
    file(REMOVE "${doc}/LICENSE")
    file(CREATE_LINK copyright "${doc}/LICENSE" SYMBOLIC)
    file(CREATE_LINK ../../txsim/scenarios "${doc}/scenarios" SYMBOLIC)
  endif()
endforeach()
