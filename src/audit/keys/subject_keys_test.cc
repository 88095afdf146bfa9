#include "audit/keys/subject_keys.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <random>
#include <thread>

#include "audit/keys/folder_for_test.h"
#include "audit/keys/key_cache.h"
#include "audit/keys/record_sealer.h"
#include "base/check.h"
#include "event/event_for_test.h"
#include "storage/sqlite.h"

namespace wardlock::audit {
namespace {

using crypto::SymmetricKey;
using event::KeyId;
using event::Subject;
using event::SubjectKey;
using Answer = event::KeyLookup::Answer;

SubjectKey one_key(SubjectKeys& keys, const Subject& subject) {
  std::vector<SubjectKey> found;
  const auto done = keys.find_or_create(std::span(&subject, 1), found);
  EXPECT_TRUE(done) << done.error().message;
  return done ? found.at(0) : SubjectKey();
}

Answer answer(SubjectKeys& keys, const KeyId& id) {
  SymmetricKey key;
  return keys.find(id, key).value();
}

class SubjectKeysTest : public testing::Test {
 protected:
  std::unique_ptr<SubjectKeys> open(std::size_t cached = 100) const {
    auto keys = SubjectKeys::open({.path = path_, .cached = cached}, master_);
    CHECK(keys.has_value());
    return std::move(*keys);
  }
  /// The wrapped keys in the file, by id.
  std::map<std::string, std::string> wrapped() const {
    auto database = storage::Database::open(path_, {.is_read_only = true}).value();
    auto rows = database.prepare("SELECT id, wrapped FROM keys").value();
    const auto text = [](std::span<const std::uint8_t> bytes) {
      return std::string(bytes.begin(), bytes.end());
    };
    std::map<std::string, std::string> out;
    while (rows.step().value()) out.emplace(text(rows.blob(0)), text(rows.blob(1)));
    return out;
  }

  FolderForTest folder_;
  std::string path_ = folder_.path("subjects.db");
  SymmetricKey master_ = SymmetricKey::random();
  const Subject patient_ = {"st-mary", "Patient", "p-100"};
  const Subject other_ = {"st-mary", "Patient", "p-200"};
};

TEST_F(SubjectKeysTest, ASubjectHasOneKey) {
  const auto keys = open();
  const SubjectKey key = one_key(*keys, patient_);
  EXPECT_EQ(one_key(*keys, patient_).id, key.id);
  EXPECT_EQ(one_key(*keys, patient_).key, key.key);
  EXPECT_EQ(keys->find_subject(patient_).value()->key, key.key);
}

TEST_F(SubjectKeysTest, NoTwoSubjectsShareOne) {
  const auto keys = open();
  const std::vector<Subject> subjects = {patient_,
                                         other_,
                                         {"st-mary", "User", "p-100"},
                                         {"st-john", "Patient", "p-100"},
                                         {"st-mary", "Patientp", "-100"},
                                         {"", "", ""},
                                         {"st-mary", "", ""},
                                         {"", "st-mary", ""},
                                         {"st-mary"}};
  std::vector<SubjectKey> found;
  ASSERT_TRUE(keys->find_or_create(subjects, found));
  ASSERT_EQ(found.size(), subjects.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const bool is_same = subjects[i] == subjects[j];
      EXPECT_EQ(found[i].id == found[j].id, is_same) << i << " " << j;
      EXPECT_EQ(found[i].key == found[j].key, is_same) << i << " " << j;
    }
  }
}

TEST_F(SubjectKeysTest, OneSubjectTwiceInABatchHasOneKey) {
  const auto keys = open();
  std::vector<SubjectKey> found;
  ASSERT_TRUE(keys->find_or_create(std::vector{patient_, other_, patient_}, found));
  EXPECT_EQ(found[0].key, found[2].key);
  EXPECT_NE(found[0].key, found[1].key);
}

TEST_F(SubjectKeysTest, StayWhenOpenedAgain) {
  SubjectKey key;
  {
    const auto keys = open();
    key = one_key(*keys, patient_);
  }
  const auto keys = open();
  EXPECT_EQ(one_key(*keys, patient_).key, key.key);
  SymmetricKey found;
  EXPECT_EQ(keys->find(key.id, found).value(), Answer::kFound);
  EXPECT_EQ(found, key.key);
}

TEST_F(SubjectKeysTest, LookingMakesNone) {
  const auto keys = open();
  EXPECT_EQ(keys->find_subject(patient_).value(), std::nullopt);
  EXPECT_EQ(answer(*keys, KeyId{1, 2, 3}), Answer::kMissing);
  EXPECT_TRUE(wrapped().empty());
}

TEST_F(SubjectKeysTest, AnotherMasterKeyIsRefused) {
  one_key(*open(), patient_);
  const auto keys = SubjectKeys::open({.path = path_}, SymmetricKey::random());
  ASSERT_FALSE(keys);
  EXPECT_EQ(keys.error().code, ErrorCode::kFailedPrecondition);
  EXPECT_TRUE(keys.error().message.contains("another master key")) << keys.error().message;
}

TEST_F(SubjectKeysTest, AnotherDatabaseIsRefused) {
  {
    auto database = storage::Database::open(path_).value();
    ASSERT_TRUE(database.run("CREATE TABLE about(format INTEGER, proof BLOB)"));
  }
  EXPECT_EQ(SubjectKeys::open({.path = path_}, master_).error().code, ErrorCode::kDataLoss);
}

TEST_F(SubjectKeysTest, ANewerFormatIsRefused) {
  one_key(*open(), patient_);
  {
    auto database = storage::Database::open(path_).value();
    ASSERT_TRUE(database.run("UPDATE about SET format = 2"));
  }
  EXPECT_EQ(SubjectKeys::open({.path = path_}, master_).error().code, ErrorCode::kUnimplemented);
}

TEST_F(SubjectKeysTest, AChangedKeyIsFound) {
  const SubjectKey key = one_key(*open(), patient_);
  {
    auto database = storage::Database::open(path_).value();
    ASSERT_TRUE(database.run("UPDATE keys SET wrapped = randomblob(length(wrapped))"));
  }
  const auto keys = open();
  SymmetricKey found;
  EXPECT_EQ(keys->find(key.id, found).error().code, ErrorCode::kDataLoss);
  EXPECT_EQ(keys->find_subject(patient_).error().code, ErrorCode::kDataLoss);
}

/// Who can write the file, but lacks the master key, cannot give one subject's key to another.
TEST_F(SubjectKeysTest, AKeyInAnothersRowIsFound) {
  const SubjectKey first = one_key(*open(), patient_);
  const SubjectKey second = one_key(*open(), other_);
  {
    auto database = storage::Database::open(path_).value();
    ASSERT_TRUE(
        database.run("UPDATE keys SET wrapped = (SELECT wrapped FROM keys WHERE number = 1)"));
  }
  const auto keys = open();
  SymmetricKey found;
  EXPECT_TRUE(keys->find(first.id, found));
  EXPECT_EQ(keys->find(second.id, found).error().code, ErrorCode::kDataLoss);
}

TEST_F(SubjectKeysTest, TheFileDoesNotSayWhose) {
  const auto keys = open();
  const SubjectKey key = one_key(*keys, {"tenant-of-test", "TypeOfTest", "id-of-test"});
  const std::string bytes = folder_.bytes();
  for (const std::string_view text : {"tenant-of-test", "TypeOfTest", "id-of-test"}) {
    EXPECT_FALSE(bytes.contains(text)) << text;
  }
  const std::string_view secret(reinterpret_cast<const char*>(key.key.bytes().data()), 32);
  EXPECT_FALSE(bytes.contains(secret));
  EXPECT_TRUE(bytes.contains(std::string_view(reinterpret_cast<const char*>(key.id.data()), 16)));
}

TEST_F(SubjectKeysTest, AnErasedKeyIsGone) {
  const auto keys = open();
  const SubjectKey key = one_key(*keys, patient_), other = one_key(*keys, other_);
  EXPECT_EQ(answer(*keys, key.id), Answer::kFound);
  const auto erasure = keys->erase(patient_, 1234).value();
  ASSERT_TRUE(erasure);
  EXPECT_EQ(erasure->key_id, key.id);
  EXPECT_EQ(erasure->time, 1234);
  EXPECT_EQ(answer(*keys, key.id), Answer::kErased);
  EXPECT_EQ(keys->find_subject(patient_).value(), std::nullopt);
  EXPECT_EQ(answer(*keys, other.id), Answer::kFound);
  EXPECT_EQ(keys->erase(patient_, 1300).value(), std::nullopt) << "it has none any more";
  EXPECT_EQ(answer(*open(), key.id), Answer::kErased);
}

TEST_F(SubjectKeysTest, WhoComesBackGetsANewKey) {
  const auto keys = open();
  const SubjectKey first = one_key(*keys, patient_);
  ASSERT_TRUE(keys->erase(patient_, 1).value());
  const SubjectKey second = one_key(*keys, patient_);
  EXPECT_NE(second.id, first.id);
  EXPECT_NE(second.key, first.key);
  EXPECT_EQ(answer(*keys, first.id), Answer::kErased);
  ASSERT_TRUE(keys->erase(patient_, 2).value());
  const auto erasures = keys->erasures(patient_).value();
  ASSERT_EQ(erasures.size(), 2U);
  EXPECT_EQ(erasures[0].key_id, first.id);
  EXPECT_EQ(erasures[1].key_id, second.id);
  EXPECT_EQ(erasures[1].time, 2);
  EXPECT_TRUE(keys->erasures(other_).value().empty());
}

/// With so many that pages are split, in no order.
TEST_F(SubjectKeysTest, ErasedKeysAreNowhereInTheFiles) {
  constexpr int kSubjects = 2000, kBatch = 50;
  const auto keys = open();
  std::vector<std::string> ids;
  for (int i = 0; i < kSubjects; ++i) ids.push_back("p-" + std::to_string(i));
  std::vector<SubjectKey> made;
  for (int i = 0; i < kSubjects; i += kBatch) {
    std::vector<Subject> subjects;
    for (int j = i; j < i + kBatch; ++j) subjects.push_back({"t", "Patient", ids[j]});
    std::vector<SubjectKey> some;
    ASSERT_TRUE(keys->find_or_create(subjects, some));
    made.insert(made.end(), some.begin(), some.end());
  }
  const auto before = wrapped();
  ASSERT_EQ(before.size(), kSubjects);
  std::mt19937 random(1);  // NOLINT(cert-msc51-cpp): the same each time
  std::vector<int> order(kSubjects);
  std::iota(order.begin(), order.end(), 0);
  std::ranges::shuffle(order, random);
  order.resize(60);
  for (const int i : order) ASSERT_TRUE(keys->erase({"t", "Patient", ids[i]}, 1).value());

  const std::string bytes = folder_.bytes();
  const auto is_left = [&](int i) {
    const std::string id(made[i].id.begin(), made[i].id.end());
    // Any half of it would be half a key.
    const std::string_view all = before.at(id);
    return bytes.contains(all.substr(0, all.size() / 2)) ||
           bytes.contains(all.substr(all.size() / 2));
  };
  for (const int i : order) EXPECT_FALSE(is_left(i)) << i;
  const int kept =
      static_cast<int>(std::ranges::find_if(order, [](int i) { return i > 0; }) - order.begin());
  ASSERT_LT(kept, kSubjects);
  int left = 0;
  for (int i = 0; i < kSubjects; ++i) {
    if (std::ranges::find(order, i) == order.end()) left += is_left(i) ? 1 : 0;
  }
  EXPECT_EQ(left, kSubjects - 60) << "the others are there, so they can be found this way";
}

TEST_F(SubjectKeysTest, AnErasureUnderAReaderCanBeAskedForAgain) {
  const auto keys =
      SubjectKeys::open({.path = path_, .busy_timeout = std::chrono::milliseconds(20)}, master_)
          .value();
  one_key(*keys, patient_);
  const auto all = wrapped();
  auto reader = storage::Database::open(path_).value();
  ASSERT_TRUE(reader.run("BEGIN"));
  auto select = reader.prepare("SELECT * FROM keys").value();
  ASSERT_TRUE(select.step().value());
  const auto erased = keys->erase(patient_, 1);
  ASSERT_FALSE(erased);
  EXPECT_EQ(erased.error().code, ErrorCode::kUnavailable);
  select.reset();
  ASSERT_TRUE(reader.run("COMMIT"));
  EXPECT_TRUE(keys->erase(patient_, 2));
  EXPECT_FALSE(folder_.bytes().contains(all.begin()->second));
  EXPECT_EQ(keys->erasures(patient_).value().size(), 1U);
}

TEST_F(SubjectKeysTest, AnErasureByAnotherProcessIsNoticed) {
  const auto mine = open(), theirs = open();
  const SubjectKey key = one_key(*mine, patient_);
  EXPECT_EQ(answer(*mine, key.id), Answer::kFound);
  ASSERT_TRUE(theirs->erase(patient_, 1).value());
  EXPECT_EQ(answer(*mine, key.id), Answer::kErased);
  EXPECT_EQ(mine->find_subject(patient_).value(), std::nullopt);
  EXPECT_NE(one_key(*mine, patient_).id, key.id);
}

TEST_F(SubjectKeysTest, AReaderReadsAndMakesNone) {
  const auto writer = open();
  const SubjectKey key = one_key(*writer, patient_);
  const auto reader = SubjectKeys::open({.path = path_, .is_read_only = true}, master_).value();
  EXPECT_EQ(answer(*reader, key.id), Answer::kFound);
  EXPECT_EQ(reader->find_subject(patient_).value()->key, key.key);
  std::vector<SubjectKey> found;
  EXPECT_FALSE(reader->find_or_create(std::span(&other_, 1), found));
  EXPECT_FALSE(reader->erase(patient_, 1));
  EXPECT_EQ(answer(*writer, key.id), Answer::kFound);
}

TEST_F(SubjectKeysTest, ReadingMakesNoFile) {
  EXPECT_FALSE(SubjectKeys::open({.path = path_, .is_read_only = true}, master_));
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(SubjectKeysTest, MoreThanAreCachedStillHaveTheirKeys) {
  const auto keys = open(3);
  std::vector<SubjectKey> made;
  std::vector<std::string> ids;
  for (int i = 0; i < 10; ++i) ids.push_back("p-" + std::to_string(i));
  for (const std::string& id : ids) made.push_back(one_key(*keys, {"t", "Patient", id}));
  for (std::size_t i = 0; i < ids.size(); ++i) {
    EXPECT_EQ(one_key(*keys, {"t", "Patient", ids[i]}).key, made[i].key);
    EXPECT_EQ(answer(*keys, made[i].id), Answer::kFound);
  }
}

TEST_F(SubjectKeysTest, ThreadsGetTheSameKeys) {
  const auto keys = open(3);
  std::vector<std::vector<SubjectKey>> found(4);
  {
    std::vector<std::jthread> threads;
    for (auto& mine : found) {
      threads.emplace_back([&] {
        for (int i = 0; i < 20; ++i) {
          const std::string id = "p-" + std::to_string(i);
          mine.push_back(one_key(*keys, {"t", "Patient", id}));
        }
      });
    }
  }
  for (const auto& mine : found) {
    for (std::size_t i = 0; i < mine.size(); ++i) EXPECT_EQ(mine[i].key, found[0][i].key);
  }
}

TEST(KeyCache, KeepsTheLastUsed) {
  KeyCache cache(2);
  const RandomName a = {1}, b = {2}, c = {3};
  cache.put(a, {.id = a});
  cache.put(b, {.id = b});
  EXPECT_NE(cache.find(a), nullptr);
  cache.put(c, {.id = c});
  EXPECT_EQ(cache.find(b), nullptr);
  EXPECT_EQ(cache.find(a)->id, a);
  EXPECT_EQ(cache.find(c)->id, c);
  cache.put(a, {.id = b});
  EXPECT_EQ(cache.find(a)->id, b);
  EXPECT_EQ(cache.size(), 2U);
  cache.remove(a);
  cache.remove(b);
  EXPECT_EQ(cache.find(a), nullptr);
  cache.clear();
  EXPECT_EQ(cache.size(), 0U);
}

TEST(IndexTerm, TellsKeysRolesAndValuesApart) {
  const SymmetricKey key = SymmetricKey::random();
  EXPECT_EQ(index_term(key, "patient"), index_term(key, "patient"));
  EXPECT_NE(index_term(key, "patient"), index_term(SymmetricKey::random(), "patient"));
  EXPECT_NE(index_term(key, "patient"), index_term(key, "principal"));
  EXPECT_NE(index_term(key, "device", "d-1"), index_term(key, "device", "d-2"));
}

// A process that is killed at any moment.

struct Step {
  char what;  ///< 'm' made, 'e' erased
  std::int32_t subject;
  KeyId id;
};

std::string id_of(std::int32_t number) { return "p-" + std::to_string(number); }

/// Makes keys and erases some, and says each that was done, until it is killed.
[[noreturn]] void make_and_erase(const std::string& path, const SymmetricKey& master, int out,
                                 std::int32_t number) {
  const auto keys = SubjectKeys::open({.path = path}, master);
  if (!keys) _exit(1);
  for (;; number += 3) {
    const std::string ids[] = {id_of(number), id_of(number + 1), id_of(number + 2)};
    std::vector<Subject> subjects;
    for (const std::string& id : ids) subjects.push_back({"t", "Patient", id});
    std::vector<SubjectKey> made;
    if (!(*keys)->find_or_create(subjects, made)) _exit(2);
    for (std::int32_t i = 0; i < 3; ++i) {
      const Step step{'m', number + i, made[static_cast<std::size_t>(i)].id};
      if (write(out, &step, sizeof step) != sizeof step) _exit(3);
    }
    const auto erased = (*keys)->erase(subjects[1], 1);
    if (!erased || !*erased) _exit(4);
    const Step step{'e', number + 1, (*erased)->key_id};
    if (write(out, &step, sizeof step) != sizeof step) _exit(3);
  }
}

TEST_F(SubjectKeysTest, AKillLosesNothingThatWasSaid) {
  std::map<std::int32_t, Step> said;
  std::mt19937 random(std::random_device{}());
  for (int round = 0; round < 15; ++round) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const std::int32_t first = round * 99'999;
    const pid_t child = fork();
    if (child == 0) {
      close(ends[0]);
      make_and_erase(path_, master_, ends[1], first);
    }
    close(ends[1]);
    Step step;
    // At the first sign of life, and then after a moment of any length.
    ASSERT_EQ(read(ends[0], &step, sizeof step), static_cast<ssize_t>(sizeof step));
    said[step.subject] = step;
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 100'000));
    kill(child, SIGKILL);
    while (read(ends[0], &step, sizeof step) == sizeof step) said[step.subject] = step;
    close(ends[0]);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "it ended by itself: " << WEXITSTATUS(status);

    const auto keys = open();
    const auto at_rest = wrapped();
    for (const auto& [number, last] : said) {
      const std::string id = id_of(number);
      const auto key = keys->find_subject({"t", "Patient", id}).value();
      if (last.what == 'e') {
        EXPECT_EQ(answer(*keys, last.id), Answer::kErased);
        EXPECT_EQ(key, std::nullopt);
        EXPECT_EQ(at_rest.at(std::string(last.id.begin(), last.id.end())), std::string(104, '\0'));
      } else if (number % 3 != 1) {  // those were about to be erased
        ASSERT_TRUE(key) << number;
        EXPECT_EQ(key->id, last.id);
      }
    }
    auto database = storage::Database::open(path_, {.is_read_only = true}).value();
    auto check = database.prepare("PRAGMA integrity_check").value();
    ASSERT_TRUE(check.step().value());
    EXPECT_EQ(check.text(0), "ok");
  }
  EXPECT_GT(said.size(), 45U);
}

// Sealing batches.

class RecordSealerTest : public SubjectKeysTest {
 protected:
  static std::string draft_of(const event::Event& event) {
    std::string out;
    EXPECT_TRUE(event::write_draft(event, out));
    return out;
  }
  static std::string opened(std::string_view record, SubjectKeys& keys) {
    Arena arena;
    const auto event = event::open_record(record, keys, arena);
    return event ? event::json_for_test(*event) : "error: " + event.error().message;
  }

  std::vector<std::string> records_;
  RecordSealer::Add add_ = [this](std::string_view record) -> Result<void> {
    records_.emplace_back(record);
    return {};
  };
};

TEST_F(RecordSealerTest, SealsABatchInOrder) {
  const auto keys = open();
  RecordSealer sealer(*keys);
  const event::Event one = event::full_event_for_test(), two = event::decision_for_test();
  const event::Event three = {.id = "e", .kind = event::Kind::kServiceStart};
  const std::string drafts[] = {draft_of(one), draft_of(three), draft_of(two)};
  ASSERT_TRUE(sealer.seal(std::vector<std::string_view>(drafts, drafts + 3), add_));
  ASSERT_EQ(records_.size(), 3U);
  EXPECT_EQ(opened(records_[0], *keys), event::json_for_test(one));
  EXPECT_EQ(opened(records_[1], *keys), event::json_for_test(three));
  EXPECT_EQ(opened(records_[2], *keys), event::json_for_test(two));
  ASSERT_TRUE(sealer.seal({}, add_));
  EXPECT_EQ(records_.size(), 3U);
}

TEST_F(RecordSealerTest, AfterAnErasureTheRestIsReadable) {
  const auto keys = open();
  RecordSealer sealer(*keys);
  const std::string draft = draft_of(event::decision_for_test());
  ASSERT_TRUE(sealer.seal(std::vector<std::string_view>{draft}, add_));
  ASSERT_TRUE(keys->erase(patient_, 1).value());
  EXPECT_TRUE(opened(records_[0], *keys).contains(R"("erased":["patient"])"));
  EXPECT_TRUE(opened(records_[0], *keys).contains("dr-grey"));
  EXPECT_FALSE(opened(records_[0], *keys).contains("p-100"));
}

TEST_F(RecordSealerTest, AFailureOfWhoTakesThemEndsIt) {
  const auto keys = open();
  RecordSealer sealer(*keys);
  const std::string draft = draft_of(event::decision_for_test());
  int taken = 0;
  const auto sealed = sealer.seal(std::vector<std::string_view>{draft, draft},
                                  [&](std::string_view) -> Result<void> {
                                    ++taken;
                                    return fail(ErrorCode::kResourceExhausted, "no more");
                                  });
  ASSERT_FALSE(sealed);
  EXPECT_EQ(sealed.error().message, "no more");
  EXPECT_EQ(taken, 1);
}

TEST_F(RecordSealerTest, WithoutNewKeysTheTenantsIsTaken) {
  const auto writer = open();
  const auto reader = SubjectKeys::open({.path = path_, .is_read_only = true}, master_).value();
  RecordSealer sealer(*reader);
  const std::string draft = draft_of(event::decision_for_test());
  const std::vector<std::string_view> drafts = {draft};
  EXPECT_FALSE(sealer.seal(drafts, add_)) << "a store that cannot be written";
  const auto refused = sealer.seal_without_new_keys(drafts, add_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_TRUE(records_.empty());

  const SubjectKey tenant = one_key(*writer, {.tenant = "st-mary"});
  const SubjectKey person = one_key(*writer, {"st-mary", "User", "dr-grey"});
  ASSERT_TRUE(sealer.seal_without_new_keys(drafts, add_));
  const auto view = event::parse_record(records_.at(0)).value();
  EXPECT_EQ(view.parts()[0].key_id, person.id);
  EXPECT_EQ(view.parts()[1].key_id, tenant.id);
  EXPECT_EQ(opened(records_[0], *reader), event::json_for_test(event::decision_for_test()));
}

}  // namespace
}  // namespace wardlock::audit
