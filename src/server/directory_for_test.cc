#include "server/directory_for_test.h"

#include <fmt/format.h>

#include <chrono>
#include <thread>

#include "audit/inspect/event_reader.h"
#include "authn/token.h"
#include "secrets/key_source.h"

namespace wardlock::server {

using directory::Edit;

bool eventually(const std::function<bool()>& is_so) {
  constexpr std::chrono::seconds kMoreThanEnough{30};
  const auto end = std::chrono::steady_clock::now() + kMoreThanEnough;
  while (!is_so()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

DirectoryForTest::DirectoryForTest() {
  config_.tenants.push_back({.name = "", .policies = ""});
  config_.directory = config::Directory{.database = url()};
  config_.audit = config::Audit{.directory = folder() + "/log",
                                .node = "a",
                                .spool_bytes = 0,
                                .is_immutable = false,
                                .segment_bytes = std::size_t{1} << 20};
}

void DirectoryForTest::seal_secrets() {
  const secrets::KeySource key = secrets::KeyFile{folder() + "/secrets.key"};
  ASSERT_TRUE(secrets::load_or_create_key(key));
  config_.directory->secret_keys = {key};
}

void DirectoryForTest::open() {
  if (config_.audit) {
    auto audit = AuditLog::open(*config_.audit);
    ASSERT_TRUE(audit) << audit.error().message;
    audit_ = *std::move(audit);
  }
  auto opened = Directory::open(config_, audit_.get(), log_);
  ASSERT_TRUE(opened) << opened.error().message;
  directory_ = *std::move(opened);
}

void DirectoryForTest::close() {
  directory_.reset();
  audit_.reset();
}

void DirectoryForTest::write(const directory::Registry::Call& call) {
  const auto written =
      directory_->registry->write(own_mandate(directory_tenant(""), "a test"), call);
  ASSERT_TRUE(written) << written.error().message;
}

DirectoryForTest::Somebody DirectoryForTest::somebody(
    const std::string& name, std::initializer_list<std::string_view> roles) {
  Somebody made{.id = {}, .token_hash = authn::token_hash(authn::new_token())};
  write([&](Edit& edit) -> Result<void> {
    made.id = TRY(edit.create(directory::Kind::kPerson, boost::json::object{{"userName", name}},
                              "active"))
                  .id;
    for (const std::string_view role : roles) {
      const auto found =
          TRY(edit.find_named("role.displayName", fmt::format("Wardlock::{}", role)));
      TRY_VOID(edit.relate({.relation = directory::Relation::kRoleAssignment,
                            .subject = made.id,
                            .object = found.value().id}));
    }
    TRY(edit.issue_credential({.thing = made.id, .hash = made.token_hash}));
    return {};
  });
  EXPECT_TRUE(directory_->credentials->follow());
  return made;
}

std::vector<std::string> DirectoryForTest::recorded() {
  const auto keys = audit_->open_keys_again();
  EXPECT_TRUE(keys) << keys.error().message;
  audit::EventReader reader(audit_->files(), audit_->folder(), **keys);
  std::vector<std::string> events;
  for (std::uint64_t i = 0; i < audit_->log().status().size; ++i) {
    const auto event = reader.event(i);
    EXPECT_TRUE(event) << event.error().message;
    if (event) events.push_back(fmt::format("{} {}", to_string(event->kind), event->action));
  }
  return events;
}

}  // namespace wardlock::server
