#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "api/scim/scim_for_test.h"

namespace wardlock::scim {
namespace {

using administration::Deed;

class LinksTest : public ScimTest {
 protected:
  void SetUp() override {
    ann_ = user("ann", R"(,"displayName":"Ann Ash")");
    bob_ = user("bob");
    staff_ = group_over_scim("staff");
  }

  static std::string value(const std::string& id) { return R"({"value":")" + id + "\"}"; }
  ReplyForTest add(const std::string& values) {
    return patch("/Groups/" + staff_,
                 R"([{"op":"add","path":"members","value":[)" + values + "]}]");
  }
  std::vector<std::string> members() { return values(get("/Groups/" + staff_), "/members"); }

  std::string ann_, bob_, staff_;
};
WARDLOCK_ON_EACH_DATABASE(LinksTest);

using Ids = std::vector<std::string>;

TEST_P(LinksTest, MembersComeAndGo) {
  const auto added = add(value(ann_) + "," + value(bob_));
  EXPECT_EQ(added.status, 204) << added.body;
  EXPECT_EQ(added.headers.at("ETag"), "W/\"2\"");
  EXPECT_EQ(members(), (Ids{ann_, bob_}));
  const auto shown = get("/Groups/" + staff_);
  EXPECT_EQ(shown.text("/members/0/display"), "Ann Ash");
  EXPECT_EQ(shown.text("/members/0/type"), "User");
  EXPECT_EQ(shown.text("/members/0/$ref"), "https://pdp.example/st-mary/scim/v2/Users/" + ann_);
  const auto theirs = get("/Users/" + ann_);
  EXPECT_EQ(theirs.text("/groups/0/value"), staff_);
  EXPECT_EQ(theirs.text("/groups/0/display"), "staff");
  EXPECT_EQ(theirs.text("/groups/0/type"), "direct");

  EXPECT_EQ(add(value(ann_)).headers.at("ETag"), "W/\"2\"") << "who is in it stays in it";
  EXPECT_EQ(patch("/Groups/" + staff_,
                  R"([{"op":"remove","path":"members[value eq \")" + ann_ + R"(\"]"}])")
                .status,
            204);
  EXPECT_EQ(members(), Ids{bob_});
  EXPECT_EQ(patch("/Groups/" + staff_,
                  R"([{"op":"remove","path":"members[value eq \")" + ann_ + R"(\"]"}])")
                .status,
            204)
      << "who is not in it is removed by doing nothing";
  EXPECT_EQ(patch("/Groups/" + staff_,
                  R"([{"op":"Remove","path":"members","value":[)" + value(bob_) + "]}]")
                .status,
            204)
      << "as Entra ID has it";
  EXPECT_TRUE(members().empty());
}

TEST_P(LinksTest, MembersAreReplacedWhole) {
  add(value(ann_));
  const auto set = [&](const std::string& values) {
    return patch("/Groups/" + staff_, R"([{"op":"replace","value":{"members":[)" + values + "]}}]");
  };
  EXPECT_EQ(set(value(bob_)).status, 204);
  EXPECT_EQ(members(), Ids{bob_});
  EXPECT_EQ(set(value(ann_) + "," + value(bob_) + "," + value(ann_)).status, 204);
  EXPECT_EQ(members(), (Ids{bob_, ann_}));
  EXPECT_EQ(set("").status, 204);
  EXPECT_TRUE(members().empty());
  add(value(ann_) + "," + value(bob_));
  EXPECT_EQ(
      patch("/Groups/" + staff_, R"([{"op":"remove","path":"members[type eq \"User\"]"}])").status,
      204);
  EXPECT_TRUE(members().empty());
  add(value(ann_));
  EXPECT_EQ(patch("/Groups/" + staff_, R"([{"op":"remove","path":"members"}])").status, 204);
  EXPECT_TRUE(members().empty());
}

TEST_P(LinksTest, APutSetsTheMembersItHas) {
  const auto put_group = [&](const std::string& more) {
    return put("/Groups/" + staff_, R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],
                                        "displayName":"all staff")" +
                                        more + "}");
  };
  EXPECT_EQ(values(put_group(R"(,"members":[)" + value(ann_) + "]"), "/members"), Ids{ann_});
  EXPECT_EQ(values(put_group(""), "/members"), Ids{ann_}) << "what is not said stays";
  EXPECT_TRUE(values(put_group(R"(,"members":[])"), "/members").empty());
  const auto made = post("/Groups", R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],
      "displayName":"two","members":[)" +
                                        value(ann_) + "," + value(staff_) + "]}");
  EXPECT_EQ(values(made, "/members"), (Ids{ann_, staff_}));
  EXPECT_EQ(made.text("/members/1/type"), "Group");
}

TEST_P(LinksTest, WhoCannotBeAMemberIsRefused) {
  const auto refused = [&](const std::string& values, int status, std::string_view type) {
    const auto reply = add(values);
    EXPECT_EQ(reply.status, status) << values;
    EXPECT_EQ(reply.scim_type(), type) << values << reply.body;
  };
  const std::string nobody = "0197f2a0-0000-7000-8000-000000000000";
  refused(value(nobody), 400, "invalidValue");
  refused(value("x' OR '1'='1"), 400, "invalidValue");
  refused(value(ann_) + "," + value(nobody), 400, "invalidValue");
  refused(R"({"display":"Ann"})", 400, "invalidValue");
  refused("5", 400, "invalidValue");
  refused(value(organisation("x").id), 400, "invalidValue");
  refused(value(staff_), 400, "invalidValue");
  EXPECT_TRUE(members().empty());
  const std::string inner = group_over_scim("inner", R"(,"members":[])");
  EXPECT_EQ(add(value(inner)).status, 204);
  const auto circle = patch("/Groups/" + inner,
                            R"([{"op":"add","path":"members","value":[)" + value(staff_) + "]}]");
  EXPECT_EQ(circle.status, 400) << circle.body;
  EXPECT_NE(circle.detail().find("circle"), std::string::npos);
  for (const char* operation :
       {R"({"op":"replace","path":"members[value eq \"x\"].value","value":"y"})",
        R"({"op":"replace","path":"members.display","value":"y"})"}) {
    EXPECT_EQ(patch("/Groups/" + staff_, std::string("[") + operation + "]").scim_type(),
              "mutability");
  }
  EXPECT_EQ(patch("/Groups/" + staff_,
                  R"([{"op":"replace","path":"members[value eq \"x\"]","value":{"value":"y"}}])")
                .scim_type(),
            "invalidPath");
}

TEST_P(LinksTest, MessagesNameTheOperation) {
  const auto reply = patch("/Groups/" + staff_, R"([{"op":"add","path":"members","value":[]},
      {"op":"remove","path":"displayName"}])");
  EXPECT_NE(reply.detail().find("Operations[1]"), std::string::npos) << reply.body;
}

TEST_P(LinksTest, TheGateIsAskedForEach) {
  add(value(ann_));
  gate_.asked.clear();
  gate_.refused = {Deed::kRelate};
  EXPECT_EQ(add(value(bob_)).status, 403);
  gate_.refused = {Deed::kEndRelation};
  EXPECT_EQ(patch("/Groups/" + staff_, R"([{"op":"remove","path":"members"}])").status, 403);
  EXPECT_EQ(patch("/Groups/" + staff_, R"([{"op":"replace","path":"members","value":[]}])").status,
            403);
  gate_.refused = {Deed::kRelate, Deed::kEndRelation};
  EXPECT_EQ(add(value(ann_)).status, 204) << "nothing is to be done";
  gate_.refused = {};
  EXPECT_EQ(members(), Ids{ann_});
  EXPECT_NE(std::ranges::find(gate_.asked, "relate membership"), gate_.asked.end());
  EXPECT_NE(std::ranges::find(gate_.asked, "endRelation membership"), gate_.asked.end());
}

TEST_P(LinksTest, RolesAreAssignedByIdOrName) {
  const std::string physician = role("Physician").id;
  const std::string nurse = role("Nurse").id;
  const std::string path = "/Users/" + ann_;
  const auto by_name = patch(path, R"([{"op":"add","path":"roles","value":[{"value":"Nurse"}]}])");
  ASSERT_EQ(by_name.status, 200) << by_name.body;
  EXPECT_EQ(values(by_name, "/roles"), Ids{nurse});
  EXPECT_EQ(by_name.text("/roles/0/display"), "Nurse");
  EXPECT_EQ(by_name.headers.at("ETag"), "W/\"2\"");
  const auto both =
      patch(path, R"([{"op":"add","path":"roles","value":[)" + value(physician) + "]}]");
  EXPECT_EQ(values(both, "/roles"), (Ids{nurse, physician}));
  EXPECT_EQ(found("/Users?filter=roles.value%20eq%20%22Physician%22"), Ids{"ann"});
  EXPECT_EQ(found("/Users?filter=roles%20eq%20%22" + nurse + "%22"), Ids{"ann"});
  const auto without = patch(path, R"([{"op":"remove","path":"roles[value eq \"Nurse\"]"}])");
  EXPECT_EQ(values(without, "/roles"), Ids{physician});
  const auto none = patch(path, R"([{"op":"add","path":"roles","value":[{"value":"Wizard"}]}])");
  EXPECT_EQ(none.status, 400);
  EXPECT_NE(none.detail().find("`Wizard`"), std::string::npos);
  gate_.refused = {Deed::kRelate};
  EXPECT_EQ(patch(path, R"([{"op":"add","path":"roles","value":[{"value":"Nurse"}]}])").status,
            403);
  EXPECT_EQ(post("/Users", R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],
      "userName":"eve","roles":[{"value":"Nurse"}]})")
                .status,
            403);
  gate_.refused = {};
  EXPECT_TRUE(found("/Users?filter=userName%20eq%20%22eve%22").empty()) << "nothing of it is done";
}

TEST_P(LinksTest, AssignmentsForOnePlaceAreLeftAlone) {
  const auto hospital = organisation("h");
  const auto icu = ward("icu", hospital);
  const auto nurse = role("Nurse");
  relate({.relation = directory::Relation::kRoleAssignment,
          .subject = ann_,
          .object = nurse.id,
          .scope = icu.id});
  const std::string path = "/Users/" + ann_;
  EXPECT_TRUE(values(get(path), "/roles").empty()) << "it does not count everywhere";
  EXPECT_EQ(patch(path, R"([{"op":"remove","path":"roles"}])").status, 200);
  EXPECT_EQ(relations({.subject = ann_}).size(), 1U);
}

/// As the help desk, which sees people and nothing else.
TEST_P(LinksTest, WhatMayNotBeReadIsNeitherShownNorFound) {
  const std::string nurse = role("Nurse").id;
  add(value(ann_));
  patch("/Users/" + ann_, R"([{"op":"add","path":"roles","value":[{"value":"Nurse"}]}])");
  gate_.denied = {"read role", "read group"};
  for (const std::string& target : {"/Users/" + ann_, "/Users/" + ann_ + "?attributes=roles,groups",
                                    std::string("/Users?filter=userName%20eq%20%22ann%22")}) {
    const std::string shown = codec::to_json_text(get(target).body);
    EXPECT_TRUE(shown.contains(ann_)) << shown;
    for (const std::string& hidden : {nurse, staff_, std::string("roles"), std::string("groups")}) {
      EXPECT_FALSE(shown.contains(hidden)) << hidden << " in " << shown;
    }
  }
  const std::string nobody = "0197f2a0-0000-7000-8000-000000000000";
  for (const std::string& filter :
       {"roles eq \"" + nurse + '"', "roles.value eq \"" + nobody + '"',
        std::string("roles eq \"Nurse\""), std::string("roles eq \"Wizard\""),
        "not (roles.value ne \"" + nurse + "\")", "roles[value eq \"" + nurse + "\"]",
        "userName eq \"ann\" and groups eq \"" + staff_ + '"',
        "userName eq \"x\" or groups[value eq \"" + staff_ + "\"]"}) {
    std::string escaped;
    for (const char c : filter) escaped += c == ' ' ? "%20" : c == '"' ? "%22" : std::string(1, c);
    EXPECT_EQ(get("/Users?filter=" + escaped).status, 403) << filter;
    EXPECT_EQ(get("/?filter=" + escaped).status, 403) << filter;
  }
  EXPECT_EQ(get("/Users?sortBy=roles").status, 400);
  EXPECT_EQ(get("/Users?sortBy=groups.display").status, 400);
}

TEST_P(LinksTest, WhatMayNotBeReadCannotBeLinkedTo) {
  const std::string nurse = role("Nurse").id;
  const std::string path = "/Users/" + ann_;
  patch(path, R"([{"op":"add","path":"roles","value":[{"value":"Nurse"}]}])");
  gate_.denied = {"read role"};
  for (const std::string& operation :
       {std::string(R"({"op":"add","path":"roles","value":[{"value":"Nurse"}]})"),
        std::string(R"({"op":"add","path":"roles","value":[{"value":"Wizard"}]})"),
        R"({"op":"add","path":"roles","value":[)" + value(nurse) + "]}",
        R"({"op":"remove","path":"roles[value eq \")" + nurse + R"(\"]"})",
        R"({"op":"remove","path":"roles","value":[)" + value(nurse) + "]}"}) {
    EXPECT_EQ(patch(path, "[" + operation + "]").status, 403) << operation;
  }
  gate_.denied = {};
  EXPECT_EQ(values(get(path), "/roles"), Ids{nurse});
}

/// Whoever reads a group and sends it back must not drop those whom it was not shown.
TEST_P(LinksTest, WhoIsNotShownStaysWhereAllAreReplaced) {
  const std::string pump = device(device_model(organisation("maker")), "SN-1").id;
  add(value(ann_) + "," + value(pump));
  gate_.denied = {"read device"};
  EXPECT_EQ(members(), Ids{ann_});
  const auto set = [&](const std::string& values) {
    return patch("/Groups/" + staff_, R"([{"op":"replace","value":{"members":[)" + values + "]}}]");
  };
  EXPECT_EQ(set(value(bob_)).status, 204);
  EXPECT_EQ(members(), Ids{bob_});
  EXPECT_EQ(patch("/Groups/" + staff_, R"([{"op":"remove","path":"members"}])").status, 204);
  EXPECT_EQ(patch("/Groups/" + staff_, R"([{"op":"remove","path":"members[type eq \"Device\"]"}])")
                .status,
            204);
  gate_.denied = {};
  EXPECT_EQ(members(), Ids{pump});
}

TEST_P(LinksTest, ThousandsAtOnce) {
  constexpr int kMany = 2000;
  Ids ids;
  write([&](directory::Edit& edit) -> Result<void> {
    ids.clear();
    for (int i = 0; i < kMany; ++i) {
      const boost::json::object person = {{"userName", fmt::format("u{}", i)}};
      ids.push_back(TRY(edit.create(directory::Kind::kPerson, person, "active")).id);
    }
    return {};
  });
  std::string all;
  for (const std::string& id : ids) all += (all.empty() ? "" : ",") + value(id);
  ASSERT_EQ(add(all).status, 204);
  EXPECT_EQ(members(), ids);
  EXPECT_EQ(get("/Groups/" + staff_).headers.at("ETag"), "W/\"2\"") << "once for all of them";
  EXPECT_EQ(get("/Groups?excludedAttributes=members").at("/Resources/0/members"), codec::Json());
  std::string half = "[";
  for (int i = 0; i < 1000; ++i) {
    half += fmt::format(R"({}{{"op":"remove","path":"members[value eq \"{}\"]"}})",
                        i == 0 ? "" : ",", ids[static_cast<std::size_t>(i)]);
  }
  ASSERT_EQ(patch("/Groups/" + staff_, half + "]").status, 204);
  EXPECT_EQ(members(), Ids(ids.begin() + 1000, ids.end()));
  std::string too_many;
  for (int i = 0; i < 10'001; ++i) too_many += (i == 0 ? "" : ",") + value(ids[0]);
  EXPECT_EQ(add(too_many).status, 413);
}

}  // namespace
}  // namespace wardlock::scim
