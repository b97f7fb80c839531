# WebSockets, for broker and client: one translation unit that takes long, behind two small headers.

add_library(busrt_websocket STATIC src/transport/websocket/websocket.cpp)
target_include_directories(busrt_websocket PUBLIC include PRIVATE src)
target_link_libraries(busrt_websocket PUBLIC busrt_tls busrt_inproc busrt_boost
                                      PRIVATE OpenSSL::SSL OpenSSL::Crypto)
