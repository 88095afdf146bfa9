#include "audit/index/indexed_log_for_test.h"

#include "audit/keys/record_sealer.h"
#include "base/check.h"
#include "event/draft.h"

namespace wardlock::audit {

IndexedLog::IndexedLog() {
  auto opened = SubjectKeys::open({.path = folder_.path("subjects.db")}, master_);
  CHECK(opened.has_value());
  keys = std::move(*opened);
  open_index();
}

std::string IndexedLog::seal(const event::Event& event) {
  std::string draft, sealed;
  CHECK(event::write_draft(event, draft).has_value());
  const auto keep = [&](std::string_view record) -> Result<void> {
    sealed = record;
    return {};
  };
  CHECK(RecordSealer(*keys).seal(std::vector<std::string_view>{draft}, keep).has_value());
  return sealed;
}

void IndexedLog::append(const std::vector<event::Event>& events) {
  std::vector<std::string> records;
  for (const event::Event& event : events) records.push_back(seal(event));
  append_texts(records);
}

Index& IndexedLog::open_index() {
  index.reset();
  auto opened = Index::open({.path = folder_.path("index.db"), .origin = "log of test"});
  CHECK(opened.has_value());
  index.emplace(std::move(*opened));
  return *index;
}

void IndexedLog::remove_index() {
  index.reset();
  CHECK(Index::remove(folder_.path("index.db")).has_value());
}

}  // namespace wardlock::audit
