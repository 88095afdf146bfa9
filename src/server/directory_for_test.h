#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "server/audit_log.h"
#include "server/directory.h"
#include "server/log.h"
#include "storage/store_for_test.h"

namespace wardlock::server {

using storage::name_of;  // for WARDLOCK_ON_EACH_DATABASE
using storage::tested_databases;

/// What a process has for its directory, on each kind of database: the directory, an audit log and
/// one tenant without a name.
class DirectoryForTest : public storage::OnEachDatabase {
 protected:
  DirectoryForTest();
  ~DirectoryForTest() override { close(); }

  /// From then on `config_` seals the directory's secrets, with a key that is there.
  void seal_secrets();
  /// Opens what `config_` says; it must be closed.
  void open();
  void close();

  /// The change must succeed.
  void write(const directory::Registry::Call& call);
  std::uint64_t revision() { return *directory_->registry->revision(); }

  /// An active person, with these roles of administration and a token.
  struct Somebody {
    std::string id;
    std::string token_hash;
  };
  Somebody somebody(const std::string& name, std::initializer_list<std::string_view> roles);

  /// What is in the log, on disk, from its beginning: `decision read`.
  std::vector<std::string> recorded();

  config::Config config_;
  Log log_{config::Log{.level = config::LogLevel::kError}};
  std::unique_ptr<AuditLog> audit_;
  std::unique_ptr<Directory> directory_;
};

/// Waits until it is so; false: it was not in a time that is more than enough.
bool eventually(const std::function<bool()>& is_so);

}  // namespace wardlock::server
