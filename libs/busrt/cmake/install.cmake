# What users link: the objects of the rooms in three libraries, static or shared by BUILD_SHARED_LIBS.
#
#   busrt::core     frames, addresses, patterns, in-process pipes, TLS, WebSockets; comes with either of the others
#   busrt::client   clients and RPC: no broker, no TOML, no logging library
#   busrt::broker   broker, access rules, metrics
#
# Our own programs and tests link the rooms instead, whose private headers they may see.
include(GNUInstallDirs)

# busrt_library(NAME ROOMS room...): one library out of the objects of its rooms.
function(busrt_library name)
  cmake_parse_arguments(ARG "" "" "ROOMS" ${ARGN})
  list(TRANSFORM ARG_ROOMS REPLACE "(.+)" "$<TARGET_OBJECTS:\\1>" OUTPUT_VARIABLE objects)
  add_library(busrt_${name}_library ${objects})
  add_library(busrt::${name} ALIAS busrt_${name}_library)
  # In a folder of its own: the archive of a room may have the same name.
  set_target_properties(busrt_${name}_library PROPERTIES
    OUTPUT_NAME busrt_${name} EXPORT_NAME ${name} LINKER_LANGUAGE CXX
    VERSION ${busrt_VERSION} SOVERSION ${busrt_VERSION_MAJOR}.${busrt_VERSION_MINOR}
    ARCHIVE_OUTPUT_DIRECTORY ${busrt_BINARY_DIR}/lib LIBRARY_OUTPUT_DIRECTORY ${busrt_BINARY_DIR}/lib)
  target_compile_features(busrt_${name}_library PUBLIC cxx_std_23)
  target_include_directories(busrt_${name}_library INTERFACE
    $<BUILD_INTERFACE:${busrt_SOURCE_DIR}/include> $<BUILD_INTERFACE:${busrt_SOURCE_DIR}/../base/include>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
endfunction()

# The other two libraries live on the parts of the core, so that these are visible; no installed header shows them.
set(core_rooms busrt_base busrt_wire busrt_msgpack busrt_address busrt_pattern busrt_inproc busrt_boost busrt_msgpuck ${busrt_network} ${busrt_system})
set_target_properties(${core_rooms} PROPERTIES CXX_VISIBILITY_PRESET default VISIBILITY_INLINES_HIDDEN OFF)
busrt_library(core ROOMS ${core_rooms})
# The public headers show Asio's executors and JSON's values. Their code is in the library, respectively in Boost's.
target_compile_definitions(busrt_core_library PUBLIC BOOST_ASIO_SEPARATE_COMPILATION)
target_link_libraries(busrt_core_library PUBLIC Boost::headers Boost::json Threads::Threads
                                         PRIVATE OpenSSL::SSL OpenSSL::Crypto)
busrt_library(client ROOMS busrt_client)
target_link_libraries(busrt_client_library PUBLIC busrt_core_library PRIVATE OpenSSL::SSL OpenSSL::Crypto)
if(BUILD_SHARED_LIBS)
  set(client_map ${CMAKE_CURRENT_SOURCE_DIR}/cmake/client.map)
  target_link_options(busrt_client_library PRIVATE LINKER:--version-script=${client_map})
  set_target_properties(busrt_client_library PROPERTIES LINK_DEPENDS ${client_map})
endif()
busrt_library(broker ROOMS busrt_access busrt_routing busrt_transport busrt_broker busrt_http busrt_metrics)
target_link_libraries(busrt_broker_library PUBLIC busrt_core_library PRIVATE OpenSSL::SSL OpenSSL::Crypto ${RE2_LIBRARY})

if(NOT BUSRT_INSTALL)
  return()
endif()
include(CMakePackageConfigHelpers)

install(TARGETS busrt_core_library busrt_client_library busrt_broker_library EXPORT busrt
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/busrt DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.hpp")
# Of the foundation only what public headers show.
install(FILES ../base/include/busrt/export.hpp DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/busrt)
install(FILES ../base/include/busrt/base/byte_buffer.hpp ../base/include/busrt/base/log.hpp
              ../base/include/busrt/base/result.hpp DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/busrt/base)

set(BUSRT_SHARED OFF)
if(BUILD_SHARED_LIBS)
  set(BUSRT_SHARED ON)
endif()
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/busrt)
install(EXPORT busrt NAMESPACE busrt:: FILE busrt-targets.cmake DESTINATION ${package_folder})
configure_package_config_file(cmake/busrt-config.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/busrt-config.cmake
                              INSTALL_DESTINATION ${package_folder} NO_SET_AND_CHECK_MACRO)
# Before 1.0 each minor version may change the interface; docs/library.md.
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/busrt-config-version.cmake
                                 VERSION ${busrt_VERSION} COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/busrt-config.cmake ${CMAKE_CURRENT_BINARY_DIR}/busrt-config-version.cmake
        DESTINATION ${package_folder})

# What a static library stands on is its users' to link; a shared one brings it along.
set(core_libraries "-lbusrt_core -lssl -lcrypto -lboost_json -lboost_container")
set(client_libraries "-lbusrt_client")
set(broker_libraries "-lbusrt_broker -lre2")
set(client_description "client of the BUS/RT message bus")
set(broker_description "embeddable broker of the BUS/RT message bus")
# The installed tree can be moved.
file(RELATIVE_PATH BUSRT_PC_TO_PREFIX /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
foreach(name client broker)
  set(BUSRT_NAME ${name})
  set(BUSRT_DESCRIPTION ${${name}_description})
  set(BUSRT_PUBLIC_LIBRARIES "${${name}_libraries} ${core_libraries}")
  if(BUSRT_SHARED)
    set(BUSRT_PUBLIC_LIBRARIES "-lbusrt_${name} -lbusrt_core -lboost_json")
  endif()
  configure_file(cmake/busrt.pc.in busrt-${name}.pc @ONLY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/busrt-${name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endforeach()
