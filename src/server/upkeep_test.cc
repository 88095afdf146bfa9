#include "server/upkeep.h"

#include <gtest/gtest.h>

#include "base/wall_clock.h"
#include "server/directory_for_test.h"

namespace wardlock::server {
namespace {

using std::chrono::milliseconds;

class UpkeepTest : public DirectoryForTest {
 protected:
  void SetUp() override { open(); }
  std::size_t kept() { return directory_->registry->changes_after(0, 100)->size(); }
};
WARDLOCK_ON_EACH_DATABASE(UpkeepTest);

TEST_P(UpkeepTest, ForgetsOldChangesAndNotesUses) {
  const Somebody hale = somebody("hale", {});
  const auto credential = directory_->credentials->find(hale.token_hash, wall_clock_ms());
  const std::uint64_t before = revision();
  EXPECT_GT(kept(), 0U);
  {
    const Upkeep patient(*directory_->registry, *directory_->credentials, log_,
                         {.keep_changes = milliseconds(3'600'000), .interval = milliseconds(1)});
    directory_->credentials->note_use(credential->id, 5000);
    EXPECT_TRUE(eventually([&] {
      return directory_->registry->find_credential(directory_tenant(""), credential->id)
          ->last_used_ms.has_value();
    }));
    EXPECT_GT(kept(), 0U) << "they are not old";
  }
  const Upkeep hasty(*directory_->registry, *directory_->credentials, log_,
                     {.keep_changes = milliseconds(0), .interval = milliseconds(1)});
  EXPECT_TRUE(eventually([&] { return kept() == 0; }));
  EXPECT_EQ(revision(), before) << "revisions go on from there";
}

/// What was used in the last minute is not lost with a restart.
TEST_P(UpkeepTest, NotesUsesWhenItEnds) {
  const Somebody hale = somebody("hale", {});
  const auto credential = directory_->credentials->find(hale.token_hash, wall_clock_ms());
  {
    const Upkeep upkeep(*directory_->registry, *directory_->credentials, log_,
                        {.keep_changes = milliseconds(3'600'000)});
    directory_->credentials->note_use(credential->id, 5000);
  }
  EXPECT_EQ(
      directory_->registry->find_credential(directory_tenant(""), credential->id)->last_used_ms,
      5000);
}

}  // namespace
}  // namespace wardlock::server
