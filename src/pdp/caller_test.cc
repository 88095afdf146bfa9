// What a caller may ask, supply and be told.
#include "pdp/caller.h"

#include <gtest/gtest.h>

#include "codec/json.h"
#include "pdp/access.h"

namespace wardlock::pdp {
namespace {

constexpr std::int64_t kNow = 1'700'000'000'000;

constexpr char kPolicies[] = R"(
  @id("view") @reason("everybody views") permit (principal, action == Action::"view", resource);
  @id("tired") forbid (principal, action, resource)
    when { principal has shift && principal.shift == "over" };
  @id("rate") permit (principal, action == Action::"edit", resource)
    when { context.rate < 10 && context.action.method == "PUT" };
  @id("glass") @override("break-glass") permit (principal, action == Action::"break", resource)
    when { context has override };
  @id("strong") permit (principal, action == Action::"sign", resource)
    when { context.authentication.level >= 2 && context.authentication.methods.contains("otp") };
)";

constexpr char kSchema[] = R"(
  entity User = { name: String, @source("request") shift?: String };
  entity Chart;
  type Authentication = { level: Long, methods: Set<String> };
  action view, break appliesTo { principal: User, resource: Chart, context: {
    override?: { id: String, reason: String, expiresAt: datetime } } };
  action edit appliesTo { principal: User, resource: Chart,
    context: { rate: Long, action: { method?: String } } };
  action sign appliesTo { principal: User, resource: Chart,
    context: { authentication: Authentication } };
)";

constexpr char kEntities[] = R"([
  {"uid": {"type": "User", "id": "ada"}, "attrs": {"name": "Ada"}, "parents": []}])";

constexpr std::array<std::string_view, 2> kBoth = {"pwd", "otp"};
constexpr std::span kPwd = std::span(kBoth).first(1);
constexpr std::span kOtp = std::span(kBoth).last(1);

class CallerTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    Sources sources;
    sources.policies = {{"test.cedar", kPolicies}};
    sources.schemas = {{"test.cedarschema", kSchema}};
    sources.entities = Source{"entities.json", kEntities};
    auto built = build_snapshot(sources, Mode::kStrict);
    ASSERT_TRUE(built) << built.error().message;
    snapshot = *built;
  }
  static void TearDownTestSuite() { snapshot.reset(); }

  AccessRequest question(std::string_view action) const {
    AccessRequest request;
    request.principal = {"User", "ada", nullptr};
    request.action = action;
    request.resource = {"Chart", "c1", nullptr};
    request.caller = &caller;
    return request;
  }

  static const boost::json::object* object(codec::Json& json, const char* text) {
    json = *codec::parse_json(text);
    return &json.as_object();
  }

  static void expect_denied_to(const Result<AccessDecision>& decision, std::string_view what) {
    ASSERT_FALSE(decision);
    EXPECT_EQ(decision.error().code, ErrorCode::kPermissionDenied);
    EXPECT_TRUE(decision.error().message.contains(what)) << decision.error().message;
  }

  /// May ask everything and supply nothing.
  Caller caller{.id = "gateway",
                .scope = {.types = Names::all(), .actions = Names::all(), .attributes = {}}};
  static inline std::shared_ptr<const Snapshot> snapshot;
  Arena arena;
};

TEST_F(CallerTest, AsksAboutTheTypesInItsScopeOnly) {
  caller.scope.types = Names({"User", "Chart"});
  EXPECT_TRUE(decide(*snapshot, question("view"), kNow, arena));
  caller.scope.types = Names({"User"});
  expect_denied_to(decide(*snapshot, question("view"), kNow, arena), "type `Chart`");
  caller.scope.types = Names({"Chart"});
  expect_denied_to(decide(*snapshot, question("view"), kNow, arena), "type `User`");
  caller.scope.types = {};
  expect_denied_to(decide(*snapshot, question("view"), kNow, arena), "type `User`");
}

TEST_F(CallerTest, AsksAboutTheActionsInItsScopeOnly) {
  for (const char* name : {"view", R"(Action::"view")"}) {
    caller.scope.actions = Names({name});
    EXPECT_TRUE(decide(*snapshot, question("view"), kNow, arena)) << name;
    EXPECT_TRUE(decide(*snapshot, question(R"(Action::"view")"), kNow, arena)) << name;
    expect_denied_to(decide(*snapshot, question("sign"), kNow, arena), "action `sign`");
  }
}

TEST_F(CallerTest, SuppliesTheAttributesInItsScopeOnly) {
  codec::Json properties, context, action;
  AccessRequest view = question("view");
  view.principal.properties = object(properties, R"({"shift": "over"})");
  expect_denied_to(decide(*snapshot, view, kNow, arena), "`User.shift`");
  caller.scope.attributes = Names({"User.shift"});
  EXPECT_FALSE(decide(*snapshot, view, kNow, arena)->is_allowed);

  AccessRequest edit = question("edit");
  edit.context = object(context, R"({"rate": 3})");
  edit.action_properties = object(action, R"({"method": "PUT"})");
  expect_denied_to(decide(*snapshot, edit, kNow, arena), "`context.rate`");
  caller.scope.attributes = Names({"context.rate"});
  expect_denied_to(decide(*snapshot, edit, kNow, arena), "`action.method`");
  caller.scope.attributes = Names({"context.rate", "action.method"});
  EXPECT_TRUE(decide(*snapshot, edit, kNow, arena)->is_allowed);
}

TEST_F(CallerTest, MaySendWhatDoesNotCount) {
  codec::Json properties, context;
  AccessRequest view = question("view");
  view.principal.properties =
      object(properties, R"({"name": "Eve", "nickname": "E", "shift": null})");
  view.context = object(context, R"({"colour": "red"})");
  const auto decision = decide(*snapshot, view, kNow, arena);
  ASSERT_TRUE(decision);
  EXPECT_TRUE(decision->is_allowed);
  // It would learn from the notes what the directory holds.
  EXPECT_TRUE(decision->notes.empty());
}

TEST_F(CallerTest, CannotGuessWhatItMayNotSupply) {
  caller.may_explain = true;
  codec::Json properties;
  AccessRequest view = question("view");
  std::vector<std::vector<std::string>> notes;
  for (const char* guess : {R"({"name": "Ada"})", R"({"name": "Eve"})", R"({"name": 7})"}) {
    view.principal.properties = object(properties, guess);
    const auto decision = decide(*snapshot, view, kNow, arena);
    ASSERT_TRUE(decision) << guess;
    notes.emplace_back(decision->notes.begin(), decision->notes.end());
  }
  EXPECT_EQ(notes[0], notes[1]);
  EXPECT_EQ(notes[0], notes[2]);
  caller.scope.attributes = Names({"User.name"});
  view.principal.properties = object(properties, R"({"name": "Eve"})");
  EXPECT_TRUE(decide(*snapshot, view, kNow, arena)->notes[0].contains("differs"));
}

TEST_F(CallerTest, IsToldReasonsWithTheRightToThem) {
  EXPECT_TRUE(decide(*snapshot, question("view"), kNow, arena)->reasons.empty());
  caller.may_explain = true;
  const auto decision = decide(*snapshot, question("view"), kNow, arena);
  ASSERT_EQ(decision->reasons.size(), 1U);
  EXPECT_EQ(decision->reasons[0], "everybody views");
}

TEST_F(CallerTest, NamesAGrantWithTheRightTo) {
  AccessRequest request = question("break");
  EXPECT_TRUE(decide(*snapshot, request, kNow, arena)->is_override_possible);
  request.grant = "g1";
  expect_denied_to(decide(*snapshot, request, kNow, arena), "`override`");
  caller.may_override = true;
  EXPECT_FALSE(decide(*snapshot, request, kNow, arena)->is_allowed);
}

TEST_F(CallerTest, AttestsAuthenticationWithTheRightTo) {
  AccessRequest request = question("sign");
  EXPECT_FALSE(decide(*snapshot, request, kNow, arena)->is_allowed);
  request.authentication = Authentication{2, kBoth};
  expect_denied_to(decide(*snapshot, request, kNow, arena), "`attest`");
  caller.may_attest = true;
  EXPECT_TRUE(decide(*snapshot, request, kNow, arena)->is_allowed);
}

TEST_F(CallerTest, NeedsNoRightForWhatAPersonsTokenSays) {
  AccessRequest request = question("sign");
  const VerifiedPrincipal ada{.type = "User", .id = "ada", .authentication = {2, kBoth}};
  request.verified = &ada;
  EXPECT_TRUE(decide(*snapshot, request, kNow, arena)->is_allowed);
  const VerifiedPrincipal weak{.type = "User", .id = "ada", .authentication = {1, kPwd}};
  request.verified = &weak;
  const auto denied = decide(*snapshot, request, kNow, arena);
  EXPECT_FALSE(denied->is_allowed);
  ASSERT_TRUE(denied->step_up);  // from where the token is
  EXPECT_EQ(denied->step_up->level, 2);
  ASSERT_EQ(denied->step_up->methods.size(), 1U);
  EXPECT_EQ(denied->step_up->methods[0], "otp");
}

TEST_F(CallerTest, DoesNotSayTwiceHowAPersonWasAuthenticated) {
  AccessRequest request = question("sign");
  const VerifiedPrincipal ada{.type = "User", .id = "ada", .authentication = {1, kPwd}};
  request.verified = &ada;
  request.authentication = Authentication{2, kBoth};
  caller.may_attest = true;
  const auto decision = decide(*snapshot, request, kNow, arena);
  ASSERT_FALSE(decision);
  EXPECT_EQ(decision.error().code, ErrorCode::kInvalidArgument);
  EXPECT_NE(decision.error().message.find("said twice"), std::string::npos);
}

TEST_F(CallerTest, AsksAboutThePersonWhoseTokenItSends) {
  for (const auto& [type, id] : {std::pair("User", "grey"), std::pair("User", "Ada"),
                                 std::pair("User", ""), std::pair("Chart", "ada")}) {
    AccessRequest request = question("view");
    const VerifiedPrincipal other{.type = type, .id = id, .authentication = {3, kBoth}};
    request.verified = &other;
    const auto decision = decide(*snapshot, request, kNow, arena);
    ASSERT_FALSE(decision) << type << id;
    EXPECT_EQ(decision.error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(decision.error().message,
              "the token that came with the question is not its principal's");
  }
}

TEST_F(CallerTest, MayHaveToSendThePersonsToken) {
  caller.must_show_token = true;
  AccessRequest request = question("view");
  const auto without = decide(*snapshot, request, kNow, arena);
  ASSERT_FALSE(without);
  EXPECT_EQ(without.error().code, ErrorCode::kUnauthenticated);
  caller.may_attest = true;  // its word is not enough either
  request.authentication = Authentication{3, kBoth};
  EXPECT_FALSE(decide(*snapshot, request, kNow, arena));
  request.authentication.reset();
  const VerifiedPrincipal ada{.type = "User", .id = "ada", .authentication = {1, kPwd}};
  request.verified = &ada;
  EXPECT_TRUE(decide(*snapshot, request, kNow, arena)->is_allowed);
}

TEST_F(CallerTest, IsToldWhichAuthenticationIsMissing) {
  caller.may_attest = true;
  const auto step_up = [&](std::optional<Authentication> present) {
    AccessRequest request = question("sign");
    request.authentication = present;
    return decide(*snapshot, request, kNow, arena)->step_up;
  };
  ASSERT_TRUE(step_up({}));
  EXPECT_EQ(step_up({})->level, 2);
  ASSERT_EQ(step_up({})->methods.size(), 1U);
  EXPECT_EQ(step_up({})->methods[0], "otp");
  const auto only_level = step_up(Authentication{1, kOtp});
  ASSERT_TRUE(only_level);
  EXPECT_EQ(only_level->level, 2);
  EXPECT_TRUE(only_level->methods.empty());
  EXPECT_EQ(step_up(Authentication{3, kPwd})->level, 3);
  EXPECT_FALSE(step_up(Authentication{2, kOtp}));  // allowed
  // Where more authentication would not help, there is no hint.
  EXPECT_FALSE(decide(*snapshot, question("break"), kNow, arena)->step_up);
}

}  // namespace
}  // namespace wardlock::pdp
