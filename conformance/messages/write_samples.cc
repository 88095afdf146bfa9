// Prints the messages of sample events in one format, one on a line, for other people's validators.
// See README.md.
//
// usage: wardlock_message_samples FORMAT
#include <cstdio>

#include "audit/format/format.h"
#include "audit/format/samples_for_test.h"

int main(int argc, char** argv) {
  using namespace wardlock;
  if (argc != 2) {
    std::fputs("usage: wardlock_message_samples FORMAT\n", stderr);
    return 2;
  }
  const auto format = audit::find_format(argv[1]);
  if (!format) {
    std::fprintf(stderr, "%s\n", format.error().message.c_str());
    return 2;
  }
  for (const audit::Sample& sample : audit::sample_events()) {
    std::string message;
    if (const auto written = audit::append(*format, sample.event, {}, message); !written) {
      std::fprintf(stderr, "%s\n", written.error().message.c_str());
      return 1;
    }
    std::puts(message.c_str());
  }
  return 0;
}
