#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "cli/command_tree.h"
#include "cli/options.h"
#include "cli/output.h"
#include "pdp/partition.h"

namespace CLI {  // NOLINT(readability-identifier-naming): it is CLI11's
class App;
}

namespace wardlock::cli {

/// Does what a command is for. An error is reported by whoever calls it.
using Run = std::function<Result<Exit>(const Output&)>;

/// What was asked for at the command line.
struct Invocation {
  bool is_json = false;
  Run run;
};

/// A word that an option's value may be, and what it means.
template <typename Enum>
struct Choice {
  const char* word;
  Enum value;
};

/// Declares the options of one command; values go to variables that outlive the builder. An option
/// without dashes is told by its place. `what` the value is: FILE, UID, …
class CommandBuilder {
 public:
  explicit CommandBuilder(CLI::App& app) : app_(&app) {}

  CommandBuilder& option(const char* flags, std::string& target, const char* what,
                         const char* description, bool is_required = false);
  /// May be given several times.
  CommandBuilder& options_of_many(const char* flags, std::vector<std::string>& target,
                                  const char* what, const char* description);
  /// Several, told by their place.
  CommandBuilder& rest(const char* name, std::vector<std::string>& target, const char* what,
                       const char* description, bool is_required = false);
  CommandBuilder& flag(const char* flags, bool& target, const char* description);
  /// A whole number from `min` to `max`.
  CommandBuilder& number(const char* flags, unsigned& target, unsigned min, unsigned max,
                         const char* description);

  /// One of a few words.
  template <typename Enum>
  CommandBuilder& choice(const char* flags, Enum& target, std::vector<Choice<Enum>> choices,
                         const char* description, bool is_required = false) {
    std::vector<std::string> words;
    for (const Choice<Enum>& each : choices) words.emplace_back(each.word);
    const auto take = [&target, choices = std::move(choices)](std::string_view word) {
      for (const Choice<Enum>& each : choices) {
        if (word == each.word) target = each.value;
      }
    };
    return choice_of(flags, std::move(words), take, description, is_required);
  }

  // What several commands have.

  CommandBuilder& policies(std::string& policies, bool is_required = true);
  CommandBuilder& links(std::string& links);
  CommandBuilder& request(RequestInput& request);
  CommandBuilder& schema(std::string& schema, bool is_required = false);
  CommandBuilder& entities(std::string& entities, bool is_required = false);
  CommandBuilder& mode(pdp::Mode& target);

 private:
  friend class Commands;

  CommandBuilder& choice_of(const char* flags, std::vector<std::string> words,
                            const std::function<void(std::string_view)>& take,
                            const char* description, bool is_required);

  CLI::App* app_;
};

/// Where commands are declared: at the top, or behind a word such as `config`.
class Commands {
 public:
  Commands(CLI::App& app, Invocation& invocation) : app_(&app), invocation_(&invocation) {}

  /// A word in front of other commands.
  Commands group(const char* name, const char* description);

  /// A command; `run` is called with its options when it was the one given. Returns the builder and
  /// the options it is to fill.
  template <typename Options>
  std::pair<CommandBuilder, Options&> add(const char* name, const char* description,
                                          const char* examples,
                                          Result<Exit> (*run)(const Options&, const Output&)) {
    auto options = std::make_shared<Options>();
    Options& target = *options;
    return {add_command(name, description, examples,
                        [options, run](const Output& output) { return run(*options, output); }),
            target};
  }

  /// Commands behind one that may be given by itself, too: it was declared by `add`, and nothing
  /// that it needs is required of those behind it.
  Commands behind(const CommandBuilder& command) const;

  /// All commands that are declared, whenever it is called: for those that speak of all.
  CommandTree tree() const;

 private:
  CommandBuilder add_command(const char* name, const char* description, const char* examples,
                             Run run);

  CLI::App* app_;
  Invocation* invocation_;
};

}  // namespace wardlock::cli
