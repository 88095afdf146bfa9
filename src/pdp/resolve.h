#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/arena.h"
#include "base/error.h"
#include "cedar/evaluator/evaluator.h"
#include "pdp/access.h"
#include "pdp/acting.h"
#include "pdp/snapshot.h"

namespace wardlock::pdp {

/// A caller's question in Cedar's terms. Borrows from the snapshot, the
/// question and the arena.
struct ResolvedRequest {
  cedar::Request request;
  /// Whether `context.override` may be there for the action; see `declares_override`.
  bool is_override_declared = true;
  /// Principal and resource with the caller's properties.
  std::span<const cedar::Entity* const> overlay = {};
  /// What was left out, and where the directory disagrees; only for a caller that may explain.
  std::span<const std::string_view> notes = {};
  /// The provisions of consents that counted in `context.consent`; see `with_consent`.
  std::span<const std::string_view> provisions = {};
  /// The one in `context.approval`; null: there is none (approved.h).
  const Approval* approval = nullptr;
  /// Who acts for the principal; nothing: nobody does.
  std::optional<Acting> acting = {};
};

/// Resolves who, on what and, with `resolve_names`, which action; what else a request has stays
/// empty. Nothing is held against the schema or the white list of principals yet. Error: as with
/// `resolve`.
Result<cedar::Request> resolve_entities(const Snapshot& snapshot, const AccessRequest& access,
                                        Arena& arena);
Result<cedar::Request> resolve_names(const Snapshot& snapshot, const AccessRequest& access,
                                     Arena& arena);

/// The class that the schema gives the action of that name (accountability.h); empty: none, or
/// there is no such action. Whether the caller may ask about it does not matter.
std::string_view find_action_class(const Snapshot& snapshot, std::string_view action, Arena& arena);

/// Resolves names, merges the caller's properties with the directory's attributes, and builds the
/// context, the keys the PDP fills included. Each attribute has one owner: the directory, or the
/// application where the schema says `@source("request")`; the owner's value counts. Without a
/// schema the stored value counts, and the request adds what is not stored.
///
/// Error: kInvalidArgument, the question does not fit the schema, or a part of it is malformed;
/// kPermissionDenied, it is beyond the caller's scope or rights.
Result<ResolvedRequest> resolve(const Snapshot& snapshot, const AccessRequest& access,
                                std::int64_t now, Arena& arena);

/// Whether every question is resolved alike in both: they may have other policies, but one schema
/// and one mode, the same types, and entities that they share. False also where that cannot be told
/// at a glance.
bool resolve_alike(const Snapshot& one, const Snapshot& other);

}  // namespace wardlock::pdp
