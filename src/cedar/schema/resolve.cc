#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/graph.h"
#include "cedar/schema/declared_names.h"
#include "cedar/schema/resolve_types.h"
#include "cedar/schema/schema.h"

namespace wardlock::cedar {

namespace {

/// Of the closures of the two hierarchies; a schema within its size limit reaches it only by
/// intent.
constexpr std::size_t kMaxPairs = 10'000'000;

constexpr std::string_view kTooLarge = "the hierarchy is too large: too many are in each other";

}  // namespace

/// Builds a `Schema` from its syntax tree, once.
class SchemaResolver {
 public:
  SchemaResolver(const SchemaSyntax& syntax, const SchemaLimits& limits)
      : syntax_(syntax),
        limits_(limits),
        names_(syntax, diagnostics_),
        types_(names_, *schema_.arena_, limits.max_depth, diagnostics_) {}

  Parsed<Schema> run() {
    names_.check_shadowing(syntax_);
    if (types_.resolve_common_types(syntax_)) {
      for (const NamespaceSyntax& space : syntax_.namespaces) resolve_namespace(space);
      if (diagnostics_.empty()) {
        close_entity_types();
        close_actions();
      }
    }
    if (diagnostics_.empty()) return std::move(schema_);
    std::ranges::stable_sort(diagnostics_, {}, [](const Diagnostic& d) { return d.span.begin; });
    if (diagnostics_.size() > limits_.max_diagnostics) {
      diagnostics_.resize(limits_.max_diagnostics);
    }
    return std::unexpected(std::move(diagnostics_));
  }

 private:
  Arena& arena() { return *schema_.arena_; }

  void resolve_namespace(const NamespaceSyntax& space) {
    const std::string_view name = types_.intern(space.name.text);
    schema_.namespaces_.push_back({name, types_.copy(space.annotations)});
    for (const CommonTypeSyntax& common : space.common_types) {
      const std::string full_name = qualify(name, common.name.text);
      if (!names_.find_common("", full_name)) continue;
      schema_.common_types_.push_back({types_.intern(full_name), types_.common(full_name),
                                       types_.copy(common.annotations), common.name.span});
    }
    for (const EntitySyntax& entity : space.entities) resolve_entity(entity, name);
    for (const ActionSyntax& action : space.actions) resolve_action(action, name);
  }

  void resolve_entity(const EntitySyntax& syntax, std::string_view space) {
    EntityType type{};
    type.shape = types_.resolve_record(
        syntax.shape ? *syntax.shape : no_attributes_, space,
        fmt::format("the shape of `{}`", qualify(space, syntax.names.front().text)));
    if (syntax.tags) type.tags = types_.resolve(*syntax.tags, space);
    type.parents = arena().copy(types_.resolve_entity_names(syntax.member_of, space));
    type.enum_ids = copy_sorted(syntax.enum_ids);
    type.annotations = types_.copy(syntax.annotations);
    for (const NameSyntax& name : syntax.names) {
      type.name = types_.intern(qualify(space, name.text));
      type.span = name.span;
      const std::size_t number = schema_.entity_types_.size();
      if (!schema_.entity_type_index_.try_emplace(type.name, number).second) continue;
      schema_.entity_types_.push_back(type);
    }
  }

  std::span<const std::string_view> copy_sorted(const std::vector<std::string>& ids) {
    std::vector<std::string_view> sorted;
    for (const std::string& id : ids) sorted.push_back(types_.intern(id));
    std::ranges::sort(sorted);
    const auto duplicates = std::ranges::unique(sorted);
    sorted.erase(duplicates.begin(), duplicates.end());
    return arena().copy(sorted);
  }

  void resolve_action(const ActionSyntax& syntax, std::string_view space) {
    ActionType action{};
    const std::string type_name = qualify(space, "Action");
    const bool has_context = syntax.applies_to && syntax.applies_to->context;
    action.context =
        types_.resolve_record(has_context ? *syntax.applies_to->context : no_attributes_, space,
                              fmt::format("the context of action `{}`", syntax.ids.front().text));
    if (syntax.applies_to) {
      const AppliesToSyntax& applies_to = *syntax.applies_to;
      action.principals = arena().copy(types_.resolve_entity_names(applies_to.principals, space));
      action.resources = arena().copy(types_.resolve_entity_names(applies_to.resources, space));
    }
    action.parents = resolve_groups(syntax, space);
    action.annotations = types_.copy(syntax.annotations);
    for (const NameSyntax& id : syntax.ids) {
      action.uid = intern_uid(type_name, id.text);
      action.span = id.span;
      const std::size_t number = schema_.actions_.size();
      if (!schema_.action_index_.try_emplace(action.uid, number).second) continue;
      schema_.actions_.push_back(action);
    }
  }

  std::span<const EntityUid* const> resolve_groups(const ActionSyntax& syntax,
                                                   std::string_view space) {
    std::vector<const EntityUid*> groups;
    std::unordered_set<const EntityUid*> seen;
    for (const ActionReferenceSyntax& reference : syntax.member_of) {
      const auto type = names_.find_action(space, reference.type, reference.id);
      if (!type) {
        const std::string name = reference.type.empty() ? "Action" : reference.type;
        diagnostics_.push_back(
            {Severity::kError,
             fmt::format("the action `{}::{}` is not declared", name, quote(reference.id)),
             reference.span, "declare it, or name another group"});
        continue;
      }
      const EntityUid* uid = intern_uid(*type, reference.id);
      if (seen.insert(uid).second) groups.push_back(uid);
    }
    return arena().copy(groups);
  }

  /// The same pointer for the same uid.
  const EntityUid* intern_uid(std::string_view type, std::string_view id) {
    const EntityUid uid{types_.intern(type), types_.intern(id), hash_uid(type, id)};
    const auto it = uids_.find(&uid);
    if (it != uids_.end()) return *it;
    return *uids_.insert(arena().make<EntityUid>(uid)).first;
  }

  void close_entity_types() {
    Graph graph(schema_.entity_types_.size());
    for (std::size_t i = 0; i < graph.size(); ++i) {
      for (const std::string_view parent : schema_.entity_types_[i].parents) {
        const std::size_t number = schema_.entity_type_index_.at(parent);
        graph[i].push_back(static_cast<std::uint32_t>(number));
      }
    }
    const auto closure = transitive_closure(graph, kMaxPairs);
    if (!closure) return refuse(std::string(kTooLarge), {});
    for (std::size_t i = 0; i < graph.size(); ++i) {
      std::vector<std::string_view> names;
      for (const std::uint32_t n : (*closure)[i]) names.push_back(schema_.entity_types_[n].name);
      std::ranges::sort(names);
      schema_.entity_types_[i].ancestors = arena().copy(names);
    }
  }

  void close_actions() {
    Graph graph(schema_.actions_.size());
    for (std::size_t i = 0; i < graph.size(); ++i) {
      for (const EntityUid* parent : schema_.actions_[i].parents) {
        graph[i].push_back(static_cast<std::uint32_t>(schema_.action_index_.at(parent)));
      }
    }
    if (const auto order = order_after_targets(graph); !order) {
      std::vector<std::string> cycle;
      for (const std::uint32_t i : order.error()) {
        cycle.push_back(to_text(*schema_.actions_[i].uid));
      }
      return refuse(fmt::format("the actions are in each other in a cycle: `{}`, then `{}` again",
                                fmt::join(cycle, "`, `"), cycle.front()),
                    schema_.actions_[order.error().front()].span);
    }
    const auto closure = transitive_closure(graph, kMaxPairs);
    if (!closure) return refuse(std::string(kTooLarge), {});
    for (std::size_t i = 0; i < graph.size(); ++i) {
      std::vector<const EntityUid*> uids;
      for (const std::uint32_t n : (*closure)[i]) uids.push_back(schema_.actions_[n].uid);
      schema_.actions_[i].ancestors = arena().copy(uids);
    }
  }

  void refuse(std::string message, Span span) {
    diagnostics_.push_back({Severity::kError, std::move(message), span, ""});
  }

  const SchemaSyntax& syntax_;
  const SchemaLimits& limits_;
  const TypeSyntax no_attributes_;
  Schema schema_;
  Diagnostics diagnostics_;
  DeclaredNames names_;
  TypeResolver types_;
  std::unordered_set<const EntityUid*, UidHash, UidEqual> uids_;
};

Parsed<Schema> resolve_schema(const SchemaSyntax& syntax, const SchemaLimits& limits) {
  return SchemaResolver(syntax, limits).run();
}

}  // namespace wardlock::cedar
