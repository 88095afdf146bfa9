list(APPEND tests storage/store_for_test.cc storage/postgresql_for_test.cc)
