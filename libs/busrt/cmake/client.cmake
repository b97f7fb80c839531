# The client: connections, the blocking facade, RPC. Never sees the broker; both link the in-process pipes.

set(client_linux ../layers.cpp ../tls_stream.cpp ../websocket_stream.cpp
                 descriptor_opener.cpp ipc_opener.cpp socket_stream.cpp tcp_opener.cpp)
set(client_windows ipc_opener.cpp pipe_stream.cpp unavailable.cpp)
list(TRANSFORM client_${BUSRT_SYSTEM} PREPEND src/client/${BUSRT_SYSTEM}/)
add_library(busrt_client STATIC ${client_${BUSRT_SYSTEM}}
  src/client/ack_outcome.cpp src/client/blocking_client.cpp src/client/client.cpp src/client/client_core.cpp src/client/client_receive.cpp
  src/client/client_reconnect.cpp src/client/client_send.cpp src/client/client_status.cpp
  src/client/client_timer.cpp src/client/connection.cpp src/client/context_service.cpp src/client/frame_reader.cpp
  src/client/inbox.cpp src/client/inproc_stream.cpp src/client/loop_thread.cpp src/client/opener.cpp
  src/client/outbox.cpp src/client/reconnect_schedule.cpp src/client/refusal.cpp src/client/request_encoding.cpp src/client/restoration.cpp src/client/security.cpp src/client/send_path.cpp src/client/session.cpp
  src/client/status_notifier.cpp src/client/subscriptions.cpp
  src/rpc/blocking_rpc_client.cpp src/rpc/calls.cpp src/rpc/rpc_client.cpp src/rpc/rpc_core.cpp)
target_include_directories(busrt_client PUBLIC include PRIVATE src)
target_link_libraries(busrt_client PUBLIC busrt_wire busrt_msgpack busrt_boost PRIVATE busrt_address busrt_inproc ${busrt_network}
                                   ${busrt_system})
