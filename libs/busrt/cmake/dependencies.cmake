# What the bus takes from Debian 12, wrapped so that a target names what it uses. Debian has no packages for Windows:
# there the targets stand on the headers of the build machine (windows_dependencies.cmake).

find_package(Threads REQUIRED GLOBAL)

if(BUSRT_SYSTEM STREQUAL "windows")
  include(${CMAKE_CURRENT_LIST_DIR}/windows_dependencies.cmake)
else()
  # The package of a distribution brings its own CMake files, which know what each library needs besides.
  find_package(Boost 1.81 REQUIRED COMPONENTS json GLOBAL)
  set(busrt_json Boost::json)

  # Containers and other header-only parts, for code that must stay free of I/O.
  add_library(busrt_boost_headers INTERFACE)
  target_link_libraries(busrt_boost_headers INTERFACE Boost::headers)

  # toml++, header-only and in the compiler's own path.
  add_library(busrt_toml INTERFACE)

  # The header holds the whole library.
  add_library(busrt_msgpuck STATIC ${CMAKE_CURRENT_LIST_DIR}/msgpuck_impl.cpp)

  if(NOT BUSRT_FUZZ)
    find_package(OpenSSL 3 REQUIRED GLOBAL)
    find_library(RE2_LIBRARY re2 REQUIRED)
  endif()
endif()
target_compile_options(busrt_msgpuck PRIVATE -w)

# Boost.Asio compiled once instead of in every translation unit. A program that links the bus uses the same code; one
# that compiles Asio itself may do so too.
add_library(busrt_boost STATIC ${CMAKE_CURRENT_LIST_DIR}/asio_impl.cpp)
target_compile_definitions(busrt_boost PUBLIC
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED BOOST_ALL_NO_LIB)
target_link_libraries(busrt_boost PUBLIC busrt_boost_headers ${busrt_json} Threads::Threads ${busrt_system_libraries})
target_compile_options(busrt_boost PRIVATE -w)
