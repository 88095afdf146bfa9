#include "audit/log/batch.h"

namespace wardlock::audit {

void Batch::begin(const merkle::CompactRange& before) {
  before_ = before;
  tree_ = before;
  records_.clear();
  leaves_.clear();
  completed_.clear();
}

Result<void> Batch::add(std::string_view record, const merkle::Hash& leaf) {
  TRY_VOID(records_.add(record));
  leaves_.push_back(leaf);
  grow(tree_, {&leaf, 1}, completed_);
  return {};
}

void Batch::rebase(const merkle::CompactRange& before) {
  before_ = before;
  tree_ = before;
  completed_.clear();
  grow(tree_, leaves_, completed_);
}

std::string_view Batch::frame(const FramePlace& place, const merkle::Hash& root) {
  std::string& bytes = records_.bytes_with_room();
  bytes.resize(kFrameHeadBytes + records_.bytes().size());
  complete_frame({.kind = FrameKind::kBatch,
                  .first = before_.size(),
                  .count = static_cast<std::uint32_t>(size()),
                  .payload = {},
                  .root_after = root},
                 place, leaves_, bytes);
  return bytes;
}

}  // namespace wardlock::audit
