// The one sentence that partial evaluation stands for: whatever the unknown turns out to be, the
// residual gives what the policy gives, errors included.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "cedar/ast/policy_text.h"
#include "cedar/entities/entities_json.h"
#include "cedar/json/policy_json.h"
#include "cedar/parser/parser.h"
#include "cedar/partial/partial_evaluator.h"
#include "cedar/partial/random_policy_for_test.h"

namespace wardlock::cedar {
namespace {

constexpr int kPolicies = 20'000;
constexpr int kWorlds = 3;

/// What a policy or a residual evaluates to, errors by their kind.
std::string outcome(const Evaluated<bool>& result) {
  if (!result) return fmt::format("error: {}", to_string(result.error().kind));
  return *result ? "true" : "false";
}

class PartialProperties : public testing::Test {
 protected:
  PartialProperties() : schema_(std::move(*parse_schema(RandomPolicies::kSchema))) {}

  static std::string uid(std::string_view type, std::string_view id) {
    return RandomEntities::uid(type, id);
  }

  using Parts = RandomEntities::Parts;

  EntityStore store(const std::map<std::string, Parts>& entities) {
    std::string json;
    for (const auto& [key, parts] : entities) {
      json +=
          fmt::format(R"({}{{"uid": {}, "attrs": {}, "tags": {}, "parents": {}}})",
                      json.empty() ? "" : ",\n", key, parts.attributes, parts.tags, parts.parents);
    }
    auto store = entities_from_json(*codec::parse_json("[" + json + "]"), &schema_);
    EXPECT_TRUE(store) << store.error().message << json;
    return std::move(*store);
  }

  // ---- One run: what is known, and the worlds that agree with it.

  struct World {
    EntityStore entities;
    std::vector<Value> contexts;
  };

  void draw_setting() {
    principal_type_ = draw_.pick({"User", "User", "User", "Group"});
    resource_type_ = draw_.pick({"Doc", "Doc", "Doc", "Folder", "User"});
    action_ = make_uid(arena_, "Action", draw_.pick({"read", "read", "write", "batch"}));
    if (action_->id == "batch") principal_type_ = "User", resource_type_ = "Doc";
    others_ = std::array{PartialEntities::Others::kUnknown, PartialEntities::Others::kExistNot,
                         PartialEntities::Others::kOfOpenTypes}[draw_.below(3)];
    open_types_.clear();
    for (const std::string_view type : {"Doc", "Folder", "Group", "User"}) {
      if (draw_.chance(2)) open_types_.push_back(type);
    }
    draw_worlds();
  }

  bool may_exist(std::string_view type) const {
    return others_ == PartialEntities::Others::kUnknown ||
           (others_ == PartialEntities::Others::kOfOpenTypes &&
            std::ranges::binary_search(open_types_, type));
  }

  void draw_worlds() {
    std::map<std::string, Parts> known;
    std::array<std::map<std::string, Parts>, kWorlds> worlds;
    unknown_parts_.clear();
    for (const auto& [type, id] : RandomEntities::kIds) {
      const std::string key = uid(type, id);
      if (draw_.chance(2)) {
        Parts parts = entities_.parts(type, id);
        const bool is_partial = draw_.chance(4);
        UnknownParts unknown{make_uid(arena_, type, id)};
        if (is_partial) {
          unknown.tags = draw_.chance(2);
          unknown.ancestors = draw_.chance(2);
          unknown_parts_.push_back(unknown);
        }
        for (auto& world : worlds) {
          const Parts other = entities_.parts(type, id);
          world[key] = {parts.attributes, unknown.tags ? other.tags : parts.tags,
                        unknown.ancestors ? other.parents : parts.parents};
        }
        if (unknown.tags) parts.tags = "{}";
        if (unknown.ancestors) parts.parents = "[]";
        known[key] = parts;
      } else if (may_exist(type)) {
        for (auto& world : worlds) {
          if (!draw_.chance(4)) world[key] = entities_.parts(type, id);
        }
      }
    }
    known_ = store(known);
    for (int i = 0; i < kWorlds; ++i) worlds_[i] = {store(worlds[i]), draw_contexts()};
  }

  std::vector<Value> draw_contexts() {
    std::vector<Value> contexts;
    for (int i = 0; i < 2; ++i) {
      const std::string json = action_->id == "batch" ? "{}" : entities_.context();
      contexts.push_back(*context_from_json(arena_, *codec::parse_json(json), &schema_, action_));
    }
    return contexts;
  }

  static std::vector<std::string_view> ids_of(std::string_view type) {
    std::vector<std::string_view> ids = {"ghost"};
    for (const auto& [other, id] : RandomEntities::kIds) {
      if (other == type) ids.push_back(id);
    }
    return ids;
  }

  /// Draws which parts of the request are known.
  PartialRequest draw_request() {
    PartialRequest request{{principal_type_}, action_, {resource_type_}, {}};
    const auto some_uid = [&](std::string_view type) {
      const auto ids = ids_of(type);
      return make_uid(arena_, type, ids[draw_.below(ids.size())]);
    };
    if (draw_.chance(2)) request.principal.uid = some_uid(principal_type_);
    if (draw_.chance(3)) request.resource.uid = some_uid(resource_type_);
    if (draw_.chance(2)) request.context = worlds_[0].contexts[0];
    return request;
  }

  std::vector<const EntityUid*> choices(const PartialUid& uid) {
    if (uid.uid != nullptr) return {uid.uid};
    std::vector<const EntityUid*> uids;
    for (const std::string_view id : ids_of(uid.type)) {
      uids.push_back(make_uid(arena_, uid.type, id));
    }
    return uids;
  }

  /// The residual in every way it is handed out.
  struct Forms {
    const Policy* original;
    Residual residual;
    const Policy* reread;  ///< as policy text, parsed again
  };

  void check_all_concretizations(const PartialRequest& request, const Forms& forms,
                                 std::string_view text) {
    for (const World& world : worlds_) {
      std::vector<Value> contexts = world.contexts;
      if (request.context) contexts = {*request.context};
      for (const EntityUid* principal : choices(request.principal)) {
        for (const EntityUid* resource : choices(request.resource)) {
          for (const Value& context : contexts) {
            check({principal, action_, resource, context}, world.entities, forms, text);
          }
        }
      }
    }
  }

  void check(const Request& request, const EntityStore& entities, const Forms& forms,
             std::string_view text) {
    Arena arena;
    Evaluator evaluator(request, entities, arena);
    const std::string expected = outcome(evaluator.is_satisfied(*forms.original));
    const auto got = evaluator.evaluate(*forms.residual.condition);
    const std::string residual =
        !got ? outcome(std::unexpected(got.error()))
             : (got->is(Kind::kBool) ? outcome(got->as_bool()) : std::string("no Boolean"));
    ++evaluations_;
    ++outcomes_[expected];
    ASSERT_EQ(residual, expected) << text << "\nresidual: " << *to_text(*forms.reread)
                                  << "\nprincipal " << to_text(*request.principal) << ", resource "
                                  << to_text(*request.resource) << ", context "
                                  << to_text(request.context);
    ASSERT_EQ(outcome(evaluator.is_satisfied(*forms.reread)), expected)
        << text << "\nas text: " << *to_text(*forms.reread);
    using Outcome = Residual::Outcome;
    const Outcome claimed = forms.residual.outcome;
    if (claimed != Outcome::kUnknown && claimed != Outcome::kError) {
      ASSERT_EQ(expected, to_string(claimed)) << text;
    }
    if (claimed == Outcome::kError) {
      ASSERT_TRUE(expected.starts_with("error")) << text;
    }
    if (forms.residual.is_total) {
      ASSERT_FALSE(expected.starts_with("error")) << text << *to_text(*forms.reread);
    }
  }

  RandomPolicies draw_{20'260'101};
  RandomEntities entities_{draw_};
  Schema schema_;
  Arena arena_;
  std::string principal_type_, resource_type_;
  const EntityUid* action_ = nullptr;
  PartialEntities::Others others_ = PartialEntities::Others::kUnknown;
  std::vector<std::string_view> open_types_;
  std::vector<UnknownParts> unknown_parts_;
  EntityStore known_;
  std::array<World, kWorlds> worlds_;
  int evaluations_ = 0;
  std::map<std::string, int> outcomes_;
};

TEST_F(PartialProperties, ResidualsEvaluateAsThePoliciesDo) {
  std::map<std::string, int> residuals;
  for (int i = 0; i < kPolicies; ++i) {
    if (i % 20 == 0) draw_setting();
    const std::string text = draw_.policy(principal_type_, resource_type_);
    auto set = parse_policies(text);
    ASSERT_TRUE(set) << text;
    const PartialRequest request = draw_request();
    const PartialEntities entities{known_, others_, open_types_, unknown_parts_};
    Arena arena;
    PartialEvaluator evaluator(schema_, request, entities, arena);
    const Residual residual = evaluator.evaluate(set->policies().front());
    ++residuals[std::string(to_string(residual.outcome))];

    const auto policy = to_policy(residual);
    const auto residual_text = to_text(*policy);
    ASSERT_TRUE(residual_text) << residual_text.error().message;
    const auto reread = parse_policies(*residual_text);
    ASSERT_TRUE(reread) << *residual_text;
    ASSERT_TRUE(policy_to_json(*policy)) << *residual_text;
    check_all_concretizations(
        request, {&set->policies().front(), residual, &reread->policies().front()}, text);
    if (HasFatalFailure()) return;
  }
  // The test is only worth what it has seen.
  for (const char* kind : {"true", "false", "error", "unknown"})
    EXPECT_GT(residuals[kind], 100) << kind;
  EXPECT_GT(evaluations_, 100'000);
  for (const auto& [kind, count] : outcomes_) RecordProperty(kind, count);
  EXPECT_GT(outcomes_["true"], 5'000);
  EXPECT_GT(outcomes_["false"], 5'000);
}

}  // namespace
}  // namespace wardlock::cedar
