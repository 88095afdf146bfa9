find_package(OpenSSL 3 REQUIRED)
target_link_libraries(${target} PRIVATE OpenSSL::Crypto)
# g++ 12 mistakes the short texts of errors that are moved for ones that lie where they were made.
set_source_files_properties(x509/ocsp.cc PROPERTIES COMPILE_OPTIONS "-Wno-array-bounds;-Wno-stringop-overread")
