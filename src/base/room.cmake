set_source_files_properties(base/version.cc PROPERTIES
  COMPILE_DEFINITIONS WARDLOCK_VERSION="${PROJECT_VERSION}")
find_library(UTF8PROC utf8proc REQUIRED)
target_link_libraries(${target} PRIVATE ${UTF8PROC})
