#include "authn/session/session_subjects.h"

#include <gtest/gtest.h>

#include "authn/session/tables_for_test.h"
#include "crypto/random.h"

namespace wardlock::authn {
namespace {

using storage::name_of;
using storage::tested_databases;

constexpr std::string_view kTenant = "st-mary";

class SessionSubjectsTest : public HospitalWith {
 protected:
  SessionSubjectsTest()
      : HospitalWith({kSessionTables}),
        sessions_(Sessions::start(*store_, SessionSettings{},
                                  {.fill_random = &crypto::fill_random, .ended = {}})
                      .value()) {}

  std::unique_ptr<Sessions> sessions_;
};
WARDLOCK_ON_EACH_DATABASE(SessionSubjectsTest);

TEST_P(SessionSubjectsTest, ASessionShowsItsPersonUntilItEnds) {
  const auto grey = person("grey");
  const auto opened =
      sessions_->open({.tenant = std::string(kTenant),
                       .person = grey.id,
                       .assurance = assurance_of({Proof::kPassword, Proof::kOneTimeCode}, now_),
                       .environment = "office"},
                      now_);
  ASSERT_TRUE(opened) << opened.error().message;
  const std::string token(opened->token.reveal());
  SessionSubjects subjects(*sessions_);
  const auto shown = subjects.find(kTenant, token, now_);
  ASSERT_TRUE(shown);
  EXPECT_EQ(shown->person, grey.id);
  EXPECT_EQ(shown->level, 2);
  EXPECT_EQ(shown->methods, opened->session.assurance.methods);
  EXPECT_FALSE(subjects.find("st-john", token, now_));
  EXPECT_FALSE(subjects.find(kTenant, token + "x", now_));
  EXPECT_FALSE(subjects.find(kTenant, "", now_));
  EXPECT_FALSE(subjects.find(kTenant, token, opened->session.ends_ms + 1));
  ASSERT_TRUE(*sessions_->end(kTenant, opened->session.id, EndReason::kSignedOut, now_));
  EXPECT_FALSE(subjects.find(kTenant, token, now_));
}

}  // namespace
}  // namespace wardlock::authn
