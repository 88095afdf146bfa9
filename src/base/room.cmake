set_source_files_properties(base/version.cc PROPERTIES
  COMPILE_DEFINITIONS WARDLOCK_VERSION="${PROJECT_VERSION}")
