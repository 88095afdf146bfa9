#include "audit/log/identity_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "audit/log/log_key.h"

namespace wardlock::audit {
namespace {

constexpr std::size_t kMaxSmallFileBytes = 64UL * 1024;

/// A small file that says what it must; created where it is missing.
Result<void> check_says(Files& files, const std::string& path, const std::string& text,
                        std::string_view otherwise) {
  const auto found = read_file(files, path, kMaxSmallFileBytes);
  if (!found && found.error().code == ErrorCode::kNotFound) {
    TRY_VOID(replace_file(files, path, text));
    return files.sync_folder(folder_of(path));
  }
  if (!found) return std::unexpected(found.error());
  if (*found == text) return {};
  return invalid(fmt::format("`{}` {}", path, otherwise));
}

std::string line_of(const merkle::VerifierKey& key) { return key.text() + "\n"; }

/// Keys that were put back from a copy may lack what led to them, and without that nobody could
/// verify what the keys before have signed.
bool leads_further_back(std::string_view text, const LogOptions& options) {
  const auto found = read_key_changes(text);
  return found && found->size() > options.key_changes.size() &&
         found->back().after == options.key.verifier();
}

Result<void> write_key_changes(const LogOptions& options, const LogPaths& paths, Files& files) {
  const std::string changes = key_changes_text(options.key_changes);
  const auto had = read_file(files, paths.key_changes(), kMaxKeyChangesBytes);
  if (!had && had.error().code != ErrorCode::kNotFound) return std::unexpected(had.error());
  if (had.value_or("") == changes || leads_further_back(had.value_or(""), options)) return {};
  TRY_VOID(replace_file(files, paths.key_changes(), changes));
  return files.sync_folder(paths.folder());
}

/// Where the folder still has a key from before it is exchanged.
Result<void> write_public_key(const LogOptions& options, const LogPaths& paths, Files& files) {
  const merkle::VerifierKey& key = options.key.verifier();
  const auto found = read_file(files, paths.public_key(), kMaxSmallFileBytes);
  const bool is_former = found && std::ranges::any_of(options.key_changes, [&](const auto& each) {
                           return *found == line_of(each.before);
                         });
  if (is_former) {
    TRY_VOID(replace_file(files, paths.public_key(), line_of(key)));
    TRY_VOID(files.sync_folder(paths.folder()));
  }
  return check_says(
      files, paths.public_key(), line_of(key),
      fmt::format("is not of the key `{}`, with which this log was opened", key.text()));
}

}  // namespace

Result<void> write_identity(const LogOptions& options, const LogPaths& paths, Files& files) {
  TRY_VOID(check_says(files, paths.origin(), origin_text(options.origin),
                      fmt::format("is of another log than `{}`", options.origin)));
  TRY_VOID(write_key_changes(options, paths, files));
  return write_public_key(options, paths, files);
}

}  // namespace wardlock::audit
