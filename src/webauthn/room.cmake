list(APPEND tests x509/certificate_for_test.cc)
