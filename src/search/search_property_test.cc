// A search finds what deciding one by one allows, for drawn policies, requests and callers.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <random>

#include "codec/json.h"
#include "search/search.h"

namespace wardlock::search {
namespace {

constexpr std::int64_t kNow = 1'000'000;
constexpr int kWorlds = 400;
constexpr int kQuestionsPerWorld = 12;

constexpr std::string_view kSchema = R"(
  entity Role;
  entity Ward in [Ward];
  entity User in [Role, Ward] = {
    home?: Ward, wards?: Set<Ward>, patients?: Set<Patient>, level?: Long, chief?: User,
    @source("request") badge?: String,
  };
  entity Patient in [Ward] = {
    ward?: Ward, team?: Set<User>, attending?: User, secret?: Bool, tags?: Set<String>,
    at?: { floor: Long }, @source("request") badge?: String,
  } tags String;
  action view, edit, call in [act] appliesTo {
    principal: User, resource: [Patient, User],
    context: { level?: Long, who?: User, override?: { id: String, reason: String, expiresAt: datetime } },
  };
  action act;
  namespace Wardlock {
    entity Grant = {
      principal: User, target: Patient, actions: Set<Action>, opensAt: datetime,
      expiresAt: datetime, reason: String, waives?: Set<String>,
    };
  }
)";

/// Conditions, most of which an index can answer in part; some err for some entities.
constexpr std::string_view kConditions[] = {
    "principal == resource",
    "resource in principal.patients",
    "resource in principal.home",
    "resource.ward == principal.home",
    "principal.home == resource.ward",
    "resource.ward in principal.home",
    "resource.ward in principal.wards",
    "principal.wards.contains(resource.ward)",
    "principal.patients.contains(resource)",
    "principal in resource.team",
    "resource.team.contains(principal)",
    "resource has team && resource.team.contains(principal)",
    "resource has attending && resource.attending == principal",
    "[resource.attending, principal.chief].contains(principal)",
    "principal in [resource.attending, User::\"u1\"]",
    "resource.attending.home == principal.home",
    "resource.attending.badge == \"blue\"",
    "resource.badge == \"blue\"",
    "principal.badge == \"blue\"",
    "resource.badge == principal.badge",
    "principal has badge && principal.badge != \"red\"",
    "resource.at.floor == principal.level",
    "resource.at.floor == 1 || resource.at.floor == 2",
    "resource.at.floor != 1",
    "!(resource.at.floor != 1)",
    "resource.secret",
    "!resource.secret",
    "resource has secret && !(resource.secret || resource.secret)",
    "if principal.level > 1 then resource.secret else resource.ward == principal.home",
    "if resource.secret then principal in Role::\"r1\" else resource in Ward::\"w1\"",
    "resource.tags.containsAny([\"a\", \"b\"])",
    "[\"a\", \"c\"].containsAny(resource.tags)",
    "resource.tags.containsAll([\"a\", \"b\"])",
    "resource.tags.containsAll([])",
    "resource.hasTag(\"k\") && resource.getTag(\"k\") == \"v1\"",
    "resource.getTag(\"k\") == principal.badge",
    "resource is Patient",
    "resource is Patient in Ward::\"w2\"",
    "principal is User in Role::\"r2\"",
    "principal in Role::\"r1\" || resource.secret",
    "principal.level + 9223372036854775806 > 0",
    "context.who == resource.attending",
    "context has level && context.level == resource.at.floor",
    "resource like \"x\"",
    "resource.ward == Ward::\"w1\" && principal in Ward::\"w2\"",
    "action == Action::\"view\"",
    "action in [Action::\"edit\", Action::\"act\"] && resource in Ward::\"w1\"",
    "principal.chief.badge == \"blue\"",
    "resource.chief == principal",
    "resource.chief.badge == \"blue\"",
    "true",
    "false",
};

constexpr std::string_view kPrincipals[] = {"principal",
                                            "principal",
                                            "principal == User::\"u1\"",
                                            "principal in Role::\"r1\"",
                                            "principal is User",
                                            "principal is User in Ward::\"w1\""};
constexpr std::string_view kActions[] = {"action", "action == Action::\"view\"",
                                         "action in [Action::\"edit\", Action::\"call\"]",
                                         "action in Action::\"act\""};
constexpr std::string_view kResources[] = {"resource",
                                           "resource",
                                           "resource == Patient::\"p1\"",
                                           "resource in Ward::\"w1\"",
                                           "resource is Patient",
                                           "resource is User",
                                           "resource is Patient in Ward::\"w2\""};

class SearchProperties : public testing::TestWithParam<bool> {
 protected:
  bool has_schema() const { return GetParam(); }

  std::size_t below(std::size_t count) {
    return std::uniform_int_distribution<std::size_t>(0, count - 1)(rng_);
  }
  bool happens(double chance) { return std::bernoulli_distribution(chance)(rng_); }
  template <typename List>
  auto pick(const List& list) {
    return *(std::begin(list) + static_cast<std::ptrdiff_t>(below(std::size(list))));
  }

  std::string id(char letter, std::size_t count) {
    return fmt::format("{}{}", letter, below(count));
  }
  std::string entity_of(std::string_view type, std::string_view id) {
    return fmt::format(R"({{"__entity": {{"type": "{}", "id": "{}"}}}})", type, id);
  }
  std::string set_of(std::string_view type, char letter, std::size_t count) {
    std::vector<std::string> members;
    for (std::size_t i = below(3); i > 0; --i)
      members.push_back(entity_of(type, id(letter, count)));
    return fmt::format("[{}]", fmt::join(members, ","));
  }
  void maybe(std::vector<std::string>& fields, std::string_view name, const std::string& value) {
    if (happens(0.7)) fields.push_back(fmt::format(R"("{}": {})", name, value));
  }

  std::string user(std::size_t number) {
    std::vector<std::string> fields;
    maybe(fields, "home", entity_of("Ward", id('w', 4)));
    maybe(fields, "wards", set_of("Ward", 'w', 4));
    maybe(fields, "patients", set_of("Patient", 'p', 12));
    maybe(fields, "level", fmt::format("{}", below(4)));
    maybe(fields, "chief", entity_of("User", id('u', 8)));
    maybe(fields, "badge", happens(0.5) ? R"("blue")" : R"("red")");
    return entity("User", fmt::format("u{}", number), fields,
                  {{"Role", id('r', 3)}, {"Ward", id('w', 4)}});
  }
  std::string patient(std::size_t number) {
    std::vector<std::string> fields;
    maybe(fields, "ward", entity_of("Ward", id('w', 4)));
    maybe(fields, "team", set_of("User", 'u', 8));
    maybe(fields, "attending", entity_of("User", id('u', 10)));
    maybe(fields, "secret", happens(0.5) ? "true" : "false");
    maybe(fields, "tags", happens(0.5) ? R"(["a","b"])" : R"(["c"])");
    maybe(fields, "at", fmt::format(R"({{"floor": {}}})", below(4)));
    maybe(fields, "badge", happens(0.5) ? R"("blue")" : R"("red")");
    return entity("Patient", fmt::format("p{}", number), fields, {{"Ward", id('w', 4)}});
  }
  std::string entity(std::string_view type, std::string_view id,
                     const std::vector<std::string>& fields,
                     const std::vector<std::pair<std::string, std::string>>& parents) {
    std::vector<std::string> groups;
    for (const auto& [group, group_id] : parents) {
      if (happens(0.6))
        groups.push_back(fmt::format(R"({{"type":"{}","id":"{}"}})", group, group_id));
    }
    const std::string tags = type == "Patient" && happens(0.6) ? R"("k":"v1")" : "";
    return fmt::format(
        R"({{"uid":{{"type":"{}","id":"{}"}},"attrs":{{{}}},"parents":[{}],"tags":{{{}}}}})", type,
        id, fmt::join(fields, ","), fmt::join(groups, ","), tags);
  }

  std::string draw_entities() {
    std::vector<std::string> all = {
        R"({"uid":{"type":"Ward","id":"w1"},"attrs":{},"parents":[{"type":"Ward","id":"w0"}]})",
        R"({"uid":{"type":"Ward","id":"w2"},"attrs":{},"parents":[{"type":"Ward","id":"w1"}]})"};
    for (std::size_t i = 0; i < 8; ++i) all.push_back(user(i));
    for (std::size_t i = 0; i < 12; ++i) all.push_back(patient(i));
    if (!has_schema()) {
      for (const char* action : {"view", "edit"}) {
        all.push_back(fmt::format(
            R"({{"uid":{{"type":"Action","id":"{}"}},"attrs":{{}},"parents":[{{"type":"Action","id":"act"}}]}})",
            action));
      }
    }
    all.push_back(fmt::format(
        R"({{"uid":{{"type":"Wardlock::Grant","id":"g"}},"parents":[],"attrs":{{
           "principal":{},"target":{},"actions":[{}],"reason":"r","waives":["w"],
           "opensAt":{{"__extn":{{"fn":"datetime","arg":"1970-01-01"}}}},
           "expiresAt":{{"__extn":{{"fn":"datetime","arg":"2999-01-01"}}}}}}}})",
        entity_of("User", id('u', 8)), entity_of("Patient", id('p', 12)),
        entity_of("Action", pick(std::initializer_list<const char*>{"view", "edit"}))));
    return fmt::format("[{}]", fmt::join(all, ","));
  }

  std::string condition() {
    std::string text(pick(kConditions));
    if (happens(0.3))
      text = fmt::format("({}) {} ({})", text, happens(0.5) ? "&&" : "||", pick(kConditions));
    if (happens(0.1)) text = fmt::format("!({})", text);
    return fmt::format("{} {{ {} }}", happens(0.85) ? "when" : "unless", text);
  }
  std::string policy(std::string_view annotation, std::string_view effect) {
    std::string text = fmt::format("{} {} ({}, {}, {})", annotation, effect, pick(kPrincipals),
                                   pick(kActions), pick(kResources));
    for (std::size_t i = below(3); i > 0; --i) text += "\n" + condition();
    return text;
  }
  std::string draw_policies() {
    std::string text;
    for (std::size_t i = below(4); i > 0; --i) text += policy("", "permit") + ";\n";
    if (happens(0.5))
      text += policy("", "forbid") + " when { resource has secret && resource.secret };\n";
    if (happens(0.2)) text += policy("@obligation(\"mask\")", "forbid") + ";\n";
    if (happens(0.3)) text += policy("@id(\"w\") @waivable(\"break-glass\")", "forbid") + ";\n";
    if (happens(0.4)) {
      text += policy("@override(\"break-glass\")", "permit") +
              " when { context has override && context.override.reason == \"r\" };\n";
    }
    return text;
  }

  void build() {
    policies_ = draw_policies();
    pdp::Sources sources{.policies = {{"p.cedar", policies_}},
                         .entities = pdp::Source{"e.json", draw_entities()}};
    if (has_schema()) sources.schemas.push_back({"s.cedarschema", std::string(kSchema)});
    auto built = pdp::build_snapshot(sources, pdp::Mode::kStrict);
    ASSERT_TRUE(built) << built.error().message << policies_;
    snapshot_ = *built;
  }

  static constexpr std::array<std::string_view, 1> kMask = {"mask"};

  struct Asked {
    Sought sought;
    std::string principal_type, principal, action, resource_type, resource;
    codec::Json principal_properties, resource_properties, context;
    bool has_grant, masks;

    pdp::AccessRequest access(const pdp::Caller& caller) const {
      pdp::AccessRequest access;
      access.principal = {principal_type, principal, principal_properties.if_object()};
      access.action = action;
      access.resource = {resource_type, resource, resource_properties.if_object()};
      access.context = context.if_object();
      access.caller = &caller;
      if (has_grant) access.grant = "g";
      if (masks) access.supported_obligations = kMask;
      return access;
    }
  };

  codec::Json properties() {
    if (happens(0.6)) return nullptr;
    boost::json::object properties;
    if (happens(0.7)) properties["badge"] = pick(std::initializer_list<const char*>{"blue", "red"});
    if (happens(0.3)) properties["secret"] = happens(0.5);
    if (happens(0.3)) properties["home"] = nullptr;
    return properties;
  }

  Asked draw_question() {
    const bool asks_user = happens(0.3);
    boost::json::object context;
    if (happens(0.4)) context["level"] = static_cast<std::int64_t>(below(4));
    return {.sought = pick(std::initializer_list<Sought>{Sought::kPrincipal, Sought::kAction,
                                                         Sought::kResource}),
            .principal_type = "User",
            .principal = id('u', 9),
            .action = pick(std::initializer_list<const char*>{"view", "edit", "call"}),
            .resource_type = asks_user ? "User" : "Patient",
            .resource = asks_user ? id('u', 9) : id('p', 13),
            .principal_properties = properties(),
            .resource_properties = properties(),
            .context = context,
            .has_grant = happens(0.4),
            .masks = happens(0.5)};
  }

  /// Decides one by one.
  std::vector<std::string> decide_all(const Asked& asked) const {
    std::vector<std::string> universe, allowed;
    if (asked.sought == Sought::kAction) {
      for (const char* name : {"act", "call", "edit", "view"}) {
        const bool is_stored = name == std::string_view("edit") || name == std::string_view("view");
        const bool is_named = policies_.contains(fmt::format("Action::\"{}\"", name));
        if (has_schema() || is_stored || is_named) universe.emplace_back(name);
      }
    } else {
      const std::string& type =
          asked.sought == Sought::kPrincipal ? asked.principal_type : asked.resource_type;
      for (const cedar::Entity* entity : snapshot_->entities.entities()) {
        if (entity->uid()->type == type) universe.emplace_back(entity->uid()->id);
      }
      std::ranges::sort(universe);
    }
    for (const std::string& id : universe) {
      Asked one = asked;
      (asked.sought == Sought::kPrincipal  ? one.principal
       : asked.sought == Sought::kResource ? one.resource
                                           : one.action) = id;
      Arena arena;
      const auto decision = pdp::decide(*snapshot_, one.access(caller_), kNow, arena);
      if (decision && decision->is_allowed) allowed.push_back(id);
    }
    return allowed;
  }

  /// All portions of a search, together.
  std::vector<std::string> search_all(const Asked& asked, Portion portion) {
    std::vector<std::string> ids;
    const Query query{asked.sought, asked.access(caller_)};
    for (;;) {
      auto found = search(*snapshot_, query, portion, kNow);
      if (!found) {
        EXPECT_EQ(found.error().code, ErrorCode::kInvalidArgument) << found.error().message;
        return ids;
      }
      EXPECT_LE(found->ids.size(), portion.max_found);
      EXPECT_LE(found->decisions, portion.max_decisions);
      decisions_ += found->decisions;
      ids.insert(ids.end(), found->ids.begin(), found->ids.end());
      if (!found->rest) return ids;
      portion.after = found->rest->after;
    }
  }

  std::mt19937_64 rng_{20261122};
  std::string policies_;
  std::shared_ptr<const pdp::Snapshot> snapshot_;
  pdp::Caller caller_ = pdp::Caller::unrestricted("test");
  std::size_t decisions_ = 0;
};

TEST_P(SearchProperties, FindsWhatDecidingOneByOneAllows) {
  std::size_t found = 0, possible = 0;
  for (int world = 0; world < kWorlds; ++world) {
    build();
    if (HasFatalFailure()) return;
    for (int i = 0; i < kQuestionsPerWorld; ++i) {
      const Asked asked = draw_question();
      const auto expected = decide_all(asked);
      ASSERT_EQ(search_all(asked, {}), expected)
          << policies_ << codec::to_json_text(asked.principal_properties)
          << codec::to_json_text(asked.resource_properties) << asked.principal << " "
          << asked.action << " " << asked.resource << " grant " << asked.has_grant;
      found += expected.size();
      possible += asked.sought == Sought::kAction ? 3 : asked.sought == Sought::kPrincipal ? 8 : 12;
      const Portion portion{.max_found = 1 + below(3), .max_decisions = 1 + below(4)};
      ASSERT_EQ(search_all(asked, portion), expected) << policies_;
    }
  }
  // Both happen often, and much is never decided.
  EXPECT_GT(found, possible / 20);
  EXPECT_LT(found, possible / 2);
  EXPECT_LT(decisions_, possible * 3 / 2);
}

INSTANTIATE_TEST_SUITE_P(WithSchemaAndWithout, SearchProperties, testing::Bool(),
                         [](const auto& drawn) { return drawn.param ? "Schema" : "NoSchema"; });

}  // namespace
}  // namespace wardlock::search
