#include "audit/keys/record_sealer.h"

#include "base/check.h"
#include "crypto/random.h"

namespace wardlock::audit {

Result<void> RecordSealer::seal(std::span<const std::string_view> drafts, const Add& add) {
  read(drafts);
  TRY_VOID(keys_.find_or_create(subjects_, subject_keys_));
  return seal_all(add);
}

/// What the drafts are sealed for.
void RecordSealer::read(std::span<const std::string_view> drafts) {
  views_.clear();
  subjects_.clear();
  for (const std::string_view draft : drafts) {
    auto view = event::read_draft(draft);
    CHECK(view.has_value());
    for (const event::DraftPart& part : view->parts()) subjects_.push_back(part.subject);
    views_.push_back(*view);
  }
}

Result<void> RecordSealer::seal_all(const Add& add) {
  if (views_.empty()) return {};
  random_.resize(views_.size());
  // One draw for all: each costs as much as sealing.
  crypto::fill_random({random_.data()->data(), random_.size() * sizeof(event::RecordRandom)});
  std::span<const event::SubjectKey> keys = subject_keys_;
  for (std::size_t i = 0; i < views_.size(); ++i) {
    const std::size_t parts = views_[i].parts().size();
    record_.clear();
    event::seal_record(views_[i], keys.first(parts), random_[i], record_);
    keys = keys.subspan(parts);
    TRY_VOID(add(record_));
  }
  return {};
}

}  // namespace wardlock::audit
