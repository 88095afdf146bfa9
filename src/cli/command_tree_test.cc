#include "cli/command_tree.h"

#include <gtest/gtest.h>

#include <chrono>

#include "cli/completion.h"
#include "cli/man_page.h"

namespace wardlock::cli {
namespace {

CommandTree::Option option(const std::string& flag, const std::string& value,
                           const std::string& description = "what it is") {
  CommandTree::Option out;
  out.flags = {flag};
  out.value = value;
  out.description = description;
  return out;
}

CommandTree command(const std::string& path, std::vector<CommandTree::Option> options) {
  CommandTree out;
  out.path = path;
  out.description = "Do it";
  out.options = std::move(options);
  return out;
}

CommandTree tree() {
  CommandTree root = command("tool", {option("--json", "")});
  root.commands.push_back(command("tool config", {}));
  root.commands.front().commands.push_back(
      command("tool config check", {option("--json", ""), option("--config", "FILE")}));
  root.commands.push_back(command("tool ask", {option("--how", "fast|slow")}));
  return root;
}

constexpr std::chrono::year_month_day kDay{std::chrono::year(2026), std::chrono::month(3),
                                           std::chrono::day(9)};

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(CommandTree, ChoicesAreTheWordsThatAreNoPlaceholders) {
  using Words = std::vector<std::string>;
  EXPECT_EQ(option("--x", "fast|slow").choices(), (Words{"fast", "slow"}));
  EXPECT_EQ(option("--x", "NAME|none").choices(), Words{"none"});
  for (const char* value : {"", "FILE", "FILE|JSON", "HOST:PORT", "NAME=TYPE", "|"}) {
    EXPECT_EQ(option("--x", value).choices(), Words{}) << value;
  }
}

TEST(CommandTree, KnowsWhatMayBeAFile) {
  for (const char* value : {"FILE", "PATH", "DIR", "JSON|FILE"}) {
    EXPECT_TRUE(option("--x", value).is_file()) << value;
  }
  for (const char* value : {"", "UID", "PROFILE", "file", "FILES", "PATH:PORT"}) {
    EXPECT_FALSE(option("--x", value).is_file()) << value;
  }
}

TEST(CommandTree, ListsCommandsBeforeWhatIsBelowThem) {
  const CommandTree root = tree();
  std::vector<std::string> paths;
  for (const CommandTree* each : all_commands(root)) paths.push_back(each->path);
  EXPECT_EQ(paths,
            (std::vector<std::string>{"tool", "tool config", "tool config check", "tool ask"}));
  EXPECT_EQ(root.name(), "tool");
  EXPECT_EQ(root.commands.front().commands.front().name(), "check");
}

TEST(Completion, QuotesForTheShell) {
  EXPECT_EQ(shell_quoted(""), "''");
  EXPECT_EQ(shell_quoted("a $(b) `c` \\"), "'a $(b) `c` \\'");
  EXPECT_EQ(shell_quoted("it's"), "'it'\\''s'");
}

TEST(Completion, NoDescriptionBecomesCode) {
  CommandTree root = tree();
  root.options.push_back(option("--odd", "", "it's `a` [b]: $(c) \\"));
  EXPECT_TRUE(contains(zsh_completion(root), R"('(--odd)--odd[it'\''s `a` \[b\]\: $(c) \\]')"));
  EXPECT_TRUE(contains(fish_completion(root), R"(-d 'it\'s `a` [b]: $(c) \\')"));
  EXPECT_FALSE(contains(bash_completion(root), "$(c)"));
}

TEST(ManPage, HasADateAndEveryCommandWithItsOwnOptions) {
  const std::string page = man_page(tree(), kDay);
  EXPECT_TRUE(contains(page, "\n.Dd March 9, 2026\n"));
  EXPECT_TRUE(contains(page, "\n.Ss tool config check\n"));
  EXPECT_TRUE(contains(page, "\n.It Fl \\-config Ar FILE\n"));
  const std::string once = "\n.It Fl \\-json\n";
  EXPECT_TRUE(contains(page, once));
  EXPECT_FALSE(contains(page.substr(page.find(once) + once.size()), once));
  EXPECT_FALSE(contains(page, ".Cm config\n.Op"));  // it does nothing by itself
}

TEST(ManPage, NoTextBecomesAnInstruction) {
  CommandTree root = tree();
  root.options.push_back(option("--odd", "", ".so /etc/passwd"));
  root.commands.front().footer = "Examples:\n  'quoted' \\fX\n  .sy true\nLast. And one.";
  const std::string page = man_page(root, kDay);
  EXPECT_TRUE(contains(page, "\n\\&.so /etc/passwd\n"));
  EXPECT_TRUE(contains(page, "\n\\(aqquoted\\(aq \\efX\n\\&.sy true\n.Ed\n.Pp\nLast.\nAnd one.\n"));
}

}  // namespace
}  // namespace wardlock::cli
