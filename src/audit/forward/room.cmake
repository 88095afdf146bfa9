list(APPEND tests audit/files/faulty_files_for_test.cc audit/inspect/inspected_log_for_test.cc
                  audit/keys/folder_for_test.cc audit/log/log_for_test.cc event/event_for_test.cc
                  net/server_for_test.cc)
