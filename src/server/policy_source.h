#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "bundle/content.h"
#include "config/managed_policies.h"
#include "directory/registry/registry.h"
#include "event/event.h"
#include "pap/drafts.h"
#include "server/directory.h"
#include "server/log.h"
#include "server/policy_desk.h"
#include "server/turn_task.h"

namespace wardlock::server {

/// Follows a folder: what changes there becomes a draft of a service's, which is checked and
/// submitted as anybody's is, and which people approve. It may do nothing else, and does no more
/// than that service may. One thread at a time.
class PolicySource {
 public:
  /// All outlive it. Requires the desk's settings to name a source.
  PolicySource(PolicyDesk& desk, Directory& directory, Log& log);

  /// Looks once. A folder that was the same at the last look, too, and is not what is in force, is
  /// proposed, once: what people have decided about that content stays. What is wrong with the
  /// folder or with the service is in the log and on record, once until it is over. Errors: those
  /// of storage::Store; it is to be looked again.
  Result<void> look();

 private:
  Result<void> follow(const bundle::Content& content);
  Result<void> finish(const directory::Mandate& who, const pap::PolicyDraft& draft,
                      const bundle::Content& content);
  Result<bool> check(const directory::Mandate& who, const pap::PolicyDraft& draft,
                     const bundle::Content& content);
  Result<bool> has_failed(const pap::PolicyDraft& draft) const;
  Result<std::optional<pap::PolicyDraft>> last_proposed() const;
  Result<bool> is_own(const pap::PolicyDraft& draft) const;
  Result<directory::Mandate> mandate(std::string reason) const;
  Result<void> record_question(event::Event event) const;
  void note_fault(const Error& why);
  void note_end();
  void record(std::string_view action, event::Outcome outcome, std::string_view cause) const;

  PolicyDesk& desk_;
  Directory& directory_;
  Log& log_;
  const config::FollowedFolder source_;
  std::string seen_;  ///< the content at the last look; empty: it could not be read
  std::string told_;  ///< what is wrong; empty: nothing is
};

/// Looks again and again. All outlive it.
TurnTask source_task(PolicyDesk& desk, Directory& directory, Log& log);

}  // namespace wardlock::server
