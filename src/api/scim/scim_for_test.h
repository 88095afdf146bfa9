#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "administration/errand.h"
#include "api/scim/endpoints.h"
#include "directory/registry/hospital_for_test.h"

namespace wardlock::scim {

using storage::name_of;  // for WARDLOCK_ON_EACH_DATABASE
using storage::tested_databases;

/// Allows all but some deeds, or deeds to some kinds, and remembers what it was asked.
class GateForTest : public administration::Gate {
 public:
  using Deed = administration::Deed;

  Result<void> check(Deed deed, directory::Kind kind) override;
  Result<void> check(Deed deed, const directory::Thing& thing) override;
  Result<void> check(Deed deed, directory::Relation relation, const directory::Thing& subject,
                     const directory::Thing& object) override;
  Result<void> check(administration::ClientDeed deed,
                     const administration::ClientStanding& client) override;
  Result<void> check(administration::PolicyDeed deed,
                     const administration::PolicyStanding& policies) override;

  std::vector<Deed> refused = {};
  std::vector<std::string> denied = {};  ///< as in `asked`
  std::vector<std::string> asked = {};   ///< `read person`, `relate membership`

 private:
  Result<void> answer(Deed deed, std::string_view what);
};

struct ReplyForTest {
  int status = 0;
  std::string type = {};
  std::map<std::string, std::string> headers = {};
  codec::Json body = {};

  /// A member, by its name or a JSON pointer; null if there is none.
  codec::Json at(std::string_view pointer) const;
  std::string text(std::string_view pointer) const;
  std::string scim_type() const { return text("/scimType"); }
  std::string detail() const { return text("/detail"); }
  std::string id() const { return text("/id"); }
};

/// A directory that is asked over SCIM.
class ScimTest : public directory::HospitalForTest {
 protected:
  ReplyForTest send(std::string_view method, std::string_view target, std::string_view body = {},
                    const std::map<std::string, std::string>& headers = {});
  ReplyForTest get(std::string_view target) { return send("GET", target); }
  ReplyForTest post(std::string_view target, std::string_view body) {
    return send("POST", target, body);
  }
  ReplyForTest put(std::string_view target, std::string_view body) {
    return send("PUT", target, body);
  }
  /// `operations`: a JSON array.
  ReplyForTest patch(std::string_view target, std::string_view operations);
  ReplyForTest bulk(std::string_view operations, std::string_view more = {});

  /// Must be made. Returns the id.
  std::string user(const std::string& name, const std::string& more = {});
  std::string group_over_scim(const std::string& name, const std::string& more = {});
  /// Of `Resources`, one text each.
  std::vector<std::string> found(std::string_view target, std::string_view pointer = "/userName");
  /// The values of a list such as `members`.
  std::vector<std::string> values(const ReplyForTest& reply, std::string_view name);

  GateForTest gate_;
};

inline constexpr std::string_view kUserSchema = "urn:ietf:params:scim:schemas:core:2.0:User";
inline constexpr std::string_view kOwnUserSchema = "urn:wardlock:scim:schemas:extension:1.0:User";

}  // namespace wardlock::scim
