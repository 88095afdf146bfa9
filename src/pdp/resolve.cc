#include "pdp/resolve.h"

#include <fmt/format.h>

#include "base/identifier.h"
#include "cedar/ast/names.h"
#include "cedar/entities/conformance.h"
#include "cedar/parser/parser.h"
#include "pdp/entity_merge.h"
#include "pdp/request_context.h"

namespace wardlock::pdp {
namespace {

using cedar::EntityUid;

Result<void> check_identifier(std::string_view id, std::string_view whose, std::string_view what) {
  const auto fault = find_identifier_fault(id);
  if (fault) return invalid(fmt::format("the {}'s {} {}", whose, what, *fault));
  return {};
}

std::unexpected<Error> out_of_scope(const Caller& caller, std::string_view kind,
                                    std::string_view name) {
  return fail(ErrorCode::kPermissionDenied,
              fmt::format("the caller `{}` may not ask about the {} `{}`", caller.id, kind, name));
}

Result<const EntityUid*> resolve_uid(const Snapshot& snapshot, const Caller& caller,
                                     const DescribedEntity& entity, std::string_view role,
                                     Arena& arena) {
  TRY_VOID(check_identifier(entity.type, role, "type"));
  TRY_VOID(check_identifier(entity.id, role, "id"));
  const std::string_view type = TRY(snapshot.types.cedar_type(entity.type));
  if (!cedar::is_name(type)) {
    return invalid(
        fmt::format("the {}'s type `{}` is not an entity type's name", role, entity.type));
  }
  if (cedar::is_action_type(type)) {
    return invalid(fmt::format("the {} cannot be an action", role));
  }
  if (!caller.scope.types.contains(type)) return out_of_scope(caller, "type", type);
  return cedar::make_uid(arena, type, entity.id);
}

/// `name` as a whole uid. Its escapes can write what the name itself must not hold.
Result<const EntityUid*> parse_action_uid(std::string_view name, Arena& arena) {
  const EntityUid* uid = TRY(cedar::parse_entity_uid(name, arena));
  if (!cedar::is_action_type(uid->type)) {
    return invalid(
        fmt::format("`{}` is not an action; its type must be `Action`, or end in "
                    "`::Action`",
                    name));
  }
  TRY_VOID(check_identifier(uid->id, "action", "id"));
  return uid;
}

/// A name such as `view` is the one action of the schema with that id, or `Action::"view"`. A whole
/// uid can be written too.
Result<const EntityUid*> find_action(const Snapshot& snapshot, std::string_view name,
                                     Arena& arena) {
  TRY_VOID(check_identifier(name, "action", "name"));
  if (name.contains("::\"")) return parse_action_uid(name, arena);
  const EntityUid* found = nullptr;
  if (snapshot.schema()) {
    for (const cedar::ActionType& action : snapshot.schema()->actions()) {
      if (action.uid->id != name) continue;
      if (found != nullptr) {
        return invalid(
            fmt::format("the action `{}` is ambiguous: it may be `{}` or `{}`; "
                        "write it like that",
                        name, to_text(*found), to_text(*action.uid)));
      }
      found = action.uid;
    }
  }
  return found != nullptr ? found : cedar::make_uid(arena, "Action", name);
}

Result<const EntityUid*> resolve_action(const Snapshot& snapshot, const Caller& caller,
                                        std::string_view name, Arena& arena) {
  const EntityUid* uid = TRY(find_action(snapshot, name, arena));
  const Names& actions = caller.scope.actions;
  if (actions.is_all() || actions.contains(uid->id) || actions.contains(to_text(*uid))) return uid;
  return out_of_scope(caller, "action", uid->id);
}

/// Whether two descriptions of the same entity can both be true. Error: they contradict each other;
/// either of them could be the one a forbid waits for.
Result<void> check_agreement(const boost::json::object& one, const boost::json::object& other) {
  for (const auto& [name, value] : other) {
    const codec::Json* same = one.if_contains(name);
    if (same == nullptr || same->is_null() || value.is_null() || *same == value) continue;
    return invalid(
        fmt::format("the principal and the resource are the same entity, and `properties.{}` "
                    "differs between them",
                    std::string_view(name)));
  }
  return {};
}

/// What the caller says of the principal and the resource. An entity that is both is one.
Result<std::span<const cedar::Entity* const>> lay_over(const Snapshot& snapshot,
                                                       const AccessRequest& access, Arena& arena,
                                                       const cedar::Request& request,
                                                       Notes& notes) {
  const std::span<const cedar::Entity*> overlay = arena.allocate<const cedar::Entity*>(2);
  std::size_t count = 0;
  const auto merge = [&](const boost::json::object* properties, const EntityUid& uid,
                         std::string_view role,
                         const boost::json::object* more = nullptr) -> Result<void> {
    if (properties == nullptr) return {};
    EntityMerge merging(snapshot, *access.caller, arena, role, notes);
    const cedar::Entity* merged = TRY(merging.merge(uid, *properties, more));
    if (merged != nullptr) overlay[count++] = merged;
    return {};
  };
  const auto* of_principal = access.principal.properties;
  const auto* of_resource = access.resource.properties;
  if (of_principal != nullptr && of_resource != nullptr &&
      *request.principal == *request.resource) {
    TRY_VOID(check_agreement(*of_principal, *of_resource));
    TRY_VOID(merge(of_principal, *request.principal, "principal", of_resource));
  } else {
    TRY_VOID(merge(of_principal, *request.principal, "principal"));
    TRY_VOID(merge(of_resource, *request.resource, "resource"));
  }
  return overlay.first(count);
}

/// Whether the caller may ask like that at all, whatever it asks about.
Result<void> check_rights(const AccessRequest& access) {
  const Caller& caller = *access.caller;
  if (access.authentication && !caller.may_attest) {
    return fail(ErrorCode::kPermissionDenied,
                fmt::format("the caller `{}` may not attest how a person was authenticated; it "
                            "needs the right `attest`",
                            caller.id));
  }
  if (!access.grant.empty() && !caller.may_override) {
    return fail(ErrorCode::kPermissionDenied,
                fmt::format("the caller `{}` may not name a break-glass grant; it needs the right "
                            "`override`",
                            caller.id));
  }
  return {};
}

}  // namespace

Result<cedar::Request> resolve_entities(const Snapshot& snapshot, const AccessRequest& access,
                                        Arena& arena) {
  const Caller& caller = *access.caller;
  TRY_VOID(check_rights(access));
  cedar::Request request{};
  request.principal = TRY(resolve_uid(snapshot, caller, access.principal, "principal", arena));
  request.resource = TRY(resolve_uid(snapshot, caller, access.resource, "resource", arena));
  return request;
}

Result<cedar::Request> resolve_names(const Snapshot& snapshot, const AccessRequest& access,
                                     Arena& arena) {
  cedar::Request request = TRY(resolve_entities(snapshot, access, arena));
  request.action = TRY(resolve_action(snapshot, *access.caller, access.action, arena));
  return request;
}

Result<ResolvedRequest> resolve(const Snapshot& snapshot, const AccessRequest& access,
                                std::int64_t now, Arena& arena) {
  ResolvedRequest resolved;
  resolved.request = TRY(resolve_names(snapshot, access, arena));
  cedar::Request& request = resolved.request;
  const cedar::ActionType* action =
      snapshot.schema() ? snapshot.schema()->find_action(*request.action) : nullptr;
  if (snapshot.schema() && action == nullptr) {
    return invalid(fmt::format("the schema has no action `{}`", to_text(*request.action)));
  }
  Notes notes(arena, access.caller->may_explain);
  request.context = TRY(build_context(action, access, now, arena, notes));
  if (snapshot.schema()) {
    TRY_VOID(cedar::validate_request(*snapshot.schema(), *request.principal, *request.action,
                                     *request.resource, request.context));
  }
  TRY_VOID(snapshot.types.check_principal(request.principal->type));
  resolved.overlay = TRY(lay_over(snapshot, access, arena, request, notes));
  resolved.notes = notes.take();
  return resolved;
}

}  // namespace wardlock::pdp
