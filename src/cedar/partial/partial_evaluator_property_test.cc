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

  // ---- Worlds. An entity is its JSON text; each of a few ids exists in some of the worlds.

  std::string uid(std::string_view type, std::string_view id) {
    return fmt::format(R"({{"type": "{}", "id": "{}"}})", type, id);
  }
  std::string some(std::string_view type, std::initializer_list<std::string_view> ids) {
    return uid(type, draw_.pick(ids));
  }
  std::string user() { return some("User", {"u1", "u2", "u3", "ghost"}); }
  std::string list(std::size_t most, auto item) {
    std::string out;
    std::set<std::string> seen;
    for (std::size_t i = draw_.below(most + 1); i > 0; --i) {
      if (const std::string next = item(); seen.insert(next).second) {
        out += (out.empty() ? "" : ", ") + next;
      }
    }
    return "[" + out + "]";
  }
  std::string optional(std::string_view name, auto value) {
    return draw_.chance(2) ? fmt::format(R"(, "{}": {})", name, value()) : "";
  }
  std::string number() { return draw_.pick({"0", "1", "7", "-3", "9223372036854775807"}); }
  std::string text() { return draw_.pick({R"("a")", R"("ab")", R"("")"}); }
  std::string size() {
    return fmt::format(R"({{"width": {}{}}})", number(),
                       optional("height", [&] { return number(); }));
  }
  std::string ip() { return draw_.pick({R"("10.0.0.1")", R"("10.0.0.0/8")", R"("::1")"}); }
  std::string date() { return draw_.pick({R"("2024-01-01")", R"("2025-06-01T12:00:00Z")"}); }
  std::string decimal() { return draw_.pick({R"("1.5")", R"("-0.5")"}); }
  std::string tags(auto value) {
    return draw_.chance(2) ? "{}"
                           : fmt::format(R"({{"{}": {}}})", draw_.pick({"a", "ab"}), value());
  }

  std::string attributes(std::string_view type) {
    if (type == "Group") return fmt::format(R"({{"rank": {}}})", number());
    if (type == "Folder") return fmt::format(R"({{"owner": {}, "rank": {}}})", user(), number());
    if (type == "User") {
      return fmt::format(
          R"({{"name": {}, "age": {}, "active": {}, "friends": {}, "size": {}, "since": {},
              "shift": "1h", "score": {}, "home": {}{}{}{}}})",
          text(), number(), draw_.pick({"true", "false"}), list(2, [&] { return user(); }), size(),
          date(), decimal(), ip(), optional("boss", [&] { return user(); }),
          optional("nick", [&] { return text(); }), optional("extra", [&] { return size(); }));
    }
    return fmt::format(
        R"({{"owner": {}, "title": {}, "pages": {}, "public": {}, "editors": {}, "labels": {},
            "size": {}, "price": {}, "origin": {}, "numbers": {}{}{}{}}})",
        user(), text(), number(), draw_.pick({"true", "false"}), list(2, [&] { return user(); }),
        list(2, [&] { return text(); }), size(), decimal(), ip(), list(2, [&] { return number(); }),
        optional("folder", [&] { return some("Folder", {"f1", "f2"}); }),
        optional("extra", [&] { return size(); }), optional("due", [&] { return date(); }));
  }

  /// Parents only of later letters or numbers, so that there is no cycle.
  std::string parents(std::string_view type, std::string_view id) {
    if (type == "Group") {
      return id == "g1" ? list(1, [&] { return some("Group", {"g2", "ghost"}); }) : "[]";
    }
    if (type == "Folder") return id == "f1" ? list(1, [&] { return uid("Folder", "f2"); }) : "[]";
    if (type == "User") return list(2, [&] { return some("Group", {"g1", "g2", "ghost"}); });
    return list(2, [&] {
      return draw_.chance(2) ? some("Folder", {"f1", "f2"}) : some("Group", {"g1", "g2"});
    });
  }

  struct Parts {
    std::string attributes, tags, parents;
  };
  Parts draw_parts(std::string_view type, std::string_view id) {
    Parts parts{attributes(type), "{}", this->parents(type, id)};
    if (type == "User") parts.tags = tags([&] { return number(); });
    if (type == "Doc" || type == "Group") parts.tags = tags([&] { return text(); });
    return parts;
  }

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
    for (const auto& [type, id] : kIds) {
      const std::string key = uid(type, id);
      if (draw_.chance(2)) {
        Parts parts = draw_parts(type, id);
        const bool is_partial = draw_.chance(4);
        UnknownParts unknown{make_uid(arena_, type, id)};
        if (is_partial) {
          unknown.tags = draw_.chance(2);
          unknown.ancestors = draw_.chance(2);
          unknown_parts_.push_back(unknown);
        }
        for (auto& world : worlds) {
          const Parts other = draw_parts(type, id);
          world[key] = {parts.attributes, unknown.tags ? other.tags : parts.tags,
                        unknown.ancestors ? other.parents : parts.parents};
        }
        if (unknown.tags) parts.tags = "{}";
        if (unknown.ancestors) parts.parents = "[]";
        known[key] = parts;
      } else if (may_exist(type)) {
        for (auto& world : worlds) {
          if (!draw_.chance(4)) world[key] = draw_parts(type, id);
        }
      }
    }
    known_ = store(known);
    for (int i = 0; i < kWorlds; ++i) worlds_[i] = {store(worlds[i]), draw_contexts()};
  }

  std::vector<Value> draw_contexts() {
    std::vector<Value> contexts;
    for (int i = 0; i < 2; ++i) {
      std::string json = "{}";
      if (action_->id != "batch") {
        json = fmt::format(R"({{"level": {}, "from": {}, "now": {}, "ok": {}, "size": {}{}{}{}}})",
                           number(), ip(), date(), draw_.pick({"true", "false"}), size(),
                           optional("reason", [&] { return text(); }),
                           optional("on", [&] { return some("Doc", {"d1", "d2", "ghost"}); }),
                           optional("by", [&] { return user(); }));
      }
      contexts.push_back(*context_from_json(arena_, *codec::parse_json(json), &schema_, action_));
    }
    return contexts;
  }

  static std::vector<std::string_view> ids_of(std::string_view type) {
    std::vector<std::string_view> ids = {"ghost"};
    for (const auto& [other, id] : kIds) {
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

  static constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kIds = {
      {{"Group", "g1"},
       {"Group", "g2"},
       {"User", "u1"},
       {"User", "u2"},
       {"User", "u3"},
       {"Folder", "f1"},
       {"Folder", "f2"},
       {"Doc", "d1"},
       {"Doc", "d2"}}};

  RandomPolicies draw_{20'260'101};
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
