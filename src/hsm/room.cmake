# PKCS#11 has no library of its own: the vendor's is loaded at run time. p11-kit brings the header.
find_package(PkgConfig REQUIRED)
pkg_check_modules(P11_KIT REQUIRED p11-kit-1)
target_include_directories(${target} SYSTEM PRIVATE ${P11_KIT_INCLUDE_DIRS})
target_link_libraries(${target} PRIVATE ${CMAKE_DL_LIBS})
