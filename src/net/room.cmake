find_package(Boost 1.81 REQUIRED)
find_package(Threads REQUIRED)
target_link_libraries(${target} PUBLIC Threads::Threads PRIVATE Boost::headers)
target_compile_definitions(${target} PRIVATE BOOST_ASIO_NO_DEPRECATED)
