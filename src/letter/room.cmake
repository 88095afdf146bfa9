# The words become constants: what is said is what is written there.
set(word_folder ${CMAKE_CURRENT_SOURCE_DIR}/letter/words)
set(word_files_cc ${CMAKE_CURRENT_BINARY_DIR}/word_files.cc)
file(GLOB word_file_list CONFIGURE_DEPENDS ${word_folder}/*)
add_custom_command(OUTPUT ${word_files_cc}
  COMMAND Python3::Interpreter ${PROJECT_SOURCE_DIR}/tools/embed_pages.py --words ${word_folder}
          ${word_files_cc}
  DEPENDS ${word_file_list} ${PROJECT_SOURCE_DIR}/tools/embed_pages.py
  COMMENT "embedding words" VERBATIM)
target_sources(${target} PRIVATE ${word_files_cc})
