#include <fmt/format.h>

#include "base/utf8.h"
#include "cli/bundle_commands.h"
#include "cli/bundle_files.h"
#include "cli/bundle_text.h"

namespace wardlock::cli {
namespace {

struct InspectOptions {
  std::string file;
  std::string name;  ///< of the file of it that is wanted; empty: none
};

codec::Json json_of(const bundle::UnverifiedBundle& bundle) {
  const bundle::Metadata& metadata = bundle.content().metadata();
  boost::json::object json = statement_json(bundle.statement());
  json["verified"] = false;
  boost::json::array signers;
  for (const bundle::BundleSignature& signature : bundle.signatures()) {
    signers.emplace_back(signature.key_id);
  }
  json["claimed_signers"] = std::move(signers);
  const auto put = [&json](const char* key, const std::string& text) {
    if (!text.empty()) json[key] = text;
  };
  put("name", metadata.name);
  put("version", metadata.version);
  put("description", metadata.description);
  boost::json::object labels;
  for (const auto& [key, text] : metadata.labels) labels[key] = text;
  if (!labels.empty()) json["labels"] = std::move(labels);
  json["files"] = files_json(bundle.content());
  return json;
}

std::string text_of(const bundle::UnverifiedBundle& bundle) {
  const bundle::Metadata& metadata = bundle.content().metadata();
  std::string out;
  if (!metadata.name.empty()) out += fmt::format("name         {}\n", metadata.name);
  if (!metadata.version.empty()) out += fmt::format("version      {}\n", metadata.version);
  out += statement_lines(bundle.statement());
  for (const auto& [key, text] : metadata.labels) {
    out += fmt::format("label        {}: {}\n", key, text);
  }
  for (const bundle::BundleSignature& signature : bundle.signatures()) {
    out += fmt::format("signature    {}\n", signature.key_id);
  }
  for (const bundle::BundledFile& file : bundle.content().files()) {
    out += fmt::format("{:<12} {} ({} bytes)\n", to_string(*bundle::kind_of(file.name)), file.name,
                       file.text.size());
  }
  return out + (bundle.signatures().empty()
                    ? "not signed"
                    : "nothing of this is verified; `wardlock bundle verify` does");
}

Result<Exit> inspect(const InspectOptions& options, const Output& output) {
  const auto bundle = TRY(read_bundle(options.file));
  if (options.name.empty()) {
    output.print(json_of(bundle), text_of(bundle));
    return Exit::kOk;
  }
  const bundle::BundledFile* file = bundle.content().find(options.name);
  if (file == nullptr) {
    return fail(ErrorCode::kNotFound,
                fmt::format("the bundle has no file `{}`", printable(options.name)));
  }
  output.print(boost::json::object{{"name", file->name}, {"text", file->text}},
               printable(file->text));
  return Exit::kOk;
}

}  // namespace

void add_bundle_inspect(Commands& group) {
  auto [command, options] = group.add<InspectOptions>(
      "inspect", "Show what a bundle says of itself, without verifying it",
      "  wardlock bundle inspect hospital.bundle\n"
      "  wardlock bundle inspect hospital.bundle --file devices.cedar\n"
      "  wardlock bundle inspect hospital.bundle --json\n"
      "Exit status: 0 shown, 1 it is no bundle.",
      inspect);
  command.option("file", options.file, "FILE", "the bundle", true)
      .option("--file", options.name, "NAME", "print the text of this file of it");
}

}  // namespace wardlock::cli
