# The broker's room: event loop and streams (transport), then broker itself.

if(NOT BUSRT_FUZZ)
  set(transport_linux ../tls/tls_stream.cpp adopted.cpp epoll.cpp fifo.cpp path_lock.cpp socket_listener.cpp socket_stream.cpp tcp_listener.cpp unix_listener.cpp)
  set(transport_windows completion_port.cpp named_pipe_listener.cpp named_pipe_stream.cpp unavailable.cpp)
  list(TRANSFORM transport_${BUSRT_SYSTEM} PREPEND src/transport/${BUSRT_SYSTEM}/)
  add_library(busrt_transport STATIC
    src/transport/event_loop.cpp
    src/transport/inproc_stream.cpp
    ${transport_${BUSRT_SYSTEM}})
  target_include_directories(busrt_transport PUBLIC include src)
  target_link_libraries(busrt_transport PUBLIC busrt_inproc busrt_wire ${busrt_network} ${busrt_system} PRIVATE busrt_address)

  add_library(busrt_broker STATIC
    src/broker/access_call.cpp
    src/broker/admission.cpp
    src/broker/broker.cpp
    src/broker/core.cpp
    src/broker/core_rpc.cpp
    src/broker/delivery.cpp
    src/broker/fifo_input.cpp
    src/broker/fifo_line.cpp
    src/broker/frame_tally.cpp
    src/broker/listening.cpp
    src/broker/outbound_queue.cpp
    src/broker/peer_log.cpp
    src/broker/reasons.cpp
    src/broker/registry.cpp
    src/broker/route_cache.cpp
    src/broker/security.cpp
    src/broker/session.cpp
    src/broker/session_access.cpp
    src/broker/session_end.cpp
    src/broker/session_input.cpp
    src/broker/session_requests.cpp
    src/broker/shard.cpp
    src/broker/${BUSRT_SYSTEM}/name_filter.cpp)
  target_include_directories(busrt_broker PUBLIC include PRIVATE src)
  target_link_libraries(busrt_broker PUBLIC busrt_base busrt_access PRIVATE busrt_wire busrt_routing busrt_transport busrt_address
                                     busrt_boost_headers ${MSGPUCK_LIBRARY} ${RE2_LIBRARY})

  # What users of the bus link.
  add_library(busrt INTERFACE)
  target_link_libraries(busrt INTERFACE busrt_client busrt_broker)
endif()

if(NOT BUSRT_FUZZ)
  set(broker_tests_linux broker_access_test.cpp broker_fifo_test.cpp broker_killed_client_test.cpp broker_listener_test.cpp
      broker_uid_limit_test.cpp)
  list(TRANSFORM broker_tests_${BUSRT_SYSTEM} PREPEND tests/${BUSRT_SYSTEM}/)
  # Tests of any broker, instantiated here for ours and in tests/interop for the real one.
  add_library(busrt_broker_contract OBJECT
    tests/broker_contract_hostile_test.cpp tests/broker_contract_routing_test.cpp
    tests/${BUSRT_SYSTEM}/process_limits.cpp)
  target_include_directories(busrt_broker_contract PUBLIC src tests)
  target_link_libraries(busrt_broker_contract PUBLIC busrt_broker busrt_testing GTest::gtest)

  gtest_program(busrt_broker_tests unit
    tests/broker_contract_ours.cpp tests/broker_frame_tally_test.cpp tests/broker_hostile_test.cpp tests/broker_limits_test.cpp
    tests/broker_pressure_test.cpp tests/broker_route_cache_test.cpp tests/broker_routing_test.cpp tests/broker_stall_test.cpp
    tests/broker_turns_test.cpp tests/transport_patience_test.cpp ${broker_tests_${BUSRT_SYSTEM}}
    LIBS busrt_broker_contract busrt_boost_headers TIMEOUT 120)
  target_include_directories(busrt_broker_tests PRIVATE src tests)
endif()
