#include "storage/postgresql_for_test.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <pwd.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/check.h"
#include "storage/postgresql_connection.h"

namespace wardlock::storage {
namespace {

// The server refuses to be run by root.
constexpr const char* kServerUser = "postgres";

std::string program(const std::string& name) {
  for (const auto& version : std::filesystem::directory_iterator("/usr/lib/postgresql")) {
    const std::filesystem::path path = version.path() / "bin" / name;
    if (std::filesystem::exists(path)) return path.string();
  }
  return name;
}

/// As the server's user, and killed when the process that starts it ends.
pid_t spawn(std::vector<std::string> arguments, const std::string& log) {
  std::vector<std::string> command = {"setpriv", "--pdeathsig", "KILL"};
  if (::geteuid() == 0) {
    const std::string user = kServerUser;
    command.insert(command.end(), {"--reuid", user, "--regid", user, "--clear-groups"});
  }
  command.insert(command.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& argument : command) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  const pid_t child = ::fork();
  CHECK(child >= 0);
  if (child > 0) return child;
  const int output = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  ::execvp(pointers[0], pointers.data());
  ::_exit(127);
}

}  // namespace

PostgresqlForTest::PostgresqlForTest() {
  std::string name = "/tmp/wardlock-pg-XXXXXX";
  CHECK(::mkdtemp(name.data()) != nullptr);
  folder_ = name;
  if (::geteuid() == 0) {
    const passwd* const user = ::getpwnam(kServerUser);
    CHECK(user != nullptr);
    CHECK(::chown(folder_.c_str(), user->pw_uid, user->pw_gid) == 0);
  }
  const pid_t child = spawn({program("initdb"), "-D", folder_ + "/data", "-U", "wardlock", "-A",
                             "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"},
                            folder_ + ".log");
  int status = -1;
  CHECK(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  start();
}

PostgresqlForTest::~PostgresqlForTest() {
  kill();
  std::filesystem::remove_all(folder_);
  std::filesystem::remove(folder_ + ".log");
}

std::string PostgresqlForTest::url(const std::string& database) const {
  return fmt::format("postgresql:///{}?host={}&user=wardlock", database, folder_);
}

std::string PostgresqlForTest::new_database(const std::string& settings) {
  const std::string name = fmt::format("test_{}", next_database_++);
  auto connection = PostgresqlConnection::open(url("postgres"), std::chrono::seconds(5));
  CHECK(connection);
  CHECK(connection->run_script(fmt::format("CREATE DATABASE {} {}", name, settings)));
  return url(name);
}

namespace {

/// To the server and to the processes that it has for its connections.
void signal_all(pid_t server, int signal) {
  if (server < 0) return;
  std::ifstream children(fmt::format("/proc/{0}/task/{0}/children", server));
  for (pid_t child = 0; children >> child;) ::kill(child, signal);
  ::kill(server, signal);
}

}  // namespace

void PostgresqlForTest::kill() {
  if (process_ < 0) return;
  signal_all(process_, SIGKILL);  // a process of a connection may answer after its server's end
  CHECK(::waitpid(process_, nullptr, 0) == process_);
  process_ = -1;
}

void PostgresqlForTest::freeze() { signal_all(process_, SIGSTOP); }

void PostgresqlForTest::thaw() { signal_all(process_, SIGCONT); }

void PostgresqlForTest::start() {
  if (process_ >= 0) return;
  // After a kill, its processes take a moment to see that it is gone; it waits for nobody.
  for (int attempt = 0; attempt < 300; ++attempt) {
    if (process_ < 0) {
      process_ = spawn({program("postgres"), "-D", folder_ + "/data", "-k", folder_, "-c",
                        "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=60"},
                       folder_ + ".log");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    if (PostgresqlConnection::open(url("postgres"), std::chrono::seconds(5))) return;
    if (::waitpid(process_, nullptr, WNOHANG) == process_) process_ = -1;
  }
  CHECK(!"the server did not start");
}

bool is_postgresql_tested() { return std::getenv("WARDLOCK_TEST_POSTGRESQL") != nullptr; }

PostgresqlForTest& shared_postgresql() {
  static const std::unique_ptr<PostgresqlForTest> server = std::make_unique<PostgresqlForTest>();
  return *server;
}

}  // namespace wardlock::storage
