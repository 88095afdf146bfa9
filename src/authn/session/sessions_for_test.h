#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "authn/session/sessions.h"
#include "authn/session/tables_for_test.h"

namespace wardlock::authn {

using directory::Thing;
using storage::name_of;
using storage::tested_databases;

inline constexpr std::int64_t kSecond = 1000;
inline constexpr std::int64_t kMinute = 60 * kSecond;
inline constexpr std::int64_t kHour = 60 * kMinute;
inline constexpr std::string_view kTenant = "st-mary";

/// Sessions of people, for tests.
class SessionsForTest : public HospitalWith {
 protected:
  SessionsForTest() : HospitalWith({kSessionTables}) { sessions_ = start(*store_); }

  std::unique_ptr<Sessions> start(storage::Store& store) {
    auto started =
        Sessions::start(store, settings_,
                        {.fill_random = &crypto::fill_random,
                         .ended = [this](const Session& session, EndReason reason) {
                           const std::scoped_lock lock(mutex_);
                           ended_.push_back(session.id + " " + std::string(to_string(reason)));
                         }});
    EXPECT_TRUE(started) << started.error().message;
    return std::move(*started);
  }
  /// As after a restart with other settings.
  void restart() {
    sessions_.reset();
    sessions_ = start(*store_);
  }
  /// One that does not wait long for others.
  std::unique_ptr<storage::Store> open_quickly() {
    return std::move(
        *try_open(migrations_, {.url = url(), .busy_timeout = std::chrono::milliseconds(100)}));
  }
  NewSession wanted(const Thing& person, std::string environment = "office") {
    return {.tenant = std::string(kTenant),
            .person = person.id,
            .assurance = assurance_of({Proof::kPassword, Proof::kOneTimeCode}, now_),
            .environment = std::move(environment),
            .workstation = "device:7",
            .authenticators = {password_, code_}};
  }
  OpenedSession open(const NewSession& wanted) {
    auto opened = sessions_->open(wanted, now_);
    EXPECT_TRUE(opened) << opened.error().message;
    return std::move(*opened);
  }
  OpenedSession open(const Thing& person, std::string environment = "office") {
    return open(wanted(person, std::move(environment)));
  }
  ErrorCode not_opened(const NewSession& wanted) {
    const auto opened = sessions_->open(wanted, now_);
    EXPECT_FALSE(opened);
    return opened ? ErrorCode::kUnknown : opened.error().code;
  }
  bool is_open(const Secret& token) { return sessions_->find(token.reveal(), now_).has_value(); }
  /// The token from then on; that one, where it did not change.
  Secret take(const Secret& token) {
    const auto taken = sessions_->take(token.reveal(), now_);
    EXPECT_TRUE(taken) << taken.error().message;
    return taken && taken->new_token ? *taken->new_token : token;
  }
  bool is_taken(const Secret& token) { return sessions_->take(token.reveal(), now_).has_value(); }
  bool has_ended(const OpenedSession& opened, std::string_view why) {
    const std::scoped_lock lock(mutex_);
    return std::ranges::count(ended_, opened.session.id + " " + std::string(why)) == 1;
  }

  const std::string password_ = "01890000-0000-7000-8000-000000000001";
  const std::string code_ = "01890000-0000-7000-8000-000000000002";
  SessionSettings settings_;
  std::mutex mutex_;
  std::vector<std::string> ended_;
  Thing grey_ = person("grey");
  std::unique_ptr<Sessions> sessions_;
};

}  // namespace wardlock::authn
