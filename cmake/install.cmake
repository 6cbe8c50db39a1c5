# What is installed: library, public headers, scenario library, and the package description with
# which another project says find_package(txsim CONFIG).
include(CMakePackageConfigHelpers)
set(TXSIM_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/txsim)

install(TARGETS txsim_core txsim_headers EXPORT txsim
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
        FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/txsim)
if(TXSIM_ODR)  # without what is compared, which names the folder of the build
  install(CODE "execute_process(COMMAND_ERROR_IS_FATAL ANY
    COMMAND \"${CMAKE_OBJCOPY}\" --wildcard -R .gnu.lto_* -R .gnu.debuglto_*
            \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_LIBDIR}/libtxsim.a\")")
endif()
install(DIRECTORY "${PROJECT_SOURCE_DIR}/scenarios/"
        DESTINATION ${CMAKE_INSTALL_DATADIR}/txsim/scenarios
        FILES_MATCHING PATTERN "*.ini")

install(EXPORT txsim NAMESPACE txsim:: FILE txsimTargets.cmake DESTINATION ${TXSIM_PACKAGE_DIR})
configure_package_config_file(
  "${PROJECT_SOURCE_DIR}/cmake/txsimConfig.cmake.in" "${PROJECT_BINARY_DIR}/txsimConfig.cmake"
  INSTALL_DESTINATION ${TXSIM_PACKAGE_DIR})
write_basic_package_version_file(
  "${PROJECT_BINARY_DIR}/txsimConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/txsimConfig.cmake"
              "${PROJECT_BINARY_DIR}/txsimConfigVersion.cmake"
        DESTINATION ${TXSIM_PACKAGE_DIR})
