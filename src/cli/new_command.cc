#include <fmt/format.h>

#include <filesystem>

#include "cli/commands.h"
#include "cli/replace_file.h"
#include "cli/starter_files.h"

namespace wardlock::cli {
namespace {

namespace fs = std::filesystem;

struct NewOptions {
  std::string folder;
};

Result<void> make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (!error) return {};
  return fail(ErrorCode::kUnavailable,
              fmt::format("the folder `{}` cannot be made: {}", folder.string(), error.message()));
}

/// An empty folder may be there already.
Result<void> check_free(const fs::path& folder) {
  std::error_code error;
  if (!fs::exists(fs::symlink_status(folder, error))) return {};
  if (fs::is_directory(folder, error) && fs::is_empty(folder, error)) return {};
  return fail(ErrorCode::kAlreadyExists,
              fmt::format("`{}` exists; choose another name", folder.string()));
}

Result<Exit> make_new(const NewOptions& options, const Output& output) {
  if (options.folder.empty()) return invalid("give the new folder a name");
  const fs::path folder(options.folder);
  TRY_VOID(check_free(folder));
  boost::json::array files;
  std::string text;
  for (const StarterFile& file : starter_files()) {
    const fs::path path = folder / file.path;
    TRY_VOID(make_folder(path.parent_path()));
    TRY_VOID(replace_file(path.string(), file.text));
    files.push_back(codec::Json(path.string()));
    text += path.string() + "\n";
  }
  text += fmt::format("try `wardlock run-tests --policies {}`", options.folder);
  output.print(boost::json::object{{"folder", options.folder}, {"files", std::move(files)}}, text);
  return Exit::kOk;
}

}  // namespace

void add_new(Commands& commands) {
  auto [command, options] = commands.add<NewOptions>(
      "new", "Begin a folder of policies: schema, policies, entities and tests",
      "  wardlock new my-policies", make_new);
  command.option("folder", options.folder, "NAME", "the folder to make", true);
}

}  // namespace wardlock::cli
