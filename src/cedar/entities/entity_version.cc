#include "cedar/entities/entity_version.h"

#include <new>
#include <utility>

namespace wardlock::cedar {
namespace {

void give_back(const std::vector<void*>& memory) {
  for (void* each : memory) ::operator delete(each);
}

/// Of a long row each version may be the last to hold the next. They die one after the other, not
/// inside each other, so that this costs no stack.
void let_go(std::shared_ptr<EntityVersion> version) {
  using Versions = std::vector<std::shared_ptr<EntityVersion>>;
  static thread_local Versions* dying = nullptr;
  if (dying != nullptr) {
    dying->push_back(std::move(version));
    return;
  }
  Versions versions;
  versions.push_back(std::move(version));
  dying = &versions;
  while (!versions.empty()) {
    const std::shared_ptr<EntityVersion> next = std::move(versions.back());
    versions.pop_back();
  }
  dying = nullptr;
}

}  // namespace

EntityVersion::EntityVersion(std::shared_ptr<EntityVersion> before, EntityTrie trie,
                             std::size_t size, std::shared_ptr<const TypeCensus> census,
                             std::vector<void*> created, std::vector<void*> replaced)
    : lineage_(before->lineage_),
      trie_(trie),
      size_(size),
      census_(std::move(census)),
      before_(std::move(before)),
      created_(std::move(created)),
      replaced_(std::move(replaced)) {}

EntityVersion::~EntityVersion() {
  if (before_ != nullptr) {
    give_back(created_);
    return;
  }
  if (after_ == nullptr) {
    trie_.destroy();
    return;
  }
  give_back(replaced_);
  let_go(std::move(after_));
}

bool EntityVersion::settle(const std::shared_ptr<EntityVersion>& version) {
  if (version->after_ != nullptr) return false;
  if (version->before_ == nullptr) return true;
  EntityVersion& before = *version->before_;
  if (before.after_ != nullptr) return false;
  before.after_ = version;
  before.replaced_ = std::exchange(version->replaced_, {});
  version->created_ = {};
  version->before_ = nullptr;
  return true;
}

}  // namespace wardlock::cedar
