#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "audit/files/posix_files.h"
#include "audit/keys/subject_keys.h"
#include "audit/log/log.h"
#include "audit/log/log_key.h"
#include "audit/log/waiting_appender.h"
#include "audit/witness/confirm_log.h"
#include "base/error.h"
#include "config/config.h"
#include "event/event.h"
#include "merkle/checkpoint.h"

namespace wardlock::server {

/// What this process is called in events: the configuration's `audit.node`, or the host's name.
std::string node_name(const config::Config& config);

/// The audit log of this process: the log, the keys of those it speaks of, and what the
/// configuration says of both. Thread-safe.
class AuditLog {
 public:
  /// Opens the log that the configuration names, and makes what is missing. Before it goes on the
  /// witnesses are asked, unless everything may proceed without a record; `tell` is told of those
  /// that do not answer. Error: what cannot be used, and why; also a log that is older than the
  /// checkpoint that was kept beside its key, or than what a witness has seen.
  static Result<std::unique_ptr<AuditLog>> open(const config::Audit& options,
                                                const audit::TellOfWitness& tell = {});
  ~AuditLog();
  AuditLog(const AuditLog&) = delete;
  AuditLog& operator=(const AuditLog&) = delete;

  audit::Log& log() { return *log_; }
  const audit::Log& log() const { return *log_; }
  audit::Files& files() { return files_; }
  audit::SubjectKeys& keys() { return *keys_; }
  const std::string& node() const { return node_; }
  const std::string& folder() const { return options_.directory; }
  const std::string& origin() const { return origin_; }
  bool has_witnesses() const { return !options_.witnesses.empty(); }
  /// What its checkpoints satisfy.
  merkle::CheckpointPolicy checkpoint_policy() const;
  /// What those satisfy that were confirmed from outside: where the keys of witnesses are
  /// configured, one of them has signed.
  merkle::CheckpointPolicy cosigned_policy() const;

  /// The same keys, for a thread that must keep nobody waiting who records. Errors: as `open`.
  Result<std::unique_ptr<audit::SubjectKeys>> open_keys_again() const;

  /// Whom to tell, on the log's thread, when there are more durable records; nothing: nobody. When
  /// it returns, whom it told before is not told any more.
  void on_growth(std::function<void()> tell);

  config::OnFailure on_failure(std::string_view record_class) const;
  /// Of what a tenant's schema puts into that class: a tenant that is not trusted with that can
  /// make it stricter only.
  config::OnFailure on_failure(std::string_view tenant, std::string_view record_class) const;
  /// Whether answers of that class wait until their record is on disk; a tenant's as above.
  bool is_awaited(std::string_view record_class) const;
  bool is_awaited(std::string_view tenant, std::string_view record_class) const;

  /// Records something that is no answer to a request, and returns when it is on disk, or in the
  /// spool. The event's id, time and node are filled in. Error: kUnavailable, it could not be
  /// recorded; what it stands for must not be done.
  Result<void> record_now(event::Event event);

  /// Closes the log. Error: kUnavailable, not all that was recorded is in it, on disk and signed
  /// for.
  Result<void> close();

  /// Has the log go on with a new key, which is put on record, by whom, and signed by both. It
  /// begins with closing the log and ends with opening it: nobody else may have it. Where it is
  /// broken off, the next `open` ends it. Errors: kFailedPrecondition, a spool that is not open
  /// holds records; as `record_now`, `close` and `open`.
  Result<void> change_key(event::Event circumstances);
  /// That it signs with.
  const merkle::VerifierKey& key() const { return log_keys_->current.verifier(); }

  /// Answers that were given though they could not be recorded, and of the log's drafts those that
  /// nothing waited for.
  std::uint64_t unrecorded() const {
    return unrecorded_.load(std::memory_order_relaxed) + log_->status().unrecorded;
  }
  void note_unrecorded() { unrecorded_.fetch_add(1, std::memory_order_relaxed); }

 private:
  explicit AuditLog(config::Audit options);
  bool is_trusted(std::string_view tenant) const;
  Result<void> open_log(const audit::TellOfWitness& tell);
  Result<void> ask_witnesses(const merkle::SignerKey& key, const std::string& checkpoint,
                             const audit::TellOfWitness& tell);
  void forget_log();
  Result<void> check_spool_is_empty();
  Result<void> end_key_change(event::Event circumstances);
  Result<std::string> find_origin();
  Result<void> keep_checkpoint();
  Result<void> check_kept_checkpoint(const merkle::CheckpointPolicy& policy);

  const config::Audit options_;
  const std::string keys_folder_;
  std::string origin_;
  std::optional<audit::LogKeys> log_keys_;  ///< once it is open
  std::string node_;
  audit::PosixFiles files_;
  std::string kept_checkpoint_;
  std::unique_ptr<audit::SubjectKeys> keys_;
  std::unique_ptr<audit::Log> log_;
  std::mutex growth_mutex_;
  std::function<void()> growth_;  ///< guarded by it
  std::mutex own_mutex_;          ///< over what follows, which is `record_now`'s
  std::unique_ptr<audit::WaitingAppender> own_;
  std::string draft_;
  std::atomic<std::uint64_t> unrecorded_ = 0;
};

}  // namespace wardlock::server
