# MessagePack, over msgpuck: what is one whole value, reading it token by token, and JSON values to and from it. It stands
# on the foundation alone, so broker and client both may use it. No Asio.

add_library(busrt_msgpack STATIC src/msgpack/json.cpp src/msgpack/reader.cpp src/msgpack/value_size.cpp)
target_include_directories(busrt_msgpack PUBLIC include PRIVATE src)
target_link_libraries(busrt_msgpack PUBLIC busrt_base ${busrt_json} PRIVATE busrt_msgpuck)
