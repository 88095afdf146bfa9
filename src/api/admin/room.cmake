# Its tests are over a real directory, on each database.
list(APPEND tests directory/registry/hospital_for_test.cc storage/store_for_test.cc
     storage/postgresql_for_test.cc bundle/bundle_for_test.cc)
