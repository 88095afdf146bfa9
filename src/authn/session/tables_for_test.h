#pragma once

#include <memory>
#include <vector>

#include "authn/session/tables.h"
#include "crypto/random.h"
#include "directory/registry/hospital_for_test.h"
#include "directory/registry/tables.h"

namespace wardlock::authn {

/// A directory for tests that has tables of other rooms, too.
class HospitalWith : public directory::HospitalForTest {
 protected:
  explicit HospitalWith(std::vector<storage::Migration> more) {
    const auto before = directory::migrations();
    std::vector<storage::Migration> all(before.begin(), before.end());
    all.insert(all.end(), more.begin(), more.end());
    registry_.reset();
    outbox_.reset();
    store_.reset();
    store_ = open(all);
    surroundings_ = {
        .clock = [this] { return now_; }, .fill_random = &crypto::fill_random, .node = "node-1"};
    registry_ = std::make_unique<directory::Registry>(*store_, surroundings_);
    outbox_ = std::make_unique<directory::Outbox>(*store_, "node-1");
    migrations_ = std::move(all);
  }

  void set_state(const directory::Thing& thing, std::string_view state) {
    write([&](directory::Edit& edit) -> Result<void> {
      TRY(edit.set_state(thing.id, std::nullopt, state));
      return {};
    });
  }

  directory::Surroundings surroundings_;
  std::vector<storage::Migration> migrations_;
};

}  // namespace wardlock::authn
