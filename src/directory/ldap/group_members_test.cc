#include "directory/ldap/group_members.h"

#include <gtest/gtest.h>

namespace wardlock::directory {
namespace {

using Dns = std::set<std::string>;

TEST(GroupMembers, AreThoseOfGroupsInGroupsToo) {
  GroupMembers groups;
  groups.add("cn=all", {"cn=day", "uid=ada"});
  groups.add("cn=day", {"cn=late", "uid=bo"});
  groups.add("cn=late", {"uid=cy"});
  groups.add("cn=other", {"uid=eve"});
  EXPECT_EQ(groups.members_of("cn=all"), (Dns{"cn=day", "cn=late", "uid=ada", "uid=bo", "uid=cy"}));
  EXPECT_EQ(groups.members_of("cn=late"), Dns{"uid=cy"});
}

TEST(GroupMembers, OfACircleAreAllOfIt) {
  GroupMembers groups;
  groups.add("cn=a", {"cn=b", "uid=ada"});
  groups.add("cn=b", {"cn=a", "cn=b", "uid=bo"});
  EXPECT_EQ(groups.members_of("cn=a"), (Dns{"cn=a", "cn=b", "uid=ada", "uid=bo"}));
}

TEST(GroupMembers, OfWhatIsNoGroupAreNone) {
  GroupMembers groups;
  groups.add("cn=a", {});
  EXPECT_TRUE(groups.members_of("cn=a").empty());
  EXPECT_TRUE(groups.members_of("uid=ada").empty());
  EXPECT_TRUE(groups.has("cn=a"));
  EXPECT_FALSE(groups.has("uid=ada"));
}

}  // namespace
}  // namespace wardlock::directory
