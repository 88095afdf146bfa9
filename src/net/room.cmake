find_package(Boost 1.81 REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(nghttp2 REQUIRED IMPORTED_TARGET libnghttp2>=1.52)
find_package(CURL 7.85 REQUIRED)
target_link_libraries(${target} PUBLIC Threads::Threads OpenSSL::SSL
                      PRIVATE Boost::headers CURL::libcurl PkgConfig::nghttp2)
# One thread runs each event loop, so the fences around its handlers order nothing (and
# ThreadSanitizer does not know them).
# Asio keeps some memory of each thread to be used again; a request that waits for its record has
# more pieces than the two it keeps by default.
target_compile_definitions(${target} PRIVATE BOOST_ASIO_NO_DEPRECATED
                                             BOOST_ASIO_DISABLE_FENCED_BLOCK
                                             BOOST_ASIO_RECYCLING_ALLOCATOR_CACHE_SIZE=16)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 mistakes Asio's pair of operators for coroutine frames.
  target_compile_options(${target} PRIVATE -Wno-mismatched-new-delete)
endif()
