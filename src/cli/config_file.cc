#include "cli/config_file.h"

#include <filesystem>
#include <utility>

#include "server/policy_files.h"

namespace wardlock::cli {
namespace {

std::string folder_of(const std::string& path) {
  return path == "-" ? "." : std::filesystem::path(path).parent_path().string();
}

}  // namespace

Result<config::Config> read_config(const std::string& path) {
  const pdp::Source source = TRY(server::read_source(path));
  auto config = config::parse_config(source.text, folder_of(path));
  if (!config) return std::unexpected(to_error(config.error(), source.text, source.name));
  return *std::move(config);
}

std::expected<config::Config, Exit> load_config(const std::string& path, const Output& output) {
  const auto source = server::read_source(path);
  if (!source) return std::unexpected(output.fail(source.error()));
  auto config = config::parse_config(source->text, folder_of(path));
  if (config) return *std::move(config);
  return std::unexpected(
      output.fail({{source->name, source->text, std::move(config).error()}}, Exit::kInvalid));
}

}  // namespace wardlock::cli
