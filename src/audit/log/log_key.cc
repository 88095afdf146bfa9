#include "audit/log/log_key.h"

#include <fmt/format.h>

namespace wardlock::audit {

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

}  // namespace wardlock::audit
