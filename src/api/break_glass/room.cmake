# openapi.json becomes a constant, so that what is served is what is written there.
set(glass_openapi_json ${CMAKE_CURRENT_SOURCE_DIR}/api/break_glass/openapi.json)
set(glass_openapi_cc ${CMAKE_CURRENT_BINARY_DIR}/glass_openapi.cc)
add_custom_command(OUTPUT ${glass_openapi_cc}
  COMMAND Python3::Interpreter ${PROJECT_SOURCE_DIR}/tools/embed_openapi.py ${glass_openapi_json}
          ${PROJECT_VERSION} ${glass_openapi_cc} api/break_glass/openapi.h glass_api
  DEPENDS ${glass_openapi_json} ${PROJECT_SOURCE_DIR}/tools/embed_openapi.py
  COMMENT "embedding openapi.json of api/break_glass" VERBATIM)
target_sources(${target} PRIVATE ${glass_openapi_cc})

# Its tests ask a directory on each kind of database.
list(APPEND tests directory/registry/hospital_for_test.cc storage/store_for_test.cc
     storage/postgresql_for_test.cc)
