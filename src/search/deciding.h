#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "search/search.h"

namespace wardlock::search {

/// Whether a principal and a resource of such types can be asked about with the action.
bool can_be_asked(const pdp::Snapshot& snapshot, const cedar::EntityUid& action,
                  std::string_view principal_type, std::string_view resource_type);

/// The same by either of both that decide.
inline bool can_be_asked(const pdp::Snapshot& snapshot, const pdp::Canary* canary,
                         const cedar::EntityUid& action, std::string_view principal_type,
                         std::string_view resource_type) {
  return can_be_asked(snapshot, action, principal_type, resource_type) ||
         (canary != nullptr &&
          can_be_asked(*canary->tried(), action, principal_type, resource_type));
}

/// Decides what comes into question, one by one, until a portion is full.
class Deciding {
 public:
  /// `canary` null: there is none.
  Deciding(const pdp::Snapshot& snapshot, const pdp::Canary* canary, const Portion& portion,
           std::int64_t now)
      : snapshot_(snapshot), canary_(canary), portion_(portion), now_(now) {
    found_.rest.emplace(portion.after);
  }

  /// Decides the question, whose gap `id` fills; ids come in ascending order. False: the portion
  /// ends before it. Error: the observer admits no decision at all.
  Result<bool> take(const pdp::AccessRequest& question, std::string_view id);

  /// Of the questions that were decided, whether any could be; and why the first could not.
  const std::optional<Error>& refusal() const { return refusal_; }
  bool has_answers() const { return has_answers_; }

  /// There is nothing more to decide.
  Found finish() &&;
  /// What was found until the portion ended.
  Found stop() && { return std::move(found_); }

 private:
  const pdp::Snapshot& snapshot_;
  const pdp::Canary* canary_;
  const Portion& portion_;
  std::int64_t now_;
  Found found_;
  std::optional<Error> refusal_;
  bool has_answers_ = false;
};

}  // namespace wardlock::search
