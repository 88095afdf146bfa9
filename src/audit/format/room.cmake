list(APPEND tests event/event_for_test.cc)
