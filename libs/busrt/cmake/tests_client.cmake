# Tests of the client: against scripted peers, and against a broker.

gtest_program(busrt_client_tests unit
  tests/client_ack_outcome_test.cpp
  tests/client_context_test.cpp
  tests/client_cut_write_test.cpp
  tests/client_deadline_timer_test.cpp
  tests/client_inbox_test.cpp
  tests/client_inproc_stream_test.cpp
  tests/client_keepalive_test.cpp
  tests/client_outbox_test.cpp
  tests/client_peer_test.cpp
  tests/client_reconnect_schedule_test.cpp
  tests/client_reconnect_test.cpp
  tests/client_request_encoding_test.cpp
  tests/client_send_buffer_test.cpp
  tests/client_send_path_test.cpp
  tests/client_session_test.cpp
  tests/client_status_notifier_test.cpp
  tests/client_waiting_test.cpp
  tests/rpc_call_table_test.cpp
  LIBS busrt_client busrt_testing)
target_include_directories(busrt_client_tests PRIVATE src tests)

set(client_broker_tests_linux tests/linux/runtime_directory_test.cpp)
set(client_broker_tests_windows tests/windows/named_pipe_test.cpp)
# Tests of the client with any broker, instantiated here for ours and in tests/interop for the real one.
add_library(busrt_client_contract OBJECT tests/client_contract_frames_test.cpp tests/client_contract_rpc_test.cpp)
compile_quickly(busrt_client_contract)
target_include_directories(busrt_client_contract PUBLIC src tests)
target_link_libraries(busrt_client_contract PUBLIC busrt busrt_testing GTest::gtest)

gtest_program(busrt_client_broker_tests unit ${client_broker_tests_${BUSRT_SYSTEM}}
  tests/client_broker_test.cpp tests/client_contract_ours.cpp tests/client_limits_test.cpp tests/client_restart_test.cpp tests/rpc_reconnect_test.cpp
  LIBS busrt_client_contract TIMEOUT 300)
target_include_directories(busrt_client_broker_tests PRIVATE src tests tests/${BUSRT_SYSTEM})
