# Templates, words, style and script become constants: what is served is what is written there.
set(page_folder ${CMAKE_CURRENT_SOURCE_DIR}/api/account)
set(page_files_cc ${CMAKE_CURRENT_BINARY_DIR}/page_files.cc)
file(GLOB page_file_list CONFIGURE_DEPENDS ${page_folder}/pages/* ${page_folder}/assets/*)
add_custom_command(OUTPUT ${page_files_cc}
  COMMAND Python3::Interpreter ${PROJECT_SOURCE_DIR}/tools/embed_pages.py ${page_folder}/pages
          ${page_folder}/assets ${page_files_cc}
  DEPENDS ${page_file_list} ${PROJECT_SOURCE_DIR}/tools/embed_pages.py
  COMMENT "embedding pages" VERBATIM)
target_sources(${target} PRIVATE ${page_files_cc})

# Its tests are over a real directory, on each database.
list(APPEND tests directory/registry/hospital_for_test.cc storage/store_for_test.cc
     storage/postgresql_for_test.cc)
