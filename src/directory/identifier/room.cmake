find_package(PkgConfig REQUIRED)
pkg_check_modules(icu REQUIRED IMPORTED_TARGET icu-uc icu-i18n)
target_link_libraries(${target} PRIVATE PkgConfig::icu)
# A false positive of g++ 12, in a copy within std::string.
set_source_files_properties(directory/identifier/numbers.cc PROPERTIES COMPILE_OPTIONS "-Wno-array-bounds;-Wno-stringop-overread")
