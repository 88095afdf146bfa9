find_package(Threads REQUIRED)
target_link_libraries(${target} PUBLIC Threads::Threads)
list(APPEND tests audit/files/faulty_files_for_test.cc)
