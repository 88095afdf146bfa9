#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "administration/errand.h"
#include "administration/sight.h"
#include "api/scim/patch.h"
#include "api/scim/refusal.h"
#include "api/scim/resource_type.h"
#include "directory/registry/edit.h"

namespace wardlock::scim {

/// How a request may change whom a resource is linked to, at once.
inline constexpr std::size_t kMaxLinkChanges = 10'000;

/// One change of `members`, `roles` and the like. Borrows.
struct LinkChange {
  const LinkAttribute* attribute = nullptr;
  PatchKind kind = PatchKind::kAdd;
  const Filter* filter = nullptr;      ///< of a removal: which; null: all, or those of the value
  const codec::Json* value = nullptr;  ///< null: none was sent
};

/// Makes and ends relations of one thing, as the gate allows each. A link is one without a scope;
/// those with one are left alone. What is at the other end is something that whoever asks may read:
/// links to others cannot be named, and stay where all are replaced or removed. For one
/// transaction.
class LinkChanges {
 public:
  LinkChanges(const administration::Errand& errand, directory::Edit& edit, const ResourceType& type,
              directory::Thing thing)
      : errand_(errand), sight_(errand), edit_(edit), type_(type), thing_(std::move(thing)) {}

  /// What is there already is left; what is not there is removed by doing nothing.
  Answered<void> apply(const LinkChange& change);

 private:
  Answered<std::vector<std::string>> ids_in(const LinkAttribute& attribute,
                                            const codec::Json& value);
  Answered<std::string> role_named(const LinkAttribute& attribute, std::string_view text);
  Answered<std::vector<directory::KeptRelation>> present(const LinkAttribute& attribute,
                                                         std::string_view other = {});
  Answered<std::vector<directory::KeptRelation>> seen(const LinkAttribute& attribute);
  Answered<std::optional<directory::Thing>> find_other(const LinkAttribute& attribute,
                                                       std::string_view id);
  Answered<void> add(const LinkAttribute& attribute, const std::string& other);
  Answered<void> end(const LinkAttribute& attribute,
                     const std::vector<directory::KeptRelation>& relations);
  Answered<void> remove(const LinkChange& change);
  Answered<void> remove_matching(const LinkAttribute& attribute, const Filter& filter);
  Answered<void> replace(const LinkAttribute& attribute, const codec::Json& value);
  Answered<void> count(std::size_t changes);

  const administration::Errand& errand_;
  administration::Sight sight_;
  directory::Edit& edit_;
  const ResourceType& type_;
  directory::Thing thing_;
  std::size_t changes_ = 0;
};

}  // namespace wardlock::scim
