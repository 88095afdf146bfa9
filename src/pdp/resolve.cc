#include "pdp/resolve.h"

#include <fmt/format.h>

#include "base/identifier.h"
#include "cedar/ast/names.h"
#include "cedar/entities/conformance.h"
#include "cedar/parser/parser.h"
#include "pdp/approved.h"
#include "pdp/consented.h"
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

/// Principal or resource.
struct NamedEntity {
  const EntityUid* uid = nullptr;
  TypeMapping::Declared declared = {};
};

/// A type that no schema declares.
Result<std::string_view> undeclared_type(const Snapshot& snapshot, std::string_view name,
                                         std::string_view role) {
  const std::string_view type = TRY(snapshot.types.cedar_type(name));
  if (!cedar::is_name(type)) {
    return invalid(fmt::format("the {}'s type `{}` is not an entity type's name", role, name));
  }
  if (cedar::is_action_type(type)) return invalid(fmt::format("the {} cannot be an action", role));
  return type;
}

Result<NamedEntity> resolve_entity(const Snapshot& snapshot, const Caller& caller,
                                   const DescribedEntity& entity, std::string_view role,
                                   Arena& arena) {
  const TypeMapping::Declared* declared = snapshot.types.find_declared(entity.type);
  if (declared == nullptr) TRY_VOID(check_identifier(entity.type, role, "type"));
  TRY_VOID(check_identifier(entity.id, role, "id"));
  const std::string_view type = declared != nullptr
                                    ? declared->type->name
                                    : TRY(undeclared_type(snapshot, entity.type, role));
  if (!caller.scope.types.contains(type)) return out_of_scope(caller, "type", type);
  // The type's text is the snapshot's, or, like the id's, the question's.
  return NamedEntity{
      .uid = arena.make<EntityUid>(type, entity.id, cedar::hash_uid(type, entity.id)),
      .declared = declared != nullptr ? *declared : TypeMapping::Declared{}};
}

struct NamedAction {
  const EntityUid* uid = nullptr;
  const cedar::ActionType* declared = nullptr;
};

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
Result<NamedAction> find_action(const cedar::Schema* schema, std::string_view name, Arena& arena) {
  TRY_VOID(check_identifier(name, "action", "name"));
  if (name.contains("::\"")) {
    const EntityUid* uid = TRY(parse_action_uid(name, arena));
    return NamedAction{.uid = uid,
                       .declared = schema != nullptr ? schema->find_action(*uid) : nullptr};
  }
  const cedar::ActionType* found = nullptr;
  if (schema != nullptr) {
    for (const cedar::ActionType& action : schema->actions()) {
      if (action.uid->id != name) continue;
      if (found != nullptr) {
        return invalid(
            fmt::format("the action `{}` is ambiguous: it may be `{}` or `{}`; "
                        "write it like that",
                        name, to_text(*found->uid), to_text(*action.uid)));
      }
      found = &action;
    }
  }
  return NamedAction{.uid = found != nullptr ? found->uid : cedar::make_uid(arena, "Action", name),
                     .declared = found};
}

Result<NamedAction> resolve_action(const Snapshot& snapshot, const Caller& caller,
                                   std::string_view name, Arena& arena) {
  const NamedAction action = TRY(find_action(snapshot.schema(), name, arena));
  const EntityUid& uid = *action.uid;
  const Names& actions = caller.scope.actions;
  if (actions.is_all() || actions.contains(uid.id) || actions.contains(to_text(uid))) return action;
  return out_of_scope(caller, "action", uid.id);
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
  if (caller.must_show_token && access.verified == nullptr) {
    return fail(ErrorCode::kUnauthenticated,
                fmt::format("the caller `{}` may ask only with a token of the person it asks about",
                            caller.id));
  }
  if (access.verified != nullptr && access.authentication) {
    return invalid(
        "how the person was authenticated is said twice: by their token, and by the caller; leave "
        "out what the caller says");
  }
  return {};
}

/// Whether it is the principal whose token came with the question, if one did.
Result<void> check_verified(const AccessRequest& access, const EntityUid& principal) {
  if (access.verified == nullptr) return {};
  if (access.verified->type == principal.type && access.verified->id == principal.id) return {};
  return invalid("the token that came with the question is not its principal's");
}

/// Who acts for the principal: whom the token says, or else whom the caller says. Both may say it,
/// as long as it is the same one.
Result<std::optional<Acting>> find_acting(const Snapshot& snapshot, const AccessRequest& access,
                                          Arena& arena) {
  const VerifiedActor* const shown = access.verified == nullptr ? nullptr : access.verified->actor;
  const EntityUid* said = nullptr;
  if (access.actor) {
    said = TRY(resolve_entity(snapshot, *access.caller, *access.actor, "actor", arena)).uid;
  }
  if (shown == nullptr) {
    if (said == nullptr) return std::nullopt;
    return Acting{.name = {.type = said->type, .id = said->id}, .actor = said};
  }
  if (said != nullptr && (said->type != shown->type || said->id != shown->id)) {
    return invalid(
        "who acts for the person is said twice, and differently: by their token, and by the "
        "caller; leave out what the caller says");
  }
  Acting acting{.name = {.type = shown->type, .id = shown->id, .before = shown->before}};
  if (shown->is_known) {
    acting.actor =
        arena.make<EntityUid>(shown->type, shown->id, cedar::hash_uid(shown->type, shown->id));
  }
  return acting;
}

struct NamedEntities {
  NamedEntity principal;
  NamedEntity resource;

  cedar::Request request() const {
    cedar::Request request{};
    request.principal = principal.uid;
    request.resource = resource.uid;
    return request;
  }
};

Result<NamedEntities> find_entities(const Snapshot& snapshot, const AccessRequest& access,
                                    Arena& arena) {
  const Caller& caller = *access.caller;
  TRY_VOID(check_rights(access));
  NamedEntities named;
  named.principal = TRY(resolve_entity(snapshot, caller, access.principal, "principal", arena));
  TRY_VOID(check_verified(access, *named.principal.uid));
  named.resource = TRY(resolve_entity(snapshot, caller, access.resource, "resource", arena));
  return named;
}

}  // namespace

Result<cedar::Request> resolve_entities(const Snapshot& snapshot, const AccessRequest& access,
                                        Arena& arena) {
  return TRY(find_entities(snapshot, access, arena)).request();
}

Result<cedar::Request> resolve_names(const Snapshot& snapshot, const AccessRequest& access,
                                     Arena& arena) {
  cedar::Request request = TRY(resolve_entities(snapshot, access, arena));
  request.action = TRY(resolve_action(snapshot, *access.caller, access.action, arena)).uid;
  return request;
}

std::string_view find_action_class(const Snapshot& snapshot, std::string_view action,
                                   Arena& arena) {
  const auto named = find_action(snapshot.schema(), action, arena);
  return named ? snapshot.rulebook->accountability.class_of(*named->uid) : std::string_view();
}

Result<ResolvedRequest> resolve(const Snapshot& snapshot, const AccessRequest& access,
                                std::int64_t now, Arena& arena) {
  const NamedEntities entities = TRY(find_entities(snapshot, access, arena));
  const NamedAction action = TRY(resolve_action(snapshot, *access.caller, access.action, arena));
  const cedar::Schema* schema = snapshot.schema();
  if (schema != nullptr && action.declared == nullptr) {
    return invalid(fmt::format("the schema has no action `{}`", to_text(*action.uid)));
  }
  ResolvedRequest resolved;
  cedar::Request& request = resolved.request;
  request = entities.request();
  request.action = action.uid;
  Notes notes(arena, access.caller->may_explain);
  resolved.acting = TRY(find_acting(snapshot, access, arena));
  if (resolved.acting && !access.grant.empty()) {
    notes.add({"the break-glass grant counts for nothing: somebody acts for the principal"});
  }
  const RequestContext context = TRY(build_context(action.declared, access, now, arena, notes));
  request.context = context.value;
  const TypeMapping::Declared& principal = entities.principal.declared;
  if (schema != nullptr) {
    TRY_VOID(cedar::validate_request({.principal = principal.type,
                                      .action = action.declared,
                                      .resource = entities.resource.declared.type},
                                     *request.principal, *request.action, *request.resource));
    if (!context.fits) {
      TRY_VOID(cedar::check_value(request.context, *action.declared->context, *schema, "context"));
    }
    resolved.is_override_declared = declares_override(*action.declared);
  }
  if (!principal.may_be_principal) {
    TRY_VOID(snapshot.types.check_principal(request.principal->type));
  }
  resolved.overlay = TRY(lay_over(snapshot, access, arena, request, notes));
  const cedar::EntityView entities_seen(snapshot.entities, resolved.overlay);
  const Consented consented =
      with_consent(snapshot, action.declared, request, entities_seen, now, arena);
  request.context = consented.context;
  resolved.provisions = consented.provisions;
  resolved.approval = find_approval(snapshot, request, now);
  if (resolved.approval != nullptr) {
    request.context = with_approval(request.context, *resolved.approval, arena);
  }
  // Overrides are for whoever stands there themselves.
  if (resolved.acting) resolved.is_override_declared = false;
  resolved.notes = notes.take();
  return resolved;
}

bool resolve_alike(const Snapshot& one, const Snapshot& other) {
  return one.mode() == other.mode() &&
         one.rulebook->schema_source == other.rulebook->schema_source &&
         one.types.maps_like(other.types) && one.entities.is_shared_with(other.entities);
}

}  // namespace wardlock::pdp
