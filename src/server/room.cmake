find_package(spdlog REQUIRED)
target_link_libraries(${target} PRIVATE spdlog::spdlog)
find_package(ZLIB REQUIRED)  # what git packs a commit with
target_link_libraries(${target} PRIVATE ZLIB::ZLIB)
list(APPEND tests audit/keys/folder_for_test.cc storage/store_for_test.cc
     storage/postgresql_for_test.cc authn/federation/provider_for_test.cc authn/oauth/oauth_for_test.cc
     net/server_for_test.cc net/tls_for_test.cc directory/registry/hospital_for_test.cc
     bundle/bundle_for_test.cc)
