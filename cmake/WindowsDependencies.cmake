# What the programs and tests take for Windows besides the bus's own libraries
# (libs/busrt/cmake/windows_dependencies.cmake): the headers of the build machine, and GoogleTest's sources.

add_compile_definitions(_WIN32_WINNT=0x0A00 WIN32_LEAN_AND_MEAN NOMINMAX)

set(program_headers ${CMAKE_BINARY_DIR}/program_include)
file(MAKE_DIRECTORY ${program_headers})
foreach(name CLI fmt)
  if(NOT EXISTS /usr/include/${name})
    message(FATAL_ERROR "/usr/include/${name} is missing; scripts/setup --windows installs it")
  endif()
  file(CREATE_LINK /usr/include/${name} ${program_headers}/${name} SYMBOLIC)
endforeach()

add_library(fmt::fmt INTERFACE IMPORTED)
target_compile_definitions(fmt::fmt INTERFACE FMT_HEADER_ONLY)
target_include_directories(fmt::fmt SYSTEM INTERFACE ${program_headers})

find_package(Threads REQUIRED)
add_library(windows_gtest STATIC /usr/src/googletest/googletest/src/gtest-all.cc
                                 /usr/src/googletest/googletest/src/gtest_main.cc)
target_include_directories(windows_gtest SYSTEM PUBLIC /usr/src/googletest/googletest/include
                                         PRIVATE /usr/src/googletest/googletest)
target_compile_options(windows_gtest PRIVATE -w)
target_link_libraries(windows_gtest PUBLIC Threads::Threads)
add_library(GTest::gtest ALIAS windows_gtest)
add_library(GTest::gtest_main ALIAS windows_gtest)
