find_package(spdlog REQUIRED)
target_link_libraries(${target} PRIVATE spdlog::spdlog)
list(APPEND tests audit/keys/folder_for_test.cc storage/store_for_test.cc
     storage/postgresql_for_test.cc authn/federation/provider_for_test.cc authn/oauth/oauth_for_test.cc
     net/server_for_test.cc bundle/bundle_for_test.cc)
