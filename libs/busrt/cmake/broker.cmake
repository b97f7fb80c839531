# The broker's room: event loop and streams (transport), then broker itself.

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
  src/broker/acceptor.cpp
  src/broker/access_call.cpp
  src/broker/admission.cpp
  src/broker/announcer.cpp
  src/broker/back_pressure.cpp
  src/broker/broker.cpp
  src/broker/broker_event.cpp
  src/broker/broker_reasons.cpp
  src/broker/client_info.cpp
  src/broker/config_limits.cpp
  src/broker/core.cpp
  src/broker/core_rpc.cpp
  src/broker/delivery.cpp
  src/broker/end_report.cpp
  src/broker/eviction_choice.cpp
  src/broker/evictor.cpp
  src/broker/fifo_input.cpp
  src/broker/fifo_line.cpp
  src/broker/forwarder.cpp
  src/broker/frame_tally.cpp
  src/broker/input_buffer.cpp
  src/broker/listeners.cpp
  src/broker/listening.cpp
  src/broker/name_bindings.cpp
  src/broker/name_directory.cpp
  src/broker/outbound_queue.cpp
  src/broker/pattern_tables.cpp
  src/broker/peer_log.cpp
  src/broker/registry.cpp
  src/broker/route_cache.cpp
  src/broker/security.cpp
  src/broker/session.cpp
  src/broker/session_access.cpp
  src/broker/session_end.cpp
  src/broker/session_input.cpp
  src/broker/session_output.cpp
  src/broker/session_requests.cpp
  src/broker/shard.cpp
  src/broker/shard_sessions.cpp
  src/broker/topic_requests.cpp
  src/broker/traffic_books.cpp
  src/broker/${BUSRT_SYSTEM}/name_filter.cpp)
target_include_directories(busrt_broker PUBLIC include PRIVATE src)
target_link_libraries(busrt_broker PUBLIC busrt_base busrt_access PRIVATE busrt_msgpack busrt_wire busrt_routing busrt_transport busrt_address
                                   busrt_boost_headers busrt_msgpuck ${RE2_LIBRARY})
