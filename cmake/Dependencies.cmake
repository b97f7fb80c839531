# Everything the project takes from Debian 12, wrapped so that a target names what it uses.

find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED)

# Boost.Asio and Boost.JSON compiled once instead of in every translation unit.
add_library(busrt_boost STATIC ${CMAKE_SOURCE_DIR}/cmake/boost_impl.cpp)
target_include_directories(busrt_boost SYSTEM PUBLIC ${Boost_INCLUDE_DIRS})
target_compile_definitions(busrt_boost PUBLIC
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED BOOST_ALL_NO_LIB)
target_link_libraries(busrt_boost PUBLIC Threads::Threads)
target_compile_options(busrt_boost PRIVATE -w)

# Header-only parts of Boost (containers) for code that must stay free of I/O.
add_library(busrt_boost_headers INTERFACE)
target_include_directories(busrt_boost_headers SYSTEM INTERFACE ${Boost_INCLUDE_DIRS})

# toml++, header-only and in the compiler's own path here.
add_library(busrt_toml INTERFACE)

if(NOT BUSRT_FUZZ)
  find_package(fmt REQUIRED)
  find_package(tomlplusplus REQUIRED)
  find_package(GTest REQUIRED)
  find_package(OpenSSL 3 REQUIRED)
  find_library(UTF8PROC_LIBRARY utf8proc REQUIRED)
endif()
find_library(MSGPUCK_LIBRARY msgpuck REQUIRED)
find_library(RE2_LIBRARY re2 REQUIRED)
