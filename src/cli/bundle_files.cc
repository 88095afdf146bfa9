#include "cli/bundle_files.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "server/policy_files.h"
#include "server/policy_folder.h"

namespace wardlock::cli {

Result<bundle::UnverifiedBundle> read_bundle(const std::string& path) {
  const pdp::Source source = TRY(server::read_source(path));
  auto bundle = bundle::UnverifiedBundle::parse(source.text);
  if (!bundle) return std::unexpected(bundle.error().in(source.name));
  return bundle;
}

Result<bundle::Content> read_content(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return server::read_policy_folder(path);
  const auto bundle = TRY(read_bundle(path));
  return bundle.content();
}

Result<std::vector<crypto::PublicKey>> read_key_files(const std::vector<std::string>& paths) {
  std::vector<crypto::PublicKey> keys;
  for (const std::string& path : paths) {
    const pdp::Source source = TRY(server::read_source(path));
    auto read = bundle::read_public_keys(source.text);
    if (!read) return std::unexpected(read.error().in(source.name));
    std::ranges::move(*read, std::back_inserter(keys));
  }
  return keys;
}

}  // namespace wardlock::cli
