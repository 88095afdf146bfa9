#include "server/outbox_courier.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <thread>

#include "directory/registry/registry.h"
#include "directory/registry/tables.h"
#include "server/directory_for_test.h"
#include "tables/tables.h"

namespace wardlock::server {
namespace {

class OutboxCourierTest : public DirectoryForTest {
 protected:
  void enter(const std::string& name) {
    write([&](directory::Edit& edit) -> Result<void> {
      TRY(edit.create(directory::Kind::kPerson, boost::json::object{{"userName", name}}));
      return {};
    });
  }
  std::uint64_t waiting() { return directory_->outbox->backlog()->own; }
  bool is_delivered() {
    return eventually([this] { return waiting() == 0; });
  }
  /// Of what is in the log beside the roles of administration, which are entered first.
  std::ptrdiff_t created() {
    return std::ranges::count(recorded(), "user_change create") -
           static_cast<std::ptrdiff_t>(directory::kControlPlaneRoles.size());
  }
};
WARDLOCK_ON_EACH_DATABASE(OutboxCourierTest);

TEST_P(OutboxCourierTest, EachChangeIsInTheLogOnce) {
  open();
  for (int i = 0; i < 20; ++i) enter("p" + std::to_string(i));
  EXPECT_TRUE(is_delivered());
  EXPECT_EQ(created(), 20);
  close();
  open();
  EXPECT_EQ(created(), 20) << "none comes again";
  enter("later");
  EXPECT_TRUE(is_delivered());
  EXPECT_EQ(created(), 21);
}

TEST_P(OutboxCourierTest, WhatTheLogDoesNotTakeWaits) {
  open();
  ASSERT_TRUE(is_delivered());
  audit_->log().close();
  enter("ann");
  EXPECT_TRUE(eventually([&] { return directory_->courier->status().is_stuck; }));
  EXPECT_EQ(waiting(), 1U);
  EXPECT_FALSE(directory_->can_record());
  close();
  open();
  EXPECT_TRUE(is_delivered());
  EXPECT_EQ(created(), 1);
}

TEST_P(OutboxCourierTest, WaitsForOthersThatWriteForLong) {
  open();
  audit_->log().close();
  enter("ann");
  close();
  const auto store = storage::OnEachDatabase::open(
      tables::migrations(), {.url = url(), .busy_timeout = std::chrono::milliseconds(100)});
  directory::Outbox outbox(*store, "a");
  std::promise<void> begun;
  std::promise<void> release;
  std::jthread writer([&] {
    EXPECT_TRUE(store->write([&](storage::Work&) -> Result<void> {
      begun.set_value();
      release.get_future().wait();
      return {};
    }));
  });
  begun.get_future().wait();
  const auto courier = OutboxCourier::start(*store, outbox, nullptr, std::chrono::hours(1), log_);
  if (courier) {
    const auto status = [&] { return (*courier)->status(); };
    EXPECT_TRUE(eventually([&] { return status().waiting > 0; })) << "it has tried";
    EXPECT_FALSE(status().is_stuck);
    EXPECT_TRUE(eventually([&] { return status().is_stuck; })) << "for too long";
  }
  release.set_value();
  writer.join();
  ASSERT_TRUE(courier) << courier.error().message;
  EXPECT_TRUE(eventually([&] { return outbox.backlog()->own == 0; }));
  EXPECT_TRUE(eventually([&] { return !(*courier)->status().is_stuck; }));
}

TEST_P(OutboxCourierTest, WithoutALogNothingIsKept) {
  config_.audit.reset();
  open();
  enter("ann");
  EXPECT_TRUE(is_delivered());
  EXPECT_TRUE(directory_->can_record());
}

TEST_P(OutboxCourierTest, WhatIsForOneLogGoesToNoOther) {
  open();
  enter("ann");
  EXPECT_TRUE(is_delivered());
  audit_->log().close();
  enter("bob");
  EXPECT_TRUE(eventually([&] { return directory_->courier->status().is_stuck; }));
  close();
  config_.audit->directory = folder() + "/another";
  auto audit = AuditLog::open(*config_.audit);
  ASSERT_TRUE(audit) << audit.error().message;
  const auto opened = Directory::open(config_, audit->get(), log_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::kFailedPrecondition) << opened.error().message;
}

}  // namespace
}  // namespace wardlock::server
