#pragma once

#include <memory>
#include <string>
#include <vector>

#include "audit/files/posix_files.h"
#include "audit/index/index.h"
#include "audit/inspect/event_reader.h"
#include "audit/inspect/inspected_log_for_test.h"
#include "audit/keys/folder_for_test.h"
#include "audit/keys/subject_keys.h"

namespace wardlock::audit {

/// A log on the disk whose events are sealed with real keys, and an index beside it that follows
/// when it is told to.
class IndexedLog {
 public:
  IndexedLog();

  /// Opens the log, appends, and closes it.
  void append(const std::vector<event::Event>& events);
  void append_texts(const std::vector<std::string>& records) { log.append_texts(records); }
  std::string seal(const event::Event& event);
  /// Closes the index, if it is open, and opens it anew.
  Index& open_index();
  void remove_index();
  EventReader reader() { return {files, log.folder(), *keys}; }

  InspectedLog log;
  PosixFiles files;
  std::unique_ptr<SubjectKeys> keys;
  std::optional<Index> index;

 private:
  FolderForTest folder_;
  crypto::SymmetricKey master_ = crypto::SymmetricKey::random();
};

}  // namespace wardlock::audit
