# Host names, which broker and client look up on threads that neither has to wait for.

add_library(busrt_name_lookup STATIC src/transport/linux/name_lookup.cpp)
target_include_directories(busrt_name_lookup PUBLIC include PRIVATE src)
target_link_libraries(busrt_name_lookup PUBLIC busrt_base Threads::Threads)
