# Unit tests of the rooms without I/O: wire, MessagePack and routing.

gtest_program(busrt_core_tests unit
  tests/msgpack_reader_test.cpp
  tests/msgpack_test.cpp
  tests/routing_containment_test.cpp
  tests/routing_pattern_test.cpp
  tests/routing_random_test.cpp
  tests/routing_structures_test.cpp
  tests/routing_table_test.cpp
  tests/routing_work_test.cpp
  tests/wire_delivery_test.cpp
  tests/wire_handshake_test.cpp
  tests/wire_names_test.cpp
  tests/wire_request_test.cpp
  tests/wire_rpc_test.cpp
  LIBS busrt_wire busrt_msgpack busrt_routing ONE_THREAD)
optimise_under_sanitizers(busrt_core_tests)
target_include_directories(busrt_core_tests PRIVATE src tests)
