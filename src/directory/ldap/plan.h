#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "directory/ldap/group_plan.h"
#include "directory/ldap/reading.h"
#include "directory/ldap/source.h"
#include "directory/registry/registry.h"

namespace wardlock::directory {

/// What the directory has of a source, and what it needs to know to compare.
struct LdapPeople {
  std::vector<Thing> people;  ///< that came from it
  struct Holding {
    std::string relation;  ///< its id
    bool is_ours = false;  ///< the source gave it
  };
  struct Role {
    std::string id;
    std::map<std::string, Holding> holders;  ///< by the person's id; those in force
  };
  std::map<std::string, Role> roles;  ///< those that the source gives, by name
  LdapGroups groups;                  ///< none where groups are not entered
};

/// Error kNotFound: a role that the settings name is not there.
Result<LdapPeople> read_people_of(const LdapSource& source, const Registry& registry,
                                  std::int64_t now);

/// What is to be done with one person, all of it together.
struct PersonPlan {
  enum class Step : std::uint8_t {
    kAdd,      ///< entered, and works here
    kChange,   ///< attributes or roles alone
    kSuspend,  ///< the account is disabled there
    kResume,   ///< it is not any more
    kLeave,    ///< gone from there
    kReturn,   ///< there again
  };
  Step step = Step::kChange;
  std::string account;  ///< its id in the source
  std::string dn;       ///< empty: it is not there any more
  std::string user_name;
  std::optional<Thing> before;   ///< nothing: to be added
  boost::json::object document;  ///< as it will be, but for the manager below
  /// Whom the person is to report to, by their id in the source: somebody who is new, too.
  std::optional<std::string> manager;
  std::vector<AttributeChange> differences;
  std::vector<std::string> roles_given;  ///< by name
  std::vector<std::string> roles_taken;
};

std::string_view to_string(PersonPlan::Step step);

/// What a sync would do. Nothing has been changed.
struct LdapPlan {
  std::vector<PersonPlan> people;  ///< those with whom something happens
  std::vector<GroupPlan> groups;   ///< those with which something happens
  /// Of people and groups that are here, by their ids in the source.
  std::map<std::string, std::string> ids;
  std::vector<Remark> faults;       ///< what could not be planned; the rest goes on
  std::vector<Remark> look_alikes;  ///< new names that are easily taken for another's
  std::vector<std::string> notes;
  std::uint64_t present = 0;  ///< accounts in the source
  std::uint64_t here = 0;     ///< of its people, those who have not left or are suspended
  /// Why none of it may be done: too many would leave, or too many groups close, at once.
  std::optional<std::string> stopped;

  std::uint64_t count(PersonPlan::Step step) const;
};

/// Whether somebody is new here of whom only the id was read: an account that was enabled by
/// something that is no change of it.
bool lacks_entries(const LdapSource& source, const LdapReading& reading, const LdapPeople& people);

/// Pure: the same reading and people give the same plan.
LdapPlan make_plan(const LdapSource& source, const LdapReading& reading, const LdapPeople& people,
                   std::chrono::year this_year);

/// Flags the names that are new, where they look like one of anybody in the tenant, or each other.
Result<void> flag_look_alikes(const LdapSource& source, const Registry& registry, LdapPlan& plan);

}  // namespace wardlock::directory
