#include "search/search.h"

#include <gtest/gtest.h>

#include "codec/json.h"

namespace wardlock::search {
namespace {

constexpr std::string_view kSchema = R"(
  entity Role;
  entity Color enum ["red", "blue"];
  entity User in [Role] = { name?: String, chief?: User, @source("request") badge?: String };
  entity Chart = { owner?: User, open?: Bool, @source("request") badge?: String };
  action view, edit appliesTo { principal: User, resource: [Chart, User, Color],
                                context: { level?: Long } };
  action sign appliesTo { principal: User, resource: Chart, context: { level: Long } };
  action group;
)";

constexpr std::string_view kEntities = R"([
  {"uid": {"type": "Role", "id": "staff"}, "attrs": {}, "parents": []},
  {"uid": {"type": "User", "id": "ann"}, "attrs": {"chief": {"__entity": {"type": "User", "id": "cy"}}},
   "parents": [{"type": "Role", "id": "staff"}]},
  {"uid": {"type": "User", "id": "bob"}, "attrs": {}, "parents": []},
  {"uid": {"type": "User", "id": "cy"}, "attrs": {}, "parents": []},
  {"uid": {"type": "Chart", "id": "c1"}, "attrs": {"open": true}, "parents": []},
  {"uid": {"type": "Chart", "id": "c2"}, "attrs": {"owner": {"__entity": {"type": "User", "id": "ann"}}},
   "parents": []},
  {"uid": {"type": "Chart", "id": "c3"}, "attrs": {"owner": {"__entity": {"type": "User", "id": "bob"}}},
   "parents": []},
  {"uid": {"type": "Chart", "id": "c4"}, "attrs": {}, "parents": []},
  {"uid": {"type": "Color", "id": "red"}, "attrs": {}, "parents": []}
])";

using Ids = std::vector<std::string>;

class SearchTest : public testing::Test {
 protected:
  void build(std::string_view policies, bool has_schema = true) {
    pdp::Sources sources{.policies = {{"p.cedar", std::string(policies)}},
                         .entities = pdp::Source{"e.json", std::string(kEntities)}};
    if (has_schema) sources.schemas.push_back({"s.cedarschema", std::string(kSchema)});
    auto built = pdp::build_snapshot(sources, pdp::Mode::kStrict);
    ASSERT_TRUE(built) << built.error().message;
    snapshot_ = *built;
  }

  pdp::AccessRequest asked() const {
    pdp::AccessRequest access;
    access.principal = {"User", "ann"};
    access.action = "view";
    access.resource = {"Chart", "c1"};
    access.caller = &caller_;
    return access;
  }
  Result<Found> find(Sought sought, const pdp::AccessRequest& access, const Portion& portion = {}) {
    return search(*snapshot_, {sought, access}, portion, 1000);
  }
  Ids ids(Sought sought, const pdp::AccessRequest& access) {
    const auto found = find(sought, access);
    EXPECT_TRUE(found) << found.error().message;
    if (!found) return {};
    EXPECT_FALSE(found->rest);
    return found->ids;
  }
  ErrorCode refusal(Sought sought, const pdp::AccessRequest& access) {
    const auto found = find(sought, access);
    EXPECT_FALSE(found);
    return found ? ErrorCode::kUnknown : found.error().code;
  }

  std::shared_ptr<const pdp::Snapshot> snapshot_;
  pdp::Caller caller_ = pdp::Caller::unrestricted("test");
};

TEST_F(SearchTest, DecidesOnlyWhatAPermitLeaves) {
  build("permit (principal, action, resource) when { resource.owner == principal };");
  const auto found = find(Sought::kResource, asked());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->ids, Ids{"c2"});
  EXPECT_EQ(found->decisions, 1U);
}

TEST_F(SearchTest, NestedConditionsCostNoMoreThanTheirLength) {
  std::string condition = "resource.open";
  for (int i = 0; i < 60; ++i) {
    condition = "(if " + condition + " then resource.owner == principal else false)";
  }
  build("permit (principal, action, resource) when { " + condition + " };", false);
  EXPECT_EQ(ids(Sought::kResource, asked()), Ids{});
}

TEST_F(SearchTest, IgnoresTheIdOfWhatIsSought) {
  build("permit (principal in Role::\"staff\", action, resource);");
  pdp::AccessRequest access = asked();
  access.resource.id = "c3";
  EXPECT_EQ(ids(Sought::kResource, access), (Ids{"c1", "c2", "c3", "c4"}));
  access.principal.id = "";
  EXPECT_EQ(ids(Sought::kPrincipal, access), Ids{"ann"});
  access = asked();
  access.action = "";
  EXPECT_EQ(ids(Sought::kAction, access).size(), 2U);  // `sign` lacks its context
}

TEST_F(SearchTest, AForbidThatErrsTakesAResourceOut) {
  build(
      "permit (principal, action, resource); forbid (principal, action, resource) when { "
      "resource.open && false };");
  EXPECT_EQ(ids(Sought::kResource, asked()), Ids{"c1"});
}

TEST_F(SearchTest, WhatTheRequestSaysOfWhatIsSoughtHoldsForEach) {
  build("permit (principal, action, resource) when { resource.badge == \"blue\" };");
  const auto properties = codec::parse_json(R"({"badge": "blue"})");
  pdp::AccessRequest access = asked();
  EXPECT_EQ(ids(Sought::kResource, access), Ids{});
  access.resource.properties = properties->if_object();
  EXPECT_EQ(ids(Sought::kResource, access), (Ids{"c1", "c2", "c3", "c4"}));
}

TEST_F(SearchTest, WhatTheRequestSaysOfThePrincipalHoldsWhereItIsTheResource) {
  build("permit (principal, action, resource) when { resource.badge == \"blue\" };");
  const auto properties = codec::parse_json(R"({"badge": "blue"})");
  pdp::AccessRequest access = asked();
  access.resource.type = "User";
  access.principal.properties = properties->if_object();
  EXPECT_EQ(ids(Sought::kResource, access), Ids{"ann"});
}

TEST_F(SearchTest, WhatTheRequestSaysOfThePrincipalHoldsWhereThePathLeadsThere) {
  build("permit (principal, action, resource) when { resource.owner.badge == \"blue\" };");
  const auto properties = codec::parse_json(R"({"badge": "blue"})");
  pdp::AccessRequest access = asked();
  access.principal.properties = properties->if_object();
  EXPECT_EQ(ids(Sought::kResource, access), Ids{"c2"});
}

TEST_F(SearchTest, WhatTheRequestSaysOfWhatIsSoughtHoldsWhereThePrincipalLeadsThere) {
  build("permit (principal, action, resource) when { principal.chief.badge == \"blue\" };");
  const auto properties = codec::parse_json(R"({"badge": "blue"})");
  pdp::AccessRequest access = asked();
  access.resource = {"User", "", properties->if_object()};
  EXPECT_EQ(ids(Sought::kResource, access), Ids{"cy"});
}

TEST_F(SearchTest, TheSameOfADenialThatContradicts) {
  build("permit (principal, action, resource);");
  const auto blue = codec::parse_json(R"({"badge": "blue"})");
  const auto red = codec::parse_json(R"({"badge": "red"})");
  pdp::AccessRequest access = asked();
  access.principal.properties = blue->if_object();
  access.resource = {"User", "", red->if_object()};
  // Of Ann both cannot be true, and nothing is decided of her.
  EXPECT_EQ(ids(Sought::kResource, access), (Ids{"bob", "cy"}));
}

TEST_F(SearchTest, WhatIsNotKnownFindsNothing) {
  for (const bool has_schema : {true, false}) {
    build("permit (principal, action == Action::\"view\", resource);", has_schema);
    pdp::AccessRequest access = asked();
    access.resource.type = "Spaceship";
    EXPECT_EQ(ids(Sought::kResource, access), Ids{});
    EXPECT_EQ(ids(Sought::kPrincipal, access).size(), has_schema ? 0U : 3U);
    access = asked();
    access.principal.type = "Spaceship";
    EXPECT_EQ(ids(Sought::kPrincipal, access), Ids{});
    access = asked();
    access.action = "fly";
    EXPECT_EQ(ids(Sought::kResource, access), Ids{});
    EXPECT_EQ(ids(Sought::kPrincipal, access), Ids{});
  }
}

TEST_F(SearchTest, AGroupIsNoPrincipal) {
  for (const bool has_schema : {true, false}) {
    build("permit (principal in Role::\"staff\", action, resource);", has_schema);
    pdp::AccessRequest access = asked();
    access.principal = {"Role", "staff"};
    EXPECT_EQ(ids(Sought::kPrincipal, access), Ids{});
    EXPECT_EQ(ids(Sought::kResource, access), Ids{});
    EXPECT_EQ(ids(Sought::kAction, access), Ids{});
  }
}

TEST_F(SearchTest, AnEnumeratedTypeIsSearchedByItsIds) {
  build("permit (principal, action, resource == Color::\"red\");");
  pdp::AccessRequest access = asked();
  access.resource.type = "Color";
  EXPECT_EQ(ids(Sought::kResource, access), Ids{"red"});
}

TEST_F(SearchTest, ActionsAreTheSchemasThatApply) {
  build("permit (principal, action, resource);");
  EXPECT_EQ(ids(Sought::kAction, asked()), (Ids{"edit", "view"}));
  const auto context = codec::parse_json(R"({"level": 3})");
  pdp::AccessRequest access = asked();
  access.context = context->if_object();
  EXPECT_EQ(ids(Sought::kAction, access), (Ids{"edit", "sign", "view"}));
  access.resource = {"User", "bob"};
  EXPECT_EQ(ids(Sought::kAction, access), (Ids{"edit", "view"}));
}

TEST_F(SearchTest, WithoutASchemaActionsAreWhatPoliciesName) {
  build(
      "permit (principal, action in [Action::\"b\", Ward::Action::\"a\"], resource);"
      "forbid (principal, action, resource) when { action == Action::\"c\" };"
      "permit (principal, action, resource) unless { action == Action::\"d\" };",
      false);
  EXPECT_EQ(ids(Sought::kAction, asked()), (Ids{"Ward::Action::\"a\"", "b"}));
}

TEST_F(SearchTest, StaysInTheCallersScope) {
  build("permit (principal, action, resource);");
  caller_.scope.types = pdp::Names({"User", "Chart"});
  caller_.scope.actions = pdp::Names({"view"});
  EXPECT_EQ(ids(Sought::kResource, asked()).size(), 4U);
  EXPECT_EQ(ids(Sought::kAction, asked()), Ids{"view"});
  pdp::AccessRequest access = asked();
  access.action = "edit";
  EXPECT_EQ(refusal(Sought::kResource, access), ErrorCode::kPermissionDenied);
  caller_.scope.types = pdp::Names({"User"});
  EXPECT_EQ(refusal(Sought::kResource, asked()), ErrorCode::kPermissionDenied);
  EXPECT_EQ(refusal(Sought::kPrincipal, asked()), ErrorCode::kPermissionDenied);
  EXPECT_EQ(refusal(Sought::kAction, asked()), ErrorCode::kPermissionDenied);
  caller_.scope.types = pdp::Names({"Chart"});
  EXPECT_EQ(refusal(Sought::kPrincipal, asked()), ErrorCode::kPermissionDenied);
}

TEST_F(SearchTest, NeedsTheRight) {
  build("permit (principal, action, resource);");
  caller_.may_search = false;
  for (const Sought sought : {Sought::kPrincipal, Sought::kAction, Sought::kResource}) {
    EXPECT_EQ(refusal(sought, asked()), ErrorCode::kPermissionDenied);
  }
}

TEST_F(SearchTest, RefusesWhatAQuestionWouldBeRefusedFor) {
  build("permit (principal, action, resource);");
  pdp::AccessRequest access = asked();
  const auto wrong = codec::parse_json(R"({"level": "high"})");
  access.context = wrong->if_object();
  EXPECT_EQ(refusal(Sought::kResource, access), ErrorCode::kInvalidArgument);
  EXPECT_EQ(refusal(Sought::kPrincipal, access), ErrorCode::kInvalidArgument);
  EXPECT_EQ(refusal(Sought::kAction, access), ErrorCode::kInvalidArgument);
  const auto reserved = codec::parse_json(R"({"now": 1})");
  access.context = reserved->if_object();
  EXPECT_EQ(refusal(Sought::kResource, access), ErrorCode::kInvalidArgument);
  EXPECT_EQ(refusal(Sought::kAction, access), ErrorCode::kInvalidArgument);
  access = asked();
  const auto number = codec::parse_json(R"({"badge": 7})");
  access.resource.properties = number->if_object();
  EXPECT_EQ(refusal(Sought::kResource, access), ErrorCode::kInvalidArgument);
  access = asked();
  access.principal.id = "a\u200B";
  EXPECT_EQ(refusal(Sought::kResource, access), ErrorCode::kInvalidArgument);
  access = asked();
  access.resource.type = "no type";
  EXPECT_EQ(refusal(Sought::kResource, access), ErrorCode::kInvalidArgument);
  access.resource.type = "Action";
  EXPECT_EQ(refusal(Sought::kResource, access), ErrorCode::kInvalidArgument);
}

TEST_F(SearchTest, MayNotSupplyWhatAQuestionMayNot) {
  build("permit (principal, action, resource);");
  caller_.scope.attributes = pdp::Names();
  const auto properties = codec::parse_json(R"({"badge": "blue"})");
  pdp::AccessRequest access = asked();
  access.resource.properties = properties->if_object();
  EXPECT_EQ(refusal(Sought::kResource, access), ErrorCode::kPermissionDenied);
}

TEST_F(SearchTest, PortionsMeetWithoutGapOrRepetition) {
  build("permit (principal, action, resource) when { resource has owner || resource has open };");
  const auto first = find(Sought::kResource, asked(), {.max_found = 2});
  ASSERT_TRUE(first && first->rest);
  EXPECT_EQ(first->ids, (Ids{"c1", "c2"}));
  const auto second =
      find(Sought::kResource, asked(), {.after = first->rest->after, .max_found = 1});
  ASSERT_TRUE(second);
  EXPECT_EQ(second->ids, Ids{"c3"});
  // `c4` was decided as well, so it is known that there is nothing more.
  EXPECT_FALSE(second->rest);
}

TEST_F(SearchTest, GoesOnBehindAnIdThatIsGone) {
  build("permit (principal, action, resource);");
  const auto found = find(Sought::kResource, asked(), {.after = "c2b"});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->ids, (Ids{"c3", "c4"}));
}

TEST_F(SearchTest, ZeroResultsTellWhetherThereAreAny) {
  build("permit (principal, action, resource == Chart::\"c2\");");
  const auto some = find(Sought::kResource, asked(), {.max_found = 0});
  ASSERT_TRUE(some);
  EXPECT_TRUE(some->ids.empty());
  EXPECT_TRUE(some->rest);
  build("forbid (principal, action, resource);");
  const auto none = find(Sought::kResource, asked(), {.max_found = 0});
  ASSERT_TRUE(none);
  EXPECT_FALSE(none->rest);
}

TEST_F(SearchTest, EndsEarlyWhereDecisionsAreUsedUp) {
  const Portion portion{.max_decisions = 3};
  build("permit (principal, action, resource) when { !(resource has open) };");
  const auto found = find(Sought::kResource, asked(), portion);
  ASSERT_TRUE(found && found->rest);
  EXPECT_EQ(found->ids, (Ids{"c2", "c3"}));
  EXPECT_EQ(found->rest->after, "c3");
  EXPECT_EQ(found->decisions, 3U);
}

/// Admits a few decisions.
class Limited : public pdp::Observer {
 public:
  explicit Limited(std::size_t left) : left_(left) {}
  Result<void> admit(std::size_t count) override {
    if (left_ < count) return fail(ErrorCode::kResourceExhausted, "enough");
    left_ -= count;
    return {};
  }
  bool is_recording() const override { return false; }
  Result<void> decided(const pdp::AccessRequest&, const pdp::AccessDecision&,
                       std::string_view) override {
    return {};
  }
  void refused(const pdp::AccessRequest&, ErrorCode) override {}
  Result<void> searched(const pdp::AccessRequest&, std::size_t, std::size_t) override { return {}; }

 private:
  std::size_t left_;
};

TEST_F(SearchTest, EndsEarlyWhereNoMoreAreAdmitted) {
  build("permit (principal, action, resource);");
  for (const Sought sought : {Sought::kResource, Sought::kAction}) {
    Limited one(1), none(0);
    const auto found = find(sought, asked(), {.observer = &one});
    ASSERT_TRUE(found);
    EXPECT_EQ(found->ids.size(), 1U);
    EXPECT_TRUE(found->rest);
    const auto refused = find(sought, asked(), {.observer = &none});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kResourceExhausted);
  }
}

}  // namespace
}  // namespace wardlock::search
