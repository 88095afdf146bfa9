#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "cedar/ast/policy.h"

namespace wardlock::pdp {

/// How an obligation is to be fulfilled, in one respect. Policies say it in `@terms` beside
/// `@obligation`, as `fields: address, phone; within: 5m`. Where several policies impose the same
/// obligation, the caller owes what all of them want: all words, and the shortest time.
struct ObligationTerm {
  std::string_view obligation;
  std::string_view name;
  std::span<const std::string_view> words = {};  ///< sorted, each once; empty: it is a time
  std::int64_t within_ms = 0;                    ///< milliseconds; then only

  bool is_time() const { return words.empty(); }
};

/// What is wrong with the text of a `@terms`; nothing: it can be merged. Terms are separated by
/// `;`, a term's name from its value by `:`; the value is a duration of Cedar's that is not
/// negative, or words separated by `,`.
std::optional<std::string> find_terms_fault(std::string_view text);

struct TermKind {
  std::string_view name;
  bool is_time = false;  ///< else words: the two cannot be merged
};
/// Of each term in the text of a `@terms`. Requires a text without fault.
std::vector<TermKind> kinds_of_terms(std::string_view text);

/// The terms of obligations that these policies impose together, in the order in which they first
/// come. Requires policies of a partition without errors. Takes nothing from the heap; borrows from
/// policies and arena.
std::span<const ObligationTerm> merge_terms(std::span<const cedar::Policy* const> policies,
                                            Arena& arena);

/// What several decisions want together: all terms of both; of those that both have, all words, and
/// the shortest time. Borrows from both and the arena.
std::span<const ObligationTerm> unite_terms(std::span<const ObligationTerm> one,
                                            std::span<const ObligationTerm> other, Arena& arena);

}  // namespace wardlock::pdp
