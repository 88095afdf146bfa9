list(APPEND tests storage/store_for_test.cc storage/postgresql_for_test.cc
     directory/registry/hospital_for_test.cc)
list(APPEND tests authn/oauth/oauth_for_test.cc)
