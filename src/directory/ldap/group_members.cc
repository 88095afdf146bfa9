#include "directory/ldap/group_members.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/utf8.h"
#include "directory/ldap/account.h"
#include "directory/ldap/ldap_text.h"

namespace wardlock::directory {
namespace {

constexpr std::string_view kMemberUid = "memberuid";
constexpr std::array<std::string_view, 3> kMemberAttributes = {"member", "uniquemember",
                                                               kMemberUid};

void take_member(std::string_view attribute, const std::string& value, SourceGroup& group) {
  if (attribute == kMemberUid) return group.member_uids.push_back(value);
  if (auto dn = normalise_dn(value)) group.members.push_back(std::move(*dn));
}

/// Adds the members by the attribute, whole or a part of it. Returns where the next part begins.
std::optional<std::uint64_t> take_members(const LdapEntry& entry, std::string_view attribute,
                                          SourceGroup& group) {
  std::optional<std::uint64_t> next;
  for (const auto& [name, values] : entry.attributes) {
    const auto range = read_range(name);
    if ((range ? range->attribute : name) != attribute) continue;
    for (const std::string& value : values) take_member(attribute, value, group);
    if (range && range->last && !values.empty()) next = *range->last + 1;
  }
  return next;
}

/// Of several the first in order: a server may answer them in any.
std::string name_of(const LdapEntry& entry) {
  const auto found = entry.attributes.find("cn");
  if (found == entry.attributes.end() || found->second.empty()) return {};
  std::string name = std::ranges::min(found->second);
  return find_invalid_utf8(name) ? std::string() : name;
}

/// The rest of what came in parts.
Result<void> read_rest(LdapConnection& connection, std::string_view attribute, std::uint64_t from,
                       SourceGroup& group) {
  for (std::optional<std::uint64_t> at = from; at;) {
    const std::string part = fmt::format("{};range={}-*", attribute, *at);
    std::optional<std::uint64_t> next;
    const auto take_part = [&](const LdapEntry& entry) -> Result<void> {
      next = take_members(entry, attribute, group);
      return {};
    };
    TRY_VOID(connection.search(
        {.base = group.dn, .filter = "(objectClass=*)", .attributes = {part}, .is_base_only = true},
        take_part));
    at = next && *next > *at ? next : std::nullopt;
  }
  return {};
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

Result<std::vector<SourceGroup>> read_groups_of(const LdapSource& source,
                                                LdapConnection& connection) {
  struct Part {
    std::size_t group;
    std::string_view attribute;
    std::uint64_t next;
  };
  std::vector<SourceGroup> groups;
  std::vector<Part> parts;  // of attributes that did not come whole
  const auto take = [&](const LdapEntry& entry) -> Result<void> {
    SourceGroup group{.id = account_id(source, entry).value_or(""),
                      .dn = entry.dn,
                      .name = name_of(entry),
                      .members = {},
                      .member_uids = {}};
    for (const std::string_view attribute : kMemberAttributes) {
      const auto next = take_members(entry, attribute, group);
      if (next) parts.push_back({groups.size(), attribute, *next});
    }
    groups.push_back(std::move(group));
    return {};
  };
  TRY_VOID(connection.search({.base = source.group_base.empty() ? source.base : source.group_base,
                              .filter = source.group_filter,
                              .attributes = {"member", "uniqueMember", "memberUid", "cn",
                                             std::string(id_attribute(source.flavour))}},
                             take));
  for (const Part& part : parts) {
    TRY_VOID(read_rest(connection, part.attribute, part.next, groups[part.group]));
  }
  return groups;
}

}  // namespace wardlock::directory
