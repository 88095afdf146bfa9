#include "cli/man_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/version.h"
#include "cli/output.h"

namespace wardlock::cli {
namespace {

/// Text in which nothing is an instruction to roff. What stands `so` is in bold.
std::string roff(std::string_view text) {
  std::string out;
  bool is_bold = false;
  for (const char c : text) {
    switch (c) {
      case '\\': out += "\\e"; break;
      case '-': out += "\\-"; break;
      case '\'': out += "\\(aq"; break;
      case '|': out += "|\\:"; break;  // a line may end there: choices may be many
      case '"': out += "\\(dq"; break;
      case '`':
        is_bold = !is_bold;
        out += is_bold ? "\\fB" : "\\fR";
        break;
      default: out += c;
    }
  }
  return text.starts_with('.') ? "\\&" + out : out;
}

/// Prose, a sentence on each line, as roff wants it.
std::string sentences(std::string_view text) {
  std::string out = roff(text);
  for (std::size_t at = 0; (at = out.find(". ", at)) != std::string::npos; ++at) {
    const bool is_end = at + 2 < out.size() && out[at + 2] >= 'A' && out[at + 2] <= 'Z';
    if (is_end) out[at + 1] = '\n';
  }
  return out + "\n";
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

/// Paragraphs. Indented lines are examples, shown as they are.
std::string paragraphs(std::string_view text) {
  constexpr std::size_t kIndent = 2;
  std::string out;
  bool is_example = false;
  for (const std::string_view line : lines_of(text)) {
    const bool was_example = std::exchange(is_example, line.starts_with("  "));
    if (was_example && !is_example) out += ".Ed\n";
    if (is_example) {
      out += was_example ? "" : ".Bd -literal -offset indent\n";
      out += roff(line.substr(kIndent)) + "\n";
    } else {
      out += ".Pp\n" + sentences(line);
    }
  }
  return is_example ? out + ".Ed\n" : out;
}

/// `Fl p , Fl -policies Ar PATH`
std::string synopsis_of(const CommandTree::Option& option) {
  std::string out;
  for (const std::string& flag : option.flags) {
    out += fmt::format("{}Fl {}", out.empty() ? "" : " , ", roff(flag.substr(1)));
  }
  if (option.value.empty()) return out;
  const bool is_named = !option.flags.empty() || !option.choices().empty();
  return fmt::format("{}{}Ar {}", out, out.empty() ? "" : " ",
                     roff(is_named ? option.value : option.name));
}

/// The command with what it requires.
std::string usage(const CommandTree& command) {
  std::string out = ".Nm\n";
  if (const auto space = command.path.find(' '); space != std::string::npos) {
    out += fmt::format(".Cm {}\n", roff(command.path.substr(space + 1)));
  }
  bool is_more = false;
  for (const CommandTree::Option& option : command.options) {
    if (!option.is_required) {
      is_more = true;
      continue;
    }
    CommandTree::Option shown = option;
    if (!shown.flags.empty()) shown.flags = {option.flags.back()};
    out += fmt::format(".{}\n", synopsis_of(shown));
  }
  return is_more ? out + ".Op Ar option ...\n" : out;
}

/// The command's options but for those of `with_every`, which are explained once.
std::string options(const CommandTree& command, std::span<const CommandTree::Option> with_every) {
  std::string out;
  for (const CommandTree::Option& option : command.options) {
    const bool is_known = std::ranges::any_of(with_every, [&](const CommandTree::Option& other) {
      return !option.flags.empty() && option.flags == other.flags;
    });
    if (is_known) continue;
    out += fmt::format(".It {}\n{}", synopsis_of(option), sentences(option.description));
  }
  return out.empty() ? out : ".Bl -tag -width indent\n" + out + ".El\n";
}

std::string exit_statuses() {
  struct Meaning {
    Exit exit;
    const char* text;
  };
  constexpr std::array<Meaning, 5> kMeanings = {
      {{Exit::kOk, "It was done; of a decision: allowed."},
       {Exit::kFailure, "It could not be done; standard error says why."},
       {Exit::kDeny, "The decision is to deny."},
       {Exit::kInvalid, "A request or entities do not fit the schema."},
       {Exit::kUnknown, "The decision is not known."}}};
  std::string out = ".Bl -tag -width indent\n";
  for (const auto& [exit, text] : kMeanings) {
    out += fmt::format(".It {}\n{}", static_cast<int>(exit), sentences(text));
  }
  return out + ".El\n";
}

std::string date_of(std::chrono::year_month_day day) {
  constexpr std::array<const char*, 12> kMonths = {"January",   "February", "March",    "April",
                                                   "May",       "June",     "July",     "August",
                                                   "September", "October",  "November", "December"};
  return fmt::format("{} {}, {}", kMonths.at(static_cast<unsigned>(day.month()) - 1),
                     static_cast<unsigned>(day.day()), static_cast<int>(day.year()));
}

}  // namespace

std::string man_page(const CommandTree& root, std::chrono::year_month_day day) {
  std::string out = fmt::format(
      ".\\\" Generated by: wardlock man\n.Dd {}\n.Dt WARDLOCK 1\n.Os \"Wardlock {}\"\n"
      ".Sh NAME\n.Nm {}\n.Nd access decisions for connected medical devices\n.Sh SYNOPSIS\n",
      date_of(day), version(), root.path);
  const auto commands = all_commands(root);
  for (const CommandTree* command : commands) {
    if (command->commands.empty()) out += usage(*command);
  }
  out += ".Sh DESCRIPTION\n" + sentences(root.description) + paragraphs(root.footer) +
         ".Pp\nOptions, not listed again where a command has them, too:\n" + options(root, {}) +
         ".Sh COMMANDS\n";
  for (const CommandTree* command : commands) {
    if (command == &root) continue;
    out += fmt::format(".Ss {}\n{}", roff(command->path), sentences(command->description + "."));
    out += options(*command, root.options) + paragraphs(command->footer);
  }
  return out + ".Sh EXIT STATUS\n" + exit_statuses();
}

}  // namespace wardlock::cli
