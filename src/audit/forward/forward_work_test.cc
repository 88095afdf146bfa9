#include "audit/forward/forwarding_for_test.h"

#include <gtest/gtest.h>

namespace wardlock::audit {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using What = ForwardNotice::What;

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
  EXPECT_EQ(reasons_.back(), "cannot connect");
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
  EXPECT_EQ(notices_, std::vector{What::kFailing}) << "and never seems to have recovered";
  step(30);
  EXPECT_EQ(notices_, (std::vector{What::kFailing, What::kRecovered}));
}

TEST_F(Forwarding, an_interruption_is_no_failure) {
  receiver_.answers = {{.error = Error{ErrorCode::kCancelled, "interrupted"}}};
  step(1);
  EXPECT_FALSE(work_->status().is_failing);
  EXPECT_EQ(work_->status().failures, 0);
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
