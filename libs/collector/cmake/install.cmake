# What authors of collectors link: find_package(daemoneye) gives daemoneye::collector, which holds the runtime, the event
# model and the host, stands on busrt::client, and comes with the headers of all three. A static library: a collector is
# a program of its own.
#
# Our own programs link the rooms instead.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(collector_objects $<TARGET_OBJECTS:daemoneye_events> $<TARGET_OBJECTS:daemoneye_host> $<TARGET_OBJECTS:daemoneye_rpc_service>
                      $<TARGET_OBJECTS:daemoneye_collector>)
add_library(daemoneye_collector_library STATIC ${collector_objects})
add_library(daemoneye::collector ALIAS daemoneye_collector_library)
# In a folder of its own: the archive of the room has the same name.
set_target_properties(daemoneye_collector_library PROPERTIES
  OUTPUT_NAME daemoneye_collector EXPORT_NAME collector LINKER_LANGUAGE CXX
  ARCHIVE_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/lib)
target_compile_features(daemoneye_collector_library PUBLIC cxx_std_23)
target_include_directories(daemoneye_collector_library INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_link_libraries(daemoneye_collector_library PUBLIC busrt::client PRIVATE fmt::fmt)

install(TARGETS daemoneye_collector_library EXPORT daemoneye ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
foreach(room collector events host)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/libs/${room}/include/daemoneye DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
          FILES_MATCHING PATTERN "*.hpp" PATTERN "testing" EXCLUDE)
endforeach()
# Of the foundation what the bus has not installed (libs/busrt/cmake/install.cmake) and a collector needs.
foreach(header counter unique_fd utf8 words)
  install(FILES ${PROJECT_SOURCE_DIR}/libs/base/include/busrt/base/${header}.hpp
          DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/busrt/base)
endforeach()

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/daemoneye)
install(EXPORT daemoneye NAMESPACE daemoneye:: FILE daemoneye-targets.cmake DESTINATION ${package_folder})
configure_package_config_file(cmake/daemoneye-config.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/daemoneye-config.cmake
                              INSTALL_DESTINATION ${package_folder} NO_SET_AND_CHECK_MACRO)
# Before 1.0 each minor version may change the interface; docs/library.md.
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/daemoneye-config-version.cmake
                                 VERSION ${PROJECT_VERSION} COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/daemoneye-config.cmake
              ${CMAKE_CURRENT_BINARY_DIR}/daemoneye-config-version.cmake DESTINATION ${package_folder})
