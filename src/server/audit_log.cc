#include "server/audit_log.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>
#include <vector>

#include "audit/keys/record_sealer.h"
#include "audit/log/log_folder.h"
#include "audit/log/log_key.h"
#include "audit/log/spool.h"
#include "base/wall_clock.h"
#include "crypto/random.h"
#include "event/draft.h"
#include "merkle/compact_range.h"
#include "net/interruption.h"
#include "storage/key_file.h"

namespace wardlock::server {
namespace {

constexpr std::size_t kMaxCheckpointBytes = std::size_t{64} * 1024;
constexpr std::size_t kCachedKeysOfReaders = 20'000;
constexpr const char* kSpoolNote = "/log.spool";
/// Of a start, for each witness.
constexpr std::chrono::seconds kWitnessPatience{5};

std::string host_name() {
  std::array<char, 256> name = {};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unknown";
}

std::string_view view_of(const crypto::UuidText& id) { return {id.data(), id.size()}; }

/// A checkpoint's origin is a name that no other log in the world has.
std::string draw_origin() { return fmt::format("wardlock/{}", view_of(crypto::random_uuid())); }

/// Tells of what went through the spool. Drafts are made from constants and numbers here: they are
/// never too large.
void write_spool_event(const std::string& node, const audit::SpoolReport& report,
                       std::string& draft) {
  const crypto::UuidText id = crypto::random_uuid();
  const bool is_whole = report.missing == 0;
  const std::string before = fmt::format("{}", report.records + report.missing);
  const std::string after = fmt::format("{}", report.records);
  const std::string reason = fmt::format(
      "{}{}",
      is_whole ? ""
               : fmt::format("{} records went to the spool and are not in it any more: it was "
                             "removed, emptied or exchanged; ",
                             report.missing),
      report.why.substr(0, 1000));
  event::Event event{.id = view_of(id),
                     .time = wall_clock_ms(),
                     .kind = event::Kind::kSpooled,
                     .outcome = event::Outcome::kError,
                     .node = node,
                     .reason = reason,
                     .count = static_cast<std::int64_t>(report.records)};
  if (!is_whole) {
    event.cause = "data_loss";
    event.changed = "spool";
    event.value_before = before;
    event.value_after = after;
  }
  CHECK(event::write_draft(event, draft).has_value());
}

/// Asks one witness, however often, for no longer than it is waited for.
audit::Post ask_in_time(const audit::Witness& witness, const net::Interruption& interruption) {
  using Clock = std::chrono::steady_clock;
  return [&, end = std::optional<Clock::time_point>()](
             const std::string& url, std::string_view body) mutable -> Result<net::HttpReply> {
    const auto now = Clock::now();
    if (!end) end = now + kWitnessPatience;
    const auto left = std::chrono::floor<std::chrono::milliseconds>(*end - now);
    if (left <= left.zero()) return fail(ErrorCode::kDeadlineExceeded, "takes too long to answer");
    const audit::Post post = TRY(audit::connect_to(witness, interruption, left));
    return post(url, body);
  };
}

}  // namespace

std::string node_name(const config::Config& config) {
  return config.audit && !config.audit->node.empty() ? config.audit->node : host_name();
}

AuditLog::AuditLog(config::Audit options)
    : options_(std::move(options)),
      keys_folder_(options_.keys.empty() ? options_.directory + "/keys" : options_.keys),
      node_(options_.node.empty() ? host_name() : options_.node) {}

AuditLog::~AuditLog() {
  if (log_ != nullptr) forget_log();
}

void AuditLog::forget_log() {
  log_->close();
  [[maybe_unused]] const auto kept = keep_checkpoint();
  own_.reset();
  log_.reset();
}

Result<std::unique_ptr<AuditLog>> AuditLog::open(const config::Audit& options,
                                                 const audit::TellOfWitness& tell) {
  std::unique_ptr<AuditLog> opened(new AuditLog(options));
  TRY_VOID(opened->files_.make_folder(options.directory));
  TRY_VOID(opened->files_.make_folder(opened->keys_folder_));
  opened->keys_ = TRY(opened->open_keys_again());
  TRY_VOID(opened->open_log(tell));
  if (opened->log_keys_->next) {
    TRY_VOID(opened->end_key_change({.record_class = "administration"}));
  }
  return opened;
}

Result<std::unique_ptr<audit::SubjectKeys>> AuditLog::open_keys_again() const {
  for (const char* name :
       {"", "/log.key", "/log.key.next", "/log.key-changes", "/master.key", "/subjects.db"}) {
    TRY_VOID(audit::check_private(keys_folder_ + name));
  }
  const auto master = TRY(storage::load_or_create_key(keys_folder_ + "/master.key"));
  audit::SubjectKeysOptions options{.path = keys_folder_ + "/subjects.db"};
  if (keys_ != nullptr) {
    // What lies ready for emergencies is for whoever records.
    options.spares = 0;
    options.cached = kCachedKeysOfReaders;
  }
  return audit::SubjectKeys::open(options, master);
}

void AuditLog::on_growth(std::function<void()> tell) {
  const std::scoped_lock lock(growth_mutex_);
  growth_ = std::move(tell);
}

merkle::CheckpointPolicy AuditLog::cosigned_policy() const {
  merkle::CheckpointPolicy policy = checkpoint_policy();
  for (const audit::Witness& witness : options_.witnesses) {
    if (witness.key) policy.witnesses.push_back(*witness.key);
  }
  policy.quorum = policy.witnesses.empty() ? 0 : 1;
  return policy;
}

merkle::CheckpointPolicy AuditLog::checkpoint_policy() const {
  merkle::CheckpointPolicy policy{
      .origin = origin_, .log_keys = log_keys_->former(), .witnesses = {}, .quorum = 0};
  policy.log_keys.push_back(key());
  return policy;
}

Result<void> AuditLog::open_log(const audit::TellOfWitness& tell) {
  origin_ = TRY(find_origin());
  log_keys_ = TRY(audit::load_or_create_log_keys(files_, keys_folder_, origin_));
  audit::LogOptions options(log_keys_->current);
  options.key_changes = log_keys_->changes;
  options.next_key = log_keys_->next;
  kept_checkpoint_ = keys_folder_ + "/log.checkpoint";
  TRY_VOID(check_kept_checkpoint(checkpoint_policy()));
  options.folder = options_.directory;
  options.origin = origin_;
  options.segment_bytes = options_.segment_bytes;
  options.protection =
      options_.is_immutable ? audit::Protection::kImmutable : audit::Protection::kReadOnly;
  options.spool_folder = options_.spool_directory;
  options.spool_bytes = options_.spool_bytes;
  options.spool_note = keys_folder_ + kSpoolNote;
  options.commit_delay = options_.commit_delay;
  options.checkpoint_interval = options_.checkpoint_interval;
  options.seal = [sealer = std::make_shared<audit::RecordSealer>(*keys_)](
                     std::span<const std::string_view> drafts, audit::Records& out) {
    return sealer->seal(drafts, [&out](std::string_view record) { return out.add(record); });
  };
  options.before_signing = [&, key = options.key](const std::string& checkpoint) {
    return ask_witnesses(key, checkpoint, tell);
  };
  options.on_growth = [this] {
    const std::scoped_lock lock(growth_mutex_);
    if (growth_) growth_();
  };
  options.write_spool_event = [this](const audit::SpoolReport& report, std::string& draft) {
    write_spool_event(node_, report, draft);
  };
  log_ = TRY(audit::Log::open(std::move(options), files_));
  own_ = std::make_unique<audit::WaitingAppender>(*log_);
  // Where that fails the one before stays: no reason not to serve.
  [[maybe_unused]] const auto kept = keep_checkpoint();
  return {};
}

/// A log that was rolled back would go on as a fork under the same key. That of an empty one is
/// asked about with a checkpoint of nothing: all of it may have been taken away.
Result<void> AuditLog::ask_witnesses(const merkle::SignerKey& key, const std::string& checkpoint,
                                     const audit::TellOfWitness& tell) {
  if (!has_witnesses() || on_failure("") == config::OnFailure::kProceed) return {};
  const net::Interruption nothing;
  std::vector<audit::WitnessClient> clients;
  for (const audit::Witness& each : options_.witnesses) {
    clients.emplace_back(each, ask_in_time(each, nothing));
  }
  const merkle::Checkpoint empty{
      .origin = origin_, .head = merkle::CompactRange().head(), .extensions = {}};
  const std::string note =
      checkpoint.empty() ? TRY(merkle::sign_checkpoint(empty, key, 0)) : checkpoint;
  const auto now = static_cast<std::uint64_t>(wall_clock_ms() / 1000);
  auto asked = audit::ask_before_going_on(files_, options_.directory, key.verifier(), note, clients,
                                          now, [&](const std::string& name, const Error& why) {
                                            if (tell) tell(name, why);
                                          });
  if (asked) return {};
  asked.error().message += fmt::format(
      "; the log in `{}` is not continued: keep a copy, and put the right one back, or begin a "
      "new one of another `origin`",
      options_.directory);
  return asked;
}

/// Beside the key, where whoever can only write the log's folder does not reach it. Once the log's
/// own is sure to stay: after a power cut, too, it is not older.
Result<void> AuditLog::keep_checkpoint() {
  const std::string& folder = options_.directory;
  const auto note =
      audit::read_file(files_, audit::LogPaths(folder).checkpoint(), kMaxCheckpointBytes);
  if (!note && note.error().code == ErrorCode::kNotFound) return {};
  if (!note) return std::unexpected(note.error());
  TRY_VOID(files_.sync_folder(folder));
  TRY_VOID(audit::replace_file(files_, kept_checkpoint_, *note));
  return files_.sync_folder(audit::folder_of(kept_checkpoint_));
}

/// Before anything is signed: else a log that was rolled back would go on as a fork under the same
/// key.
Result<void> AuditLog::check_kept_checkpoint(const merkle::CheckpointPolicy& policy) {
  const auto kept = audit::read_file(files_, kept_checkpoint_, kMaxCheckpointBytes);
  if (!kept && kept.error().code == ErrorCode::kNotFound) return {};
  if (!kept) return std::unexpected(kept.error());
  const auto seen = merkle::open_checkpoint(*kept, policy);
  if (!seen) return std::unexpected(seen.error().in(fmt::format("`{}`", kept_checkpoint_)));
  merkle::TreeHead now;
  const std::string path = audit::LogPaths(options_.directory).checkpoint();
  if (const auto note = audit::read_file(files_, path, kMaxCheckpointBytes)) {
    const auto opened = merkle::open_checkpoint(*note, policy);
    if (!opened) return {};  // the log says what is wrong with it
    now = opened->head();
  }
  const bool is_older = now.size < seen->head().size;
  if (!is_older && (now.size > seen->head().size || now == seen->head())) return {};
  return fail(ErrorCode::kDataLoss,
              fmt::format("the log in `{}` is signed for {} records, and {} were signed for when "
                          "`{}` was kept: it was rolled back or exchanged, and is not continued; "
                          "keep a copy, put the right one back, or, where you did that yourself, "
                          "remove `{}`",
                          options_.directory, now.size, seen->head().size, kept_checkpoint_,
                          kept_checkpoint_));
}

/// The configuration's, the one that the log in the folder has, or a new one.
Result<std::string> AuditLog::find_origin() {
  if (!options_.origin.empty()) return options_.origin;
  auto found = audit::read_origin(files_, audit::LogPaths(options_.directory));
  if (!found && found.error().code == ErrorCode::kNotFound) return draw_origin();
  return found;
}

config::OnFailure AuditLog::on_failure(std::string_view record_class) const {
  const auto said = options_.on_failure.find(record_class);
  return said == options_.on_failure.end() ? options_.on_failure_otherwise : said->second;
}

bool AuditLog::is_awaited(std::string_view record_class) const {
  return std::ranges::find(options_.unawaited, record_class) == options_.unawaited.end();
}

bool AuditLog::is_trusted(std::string_view tenant) const {
  const auto& trusted = options_.trusted_tenants;
  return !trusted || std::ranges::find(*trusted, tenant) != trusted->end();
}

config::OnFailure AuditLog::on_failure(std::string_view tenant,
                                       std::string_view record_class) const {
  const config::OnFailure said = on_failure(record_class);
  return is_trusted(tenant) ? said : std::min(said, options_.on_failure_otherwise);
}

bool AuditLog::is_awaited(std::string_view tenant, std::string_view record_class) const {
  return !is_trusted(tenant) || is_awaited(record_class);
}

Result<void> AuditLog::close() {
  log_->close();
  const audit::LogStatus status = log_->status();
  // What is in the spool is in no place of the log yet.
  if (!status.is_failing && status.spool_used == 0 && status.checkpoint_size == status.size) {
    return {};
  }
  return fail(ErrorCode::kUnavailable, fmt::format("the log can't be written: {}", status.why));
}

/// A spool that is signed with a key that was given up could not be taken in any more.
Result<void> AuditLog::check_spool_is_empty() {
  audit::LogOptions options(log_keys_->current);
  options.origin = origin_;
  options.spool_note = keys_folder_ + kSpoolNote;
  const std::uint64_t records = TRY(audit::Spool::noted(options, files_));
  if (records == 0) return {};
  return fail(
      ErrorCode::kFailedPrecondition,
      fmt::format("{} records are in the log's spool, and must come into the log before its "
                  "key is exchanged: name the spool's folder with `--spool`",
                  records));
}

Result<void> AuditLog::change_key(event::Event circumstances) {
  TRY_VOID(check_spool_is_empty());
  TRY_VOID(audit::draw_next_log_key(files_, keys_folder_, origin_));
  forget_log();
  TRY_VOID(open_log({}));
  return end_key_change(circumstances);
}

/// The log is open with both keys. The order counts: what says that the key changed, signed by the
/// one before, is on disk before that one is gone.
Result<void> AuditLog::end_key_change(event::Event circumstances) {
  const audit::KeyChange change = TRY(audit::make_key_change(log_keys_->current, *log_keys_->next));
  circumstances.kind = event::Kind::kLogKeyChange;
  circumstances.changed = change.note;
  TRY_VOID(record_now(circumstances));
  TRY_VOID(close());
  TRY_VOID(audit::end_key_change(files_, keys_folder_, *log_keys_, change));
  forget_log();
  return open_log({});
}

Result<void> AuditLog::record_now(event::Event event) {
  const crypto::UuidText id = crypto::random_uuid();
  event.id = view_of(id);
  event.time = wall_clock_ms();
  event.node = node_;
  const bool is_spooled = on_failure(event.record_class) == config::OnFailure::kSpool;
  const std::lock_guard lock(own_mutex_);
  draft_.clear();
  TRY_VOID(event::write_draft(event, draft_));
  const audit::Outcome outcome = TRY(
      own_->append(draft_, is_spooled ? audit::WhenFailing::kSpool : audit::WhenFailing::kRefuse));
  if (outcome != audit::Outcome::kRefused) return {};
  return fail(ErrorCode::kUnavailable,
              fmt::format("the audit log can't be written: {}", log_->status().why));
}

}  // namespace wardlock::server
