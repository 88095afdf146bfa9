#include "audit/inspect/key_chain.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/utf8.h"

namespace wardlock::audit {

KeyChain::KeyChain(std::string origin, std::vector<merkle::VerifierKey> keys)
    : origin_(std::move(origin)), keys_(std::move(keys)) {}

Result<void> KeyChain::announce(std::string_view note) {
  const KeyChange change = TRY(read_key_change(note));
  const auto before = std::ranges::find(keys_, change.before);
  if (before == keys_.end()) {
    return fail(ErrorCode::kUnauthenticated,
                fmt::format("the key that it says was the log's, `{}`, was not",
                            printable(change.before.text())));
  }
  const auto index = static_cast<std::size_t>(before - keys_.begin());
  if (index + 1 == keys_.size()) keys_.push_back(change.after);
  if (keys_[index + 1] != change.after) {
    return fail(ErrorCode::kUnauthenticated, "another key follows the one before");
  }
  // A start that finds a change half done records it again.
  announced_ = std::max(announced_, index + 1);
  return {};
}

Result<merkle::TreeHead> KeyChain::open_by(std::size_t key, std::string_view note) const {
  return TRY(merkle::open_checkpoint(
                 note, {.origin = origin_, .log_keys = {keys_[key]}, .witnesses = {}, .quorum = 0}))
      .head();
}

Result<merkle::TreeHead> KeyChain::open(std::string_view note) {
  auto head = open_by(current_, note);
  for (std::size_t next = current_ + 1; next < keys_.size(); ++next) {
    auto by_next = open_by(next, note);
    if (!by_next) continue;
    // The records that said so may have been removed, with all that was signed before.
    const bool is_removed = !is_begun_ && !head;
    if (next > announced_ && !is_removed) break;
    announced_ = std::max(announced_, next);
    current_ = next;
    head = std::move(by_next);
  }
  is_begun_ = true;
  return head;
}

std::vector<merkle::VerifierKey> keys_connected_to(const merkle::VerifierKey& trusted,
                                                   const std::vector<KeyChange>& changes) {
  std::vector<merkle::VerifierKey> keys = {trusted};
  for (auto change = changes.rbegin(); change != changes.rend(); ++change) {
    if (change->after == keys.front()) keys.insert(keys.begin(), change->before);
  }
  for (const KeyChange& change : changes) {
    if (change.before == keys.back()) keys.push_back(change.after);
  }
  return keys;
}

}  // namespace wardlock::audit
