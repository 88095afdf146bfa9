#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/arena.h"
#include "compare/decisions/decision_table.h"
#include "compare/decisions/posed_question.h"
#include "compare/decisions/roles.h"
#include "crypto/seeded_hash.h"
#include "pdp/snapshot.h"

namespace wardlock::compare {

/// What a comparison keeps, however many questions there are.
struct DiffLimits {
  std::size_t max_groups = 5'000;
  std::size_t max_cells = 50'000;
  std::size_t max_examples = 3;             ///< of a group
  bool names_people = true;                 ///< in examples; else the types of what was asked about
  std::size_t max_example_bytes = 512;      ///< of each of an example's texts
  std::size_t max_people = 1'000'000;       ///< all groups together; 8 bytes and a table's each
  std::size_t max_group_bytes = 16 * 1024;  ///< of what groups are told apart by
};

/// Asks two snapshots the same questions and keeps what they answer differently. Memory is bounded
/// by the limits and by the snapshots' entities. Both answers to a question are `pdp::decide`'s, in
/// one thread; what it means is found out once where it means the same in both. Not thread-safe.
///
/// INVARIANT: a question is compared, or counted in `left_out`; never neither, never both. The
/// comparison the other way round is the mirror image.
class DecisionDiff final : public QuestionTaker {
 public:
  /// Borrows both, which are to have the same entities; roles are looked up in those of `after`.
  DecisionDiff(const pdp::Snapshot& before, const pdp::Snapshot& after, DiffLimits limits = {});

  /// From here on both are asked with other entities. Requires them to have the policies of those
  /// before, which have to stay.
  void ask_of(const pdp::Snapshot& before, const pdp::Snapshot& after);

  void take(const PosedQuestion& question) override;
  void leave_out(LeftOut why, std::string_view example) override;

  /// To be called once, at the end.
  DecisionTable finish() &&;

 private:
  struct Cell {
    std::uint32_t role = 0;
    std::string_view action;
    std::string_view type;
    bool operator==(const Cell&) const = default;
  };
  struct CellHash {
    std::size_t operator()(const Cell& cell) const {
      return crypto::seeded_hash(cell.action) ^ (crypto::seeded_hash(cell.type) * 31) ^
             (std::size_t{cell.role} << 17U);
    }
  };
  struct Counts {
    std::uint64_t asked = 0;
    std::uint64_t before = 0;
    std::uint64_t after = 0;
  };
  struct Group {
    ChangeGroup shown;
    std::unordered_set<std::uint64_t> people;
  };

  std::string told(const Error& error) const;
  bool is_reproduced(const PosedQuestion& question, const DecidedAnswer& before);
  void count(const PosedQuestion& question, std::uint32_t role, bool before, bool after);
  void group(DecisionChange change, const PosedQuestion& question, std::uint32_t role,
             const DecidedAnswer& before, const DecidedAnswer& after);
  Group* find_group(DecisionChange change, const PosedQuestion& question, std::uint32_t role,
                    const DecidedAnswer& before, const DecidedAnswer& after);
  void add_person(const PosedQuestion& question, Group& group);
  void add_example(const PosedQuestion& question, const DecidedAnswer& before,
                   const DecidedAnswer& after, Group& group) const;

  const pdp::Snapshot* before_;
  const pdp::Snapshot* after_;
  bool are_alike_ = false;  ///< what a question means is found out once for both
  const DiffLimits limits_;
  Roles roles_;
  std::vector<std::byte> memory_;  ///< what most questions need
  Arena names_;                    ///< of the cells
  DecisionTable table_;
  std::unordered_map<Cell, Counts, CellHash> cells_;
  std::unordered_map<std::string, Group, crypto::SeededHash, std::equal_to<>> groups_;
  std::size_t people_ = 0;
  std::string key_;
};

}  // namespace wardlock::compare
