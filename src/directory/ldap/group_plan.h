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
#include "directory/ldap/reading.h"
#include "directory/ldap/source.h"
#include "directory/registry/registry.h"

namespace wardlock::directory {

/// What the directory has of a source's groups.
struct LdapGroups {
  std::vector<Thing> groups;  ///< that came from it
  struct Membership {
    std::string relation;  ///< its id
    std::string subject;   ///< who belongs to it
    bool is_ours = false;  ///< the source gave it
  };
  std::map<std::string, std::vector<Membership>> members;  ///< by the group's id; those in force
  std::set<std::string> administering;  ///< ids of those that have a role in Wardlock itself
};

Result<LdapGroups> read_groups_here(const LdapSource& source, const Registry& registry,
                                    std::int64_t now);

/// An attribute that is to change.
struct AttributeChange {
  std::string attribute;
  std::string before;  ///< JSON; empty: there is none
  std::string after;
};
std::vector<AttributeChange> differences_of(const boost::json::object& before,
                                            const boost::json::object& after);

/// What is to be done with one group.
struct GroupPlan {
  enum class Step : std::uint8_t {
    kAdd,     ///< entered
    kChange,  ///< attributes or members alone
    kClose,   ///< gone from there
    kReopen,  ///< there again
  };
  struct Joining {
    bool is_group = false;
    std::string id;    ///< in the source
    std::string name;  ///< for people
  };
  struct Leaving {
    std::string relation;  ///< its id
    std::string name;      ///< for people
  };

  Step step = Step::kChange;
  std::string id;                ///< in the source
  std::string dn;                ///< empty: it is not there any more
  std::string name;              ///< for people
  std::optional<Thing> before;   ///< nothing: to be added
  boost::json::object document;  ///< as it will be
  std::vector<AttributeChange> differences;
  std::vector<Joining> joining;
  std::vector<Leaving> leaving;
};

std::string_view to_string(GroupPlan::Step step);

/// The people who can belong to groups, as the plan has them.
struct MemberNames {
  std::map<std::string, std::string> names;   ///< user names, by their ids in the source
  std::map<std::string, std::string> things;  ///< ids in the source, by their ids here
};

/// Something to be told of one: whom, and what.
struct Remark {
  std::string whom;  ///< a DN, a name, or the source's
  std::string message;
  bool is_of_group = false;
};

/// What a sync would do with groups.
struct GroupPlans {
  std::vector<GroupPlan> groups;           ///< those with which something happens
  std::map<std::string, std::string> ids;  ///< of groups that are here, by those in the source
  std::vector<Remark> faults;
  std::vector<std::string> notes;
  std::optional<std::string> stopped;  ///< too many would close at once
};

/// Pure: the same reading, groups and people give the same plans.
GroupPlans make_group_plans(const LdapSource& source, const LdapReading& reading,
                            const LdapGroups& here, const MemberNames& people,
                            std::chrono::year this_year);

}  // namespace wardlock::directory
