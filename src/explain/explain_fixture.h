#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "codec/json.h"
#include "explain/explain.h"
#include "explain/explanation_json.h"

/// For the tests of this room.
namespace wardlock::explain {

inline constexpr std::int64_t kNow = 1'700'000'000'000;

inline std::string json_of(const Explanation& explanation) {
  std::string text;
  codec::JsonWriter writer(text);
  write_json(explanation, writer);
  return text;
}

inline std::shared_ptr<const pdp::Snapshot> build(const std::string& policies,
                                                  const std::string& schema,
                                                  const std::string& entities,
                                                  const std::string& links = "") {
  pdp::Sources sources;
  sources.policies = {{"test.cedar", policies}};
  if (!schema.empty()) sources.schemas = {{"test.cedarschema", schema}};
  if (!entities.empty()) sources.entities = pdp::Source{"entities.json", entities};
  if (!links.empty()) sources.links = pdp::Source{"links.json", links};
  auto built = pdp::build_snapshot(sources, pdp::Mode::kStrict);
  EXPECT_TRUE(built) << built.error().message << "\n" << policies;
  return built ? *built : nullptr;
}

/// A question with JSON that lives as long as it does.
struct Asking {
  std::string principal = "ann", action = "view", resource = "p1";
  std::string principal_type = "User", resource_type = "Patient";
  std::string context = "{}", grant = {};
  std::vector<std::string> obligations = {};
  std::optional<pdp::Authentication> authentication = {};
};

/// Calls with the question in the PDP's terms.
template <typename Answer>
auto ask(const Asking& asking, const pdp::Caller& caller, Answer answer) {
  const codec::Json context = codec::parse_json(asking.context).value();
  Arena arena;
  const pdp::AccessRequest access{.principal = {asking.principal_type, asking.principal},
                                  .action = asking.action,
                                  .resource = {asking.resource_type, asking.resource},
                                  .context = &context.as_object(),
                                  .grant = asking.grant,
                                  .supported_obligations = pdp::views_of(asking.obligations, arena),
                                  .caller = &caller,
                                  .authentication = asking.authentication};
  return answer(access);
}

inline Explanation explained(const pdp::Snapshot& snapshot, const Asking& asking,
                             const pdp::Caller& caller, const ExplanationLimits& limits = {}) {
  return ask(asking, caller, [&](const pdp::AccessRequest& access) {
    auto explanation = explain(snapshot, access, kNow, limits);
    EXPECT_TRUE(explanation) << explanation.error().message;
    return explanation ? *std::move(explanation) : Explanation{};
  });
}

/// The decision borrows from the arena.
inline pdp::AccessDecision decided(const pdp::Snapshot& snapshot, const Asking& asking,
                                   const pdp::Caller& caller, Arena& arena) {
  return ask(asking, caller, [&](const pdp::AccessRequest& access) {
    auto decision = pdp::decide(snapshot, access, kNow, arena);
    EXPECT_TRUE(decision) << decision.error().message;
    return decision ? *std::move(decision) : pdp::AccessDecision{};
  });
}

/// One that may ask about everything, and see the attributes named.
inline pdp::Caller caller_seeing(std::vector<std::string> attributes) {
  pdp::Caller caller = pdp::Caller::unrestricted("test");
  caller.scope.attributes = pdp::Names(std::move(attributes));
  return caller;
}

inline const pdp::Caller kSeesAll = pdp::Caller::unrestricted("test");

}  // namespace wardlock::explain
