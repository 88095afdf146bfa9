#include "api/admin/sign_ins.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "api/admin/admin_for_test.h"

namespace wardlock::admin {
namespace {

using administration::StandingSignIn;
using directory::Thing;

/// One person's sessions; remembers what was ended.
class SignInsForTest : public administration::SignIns {
 public:
  Result<std::vector<StandingSignIn>> of(std::string_view tenant,
                                         std::string_view person) override {
    asked = fmt::format("{} {}", tenant, person);
    if (is_down) return fail(ErrorCode::kUnavailable, "the database is away");
    return standing;
  }
  Result<bool> end(std::string_view, std::string_view, std::string_view id) override {
    ended.emplace_back(id);
    return true;
  }
  Result<std::size_t> end_all(std::string_view, std::string_view) override {
    ended.emplace_back("all");
    return standing.size();
  }

  std::vector<StandingSignIn> standing;
  std::vector<std::string> ended;
  std::string asked;
  bool is_down = false;
};

class SignInsTest : public AdminForTest {
 protected:
  SignInsTest() {
    kept_.standing = {{.id = "s-1",
                       .environment = "office",
                       .level = 2,
                       .methods = {"otp", "pwd"},
                       .started_ms = now_,
                       .ends_ms = now_ + 1000},
                      {.id = "g-1",
                       .client = "c-1",
                       .client_name = "Ward list",
                       .level = 1,
                       .methods = {"pwd"},
                       .started_ms = now_,
                       .ends_ms = now_ + 1000}};
    sign_ins_ = &kept_;
  }
  std::string of(const std::string& what) { return fmt::format("people/{}/{}", grey_.id, what); }

  SignInsForTest kept_;
  const Thing grey_ = person("grey");
};
WARDLOCK_ON_EACH_DATABASE(SignInsTest);

TEST_P(SignInsTest, AreListedForWhoMay) {
  const Answer listed = get(of("sessions"));
  EXPECT_EQ(listed.status, 200);
  EXPECT_EQ(gate_.asked, std::vector<std::string>{"readSessions person"});
  EXPECT_EQ(kept_.asked, fmt::format("st-mary {}", grey_.id));
  ASSERT_EQ(listed.count(), 2U);
  EXPECT_EQ(listed.at("items.0.kind"), "session");
  EXPECT_EQ(listed.at("items.0.environment"), "office");
  EXPECT_EQ(listed.at("items.0.methods.1"), "pwd");
  EXPECT_EQ(listed.at("items.1.kind"), "application");
  EXPECT_EQ(listed.at("items.1.clientName"), "Ward list");
}

TEST_P(SignInsTest, OneEndsOrAll) {
  const Answer one = post(of("sessions/s-1/end"), R"({"reason":"tablet lost"})");
  EXPECT_EQ(one.status, 200);
  EXPECT_EQ(one.at("ended"), "1");
  const Answer all = post(of("sign-out"), "{}");
  EXPECT_EQ(all.at("ended"), "2");
  EXPECT_EQ(kept_.ended, (std::vector<std::string>{"s-1", "all"}));
  EXPECT_EQ(std::ranges::count(gate_.asked, "endSessions person"), 2);
  EXPECT_EQ(storage::number(*store_, "SELECT count(*) FROM change WHERE kind = 'signIn'"), 2)
      << "who ended them is on record";
}

TEST_P(SignInsTest, WhoMayNotEndsNone) {
  gate_.denies = {"readSessions", "endSessions"};
  EXPECT_EQ(get(of("sessions")).status, 403);
  EXPECT_EQ(post(of("sessions/s-1/end"), "{}").status, 403);
  EXPECT_EQ(post(of("sign-out"), "{}").status, 403);
  EXPECT_TRUE(kept_.ended.empty());
  EXPECT_EQ(storage::number(*store_, "SELECT count(*) FROM change WHERE kind = 'signIn'"), 0);
}

TEST_P(SignInsTest, WhatIsNotThereEndsNothing) {
  EXPECT_EQ(post(of("sessions/s-2/end"), "{}").status, 404);
  EXPECT_EQ(post("people/nobody/sign-out", "{}").status, 404);
  EXPECT_EQ(get("people/nobody/sessions").status, 404);
  EXPECT_EQ(get("devices/" + grey_.id + "/sessions").status, 404) << "of people alone";
  EXPECT_EQ(post(of("sign-out"), R"({"resaon":"x"})").status, 400);
  kept_.is_down = true;
  EXPECT_EQ(get(of("sessions")).status, 503);
  EXPECT_TRUE(kept_.ended.empty());
}

TEST_P(SignInsTest, ADryRunEndsNothing) {
  EXPECT_EQ(post(of("sign-out?dryRun=true"), "{}").at("ended"), "2");
  EXPECT_EQ(post(of("sessions/s-1/end?dryRun=true"), "{}").at("ended"), "1");
  EXPECT_TRUE(kept_.ended.empty());
}

TEST_P(SignInsTest, ALeakOfAPersonSignsThemOut) {
  EXPECT_EQ(post(of("leak"), "{}").at("signedOut"), "2");
  EXPECT_EQ(kept_.ended, std::vector<std::string>{"all"});
  EXPECT_EQ(post(of("leak?dryRun=true"), "{}").at("signedOut"), "");
  EXPECT_EQ(kept_.ended.size(), 1U);
}

TEST_P(SignInsTest, WhereNobodySignsInThereAreNone) {
  sign_ins_ = nullptr;
  for (const char* path : {"sign-out", "sessions/s-1/end", "recovery"}) {
    EXPECT_EQ(post(of(path), "{}").status, 400) << path;
  }
  EXPECT_EQ(get(of("sessions")).status, 400);
  EXPECT_EQ(get("recoveries").status, 400);
}

TEST_P(SignInsTest, WhoAsksIsToldHowTheySignedIn) {
  EXPECT_EQ(get("whoami").at("signIn"), "");
  const administration::AskerSignIn sign_in{.level = 2,
                                            .methods = {"otp", "pwd"},
                                            .at_ms = now_,
                                            .client = "wardlock-cli",
                                            .until_ms = now_ + 1000};
  sign_in_ = &sign_in;
  const Answer me = get("whoami");
  EXPECT_EQ(me.at("signIn.level"), "2");
  EXPECT_EQ(me.at("signIn.client"), "wardlock-cli");
}

}  // namespace
}  // namespace wardlock::admin
