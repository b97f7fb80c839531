# Access rules: the file, and what it decides. No Asio, no sockets, no threads; TOML in one translation unit.

add_library(busrt_access STATIC src/access/client_access.cpp src/access/decide.cpp src/access/grant_check.cpp src/access/hosts.cpp
                                src/access/load_rules.cpp src/access/parse_rules.cpp src/access/words.cpp)
target_include_directories(busrt_access PUBLIC include PRIVATE src)
target_link_libraries(busrt_access PUBLIC busrt_base busrt_routing busrt_wire PRIVATE busrt_toml)

if(BUSRT_TESTS AND NOT BUSRT_FUZZ)
  set(access_tests_linux tests/linux/access_file_test.cpp)
  gtest_program(busrt_access_tests unit ${access_tests_${BUSRT_SYSTEM}} tests/access_decide_test.cpp tests/access_hosts_test.cpp
                 tests/access_parse_test.cpp LIBS busrt_access busrt_testing ONE_THREAD)
  target_include_directories(busrt_access_tests PRIVATE src)
endif()
