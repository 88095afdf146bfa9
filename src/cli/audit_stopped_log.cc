#include "cli/audit_stopped_log.h"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "audit/log/log_options.h"
#include "audit/log/segment.h"
#include "cli/audit_index.h"
#include "cli/audit_inputs.h"

namespace wardlock::cli {
namespace {

/// 0: it is not there.
std::uint64_t bytes_of(const std::string& path) {
  std::error_code error;
  const std::uintmax_t bytes = std::filesystem::file_size(path, error);
  return error ? 0 : bytes;
}

/// Segments go on as large as they are.
std::uint64_t segment_bytes_of(audit::Files& files, const std::string& folder) {
  const audit::LogPaths paths(folder);
  const auto firsts = audit::list_segments(files, paths.segments());
  const std::uint64_t bytes =
      firsts && !firsts->empty() ? bytes_of(paths.segment(firsts->back())) : 0;
  const bool is_usable = bytes >= audit::kMinSegmentBytes && bytes % 4096 == 0;
  return is_usable ? bytes : config::Audit().segment_bytes;
}

config::Audit settings_of(const StoppedLog& where) {
  audit::PosixFiles files;
  const std::string spool = where.spool.empty() ? where.folder + "/spool" : where.spool;
  return {.directory = where.folder,
          .keys = where.keys,
          .spool_directory = spool,
          .spool_bytes = bytes_of(spool + "/spool"),
          .is_immutable = false,
          .segment_bytes = segment_bytes_of(files, where.folder)};
}

/// The log's thread takes the spool's records in before anything else.
Result<void> wait_for_spool(const audit::Log& log) {
  constexpr std::chrono::seconds kLongest{60};
  const auto end = std::chrono::steady_clock::now() + kLongest;
  audit::LogStatus status = log.status();
  while (status.spool_used > 0 && !status.is_failing && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    status = log.status();
  }
  if (status.spool_used == 0) return {};
  return fail(ErrorCode::kUnavailable,
              fmt::format("what the spool holds does not come into the log: {}",
                          status.why.empty() ? "its disk is too slow" : status.why));
}

}  // namespace

CommandBuilder& add_stopped_log(CommandBuilder& command, StoppedLog& where) {
  return command.option("folder", where.folder, "DIR", "folder of the log", true)
      .option("--keys", where.keys, "DIR", "folder of the log's keys (default: its own `keys`)")
      .option("--spool", where.spool, "DIR",
              "folder of the log's spool (default: its own `spool`)");
}

Result<std::unique_ptr<server::AuditLog>> open_stopped_log(const StoppedLog& where,
                                                           std::string_view otherwise) {
  audit::PosixFiles files;
  const auto in_use = [&] {
    return fail(ErrorCode::kUnavailable,
                fmt::format("a server has the log `{}` open: {}", where.folder, otherwise));
  };
  if (TRY(is_log_open(files, where.folder))) return in_use();
  // Keys that are missing must not be made anew here.
  TRY(open_subject_keys(where.folder, where.keys, true));
  auto log = server::AuditLog::open(settings_of(where));
  if (!log && TRY(is_log_open(files, where.folder))) return in_use();
  if (!log) return log;
  TRY_VOID(wait_for_spool((*log)->log()));
  return log;
}

}  // namespace wardlock::cli
