# What the project takes from Debian 12 for Windows: header-only libraries of the build machine, and libraries that come
# as sources. Only these folders are seen, never /usr/include itself, which is Linux's.

find_package(Threads REQUIRED)

set(windows_headers ${CMAKE_BINARY_DIR}/include)
file(MAKE_DIRECTORY ${windows_headers})
foreach(name boost CLI fmt toml++ msgpuck.h)
  if(NOT EXISTS /usr/include/${name})
    message(FATAL_ERROR "/usr/include/${name} is missing; scripts/setup --windows installs it")
  endif()
  file(CREATE_LINK /usr/include/${name} ${windows_headers}/${name} SYMBOLIC)
endforeach()

# The oldest Windows that the programs run on: 10.
set(windows_definitions _WIN32_WINNT=0x0A00 WIN32_LEAN_AND_MEAN NOMINMAX)
add_compile_definitions(${windows_definitions})

add_library(busrt_boost_headers INTERFACE)
target_include_directories(busrt_boost_headers SYSTEM INTERFACE ${windows_headers})

add_library(busrt_boost STATIC ${CMAKE_SOURCE_DIR}/cmake/boost_impl.cpp)
target_compile_definitions(busrt_boost PUBLIC
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED BOOST_ALL_NO_LIB)
target_link_libraries(busrt_boost PUBLIC busrt_boost_headers Threads::Threads ws2_32 mswsock bcrypt)
target_compile_options(busrt_boost PRIVATE -w)

add_library(busrt_toml INTERFACE)
target_link_libraries(busrt_toml INTERFACE busrt_boost_headers)

add_library(fmt::fmt INTERFACE IMPORTED)
target_compile_definitions(fmt::fmt INTERFACE FMT_HEADER_ONLY)
target_link_libraries(fmt::fmt INTERFACE busrt_boost_headers)

# msgpuck's header holds the whole library.
add_library(windows_msgpuck STATIC ${CMAKE_SOURCE_DIR}/cmake/msgpuck_impl.cpp)
target_link_libraries(windows_msgpuck PUBLIC busrt_boost_headers)
target_compile_options(windows_msgpuck PRIVATE -w)
set(MSGPUCK_LIBRARY windows_msgpuck)

add_library(windows_gtest STATIC /usr/src/googletest/googletest/src/gtest-all.cc
                                 /usr/src/googletest/googletest/src/gtest_main.cc)
target_include_directories(windows_gtest SYSTEM PUBLIC /usr/src/googletest/googletest/include
                                         PRIVATE /usr/src/googletest/googletest)
target_compile_options(windows_gtest PRIVATE -w)
target_link_libraries(windows_gtest PUBLIC Threads::Threads)
add_library(GTest::gtest ALIAS windows_gtest)
add_library(GTest::gtest_main ALIAS windows_gtest)
