# policies/wardlock becomes a constant, so that there is always something to decide by.
set(own_policies ${PROJECT_SOURCE_DIR}/policies/wardlock)
set(own_policies_cc ${CMAKE_CURRENT_BINARY_DIR}/own_policy_files.cc)
file(GLOB own_policy_files CONFIGURE_DEPENDS ${own_policies}/*.cedar ${own_policies}/*.cedarschema)
add_custom_command(OUTPUT ${own_policies_cc}
  COMMAND Python3::Interpreter ${PROJECT_SOURCE_DIR}/tools/embed_policies.py ${own_policies}
          ${own_policies_cc}
  DEPENDS ${own_policy_files} ${PROJECT_SOURCE_DIR}/tools/embed_policies.py
  COMMENT "embedding policies/wardlock" VERBATIM)
target_sources(${target} PRIVATE ${own_policies_cc})
list(APPEND tests directory/registry/hospital_for_test.cc storage/store_for_test.cc
     storage/postgresql_for_test.cc)
