target_compile_definitions(${target} PUBLIC WARDLOCK_VERSION="${PROJECT_VERSION}")
