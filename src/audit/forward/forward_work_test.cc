#include "audit/forward/forward_work.h"

#include <gtest/gtest.h>

#include <deque>
#include <filesystem>
#include <fstream>
#include <set>

#include "audit/inspect/inspected_log_for_test.h"
#include "base/check.h"
#include "codec/json.h"
#include "crypto/random.h"

namespace wardlock::audit {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using What = ForwardNotice::What;

Error not_now() { return {ErrorCode::kUnavailable, "the receiver answers 503"}; }

/// Takes what it is given, unless it was told otherwise.
class ReceiverForTest final : public Transport {
 public:
  Result<bool> open() override {
    ++opened;
    if (is_gone) return fail(ErrorCode::kUnavailable, "cannot connect");
    return !std::exchange(is_open_, true) && forgets;
  }
  Delivery deliver(std::span<const Message> messages) override {
    CHECK(is_open_);
    Delivery delivery{.delivered = messages.size()};
    if (!answers.empty()) {
      delivery = answers.front();
      answers.pop_front();
    }
    for (std::size_t i = 0; i < delivery.delivered; ++i) {
      if (refused.contains(messages[i].record)) {
        delivery = {.delivered = i, .error = not_now(), .is_refused = true};
      }
    }
    if (refuses_all && !delivery.error) {
      delivery = {.delivered = 0, .error = not_now(), .is_refused = true};
    }
    largest = std::max(largest, messages.size());
    for (const Message& each : messages.first(delivery.delivered)) records.push_back(each.record);
    for (const Message& each : messages.first(delivery.delivered)) texts.push_back(each.text);
    if (delivery.error && !delivery.is_refused) is_open_ = false;
    return delivery;
  }
  bool is_open() override { return is_open_; }
  std::chrono::milliseconds silence() const override { return silent_for; }
  void hang_up() { is_open_ = false; }

  bool forgets = false;  // what came last, when a connection breaks
  bool is_gone = false;
  std::chrono::milliseconds silent_for{0};
  bool refuses_all = false;
  std::set<std::uint64_t> refused;
  std::deque<Delivery> answers;
  int opened = 0;
  std::size_t largest = 0;
  std::vector<std::uint64_t> records;
  std::vector<std::string> texts;

 private:
  bool is_open_ = false;
};

/// The system's files, of which some cannot be written.
class StubbornFiles final : public Files {
 public:
  std::string stubborn;  // a part of a path

  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override {
    if (mode != OpenMode::kRead) TRY_VOID(check(path));
    return files_.open(path, mode);
  }
  Result<std::unique_ptr<File>> lock(const std::string& path) override { return files_.lock(path); }
  Result<bool> is_locked(const std::string& path) override { return files_.is_locked(path); }
  Result<void> make_folder(const std::string& path) override { return files_.make_folder(path); }
  Result<std::vector<std::string>> list(const std::string& folder) override {
    return files_.list(folder);
  }
  Result<void> rename(const std::string& from, const std::string& to) override {
    TRY_VOID(check(to));
    return files_.rename(from, to);
  }
  Result<void> remove(const std::string& path) override { return files_.remove(path); }
  Result<void> sync_folder(const std::string& path) override { return files_.sync_folder(path); }
  Result<Protection> protect(const std::string& path, Protection wanted) override {
    return files_.protect(path, wanted);
  }
  Result<void> unprotect(const std::string& path) override { return files_.unprotect(path); }

 private:
  Result<void> check(const std::string& path) const {
    if (stubborn.empty() || !path.contains(stubborn)) return {};
    return fail(ErrorCode::kResourceExhausted, "no space left on device");
  }
  PosixFiles files_;
};

class Forwarding : public testing::Test {
 protected:
  void SetUp() override {
    log_.append(10);
    fs::create_directories(state());
    restart();
  }
  std::string state() const { return forward_folder(log_.folder(), options_.name); }

  /// As after the end of the process.
  void restart() {
    work_.reset();
    receiver_.hang_up();
    work_.emplace(options_,
                  ForwardedLog{.files = files_,
                               .folder = log_.folder(),
                               .keys = log_.keys(),
                               .end = [this] { return log_.head().size; }},
                  receiver_, [this](const ForwardNotice& notice) {
                    notices_.push_back(notice.what);
                    reasons_.emplace_back(notice.reason);
                  });
  }
  /// So many steps, each after the time that the last one asks for.
  void step(int count) {
    for (int i = 0; i < count; ++i) now_ += std::max(wait_ = work_->step(now_), 1ms);
  }
  void step_until_sent(int most = 1000) {
    while (most-- > 0 && (step(1), work_->status().position < log_.head().size)) {
    }
    EXPECT_GE(most, 0) << "it comes no further: " << work_->status().why;
  }
  /// All records from the one up to another.
  static std::vector<std::uint64_t> all(std::uint64_t first, std::uint64_t end) {
    std::vector<std::uint64_t> out;
    for (; first < end; ++first) out.push_back(first);
    return out;
  }
  std::vector<codec::Json> set_aside() const {
    std::vector<codec::Json> out;
    std::ifstream file(state() + "/set-aside.ndjson");
    for (std::string line; std::getline(file, line);)
      out.push_back(codec::parse_json(line).value());
    return out;
  }
  std::string why() {
    step(1);
    EXPECT_TRUE(work_->status().is_failing);
    return work_->status().why;
  }

  InspectedLog log_;
  StubbornFiles files_;
  ForwarderOptions options_{.name = "siem", .batch = 4, .tries = 3};
  ReceiverForTest receiver_;
  std::vector<What> notices_;
  std::vector<std::string> reasons_;
  std::optional<ForwardWork> work_;
  Progress::Time now_ = Progress::Time() + 1h;
  std::chrono::milliseconds wait_{0};
};

TEST_F(Forwarding, sends_all_in_order_and_then_what_comes) {
  step_until_sent();
  EXPECT_EQ(receiver_.records, all(0, 10));
  EXPECT_EQ(receiver_.largest, 4);
  EXPECT_GT(wait_, 0ms) << "there is nothing more";
  log_.append(3);
  step_until_sent();
  EXPECT_EQ(receiver_.records, all(0, 13));
  EXPECT_EQ(work_->status().sent, 13);
  EXPECT_EQ(work_->status().lag(), 0);
  EXPECT_GT(work_->status().caught_up_at, 0);
  EXPECT_TRUE(notices_.empty());
  EXPECT_TRUE(set_aside().empty());
}

TEST_F(Forwarding, goes_on_after_a_restart_where_it_was) {
  step_until_sent();
  work_->save();
  restart();
  log_.append(2);
  step_until_sent();
  EXPECT_EQ(receiver_.records, all(0, 12));
}

TEST_F(Forwarding, sends_some_again_where_its_place_was_not_written) {
  step_until_sent();
  restart();  // as by kill -9
  step_until_sent();
  std::set<std::uint64_t> once(receiver_.records.begin(), receiver_.records.end());
  EXPECT_EQ(once.size(), 10);
  EXPECT_GE(receiver_.records.size(), 10);
}

TEST_F(Forwarding, a_receiver_that_is_gone_is_tried_again_and_loses_nothing) {
  receiver_.is_gone = true;
  step(8);
  EXPECT_TRUE(work_->status().is_failing);
  EXPECT_EQ(work_->status().why, "cannot connect");
  EXPECT_EQ(work_->status().failures, 8);
  EXPECT_GE(wait_, 12s) << "more and more seldom";
  EXPECT_EQ(notices_, std::vector{What::kFailing}) << "it is told of once";
  receiver_.is_gone = false;
  step_until_sent();
  EXPECT_EQ(receiver_.records, all(0, 10));
  EXPECT_FALSE(work_->status().is_failing);
  EXPECT_EQ(notices_, (std::vector{What::kFailing, What::kRecovered}));
}

TEST_F(Forwarding, what_the_receiver_asks_to_wait_is_waited) {
  receiver_.answers = {{.error = not_now(), .wait = 120s}};
  step(1);
  EXPECT_EQ(wait_, 120s);
  receiver_.answers = {{.error = not_now(), .wait = 100h}};
  step(1);
  EXPECT_LE(wait_, 10min);
}

TEST_F(Forwarding, what_was_taken_of_a_batch_does_not_come_again) {
  receiver_.answers = {{.delivered = 3, .error = not_now()}};
  step_until_sent();
  EXPECT_EQ(receiver_.records, all(0, 10));
}

TEST_F(Forwarding, a_receiver_that_forgets_is_sent_the_overlap_again) {
  options_.overlap = {.records = 3};
  receiver_.forgets = true;
  restart();
  step_until_sent();
  receiver_.hang_up();
  log_.append(2);
  step_until_sent();
  auto expected = all(0, 10);
  std::ranges::copy(all(7, 12), std::back_inserter(expected));
  EXPECT_EQ(receiver_.records, expected);
  EXPECT_EQ(work_->status().sent, 12);
  EXPECT_EQ(work_->status().resent, 3);
  EXPECT_TRUE(notices_.empty()) << "a connection that was idle may end";
}

TEST_F(Forwarding, the_overlap_outlives_a_restart) {
  options_.overlap = {.time = 1h};
  receiver_.forgets = true;
  restart();
  step_until_sent();
  work_->save();
  restart();
  step_until_sent();
  step(5);
  EXPECT_EQ(std::ranges::count(receiver_.records, 0), 2) << "all of it was sent within an hour";
}

TEST_F(Forwarding, a_receiver_that_died_without_a_word_is_sent_what_it_did_not_live_to_store) {
  options_.overlap = {.time = 10s};
  receiver_.forgets = true;
  for (const bool is_dead : {false, true}) {
    receiver_.records.clear();
    restart();
    log_.append(5);
    step_until_sent();
    for (int i = 0; i < 3; ++i, now_ += 10s) step(1);
    receiver_.records.clear();
    log_.append(5);
    step_until_sent();
    // Two minutes, in which it is heard of, or not any more.
    for (int second = 0; second < 120; ++second) {
      now_ += 1s;
      if (is_dead) receiver_.silent_for += 1s;
      step(1);
    }
    receiver_.hang_up();
    receiver_.silent_for = 0s;
    step(5);
    EXPECT_EQ(receiver_.records.size(), is_dead ? 10 : 5) << is_dead;
  }
}

TEST_F(Forwarding, a_receiver_that_hangs_up_at_once_is_not_stormed) {
  receiver_.forgets = true;
  step_until_sent();
  const int before = receiver_.opened;
  const auto begin = now_;
  while (now_ - begin < 10min) {
    receiver_.hang_up();
    step(1);
  }
  EXPECT_LE(receiver_.opened - before, 30);
  EXPECT_GT(std::ranges::count(notices_, What::kFailing), 0);
}

TEST_F(Forwarding, an_interruption_is_no_failure) {
  receiver_.answers = {{.error = Error{ErrorCode::kCancelled, "interrupted"}}};
  step(1);
  EXPECT_FALSE(work_->status().is_failing);
  EXPECT_EQ(work_->status().failures, 0);
}

TEST_F(Forwarding, an_event_that_is_refused_is_set_aside_after_some_tries) {
  receiver_.refused = {5};
  step_until_sent();
  EXPECT_EQ(receiver_.records, (std::vector<std::uint64_t>{0, 1, 2, 3, 4, 6, 7, 8, 9}));
  EXPECT_EQ(work_->status().set_aside, 1);
  EXPECT_EQ(work_->status().failures, 2) << "and the third try is the last";
  ASSERT_EQ(set_aside().size(), 1);
  EXPECT_EQ(set_aside()[0].at("record"), 5);
  EXPECT_EQ(set_aside()[0].at("id"), "5d8f0c7e-3f0b-4a52-9d39-0c6f3d1f1a10");
  EXPECT_EQ(set_aside()[0].at("reason"), "the receiver answers 503");
  EXPECT_TRUE(std::ranges::count(notices_, What::kSetAside) == 1);
}

TEST_F(Forwarding, a_batch_that_is_refused_is_sent_one_by_one) {
  receiver_.answers = {{.error = not_now(), .is_refused = true}};
  receiver_.refused = {2};
  step_until_sent();
  EXPECT_EQ(receiver_.records, (std::vector<std::uint64_t>{0, 1, 3, 4, 5, 6, 7, 8, 9}));
  EXPECT_EQ(set_aside().size(), 1);
}

TEST_F(Forwarding, an_event_that_is_taken_at_the_second_try_is_not_set_aside) {
  receiver_.refused = {0};
  step(3);
  EXPECT_TRUE(receiver_.records.empty());
  receiver_.refused.clear();
  step_until_sent();
  EXPECT_EQ(receiver_.records, all(0, 10));
  EXPECT_TRUE(set_aside().empty());
}

TEST_F(Forwarding, a_receiver_that_refuses_everything_does_not_empty_the_log) {
  log_.append(10);
  receiver_.refuses_all = true;
  step(300);
  EXPECT_EQ(set_aside().size(), 10);
  EXPECT_EQ(work_->status().position, 10);
  EXPECT_NE(work_->status().why.find("one event after another"), std::string::npos);
  receiver_.refuses_all = false;
  step_until_sent();
  EXPECT_EQ(receiver_.records, all(10, 20));
}

TEST_F(Forwarding, nothing_is_passed_that_cannot_be_listed) {
  receiver_.refused = {0};
  files_.stubborn = "set-aside";
  step(50);
  EXPECT_TRUE(receiver_.records.empty());
  EXPECT_EQ(work_->status().why, "no space left on device");
  files_.stubborn.clear();
  step_until_sent();
  EXPECT_EQ(receiver_.records, all(1, 10));
  EXPECT_EQ(set_aside().size(), 1);
}

TEST_F(Forwarding, a_place_that_cannot_be_written_stops_nothing) {
  step(1);
  files_.stubborn = "/place";
  log_.append(10);
  for (int i = 0; i < 10; ++i) {
    step(1);
    now_ += 1s;
  }
  EXPECT_EQ(receiver_.records, all(0, 20));
  EXPECT_EQ(std::ranges::count(notices_, What::kPlaceUnsaved), 1);
}

TEST_F(Forwarding, a_damaged_record_is_listed_and_spoils_no_other) {
  const auto [segment, at] = log_.place_of_record(4);
  log_.flip(segment, at + 40, 3);
  step_until_sent();
  EXPECT_EQ(receiver_.records, (std::vector<std::uint64_t>{0, 1, 2, 3, 5, 6, 7, 8, 9}));
  ASSERT_EQ(set_aside().size(), 1);
  EXPECT_EQ(set_aside()[0].at("record"), 4);
  EXPECT_EQ(work_->status().set_aside, 1);
}

TEST_F(Forwarding, records_that_were_removed_are_told_of) {
  log_.append(300);
  step(1);
  work_->save();
  ASSERT_GT(log_.segments().size(), 2);
  const std::string removed = log_.segments().at(0);
  fs::permissions(removed, fs::perms::owner_all);
  fs::remove(removed);
  restart();
  step_until_sent();
  ASSERT_EQ(set_aside().size(), 1);
  const auto first = set_aside()[0].at("record").to_number<std::uint64_t>();
  const auto last = set_aside()[0].at("last_record").to_number<std::uint64_t>();
  EXPECT_EQ(first, 4);
  EXPECT_EQ(work_->status().missing, last + 1 - first);
  auto expected = all(0, 4);
  std::ranges::copy(all(last + 1, 310), std::back_inserter(expected));
  EXPECT_EQ(receiver_.records, expected);
  EXPECT_EQ(std::ranges::count(notices_, What::kMissing), 1);
}

TEST_F(Forwarding, a_log_whose_beginning_is_gone_is_begun_where_it_begins) {
  log_.append(300);
  fs::permissions(log_.segments().at(0), fs::perms::owner_all);
  fs::remove(log_.segments().at(0));
  step_until_sent();
  EXPECT_GT(receiver_.records.front(), 0);
  EXPECT_TRUE(set_aside().empty());
}

TEST_F(Forwarding, can_begin_with_what_comes) {
  options_.begins_now = true;
  restart();
  step(2);
  restart();  // it has its place now
  log_.append(2);
  step_until_sent();
  EXPECT_EQ(receiver_.records, all(10, 12));
}

TEST_F(Forwarding, a_log_that_lacks_what_was_sent_is_not_sent) {
  step_until_sent();
  work_->save();
  const auto sent = receiver_.records;
  const auto with_place = [&](const Place& place) {
    EXPECT_TRUE(save_place(files_, state() + "/place", place));
    restart();
    return why();
  };
  Place place = load_place(files_, state() + "/place").value().value();
  Place other = place;
  other.origin = "another.example/log";
  EXPECT_NE(with_place(other).find("another origin"), std::string::npos);
  other = place;
  other.position = 11;
  EXPECT_NE(with_place(other).find("the log ends before what was sent"), std::string::npos);
  other = place;
  other.last = std::string(64, '0');
  EXPECT_NE(with_place(other).find("record 9 is not what was sent"), std::string::npos);
  EXPECT_NE(work_->status().why.find("remove `"), std::string::npos);
  EXPECT_EQ(receiver_.records, sent);
  fs::remove(state() + "/place");  // as it says, without a restart
  step_until_sent();
  EXPECT_EQ(receiver_.records.size(), 20);
}

TEST_F(Forwarding, a_place_that_is_malformed_is_no_place) {
  for (const char* wrong :
       {"", "{}", "[]", "7", R"({"version":1,"origin":"o","position":1,"resend_from":1})",
        R"({"version":2,"origin":"o","position":1,"resend_from":1,"last":""})",
        R"({"version":1,"origin":"o","position":1,"resend_from":2,"last":""})",
        R"({"version":1,"origin":"o","position":-1,"resend_from":-1,"last":""})",
        R"({"version":1,"origin":"o","position":"1","resend_from":1,"last":""})",
        R"({"version":1,"origin":7,"position":1,"resend_from":1,"last":""})"}) {
    std::ofstream(state() + "/place", std::ios::trunc) << wrong;
    restart();
    EXPECT_NE(why().find("is not as a forwarder writes it"), std::string::npos) << wrong;
  }
  EXPECT_TRUE(receiver_.records.empty());
}

TEST_F(Forwarding, sends_what_is_selected) {
  event::Event login = event::decision_for_test();
  login.kind = event::Kind::kLoginFailed;
  login.outcome = event::Outcome::kFailure;
  login.record_class = "";
  log_.append_event(login);
  options_.selection.kinds = {event::Kind::kLoginFailed, event::Kind::kLogin};
  restart();
  step_until_sent();
  EXPECT_EQ(receiver_.records, all(10, 11));
  EXPECT_EQ(work_->status().left_out, 10);
  EXPECT_EQ(work_->status().position, 11);
}

TEST(Selection, each_of_its_lists_must_have_it) {
  event::Event event = event::decision_for_test();
  EXPECT_TRUE(Selection{}.takes(event));
  EXPECT_TRUE((Selection{.kinds = {event::Kind::kDecision},
                         .outcomes = {event::Outcome::kSuccess},
                         .classes = {"safety", "care"},
                         .tenants = {"st-mary"}}
                   .takes(event)));
  EXPECT_FALSE(Selection{.kinds = {event::Kind::kLogin}}.takes(event));
  EXPECT_FALSE(Selection{.outcomes = {event::Outcome::kError}}.takes(event));
  EXPECT_FALSE(Selection{.classes = {"car"}}.takes(event));
  EXPECT_FALSE(Selection{.tenants = {"city"}}.takes(event));
  EXPECT_FALSE((Selection{.kinds = {event::Kind::kDecision}, .tenants = {"city"}}.takes(event)));
}

TEST_F(Forwarding, tells_no_more_of_persons_than_it_was_told_to) {
  const auto text_with = [&](Disclosure disclosure, const Selection& selection) {
    fs::remove(state() + "/place");
    options_.disclosure = disclosure;
    options_.selection = selection;
    restart();
    receiver_.texts.clear();
    step_until_sent();
    EXPECT_EQ(receiver_.texts.size(), 10);
    return receiver_.texts.front();
  };
  for (const Selection& selection : {Selection{}, Selection{.classes = {"care"}}}) {
    const std::string open = text_with(Disclosure::kOpen, selection);
    EXPECT_TRUE(open.contains("dr-grey") && open.contains("p-100") && open.contains("192.0.2.77"));
    const std::string masked = text_with(Disclosure::kMasked, selection);
    EXPECT_TRUE(masked.contains("***") && masked.contains("192.0.2.0/24")) << masked;
    const std::string sealed = text_with(Disclosure::kSealed, selection);
    EXPECT_TRUE(sealed.contains(R"("locked":["person","patient"])")) << sealed;
    for (const std::string& text : {masked, sealed}) {
      for (const char* told : {"dr-grey", "p-100", "192.0.2.77"}) {
        EXPECT_FALSE(text.contains(told)) << told;
      }
    }
    EXPECT_FALSE(sealed.contains("192.0.2"));
  }
}

}  // namespace
}  // namespace wardlock::audit
