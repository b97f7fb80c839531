# The in-process pipes, which broker, client and WebSockets share.

add_library(busrt_inproc STATIC src/transport/inproc.cpp)
target_include_directories(busrt_inproc PUBLIC include src)
target_link_libraries(busrt_inproc PUBLIC busrt_base Threads::Threads)
