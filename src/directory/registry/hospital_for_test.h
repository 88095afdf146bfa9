#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "directory/registry/outbox.h"
#include "directory/registry/registry.h"
#include "storage/store_for_test.h"

namespace wardlock::directory {

using storage::name_of;  // for WARDLOCK_ON_EACH_DATABASE
using storage::tested_databases;

/// A directory for tests, on each kind of database, with a clock that stands still.
class HospitalForTest : public storage::OnEachDatabase {
 protected:
  HospitalForTest();

  /// The change must succeed. Returns its revision.
  std::uint64_t write(const Registry::Call& call);
  /// The change must fail.
  Error refused(const Registry::Call& call);

  /// New things of the tenant; the texts are JSON.
  Thing create(Kind kind, std::string_view document, std::string_view state = {});
  Thing person(const std::string& user_name, const std::string& more = "");
  Thing patient(const std::string& record_number);
  Thing role(const std::string& name);
  Thing group(const std::string& name);
  Thing organisation(const std::string& code, const std::string& more = "");
  Thing ward(const std::string& code, const Thing& organisation);
  Thing device_model(const Thing& manufacturer, const std::string& number = "P4");
  Thing device(const Thing& model, const std::string& serial);
  KeptRelation relate(const NewRelation& relation);

  Thing find(std::string_view id);
  std::vector<KeptRelation> relations(const RelationFilter& filter);
  std::vector<FeedEntry> feed(std::uint64_t after = 0);
  /// The clear parts of the events that wait, as JSON, in order.
  std::vector<std::string> events();
  /// All parts of the event that came last.
  std::string last_event();
  std::vector<std::string> names(const Query& query, Kind kind = Kind::kPerson,
                                 std::string_view attribute = "userName");

  std::int64_t now_ = 1'800'000'000'000;
  Mandate mandate_ = {.tenant = "st-mary",
                      .actor_type = "User",
                      .actor_id = "admin-1",
                      .caller = "scim",
                      .reason = "as agreed"};
  std::unique_ptr<storage::Store> store_;
  std::unique_ptr<Registry> registry_;
  std::unique_ptr<Outbox> outbox_;
};

/// The processor time of this thread alone that the work takes: as much, however busy the machine.
std::chrono::nanoseconds used_by(const std::function<void()>& work);

/// Parsed.
codec::Json json(std::string_view text);

}  // namespace wardlock::directory
