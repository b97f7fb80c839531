# The bus's libraries for Windows: header-only libraries of the build machine, and libraries that come as sources.
# Only these folders are in the include path, never /usr/include itself, which is Linux's.

set(windows_headers ${CMAKE_BINARY_DIR}/include)
file(MAKE_DIRECTORY ${windows_headers})
foreach(name boost toml++ msgpuck.h)
  if(NOT EXISTS /usr/include/${name})
    message(FATAL_ERROR "/usr/include/${name} is missing; scripts/setup --windows installs it")
  endif()
  file(CREATE_LINK /usr/include/${name} ${windows_headers}/${name} SYMBOLIC)
endforeach()

add_library(busrt_boost_headers INTERFACE)
target_include_directories(busrt_boost_headers SYSTEM INTERFACE ${windows_headers})
# The oldest Windows that the programs run on: 10.
target_compile_definitions(busrt_boost_headers INTERFACE _WIN32_WINNT=0x0A00 WIN32_LEAN_AND_MEAN NOMINMAX)

add_library(busrt_json STATIC ${CMAKE_CURRENT_LIST_DIR}/json_impl.cpp)
target_link_libraries(busrt_json PUBLIC busrt_boost_headers)
target_compile_options(busrt_json PRIVATE -w)
set(busrt_json busrt_json)
set(busrt_system_libraries ws2_32 mswsock bcrypt)

add_library(busrt_toml INTERFACE)
target_link_libraries(busrt_toml INTERFACE busrt_boost_headers)

add_library(busrt_msgpuck STATIC ${CMAKE_CURRENT_LIST_DIR}/msgpuck_impl.cpp)
target_link_libraries(busrt_msgpuck PUBLIC busrt_boost_headers)
