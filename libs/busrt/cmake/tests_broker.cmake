# Tests of the broker, by raw frames.

set(broker_tests_linux broker_access_test.cpp broker_fifo_test.cpp broker_killed_client_test.cpp broker_listener_test.cpp
    broker_uid_limit_test.cpp)
list(TRANSFORM broker_tests_${BUSRT_SYSTEM} PREPEND tests/${BUSRT_SYSTEM}/)
# Tests of any broker, instantiated here for ours and in tests/interop for the real one.
add_library(busrt_broker_contract OBJECT
  tests/broker_contract_hostile_test.cpp tests/broker_contract_routing_test.cpp
  tests/${BUSRT_SYSTEM}/process_limits.cpp)
compile_quickly(busrt_broker_contract)
target_include_directories(busrt_broker_contract PUBLIC src tests)
target_link_libraries(busrt_broker_contract PUBLIC busrt_broker busrt_testing GTest::gtest)

gtest_program(busrt_broker_tests unit
  tests/broker_contract_ours.cpp tests/broker_frame_tally_test.cpp tests/broker_hostile_test.cpp tests/broker_limits_test.cpp
  tests/broker_pressure_test.cpp tests/broker_registry_parts_test.cpp tests/broker_route_cache_test.cpp
  tests/broker_routing_test.cpp tests/broker_session_parts_test.cpp tests/broker_shard_parts_test.cpp tests/broker_stall_test.cpp
  tests/broker_turns_test.cpp tests/transport_adaptive_spin_test.cpp ${broker_tests_${BUSRT_SYSTEM}}
  LIBS busrt_broker_contract busrt_boost_headers TIMEOUT 120)
target_include_directories(busrt_broker_tests PRIVATE src tests)

set(metrics_tests_linux tests/linux/metrics_pause_test.cpp)
gtest_program(busrt_metrics_tests unit tests/metrics_test.cpp ${metrics_tests_${BUSRT_SYSTEM}} LIBS busrt_metrics busrt_testing busrt_boost)
target_include_directories(busrt_metrics_tests PRIVATE tests)
