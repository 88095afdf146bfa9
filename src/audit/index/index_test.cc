#include "audit/index/index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "audit/index/shard.h"
#include "audit/keys/folder_for_test.h"
#include "audit/keys/record_sealer.h"
#include "base/check.h"
#include "event/event_for_test.h"

namespace wardlock::audit {
namespace {

using event::Event;
using event::Kind;
using event::Outcome;
using Sequences = std::vector<std::uint64_t>;

class IndexTest : public testing::Test {
 protected:
  IndexTest() : index_(open()), keys_(open_keys()) {}

  Index open(std::string origin = "log of test") const {
    auto index = Index::open({.path = path_, .origin = std::move(origin)});
    CHECK(index.has_value());
    return std::move(*index);
  }
  std::unique_ptr<SubjectKeys> open_keys() const {
    auto keys = SubjectKeys::open(
        {.path = keys_folder_.path("subjects.db"), .busy_timeout = std::chrono::milliseconds(20)},
        master_);
    CHECK(keys.has_value());
    return std::move(*keys);
  }

  /// Seals and adds; returns the number of the first.
  std::uint64_t add(const std::vector<Event>& events) {
    std::vector<std::string> drafts(events.size());
    for (std::size_t i = 0; i < events.size(); ++i) CHECK(write_draft(events[i], drafts[i]));
    const std::size_t before = records_.size();
    const auto keep = [&](std::string_view record) -> Result<void> {
      records_.emplace_back(record);
      return {};
    };
    RecordSealer sealer(*keys_);
    CHECK(sealer.seal(std::vector<std::string_view>(drafts.begin(), drafts.end()), keep));
    add_from(index_, before);
    return before;
  }
  void add_from(Index& index, std::size_t first) {
    const std::vector<std::string_view> views(records_.begin() + static_cast<std::ptrdiff_t>(first),
                                              records_.end());
    const auto added = add_records(index, *keys_, first, views);
    EXPECT_TRUE(added) << added.error().message;
  }

  Sequences find(const Query& query) {
    auto page = index_.find(query, *keys_);
    EXPECT_TRUE(page) << page.error().message;
    return page ? page->sequences : Sequences();
  }

  FolderForTest folder_, keys_folder_;
  std::string path_ = folder_.path("index.db");
  crypto::SymmetricKey master_ = crypto::SymmetricKey::random();
  Index index_;
  std::unique_ptr<SubjectKeys> keys_;
  std::vector<std::string> records_;
};

/// Numbered so that each differs.
Event event_of(int number, std::string_view patient = "p-1", Kind kind = Kind::kDecision) {
  Event event = event::decision_for_test();
  event.time = 1000 + number;
  event.patient = patient;
  event.kind = kind;
  return event;
}

TEST_F(IndexTest, FindsByEachThing) {
  Event two = event_of(2);
  two.principal_id = "nurse";
  two.outcome = Outcome::kFailure;
  Event three = event_of(3);
  three.device = "pump-99";
  three.caller = "other-gateway";
  three.decision_id = "d-3";
  Event four = event_of(4, "", Kind::kRoleChange);
  four.affected_type = "User";
  four.affected_id = "student";
  add({event_of(0), event_of(1, "p-2"), two, three, four});

  const std::string tenant = "st-mary";
  EXPECT_EQ(find({.tenant = tenant}), (Sequences{4, 3, 2, 1, 0}));
  EXPECT_EQ(find({.tenant = tenant, .patient = "p-1"}), (Sequences{3, 2, 0}));
  EXPECT_EQ(find({.tenant = tenant, .patient = "p-2"}), (Sequences{1}));
  EXPECT_EQ(find({.tenant = tenant, .principal = NamedSubject{"User", "nurse"}}), (Sequences{2}));
  EXPECT_EQ(find({.tenant = tenant, .affected = NamedSubject{"User", "student"}}), (Sequences{4}));
  EXPECT_EQ(find({.tenant = tenant, .device = "pump-99"}), (Sequences{3}));
  EXPECT_EQ(find({.tenant = tenant, .caller = "other-gateway"}), (Sequences{3}));
  EXPECT_EQ(find({.tenant = tenant, .decision_id = "d-3"}), (Sequences{3}));
  EXPECT_EQ(find({.tenant = tenant, .kinds = {Kind::kRoleChange}}), (Sequences{4}));
  EXPECT_EQ(find({.tenant = tenant, .outcome = Outcome::kFailure}), (Sequences{2}));
  EXPECT_EQ(find({.tenant = tenant, .from = 1001, .until = 1003}), (Sequences{2, 1}));
  EXPECT_EQ(find({.tenant = tenant, .patient = "p-1", .device = "pump-12"}), (Sequences{2, 0}));
  EXPECT_EQ(find({.tenant = std::nullopt, .until = 1002}), (Sequences{1, 0}));
}

TEST_F(IndexTest, FindsNothingElse) {
  add({event_of(0), event_of(1)});
  const std::string tenant = "st-mary";
  EXPECT_EQ(find({.tenant = tenant, .patient = "p-3"}), Sequences());
  EXPECT_EQ(find({.tenant = tenant, .patient = "dr-grey"}), Sequences());
  EXPECT_EQ(find({.tenant = tenant, .principal = NamedSubject{"Patient", "dr-grey"}}), Sequences());
  EXPECT_EQ(find({.tenant = tenant, .affected = NamedSubject{"User", "dr-grey"}}), Sequences());
  EXPECT_EQ(find({.tenant = tenant, .device = "infusion-gateway"}), Sequences());
  EXPECT_EQ(find({.tenant = tenant, .patient = "p-1", .kinds = {Kind::kLogin}}), Sequences());
  EXPECT_EQ(find({.tenant = tenant, .kinds = {Kind::kLogin}}), Sequences());
  EXPECT_EQ(find({.tenant = tenant, .from = 1002}), Sequences());
  EXPECT_EQ(find({.tenant = tenant, .until = 1000}), Sequences());
  EXPECT_EQ(find({.tenant = tenant, .from = 1001, .until = 1001}), Sequences());
  EXPECT_EQ(find({.tenant = tenant, .limit = 0}), Sequences());
  EXPECT_EQ(find({.tenant = "st-john"}), Sequences());
  EXPECT_EQ(find({.tenant = ""}), Sequences());
}

TEST_F(IndexTest, TenantsAreApart) {
  Event other = event_of(1);
  other.tenant = "st-john";
  add({event_of(0), other});
  for (const auto& [tenant, record] : {std::pair("st-mary", 0U), std::pair("st-john", 1U)}) {
    EXPECT_EQ(find({.tenant = tenant}), (Sequences{record}));
    EXPECT_EQ(find({.tenant = tenant, .patient = "p-1"}), (Sequences{record}));
    EXPECT_EQ(find({.tenant = tenant, .device = "pump-12"}), (Sequences{record}));
    EXPECT_EQ(find({.tenant = tenant, .kinds = {Kind::kDecision}}), (Sequences{record}));
  }
  const auto nobodys = index_.find({.tenant = std::nullopt, .device = "pump-12"}, *keys_);
  ASSERT_FALSE(nobodys);
  EXPECT_EQ(nobodys.error().code, ErrorCode::kInvalidArgument);
}

TEST_F(IndexTest, AfterAnErasureNothingIsFoundByTheName) {
  add({event_of(0), event_of(1, "p-2"), event_of(2)});
  ASSERT_TRUE(keys_->erase({"st-mary", "Patient", "p-1"}, 1).value());
  EXPECT_EQ(find({.tenant = "st-mary", .patient = "p-1"}), Sequences());
  EXPECT_EQ(find({.tenant = "st-mary", .patient = "p-2"}), (Sequences{1}));
  EXPECT_EQ(find({.tenant = "st-mary", .device = "pump-12"}), (Sequences{2, 1, 0}));
  // Who comes back has a new key, by which the old records are not found either.
  add({event_of(3)});
  EXPECT_EQ(find({.tenant = "st-mary", .patient = "p-1"}), (Sequences{3}));
}

TEST_F(IndexTest, TheFileHoldsNoNames) {
  add({event::full_event_for_test()});
  EXPECT_EQ(find({.tenant = "st-mary", .patient = "p-100"}), (Sequences{0}));
  const std::string bytes = folder_.bytes();
  for (const std::string_view name :
       {"p-100", "dr-grey", "n-jones", "192.0.2", "session-9", "ward-7", "collapsed", "student",
        "pump-12", "infusion-gateway", "st-mary", "0e2b6f0e"}) {
    EXPECT_FALSE(bytes.contains(name)) << name;
  }
  EXPECT_TRUE(bytes.contains("log of test")) << "else the search proves nothing";
}

TEST_F(IndexTest, PagesFollowEachOtherBothWays) {
  std::vector<Event> events;
  for (int i = 0; i < 25; ++i) events.push_back(event_of(i, i % 2 == 0 ? "p-1" : "p-2"));
  add(events);
  for (const bool is_newest_first : {true, false}) {
    Query query{
        .tenant = "st-mary", .patient = "p-1", .is_newest_first = is_newest_first, .limit = 5};
    Sequences all;
    for (int pages = 1;; ++pages) {
      const Page page = index_.find(query, *keys_).value();
      all.insert(all.end(), page.sequences.begin(), page.sequences.end());
      EXPECT_EQ(page.has_more, pages < 3);
      if (!page.has_more) break;
      query.after = page.last();
    }
    Sequences wanted;
    for (std::uint64_t i = 0; i < 25; i += 2) wanted.push_back(i);
    if (is_newest_first) std::ranges::reverse(wanted);
    EXPECT_EQ(all, wanted);
  }
}

TEST_F(IndexTest, APageThatIsJustFullIsTheLast) {
  add({event_of(0), event_of(1)});
  const Page page = index_.find({.tenant = "st-mary", .limit = 2}, *keys_).value();
  EXPECT_EQ(page.sequences.size(), 2U);
  EXPECT_FALSE(page.has_more);
}

TEST_F(IndexTest, APageBeyondTheEndIsEmpty) {
  add({event_of(0)});
  const std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  EXPECT_EQ(find({.tenant = "st-mary", .after = 0}), Sequences());
  EXPECT_EQ(find({.tenant = "st-mary", .is_newest_first = false, .after = 0}), Sequences());
  EXPECT_EQ(find({.tenant = "st-mary", .is_newest_first = false, .after = most}), Sequences());
  EXPECT_EQ(find({.tenant = "st-mary", .after = most, .limit = most}), (Sequences{0}));
}

TEST_F(IndexTest, KnowsHowFarItCame) {
  EXPECT_EQ(index_.next().value(), 0U);
  add({event_of(0), event_of(1)});
  EXPECT_EQ(index_.next().value(), 2U);
  EXPECT_EQ(open().next().value(), 2U);
  const IndexEntry entry;
  for (const std::uint64_t wrong : {0U, 1U, 3U}) {
    const auto added = index_.add(wrong, std::vector{std::optional(entry)});
    ASSERT_FALSE(added) << wrong;
    EXPECT_EQ(added.error().code, ErrorCode::kFailedPrecondition);
  }
  EXPECT_EQ(index_.next().value(), 2U);
}

TEST_F(IndexTest, CanBeMadeAgain) {
  add({event_of(0), event_of(1, "p-2"), event_of(2, "", Kind::kOverrideUse)});
  const std::vector<Query> queries = {{.tenant = "st-mary"},
                                      {.tenant = "st-mary", .patient = "p-2"},
                                      {.tenant = "st-mary", .kinds = {Kind::kOverrideUse}}};
  std::vector<Sequences> before;
  for (const Query& query : queries) before.push_back(find(query));
  {
    const Index closed = std::move(index_);
  }
  ASSERT_TRUE(Index::remove(path_));
  EXPECT_FALSE(std::filesystem::exists(path_));
  index_ = open();
  EXPECT_EQ(find(queries[0]), Sequences());
  add_from(index_, 0);
  for (std::size_t i = 0; i < queries.size(); ++i) EXPECT_EQ(find(queries[i]), before[i]);
  EXPECT_EQ(before[2], (Sequences{2}));
}

TEST_F(IndexTest, OfAnotherLogIsRefused) {
  const auto other = Index::open({.path = path_, .origin = "another log"});
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::kFailedPrecondition);
  EXPECT_TRUE(other.error().message.contains("rebuild")) << other.error().message;
}

TEST_F(IndexTest, SomethingElseIsNoIndex) {
  const std::string path = folder_.path("other.db");
  {
    auto database = storage::Database::open(path).value();
    ASSERT_TRUE(database.run("CREATE TABLE about(format INTEGER, origin TEXT)"));
  }
  EXPECT_EQ(Index::open({.path = path, .origin = "o"}).error().code, ErrorCode::kDataLoss);
  std::ofstream(path) << std::string(5000, 'x');
  EXPECT_EQ(Index::open({.path = path, .origin = "o"}).error().code, ErrorCode::kDataLoss);
}

TEST_F(IndexTest, AReaderSeesWhatIsAdded) {
  auto reader = Index::open({.path = path_, .origin = "log of test", .is_read_only = true}).value();
  add({event_of(0)});
  EXPECT_EQ(reader.next().value(), 1U);
  EXPECT_EQ(reader.find({.tenant = "st-mary"}, *keys_)->sequences, (Sequences{0}));
  EXPECT_FALSE(reader.add(1, {}));
}

TEST_F(IndexTest, ADamagedRecordIsLeftOut) {
  add({event_of(0)});
  records_.push_back("damaged");
  records_.push_back(records_[0]);
  records_.back().back() ^= 1;
  records_.push_back(records_[0]);
  add_from(index_, 1);
  EXPECT_EQ(index_.next().value(), 4U);
  EXPECT_EQ(index_.unreadable().value(), 2U);
  EXPECT_EQ(find({.tenant = "st-mary"}), (Sequences{3, 0}));
}

/// A patient comes while the keys cannot be written, and the process ends before they can.
TEST_F(IndexTest, WhoseAKeyIsCanBeReadInTheLog) {
  add({event_of(0)});
  {
    auto blocker = storage::Database::open(keys_folder_.path("subjects.db")).value();
    ASSERT_TRUE(blocker.run("BEGIN IMMEDIATE"));
    std::string draft;
    ASSERT_TRUE(write_draft(event_of(1, "new patient"), draft));
    RecordSealer sealer(*keys_);
    ASSERT_TRUE(sealer.seal(std::vector<std::string_view>{draft},
                            [&](std::string_view record) -> Result<void> {
                              records_.emplace_back(record);
                              return {};
                            }));
    keys_.reset();
  }
  keys_ = open_keys();
  const event::Subject patient{"st-mary", "Patient", "new patient"};
  EXPECT_EQ(keys_->find_subject(patient).value(), std::nullopt);
  add_from(index_, 1);
  EXPECT_EQ(find({.tenant = "st-mary", .patient = "new patient"}), (Sequences{1}));
  ASSERT_TRUE(keys_->erase(patient, 1).value());
  EXPECT_EQ(find({.tenant = "st-mary", .patient = "new patient"}), Sequences());
  Arena arena;
  const auto event = event::open_record(records_[1], *keys_, arena);
  ASSERT_TRUE(event);
  EXPECT_EQ(event->erased_parts.size(), 1U);
}

/// Many, in shards that are full and one that is not, with times out of order, against a search
/// without an index.
TEST_F(IndexTest, FindsWhatASearchOfAllFinds) {
  std::mt19937 random(3);  // NOLINT(cert-msc51-cpp): the same each time
  const auto any = [&](std::uint32_t most) { return random() % most; };
  std::vector<std::optional<IndexEntry>> entries;
  const auto tenant = event_of(0).tenant;
  std::vector<Terms> patients;
  for (const std::string_view patient : {"p-1", "p-2", "p-3"}) {
    std::vector<event::SubjectKey> made;
    const event::Subject subject{tenant, event::kPatientType, patient};
    ASSERT_TRUE(keys_->find_or_create(std::span(&subject, 1), made));
    patients.push_back(index_entry(event_of(0, patient), *keys_)->terms);
  }
  for (int i = 0; i < 140'000; ++i) {
    entries.push_back(IndexEntry{.time = i + static_cast<std::int64_t>(any(5000)),
                                 .kind = static_cast<Kind>(any(20)),
                                 .outcome = static_cast<Outcome>(any(3)),
                                 .terms = patients[any(3)]});
  }
  ASSERT_GT(entries.size(), 2 * kShardRecords);
  ASSERT_TRUE(index_.add(0, std::span(entries).first(9'000)));
  ASSERT_TRUE(index_.add(9'000, std::span(entries).subspan(9'000, kShardRecords - 9'000)));
  ASSERT_TRUE(index_.add(kShardRecords, std::span(entries).subspan(kShardRecords)));
  for (int round = 0; round < 200; ++round) {
    Query query{
        .tenant = std::string(tenant), .is_newest_first = any(2) == 0, .limit = 1 + any(50)};
    const std::size_t patient = any(6);
    if (patient < 3) query.patient = "p-" + std::to_string(patient + 1);
    for (std::uint32_t i = any(3); i > 0; --i) query.kinds.push_back(static_cast<Kind>(any(20)));
    if (any(2) == 0) query.outcome = static_cast<Outcome>(any(3));
    if (any(2) == 0) query.from = any(145'000);
    if (any(2) == 0) query.until = any(145'000);
    if (any(2) == 0) query.after = any(140'000);
    Sequences wanted;
    for (std::uint64_t n = 0; n < entries.size() && wanted.size() < query.limit; ++n) {
      const std::uint64_t i = query.is_newest_first ? entries.size() - 1 - n : n;
      const IndexEntry& entry = *entries[i];
      const bool fits =
          (!query.after || (query.is_newest_first ? i < *query.after : i > *query.after)) &&
          (patient >= 3 || entry.terms[Role::kPatient] == patients[patient][Role::kPatient]) &&
          (query.kinds.empty() ||
           std::ranges::find(query.kinds, entry.kind) != query.kinds.end()) &&
          (!query.outcome || entry.outcome == *query.outcome) &&
          (!query.from || entry.time >= *query.from) && (!query.until || entry.time < *query.until);
      if (fits) wanted.push_back(i);
    }
    EXPECT_EQ(find(query), wanted) << round;
  }
}

}  // namespace
}  // namespace wardlock::audit
