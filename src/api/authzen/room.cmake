# openapi.json becomes a constant, so that what is served is what is written there.
set(openapi_json ${CMAKE_CURRENT_SOURCE_DIR}/api/authzen/openapi.json)
set(openapi_cc ${CMAKE_CURRENT_BINARY_DIR}/authzen_openapi.cc)
add_custom_command(OUTPUT ${openapi_cc}
  COMMAND Python3::Interpreter ${PROJECT_SOURCE_DIR}/tools/embed_openapi.py ${openapi_json}
          ${PROJECT_VERSION} ${openapi_cc}
  DEPENDS ${openapi_json} ${PROJECT_SOURCE_DIR}/tools/embed_openapi.py
  COMMENT "embedding openapi.json" VERBATIM)
target_sources(${target} PRIVATE ${openapi_cc})
