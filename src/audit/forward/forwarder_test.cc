#include "audit/forward/forwarder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <iterator>
#include <thread>

#include "audit/inspect/inspected_log_for_test.h"

namespace wardlock::audit {
namespace {

using namespace std::chrono_literals;

class RunningForwarder : public testing::Test {
 protected:
  void SetUp() override {
    log_.append(20);
    end_ = log_.head().size;
    options_.name = "archive";
    options_.receiver = Receiver::kFile;
    options_.path = folder_.path("events");
    options_.batch = 8;
  }
  Result<std::unique_ptr<Forwarder>> start() {
    return Forwarder::start(options_,
                            {.files = files_,
                             .folder = log_.folder(),
                             .keys = log_.keys(),
                             .end = [this] { return end_.load(); }},
                            {});
  }
  std::string refusal() {
    const auto started = start();
    const auto checked = check_forwarder(options_, files_);
    EXPECT_FALSE(started);
    EXPECT_EQ(started.error().message, checked ? "" : checked.error().message);
    return started ? "started" : started.error().message;
  }
  void wait_for(const Forwarder& forwarder, const std::function<bool(const ForwardStatus&)>& what) {
    const auto end = std::chrono::steady_clock::now() + 20s;
    while (!what(forwarder.status())) {
      ASSERT_LT(std::chrono::steady_clock::now(), end) << forwarder.status().why;
      std::this_thread::sleep_for(5ms);
    }
  }
  void wait_until_sent(const Forwarder& forwarder) {
    wait_for(forwarder, [&](const ForwardStatus& status) { return status.position == end_; });
  }
  std::size_t lines() const {
    std::ifstream file(options_.path);
    return static_cast<std::size_t>(
        std::count(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>(), '\n'));
  }
  /// How long it takes to end what is started.
  std::chrono::milliseconds time_to_stop(const std::function<bool(const ForwardStatus&)>& ready) {
    auto forwarder = start().value();
    wait_for(*forwarder, ready);
    const auto begin = std::chrono::steady_clock::now();
    forwarder.reset();
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                                 begin);
  }

  InspectedLog log_;
  FolderForTest folder_;
  PosixFiles files_;
  std::atomic<std::uint64_t> end_ = 0;
  ForwarderOptions options_;
};

TEST_F(RunningForwarder, sends_what_there_is_and_what_comes_and_goes_on_later) {
  {
    const auto forwarder = start().value();
    wait_until_sent(*forwarder);
    EXPECT_EQ(lines(), 20);
    log_.append(5);
    end_ = log_.head().size;
    wait_until_sent(*forwarder);
    EXPECT_EQ(forwarder->status().sent, 25);
  }
  log_.append(5);
  end_ = log_.head().size;
  const auto again = start().value();
  wait_until_sent(*again);
  EXPECT_EQ(again->status().sent, 5) << "its place was written when it ended";
  EXPECT_EQ(lines(), 30);
}

TEST_F(RunningForwarder, sends_nothing_that_is_not_durable) {
  end_ = 7;
  const auto forwarder = start().value();
  wait_until_sent(*forwarder);
  std::this_thread::sleep_for(100ms);
  EXPECT_EQ(lines(), 7);
  EXPECT_EQ(forwarder->status().end, 7);
}

TEST_F(RunningForwarder, stops_at_once_whatever_it_waits_for) {
  EXPECT_LT(time_to_stop([](const auto& status) { return status.caught_up_at > 0; }), 2s);

  options_.path = "/no/such/folder/events";  // it waits to try again
  options_.longest_wait = 1h;
  EXPECT_LT(time_to_stop([](const auto& status) { return status.failures > 2; }), 2s);

  options_.receiver = Receiver::kSyslog;
  options_.host = "192.0.2.1";  // where nobody answers (RFC 5737)
  options_.port = 6514;
  options_.timeout = 1h;
  EXPECT_LT(time_to_stop([](const auto&) { return true; }), 2s);
}

TEST_F(RunningForwarder, what_it_needs_and_cannot_have_is_said_at_once) {
  options_.format_options.syslog_body = Format::kSyslog;
  EXPECT_NE(refusal().find("cannot hold a syslog message"), std::string::npos);
  options_.format_options = {};
  options_.receiver = Receiver::kSyslog;
  options_.tls.ca = folder_.path("none.pem");
  EXPECT_NE(refusal().find("none.pem"), std::string::npos);
  options_.tls = {.certificate = folder_.path("none.pem"), .key = folder_.path("none.key")};
  EXPECT_NE(refusal().find("none.pem"), std::string::npos);
  options_.tls = {};
  options_.receiver = Receiver::kWebhook;
  EXPECT_NE(refusal().find("cannot be read"), std::string::npos);
  std::ofstream(folder_.path("secret")) << "whsec_hunter2";
  options_.secret_file = folder_.path("secret");
  EXPECT_EQ(refusal().find("hunter2"), std::string::npos);
  options_.receiver = Receiver::kFhir;
  options_.token_file = folder_.path("none");
  EXPECT_NE(refusal().find("cannot be read"), std::string::npos);
}

TEST_F(RunningForwarder, a_file_in_place_of_its_folder_is_said) {
  std::ofstream(log_.folder() + "/forward") << "";
  EXPECT_FALSE(start());
}

}  // namespace
}  // namespace wardlock::audit
