#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "cli/command_tree.h"
#include "cli/completion.h"
#include "pdp/partition.h"

namespace wardlock::cli {

// What the user asked for, one struct per command. Paths: `-` is standard input, empty is absent.

struct PolicyFiles {
  std::string policies;  ///< a file, or a folder of `*.cedar`
  std::string links;     ///< template links, as `wardlock link` writes them
};

struct RequestInput {
  std::string principal;
  std::string action;
  std::string resource;
  std::string context;       ///< path of a JSON file, or JSON text: `{…}`
  std::string request_json;  ///< path of a JSON file holding all four
};

struct AuthorizeOptions {
  PolicyFiles files;
  RequestInput request;
  std::string schema;
  std::string entities;
  pdp::Mode mode = pdp::Mode::kStrict;
  bool is_verbose = false;
};

struct EvaluateOptions {
  std::string expression;
  RequestInput request;
  std::string schema;
  std::string entities;
};

struct CheckParseOptions {
  std::string policies;
  std::string schema;
  std::string entities;
  std::string expression;
};

struct LinkOptions {
  PolicyFiles files;
  std::string template_id;
  std::string new_id;
  std::string arguments;  ///< JSON text: `{"?principal": "User::\"alice\""}`
};

struct TranslatePolicyOptions {
  enum class Direction : std::uint8_t { kCedarToJson, kJsonToCedar };
  Direction direction = Direction::kCedarToJson;
  std::string policies;
};

struct LanguageVersionOptions {};

struct PdpOptions {
  std::string policies;
  std::string schema;
  std::string entities;
  pdp::Mode mode = pdp::Mode::kStrict;
  std::string listen = "127.0.0.1:8180";
  unsigned threads = 0;                           ///< 0: one for each core
  std::vector<std::string> types = {};            ///< `NAME=CEDARTYPE`
  std::vector<std::string> principal_types = {};  ///< none: all that the schema lets ask
};

struct ServeOptions {
  std::string config;
};

struct ConfigOptions {
  enum class Task : std::uint8_t { kCheck, kShow, kSchema };
  Task task = Task::kCheck;
  std::string config;
  bool is_reference = false;  ///< of the schema: as tables for people
};

struct TokenOptions {};

struct CompletionOptions {
  Shell shell = Shell::kBash;
  CommandTree tree;
};

struct ManOptions {
  CommandTree tree;
};

struct Command {
  std::variant<AuthorizeOptions, EvaluateOptions, CheckParseOptions, LinkOptions,
               TranslatePolicyOptions, LanguageVersionOptions, PdpOptions, ServeOptions,
               ConfigOptions, TokenOptions, CompletionOptions, ManOptions>
      options;
  bool is_json = false;
};

}  // namespace wardlock::cli
