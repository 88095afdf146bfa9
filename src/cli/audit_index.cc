#include "cli/audit_index.h"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

#include "audit/index/follow.h"
#include "audit/index/search.h"
#include "audit/log/log_folder.h"
#include "cli/audit_inputs.h"
#include "cli/progress_bar.h"

namespace wardlock::cli {
namespace {

/// An origin is at most so long.
constexpr std::size_t kMaxOriginFileBytes = 4096;

Result<std::string> read_origin(audit::Files& files, const std::string& folder) {
  const audit::LogPaths paths(folder);
  const std::string text = TRY(audit::read_file(files, paths.origin(), kMaxOriginFileBytes));
  if (auto origin = audit::parse_origin_text(text)) return *std::move(origin);
  return fail(ErrorCode::kDataLoss,
              fmt::format("`{}` is not as a log writes it: see what `wardlock audit verify` says",
                          paths.origin()));
}

/// What is wrong with an index, said so that something can be done about it here.
Error advised(Error error, const std::string& folder) {
  if (error.code == ErrorCode::kDataLoss || error.code == ErrorCode::kFailedPrecondition) {
    error.code = ErrorCode::kUnavailable;  // it is no input's fault
    error.message += fmt::format(": `wardlock audit rebuild-index {}` makes it anew", folder);
  }
  return error;
}

Result<audit::Index> open_index(audit::Files& files, const std::string& folder, bool is_read_only) {
  const std::string path = audit::LogPaths(folder).index();
  if (is_read_only && !std::filesystem::exists(path)) {
    return fail(ErrorCode::kUnavailable,
                fmt::format("`{}` is not there yet: the server that has the log open makes it; "
                            "try again in a moment",
                            path));
  }
  auto index = audit::Index::open(
      {.path = path, .origin = TRY(read_origin(files, folder)), .is_read_only = is_read_only});
  if (!index) return std::unexpected(advised(std::move(index).error(), folder));
  return index;
}

Result<void> catch_up(audit::Index& index, audit::EventReader& log, audit::SubjectKeys& keys,
                      const std::string& folder) {
  ProgressBar bar("indexing");
  auto followed =
      audit::catch_up(index, log, keys, {.go_on = [&](std::uint64_t done, std::uint64_t all) {
                        bar.show(done, all);
                        return true;
                      }});
  if (!followed) return std::unexpected(advised(std::move(followed).error(), folder));
  return {};
}

Result<IndexedFolder> open_folder(std::unique_ptr<audit::PosixFiles> files,
                                  const std::string& folder, const std::string& keys_option,
                                  bool is_followed_elsewhere) {
  auto keys = TRY(open_subject_keys(folder, keys_option, is_followed_elsewhere));
  auto log = std::make_unique<audit::EventReader>(*files, folder, *keys);
  auto index = TRY(open_index(*files, folder, is_followed_elsewhere));
  return IndexedFolder{.files = std::move(files),
                       .keys = std::move(keys),
                       .log = std::move(log),
                       .index = std::move(index)};
}

}  // namespace

Result<bool> is_log_open(audit::Files& files, const std::string& folder) {
  event::NoKeys no_keys;
  TRY(audit::EventReader(files, folder, no_keys).end());
  return files.is_locked(audit::LogPaths(folder).lock());
}

Result<IndexedFolder> open_indexed_folder(const std::string& folder,
                                          const std::string& keys_option) {
  auto files = std::make_unique<audit::PosixFiles>();
  const bool is_open = TRY(is_log_open(*files, folder));
  auto opened = TRY(open_folder(std::move(files), folder, keys_option, is_open));
  if (!is_open) TRY_VOID(catch_up(opened.index, *opened.log, *opened.keys, folder));
  return opened;
}

Result<void> bring_index_up(const std::string& folder, audit::Files& files, audit::EventReader& log,
                            audit::SubjectKeys& keys) {
  auto index = TRY(open_index(files, folder, false));
  return catch_up(index, log, keys, folder);
}

std::optional<std::uint64_t> find_indexed_decision(const std::string& folder,
                                                   const std::string& keys_option,
                                                   const std::string& tenant,
                                                   const std::string& decision_id) {
  auto opened = open_folder(std::make_unique<audit::PosixFiles>(), folder, keys_option, true);
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
  auto files = std::make_unique<audit::PosixFiles>();
  if (TRY(is_log_open(*files, folder))) {
    return fail(
        ErrorCode::kUnavailable,
        fmt::format("a server has the log `{}` open and keeps its index: it makes a damaged "
                    "one anew by itself; to do it here, stop the server first",
                    folder));
  }
  // Before anything is taken away: without the keys there would be nothing to make it with.
  TRY(open_subject_keys(folder, keys_option, true));
  TRY_VOID(audit::Index::remove(audit::LogPaths(folder).index()));
  auto opened = TRY(open_folder(std::move(files), folder, keys_option, false));
  TRY_VOID(catch_up(opened.index, *opened.log, *opened.keys, folder));
  return opened;
}

}  // namespace wardlock::cli
