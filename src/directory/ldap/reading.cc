#include "directory/ldap/reading.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "codec/json.h"
#include "crypto/sha256.h"
#include "directory/ldap/group_members.h"
#include "directory/ldap/ldap_text.h"

namespace wardlock::directory {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

/// What groups of RFC 2307 name people by.
constexpr std::string_view kUid = "uid";

/// What of the settings makes another person of the same entry.
std::string hash_of(const LdapSource& source) {
  std::string all = fmt::format("{}\n{}\n{}\n", source.url, source.base, source.filter);
  for (const auto& [path, attribute] : source.attributes) {
    all += fmt::format("{}={}\n", path, attribute);
  }
  return crypto::to_hex(crypto::sha256(all));
}

/// Whether `a` is a later change than `b`.
bool is_later(LdapFlavour flavour, std::string_view a, std::string_view b) {
  // Numbers without leading zeros, or times of one length.
  if (flavour == LdapFlavour::kActiveDirectory && a.size() != b.size()) return a.size() > b.size();
  return a > b;
}

class Reader {
 public:
  Reader(const LdapSource& source, LdapConnection& connection, const LdapPosition& since,
         std::int64_t now)
      : source_(source), connection_(connection), since_(since), now_(now) {}

  Result<LdapReading> read() {
    TRY_VOID(begin());
    if (!reading_.is_full) TRY_VOID(list());
    TRY_VOID(read_people());
    if (!reading_.is_full && changed_ == 0) TRY_VOID(read_all_again());
    TRY_VOID(find_disabled());
    name_by_dn();
    TRY_VOID(read_groups());
    if (connection_.references() > 0) {
      reading_.notes.push_back(fmt::format(
          "{} references to other servers were not followed: who is there only is not seen",
          connection_.references()));
    }
    return std::move(reading_);
  }

 private:
  using Visit = std::function<Result<void>(const LdapEntry&)>;

  std::string change() const { return std::string(change_attribute(source_.flavour)); }
  std::string id() const { return std::string(id_attribute(source_.flavour)); }
  Result<void> search(std::string filter, std::vector<std::string> attributes, const Visit& visit) {
    return connection_.search(
        {.base = source_.base, .filter = std::move(filter), .attributes = std::move(attributes)},
        visit);
  }

  /// Whether what changed is enough, and where the next time begins.
  Result<void> begin() {
    reading_.position.settings = hash_of(source_);
    if (source_.flavour == LdapFlavour::kActiveDirectory) {
      const auto keep = [this](const LdapEntry& root) -> Result<void> {
        reading_.position.server = root.first("dsservicename");
        return {};
      };
      TRY_VOID(connection_.search({.base = "",
                                   .filter = "(objectClass=*)",
                                   .attributes = {"dsServiceName"},
                                   .is_base_only = true},
                                  keep));
    }
    reading_.is_full = since_.changed.empty() || since_.settings != reading_.position.settings ||
                       since_.server != reading_.position.server ||
                       now_ - since_.full_ms >= kFullReadMs || now_ < since_.full_ms;
    reading_.position.full_ms = reading_.is_full ? now_ : since_.full_ms;
    reading_.position.changed = reading_.is_full ? "" : since_.changed;
    return {};
  }

  /// Who is there at all.
  Result<void> list() {
    return search(source_.filter, {id(), std::string(kUid)},
                  [this](const LdapEntry& entry) { return add(entry, false); });
  }

  /// The latest change of the last time should be seen again. Where it is not, it went with its
  /// entry, or the server cannot compare changes: what it says of them is not believed.
  Result<void> read_all_again() {
    reading_.is_full = true;
    reading_.position.full_ms = now_;
    reading_.position.changed.clear();
    reading_.accounts.clear();
    return read_people();
  }

  Result<void> read_people() {
    std::set<std::string> attributes = {id(), change(), std::string(kUid)};
    for (const auto& [path, attribute] : source_.attributes) attributes.insert(attribute);
    const std::string filter =
        reading_.is_full ? source_.filter
                         : both(source_.filter, fmt::format("({}>={})", change(),
                                                            escape_filter_value(since_.changed)));
    return search(filter, {attributes.begin(), attributes.end()}, [this](const LdapEntry& entry) {
      ++changed_;
      const std::string_view changed = entry.first(lower(change()));
      if (is_later(source_.flavour, changed, reading_.position.changed)) {
        reading_.position.changed = changed;
      }
      return add(entry, true);
    });
  }

  Result<void> add(const LdapEntry& entry, bool is_whole) {
    const auto id_of_entry = account_id(source_, entry);
    if (!id_of_entry) {
      // Its absence cannot be told from somebody's leaving, so nothing may be concluded.
      return fail(
          ErrorCode::kFailedPrecondition,
          fmt::format("`{}` shows no `{}`: let `{}` read it", entry.dn, id(), source_.bind_dn));
    }
    if (reading_.accounts.size() >= source_.most_entries) {
      return fail(ErrorCode::kResourceExhausted,
                  fmt::format("there are more than {} people below `{}`: narrow `filter`",
                              source_.most_entries, source_.base));
    }
    Account& account = reading_.accounts[*id_of_entry];
    account.id = *id_of_entry;
    account.dn = entry.dn;
    const auto uids = entry.attributes.find(kUid);
    if (uids != entry.attributes.end()) account.uids = uids->second;
    if (is_whole) account.entry = entry;
    return {};
  }

  Result<void> find_disabled() {
    if (source_.disabled_filter.empty()) return {};
    return search(both(source_.filter, source_.disabled_filter), {id()},
                  [this](const LdapEntry& entry) -> Result<void> {
                    const auto disabled = account_id(source_, entry);
                    if (!disabled) return {};
                    const auto found = reading_.accounts.find(*disabled);
                    if (found != reading_.accounts.end()) found->second.is_disabled = true;
                    return {};
                  });
  }

  void name_by_dn() {
    for (const auto& [id_of_entry, account] : reading_.accounts) {
      const auto dn = normalise_dn(account.dn);
      if (dn) reading_.ids_by_dn.emplace(*dn, id_of_entry);
    }
  }

  Result<void> read_groups() {
    if (source_.roles.empty() && !source_.enters_groups) return {};
    std::vector<SourceGroup> groups = TRY(read_groups_of(source_, connection_));
    name_members(groups);
    find_role_holders(groups);
    return source_.enters_groups ? take_groups(groups) : Result<void>();
  }

  /// Finds whom groups of RFC 2307 name by their `uid`. A name that two have is nobody's.
  void name_members(std::vector<SourceGroup>& groups) {
    std::map<std::string_view, const Account*> by_uid;
    for (const auto& [id_of_entry, account] : reading_.accounts) {
      for (const std::string& uid : account.uids) {
        const auto [at, is_first] = by_uid.emplace(uid, &account);
        if (!is_first && at->second != &account) at->second = nullptr;
      }
    }
    std::set<std::string> ambiguous;
    for (SourceGroup& group : groups) {
      for (const std::string& uid : group.member_uids) {
        const auto found = by_uid.find(uid);
        if (found == by_uid.end()) continue;
        if (found->second == nullptr) {
          ambiguous.insert(uid);
          continue;
        }
        if (auto dn = normalise_dn(found->second->dn)) group.members.push_back(std::move(*dn));
      }
    }
    for (const std::string& uid : ambiguous) {
      reading_.notes.push_back(fmt::format(
          "two entries have the `uid` `{}`, so that `memberUid` names neither of them", uid));
    }
  }

  void find_role_holders(const std::vector<SourceGroup>& groups) {
    GroupMembers members;
    for (const SourceGroup& group : groups) {
      if (const auto dn = normalise_dn(group.dn)) members.add(*dn, group.members);
    }
    for (const auto& [group, role] : source_.roles) {
      const auto dn = normalise_dn(group);
      auto& holders = reading_.role_holders[role];
      if (!dn || !members.has(*dn)) {
        reading_.missing_groups.emplace(group, role);
        continue;
      }
      for (const std::string& member : members.members_of(*dn)) {
        const auto found = reading_.ids_by_dn.find(member);
        if (found != reading_.ids_by_dn.end()) holders.insert(found->second);
      }
    }
  }

  /// The groups themselves, each with those that belong to it directly.
  Result<void> take_groups(const std::vector<SourceGroup>& groups) {
    std::map<std::string, std::string> groups_by_dn;
    for (const SourceGroup& group : groups) {
      if (group.id.empty()) {
        return fail(
            ErrorCode::kFailedPrecondition,
            fmt::format("`{}` shows no `{}`: let `{}` read it", group.dn, id(), source_.bind_dn));
      }
      if (auto dn = normalise_dn(group.dn)) groups_by_dn.emplace(std::move(*dn), group.id);
    }
    for (const SourceGroup& group : groups) {
      LdapReading::Group& taken = reading_.groups[group.id];
      taken.dn = group.dn;
      taken.name = group.name;
      for (const std::string& member : group.members) {
        const auto person = reading_.ids_by_dn.find(member);
        if (person != reading_.ids_by_dn.end()) taken.people.insert(person->second);
        const auto inner = groups_by_dn.find(member);
        if (inner != groups_by_dn.end()) taken.groups.insert(inner->second);
      }
    }
    return {};
  }

  const LdapSource& source_;
  LdapConnection& connection_;
  const LdapPosition& since_;
  std::int64_t now_;
  LdapReading reading_;
  std::size_t changed_ = 0;  // entries that were answered as changed
};

}  // namespace

std::string LdapPosition::text() const {
  return codec::to_json_text(boost::json::object{
      {"settings", settings}, {"server", server}, {"changed", changed}, {"full_ms", full_ms}});
}

LdapPosition LdapPosition::read(std::string_view text) {
  const auto json = codec::parse_json(text);
  if (!json || !json->is_object()) return {};
  LdapPosition position;
  const auto& fields = json->get_object();
  const auto take = [&](std::string_view name, std::string& out) {
    const codec::Json* value = fields.if_contains(name);
    if (value != nullptr && value->is_string()) out = value->get_string();
  };
  take("settings", position.settings);
  take("server", position.server);
  take("changed", position.changed);
  const codec::Json* full = fields.if_contains("full_ms");
  if (full != nullptr && full->is_int64()) position.full_ms = full->get_int64();
  return position;
}

Result<LdapReading> read_source(const LdapSource& source, LdapConnection& connection,
                                const LdapPosition& since, std::int64_t now) {
  return Reader(source, connection, since, now).read();
}

}  // namespace wardlock::directory
