#include <fcntl.h>
#include <unistd.h>

#include <cstdio>

#include "cli/command_line.h"
#include "cli/output.h"

namespace {

/// Were one of the three closed, the next file that is opened would take its number, and be written
/// to by whoever prints.
void fill_standard_descriptors() {
  int file = 0;
  do {
    file = open("/dev/null", O_RDWR | O_CLOEXEC);
  } while (file >= 0 && file <= STDERR_FILENO);
  if (file > STDERR_FILENO) close(file);
}

}  // namespace

int main(int argc, char** argv) {
  using namespace wardlock::cli;
  fill_standard_descriptors();
  const int status = run_command_line(argc, argv);
  // A result that nobody could read is no success.
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return status;
  std::fputs("error: standard output cannot be written\n", stderr);
  return static_cast<int>(Exit::kFailure);
}
