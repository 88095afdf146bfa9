// What is revoked is not allowed any more, in whatever order those go on who have to do with it.
// All parts are those of a server: the interfaces and desks that revoke, the database, what follows
// it, what is published, what decides. Only who goes on when is the test's.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/consent/tables.h"
#include "access/delegation/delegation_desk.h"
#include "access/delegation/tables.h"
#include "access/grant/glass_for_test.h"
#include "access/request/kept_open_approvals.h"
#include "access/request/role_request_desk.h"
#include "access/request/tables.h"
#include "access/review/review_desk.h"
#include "access/review/tables.h"
#include "api/break_glass/endpoints.h"
#include "api/delegation/endpoints.h"
#include "api/request/endpoints.h"
#include "base/wall_clock.h"
#include "pdp/access.h"
#include "server/directory_catch_up.h"
#include "server/interleavings_for_test.h"
#include "server/reloader.h"

namespace wardlock::server {
namespace {

using access::name_of;  // for WARDLOCK_ON_EACH_DATABASE
using access::tested_databases;
using access::Thing;
using Turn = Interleavings::Turn;

constexpr std::int64_t kHour = access::kGlassHour;

constexpr std::string_view kPolicies = R"(
@id("own") permit (principal is Patient, action == Action::"view", resource)
  when { principal == resource };
@id("breaks-the-glass") @override("break-glass")
permit (principal is User, action == Action::"view", resource) when { context has override };
@id("carer") permit (principal is User, action == Action::"view", resource)
  when { context has delegation };
@id("sets-limits") permit (principal is User, action == Action::"setLimit", resource);
@id("two-persons") forbid (principal, action == Action::"setLimit", resource)
  unless { context has approval };
)";

constexpr std::string_view kSchema = R"(
namespace Wardlock {
  type Override = { id: String, reason: String, expiresAt: datetime };
  type Named = { type: String, id: String };
  type Delegated = { id: String, by: String, purpose: String, ticket: String, expiresAt: datetime };
  type Approved = { id: String, approvers: Set<Named>, ticket: String, expiresAt: datetime };
  entity Grant = {
    principal: User, target: Patient, actions: Set<Action>, opensAt: datetime, expiresAt: datetime,
    reason: String, waives?: Set<String>,
  };
  entity Delegation = {
    delegator: Named, delegate: Named, target: Named, actions: Set<Action>, opensAt: datetime,
    expiresAt: datetime, by: String, purpose: String, ticket: String, onward: Bool,
    passesOn?: String,
  };
  entity Approval = {
    principal: Named, target: Named, action: Action, approvers: Set<Named>, ticket: String,
    opensAt: datetime, expiresAt: datetime,
  };
}
entity User;
@audit("patient") entity Patient;
@audit("care") action view appliesTo { principal: [User, Patient], resource: Patient,
  context: { override?: Wardlock::Override, delegation?: Wardlock::Delegated } };
@audit("care") action edit appliesTo { principal: User, resource: Patient, context: {} };
@audit("therapy") action setLimit appliesTo { principal: User, resource: Patient,
  context: { approval?: Wardlock::Approved } };
)";

/// What is open, as the database has it; whoever reads it gives way first.
class SteppedGrants final : public directory::OpenGrants {
 public:
  Result<std::vector<directory::OpenGrant>> read_all(storage::Work& work,
                                                     std::string_view tenant) const override {
    return kept_.read_all(work, tenant);
  }
  Result<std::optional<directory::OpenGrant>> read(storage::Work& work, std::string_view tenant,
                                                   std::string_view id) const override {
    if (follower != nullptr) follower->step();
    return kept_.read(work, tenant, id);
  }

  Turn* follower = nullptr;

 private:
  access::KeptOpenApprovals kept_;
};

/// One process that decides by the directory.
struct Node {
  SteppedGrants grants;
  std::vector<std::unique_ptr<DirectoryView>> views;
  std::optional<PublishedWorld> published;
  std::optional<CurrentWorld> world;
  std::optional<DirectoryCatchUp> catch_up;
  bool is_following = false;  ///< holds the view's turn

  const DirectoryView& view() const { return *views.front(); }
  bool serves(std::uint64_t revision) const {
    return view().await_served(revision, std::chrono::milliseconds(0));
  }
};

/// As ServedGlass in directory_job.cc, waiting by steps.
class SteppedSight final : public administration::GlassView {
 public:
  SteppedSight(const Node& node, Turn& turn) : node_(node), turn_(turn) {}

  Result<std::optional<std::string>> await(std::string_view grant,
                                           std::uint64_t revision) override {
    const auto is_served = [&] { return node_.serves(revision) && !node_.is_following; };
    if (!turn_.step(is_served)) return fail(ErrorCode::kUnavailable, "not yet");
    return node_.view().why_not_granted(grant);
  }
  Result<directory::SeenAction> action(std::string_view name) override {
    turn_.step([&] { return !node_.is_following; });
    return node_.view().action(name);
  }

 private:
  const Node& node_;
  Turn& turn_;
};

/// Who may do what is not what is tested here: everybody may.
class OpenGate final : public administration::Gate {
 public:
  Result<void> check(administration::Deed /*deed*/, directory::Kind /*kind*/) override {
    return {};
  }
  Result<void> check(administration::Deed /*deed*/, const Thing& /*thing*/) override { return {}; }
  Result<void> check(administration::Deed /*deed*/, directory::Relation /*relation*/,
                     const Thing& /*subject*/, const Thing& /*object*/) override {
    return {};
  }
  Result<void> check(administration::ClientDeed /*deed*/,
                     const administration::ClientStanding& /*client*/) override {
    return {};
  }
  Result<void> check(administration::PolicyDeed /*deed*/,
                     const administration::PolicyStanding& /*policies*/) override {
    return {};
  }
};

/// What somebody has for a while, and may lose.
enum class Right : unsigned char { kGrant, kDelegation, kApproval };

/// Two nodes, one database, and a right that is new in each order.
class RevocationOrdersTest : public access::GlassForTest {
 protected:
  RevocationOrdersTest()
      : GlassForTest({access::kGlassReviewTables, access::kDelegationTables,
                      access::kRoleRequestTables, access::kConsentTables,
                      access::kActionRequests}) {
    std::ofstream(folder() + "/rules.cedar") << kPolicies;
    std::ofstream(folder() + "/rules.cedarschema") << kSchema;
    config_.tenants.push_back({.name = mandate_.tenant,
                               .policies = folder() + "/rules.cedar",
                               .schema = folder() + "/rules.cedarschema"});
    now_ = wall_clock_ms();  // as a directory that is loaded takes it
    for (Node& each : nodes_) start(each);
  }

  void start(Node& node) {
    node.views.push_back(std::make_unique<DirectoryView>(
        *store_, mandate_.tenant,
        directory::KnownBy{{directory::Kind::kPerson, "userName"},
                           {directory::Kind::kPatient, "recordNumber"}},
        &node.grants));
    const auto loaded = load_world(config_, node.views);
    ASSERT_TRUE(loaded) << loaded.error().message;
    node.published.emplace(loaded->world);
    node.world.emplace(*node.published, *loaded->world);
    node.catch_up.emplace(CatchUpParts{.config = config_,
                                       .views = node.views,
                                       .world = *node.world,
                                       .log = log_,
                                       .published =
                                           [&node] {
                                             if (node.grants.follower == nullptr) return;
                                             node.grants.follower->step();
                                           },
                                       .clock = [this] { return now_; }});
    node.catch_up->follow_all();
  }

  // ---- What is done before an order begins

  /// Anew; says until when.
  void open_right() {
    switch (right_) {
      case Right::kGrant: {
        const access::GlassGrant grant = open_glass(swift_, lind_);
        id_ = grant.id;
        until_ = grant.expires_ms;
        return;
      }
      case Right::kDelegation: {
        until_ = now_ + kHour;
        const auto made = must(delegations_.make(by(reyes_), {.delegator = lind_.id,
                                                              .delegate = swift_.id,
                                                              .target = "",
                                                              .actions = {"view"},
                                                              .purpose = "FAMRQT",
                                                              .ends_ms = until_}));
        id_ = made.delegation.id;
        return;
      }
      case Right::kApproval: {
        const auto asked = must(requests_.ask(
            by(swift_), {.action = "setLimit", .target = lind_.id, .reason = "recall 2026-7"}));
        id_ = asked.request.id;
        const auto may = [](const access::AnsweredRequest&) -> Result<void> { return {}; };
        until_ = must(requests_.approve(by(reyes_), id_, yes(), may)).request.ends_ms.value();
        return;
      }
    }
  }
  access::RoleAnswer yes() const {
    return {.words = {},
            .signature = {.person = {},
                          .printed_name = {},
                          .meaning = {},
                          .content = {},
                          .session = "s-1",
                          .level = 2,
                          .methods = {"pwd", "otp"},
                          .authenticated_ms = now_}};
  }

  void begin() {
    now_ = std::max(now_, until_) + access::kGlassMinute;  // what came of the order before is over
    open_right();
    for (Node& each : nodes_) each.catch_up->follow_all();
    told_revision_.reset();
    is_over_told_ = false;
    is_over_seen_ = false;
    ASSERT_TRUE(is_allowed(nodes_[0]) && is_allowed(nodes_[1]))
        << nodes_[0].view().why_not_granted(id_).value_or("it is seen");
  }

  // ---- Who acts

  /// Ends it over the interface, and is told so.
  Interleavings::Actor revoker(std::string_view name, const Thing& who, std::string_view how) {
    return {
        std::string(name), [this, &who, how](Turn& turn) {
          SteppedSight sight(nodes_[0], turn);
          net::HttpResponse response;
          answer_revocation(who, how, sight, response);
          if (response.status == 503) return;  // nothing is promised
          EXPECT_TRUE(response.status == 200 || response.status == 409 || response.status == 412)
              << response.status << " " << response.body;
          // What is over already was revoked, too.
          is_over_told_ = true;
          for (const auto& [header, value] : response.headers) {
            if (header == administration::kRevisionHeader) told_revision_ = std::stoull(value);
          }
        }};
  }

  void answer_revocation(const Thing& who, std::string_view how, SteppedSight& sight,
                         net::HttpResponse& response) {
    const bool is_grant = right_ == Right::kGrant;
    const std::string path =
        fmt::format("{}/{}/{}",
                    is_grant                       ? "/break-glass/v1/grants"
                    : right_ == Right::kDelegation ? "/delegations/v1/delegations"
                                                   : "/requests/v1/requests",
                    id_,
                    is_grant                       ? how
                    : right_ == Right::kDelegation ? "revoke"
                                                   : "end");
    net::HttpRequest request{.method = "POST",
                             .target = path,
                             .path = path,
                             .body = R"({"words":"no longer needed"})",
                             .remote_address = "192.0.2.7"};
    request.headers.push_back({"Content-Type", "application/json"});
    const directory::Mandate mandate = by(who);
    OpenGate gate;
    const administration::Errand errand{.registry = *registry_,
                                        .gate = gate,
                                        .mandate = mandate,
                                        .base_url = "https://localhost",
                                        .now = now_,
                                        .glass = desk_.get(),
                                        .reviews = &reviews_,
                                        .delegations = &delegations_,
                                        .role_requests = &requests_,
                                        .glass_view = &sight};
    if (is_grant) {
      glass_api::answer(request, errand, response);
    } else if (right_ == Right::kDelegation) {
      delegation_api::answer(request, errand, response);
    } else {
      request_api::answer(request, errand, response);
    }
  }

  /// Follows the directory, so many times. Gives way while it reads, and when others see what it
  /// has read.
  Interleavings::Actor follower(std::string_view name, Node& node, int times = 2) {
    return {std::string(name), [this, &node, times](Turn& turn) {
              for (int i = 0; i < times; ++i) {
                if (i > 0 && !turn.step()) return;
                const std::int64_t at = now_;
                node.grants.follower = &turn;
                node.is_following = true;
                node.catch_up->follow_all();
                node.is_following = false;
                node.grants.follower = nullptr;
                if (at >= until_) is_over_seen_ = true;
              }
            }};
  }

  /// Asks at a node. `with_revision`: once they were told of the revocation, as of then.
  Interleavings::Actor decider(std::string_view name, Node& node, bool with_revision = false) {
    return {std::string(name), [this, &node, with_revision](Turn& turn) {
              const auto is_told = [&] { return told_revision_.has_value(); };
              if (with_revision && !turn.step(is_told)) return;
              const bool is_over = with_revision || is_over_told_ || is_over_seen_;
              const std::int64_t at = now_;
              const std::uint64_t revision = with_revision ? *told_revision_ : 0;
              // As request_handler.cc does: whoever waits for a revision is asked again.
              const auto is_there = [&] {
                return node.world->tenant(0).directory_revision >= revision;
              };
              PublishedWorld::Reader reader(*node.published);
              bool is_allowed_now = true;
              for (bool is_decided = false; !is_decided;) {
                if (!turn.step(is_there)) return;
                reader.read([&](const World& world) {
                  turn.step();
                  if (world.tenants[0].directory_revision < revision) return;
                  is_allowed_now = decide(world.tenants[0], at);
                  is_decided = true;
                });
              }
              if (is_allowed_now) ++allowed_;
              if (is_over || at >= until_) ++after_;
              EXPECT_FALSE(is_over && is_allowed_now) << "it was over when this was asked";
              EXPECT_FALSE(at >= until_ && is_allowed_now) << "its time was over";
            }};
  }

  /// The time of what is open comes, and a clock is set back.
  Interleavings::Actor clock() {
    return {"clock", [this](Turn& turn) {
              const std::int64_t before = now_;
              now_ = until_;
              if (!turn.step()) return;
              now_ = before;
              ends_by_clock_ = true;
            }};
  }

  // ---- What is asked

  bool decide(const ServedTenant& served, std::int64_t at) {
    static const pdp::Caller caller = pdp::Caller::unrestricted("ehr");
    const pdp::AccessRequest asked{
        .principal = {"User", "swift"},
        .action = right_ == Right::kApproval ? "setLimit" : "view",
        .resource = {"Patient", "MR-200"},
        .grant = right_ == Right::kGrant ? std::string_view(id_) : std::string_view(),
        .caller = &caller};
    Arena arena;
    const auto decided = pdp::decide(served.deciding(asked, arena), asked, at, arena);
    EXPECT_TRUE(decided) << decided.error().message;
    return decided && decided->is_allowed;
  }
  bool is_allowed(const Node& node) { return decide(node.world->tenant(0), now_); }

  /// All orders; at the end of each everybody knows of it.
  void run_all(const std::function<std::vector<Interleavings::Actor>()>& actors,
               std::size_t at_least) {
    const auto prepare = [&] {
      begin();
      return actors();
    };
    const std::size_t orders = Interleavings().run_all(prepare, [&](const std::string& order) {
      if (ends_by_clock_) now_ = until_;
      for (Node& each : nodes_) each.catch_up->follow_all();
      EXPECT_FALSE(is_allowed(nodes_[0]) || is_allowed(nodes_[1])) << "in the end";
      EXPECT_FALSE(HasFailure()) << "in the order: " << order;
    });
    EXPECT_GE(orders, at_least);
    EXPECT_GT(after_, 0U) << "none was asked after it was over";
    RecordProperty("orders", static_cast<int>(orders));
    fmt::print("{} orders; {} decisions allowed, {} asked when it was over\n", orders, allowed_,
               after_);
  }

  config::Config config_;
  Log log_{config::Log{.level = config::LogLevel::kError}};
  access::ReviewSurroundings review_surroundings_{*store_, surroundings_};
  access::ReviewDesk reviews_{review_surroundings_};
  access::DelegationDesk delegations_{*store_, surroundings_};
  access::RoleRequestSurroundings request_surroundings_{*store_, *registry_, surroundings_};
  access::RoleRequestDesk requests_{request_surroundings_};
  const Thing reyes_ = person("reyes");
  std::array<Node, 2> nodes_;
  Right right_ = Right::kGrant;
  std::string id_;
  std::int64_t until_ = 0;  ///< its time
  std::optional<std::uint64_t> told_revision_;
  bool ends_by_clock_ = false;
  bool is_over_told_ = false;  ///< an answer to a revocation is out
  bool is_over_seen_ = false;  ///< a node followed the directory after its time
  std::size_t allowed_ = 0;
  std::size_t after_ = 0;
};
WARDLOCK_ON_EACH_DATABASE(RevocationOrdersTest);

TEST_P(RevocationOrdersTest, OfAGrantWhereItIsRevoked) {
  run_all(
      [&] {
        return std::vector{revoker("revoker", reyes_, "revoke"), follower("follower", nodes_[0]),
                           decider("decider", nodes_[0])};
      },
      250);
  EXPECT_GT(allowed_, 0U) << "none was asked before it was over";
}

TEST_P(RevocationOrdersTest, OfADelegationWhereItIsRevoked) {
  right_ = Right::kDelegation;
  run_all(
      [&] {
        return std::vector{revoker("revoker", reyes_, "revoke"), follower("follower", nodes_[0]),
                           decider("decider", nodes_[0])};
      },
      250);
  EXPECT_GT(allowed_, 0U) << "none was asked before it was over";
}

TEST_P(RevocationOrdersTest, OfAnApprovalWhereItIsGivenBack) {
  right_ = Right::kApproval;
  run_all(
      [&] {
        return std::vector{revoker("revoker", swift_, "end"), follower("follower", nodes_[0]),
                           decider("decider", nodes_[0])};
      },
      250);
  EXPECT_GT(allowed_, 0U) << "none was asked before it was over";
}

// The second is told that it is over.
TEST_P(RevocationOrdersTest, OfAGrantThatTwoRevoke) {
  run_all(
      [&] {
        return std::vector{revoker("revoker", reyes_, "revoke"), revoker("person", swift_, "end"),
                           follower("follower", nodes_[0], 1), decider("decider", nodes_[0])};
      },
      500);
  EXPECT_GT(allowed_, 0U) << "none was asked before it was over";
}

TEST_P(RevocationOrdersTest, OnAnotherNodeWithTheRevision) {
  run_all(
      [&] {
        return std::vector{revoker("revoker", reyes_, "revoke"), follower("here", nodes_[0], 1),
                           follower("there", nodes_[1], 1), decider("decider", nodes_[1], true)};
      },
      250);
  EXPECT_EQ(allowed_, 0U);
}

TEST_P(RevocationOrdersTest, OfAGrantWhoseTimeComes) {
  run_all(
      [&] {
        return std::vector{clock(), follower("follower", nodes_[0]), decider("decider", nodes_[0])};
      },
      100);
  EXPECT_GT(allowed_, 0U) << "none was asked before it was over";
}

}  // namespace
}  // namespace wardlock::server
