#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/arena.h"
#include "cedar/evaluator/step_budget.h"
#include "crypto/sealing_key.h"
#include "pdp/caller.h"
#include "pdp/canary.h"
#include "pdp/observer.h"
#include "pdp/snapshot.h"

namespace wardlock::authzen {

/// What one request is answered from, besides itself. Borrows for the call.
struct Surroundings {
  const pdp::Snapshot& snapshot;
  const pdp::Caller& caller;
  Arena& arena;                                  ///< what the answer needs on its way
  std::int64_t now = 0;                          ///< milliseconds since the epoch
  std::string_view (*new_id)(Arena&) = nullptr;  ///< makes a decision's id
  const crypto::SealingKey& page_key;            ///< of the tokens by which searches go on
  /// Before every path, e.g. `/st-mary` for one of several tenants; empty, or begins with `/` and
  /// does not end with it.
  std::string_view base_path = {};
  /// Where callers reach this server, e.g. `https://pdp.example.org`; empty: where the request
  /// went.
  std::string_view public_url = {};
  std::size_t max_evaluations = 100;  ///< questions in one request
  /// How much work deciding one question may be.
  std::uint64_t max_steps = cedar::StepBudget::kDefault;
  pdp::Observer* observer = nullptr;  ///< null: nobody limits or counts
  /// Whose token came with the request; null: none did.
  const pdp::VerifiedPrincipal* verified = nullptr;
  /// What decides a part of the questions; null: the snapshot decides all.
  const pdp::Canary* canary = nullptr;

  /// By what that question is decided.
  const pdp::Snapshot& deciding(const pdp::AccessRequest& request, Arena& memory) const {
    return pdp::deciding(snapshot, canary, request, memory);
  }
};

}  // namespace wardlock::authzen
