find_package(PkgConfig REQUIRED)
pkg_check_modules(re2 REQUIRED IMPORTED_TARGET re2)
target_link_libraries(${target} PRIVATE PkgConfig::re2)
