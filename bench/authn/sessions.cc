#include "authn/session/sessions.h"

#include <fmt/format.h>
#include <malloc.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authn/session/session_rows.h"
#include "base/check.h"
#include "bench/authn/parts.h"
#include "crypto/random.h"
#include "tables/tables.h"

namespace wardlock::authn {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::int64_t kNow = 1'800'000'000'000;
constexpr std::int64_t kHour = 3'600'000;
constexpr int kSessions = 1'000'000;
constexpr int kAtOnce = 50'000;
constexpr double kMostBytes = 1e9;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// Somebody at the bedside who has signed in with a password and a code; and the token.
SessionRecord record(std::string_view person, Secret* token) {
  IdBytes id = {};
  crypto::fill_random(id);
  SessionRecord made{
      .session = {.id = id_text(id),
                  .tenant = "main",
                  .person = std::string(person),
                  .assurance = assurance_of({Proof::kPassword, Proof::kOneTimeCode}, kNow),
                  .environment = "bedside",
                  .workstation = "device:0123456789012345678901",
                  .authenticators = {"01890000-0000-7000-8000-000000000001",
                                     "01890000-0000-7000-8000-000000000002"},
                  .started_ms = kNow,
                  .idle_until_ms = kNow + kHour,
                  .ends_ms = kNow + 12 * kHour},
      .rotated_ms = kNow};
  *token = new_session_token(id, &crypto::fill_random, made.hashes);
  return made;
}

/// Keeps the token of one in fifty.
Result<void> write_some(storage::Work& work, std::vector<Secret>& tokens) {
  for (int i = 0; i < kAtOnce; ++i) {
    IdBytes person = {};
    crypto::fill_random(person);
    Secret token("");
    SessionRecord made = record(id_text(person), &token);
    TRY_VOID(insert_session(work, made));
    if (i % 50 == 0) tokens.push_back(std::move(token));
  }
  return {};
}

}  // namespace

Result<bool> bench_sessions(const std::string& folder) {
  const auto store =
      TRY(storage::Store::open({.url = "sqlite:" + folder + "/a.db"}, tables::migrations()));
  std::vector<Secret> tokens;
  for (int done = 0; done < kSessions; done += kAtOnce) {
    TRY_VOID(store->write([&](storage::Work& work) { return write_some(work, tokens); }));
  }
  ::malloc_trim(0);
  const std::size_t before = ::mallinfo2().uordblks;
  const auto begin = Clock::now();
  const auto sessions = TRY(Sessions::start(*store, {}, {.fill_random = &crypto::fill_random}));
  const double reading = seconds_since(begin);
  const auto kept = static_cast<double>(::mallinfo2().uordblks - before);
  CHECK(sessions->size() == kSessions);
  const auto asking = Clock::now();
  for (const Secret& token : tokens) CHECK(sessions->find(token.reveal(), kNow + 1));
  const double finding = seconds_since(asking) / static_cast<double>(tokens.size());
  fmt::print(
      "sessions  {} live: read in {:.1f} s, {:.0f} MB kept (less than {:.0f}), one found by its "
      "token in {:.1f} us\n",
      kSessions, reading, kept / 1e6, kMostBytes / 1e6, finding * 1e6);
  return kept < kMostBytes;
}

}  // namespace wardlock::authn
