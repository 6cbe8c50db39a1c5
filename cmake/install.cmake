# What is installed, in two components. runtime: the program, the scenario library, the manual page,
# completion for shells, the documentation. dev: the library, its public headers, and the package
# description with which another project says find_package(txsim CONFIG).
include(CMakePackageConfigHelpers)
set(TXSIM_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/txsim)

# --- dev ------------------------------------------------------------------------------------------
install(TARGETS txsim_core txsim_headers EXPORT txsim
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT dev)
install(CODE "
  set(TXSIM_SOURCE \"${PROJECT_SOURCE_DIR}\")
  set(TXSIM_INCLUDES \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_INCLUDEDIR}\")
  include(\"${PROJECT_SOURCE_DIR}/cmake/install_headers.cmake\")" COMPONENT dev)
if(TXSIM_ODR)  # without what is compared, which names the folder of the build
  install(CODE "execute_process(COMMAND_ERROR_IS_FATAL ANY
    COMMAND \"${CMAKE_OBJCOPY}\" --wildcard -R .gnu.lto_* -R .gnu.debuglto_*
            \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_LIBDIR}/libtxsim.a\")"
    COMPONENT dev)
endif()
install(EXPORT txsim NAMESPACE txsim:: FILE txsimTargets.cmake DESTINATION ${TXSIM_PACKAGE_DIR}
        COMPONENT dev)
configure_package_config_file(
  "${PROJECT_SOURCE_DIR}/cmake/txsimConfig.cmake.in" "${PROJECT_BINARY_DIR}/txsimConfig.cmake"
  INSTALL_DESTINATION ${TXSIM_PACKAGE_DIR})
write_basic_package_version_file(
  "${PROJECT_BINARY_DIR}/txsimConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/txsimConfig.cmake"
              "${PROJECT_BINARY_DIR}/txsimConfigVersion.cmake"
        DESTINATION ${TXSIM_PACKAGE_DIR} COMPONENT dev)

# --- runtime ----------------------------------------------------------------------------------------
install(TARGETS txsim DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT runtime)
install(DIRECTORY "${PROJECT_SOURCE_DIR}/scenarios/"
        DESTINATION ${CMAKE_INSTALL_DATADIR}/txsim/scenarios COMPONENT runtime
        FILES_MATCHING PATTERN "*.ini")
# Side by side as in the source, so that the pages' links to each other and their commands hold.
install(FILES README.md CHANGELOG.md CONTRIBUTING.md LICENSE
        DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT runtime)
install(DIRECTORY docs examples DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT runtime)

# The manual page and the completion scripts, which the program writes from its own command line.
if(CMAKE_CROSSCOMPILING AND NOT CMAKE_CROSSCOMPILING_EMULATOR)
  message(STATUS "Nothing here can run the program: no manual page, no completion is installed")
else()
  # Debian's zsh looks into a folder of its own for what packages install.
  install(CODE "
    set(emulator \"${CMAKE_CROSSCOMPILING_EMULATOR}\")
    set(zsh site-functions)
    if(CMAKE_INSTALL_PREFIX MATCHES \"/usr/?$\")
      set(zsh vendor-completions)
    endif()
    foreach(pair IN ITEMS
        \"man ${CMAKE_INSTALL_MANDIR}/man1/txsim.1\"
        \"bash ${CMAKE_INSTALL_DATADIR}/bash-completion/completions/txsim\"
        \"zsh ${CMAKE_INSTALL_DATADIR}/zsh/\${zsh}/_txsim\"
        \"fish ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d/txsim.fish\")
      string(REGEX MATCH \"^[a-z]+\" what \"\${pair}\")
      string(REGEX REPLACE \"^[a-z]+ \" \"\" file \"\${pair}\")
      set(file \"\${CMAKE_INSTALL_PREFIX}/\${file}\")
      list(APPEND CMAKE_INSTALL_MANIFEST_FILES \"\${file}\")
      set(file \"\$ENV{DESTDIR}\${file}\")
      message(STATUS \"Writing: \${file}\")
      cmake_path(GET file PARENT_PATH folder)
      file(MAKE_DIRECTORY \"\${folder}\")
      execute_process(COMMAND \${emulator} \"$<TARGET_FILE:txsim>\" generate \${what}
                      OUTPUT_FILE \"\${file}\" COMMAND_ERROR_IS_FATAL ANY)
      file(CHMOD \"\${file}\" PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
    endforeach()" COMPONENT runtime)
endif()
