#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "access/grant/glass_desk.h"
#include "access/grant/tables.h"
#include "crypto/random.h"
#include "directory/registry/hospital_for_test.h"
#include "directory/registry/tables.h"

namespace wardlock::access {

using directory::name_of;
using directory::tested_databases;
using directory::Thing;

/// A directory for tests that has the tables of grants, and others.
class HospitalWithGlass : public directory::HospitalForTest {
 protected:
  explicit HospitalWithGlass(const std::vector<storage::Migration>& more) {
    const auto before = directory::migrations();
    std::vector<storage::Migration> all(before.begin(), before.end());
    all.push_back(kGlassTables);
    all.push_back(kGlassUntold);
    all.insert(all.end(), more.begin(), more.end());
    registry_.reset();
    outbox_.reset();
    store_.reset();
    store_ = open(all);
    surroundings_ = {
        .clock = [this] { return now_; }, .fill_random = &crypto::fill_random, .node = "node-1"};
    registry_ = std::make_unique<directory::Registry>(*store_, surroundings_);
    outbox_ = std::make_unique<directory::Outbox>(*store_, "node-1");
  }

  directory::Surroundings surroundings_;
};

/// A hospital in which the glass can be broken, on each kind of database; the clock stands still.
class GlassForTest : public HospitalWithGlass {
 protected:
  explicit GlassForTest(const std::vector<storage::Migration>& more = {})
      : HospitalWithGlass(more) {}

  static GlassRules rules() {
    GlassRules rules;
    rules.reasons = {
        {.code = "emergency", .about = "An emergency", .actions = {"view", "edit"}},
        {.code = "dose", .about = "A dose", .actions = {"changeDose"}, .waives = {"confidential"}}};
    return rules;
  }
  directory::Mandate by(const Thing& person, std::string_view reason = "") const {
    return {.tenant = mandate_.tenant,
            .actor_type = "User",
            .actor_id = person.id,
            .caller = "ward-app",
            .reason = std::string(reason)};
  }
  directory::Mandate own() const {
    return {.tenant = mandate_.tenant, .actor_type = "Wardlock", .actor_id = "wardlock"};
  }
  GlassProof proof() const {
    return {.session = "s-1", .level = 2, .methods = {"otp", "pwd"}, .authenticated_ms = now_};
  }
  static GlassWish wish(std::string_view words = "found unconscious") {
    return {.reason = "emergency", .words = std::string(words)};
  }
  Result<ChangedGlass> try_open(const Thing& person, const Thing& target) {
    return desk_->open(by(person), proof(), target.id, wish());
  }
  GlassGrant open_glass(const Thing& person, const Thing& target) {
    return must(try_open(person, target)).grant;
  }
  GlassGrant kept(const GlassGrant& grant) {
    return must(desk_->story(grant.tenant, grant.id)).grant;
  }
  std::vector<std::string> steps(const GlassGrant& grant) {
    std::vector<std::string> names;
    for (const auto& each : must(desk_->story(grant.tenant, grant.id)).steps) {
      names.push_back(each.step);
    }
    return names;
  }
  GlassTending tend() {
    return must(desk_->tend(own(), [] { return true; }));
  }
  void set_state(const Thing& thing, std::string_view state) {
    write([&](directory::Edit& edit) -> Result<void> {
      TRY(edit.set_state(thing.id, std::nullopt, state));
      return {};
    });
  }
  void merge(const Thing& from, const Thing& into) {
    write([&](directory::Edit& edit) -> Result<void> {
      TRY(edit.merge_patients(from.id, into.id));
      return {};
    });
  }

  template <typename T>
  static T must(Result<T> result) {
    if (!result) {
      ADD_FAILURE() << result.error().message;
      std::abort();
    }
    return *std::move(result);
  }
  template <typename T>
  static ErrorCode code_of(const Result<T>& result) {
    EXPECT_FALSE(result);
    return result ? ErrorCode::kUnknown : result.error().code;
  }

  GlassSurroundings glass_{*store_, surroundings_, rules()};
  std::unique_ptr<GlassDesk> desk_ = std::make_unique<GlassDesk>(glass_);
  const Thing swift_ = person("swift");
  const Thing lind_ = patient("MR-200");
};

}  // namespace wardlock::access
