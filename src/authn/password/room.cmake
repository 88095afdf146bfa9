find_library(ZXCVBN zxcvbn REQUIRED)
target_link_libraries(${target} PRIVATE ${ZXCVBN})

find_file(zxcvbn_lists frequency_lists.py PATHS /usr/lib/python3/dist-packages/zxcvbn
          NO_DEFAULT_PATH REQUIRED)
set(common_passwords ${CMAKE_CURRENT_BINARY_DIR}/common_passwords.cc)
add_custom_command(OUTPUT ${common_passwords}
  COMMAND Python3::Interpreter ${PROJECT_SOURCE_DIR}/tools/embed_block_list.py ${zxcvbn_lists}
          ${common_passwords}
  DEPENDS ${zxcvbn_lists} ${PROJECT_SOURCE_DIR}/tools/embed_block_list.py
  COMMENT "embedding common passwords" VERBATIM)
target_sources(${target} PRIVATE ${common_passwords})
