#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "directory/feed/feed.h"
#include "directory/registry/hospital_for_test.h"

namespace wardlock::directory {

/// A hospital's directory and what its policies see of it.
class SeenForTest : public HospitalForTest {
 protected:
  SeenForTest();

  /// Reads all anew.
  void load();
  /// Must succeed. Returns whether anything is different.
  bool follow();

  /// `Type::"id" {attributes} in [parents] tags {tags}`, parents sorted by their text; empty: there
  /// is no such entity.
  std::string seen(std::string_view type, std::string_view id) const;
  /// Why policies do not see the thing; empty: they do.
  std::string why_hidden(const Thing& thing) const;
  /// A follower's view is that of one who reads all anew.
  void expect_like_fresh();

  /// Things known by their entityId.
  Thing user(const std::string& id, const std::string& more = "");
  Thing patient_known_as(const std::string& id, const std::string& more = "");
  KeptRelation assign(const Thing& subject, const Thing& role);
  KeptRelation care(const Thing& person, const Thing& patient, const std::string& type,
                    std::optional<std::int64_t> until = {});
  void end(const KeptRelation& relation);
  void set_state(const Thing& thing, std::string_view state);
  void change(const Thing& thing, std::string_view document);

  std::string schema_text_;
  KnownBy known_by_;
  std::string file_ = "[]";  ///< entities JSON
  const OpenGrants* grants_from_ = nullptr;
  bool are_told_ = false;
  std::unique_ptr<Feed> feed_;

 private:
  FeedOptions options() const;
  cedar::EntityStore file() const;
  std::shared_ptr<const cedar::Schema> schema() const;
};

}  // namespace wardlock::directory
