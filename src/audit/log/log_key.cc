#include "audit/log/log_key.h"

#include <fmt/format.h>

namespace wardlock::audit {
namespace {

constexpr const char* kCurrent = "/log.key";
constexpr const char* kNext = "/log.key.next";
constexpr const char* kChanges = "/log.key-changes";

}  // namespace

Result<merkle::SignerKey> load_or_create_log_key(Files& files, const std::string& path,
                                                 const std::string& name) {
  constexpr std::size_t kMostBytes = 4096;
  auto text = read_file(files, path, kMostBytes);
  if (!text && text.error().code == ErrorCode::kNotFound) {
    merkle::SignerKey key = TRY(merkle::SignerKey::generate(name, merkle::SignatureType::kEd25519));
    TRY_VOID(replace_file(files, path, key.secret_text() + "\n"));
    TRY_VOID(files.sync_folder(folder_of(path)));
    return key;
  }
  if (!text) return std::unexpected(text.error());
  if (text->ends_with('\n')) text->pop_back();
  auto key = merkle::SignerKey::parse(*text);
  if (!key) return std::unexpected(key.error().in(fmt::format("`{}`", path)));
  if (key->name() == name) return key;
  return invalid(
      fmt::format("the key in `{}` is `{}`'s; one of `{}` is needed", path, key->name(), name));
}

std::vector<merkle::VerifierKey> LogKeys::former() const {
  std::vector<merkle::VerifierKey> keys;
  for (const KeyChange& change : changes) keys.push_back(change.before);
  return keys;
}

std::string key_changes_text(const std::vector<KeyChange>& changes) {
  std::string text;
  for (const KeyChange& change : changes) text += change.note;
  return text;
}

Result<LogKeys> load_or_create_log_keys(Files& files, const std::string& folder,
                                        const std::string& name) {
  LogKeys keys{.current = TRY(load_or_create_log_key(files, folder + kCurrent, name)),
               .changes = {},
               .next = {}};
  const auto text = read_file(files, folder + kChanges, kMaxKeyChangesBytes);
  if (text) {
    auto changes = read_key_changes(*text);
    if (!changes) return std::unexpected(changes.error().in("`" + folder + kChanges + "`"));
    keys.changes = *std::move(changes);
  } else if (text.error().code != ErrorCode::kNotFound) {
    return std::unexpected(text.error());
  }
  const auto next = files.open(folder + kNext, OpenMode::kRead);
  // Without the next key the log would go on as if no change had begun.
  if (!next && next.error().code != ErrorCode::kNotFound) return std::unexpected(next.error());
  if (next) {
    keys.next = TRY(load_or_create_log_key(files, folder + kNext, name));
    // It was about to end.
    if (!keys.changes.empty() && keys.changes.back().after == keys.next->verifier()) {
      keys.changes.pop_back();
    }
  }
  if (keys.changes.empty() || keys.changes.back().after == keys.current.verifier()) return keys;
  return invalid(
      fmt::format("`{}` is not the key that `{}` leads to", folder + kCurrent, folder + kChanges));
}

Result<void> draw_next_log_key(Files& files, const std::string& folder, const std::string& name) {
  TRY(load_or_create_log_key(files, folder + kNext, name));
  return {};
}

Result<void> end_key_change(Files& files, const std::string& folder, const LogKeys& keys,
                            const KeyChange& change) {
  TRY_VOID(replace_file(files, folder + kChanges, key_changes_text(keys.changes) + change.note));
  TRY_VOID(files.sync_folder(folder));
  TRY_VOID(files.rename(folder + kNext, folder + kCurrent));
  return files.sync_folder(folder);
}

}  // namespace wardlock::audit
