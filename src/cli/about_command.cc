#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <cstdlib>
#include <cstring>

#include "base/version.h"
#include "base/wall_clock.h"
#include "cli/commands.h"
#include "cli/completion.h"
#include "cli/man_page.h"

namespace wardlock::cli {
namespace {

/// Today, or the day that a reproducible build names: https://reproducible-builds.org/specs/
std::chrono::year_month_day page_day() {
  std::chrono::milliseconds since_epoch(wall_clock_ms());
  if (const char* named = std::getenv("SOURCE_DATE_EPOCH")) {
    std::int64_t seconds = 0;
    const char* end = named + std::strlen(named);
    constexpr std::int64_t kYear9999 = 253'402'300'799;
    const auto read = std::from_chars(named, end, seconds);
    if (read.ec == std::errc() && read.ptr == end && seconds >= 0 && seconds <= kYear9999) {
      since_epoch = std::chrono::seconds(seconds);
    }
  }
  return std::chrono::floor<std::chrono::days>(std::chrono::sys_time(since_epoch));
}

struct CompletionOptions {
  Shell shell = Shell::kBash;
  std::function<CommandTree()> tree;
};

struct ManOptions {
  std::function<CommandTree()> tree;
};

struct LanguageVersionOptions {};

Result<Exit> print_completion(const CompletionOptions& options, const Output& output) {
  const std::string script = completion(options.shell, options.tree());
  output.print(boost::json::object{{"completion", script}}, script);
  return Exit::kOk;
}

Result<Exit> print_man_page(const ManOptions& options, const Output& output) {
  const std::string page = man_page(options.tree(), page_day());
  output.print(boost::json::object{{"man", page}}, page);
  return Exit::kOk;
}

Result<Exit> print_language_version(const LanguageVersionOptions&, const Output& output) {
  output.print(boost::json::object{{"language_version", kCedarLanguageVersion}},
               kCedarLanguageVersion);
  return Exit::kOk;
}

void add_completion(Commands& commands) {
  auto [command, options] = commands.add<CompletionOptions>(
      "completion", "Print a script that completes these commands in a shell",
      "  wardlock completion bash > /etc/bash_completion.d/wardlock\n"
      "  source <(wardlock completion zsh)\n"
      "  wardlock completion fish > ~/.config/fish/completions/wardlock.fish",
      print_completion);
  options.tree = [commands] { return commands.tree(); };
  command.choice<Shell>("shell", options.shell,
                        {{"bash", Shell::kBash}, {"fish", Shell::kFish}, {"zsh", Shell::kZsh}},
                        "the shell to print it for", true);
}

void add_man(Commands& commands) {
  auto [command, options] = commands.add<ManOptions>("man", "Print the manual page",
                                                     "  wardlock man > wardlock.1\n"
                                                     "  man ./wardlock.1",
                                                     print_man_page);
  options.tree = [commands] { return commands.tree(); };
}

}  // namespace

void add_about(Commands& commands) {
  commands.add<LanguageVersionOptions>("language-version",
                                       "Print the version of the Cedar language that is spoken",
                                       "  wardlock language-version", print_language_version);
  add_completion(commands);
  add_man(commands);
}

}  // namespace wardlock::cli
