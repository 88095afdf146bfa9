#include "directory/ldap/group_members.h"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <utility>

#include "directory/ldap/ldap_text.h"

namespace wardlock::directory {
namespace {

constexpr std::array<std::string_view, 2> kMemberAttributes = {"member", "uniquemember"};

/// Adds the DNs of the attribute, whole or a part of it. Returns where the next part begins.
std::optional<std::uint64_t> take_members(const LdapEntry& entry, std::string_view attribute,
                                          std::vector<std::string>& members) {
  std::optional<std::uint64_t> next;
  for (const auto& [name, values] : entry.attributes) {
    const auto range = read_range(name);
    if ((range ? range->attribute : name) != attribute) continue;
    for (const std::string& value : values) {
      if (auto dn = normalise_dn(value)) members.push_back(std::move(*dn));
    }
    if (range && range->last && !values.empty()) next = *range->last + 1;
  }
  return next;
}

}  // namespace

void GroupMembers::add(const std::string& group, std::vector<std::string> members) {
  groups_[group] = std::move(members);
}

std::set<std::string> GroupMembers::members_of(const std::string& group) const {
  std::set<std::string> seen;
  std::vector<std::string> open = {group};
  while (!open.empty()) {
    const auto found = groups_.find(open.back());
    open.pop_back();
    if (found == groups_.end()) continue;
    for (const std::string& member : found->second) {
      if (seen.insert(member).second) open.push_back(member);
    }
  }
  return seen;
}

Result<GroupMembers> read_groups_of(const LdapSource& source, LdapConnection& connection) {
  struct Group {
    std::string dn;
    std::vector<std::string> members;
    std::map<std::string_view, std::uint64_t> next;  ///< of attributes that came in parts
  };
  std::vector<Group> groups;
  const auto take = [&](const LdapEntry& entry) -> Result<void> {
    Group group{.dn = entry.dn, .members = {}, .next = {}};
    for (const std::string_view attribute : kMemberAttributes) {
      const auto next = take_members(entry, attribute, group.members);
      if (next) group.next[attribute] = *next;
    }
    groups.push_back(std::move(group));
    return {};
  };
  TRY_VOID(connection.search({.base = source.group_base.empty() ? source.base : source.group_base,
                              .filter = source.group_filter,
                              .attributes = {"member", "uniqueMember"}},
                             take));
  GroupMembers all;
  for (Group& group : groups) {
    for (auto [attribute, from] : group.next) {
      for (std::optional<std::uint64_t> at = from; at;) {
        const std::string part = fmt::format("{};range={}-*", attribute, *at);
        std::optional<std::uint64_t> next;
        const auto take_part = [&](const LdapEntry& entry) -> Result<void> {
          next = take_members(entry, attribute, group.members);
          return {};
        };
        TRY_VOID(connection.search({.base = group.dn,
                                    .filter = "(objectClass=*)",
                                    .attributes = {part},
                                    .is_base_only = true},
                                   take_part));
        at = next && *next > *at ? next : std::nullopt;
      }
    }
    if (auto dn = normalise_dn(group.dn)) all.add(*dn, std::move(group.members));
  }
  return all;
}

}  // namespace wardlock::directory
