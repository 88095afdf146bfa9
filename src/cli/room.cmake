# Its library alone: the flags that its package asks for would differ from those of other rooms.
find_package(PkgConfig REQUIRED)
pkg_check_modules(re2 REQUIRED re2)
target_link_libraries(${target} PRIVATE ${re2_LINK_LIBRARIES})
