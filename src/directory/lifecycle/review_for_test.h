#pragma once

#include <string>
#include <vector>

#include "directory/lifecycle/review.h"
#include "directory/model/moment.h"
#include "directory/registry/hospital_for_test.h"

namespace wardlock::directory {

inline constexpr std::int64_t kDay = std::int64_t{24} * 3600 * 1000;

/// A hospital's directory, and what a review finds in it.
class ReviewForTest : public HospitalForTest {
 protected:
  ReviewForTest();

  /// `dormant kim at 3d`, days since the test began; with the name of the role, if one is told.
  /// `count` at a time.
  std::vector<std::string> all(std::size_t count = 100);
  std::vector<std::string> of_kind(std::string_view kind);
  /// `dormant 3`, of those of which there are any.
  std::vector<std::string> counts();

  // More things, and what happens to them.
  Thing service(const std::string& name, const Thing* owner = nullptr,
                const std::string& more = "");
  Thing control_plane_role(const std::string& name);
  KeptRelation assign(const Thing& subject, const Thing& role, const Thing* place = nullptr,
                      std::optional<std::int64_t> until = {});
  KeptRelation employ(const Thing& person, const std::string& type, const Thing* place = nullptr);
  Credential issue(const Thing& holder, int days = 80);
  void end(const KeptRelation& relation);
  void go(const Thing& thing, std::string_view state);
  void change(const Thing& thing, std::string_view document);
  /// Parts of documents.
  static std::string until(std::int64_t time_ms);
  static std::string rotate_before(std::int64_t time_ms);

  const std::int64_t begin_ = now_;
  ReviewRules rules_;
  ReviewQuery query_ = whole_review();
  Thing hospital_;
  Thing maker_;

 private:
  std::string text_of(const Finding& finding, const ReviewPage& page) const;

  int issued_ = 0;
};

}  // namespace wardlock::directory
