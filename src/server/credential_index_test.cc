#include "server/credential_index.h"

#include <gtest/gtest.h>

#include "base/wall_clock.h"
#include "directory/registry/tables.h"
#include "server/directory_for_test.h"

namespace wardlock::server {
namespace {

using directory::Edit;

class CredentialIndexTest : public DirectoryForTest {
 protected:
  void SetUp() override {
    open();
    hale_ = somebody("hale", {"Administrator"});
  }
  std::shared_ptr<const KnownCredential> find(const Somebody& who) const {
    return directory_->credentials->find(who.token_hash, wall_clock_ms());
  }
  void revoke(const Somebody& who) {
    write([&](Edit& edit) -> Result<void> {
      TRY(edit.revoke_credentials_of(who.id));
      return {};
    });
  }

  Somebody hale_;
};
WARDLOCK_ON_EACH_DATABASE(CredentialIndexTest);

TEST_P(CredentialIndexTest, KnowsWhatIsGoodAndNothingElse) {
  ASSERT_NE(find(hale_), nullptr);
  EXPECT_EQ(find(hale_)->tenant, directory_tenant(""));
  EXPECT_EQ(directory_->credentials->find("sha256:" + std::string(64, '0'), 0), nullptr);
  EXPECT_EQ(directory_->credentials->find(hale_.token_hash, find(hale_)->expires_ms), nullptr)
      << "it has expired";
  revoke(hale_);
  ASSERT_TRUE(directory_->credentials->follow());
  EXPECT_EQ(find(hale_), nullptr);
  EXPECT_EQ(directory_->credentials->size(), 0U);
}

/// As a node that shares the database with the one where a credential is revoked.
TEST_P(CredentialIndexTest, HearsOfWhatHappensElsewhere) {
  const auto store = open_store(*config_.directory);
  ASSERT_TRUE(store) << store.error().message;
  const auto registry = make_registry(**store, "b");
  const auto there = CredentialIndex::start(**store, *registry, {.rate = 1, .burst = 1});
  ASSERT_TRUE(there) << there.error().message;
  const auto is_known_there = [&](const Somebody& who) {
    return (*there)->find(who.token_hash, wall_clock_ms()) != nullptr;
  };
  EXPECT_TRUE(is_known_there(hale_));
  const Somebody ann = somebody("ann", {});
  EXPECT_TRUE(eventually([&] { return is_known_there(ann); }));
  revoke(ann);
  EXPECT_TRUE(eventually([&] { return !is_known_there(ann); }));
  EXPECT_TRUE(is_known_there(hale_));
}

/// Else who is over their quota would have only to wait until the feed is forgotten.
TEST_P(CredentialIndexTest, AQuotaIsKeptWhenAllAreReadAnew) {
  const auto before = find(hale_)->limit;
  for (int i = 0; i < 3; ++i) somebody("p" + std::to_string(i), {});
  write([](Edit& edit) { return edit.note_restored(); });
  ASSERT_TRUE(directory_->credentials->follow());
  EXPECT_EQ(find(hale_)->limit, before);
}

TEST_P(CredentialIndexTest, NotesWhenOneWasUsed) {
  const std::string id = find(hale_)->id;
  directory_->credentials->note_use(id, 2000);
  directory_->credentials->note_use(id, 1000);
  ASSERT_TRUE(directory_->credentials->write_uses());
  EXPECT_EQ(directory_->registry->find_credential(directory_tenant(""), id)->last_used_ms, 2000);
  const std::uint64_t before = revision();
  ASSERT_TRUE(directory_->credentials->write_uses());
  EXPECT_EQ(revision(), before) << "that is no change";
}

}  // namespace
}  // namespace wardlock::server
