find_package(PkgConfig REQUIRED)
pkg_check_modules(icu REQUIRED IMPORTED_TARGET icu-uc icu-i18n)
target_link_libraries(${target} PRIVATE PkgConfig::icu)
