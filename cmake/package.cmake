# Debian packages, made by cpack: txsim (the program) and libtxsim-dev (the library).
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME txsim)
set(CPACK_PACKAGE_VENDOR "The txsim authors")
set(CPACK_PACKAGE_CONTACT "The txsim authors <authors@txsim.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")  # each package has its own
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_STRIP_FILES ON)
set(CPACK_THREADS 0)  # compresses with all processors
set(CPACK_COMPONENTS_ALL runtime dev)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_TXSIM_VERSION "${PROJECT_VERSION}-1")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_PRE_BUILD_SCRIPTS "${PROJECT_SOURCE_DIR}/cmake/package_files.cmake")
set(CPACK_TXSIM_PACKAGING "${PROJECT_SOURCE_DIR}/packaging")  # for that script

set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME txsim)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION science)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SHLIBDEPS ON)
# The first line is the synopsis; cpack indents the others, and writes a dot for an empty one.
set(CPACK_COMPONENT_RUNTIME_DESCRIPTION "deterministic simulator of distributed transactions
txsim runs two-phase commit, TCC and sagas on the same workload under the
same faults: crashes between two log writes, lost messages, partitions, slow
disks. It checks each run against named consistency invariants and reports
what was violated, and by which message. The same file and seed give the
same run, byte for byte, on every machine.

This package has the program, a library of scenarios and the documentation.")

set(CPACK_DEBIAN_DEV_PACKAGE_NAME libtxsim-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEV_PACKAGE_DEPENDS
    "libboost-program-options-dev, libfmt-dev, libpugixml-dev, libsqlite3-dev")
set(CPACK_DEBIAN_DEV_PACKAGE_SUGGESTS "txsim, cmake")
set(CPACK_COMPONENT_DEV_DESCRIPTION "library for simulators of distributed transactions
With the library of txsim a program adds protocols of its own and has the
whole command for them: runs, sweeps, explorations, comparisons, reports.

This package has the static library, its public headers and a CMake package.")
include(CPack)
