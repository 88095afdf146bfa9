#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "crypto/random.h"
#include "directory/registry/hospital_for_test.h"
#include "directory/registry/tables.h"
#include "storage/failing_disk_for_test.h"

// Whenever the power fails: each change that was acknowledged is there, with its audit event and
// its entry in the feed; one that was under way is there with them, or not at all.

namespace wardlock::directory {
namespace {

struct Image {
  std::string folder;
  std::uint64_t acknowledged = 0;
};

/// A directory in an SQLite file.
struct Hospital {
  explicit Hospital(const std::string& folder) {
    auto opened = storage::Store::open({.url = "sqlite:" + folder + "/a.db"}, migrations());
    EXPECT_TRUE(opened) << opened.error().message;
    if (!opened) return;
    store = *std::move(opened);
    registry =
        std::make_unique<Registry>(*store, Surroundings{.clock = [] { return 1'800'000'000'000; },
                                                        .fill_random = crypto::fill_random,
                                                        .node = "node-1"});
  }

  std::unique_ptr<storage::Store> store;
  std::unique_ptr<Registry> registry;
};

class DirectoryPowerCut : public testing::Test {
 protected:
  DirectoryPowerCut() {
    std::string name = "/tmp/wardlock-power-XXXXXX";
    folder_ = mkdtemp(name.data());
    std::filesystem::create_directory(folder_ + "/live");
  }
  ~DirectoryPowerCut() override { std::filesystem::remove_all(folder_); }

  void fail_every(std::uint64_t operations, storage::FailingDisk& disk) {
    disk.before_each([this, operations, &disk] {
      if (++operations_ % operations != 0) return;
      const std::string folder = folder_ + "/" + std::to_string(images_.size());
      std::filesystem::create_directory(folder);
      disk.leave_image(folder, random_);
      images_.push_back({.folder = folder, .acknowledged = acknowledged_});
    });
  }

  void write(Hospital& hospital, const Registry::Call& call) {
    const Mandate mandate = {.tenant = "st-mary", .actor_type = "User", .actor_id = "admin-1"};
    const auto revision = hospital.registry->write(mandate, call);
    ASSERT_TRUE(revision) << revision.error().message;
    acknowledged_ = *revision;
  }

  /// A person comes, gets a role, and is renamed; now and then one leaves.
  void live_on(Hospital& hospital, int i) {
    std::string person, role;
    write(hospital, [&](Edit& edit) -> Result<void> {
      const std::string number = std::to_string(i);
      person =
          TRY(edit.create(Kind::kPerson, json(R"({"userName":"p)" + number + R"("})"), "active"))
              .id;
      role =
          TRY(edit.create(Kind::kRole, json(R"({"displayName":"role )" + number + R"("})"), "")).id;
      TRY_VOID(
          edit.relate({.relation = Relation::kRoleAssignment, .subject = person, .object = role}));
      return {};
    });
    write(hospital, [&](Edit& edit) -> Result<void> {
      TRY_VOID(edit.change(person, std::nullopt,
                           json(R"({"userName":"q)" + std::to_string(i) + R"("})")));
      return {};
    });
    if (i % 3 != 0) return;
    write(hospital, [&](Edit& edit) -> Result<void> {
      TRY_VOID(edit.set_state(person, std::nullopt, "left"));
      return {};
    });
  }

  std::string folder_;
  std::mt19937_64 random_{20261123};
  std::uint64_t operations_ = 0;
  std::uint64_t acknowledged_ = 0;
  std::vector<Image> images_;
};

std::set<std::uint64_t> revisions_with_events(const storage::Store& store) {
  std::set<std::uint64_t> found;
  const auto read = store.read([&](storage::Work& work) -> Result<void> {
    for (const storage::Row row : TRY(work.query("SELECT DISTINCT revision FROM outbox"))) {
      found.insert(static_cast<std::uint64_t>(row.integer(0)));
    }
    return {};
  });
  EXPECT_TRUE(read) << read.error().message;
  return found;
}

/// What the feed says last of a thing is what the thing is.
void expect_as_told(const Hospital& hospital, const std::vector<FeedEntry>& entries) {
  std::map<std::string, std::string> last;
  for (const FeedEntry& entry : entries) {
    if (entry.kind == "person") last[entry.id] = entry.document;
  }
  for (const auto& [id, document] : last) {
    const auto thing = hospital.registry->find("st-mary", id);
    ASSERT_TRUE(thing) << thing.error().message;
    EXPECT_TRUE(document.contains("\"state\":\"" + thing->state + "\"")) << document;
    EXPECT_TRUE(document.contains(thing->document.text())) << document;
  }
}

TEST_F(DirectoryPowerCut, LeavesNoChangeWithoutItsEventAndItsEntry) {
  {
    storage::FailingDisk disk(folder_ + "/live");
    Hospital hospital(folder_ + "/live");
    fail_every(11, disk);
    for (int i = 1; i <= 40; ++i) live_on(hospital, i);
  }
  ASSERT_GT(images_.size(), 60U);
  for (const Image& image : images_) {
    SCOPED_TRACE(image.folder);
    const Hospital hospital(image.folder);
    const auto revision = hospital.registry->revision();
    ASSERT_TRUE(revision);
    EXPECT_GE(*revision, image.acknowledged);
    EXPECT_LE(*revision, image.acknowledged + 1);
    const auto entries = hospital.registry->changes_after(0, 10'000);
    ASSERT_TRUE(entries) << entries.error().message;
    std::set<std::uint64_t> in_feed;
    for (const FeedEntry& entry : *entries) in_feed.insert(entry.revision);
    EXPECT_EQ(in_feed.size(), *revision) << "a revision has no entry";
    EXPECT_EQ(revisions_with_events(*hospital.store), in_feed);
    expect_as_told(hospital, *entries);
  }
}

}  // namespace
}  // namespace wardlock::directory
