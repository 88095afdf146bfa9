#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "cedar/entities/entity_store.h"
#include "pdp/snapshot.h"

namespace wardlock::compare {

/// The groups that policies give rights to: what they name in `principal in …`. They sort people
/// in a comparison: everybody is shown as the most particular of those groups that they are in
/// (`Role::"Physician"`, not `Role::"Clinician"` too). Not thread-safe.
class Roles {
 public:
  /// Those of both sets. Borrows both; who is in which group, `members` says.
  Roles(const pdp::Snapshot& one, const pdp::Snapshot& other, const cedar::EntityStore& members);

  /// From here on it is said by others who is in which group. Borrows them.
  void look_in(const cedar::EntityStore& members);

  /// What to show the principal as: `Role::"Nurse"`, several with commas between, or the
  /// principal's type where it is in none. Its place in `names`.
  std::uint32_t find(std::string_view type, std::string_view id);

  const std::string& name(std::uint32_t place) const { return names_[place]; }
  std::size_t size() const { return names_.size(); }
  /// The groups themselves, in the order of their texts.
  std::span<const cedar::EntityUid* const> groups() const { return groups_; }

 private:
  std::string describe(const cedar::Entity& entity) const;
  bool is_in(const cedar::EntityUid& one, const cedar::EntityUid& other) const;
  std::uint32_t place_of(const std::string& name);

  const cedar::EntityStore* members_;
  std::vector<const cedar::EntityUid*> groups_;
  std::vector<std::string> names_;
  std::unordered_map<std::string, std::uint32_t> places_;
  std::unordered_map<const cedar::Entity*, std::uint32_t> known_;  ///< of the store's entities
};

/// The group that a policy's principal must be in; null: it names none.
const cedar::EntityUid* principal_group(const cedar::Policy& policy);

}  // namespace wardlock::compare
