#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "base/version.h"
#include "cli/commands.h"
#include "lsp/framing.h"
#include "lsp/language_server.h"
#include "server/policy_files.h"

namespace wardlock::cli {
namespace {

namespace fs = std::filesystem;

struct LspOptions {
  bool is_stdio = false;  ///< the only way there is
};

class DiskFiles : public lsp::Files {
 public:
  std::vector<lsp::FolderEntry> list(const std::string& folder) const override {
    std::vector<lsp::FolderEntry> entries;
    std::error_code error;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
      const std::string extension = it->path().extension().string();
      if (extension != ".cedar" && extension != ".cedarschema") continue;
      if (auto entry = describe(*it)) entries.push_back(*std::move(entry));
    }
    return entries;
  }

  Result<std::string> read(const std::string& path) const override {
    return TRY(server::read_source(path)).text;
  }

 private:
  /// Nothing for what is no file; reading a pipe could take forever.
  static std::optional<lsp::FolderEntry> describe(const fs::directory_entry& entry) {
    std::error_code error;
    if (!entry.is_regular_file(error)) return std::nullopt;
    const auto size = entry.file_size(error);
    const auto time = entry.last_write_time(error).time_since_epoch().count();
    return lsp::FolderEntry{entry.path().string(), fmt::format("{} {}", size, time)};
  }
};

Result<void> send(const std::vector<std::string>& bodies) {
  for (const std::string& body : bodies) {
    const std::string bytes = lsp::frame(body);
    for (std::size_t sent = 0; sent < bytes.size();) {
      const ssize_t count = write(STDOUT_FILENO, bytes.data() + sent, bytes.size() - sent);
      if (count >= 0) {
        sent += static_cast<std::size_t>(count);
      } else if (errno != EINTR) {
        return fail(ErrorCode::kUnavailable,
                    fmt::format("the editor does not read any more: {}", std::strerror(errno)));
      }
    }
  }
  return {};
}

bool is_input_waiting() {
  pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
  return poll(&input, 1, 0) > 0;
}

/// Answers all messages that have come whole. Error: what comes is no messages.
Result<void> answer(lsp::MessageReader& reader, lsp::LanguageServer& server) {
  while (!server.exit_status()) {
    auto body = reader.next();
    if (!body && body.error().code == ErrorCode::kResourceExhausted) {
      TRY_VOID(send({lsp::error_text({}, {lsp::RpcCode::kInvalidRequest, body.error().message})}));
      continue;
    }
    if (!body) return std::unexpected(std::move(body).error());
    if (!*body) return {};
    TRY_VOID(send(server.handle(**body)));
  }
  return {};
}

/// Diagnostics wait until the editor has nothing more to say.
Result<Exit> serve_editor(const LspOptions& /*options*/, const Output& output) {
  if (output.is_json())
    return invalid("`lsp` speaks the language server protocol; leave out `--json`");
  if (isatty(STDIN_FILENO) != 0) {
    return invalid(
        "`lsp` is started by an editor, which writes to its standard input; "
        "docs/editors.md says how to set one up");
  }
  const DiskFiles files;
  lsp::LanguageServer server(files, std::string(version()));
  lsp::MessageReader reader;
  std::vector<char> block(std::size_t{64} << 10);
  while (!server.exit_status()) {
    if (!is_input_waiting()) TRY_VOID(send(server.settle()));
    const ssize_t count = read(STDIN_FILENO, block.data(), block.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return Exit::kFailure;  // the editor went without a word
    reader.append({block.data(), static_cast<std::size_t>(count)});
    TRY_VOID(answer(reader, server));
  }
  return *server.exit_status() == 0 ? Exit::kOk : Exit::kFailure;
}

}  // namespace

void add_lsp(Commands& commands) {
  auto [command, options] = commands.add<LspOptions>(
      "lsp", "Help editors with policies and schemas, as a language server",
      "  wardlock lsp\n"
      "An editor starts it and speaks the language server protocol (LSP 3.17) with it, over its\n"
      "standard input and output. docs/editors.md says how to set up Neovim, VS Code and others.",
      serve_editor);
  command.flag("--stdio", options.is_stdio, "the only way to speak with it; some editors say so");
}

}  // namespace wardlock::cli
