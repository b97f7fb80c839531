# What goes over the network: TLS, WebSockets, plain TCP, and sockets that others have opened.

gtest_program(busrt_transport_tests unit
  tests/transport_inproc_test.cpp tests/transport_listener_test.cpp tests/transport_name_lookup_test.cpp
  tests/transport_tls_test.cpp tests/transport_websocket_test.cpp
  LIBS busrt busrt_testing OpenSSL::SSL OpenSSL::Crypto TIMEOUT 120)
target_include_directories(busrt_transport_tests PRIVATE src tests)

# A name server of their own takes root.
gtest_program(busrt_silent_name_server_tests privileged tests/linux/silent_name_server_test.cpp
  LIBS busrt busrt_testing TIMEOUT 120)
target_include_directories(busrt_silent_name_server_tests PRIVATE src tests)
