#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "audit/forward/forward_work.h"
#include "audit/inspect/inspected_log_for_test.h"
#include "base/check.h"
#include "codec/json.h"

namespace wardlock::audit {

inline Error not_now() { return {ErrorCode::kUnavailable, "the receiver answers 503"}; }

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

/// A log of ten records, and a forwarder of it that does a step at a time.
class Forwarding : public testing::Test {
 protected:
  void SetUp() override {
    log_.append(10);
    std::filesystem::create_directories(state());
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
    for (int i = 0; i < count; ++i)
      now_ += std::max(wait_ = work_->step(now_), std::chrono::milliseconds(1));
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
  std::vector<ForwardNotice::What> notices_;
  std::vector<std::string> reasons_;
  std::optional<ForwardWork> work_;
  Progress::Time now_ = Progress::Time() + std::chrono::hours(1);
  std::chrono::milliseconds wait_{0};
};

}  // namespace wardlock::audit
