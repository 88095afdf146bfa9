# openapi.json becomes a constant, so that what is served is what is written there.
set(delegation_openapi_json ${CMAKE_CURRENT_SOURCE_DIR}/api/delegation/openapi.json)
set(delegation_openapi_cc ${CMAKE_CURRENT_BINARY_DIR}/delegation_openapi.cc)
add_custom_command(OUTPUT ${delegation_openapi_cc}
  COMMAND Python3::Interpreter ${PROJECT_SOURCE_DIR}/tools/embed_openapi.py ${delegation_openapi_json}
          ${PROJECT_VERSION} ${delegation_openapi_cc} api/delegation/openapi.h delegation_api
  DEPENDS ${delegation_openapi_json} ${PROJECT_SOURCE_DIR}/tools/embed_openapi.py
  COMMENT "embedding openapi.json of api/delegation" VERBATIM)
target_sources(${target} PRIVATE ${delegation_openapi_cc})

# Its tests ask a directory on each kind of database.
list(APPEND tests directory/registry/hospital_for_test.cc storage/store_for_test.cc
     storage/postgresql_for_test.cc)
