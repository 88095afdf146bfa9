find_library(QRCODEGEN qrcodegencpp REQUIRED)
target_link_libraries(${target} PRIVATE ${QRCODEGEN})
