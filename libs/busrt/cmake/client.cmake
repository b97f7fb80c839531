# The client: connections, the blocking facade, RPC, MessagePack. Never sees the broker; both link the in-process pipes.

if(NOT TARGET busrt_inproc)
  add_library(busrt_inproc STATIC src/transport/inproc.cpp)
  target_include_directories(busrt_inproc PUBLIC include PRIVATE src)
  target_link_libraries(busrt_inproc PUBLIC busrt_wire)
endif()

add_library(busrt_client STATIC
  src/client/blocking_client.cpp src/client/client.cpp src/client/client_core.cpp src/client/client_receive.cpp src/client/client_send.cpp
  src/client/client_timer.cpp src/client/connection.cpp src/client/context_service.cpp src/client/frame_reader.cpp
  src/client/inproc_stream.cpp src/client/loop_thread.cpp src/client/opener.cpp src/client/session.cpp src/client/socket_stream.cpp
  src/rpc/blocking_rpc_client.cpp src/rpc/calls.cpp src/rpc/msgpack.cpp src/rpc/rpc_client.cpp src/rpc/rpc_core.cpp)
target_include_directories(busrt_client PUBLIC include PRIVATE src)
target_link_libraries(busrt_client PUBLIC busrt_wire daemoneye_boost PRIVATE busrt_address busrt_inproc ${MSGPUCK_LIBRARY})
