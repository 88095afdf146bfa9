#include "directory/ldap/slapd_for_test.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/check.h"
#include "directory/ldap/ldap_socket.h"

namespace wardlock::directory {
namespace {

constexpr char kSlapd[] = "/usr/sbin/slapd";
constexpr char kWhatIsAsked[] = "256";  // slapd.conf(5), loglevel stats
constexpr std::string_view kConfiguration = R"(
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload ppolicy
pidfile {0}/slapd.pid
TLSCACertificateFile {1}
TLSCertificateFile {2}
TLSCertificateKeyFile {3}
security tls=1
database mdb
suffix dc=example,dc=org
rootdn cn=admin,dc=example,dc=org
directory {0}/data
index entryUUID,objectClass eq
overlay ppolicy
ppolicy_default cn=policy,dc=example,dc=org
ppolicy_use_lockout
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact=cn=wardlock,dc=example,dc=org read by anonymous auth by * none
)";

constexpr std::string_view kTree = R"(
dn: dc=example,dc=org
objectClass: dcObject
objectClass: organization
o: Example
dc: example

dn: cn=wardlock,dc=example,dc=org
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: wardlock
userPassword: let me (read)*

dn: cn=policy,dc=example,dc=org
objectClass: device
objectClass: pwdPolicy
cn: policy
pwdAttribute: userPassword
pwdMaxAge: 86400
pwdMustChange: TRUE
pwdLockout: TRUE
pwdMaxFailure: 3

dn: ou=people,dc=example,dc=org
objectClass: organizationalUnit
ou: people
)";

std::string person(const std::string& uid, const std::string& more) {
  return fmt::format(
      "\ndn: uid={0},ou=people,dc=example,dc=org\nobjectClass: inetOrgPerson\nuid: {0}\ncn: {0}\n"
      "sn: {0}\nentryUUID: {1}\n{2}",
      uid, SlapdForTest::id_of(uid), more);
}

int free_port() {
  const Descriptor socket(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  CHECK(::bind(socket.number(), reinterpret_cast<sockaddr*>(&address), size) == 0);
  CHECK(::getsockname(socket.number(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
  return ntohs(address.sin_port);
}

void write(const std::string& path, std::string_view text) {
  std::ofstream(path) << text;
  CHECK(::chmod(path.c_str(), 0600) == 0);
}

}  // namespace

bool is_slapd_installed() { return ::access(kSlapd, X_OK) == 0; }

SlapdForTest::SlapdForTest(const std::string& ca_file, const std::string& certificate_file,
                           const std::string& key_file)
    : ca_file_(ca_file), port_(free_port()) {
  std::string name = "/tmp/wardlock-slapd-XXXXXX";
  CHECK(::mkdtemp(name.data()) != nullptr);
  folder_ = name;
  std::filesystem::create_directory(folder_ + "/data");
  write(folder_ + "/slapd.conf",
        fmt::format(fmt::runtime(kConfiguration), folder_, ca_file, certificate_file, key_file));
  write(folder_ + "/password", "let me (read)*\n");
  load();
  start();
}

SlapdForTest::~SlapdForTest() {
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
  std::filesystem::remove_all(folder_);
}

void SlapdForTest::load() const {
  const std::string now = "pwdChangedTime: 20991231000000Z\n";
  write(folder_ + "/tree.ldif",
        std::string(kTree) + person("ada", "userPassword: correct horse\n" + now) +
            person("bo", "userPassword: correct horse\npwdChangedTime: 20200101000000Z\n") +
            person("cy", "userPassword: correct horse\npwdReset: TRUE\n" + now) +
            person("di", "userPassword: correct horse\nemployeeType: disabled\n" + now) +
            person("ed", ""));
  const std::string command =
      fmt::format("slapadd -f {0}/slapd.conf -l {0}/tree.ldif >{0}/log 2>&1", folder_);
  if (std::system(("/usr/sbin/" + command).c_str()) == 0) return;
  std::system(("cat " + folder_ + "/log >&2").c_str());
  CHECK(!"slapadd did not load the tree");
}

void SlapdForTest::start() {
  const std::string file = folder_ + "/slapd.conf";
  const std::string address = fmt::format("ldaps://127.0.0.1:{}/", port_);
  process_ = ::fork();
  CHECK(process_ >= 0);
  if (process_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int log = ::open((folder_ + "/asked").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::dup2(log, STDERR_FILENO);
    ::execl(kSlapd, kSlapd, "-d", kWhatIsAsked, "-f", file.c_str(), "-h", address.c_str(), nullptr);
    ::_exit(127);
  }
  for (int i = 0; i < 200; ++i) {
    if (connect_to("127.0.0.1", port_, std::chrono::seconds(1))) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  CHECK(!"slapd did not start");
}

LdapSource SlapdForTest::source() const {
  LdapSource source;
  source.name = "main";
  source.tenant = "st-mary";
  source.url = fmt::format("ldaps://127.0.0.1:{}", port_);
  source.ca_file = ca_file_;
  source.bind_dn = "cn=wardlock,dc=example,dc=org";
  source.password_file = folder_ + "/password";
  source.base = "ou=people,dc=example,dc=org";
  source.filter = "(objectClass=inetOrgPerson)";
  source.disabled_filter = "(employeeType=disabled)";
  source.timeout = std::chrono::seconds(5);
  return source;
}

std::string SlapdForTest::id_of(const std::string& uid) {
  return fmt::format("00000000-0000-4000-8000-0000000000{:02x}", uid.front());
}

std::string SlapdForTest::asked() {
  // The end of a connection is noted after its answer.
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  std::ifstream file(folder_ + "/asked");
  file.seekg(static_cast<std::streamoff>(read_));
  std::string all, line;
  while (std::getline(file, line)) {
    read_ += line.size() + 1;
    if (line.contains(" BIND dn=") && line.contains(" method=")) all += "bind ";
    if (line.contains(" SRCH base=")) all += "search ";
  }
  return all;
}

void SlapdForTest::freeze() { CHECK(::kill(process_, SIGSTOP) == 0); }
void SlapdForTest::thaw() { CHECK(::kill(process_, SIGCONT) == 0); }

}  // namespace wardlock::directory
