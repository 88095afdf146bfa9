#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>

#include "directory/ldap/source.h"

namespace wardlock::directory {

/// Whether a test can have one: Debian's package `slapd` is there.
bool is_slapd_installed();

/// A real slapd over TLS on loopback, with its password policy, until it goes. People are Ada
/// (`correct horse`), Bo (whose password has expired), Cy (who must change it), Di (who is
/// disabled) and Ed (who has none), all below `ou=people,dc=example,dc=org`; the policy locks after
/// three wrong tries.
class SlapdForTest {
 public:
  /// `certificate_file` and `key_file` are the server's, for 127.0.0.1.
  SlapdForTest(const std::string& ca_file, const std::string& certificate_file,
               const std::string& key_file);
  ~SlapdForTest();
  SlapdForTest(const SlapdForTest&) = delete;
  SlapdForTest& operator=(const SlapdForTest&) = delete;

  /// As settings have it.
  LdapSource source() const;
  /// The id of that person there.
  static std::string id_of(const std::string& uid);
  /// What it was asked since this was called last, in that order: `bind search bind `.
  std::string asked();
  /// It does not answer any more, and keeps its connections.
  void freeze();
  void thaw();

 private:
  void load() const;
  void start();

  std::string folder_;
  std::string ca_file_;
  int port_;
  pid_t process_ = -1;
  std::size_t read_ = 0;  ///< of its log
};

}  // namespace wardlock::directory
