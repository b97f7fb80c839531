# Connection strings: parsed by broker, client and programs alike, so they stand alone.

add_library(busrt_address STATIC src/transport/address.cpp src/transport/security_options.cpp
                                 src/transport/${BUSRT_SYSTEM}/ipc_target.cpp)
target_include_directories(busrt_address PUBLIC include PRIVATE src)
target_link_libraries(busrt_address PUBLIC busrt_wire)

# What broker and client share of the Windows API; empty elsewhere.
set(busrt_system)
if(BUSRT_SYSTEM STREQUAL "windows")
  add_library(busrt_win32 STATIC src/transport/windows/owner.cpp src/transport/windows/win32.cpp)
  target_include_directories(busrt_win32 PUBLIC include src)
  target_link_libraries(busrt_win32 PUBLIC busrt_base advapi32)
  set(busrt_system busrt_win32)
endif()

if(BUSRT_TESTS AND NOT BUSRT_FUZZ)
  gtest_program(busrt_address_tests unit tests/address_test.cpp tests/security_options_test.cpp
                 tests/${BUSRT_SYSTEM}/ipc_address_test.cpp LIBS busrt_address ONE_THREAD)
  target_include_directories(busrt_address_tests PRIVATE src)
endif()
