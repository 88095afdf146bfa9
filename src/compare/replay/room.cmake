list(APPEND tests event/event_for_test.cc audit/keys/folder_for_test.cc audit/log/log_for_test.cc
     audit/inspect/inspected_log_for_test.cc audit/index/indexed_log_for_test.cc)
