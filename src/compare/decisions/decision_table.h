#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "compare/decisions/answer_side.h"
#include "compare/decisions/posed_question.h"

namespace wardlock::compare {

/// A question that is shown for many.
struct ChangeExample {
  std::string name;  ///< where it comes from
  std::int64_t at = 0;
  std::string principal;  ///< a uid as Cedar writes it
  std::string action;
  std::string resource;
  std::string refusal;  ///< the message, where one of the sets refuses to decide it
};

/// Questions whose answers change in the same way.
struct ChangeGroup {
  DecisionChange change = DecisionChange::kLoses;
  std::string role;  ///< as `Roles` names it, or a type
  std::string action;
  std::string resource_type;
  AnswerSide before = {};
  AnswerSide after = {};
  std::uint64_t count = 0;
  std::uint64_t people = 0;        ///< different principals among them
  bool are_people_fewest = false;  ///< there may be more: counting them ended
  std::vector<ChangeExample> examples = {};
};

/// How often a role asked to do something to things of a type, and what came of it.
struct AskedCell {
  std::string role;
  std::string action;
  std::string resource_type;
  std::uint64_t asked = 0;
  std::uint64_t allowed_before = 0;
  std::uint64_t allowed_after = 0;
};

struct LeftOutCount {
  std::uint64_t count = 0;
  std::string example = {};  ///< the first
};

/// What two rulebooks decide differently.
struct DecisionTable {
  std::uint64_t compared = 0;
  std::uint64_t changed = 0;
  std::array<std::uint64_t, kDecisionChanges> changes = {};  ///< by kind; together `changed`
  std::vector<ChangeGroup> groups;  ///< by kind, then the most frequent first
  /// Of each kind, questions that are in `changes` and in no group, since there were too many.
  std::array<std::uint64_t, kDecisionChanges> ungrouped = {};
  std::vector<AskedCell> asked;       ///< by role, action and type
  std::uint64_t asked_elsewhere = 0;  ///< compared and in no cell, since there were too many
  std::array<LeftOutCount, kLeftOutReasons> left_out = {};

  std::uint64_t count_of(DecisionChange change) const {
    return changes[static_cast<std::size_t>(change)];
  }
  std::uint64_t all_left_out() const;
  /// Whether anybody may do more or less, or must do so otherwise.
  bool changes_access() const;
};

}  // namespace wardlock::compare
