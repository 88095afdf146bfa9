#include "prover/world/trial.h"

#include <algorithm>
#include <set>
#include <utility>

#include "cedar/json/value_json.h"
#include "cedar/parser/parser.h"
#include "cedar/validator/expr_walk.h"
#include "codec/json.h"
#include "pdp/override.h"
#include "pdp/resolve.h"

namespace wardlock::prover {
namespace {

using cedar::EntityUid;

struct UidLess {
  bool operator()(const EntityUid* a, const EntityUid* b) const { return *a < *b; }
};
using Uids = std::set<const EntityUid*, UidLess>;

/// The entities that policies name.
Uids named_in(const cedar::PolicySet& policies) {
  Uids uids;
  const auto add = [&](const EntityUid* uid) {
    if (uid != nullptr) uids.insert(uid);
  };
  const auto add_value = [&](const auto& self, const cedar::Value& value) -> void {
    if (value.is(cedar::Kind::kEntity)) add(&value.as_entity());
    if (!value.is(cedar::Kind::kSet)) return;
    for (const cedar::Value& each : value.as_set()) self(self, each);
  };
  for (const cedar::Policy& policy : policies.policies()) {
    for (const auto* uid : {policy.body->principal.entity, policy.body->resource.entity,
                            policy.principal_slot, policy.resource_slot}) {
      add(uid);
    }
    cedar::for_each_expr(*policy.body, [&](const cedar::Expr& expr) {
      const auto* literal = std::get_if<cedar::Literal>(&expr.node);
      if (literal != nullptr) add_value(add_value, literal->value);
    });
  }
  return uids;
}

Result<boost::json::object> entity_json(const cedar::Entity& entity) {
  boost::json::object attributes;
  boost::json::object tags;
  boost::json::array parents;
  for (const cedar::Field field : entity.attributes()) {
    attributes[field.name] = TRY(cedar::value_to_json(field.value));
  }
  for (const cedar::Field field : entity.tags()) {
    tags[field.name] = TRY(cedar::value_to_json(field.value));
  }
  for (const EntityUid* parent : entity.parents()) parents.push_back(cedar::uid_to_json(*parent));
  boost::json::object out{{"uid", cedar::uid_to_json(*entity.uid())},
                          {"attrs", std::move(attributes)},
                          {"parents", std::move(parents)}};
  if (!tags.empty()) out["tags"] = std::move(tags);
  return out;
}

/// Those that are named and there, with all groups they are in.
Result<boost::json::array> given_among(const cedar::EntityStore& all, const Uids& named,
                                       const cedar::Schema& schema) {
  Uids kept;
  for (const EntityUid* uid : named) {
    const cedar::Entity* entity = all.find(*uid);
    if (entity == nullptr) continue;
    kept.insert(entity->uid());
    for (const EntityUid* group : entity->ancestors()) kept.insert(group);
  }
  boost::json::array out;
  for (const EntityUid* uid : kept) {
    const cedar::Entity* entity = all.find(*uid);
    // Actions are the schema's.
    if (entity == nullptr || schema.find_action(*uid) != nullptr) continue;
    out.push_back(TRY(entity_json(*entity)));
  }
  return out;
}

const pdp::SnapshotOptions& strictly() {
  static const pdp::SnapshotOptions options{.mode = pdp::Mode::kStrict,
                                            .is_schema_required = true,
                                            .unknown_annotations = Severity::kWarning,
                                            .invalid_policies = Severity::kError};
  return options;
}

pdp::Source as_source(const boost::json::array& entities) {
  return {.name = "the world", .text = codec::to_json_text(entities)};
}

}  // namespace

Result<Trial> Trial::create(const pdp::Sources& sources,
                            const std::vector<const EntityUid*>& named) {
  const auto whole = TRY(pdp::build_snapshot(sources, strictly()));
  Uids uids = named_in(whole->policies());
  uids.insert(named.begin(), named.end());
  Trial trial;
  trial.sources_ = sources;
  trial.whole_ = whole;
  trial.given_ = TRY(given_among(whole->entities, uids, *whole->schema()));
  trial.sources_.entities = as_source(trial.given_);
  trial.base_ = TRY(pdp::build_snapshot(trial.sources_, strictly()));
  return trial;
}

bool Trial::knows(const EntityUid& uid) const {
  return whole_->entities.find(uid) != nullptr || named_in(whole_->policies()).contains(&uid);
}

std::vector<std::string> Trial::known_ids(std::string_view type) const {
  std::vector<std::string> out;
  for (const cedar::Entity* entity : whole_->entities.entities(type)) {
    out.emplace_back(entity->uid()->id);
  }
  for (const EntityUid* uid : named_in(whole_->policies())) {
    if (uid->type == type) out.emplace_back(uid->id);
  }
  return out;
}

boost::json::array Trial::entities_of(const World& world) const {
  boost::json::array all = given_;
  all.insert(all.end(), world.entities.begin(), world.entities.end());
  return all;
}

std::vector<std::string> Trial::filled_keys(const World& world) const {
  Arena arena;
  std::vector<std::string> out;
  const auto uid = cedar::parse_entity_uid(world.action, arena);
  const cedar::ActionType* action = uid ? schema().find_action(**uid) : nullptr;
  if (action == nullptr) return out;
  for (const std::string_view key : {"now", "authentication"}) {
    if (action->context->find_attribute(key) != nullptr) out.emplace_back(key);
  }
  return out;
}

Result<TriedQuestion> Trial::ask(const World& world) const {
  pdp::Sources sources = sources_;
  sources.entities = as_source(entities_of(world));
  TriedQuestion out{.arena = std::make_unique<Arena>(),
                    .snapshot = TRY(pdp::build_snapshot(sources, strictly(), base_.get())),
                    .decision = {},
                    .request = {},
                    .plain = {},
                    .at = world.at,
                    .overlay = {}};
  Arena& arena = *out.arena;
  const pdp::Caller caller = pdp::Caller::unrestricted("prover");
  const pdp::AccessRequest access{
      .principal = {world.principal.type, world.principal.id, &world.principal.properties},
      .action = world.action,
      .resource = {world.resource.type, world.resource.id, &world.resource.properties},
      .context = &world.context,
      .grant = world.grant,
      .supported_obligations = pdp::views_of(world.fulfils, arena),
      .caller = &caller,
      .authentication = pdp::Authentication{.level = world.level,
                                            .methods = pdp::views_of(world.methods, arena)}};
  out.decision = TRY(pdp::decide(*out.snapshot, access, world.at, arena));
  const pdp::ResolvedRequest resolved = TRY(pdp::resolve(*out.snapshot, access, world.at, arena));
  out.plain = resolved.request;
  out.request = resolved.request;
  out.overlay = resolved.overlay;
  const pdp::Grant* grant = pdp::find_grant(*out.snapshot, world.grant);
  if (out.decision.cause == pdp::Cause::kOverride && grant != nullptr) {
    out.request = pdp::with_override(resolved.request, *grant, arena);
  }
  return out;
}

}  // namespace wardlock::prover
