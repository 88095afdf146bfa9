list(APPEND tests directory/registry/hospital_for_test.cc storage/store_for_test.cc
     storage/postgresql_for_test.cc)
