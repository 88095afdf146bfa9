#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/arena.h"
#include "cedar/entities/entity.h"
#include "cedar/schema/schema.h"
#include "directory/feed/known_things.h"
#include "directory/feed/open_grants.h"
#include "directory/feed/thing_key.h"

namespace wardlock::directory {

/// A grant as policies see it.
struct SeenGrant {
  std::optional<cedar::EntityDraft> entity = {};
  std::string why = {};  ///< there is none
};

/// How a grant becomes an entity `Wardlock::Grant` (pdp/grants.h), and a delegation one
/// `Wardlock::Delegation` (pdp/delegations.h), a consent one `Wardlock::Consent` (pdp/consents.h),
/// an approval one `Wardlock::Approval` (pdp/approvals.h), by the schema of a tenant's policies.
/// Whoever policies do not see has no grant, and there is none for whoever they do not see. The
/// entity is in `arena`. Pure.
SeenGrant project_grant(const OpenGrant& grant, const KnownThings& known,
                        const cedar::Schema& schema, Arena& arena);

/// The action of that name: the one with that id, or the one that is written out in full. Null:
/// there is none, or there are several.
const cedar::ActionType* find_named_action(std::string_view name, const cedar::Schema& schema);
/// Whether policies may see an approval of it.
bool takes_approval(const cedar::ActionType& action);

/// The names that its entity may have, in `arena`: as a grant, a delegation, a consent, an
/// approval.
std::array<const cedar::EntityUid*, 4> uids_of_grant(std::string_view id, Arena& arena);

/// The grants that a feed knows to be open, by whom and what they are for, and in the order in
/// which they end. Not thread-safe.
class SeenGrants {
 public:
  /// In the place of the one with its id.
  void take(OpenGrant grant);
  void forget(std::string_view id);

  /// Null: none has the id. Valid until it is changed.
  const OpenGrant* find(std::string_view id) const;
  /// Adds the ids of those that are a thing's, by it, or for it.
  void add_of(const ThingKey& thing, std::set<std::string>& ids) const;
  /// Adds the ids of those that have expired by then.
  void add_expired(std::int64_t now, std::set<std::string>& ids) const;
  /// When the first of them ends.
  std::optional<std::int64_t> next_moment() const;
  std::set<std::string> ids() const;
  std::size_t size() const { return grants_.size(); }

 private:
  using Places = std::set<std::pair<ThingKey, std::string>>;

  std::map<std::string, OpenGrant, std::less<>> grants_;
  Places places_;  ///< of all their ends
  std::set<std::pair<std::int64_t, std::string>> ends_;
};

}  // namespace wardlock::directory
