# openapi.json becomes a constant, so that what is served is what is written there.
set(request_openapi_json ${CMAKE_CURRENT_SOURCE_DIR}/api/request/openapi.json)
set(request_openapi_cc ${CMAKE_CURRENT_BINARY_DIR}/request_openapi.cc)
add_custom_command(OUTPUT ${request_openapi_cc}
  COMMAND Python3::Interpreter ${PROJECT_SOURCE_DIR}/tools/embed_openapi.py ${request_openapi_json}
          ${PROJECT_VERSION} ${request_openapi_cc} api/request/openapi.h request_api
  DEPENDS ${request_openapi_json} ${PROJECT_SOURCE_DIR}/tools/embed_openapi.py
  COMMENT "embedding openapi.json of api/request" VERBATIM)
target_sources(${target} PRIVATE ${request_openapi_cc})

# Its tests ask a directory on each kind of database.
list(APPEND tests directory/registry/hospital_for_test.cc storage/store_for_test.cc
     storage/postgresql_for_test.cc)
