#include "audit/keys/subject_keys.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <thread>

#include "audit/keys/key_cache.h"
#include "audit/keys/subject_keys_fixture.h"

namespace wardlock::audit {
namespace {

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
      SubjectKeys::open({.path = path_, .spares = 0, .busy_timeout = std::chrono::milliseconds(20)},
                        master_)
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

TEST_F(SubjectKeysTest, ALegalHoldKeepsAKey) {
  const auto keys = open();
  const SubjectKey key = one_key(*keys, patient_);
  ASSERT_TRUE(keys->hold(patient_, "case 7", 10));
  ASSERT_TRUE(keys->hold(patient_, "case 8", 11));
  ASSERT_TRUE(keys->hold(patient_, "case 7", 12)) << "there is one";
  const auto refused = keys->erase(patient_, 20);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kFailedPrecondition);
  EXPECT_TRUE(refused.error().message.contains("`case 7`")) << refused.error().message;
  EXPECT_EQ(answer(*keys, key.id), Answer::kFound);
  EXPECT_TRUE(keys->release(patient_, "case 7").value());
  EXPECT_FALSE(keys->release(patient_, "case 7").value());
  EXPECT_FALSE(open()->erase(patient_, 20)) << "the other is there, and kept";
  EXPECT_TRUE(keys->release(patient_, "case 8").value());
  EXPECT_TRUE(keys->erase(patient_, 20).value());
}

TEST_F(SubjectKeysTest, AHoldIsOneSubjects) {
  const auto keys = open();
  one_key(*keys, patient_);
  ASSERT_TRUE(keys->hold(other_, "case 7", 10));
  const auto holds = keys->holds(other_).value();
  ASSERT_EQ(holds.size(), 1U);
  EXPECT_EQ(holds[0].name, "case 7");
  EXPECT_EQ(holds[0].since, 10);
  EXPECT_TRUE(keys->holds(patient_).value().empty());
  EXPECT_FALSE(keys->release(patient_, "case 7").value());
  EXPECT_TRUE(keys->erase(patient_, 1).value());
  one_key(*keys, other_);
  EXPECT_FALSE(keys->erase(other_, 1)) << "held before it had a key";
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

TEST_F(SubjectKeysTest, AnErasureDuringAGlanceIsNoticedAfterIt) {
  const auto keys = open();
  const auto other = open();
  const KeyId id = one_key(*keys, patient_).id;
  EXPECT_EQ(answer(*keys, id), Answer::kFound);
  {
    const auto glance = SubjectKeys::Glance::begin(*keys);
    ASSERT_TRUE(glance);
    ASSERT_TRUE(other->erase(patient_, 1));
    EXPECT_TRUE(keys->find_subject(patient_)->has_value());
    EXPECT_EQ(one_key(*keys, other_).id, one_key(*other, other_).id) << "new ones are made";
  }
  EXPECT_EQ(answer(*keys, id), Answer::kErased);
  EXPECT_FALSE(keys->find_subject(patient_)->has_value());
  {
    const auto glance = SubjectKeys::Glance::begin(*keys);
    EXPECT_EQ(answer(*keys, id), Answer::kErased) << "what was before it is noticed";
  }
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

TEST_F(SubjectKeysTest, HeldKeysAreThoseOfSubjectsWithAHold) {
  const auto keys = open();
  EXPECT_TRUE(keys->held_keys()->empty());
  const KeyId held = one_key(*keys, patient_).id;
  one_key(*keys, other_);
  ASSERT_TRUE(keys->hold(patient_, "case 1", 1));
  ASSERT_TRUE(keys->hold(patient_, "case 2", 2));
  ASSERT_TRUE(keys->hold({"st-mary", "Patient", "p-300"}, "who has no key yet", 3));
  EXPECT_EQ(*keys->held_keys(), std::vector<KeyId>{held});
  ASSERT_TRUE(keys->release(patient_, "case 1"));
  EXPECT_EQ(*keys->held_keys(), std::vector<KeyId>{held});
  ASSERT_TRUE(keys->release(patient_, "case 2"));
  EXPECT_TRUE(keys->held_keys()->empty());
}

}  // namespace
}  // namespace wardlock::audit
