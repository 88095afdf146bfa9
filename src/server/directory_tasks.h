#pragma once

#include <memory>

#include "config/config.h"
#include "server/directory.h"
#include "server/log.h"

namespace wardlock::server {

/// What the directory does by itself now and then: reads each LDAP source at its interval, reviews
/// each tenant, applies its rules of roles, and seals secrets anew that are sealed under an older
/// key. Each on a thread of its own, which ends with this. Of several nodes that share a database,
/// one does each at a time. Null directory: nothing.
class DirectoryTasks {
 public:
  /// All outlive it.
  DirectoryTasks(const config::Config& config, Directory* directory, Log& log);
  ~DirectoryTasks();
  DirectoryTasks(const DirectoryTasks&) = delete;
  DirectoryTasks& operator=(const DirectoryTasks&) = delete;

 private:
  struct Threads;
  std::unique_ptr<Threads> threads_;
};

}  // namespace wardlock::server
