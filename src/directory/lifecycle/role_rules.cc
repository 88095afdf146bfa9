#include "directory/lifecycle/role_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/utf8.h"
#include "directory/registry/read_from.h"
#include "directory/registry/relation_rows.h"
#include "directory/registry/thing_rows.h"

namespace wardlock::directory {
namespace {

std::string_view text_in(const boost::json::object& object, std::string_view name) {
  const auto* const value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string_view(value->get_string())
                                                : std::string_view();
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_same_title(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, &lower, &lower);
}

/// Who has the role by a rule, or should: the person, and the place where it counts.
using Claim = std::pair<std::string, std::optional<std::string>>;

/// Those who should have a role by any rule, by the id of the role: what one rule takes, another
/// may give.
using Claims = std::map<std::string, std::set<Claim>>;

/// One rule, with what it names.
class RuleReader {
 public:
  RuleReader(storage::Work& work, std::string_view tenant, const RoleRule& rule, std::int64_t now)
      : work_(work), tenant_(tenant), rule_(rule), now_(now) {}

  /// Finds who should have the role.
  Result<void> find(Claims& claims) {
    const auto role = TRY(named("role.displayName", rule_.role, Kind::kRole));
    const auto organisation =
        TRY(named("organisation.code", rule_.organisation, Kind::kOrganisation));
    const auto location = TRY(named("location.code", rule_.location, Kind::kLocation));
    if (!fault_.empty()) return {};
    role_ = *role;
    wanted_ = TRY(read_wanted(organisation, location));
    claims[role_].insert(wanted_.begin(), wanted_.end());
    return {};
  }

  /// Adds to the plan what the rule would change, or why it cannot.
  Result<void> add_to(RolePlan& plan, const Claims& claims) {
    if (!fault_.empty()) {
      plan.faults.push_back(fmt::format("rule `{}`: {}", rule_.name, fault_));
      return {};
    }
    const auto given = TRY(find_relations(
        work_, tenant_,
        {.relation = Relation::kRoleAssignment, .object = role_, .not_ended_by = now_}));
    TRY_VOID(add_given(given, plan));
    return add_taken(claims.at(role_), given, plan);
  }

 private:
  /// The id of what a rule names; nothing: it names none, or there is a fault.
  Result<std::optional<std::string>> named(std::string_view type, std::string_view name,
                                           Kind kind) {
    if (name.empty()) return std::nullopt;
    const auto thing = TRY(find_named(work_, tenant_, type, name));
    if (thing && thing->kind == kind && is_in_force(*thing)) return thing->id;
    if (fault_.empty()) {
      fault_ = fmt::format("there is no {} `{}` in force", to_string(kind), printable(name));
    }
    return std::nullopt;
  }

  bool is_meant(std::string_view document) const {
    if (rule_.title.empty() && rule_.employment_type.empty()) return true;
    const auto attributes = codec::parse_json(document);
    if (!attributes || !attributes->is_object()) return false;
    const boost::json::object& object = attributes->get_object();
    if (!rule_.title.empty() && !is_same_title(text_in(object, "title"), rule_.title)) return false;
    return rule_.employment_type.empty() ||
           text_in(object, "employmentType") == rule_.employment_type;
  }

  /// Those who work so now and have not left.
  Result<std::set<Claim>> read_wanted(const std::optional<std::string>& organisation,
                                      const std::optional<std::string>& location) {
    std::vector<storage::Parameter> parameters = {tenant_, now_};
    std::string sql =
        "SELECT r.subject, r.scope, r.document FROM relation r JOIN thing t ON t.id = r.subject "
        "WHERE r.tenant = $1 AND r.kind = 'employment' AND r.valid_from_ms <= $2 AND " +
        fmt::format(kNotEnded, "$2") + " AND t.state IN ('active', 'invited', 'suspended')";
    const auto add = [&](std::string_view column, const std::optional<std::string>& id) {
      if (!id) return;
      parameters.emplace_back(std::string_view(*id));
      sql += fmt::format(" AND r.{} = ${}", column, parameters.size());
    };
    add("object", organisation);
    add("scope", location);
    std::set<Claim> wanted;
    const Result<void> done = work_.each(sql, parameters, [&](storage::Row row) -> Result<void> {
      if (!is_meant(row.text(2)) || (rule_.is_in_place && row.is_null(1))) return {};
      Claim claim{std::string(row.text(0)), std::nullopt};
      if (rule_.is_in_place) claim.second = std::string(row.text(1));
      wanted.insert(std::move(claim));
      return {};
    });
    if (!done) return std::unexpected(done.error());
    return wanted;
  }

  Result<void> add_given(const std::vector<KeptRelation>& given, RolePlan& plan) {
    std::set<Claim> there;
    for (const KeptRelation& each : given) there.emplace(each.subject, each.scope);
    for (const Claim& claim : wanted_) {
      if (there.contains(claim)) continue;
      TRY_VOID(
          add({.rule = &rule_, .person = claim.first, .role = role_, .scope = claim.second}, plan));
    }
    return {};
  }

  Result<void> add_taken(const std::set<Claim>& claims, const std::vector<KeptRelation>& given,
                         RolePlan& plan) {
    const std::string actor = actor_of(rule_);
    for (const KeptRelation& each : given) {
      if (each.made_by_type != "Wardlock" || each.made_by_id != actor) continue;
      if (claims.contains({each.subject, each.scope}) || TRY(is_in_grace(each.subject))) continue;
      TRY_VOID(add({.rule = &rule_,
                    .is_given = false,
                    .person = each.subject,
                    .role = each.object,
                    .scope = each.scope,
                    .relation = each.id},
                   plan));
    }
    return {};
  }

  Result<bool> is_in_grace(std::string_view person) {
    if (rule_.grace.count() == 0) return false;
    const storage::Rows rows = TRY(work_.query(
        "SELECT COALESCE(MAX(valid_until_ms), 0) FROM relation WHERE tenant = $1 AND subject = $2 "
        "AND kind = 'employment' AND valid_until_ms <= $3",
        tenant_, person, now_));
    return rows.front().integer(0) + rule_.grace.count() > now_;
  }

  Result<void> add(RoleStep step, RolePlan& plan) {
    step.person_name = TRY(name_of(step.person, "userName"));
    if (step.scope) step.scope_name = TRY(name_of(*step.scope, "code"));
    plan.steps.push_back(std::move(step));
    return {};
  }

  Result<std::string> name_of(std::string_view id, std::string_view attribute) {
    const auto thing = TRY(find_thing(work_, tenant_, id));
    const std::string_view name = thing ? text_in(thing->document.json(), attribute) : "";
    return std::string(name.empty() ? id : name);
  }

  storage::Work& work_;
  std::string_view tenant_;
  const RoleRule& rule_;
  std::int64_t now_;
  std::string fault_;
  std::string role_;  ///< its id
  std::set<Claim> wanted_;
};

Mandate mandate_of(std::string_view tenant, const RoleStep& step) {
  return {.tenant = std::string(tenant),
          .actor_type = "Wardlock",
          .actor_id = actor_of(*step.rule),
          .caller = "wardlock",
          .reason = fmt::format("rule {}: {}", step.rule->name,
                                step.is_given ? "comes with the employment"
                                              : "the employment that it came with has ended")};
}

Result<void> take(Edit& edit, const RoleStep& step) {
  if (!step.is_given) return edit.end(step.relation);
  TRY_VOID(edit.relate({.relation = Relation::kRoleAssignment,
                        .subject = step.person,
                        .object = step.role,
                        .scope = step.scope}));
  return {};
}

/// Whether somebody else was faster, and the others fare no worse for it.
bool is_passed_over(ErrorCode code) {
  return code == ErrorCode::kNotFound || code == ErrorCode::kAlreadyExists ||
         code == ErrorCode::kFailedPrecondition || code == ErrorCode::kInvalidArgument;
}

}  // namespace

std::string actor_of(const RoleRule& rule) { return "rule:" + rule.name; }

Result<RolePlan> plan_roles(const Registry& registry, std::string_view tenant,
                            std::span<const RoleRule> rules, std::int64_t now) {
  return read_from<RolePlan>(registry.store(), [&](storage::Work& work) -> Result<RolePlan> {
    std::vector<RuleReader> readers;
    Claims claims;
    for (const RoleRule& rule : rules) {
      if (rule.tenant != tenant) continue;
      readers.emplace_back(work, tenant, rule, now);
      TRY_VOID(readers.back().find(claims));
    }
    RolePlan plan;
    for (RuleReader& reader : readers) TRY_VOID(reader.add_to(plan, claims));
    return plan;
  });
}

Result<std::uint64_t> apply_roles(Registry& registry, std::string_view tenant, const RolePlan& plan,
                                  const std::function<bool()>& go_on) {
  std::uint64_t done = 0;
  for (const RoleStep& step : plan.steps) {
    if (!go_on()) return fail(ErrorCode::kCancelled, "the rules were not applied to all");
    const auto written =
        registry.write(mandate_of(tenant, step), [&](Edit& edit) { return take(edit, step); });
    if (written) {
      ++done;
    } else if (!is_passed_over(written.error().code)) {
      return std::unexpected(written.error());
    }
  }
  return done;
}

std::string to_text(const RolePlan& plan) {
  std::string text;
  for (const RoleStep& step : plan.steps) {
    text += fmt::format("{}{} {} the role {}{}, by the rule {}", text.empty() ? "" : "\n",
                        step.person_name, step.is_given ? "gets" : "loses", step.rule->role,
                        step.scope_name.empty() ? "" : " in " + step.scope_name, step.rule->name);
  }
  if (plan.steps.empty()) {
    text = plan.faults.empty() ? "all have the roles that rules give them, and no others by rules"
                               : "the other rules would change nothing";
  }
  for (const std::string& fault : plan.faults) text += "\n" + fault;
  return text;
}

codec::Json to_json(const RolePlan& plan) {
  boost::json::array steps;
  for (const RoleStep& step : plan.steps) {
    boost::json::object out{{"rule", step.rule->name},
                            {"step", step.is_given ? "give" : "take"},
                            {"person", step.person},
                            {"userName", step.person_name},
                            {"role", step.rule->role}};
    if (step.scope) out["location"] = step.scope_name;
    steps.push_back(std::move(out));
  }
  return boost::json::object{
      {"steps", std::move(steps)},
      {"faults", boost::json::array(plan.faults.begin(), plan.faults.end())}};
}

}  // namespace wardlock::directory
