# The client: connections, the blocking facade, RPC, MessagePack. Never sees the broker; both link the in-process pipes.

set(client_linux ../layers.cpp ../tls_stream.cpp ../websocket_stream.cpp
                 descriptor_opener.cpp ipc_opener.cpp socket_stream.cpp tcp_opener.cpp)
set(client_windows ipc_opener.cpp pipe_stream.cpp unavailable.cpp)
list(TRANSFORM client_${BUSRT_SYSTEM} PREPEND src/client/${BUSRT_SYSTEM}/)
add_library(busrt_client STATIC ${client_${BUSRT_SYSTEM}}
  src/client/blocking_client.cpp src/client/client.cpp src/client/client_core.cpp src/client/client_receive.cpp
  src/client/client_reconnect.cpp src/client/client_send.cpp
  src/client/client_timer.cpp src/client/connection.cpp src/client/context_service.cpp src/client/frame_reader.cpp
  src/client/inproc_stream.cpp src/client/loop_thread.cpp src/client/opener.cpp
  src/client/outbox.cpp src/client/refusal.cpp src/client/restoration.cpp src/client/security.cpp src/client/session.cpp
  src/client/status_board.cpp src/client/subscriptions.cpp
  src/rpc/blocking_rpc_client.cpp src/rpc/calls.cpp src/rpc/msgpack.cpp src/rpc/rpc_client.cpp src/rpc/rpc_core.cpp)
target_include_directories(busrt_client PUBLIC include PRIVATE src)
target_link_libraries(busrt_client PUBLIC busrt_wire busrt_boost PRIVATE busrt_address busrt_inproc ${busrt_network}
                                   ${busrt_system} ${MSGPUCK_LIBRARY})

# Programs to read first; each ends by itself and is run as a test.
if(BUSRT_SYSTEM STREQUAL "windows")
  set(embedded_broker_arguments ipc://busrt-example)
endif()
foreach(example five_lines embedded_broker publish_subscribe remote_calls)
  add_executable(busrt_example_${example} examples/${example}.cpp)
  target_link_libraries(busrt_example_${example} PRIVATE busrt)
  set_target_properties(busrt_example_${example} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/examples")
  add_test(NAME busrt_example.${example} COMMAND busrt_example_${example} ${${example}_arguments})
  set_tests_properties(busrt_example.${example} PROPERTIES LABELS unit TIMEOUT 30)
  if(CMAKE_CROSSCOMPILING)
    set_tests_properties(busrt_example.${example} PROPERTIES FIXTURES_REQUIRED emulator)
  endif()
endforeach()

gtest_program(busrt_client_tests unit
  tests/client_context_test.cpp tests/client_inproc_stream_test.cpp tests/client_outbox_test.cpp tests/client_peer_test.cpp
  tests/client_reconnect_test.cpp tests/client_session_test.cpp tests/msgpack_test.cpp
  tests/rpc_call_table_test.cpp
  LIBS busrt_client busrt_testing)
target_include_directories(busrt_client_tests PRIVATE src tests)

set(client_broker_tests_linux tests/linux/runtime_directory_test.cpp)
set(client_broker_tests_windows tests/windows/named_pipe_test.cpp)
# Tests of the client with any broker, instantiated here for ours and in tests/interop for the real one.
add_library(busrt_client_contract OBJECT tests/client_contract_frames_test.cpp tests/client_contract_rpc_test.cpp)
target_include_directories(busrt_client_contract PUBLIC src tests)
target_link_libraries(busrt_client_contract PUBLIC busrt busrt_testing GTest::gtest)

gtest_program(busrt_client_broker_tests unit ${client_broker_tests_${BUSRT_SYSTEM}}
  tests/client_broker_test.cpp tests/client_contract_ours.cpp tests/client_limits_test.cpp tests/client_restart_test.cpp tests/rpc_reconnect_test.cpp
  LIBS busrt_client_contract TIMEOUT 120)
target_include_directories(busrt_client_broker_tests PRIVATE src tests tests/${BUSRT_SYSTEM})
