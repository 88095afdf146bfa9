# Its tests read a log that is written as it is in the log's own.
list(APPEND tests audit/log/log_for_test.cc audit/files/faulty_files_for_test.cc
     audit/keys/folder_for_test.cc audit/inspect/inspected_log_for_test.cc
     audit/index/indexed_log_for_test.cc event/event_for_test.cc)
# A false positive of g++ 12, in a copy within std::string.
set_source_files_properties(api/audit/events.cc PROPERTIES COMPILE_OPTIONS "-Wno-array-bounds;-Wno-stringop-overread")
