# What goes over the network: TLS, WebSockets, plain TCP, and sockets that others have opened.

daemoneye_test(busrt_transport_tests unit
  tests/transport_inproc_test.cpp tests/transport_listener_test.cpp tests/transport_tls_test.cpp tests/transport_websocket_test.cpp
  LIBS busrt busrt_testing OpenSSL::SSL OpenSSL::Crypto TIMEOUT 120)
target_include_directories(busrt_transport_tests PRIVATE src tests)
