# A broker's numbers for Prometheus. Outside the broker's room: it stands on the broker's public face and on libs/http.

add_library(busrt_metrics STATIC src/metrics/metrics_server.cpp src/metrics/prometheus_text.cpp)
target_include_directories(busrt_metrics PUBLIC include)
target_link_libraries(busrt_metrics PUBLIC busrt_broker PRIVATE busrt_http)
