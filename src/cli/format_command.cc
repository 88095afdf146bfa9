#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "cedar/format/format.h"
#include "cli/commands.h"
#include "cli/replace_file.h"
#include "server/policy_files.h"

namespace wardlock::cli {
namespace {

struct FormatPoliciesOptions {
  std::vector<std::string> paths;  ///< files or folders; none means standard input
  bool is_check = false;
  bool is_write = false;
  unsigned line_width = 80;
  unsigned indent_width = 2;
};

struct FormattedFile {
  std::string path;
  pdp::Source source;
  std::string text;

  bool is_changed() const { return text != source.text; }
};

/// The files that were named, and of the folders the policies.
Result<std::vector<std::string>> list_files(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    const std::size_t before = files.size();
    for (std::string& file : TRY(server::list_policies(path))) {
      if (file == path || file.ends_with(".cedar")) files.push_back(std::move(file));
    }
    if (files.size() == before) {
      return fail(ErrorCode::kNotFound, fmt::format("there is no `*.cedar` in `{}`", path));
    }
  }
  if (files.empty()) files.emplace_back("-");
  return files;
}

/// All files, or what is wrong with them in `findings`.
Result<std::vector<FormattedFile>> format_files(const FormatPoliciesOptions& options,
                                                std::vector<Findings>& findings) {
  const cedar::FormatOptions format{.line_width = options.line_width,
                                    .indent_width = options.indent_width};
  std::vector<FormattedFile> files;
  for (const std::string& path : TRY(list_files(options.paths))) {
    pdp::Source source = TRY(server::read_source(path));
    auto text = cedar::format_policies(source.text, format);
    if (text) {
      files.push_back({path, std::move(source), *std::move(text)});
    } else {
      findings.push_back({source.name, std::move(source.text), std::move(text).error()});
    }
  }
  return files;
}

std::vector<std::string> changed(const std::vector<FormattedFile>& files) {
  std::vector<std::string> paths;
  for (const FormattedFile& file : files) {
    if (file.is_changed()) paths.push_back(file.source.name);
  }
  return paths;
}

codec::Json to_json(std::string_view what, const std::vector<std::string>& paths,
                    std::size_t count) {
  return boost::json::object{{what, boost::json::array(paths.begin(), paths.end())},
                             {"files", count}};
}

std::string count_of(std::size_t files) {
  return fmt::format("{} file{}", files, files == 1 ? "" : "s");
}

Exit check(const std::vector<FormattedFile>& files, const Output& output) {
  const std::vector<std::string> paths = changed(files);
  const std::string all = fmt::format("{} formatted", count_of(files.size()));
  output.print(to_json("unformatted", paths, files.size()),
               paths.empty()
                   ? all
                   : fmt::format("{}\n{} of {} not formatted; run `wardlock format "
                                 "--write`",
                                 fmt::join(paths, "\n"), paths.size(), count_of(files.size())));
  return paths.empty() ? Exit::kOk : Exit::kFailure;
}

Result<Exit> write(const std::vector<FormattedFile>& files, const Output& output) {
  // Before the first file is replaced: all are, or none.
  if (std::ranges::find(files, "-", &FormattedFile::path) != files.end()) {
    return invalid("standard input cannot be written; leave out `--write`");
  }
  for (const FormattedFile& file : files) {
    if (file.is_changed()) TRY_VOID(replace_file(file.path, file.text));
  }
  const std::vector<std::string> paths = changed(files);
  output.print(to_json("written", paths, files.size()),
               fmt::format("{} written, {} formatted already", count_of(paths.size()),
                           files.size() - paths.size()));
  return Exit::kOk;
}

Result<Exit> format(const FormatPoliciesOptions& options, const Output& output) {
  if (options.is_check && options.is_write) {
    return invalid("`--check` writes nothing; give it or `--write`");
  }
  std::vector<Findings> findings;
  const std::vector<FormattedFile> files = TRY(format_files(options, findings));
  if (!findings.empty()) return output.fail(findings);
  if (options.is_check) return check(files, output);
  if (options.is_write) return write(files, output);
  if (files.size() > 1) {
    return invalid(fmt::format("there are {} files; give `--write` or `--check`", files.size()));
  }
  output.print(boost::json::object{{"formatted", files.front().text}}, files.front().text);
  return Exit::kOk;
}

}  // namespace

void add_format(Commands& commands) {
  auto [command, options] = commands.add<FormatPoliciesOptions>(
      "format", "Lay out policies the one way, comments kept",
      "  wardlock format --policies draft.cedar\n"
      "  wardlock format --policies policies/hospital --check\n"
      "  wardlock format --policies draft.cedar --policies more-drafts --write\n"
      "  wardlock format < draft.cedar\n"
      "Exit status: 0 formatted, 1 `--check` found a file that is not, or a file has an error; "
      "then "
      "no file is written.",
      format);
  command
      .options_of_many("-p,--policies", options.paths, "PATH",
                       "a file, or a folder's `*.cedar` (default: `-`, standard input)")
      .flag("-c,--check", options.is_check, "print which files are not formatted")
      .flag("-w,--write", options.is_write, "replace the files")
      .number("-l,--line-width", options.line_width, 1, cedar::kMaxLineWidth,
              "columns a line should not pass (default: 80)")
      .number("-i,--indent-width", options.indent_width, 0, cedar::kMaxIndentWidth,
              "columns of one indent (default: 2)");
}

}  // namespace wardlock::cli
