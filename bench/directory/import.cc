#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/os.h>
#include <pty.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "base/check.h"
#include "bench/directory/bare_directory.h"
#include "bench/directory/parts.h"
#include "directory/registry/tables.h"

// `wardlock import` of a file, on a terminal, as a person would run it; then what it wrote is read
// back, and written again through SQLite's own interface: the same rows, as many in each
// transaction.

namespace wardlock::directory {
namespace {

constexpr int kDevices = 100'000;
constexpr int kDevicesAtOnce = 500;

void write_files(const std::string& folder) {
  auto models = fmt::output_file(folder + "/models.json");
  models.print(R"({{"things":[{{"kind":"organisation","attributes":{{"code":"meridian",)"
               R"("displayName":"Meridian","organisationType":"manufacturer"}}}},)"
               R"({{"kind":"organisation","attributes":{{"code":"st-mary","displayName":"St Mary",)"
               R"("organisationType":"hospital"}}}},{{"kind":"deviceModel","attributes":{{)"
               R"("manufacturer":"meridian","modelNumber":"MX-4","displayName":"MX-4"}}}}]}})");
  auto devices = fmt::output_file(folder + "/devices.csv");
  devices.print("model,serialNumber,assetTag,macAddresses,displayName,organisation,state\n");
  for (int i = 0; i < kDevices; ++i) {
    devices.print(
        "meridian/MX-4,SN-{0:06},A-{0},02:00:00:{1:02x}:{2:02x}:{3:02x},Pump {0},st-mary,"
        "commissioned\n",
        i, i >> 16, i >> 8 & 0xFF, i & 0xFF);
  }
}

/// How long a program took, and what it said on its terminal.
struct Ended {
  double seconds = 0;
  double processor_seconds = 0;
  std::string said;
};

Ended run_on_terminal(std::vector<std::string> arguments) {
  std::vector<char*> words;
  for (std::string& argument : arguments) words.push_back(argument.data());
  words.push_back(nullptr);
  Ended ended;
  rusage usage = {};
  ended.seconds = seconds_of([&] {
    int terminal = -1;
    const pid_t child = forkpty(&terminal, nullptr, nullptr, nullptr);
    CHECK(child >= 0);
    if (child == 0) {
      execv(words.front(), words.data());
      _exit(127);
    }
    std::array<char, 4096> some = {};
    for (ssize_t count = 0; (count = read(terminal, some.data(), some.size())) > 0;) {
      ended.said.append(some.data(), static_cast<std::size_t>(count));
    }
    int status = 0;
    CHECK(wait4(child, &status, 0, &usage) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    close(terminal);
  });
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  ended.processor_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  return ended;
}

double processor_seconds() {
  timespec time = {};
  CHECK(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

}  // namespace

Result<bool> bench_import(const std::string& folder) {
  const std::string path = folder + "/import.db";
  const std::string program =
      (std::filesystem::read_symlink("/proc/self/exe").parent_path() / "wardlock").string();
  const std::string url = "sqlite:" + path;
  write_files(folder);
  run_on_terminal({program, "import", folder + "/models.json", "--yes", "--directory", url});
  std::vector<Table> tables = {{"thing"},    {"identifier"}, {"attribute"},
                               {"relation"}, {"outbox"},     {"change"}};
  const std::string bare_path = folder + "/bare-import.db";
  Bare written(path);
  written.run(fmt::format("VACUUM INTO '{}'", bare_path));  // the rows refer to the models
  for (Table& table : tables) read_new_rows(written, table);
  for (Table& table : tables) forget(table);

  const Ended ours = run_on_terminal({program, "import", folder + "/devices.csv", "--kind",
                                      "device", "--yes", "--directory", url});
  CHECK(ours.said.contains("importing [#"));
  for (Table& table : tables) read_new_rows(written, table);
  CHECK(tables.front().rows.size() == kDevices);
  std::erase_if(tables, [](const Table& table) { return table.rows.empty(); });
  Bare bare(bare_path);
  const double before = processor_seconds();
  const double theirs = seconds_of([&] { write_again(bare, tables, kDevices / kDevicesAtOnce); });
  const double theirs_of_processor = processor_seconds() - before;
  for (Table& table : tables) forget(table);
  fmt::print("import: processor time {:.1f} s, SQLite itself {:.1f} s: {:.2f}\n",
             ours.processor_seconds, theirs_of_processor,
             theirs_of_processor / ours.processor_seconds);
  return report("import", "import 100,000 devices", kDevices / ours.seconds, kDevices / theirs,
                "/s", theirs / ours.seconds, 0.3, false);
}

}  // namespace wardlock::directory
