#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "audit/keys/folder_for_test.h"
#include "audit/keys/subject_keys.h"
#include "base/check.h"
#include "storage/sqlite.h"

namespace wardlock::audit {

using crypto::SymmetricKey;
using event::KeyId;
using event::Subject;
using event::SubjectKey;
using Answer = event::KeyLookup::Answer;

inline SubjectKey one_key(SubjectKeys& keys, const Subject& subject) {
  std::vector<SubjectKey> found;
  const auto done = keys.find_or_create(std::span(&subject, 1), found);
  EXPECT_TRUE(done) << done.error().message;
  return done ? found.at(0) : SubjectKey();
}

inline Answer answer(SubjectKeys& keys, const KeyId& id) {
  SymmetricKey key;
  return keys.find(id, key).value();
}

/// Keys of subjects in a folder of their own.
class SubjectKeysTest : public testing::Test {
 protected:
  std::unique_ptr<SubjectKeys> open(std::size_t cached = 100) const {
    auto keys = SubjectKeys::open({.path = path_, .cached = cached, .spares = 0}, master_);
    CHECK(keys.has_value());
    return std::move(*keys);
  }
  /// The wrapped keys in the file, by id.
  std::map<std::string, std::string> wrapped() const {
    auto database = storage::Database::open(path_, {.is_read_only = true}).value();
    auto rows = database.prepare("SELECT id, wrapped FROM keys").value();
    const auto text = [](std::span<const std::uint8_t> bytes) {
      return std::string(bytes.begin(), bytes.end());
    };
    std::map<std::string, std::string> out;
    while (rows.step().value()) out.emplace(text(rows.blob(0)), text(rows.blob(1)));
    return out;
  }

  FolderForTest folder_;
  std::string path_ = folder_.path("subjects.db");
  SymmetricKey master_ = SymmetricKey::random();
  const Subject patient_ = {"st-mary", "Patient", "p-100"};
  const Subject other_ = {"st-mary", "Patient", "p-200"};
};

}  // namespace wardlock::audit
