#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "administration/own_policies.h"
#include "administration/policy_gate.h"
#include "api/admin/operations.h"
#include "api/admin/policies_for_test.h"
#include "directory/model/schema.h"
#include "directory/registry/control_plane.h"

namespace wardlock::admin {
namespace {

using administration::PolicyGate;
using directory::Thing;

/// A hospital where every call is decided by policies/wardlock, and every call is tried.
class PolicyRolesTest : public PoliciesOverHttp {
 protected:
  PolicyRolesTest() {
    write([](directory::Edit& edit) { return edit.enter_control_plane_roles(); });
  }

  Thing with_roles(const std::string& name, const std::vector<std::string_view>& roles) {
    const Thing made = person(name);
    for (const std::string_view role : roles) {
      const auto found = registry_->find_by_identifier("st-mary", "role.displayName",
                                                       fmt::format("Wardlock::{}", role));
      EXPECT_TRUE(found);
      relate({.relation = directory::Relation::kRoleAssignment,
              .subject = made.id,
              .object = found->id});
    }
    return made;
  }

  /// The status that somebody gets who signed in just now with two proofs.
  int ask_as(const Thing& who, std::string_view method, const std::string& target,
             std::string_view body) {
    as(who);
    mandate_.reason = "tried";
    const administration::Asker asker{
        .id = who.id,
        .kind = who.kind,
        .roles = *registry_->control_plane_roles("st-mary", who.id, directory::Reach::kNow),
        .sign_in = &sign_in_of_};
    PolicyGate gate({.policies = *own_,
                     .registry = *registry_,
                     .mandate = mandate_,
                     .asker = asker,
                     .now = now_,
                     .new_id = [] { return std::string("decision"); },
                     .tell = [](const event::Event&) { return Result<void>(); }});
    const std::string path = "/admin/v1/" + target;
    net::HttpRequest request{.method = method, .target = path, .path = path, .body = body};
    request.headers.push_back({"Content-Type", "application/json"});
    net::HttpResponse response;
    answer(request,
           {.registry = *registry_,
            .gate = gate,
            .mandate = mandate_,
            .base_url = "https://host",
            .now = now_,
            .sign_in = &sign_in_of_,
            .policies = policies_},
           response);
    return response.status;
  }

  /// What the path of an operation may be, with ids that are there.
  std::vector<std::string> targets_of(const Operation& operation) {
    std::vector<std::string> targets;
    const std::string path(operation.path);
    const auto put = [](std::string text, std::string_view what, std::string_view by) {
      const std::size_t at = text.find(what);
      return at == std::string::npos ? text : text.replace(at, what.size(), by);
    };
    std::vector<std::string> ids = {ann_.id};
    if (path.starts_with("policies/drafts")) ids = drafts_to_try_;
    if (path.starts_with("policies/history")) ids = {"1", "2"};
    if (path.starts_with("policies/shadows")) ids = {"1", "2"};
    if (path.starts_with("policies/canaries")) ids = {"1", "2"};
    for (const std::string& id : ids) {
      std::vector<std::string> forms = {put(put(path, "{id}", id), "{part}", ann_.id)};
      if (!operation.kinds.is_empty()) {
        forms.clear();
        for (const auto* schema : directory::all_schemas()) {
          if (!operation.kinds.contains(schema->kind)) continue;
          forms.push_back(put(put(put(path, "{collection}", schema->collection), "{id}", id),
                              "{part}", ann_.id));
        }
      }
      targets.insert(targets.end(), forms.begin(), forms.end());
    }
    return targets;
  }

  /// Bodies that somebody may try.
  std::vector<std::string> bodies() {
    const std::string content = get("policies/drafts/" + drafts_to_try_.front()).at("content");
    return {"{}",
            R"({"reason":"I want it"})",
            R"({"edition":2,"reason":"I want it"})",
            R"({"singleHanded":true})",
            R"({"locations":["Ward::\"3\""]})",
            R"({"peps":["gate"],"actions":["stop"],"singleHanded":true})",
            R"({"meaning":"policy","content":")" + content + "\"}",
            new_draft("mine")};
  }

  std::vector<pap::Activation> history() {
    return *activations_.history({.tenant = "st-mary", .environment = "production"});
  }
  std::vector<pap::CanaryStage> canaries() {
    return *canaries_.history({.tenant = "st-mary", .environment = "production"});
  }
  std::size_t told_activations() {
    std::size_t count = 0;
    for (const std::string& event : events()) {
      if (event.contains("activate_")) ++count;
    }
    return count;
  }

  std::shared_ptr<const pdp::Snapshot> own_ =
      administration::build_policies(administration::own_policies()).value();
  std::vector<std::string> drafts_to_try_;
};
WARDLOCK_ON_EACH_DATABASE(PolicyRolesTest);

/// Whatever is asked by whomever: what is in force changes by an approved draft, by a rollback to
/// what was in force before, or by an emergency change, and each leaves an event.
TEST_P(PolicyRolesTest, NothingComesIntoForceUnseenOrByOneHandAlone) {
  activated("one");
  activated("two");
  std::set<std::string> known = {history()[0].content, history()[1].content};
  drafts_to_try_ = {submitted("unapproved"), begun("open")};
  std::vector<Thing> everybody = {person("nobody")};
  std::vector<std::string_view> all_roles;
  for (const directory::ControlPlaneRole& role : directory::kControlPlaneRoles) {
    everybody.push_back(with_roles(fmt::format("has-{}", role.name), {role.name}));
    all_roles.push_back(role.name);
  }
  everybody.push_back(with_roles("has-all", all_roles));
  std::map<std::string, std::size_t> activations;
  std::size_t asked = 0;
  for (const Thing& who : everybody) {
    for (const Operation& operation : all_operations()) {
      // Who signs, approves: that is what a second person is.
      if (!operation.is_change() || operation.name == "signDraft") continue;
      // No path of the directory leads to policies: one body for each will do.
      const bool is_of_policies = operation.path.starts_with("policies/");
      for (const std::string& target : targets_of(operation)) {
        for (const std::string& body : is_of_policies ? bodies() : std::vector<std::string>{"{}"}) {
          const auto before = history();
          const std::size_t told = told_activations();
          const int status = ask_as(who, operation.method, target, body);
          ++asked;
          const auto after = history();
          ASSERT_TRUE(canaries().empty()) << target << " decides for a part, approved by nobody";
          if (after.size() == before.size()) {
            EXPECT_EQ(told_activations(), told);
            continue;
          }
          ASSERT_EQ(after.size(), before.size() + 1) << target;
          EXPECT_EQ(status, 201) << target;
          EXPECT_EQ(told_activations(), told + 1) << target;
          const pap::Activation& made = after.front();
          EXPECT_EQ(made.person, who.id);
          ++activations[fmt::format("{} {}", operation.name, to_string(made.cause))];
          if (made.cause == pap::ActivationCause::kRollback) {
            EXPECT_TRUE(known.contains(made.content));
          } else {
            EXPECT_EQ(made.cause, pap::ActivationCause::kEmergency) << target;
            EXPECT_TRUE(made.approve_by_ms);
          }
        }
      }
    }
  }
  EXPECT_GT(asked, 1000U);
  for (const auto& [how, count] : activations) {
    EXPECT_TRUE(how == "rollBackPolicies rollback" || how == "activateDraftInEmergency emergency")
        << how << ": " << count;
  }
  EXPECT_TRUE(activations.contains("rollBackPolicies rollback")) << "somebody may";
}

/// Devices and services say what they run, whatever their roles; people do not, whatever theirs.
TEST_P(PolicyRolesTest, NobodySaysWhatAPersonRuns) {
  for (const directory::ControlPlaneRole& role : directory::kControlPlaneRoles) {
    const Thing who = with_roles(fmt::format("has-{}", role.name), {role.name});
    EXPECT_EQ(ask_as(who, "POST", "policies/nodes", "{}"), 403) << role.name;
    EXPECT_EQ(ask_as(who, "POST", "policies/nodes/none/forget", "{}"),
              role.name == "Administrator" ? 404 : 403)
        << role.name;
  }
  Thing device = person("pump");
  device.kind = directory::Kind::kDevice;
  EXPECT_EQ(ask_as(device, "POST", "policies/nodes", "{}"), 200);
  EXPECT_EQ(ask_as(device, "GET", "policies/nodes", ""), 403) << "of others it learns nothing";
  EXPECT_EQ(ask_as(device, "POST", "policies/nodes/none/forget", "{}"), 403);
}

/// It enforces: whoever may activate begins it, once it is approved, and whoever may roll back
/// stops it.
TEST_P(PolicyRolesTest, WhoMayNotActivateBeginsAndStopsNoCanary) {
  activated("one");
  const std::string id = submitted("approved");
  EXPECT_EQ(sign(bo_, id).status, 200);
  as(ann_);
  const std::string begin = "policies/drafts/" + id + "/canary";
  const std::string body = R"({"locations":["Ward::\"3\""]})";
  const std::set<std::string_view> may = {"PolicyAuthor", "PolicyApprover", "Administrator"};
  std::uint64_t number = 0;
  for (const directory::ControlPlaneRole& role : directory::kControlPlaneRoles) {
    const Thing who = with_roles(fmt::format("has-{}", role.name), {role.name});
    const bool is_right = may.contains(role.name);
    EXPECT_EQ(ask_as(who, "POST", begin, body), is_right ? 201 : 403) << role.name;
    if (is_right) ++number;
    if (number == 0) continue;
    const std::string stop = fmt::format("policies/canaries/{}/stop", number);
    EXPECT_EQ(ask_as(who, "POST", stop, "{}"), is_right ? 200 : 403) << role.name;
  }
  EXPECT_EQ(number, may.size());
  EXPECT_EQ(ask_as(person("nobody"), "POST", begin, body), 403);
  EXPECT_EQ(history().size(), 1U) << "nothing came into force for all";
}

/// What is tried has no effect, and yet it is begun by those alone who answer for policies.
TEST_P(PolicyRolesTest, WhoDoesNotLookAfterPoliciesBeginsAndStopsNoShadow) {
  const std::string id = submitted("tried");
  const std::string begin = "policies/drafts/" + id + "/shadow";
  const std::set<std::string_view> may = {"PolicyAuthor", "PolicyApprover", "Administrator"};
  std::uint64_t number = 0;
  for (const directory::ControlPlaneRole& role : directory::kControlPlaneRoles) {
    const Thing who = with_roles(fmt::format("has-{}", role.name), {role.name});
    const bool is_right = may.contains(role.name);
    EXPECT_EQ(ask_as(who, "POST", begin, "{}"), is_right ? 201 : 403) << role.name;
    if (is_right) ++number;
    if (number == 0) continue;
    const std::string stop = fmt::format("policies/shadows/{}/stop", number);
    EXPECT_EQ(ask_as(who, "POST", stop, "{}"), is_right ? 200 : 403) << role.name;
  }
  EXPECT_EQ(number, may.size());
  EXPECT_EQ(ask_as(person("nobody"), "POST", begin, "{}"), 403);
  EXPECT_TRUE(history().empty()) << "nothing came into force";
}

TEST_P(PolicyRolesTest, WhoHasEveryRoleStillNeedsASecondPerson) {
  std::vector<std::string_view> all_roles;
  for (const directory::ControlPlaneRole& role : directory::kControlPlaneRoles) {
    all_roles.push_back(role.name);
  }
  const Thing all = with_roles("has-all", all_roles);
  const Thing approver = with_roles("approver", {"PolicyApprover"});
  EXPECT_EQ(ask_as(all, "POST", "policies/drafts", new_draft("mine")), 201);
  const std::string id = get("policies/drafts").at("items.0.id");
  const std::string draft = "policies/drafts/" + id;
  EXPECT_EQ(ask_as(all, "POST", draft + "/checks", "{}"), 200);
  EXPECT_EQ(ask_as(all, "POST", draft + "/submit", R"({"edition":1})"), 200);
  const std::string signature =
      R"({"meaning":"policy","content":")" + get(draft).at("content") + "\"}";
  EXPECT_EQ(ask_as(all, "POST", draft + "/sign", signature), 403);
  EXPECT_EQ(ask_as(all, "POST", draft + "/activate", "{}"), 409);
  EXPECT_EQ(ask_as(all, "POST", draft + "/activate", R"({"singleHanded":true})"), 409);
  EXPECT_TRUE(history().empty());
  EXPECT_EQ(ask_as(approver, "POST", draft + "/sign", signature), 200);
  EXPECT_EQ(ask_as(all, "POST", draft + "/activate", "{}"), 201);
  EXPECT_EQ(history().front().cause, pap::ActivationCause::kApproved);
}

}  // namespace
}  // namespace wardlock::admin
