#include "audit/log/key_change.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "audit/files/faulty_files_for_test.h"
#include "audit/log/log_key.h"
#include "merkle/note.h"

namespace wardlock::audit {
namespace {

constexpr const char* kName = "log.example/audit";

merkle::SignerKey key(std::uint8_t seed, const char* name = kName) {
  std::array<std::uint8_t, 32> bytes{};
  bytes.fill(seed);
  return merkle::SignerKey::from_seed(name, merkle::SignatureType::kEd25519, bytes).value();
}

std::string change(std::uint8_t before, std::uint8_t after) {
  return make_key_change(key(before), key(after)).value().note;
}

ErrorCode code(const auto& result) { return result ? ErrorCode::kUnknown : result.error().code; }

TEST(KeyChangeTest, IsReadAsItWasMade) {
  const auto made = make_key_change(key(1), key(2));
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->before, key(1).verifier());
  EXPECT_EQ(made->after, key(2).verifier());
  EXPECT_EQ(read_key_change(made->note), *made);
  EXPECT_EQ(change(1, 2), made->note) << "the same again";
}

TEST(KeyChangeTest, BothKeysMustHaveSigned) {
  merkle::UnverifiedNote note = merkle::parse_note(change(1, 2)).value();
  const auto with = [&](std::vector<merkle::NoteSignature> signatures) {
    note.signatures = std::move(signatures);
    return read_key_change(merkle::format_note(note).value());
  };
  const auto before = key(1).sign(note.text, 0), after = key(2).sign(note.text, 0);
  EXPECT_TRUE(with({before, after}));
  EXPECT_TRUE(with({after, key(3).sign(note.text, 0), before}));
  EXPECT_EQ(code(with({before})), ErrorCode::kUnauthenticated);
  EXPECT_EQ(code(with({after})), ErrorCode::kUnauthenticated);
  EXPECT_EQ(code(with({key(3).sign(note.text, 0), after})), ErrorCode::kUnauthenticated);
  EXPECT_EQ(code(with({before, before})), ErrorCode::kUnauthenticated);
  EXPECT_EQ(code(with({key(1).sign(note.text + "x\n", 0), after})), ErrorCode::kUnauthenticated);
}

TEST(KeyChangeTest, NothingElseIsOne) {
  EXPECT_EQ(code(make_key_change(key(1), key(1))), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code(make_key_change(key(1), key(2, "log.example/other"))),
            ErrorCode::kInvalidArgument);
  const std::string text = merkle::parse_note(change(1, 2))->text;
  for (const std::string& other :
       {"x" + text, text + "more\n", text.substr(text.find('\n') + 1), std::string("\n"),
        "wardlock audit log key change 1\n" + key(1).verifier().text() + "\n",
        std::string("wardlock audit log key change 1\nx\ny\n")}) {
    const merkle::UnverifiedNote note{.text = other,
                                      .signatures = {key(1).sign(other, 0), key(2).sign(other, 0)}};
    const auto bytes = merkle::format_note(note);
    ASSERT_TRUE(bytes) << other;
    EXPECT_EQ(code(read_key_change(*bytes)), ErrorCode::kInvalidArgument) << other;
  }
  EXPECT_FALSE(read_key_change(""));
  const std::string whole = change(1, 2);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string changed = whole;
    changed[at] ^= 1;
    EXPECT_FALSE(read_key_change(changed)) << at;
  }
}

TEST(KeyChangeTest, SeveralGoOnFromEachOther) {
  const auto changes = read_key_changes(change(1, 2) + change(2, 3) + change(3, 4));
  ASSERT_TRUE(changes) << changes.error().message;
  EXPECT_EQ(changes->size(), 3U);
  EXPECT_EQ(changes->back().after, key(4).verifier());
  EXPECT_TRUE(read_key_changes("")->empty());
  EXPECT_FALSE(read_key_changes(change(1, 2) + change(3, 4)));
  EXPECT_FALSE(read_key_changes(change(2, 3) + change(1, 2)));
  EXPECT_FALSE(read_key_changes(change(1, 2) + "x"));
  EXPECT_FALSE(read_key_changes("x" + change(1, 2)));
}

/// The keys of a log in their folder.
class LogKeysTest : public testing::Test {
 protected:
  LogKeysTest() { EXPECT_TRUE(files_.make_folder("/keys")); }

  LogKeys load() {
    auto keys = load_or_create_log_keys(files_, "/keys", kName);
    EXPECT_TRUE(keys) << keys.error().message;
    return *std::move(keys);
  }
  Result<void> exchange() {
    TRY_VOID(draw_next_log_key(files_, "/keys", kName));
    const LogKeys keys = TRY(load_or_create_log_keys(files_, "/keys", kName));
    return end_key_change(files_, "/keys", keys, TRY(make_key_change(keys.current, *keys.next)));
  }

  FaultyFiles files_{1};
};

TEST_F(LogKeysTest, TheNextOneFollows) {
  const LogKeys first = load();
  EXPECT_TRUE(first.changes.empty() && !first.next);
  EXPECT_EQ(load().current.verifier(), first.current.verifier());
  ASSERT_TRUE(draw_next_log_key(files_, "/keys", kName));
  const auto next = load().next;
  ASSERT_TRUE(next);
  ASSERT_TRUE(draw_next_log_key(files_, "/keys", kName)) << "one that was begun goes on";
  EXPECT_EQ(load().next->verifier(), next->verifier());
  ASSERT_TRUE(exchange());
  const LogKeys second = load();
  EXPECT_EQ(second.current.verifier(), next->verifier());
  EXPECT_FALSE(second.next);
  EXPECT_EQ(second.former(), std::vector{first.current.verifier()});
  ASSERT_TRUE(exchange());
  EXPECT_EQ(load().former(), (std::vector{first.current.verifier(), next->verifier()}));
}

TEST_F(LogKeysTest, APowerCutLeavesOneOrTheOther) {
  for (std::uint64_t at = 1;; ++at) {
    FaultyFiles files(at);
    ASSERT_TRUE(files.make_folder("/keys"));
    ASSERT_TRUE(files.sync_folder("/"));
    const auto first = load_or_create_log_keys(files, "/keys", kName);
    ASSERT_TRUE(draw_next_log_key(files, "/keys", kName));
    const LogKeys begun = load_or_create_log_keys(files, "/keys", kName).value();
    const KeyChange change = make_key_change(begun.current, *begun.next).value();
    files.lose_power_at(at);
    const bool is_done = end_key_change(files, "/keys", begun, change).has_value();
    files.restart();
    const auto after = load_or_create_log_keys(files, "/keys", kName);
    ASSERT_TRUE(after) << after.error().message;
    if (after->next) {
      EXPECT_FALSE(is_done);
      EXPECT_EQ(after->current.verifier(), first->current.verifier());
      EXPECT_EQ(after->next->verifier(), begun.next->verifier());
      EXPECT_TRUE(after->changes.empty());
      EXPECT_TRUE(end_key_change(files, "/keys", *after, change));
    } else {
      EXPECT_EQ(after->current.verifier(), begun.next->verifier());
      EXPECT_EQ(after->changes, std::vector{change});
    }
    if (is_done) break;
    ASSERT_LT(at, 100U);
  }
}

TEST_F(LogKeysTest, OthersThanThoseThatWereKeptAreRefused) {
  load();
  ASSERT_TRUE(exchange());
  const std::string changes = *files_.content("/keys/log.key-changes");
  *files_.content("/keys/log.key-changes") = change(1, 2);
  EXPECT_FALSE(load_or_create_log_keys(files_, "/keys", kName));
  *files_.content("/keys/log.key-changes") = changes.substr(1);
  EXPECT_FALSE(load_or_create_log_keys(files_, "/keys", kName));
  *files_.content("/keys/log.key-changes") = changes;
  *files_.content("/keys/log.key") = key(7).secret_text();
  EXPECT_FALSE(load_or_create_log_keys(files_, "/keys", kName));
}

}  // namespace
}  // namespace wardlock::audit
