find_package(spdlog REQUIRED)
target_link_libraries(${target} PRIVATE spdlog::spdlog)
list(APPEND tests audit/keys/folder_for_test.cc)
