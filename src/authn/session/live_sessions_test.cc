#include "authn/session/live_sessions.h"

#include <gtest/gtest.h>
#include <malloc.h>

#include <iostream>
#include <string>

#include "authn/session/session_token.h"
#include "crypto/random.h"

namespace wardlock::authn {
namespace {

TEST(SessionTable, TakesLittleMemory) {
  const SessionSettings settings;
  LiveSessions live(settings);
  constexpr std::size_t kCount = 100'000;
  SessionRecord record{.session = {.id = {},
                                   .tenant = "st-mary",
                                   .person = {},
                                   .assurance = assurance_of({Proof::kPassword}, 1),
                                   .environment = "bedside",
                                   .workstation = "device:0123456789012345678901",
                                   .authenticators = {"01890000-0000-7000-8000-000000000001",
                                                      "01890000-0000-7000-8000-000000000002"},
                                   .started_ms = 1,
                                   .idle_until_ms = 1000,
                                   .ends_ms = 2000},
                       .hashes = {},
                       .rotated_ms = 1};
  const std::size_t before = mallinfo2().uordblks;
  for (std::size_t i = 0; i < kCount; ++i) {
    IdBytes id;
    crypto::fill_random(id);
    record.session.id = id_text(id);
    record.session.person = id_text(id);
    live.put(record);
  }
  const std::size_t each = (mallinfo2().uordblks - before) / kCount;
  EXPECT_EQ(live.size(), kCount);
  EXPECT_LT(each, 600U) << "a million are to take less than 1 GB";
  RecordProperty("bytes_each", static_cast<int>(each));
  std::cout << each << " bytes each\n";
}

TEST(SessionTable, BringsNothingBackThatHasEnded) {
  const SessionSettings settings;
  LiveSessions live(settings);
  SessionRecord record{.session = {.id = "01890000-0000-7000-8000-000000000001",
                                   .tenant = "st-mary",
                                   .person = "01890000-0000-7000-8000-000000000002",
                                   .environment = "office",
                                   .idle_until_ms = 1000,
                                   .ends_ms = 2000}};
  live.erase(*id_bytes(record.session.id));
  live.put(record);
  live.forget_ended();
  live.put(record);
  EXPECT_EQ(live.size(), 0U) << "who opened it was slower than who ended it";
  record.session.id = "01890000-0000-7000-8000-000000000003";
  live.put(record);
  record.ended_ms = 5;
  live.put(record);
  EXPECT_EQ(live.size(), 0U);
}

TEST(SessionTable, KnowsIdsFromOtherTexts) {
  const std::string id = "01890000-0000-7000-8000-00000000abcd";
  EXPECT_EQ(id_text(*id_bytes(id)), id);
  for (const char* other :
       {"", "x", "01890000-0000-7000-8000-00000000ABCD", "01890000-0000-7000-8000-00000000abc",
        "0189000000-00-7000-8000-00000000abcd", "01890000-0000-7000-8000-00000000abcg"}) {
    EXPECT_FALSE(id_bytes(other)) << other;
  }
}

}  // namespace
}  // namespace wardlock::authn
