#include "pdp/source_readers.h"

#include <gtest/gtest.h>

#include <string>

#include "pdp/snapshot.h"

namespace wardlock::pdp {
namespace {

constexpr char kSchema[] = R"(
  entity User = {
    @source("rota") @fresh("15m") @stale("deny") onCall?: Bool,
    name?: String,
  };
  entity Pump = { @source("rtls") @fresh("1m") @stale("deny") lost?: Bool, owner?: User };
  entity Chart;
  action view appliesTo { principal: User, resource: Chart, context: { onCall?: Bool } };
  action dose appliesTo { principal: User, resource: Pump };
  @audit("safety") action stop;
  action stopPump in [stop] appliesTo { principal: User, resource: Pump };
)";

/// Why policies are refused beside one that reads nothing; empty: they are not.
std::string fault(const std::string& policies, Mode mode = Mode::kStrict) {
  Sources sources;
  sources.policies = {{"a.cedar", policies + "\npermit (principal, action, resource);"}};
  sources.schemas = {{"a.cedarschema", kSchema}};
  const auto built = build_snapshot(sources, mode);
  return built ? "" : built.error().message;
}

std::string permit(const std::string& condition) {
  return R"(@id("p") permit (principal, action == Action::"view", resource) )" + condition + ";";
}

std::string forbid(const std::string& condition) {
  return R"(@id("f") forbid (principal, action == Action::"dose", resource) )" + condition + ";";
}

TEST(SourceReaders, AllowPermitsThatHoldOnlyWhereItIsKnown) {
  for (const char* condition :
       {"when { principal has onCall && principal.onCall }",
        "when { principal has onCall && !principal.onCall }",
        "unless { !(principal has onCall && principal.onCall) }",
        "when { principal has name || (principal has onCall && principal.onCall) }",
        "when { if principal has name then principal has onCall && principal.onCall else false "
        "}"}) {
    EXPECT_EQ(fault(permit(condition)), "") << condition;
  }
}

TEST(SourceReaders, RefusePermitsThatHoldBecauseItIsNotKnown) {
  for (const char* condition :
       {"when { !(principal has onCall) }", "unless { principal has onCall }",
        "when { !(principal has onCall) || principal.onCall }",
        "unless { principal has onCall && !principal.onCall }",
        "when { (principal has onCall) == false }",
        "when { if principal has onCall then principal.onCall else true }",
        "when { [principal has onCall].contains(false) }"}) {
    EXPECT_TRUE(fault(permit(condition)).contains("policy `p`: it permits where `onCall`"))
        << condition << fault(permit(condition));
  }
}

TEST(SourceReaders, AllowForbidsThatForbidWhereItIsNotKnown) {
  for (const char* condition :
       {"unless { resource has lost && !resource.lost }",
        "when { !(resource has lost) || resource.lost }",
        "unless { principal has name || (resource has lost && !resource.lost) }"}) {
    EXPECT_EQ(fault(forbid(condition)), "") << condition;
  }
}

TEST(SourceReaders, RefuseForbidsThatStandAsideBecauseItIsNotKnown) {
  for (const char* condition :
       {"when { resource has lost && resource.lost }", "unless { !(resource has lost) }",
        "when { if resource has lost then resource.lost else false }",
        "when { (resource has lost) != false }",
        "when { resource has owner.onCall && resource.owner.onCall }"}) {
    EXPECT_TRUE(fault(forbid(condition)).contains("policy `f`: it does not forbid where"))
        << condition << fault(forbid(condition));
  }
}

TEST(SourceReaders, TakeKeysOfTheContextForWhatTheyAre) {
  EXPECT_EQ(fault(permit("unless { context has onCall && context.onCall }")), "");
}

TEST(SourceReaders, KeepOutOfWhatMakesSafer) {
  constexpr std::string_view kStop = "decides about `stopPump`";
  EXPECT_TRUE(fault(R"(@id("f") forbid (principal, action, resource)
                       unless { principal has onCall && principal.onCall };)")
                  .contains(kStop));
  EXPECT_TRUE(fault(R"(@id("f") forbid (principal, action in Action::"stop", resource is Pump)
                       unless { resource has lost && !resource.lost };)")
                  .contains(kStop));
  EXPECT_TRUE(fault(R"(@id("p") permit (principal is User, action == Action::"stopPump", resource)
                       when { principal has onCall && principal.onCall };)")
                  .contains(kStop));
  // It is never asked about a chart.
  EXPECT_EQ(fault(R"(@id("f") forbid (principal, action, resource is Chart)
                     unless { principal has onCall && principal.onCall };)"),
            "");
}

TEST(SourceReaders, TellOfAllThatIsWrong) {
  const std::string both = fault(permit("unless { principal has onCall }") +
                                 forbid("when { resource has lost && resource.lost }"));
  EXPECT_TRUE(both.contains("policy `p`")) << both;
  EXPECT_TRUE(both.contains("policy `f`")) << both;
}

TEST(SourceReaders, LookAtTemplatesToo) {
  EXPECT_TRUE(fault(R"(@id("t") permit (principal == ?principal, action == Action::"view", resource)
                       unless { principal has onCall };)")
                  .contains("policy `t`"));
}

/// Plain Cedar knows of no sources.
TEST(SourceReaders, AreNoneOfPlainCedar) {
  EXPECT_EQ(fault(permit("unless { principal has onCall }"), Mode::kCedar), "");
}

}  // namespace
}  // namespace wardlock::pdp
