#include "pdp/accountability.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace wardlock::pdp {
namespace {

using cedar::EntityUid;

constexpr std::string_view kAnnotation = "audit";

/// Names of classes stand in the configuration, in metrics and in records.
bool is_class_name(std::string_view name) {
  const auto is_allowed = [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; };
  return !name.empty() && name.size() <= 32 && std::ranges::all_of(name, is_allowed);
}

/// Their lengths tell most names apart.
bool is_shorter(std::string_view a, std::string_view b) {
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

using Class = std::optional<std::string_view>;

/// The class that is written at the action, or at the group. Error: it is not one.
Result<Class> own_class(const cedar::ActionType& action) {
  const Class name = cedar::find_annotation(action.annotations, kAnnotation);
  if (name && !is_class_name(*name)) {
    return invalid(
        fmt::format("the action `{}`: `@audit` takes a class, in lowercase letters and hyphens, "
                    "such as `@audit(\"care\")`",
                    action.uid->id));
  }
  return name;
}

/// Finds the classes of a schema's actions, of each once: there are more ways up through groups
/// than groups.
class ClassFinder {
 public:
  explicit ClassFinder(const cedar::Schema& schema) : schema_(schema) {}

  /// Its own class, or else that of the groups it is in: of the nearest that says one. Groups are
  /// not in each other, and the schema bounds how deep they are.
  Result<Class> find(const cedar::ActionType& action) {
    const auto known = found_.find(&action);
    if (known != found_.end()) return known->second;
    Class found = TRY(own_class(action));
    if (!found) found = TRY(find_in_groups(action));
    found_.emplace(&action, found);
    return found;
  }

 private:
  Result<Class> find_in_groups(const cedar::ActionType& action) {
    Class found;
    for (const EntityUid* group : action.parents) {
      const cedar::ActionType* declared = schema_.find_action(*group);
      if (declared == nullptr) continue;
      const Class name = TRY(find(*declared));
      if (!name) continue;
      if (found && *found != *name) {
        return invalid(
            fmt::format("the action `{}` is in groups of two classes, `{}` and `{}`; give it an "
                        "`@audit` of its own",
                        action.uid->id, *found, *name));
      }
      found = name;
    }
    return found;
  }

  const cedar::Schema& schema_;
  std::unordered_map<const cedar::ActionType*, Class> found_;
};

}  // namespace

void Accountability::Types::insert(std::string_view name) {
  names_.insert(std::ranges::lower_bound(names_, name, &is_shorter), name);
}

bool Accountability::Types::contains(std::string_view name) const {
  return std::ranges::binary_search(names_, name, &is_shorter);
}

Result<Accountability> Accountability::read(const cedar::Schema& schema) {
  Accountability read;
  for (const cedar::EntityType& type : schema.entity_types()) TRY_VOID(read.read_type(type));
  ClassFinder finder(schema);
  for (const cedar::ActionType& action : schema.actions()) {
    const Class name = TRY(finder.find(action));
    if (name) read.class_of_.emplace(action.uid, *name);
  }
  for (const auto& [action, name] : read.class_of_) read.classes_.push_back(name);
  std::ranges::sort(read.classes_);
  const auto repeated = std::ranges::unique(read.classes_);
  read.classes_.erase(repeated.begin(), repeated.end());
  return read;
}

Result<void> Accountability::read_type(const cedar::EntityType& type) {
  const auto whom = cedar::find_annotation(type.annotations, kAnnotation);
  if (!whom) return {};
  if (*whom == "patient") {
    patients_.insert(type.name);
  } else if (*whom == "device") {
    devices_.insert(type.name);
  } else {
    return invalid(
        fmt::format("the type `{}`: `@audit` takes \"patient\" or \"device\"", type.name));
  }
  return {};
}

Accountable Accountability::find(const cedar::Request& request,
                                 const cedar::EntityView& entities) const {
  return {.principal = request.principal,
          .action = request.action,
          .resource = request.resource,
          .patient = find_of(patients_, request, entities),
          .device = find_of(devices_, request, entities),
          .action_class = class_of(*request.action)};
}

std::string_view Accountability::class_of(const EntityUid& action) const {
  const auto known = class_of_.find(&action);
  return known == class_of_.end() ? std::string_view() : known->second;
}

const EntityUid* Accountability::find_of(const Types& types, const cedar::Request& request,
                                         const cedar::EntityView& entities) {
  if (types.empty()) return nullptr;
  const EntityUid* found = find_of(types, *request.resource, entities);
  return found != nullptr ? found : find_of(types, *request.principal, entities);
}

/// The entity itself, or the first of its ancestors, in the order of uids, of one of the types.
const EntityUid* Accountability::find_of(const Types& types, const EntityUid& uid,
                                         const cedar::EntityView& entities) {
  if (types.contains(uid.type)) return &uid;
  const cedar::Entity* entity = entities.find(uid);
  if (entity == nullptr) return nullptr;
  const EntityUid* found = nullptr;
  for (const EntityUid* ancestor : entity->ancestors()) {
    if (!types.contains(ancestor->type)) continue;
    if (found == nullptr || ancestor->id < found->id) found = ancestor;
  }
  return found;
}

}  // namespace wardlock::pdp
