# TLS without sockets, which broker and client share.

add_library(busrt_tls STATIC src/transport/tls/pem_file.cpp src/transport/tls/revocations.cpp
                             src/transport/tls/tls_channel.cpp src/transport/tls/tls_context.cpp
                             src/transport/tls/tls_error.cpp)
target_include_directories(busrt_tls PUBLIC include PRIVATE src)
target_link_libraries(busrt_tls PUBLIC busrt_wire PRIVATE OpenSSL::SSL OpenSSL::Crypto)
