list(APPEND tests event/event_for_test.cc audit/keys/folder_for_test.cc)
