# A broker's numbers for Prometheus. Outside the broker's room: it needs Asio, and the broker's public face alone.

add_library(busrt_metrics STATIC src/metrics/metrics_server.cpp src/metrics/prometheus_text.cpp
                                 src/metrics/${BUSRT_SYSTEM}/port_sharing.cpp)
target_include_directories(busrt_metrics PUBLIC include PRIVATE src)
target_link_libraries(busrt_metrics PUBLIC busrt_broker PRIVATE busrt_boost)
