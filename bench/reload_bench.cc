// How long a decision takes while 10,000 policies are reloaded, beside how long it takes at rest.
//
// usage: wardlock_reload_bench PROGRAM [RELOADS]
//
// `PROGRAM pdp` with one thread, bound to the first processor; questions come one after another
// over one connection from the last processor. What is reported is what the asker waits for.

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using std::chrono::microseconds;

/// What a reload may add to the longest decision.
constexpr std::chrono::microseconds kMostDelay{5000};
constexpr int kPolicies = 10'000;
constexpr std::chrono::seconds kRest{5};
/// After a new revision answers, the old one is still being destroyed.
constexpr std::chrono::milliseconds kAftermath{500};

constexpr char kSchema[] =
    "entity Ward;\nentity User;\nentity Pump in [Ward] = { rate: Long };\n"
    "action view, change appliesTo { principal: User, resource: Pump, context: { rate: Long } };\n";
constexpr char kEntities[] = R"([
  {"uid": {"type": "Ward", "id": "w7"}, "attrs": {}, "parents": []},
  {"uid": {"type": "User", "id": "u7"}, "attrs": {}, "parents": []},
  {"uid": {"type": "Pump", "id": "p7"}, "attrs": {"rate": 1},
   "parents": [{"type": "Ward", "id": "w7"}]}])";
constexpr char kQuestion[] = R"({"subject":{"type":"User","id":"u7"},"action":{"name":"view"},)"
                             R"("resource":{"type":"Pump","id":"p7"},"context":{"rate":9}})";

void bind_to(unsigned processor) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(processor, &set);
  sched_setaffinity(0, sizeof set, &set);
}

void write_policies(const fs::path& folder, int edition) {
  std::ofstream file(folder / "rules.draft");
  for (int i = 0; i < kPolicies; ++i) {
    file << fmt::format(
        "@id(\"p{0}\") @reason(\"rule {0}\") permit (principal == User::\"u{0}\", action == "
        "Action::\"{1}\", resource in Ward::\"w{2}\")\nwhen {{ context.rate > {3} && resource.rate "
        "< 100 }};\n",
        i, i % 2 == 0 ? "change" : "view", i % 50, edition % 5);
  }
  file.close();
  fs::rename(folder / "rules.draft", folder / "rules.cedar");
}

/// The server, as a child process on the first processor.
class Server {
 public:
  Server(const std::string& program, const fs::path& folder) {
    int out[2];
    if (pipe(out) != 0) std::exit(1);
    child_ = fork();
    if (child_ == 0) {
      bind_to(0);
      dup2(out[1], STDOUT_FILENO);
      const std::string entities = folder / "entities.json";
      execl(program.c_str(), program.c_str(), "pdp", "--policies", folder.c_str(), "--entities",
            entities.c_str(), "--listen", "127.0.0.1:0", "--threads", "1", nullptr);
      std::_Exit(127);
    }
    close(out[1]);
    std::string line;
    for (char c = 0; read(out[0], &c, 1) == 1 && c != '\n';) line += c;
    const std::size_t port = line.find("127.0.0.1:");
    if (port == std::string::npos) {
      fmt::print(stderr, "the server did not start: {}\n", line);
      std::exit(1);
    }
    port_ = static_cast<std::uint16_t>(std::atoi(line.c_str() + port + 10));
  }
  ~Server() {
    kill(child_, SIGTERM);
    waitpid(child_, nullptr, 0);
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::uint16_t port() const { return port_; }

 private:
  pid_t child_;
  std::uint16_t port_ = 0;
};

/// Asks one question after another.
class Asker {
 public:
  explicit Asker(std::uint16_t port) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int yes = 1;
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) std::exit(1);
    request_ = fmt::format(
        "POST /access/v1/evaluation HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
        "application/json\r\nContent-Length: {}\r\n\r\n{}",
        sizeof kQuestion - 1, kQuestion);
  }

  /// How long the answer took; `answer` holds it then.
  microseconds ask() {
    const auto begin = Clock::now();
    if (write(socket_, request_.data(), request_.size()) < 0) std::exit(1);
    answer.clear();
    char block[4096];
    while (!answer.ends_with("}")) {  // an answer ends with its JSON
      const ssize_t got = read(socket_, block, sizeof block);
      if (got <= 0) std::exit(1);
      answer.append(block, static_cast<std::size_t>(got));
    }
    return std::chrono::duration_cast<microseconds>(Clock::now() - begin);
  }

  /// The revision of the last answer.
  int revision() const {
    constexpr std::string_view kKey = "\"revision\":";
    const std::size_t at = answer.find(kKey);
    return at == std::string::npos ? 0 : std::atoi(answer.c_str() + at + kKey.size());
  }

  std::string answer;

 private:
  int socket_;
  std::string request_;
};

void report(const char* name, std::vector<microseconds>& times) {
  std::ranges::sort(times);
  const auto at = [&](double share) {
    return times[static_cast<std::size_t>(share * static_cast<double>(times.size() - 1))].count();
  };
  fmt::print("{:<16}{:>10}{:>8}{:>8}{:>8}{:>9}{:>10}\n", name, times.size(), at(0.5), at(0.99),
             at(0.999), at(0.9999), at(1));
}

/// Asks through one reload; returns how long it took from the change to the first new answer.
std::chrono::milliseconds ask_through_reload(Asker& asker, const fs::path& folder, int edition,
                                             std::vector<microseconds>& times) {
  const int before = asker.revision();
  std::jthread writer([&] { write_policies(folder, edition); });
  const auto begin = Clock::now();
  while (asker.revision() == before) times.push_back(asker.ask());
  const auto took = Clock::now() - begin;
  for (const auto end = Clock::now() + kAftermath; Clock::now() < end;) {
    times.push_back(asker.ask());
  }
  return std::chrono::duration_cast<std::chrono::milliseconds>(took);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: wardlock_reload_bench PROGRAM [RELOADS]\n");
    return 2;
  }
  const int reloads = argc > 2 ? std::atoi(argv[2]) : 5;
  std::string pattern = fs::temp_directory_path() / "wardlock-reload-XXXXXX";
  if (mkdtemp(pattern.data()) == nullptr) return 1;
  const fs::path folder = pattern;
  std::ofstream(folder / "rules.cedarschema") << kSchema;
  std::ofstream(folder / "entities.json") << kEntities;
  write_policies(folder, 0);
  bool is_fast_enough = false;
  {
    const Server server(argv[1], folder);
    bind_to(std::max(1U, std::thread::hardware_concurrency()) - 1);
    Asker asker(server.port());
    for (int i = 0; i < 2000; ++i) asker.ask();
    std::vector<microseconds> rest;
    for (const auto end = Clock::now() + kRest; Clock::now() < end;) rest.push_back(asker.ask());
    std::vector<microseconds> busy;
    std::chrono::milliseconds longest{0};
    for (int i = 1; i <= reloads; ++i) {
      longest = std::max(longest, ask_through_reload(asker, folder, i, busy));
    }
    // As many at rest, or the longest of the two could not be compared.
    while (rest.size() < busy.size()) rest.push_back(asker.ask());
    fmt::print("{} policies, times in µs\n{:<16}{:>10}{:>8}{:>8}{:>8}{:>9}{:>10}\n", kPolicies, "",
               "questions", "p50", "p99", "p99.9", "p99.99", "longest");
    report("at rest", rest);
    report("reloading", busy);
    fmt::print("the longest is {} µs longer than at rest; at most {} are wanted\n",
               (busy.back() - rest.back()).count(), kMostDelay.count());
    fmt::print("from a changed file to its first answer: at most {} ms\n", longest.count());
    is_fast_enough = busy.back() - rest.back() <= kMostDelay;
  }
  fs::remove_all(folder);
  return is_fast_enough ? 0 : 1;
}
