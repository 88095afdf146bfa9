#include "cli/audit_index.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "audit/index/follow.h"
#include "audit/index/search.h"
#include "audit/log/log_folder.h"
#include "cli/audit_inputs.h"
#include "cli/progress_bar.h"

namespace wardlock::cli {
namespace {

/// What is wrong with an index, said so that something can be done about it here.
Error advised(Error error, const std::string& folder) {
  if (error.code == ErrorCode::kDataLoss || error.code == ErrorCode::kFailedPrecondition) {
    error.code = ErrorCode::kUnavailable;  // it is no input's fault
    error.message += fmt::format(": `wardlock audit rebuild-index {}` makes it anew", folder);
  }
  return error;
}

/// What cannot be written can be read, usually.
bool is_of_writing(const Error& error) {
  return error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kResourceExhausted;
}

Result<audit::Index> open_index(audit::Files& files, const std::string& folder, bool is_read_only) {
  const std::string path = audit::LogPaths(folder).index();
  if (is_read_only && !std::filesystem::exists(path)) {
    return fail(ErrorCode::kUnavailable,
                fmt::format("`{}` is not there yet: the server that has the log open makes it; "
                            "try again in a moment",
                            path));
  }
  return audit::Index::open({.path = path,
                             .origin = TRY(audit::read_origin(files, audit::LogPaths(folder))),
                             .is_read_only = is_read_only});
}

Result<void> bring_up(audit::Index& index, audit::EventReader& log, audit::SubjectKeys& keys) {
  ProgressBar bar("indexing");
  TRY(audit::catch_up(index, log, keys, {.go_on = [&](std::uint64_t done, std::uint64_t all) {
                        bar.show(done, all);
                        return true;
                      }}));
  return {};
}

Result<IndexedFolder> open_folder(const std::string& folder, const std::string& keys_option,
                                  bool is_read_only) {
  auto files = std::make_unique<audit::PosixFiles>();
  auto keys = TRY(open_subject_keys(folder, keys_option, is_read_only));
  auto log = std::make_unique<audit::EventReader>(*files, folder, *keys);
  auto index = TRY(open_index(*files, folder, is_read_only));
  const std::uint64_t end = TRY(log->end());
  const std::uint64_t next = TRY(index.next());
  return IndexedFolder{.files = std::move(files),
                       .keys = std::move(keys),
                       .log = std::move(log),
                       .index = std::move(index),
                       .missing = end - std::min(next, end)};
}

}  // namespace

Result<bool> is_log_open(audit::Files& files, const std::string& folder) {
  event::NoKeys no_keys;
  TRY(audit::EventReader(files, folder, no_keys).end());
  return files.is_locked(audit::LogPaths(folder).lock());
}

Result<IndexedFolder> open_indexed_folder(const std::string& folder,
                                          const std::string& keys_option) {
  audit::PosixFiles files;
  const bool is_open = TRY(is_log_open(files, folder));
  if (is_open) {
    auto opened = open_folder(folder, keys_option, true);
    if (!opened) return std::unexpected(advised(std::move(opened).error(), folder));
    opened->missing = 0;  // the server is about to add them
    return opened;
  }
  auto opened = open_folder(folder, keys_option, false);
  if (!opened) {
    // Who may only read finds what the index has.
    auto read_only = open_folder(folder, keys_option, true);
    if (read_only) return read_only;
    return std::unexpected(advised(std::move(opened).error(), folder));
  }
  auto followed = bring_up(opened->index, *opened->log, *opened->keys);
  if (followed) {
    opened->missing = 0;
  } else if (!is_of_writing(followed.error())) {
    return std::unexpected(advised(std::move(followed).error(), folder));
  }
  return opened;
}

Result<void> bring_index_up(const std::string& folder, audit::Files& files, audit::EventReader& log,
                            audit::SubjectKeys& keys) {
  auto index = open_index(files, folder, false);
  if (!index) return std::unexpected(advised(std::move(index).error(), folder));
  auto followed = bring_up(*index, log, keys);
  if (!followed) return std::unexpected(advised(std::move(followed).error(), folder));
  return {};
}

std::optional<std::uint64_t> find_indexed_decision(const std::string& folder,
                                                   const std::string& keys_option,
                                                   const std::string& tenant,
                                                   const std::string& decision_id) {
  auto opened = open_folder(folder, keys_option, true);
  if (!opened) return std::nullopt;
  std::optional<std::uint64_t> found;
  const auto take = [&](std::uint64_t record, const Result<event::Event>& event) -> Result<void> {
    if (event && !found) found = record;
    return {};
  };
  const audit::Query query{.tenant = tenant, .decision_id = decision_id, .limit = 10};
  const auto searched = audit::find_events(opened->index, *opened->log, *opened->keys, query, take);
  return searched ? found : std::nullopt;
}

Result<IndexedFolder> rebuild_index(const std::string& folder, const std::string& keys_option) {
  audit::PosixFiles files;
  if (TRY(is_log_open(files, folder))) {
    return fail(
        ErrorCode::kUnavailable,
        fmt::format("a server has the log `{}` open and keeps its index: it makes a damaged "
                    "one anew by itself; to do it here, stop the server first",
                    folder));
  }
  // Before anything is taken away: without the keys there would be nothing to make it with.
  TRY(open_subject_keys(folder, keys_option, true));
  TRY_VOID(audit::Index::remove(audit::LogPaths(folder).index()));
  auto opened = TRY(open_folder(folder, keys_option, false));
  TRY_VOID(bring_up(opened.index, *opened.log, *opened.keys));
  return opened;
}

}  // namespace wardlock::cli
