#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "event/event.h"
#include "event/subject.h"

namespace wardlock::event {

// An event on its way from the thread on which it happened to the one that seals it: framed bytes
// that own nothing and stay within the process.

/// No draft is longer. It holds the ids of whom an event concerns twice: where they are sealed, and
/// as what they are sealed for.
inline constexpr std::size_t kMaxDraftBytes = std::size_t{63} * 1024;

/// Appends the event as a draft. What `out` has room for takes no memory. Errors, after which `out`
/// is as it was: kInvalidArgument, no id, a reason of more than 4 KB, a number that JSON does not
/// carry; kResourceExhausted, more than 60 KB, or ids of half as many.
Result<void> write_draft(const Event& event, std::string& out);

/// A part that is to be sealed.
struct DraftPart {
  Part part = Part::kPerson;
  Subject subject = {};
  std::string_view json = {};
};

/// A draft as it is sealed. Borrows from it.
struct DraftView {
  std::string_view clear_json = {};

  /// Those that are there, in the order of `Part`.
  std::span<const DraftPart> parts() const& { return {parts_.data(), count_}; }
  void parts() const&& = delete;  // they are in the draft itself

  void add(const DraftPart& part) { parts_[count_++] = part; }

 private:
  std::array<DraftPart, kSealedParts.size()> parts_ = {};
  std::size_t count_ = 0;
};

/// Error: kInvalidArgument, it is no draft.
Result<DraftView> read_draft(std::string_view draft);

}  // namespace wardlock::event
