#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/audit/events.h"
#include "api/audit/orders.h"
#include "audit/log/log_folder.h"
#include "audit/witness/cosigned.h"
#include "authn/caller_registry.h"
#include "net/http.h"
#include "server/audit_log.h"
#include "server/log_index.h"

namespace wardlock::server {

/// Who asks for something of the audit log, and when.
struct AuditAsker {
  const authn::KnownCaller& caller;
  audit_api::Sight sight;
  /// Of the server that has several tenants: nothing of what concerns all of them.
  bool is_of_one_of_several = false;
  std::int64_t now = 0;  ///< ms since the epoch
};

/// Answers what the callers of one thread ask of the audit log:
///   GET  /audit/checkpoint, /audit/tile/…, /audit/cosigned/…
///                                          see api/audit/log_endpoints.h; at once
///   GET  /audit/events                     see api/audit/events.h
///   POST /audit/erasures, /audit/holds, …  see api/audit/orders.h
/// The latter are worked on by the index's thread, and their answers come when they are asked for
/// again (`HttpResponse::unfinished`). What is read and ordered is on record before it is answered.
class AuditDesk {
 public:
  /// All names under which the log may have whom the order names, as the directory knows them; see
  /// directory/feed/log_names.h. Any thread calls it.
  using FindNames =
      std::function<Result<std::vector<audit::NamedSubject>>(const audit_api::Order&)>;

  /// Log and index outlive it, as does what `find_names` calls; it is null where there is no
  /// directory. `ring` has the thread's requests asked again; any thread calls it.
  AuditDesk(AuditLog& audit, LogIndex& index, std::function<void()> ring, FindNames find_names);

  /// Answers; returns the right that the caller would have needed, or nothing.
  std::string_view answer(const net::HttpRequest& request, const AuditAsker& asker,
                          net::HttpResponse& response);

 private:
  struct Job;
  /// What is read as tiles is read up to a checkpoint.
  struct Published {
    std::string checkpoint;
    std::uint64_t size = 0;
  };

  std::string_view answer_events(const net::HttpRequest& request, const AuditAsker& asker,
                                 net::HttpResponse& response);
  std::string_view answer_order(const net::HttpRequest& request, const AuditAsker& asker,
                                net::HttpResponse& response);
  std::string_view answer_tiles(const net::HttpRequest& request, const AuditAsker& asker,
                                net::HttpResponse& response);
  Published published_latest(const net::HttpRequest& request);
  Published published_cosigned();
  std::optional<audit::CosignedCheckpoint> cosigned();
  void begin(const net::HttpRequest& request, const AuditAsker& asker,
             std::function<Result<std::string>(const Job&, const audit_api::Indexed&)> work,
             net::HttpResponse& response);
  static void go_on(const std::shared_ptr<net::Unfinished>& unfinished,
                    net::HttpResponse& response);

  AuditLog& audit_;
  LogIndex& index_;
  const std::function<void()> ring_;
  const FindNames find_names_;
  audit::TileFiles tiles_;
  audit::RecordReader records_;
};

}  // namespace wardlock::server
