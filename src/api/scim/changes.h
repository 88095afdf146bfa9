#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "administration/errand.h"
#include "api/scim/patch.h"
#include "api/scim/refusal.h"
#include "api/scim/resource.h"
#include "api/scim/resource_type.h"
#include "directory/registry/edit.h"

namespace wardlock::scim {

/// What `If-Match` says: the tags, as they came; nothing: it was not sent.
using Condition = std::optional<std::string>;

/// Whether one of the tags is the thing's; weak comparison (RFC 9110, 8.8.3.2).
bool is_named_by(const directory::Thing& thing, std::string_view tags);

/// What requests change, each as the gate allows it. For one transaction: after a refusal, nothing
/// of it may be kept.
class Changes {
 public:
  Changes(const administration::Errand& errand, directory::Edit& edit)
      : errand_(errand), edit_(edit) {}

  Answered<directory::Thing> create(const ResourceType& type, const boost::json::object& sent);
  Answered<directory::Thing> replace(const ResourceType& type, std::string_view id,
                                     const Condition& condition, const boost::json::object& sent);
  Answered<directory::Thing> patch(const ResourceType& type, std::string_view id,
                                   const Condition& condition,
                                   std::vector<PatchOperation> operations);
  Answered<void> remove(const ResourceType& type, std::string_view id, const Condition& condition);

 private:
  Answered<directory::Thing> find(const ResourceType& type, std::string_view id,
                                  const Condition& condition, administration::Deed deed);
  Answered<void> change_document(const directory::Thing& before,
                                 const boost::json::object& document);
  Answered<void> change_state(const directory::Thing& before, const SentResource& sent);
  Answered<void> set_links(const ResourceType& type, const std::string& id,
                           const std::vector<SentResource::Links>& links);

  const administration::Errand& errand_;
  directory::Edit& edit_;
};

}  // namespace wardlock::scim
