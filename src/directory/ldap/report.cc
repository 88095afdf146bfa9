#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/utf8.h"
#include "directory/ldap/sync.h"

namespace wardlock::directory {
namespace {

using boost::json::array;
using boost::json::object;
using Step = PersonPlan::Step;

constexpr std::initializer_list<Step> kSteps = {Step::kAdd,    Step::kReturn,  Step::kChange,
                                                Step::kResume, Step::kSuspend, Step::kLeave};

std::string_view sign_of(Step step) {
  switch (step) {
    case Step::kAdd:
    case Step::kReturn: return "+";
    case Step::kLeave: return "-";
    case Step::kSuspend:
    case Step::kResume:
    case Step::kChange: return "~";
  }
  return "";
}

std::string_view sign_of(GroupPlan::Step step) {
  switch (step) {
    case GroupPlan::Step::kAdd:
    case GroupPlan::Step::kReopen: return "+";
    case GroupPlan::Step::kClose: return "-";
    case GroupPlan::Step::kChange: return "~";
  }
  return "";
}

std::string shown(const std::string& json) { return json.empty() ? "nothing" : printable(json); }

void add_person(std::string& out, const PersonPlan& one) {
  out += fmt::format("{} {:8}{}", sign_of(one.step), to_string(one.step), printable(one.user_name));
  if (!one.dn.empty()) out += fmt::format("  ({})", printable(one.dn));
  out += '\n';
  for (const AttributeChange& each : one.differences) {
    if (!one.before) break;  // all of it is new
    out += fmt::format("    {}: {} -> {}\n", each.attribute, shown(each.before), shown(each.after));
  }
  if (!one.roles_given.empty())
    out += fmt::format("    roles given: {}\n", fmt::join(one.roles_given, ", "));
  if (!one.roles_taken.empty())
    out += fmt::format("    roles taken: {}\n", fmt::join(one.roles_taken, ", "));
}

template <typename Member>
std::string names_of(const std::vector<Member>& members) {
  std::vector<std::string> names;
  for (const Member& each : members) names.push_back(printable(each.name));
  return fmt::format("{}", fmt::join(names, ", "));
}

void add_group(std::string& out, const GroupPlan& one) {
  out +=
      fmt::format("{} {:8}group {}", sign_of(one.step), to_string(one.step), printable(one.name));
  if (!one.dn.empty()) out += fmt::format("  ({})", printable(one.dn));
  out += '\n';
  for (const AttributeChange& each : one.differences) {
    if (!one.before) break;
    out += fmt::format("    {}: {} -> {}\n", each.attribute, shown(each.before), shown(each.after));
  }
  if (!one.joining.empty()) out += fmt::format("    joining: {}\n", names_of(one.joining));
  if (!one.leaving.empty()) out += fmt::format("    leaving: {}\n", names_of(one.leaving));
}

codec::Json parsed(const std::string& text) {
  if (text.empty()) return nullptr;
  auto json = codec::parse_json(text);
  return json ? std::move(*json) : codec::Json(nullptr);
}

array json_of(const std::vector<AttributeChange>& differences) {
  array out;
  for (const AttributeChange& each : differences) {
    out.push_back({{"attribute", each.attribute},
                   {"before", parsed(each.before)},
                   {"after", parsed(each.after)}});
  }
  return out;
}

object json_of(const PersonPlan& one) {
  object out{{"step", to_string(one.step)}, {"userName", one.user_name}};
  if (one.before) out["id"] = one.before->id;
  if (!one.dn.empty()) out["dn"] = printable(one.dn);
  out["differences"] = json_of(one.differences);
  out["rolesGiven"] = array(one.roles_given.begin(), one.roles_given.end());
  out["rolesTaken"] = array(one.roles_taken.begin(), one.roles_taken.end());
  return out;
}

template <typename Member>
array json_of_names(const std::vector<Member>& members) {
  array out;
  for (const Member& each : members) out.emplace_back(printable(each.name));
  return out;
}

object json_of(const GroupPlan& one) {
  object out{{"step", to_string(one.step)}, {"displayName", printable(one.name)}};
  if (one.before) out["id"] = one.before->id;
  if (!one.dn.empty()) out["dn"] = printable(one.dn);
  out["differences"] = json_of(one.differences);
  out["joining"] = json_of_names(one.joining);
  out["leaving"] = json_of_names(one.leaving);
  return out;
}

array json_of(const std::vector<Remark>& faults) {
  array out;
  for (const Remark& fault : faults) {
    out.push_back({{"whom", printable(fault.whom)}, {"message", fault.message}});
  }
  return out;
}

}  // namespace

std::string to_text(const LdapSource& source, const LdapSynced& synced) {
  const LdapPlan& plan = synced.plan;
  std::string out;
  for (const Step step : kSteps) {
    for (const PersonPlan& one : plan.people) {
      if (one.step == step) add_person(out, one);
    }
  }
  for (const GroupPlan& one : plan.groups) add_group(out, one);
  for (const auto& each : plan.look_alikes) {
    out += fmt::format("? {} {}\n", printable(each.whom), printable(each.message));
  }
  for (const auto& each : plan.faults) {
    out += fmt::format("! {}: {}\n", printable(each.whom), printable(each.message));
  }
  for (const std::string& note : plan.notes) out += fmt::format("  {}\n", printable(note));
  std::vector<std::string> counts;
  for (const Step step : kSteps) {
    const std::uint64_t count = plan.count(step);
    if (count > 0) counts.push_back(fmt::format("{} {}", to_string(step), count));
  }
  if (!plan.groups.empty()) counts.push_back(fmt::format("groups {}", plan.groups.size()));
  out += fmt::format("{}: {} accounts; {}", source.name, plan.present,
                     counts.empty() ? "nothing to do" : fmt::format("{}", fmt::join(counts, ", ")));
  if (!plan.faults.empty()) out += fmt::format("; {} faults", plan.faults.size());
  out += synced.is_dry_run ? "; a dry run: nothing was changed\n" : "\n";
  if (plan.stopped) out += fmt::format("stopped: {}\n", *plan.stopped);
  return out;
}

codec::Json to_json(const LdapSource& source, const LdapSynced& synced) {
  const LdapPlan& plan = synced.plan;
  array people;
  for (const PersonPlan& one : plan.people) people.push_back(json_of(one));
  array groups;
  for (const GroupPlan& one : plan.groups) groups.push_back(json_of(one));
  object counts;
  for (const Step step : kSteps) counts[to_string(step)] = plan.count(step);
  object out{{"source", source.name},
             {"dryRun", synced.is_dry_run},
             {"full", synced.is_full},
             {"accounts", plan.present},
             {"done", synced.done},
             {"counts", std::move(counts)},
             {"people", std::move(people)},
             {"groups", std::move(groups)},
             {"lookAlikes", json_of(plan.look_alikes)},
             {"faults", json_of(plan.faults)},
             {"notes", array(plan.notes.begin(), plan.notes.end())}};
  if (plan.stopped) out["stopped"] = *plan.stopped;
  return out;
}

}  // namespace wardlock::directory
