#include <variant>

#include "cli/command_line.h"
#include "cli/commands.h"

int main(int argc, char** argv) {
  using namespace wardlock::cli;
  const auto parsed = parse_command_line(argc, argv);
  if (const auto* status = std::get_if<ExitStatus>(&parsed)) return status->code;
  const auto& command = std::get<Command>(parsed);
  const Output output(command.is_json);
  return static_cast<int>(
      std::visit([&](const auto& options) { return run(options, output); }, command.options));
}
