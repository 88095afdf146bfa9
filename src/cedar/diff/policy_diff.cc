#include "cedar/diff/policy_diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "base/utf8.h"
#include "cedar/ast/policy_text.h"
#include "cedar/diff/policy_parts.h"

namespace wardlock::cedar {
namespace {

/// A policy, template or link of one of the sets.
struct Entry {
  PolicyForm form = PolicyForm::kPolicy;
  std::string id;
  const Template* body = nullptr;
  const Policy* policy = nullptr;  ///< null for a template
  PolicyParts parts = {};
  bool is_matched = false;

  std::string text() const {
    return (policy != nullptr ? to_text(*policy) : to_text(*body)).value_or("");
  }
};

/// All of a set, by id, which is unique over the three.
using Entries = std::map<std::string, Entry, std::less<>>;

Entries entries_of(const PolicySet& policies) {
  Entries out;
  for (const Policy& policy : policies.policies()) {
    out[policy.id] = {.form = policy.is_link() ? PolicyForm::kLink : PolicyForm::kPolicy,
                      .id = policy.id,
                      .body = policy.body,
                      .policy = &policy,
                      .parts = written_parts(policy)};
  }
  for (const Template* body : policies.templates()) {
    out[body->id] = {
        .form = PolicyForm::kTemplate, .id = body->id, .body = body, .parts = written_parts(*body)};
  }
  return out;
}

/// Pairs what belongs together in both sets, and tells what remains.
class PolicyComparison {
 public:
  PolicyComparison(const PolicySet& before, const PolicySet& after)
      : before_(entries_of(before)), after_(entries_of(after)) {}

  PolicyDiff run() && {
    pair_namesakes(true);
    pair_renamed();
    pair_namesakes(false);
    tell_unmatched();
    name_links();
    std::ranges::stable_sort(diff_.changes, {}, &PolicyChange::id);
    return std::move(diff_);
  }

 private:
  void pair_namesakes(bool only_equal) {
    for (auto& [id, was] : before_) {
      const auto it = after_.find(id);
      if (was.is_matched || it == after_.end()) continue;
      Entry& is = it->second;
      if (is.is_matched || is.form != was.form) continue;
      const bool is_equal = was.parts == is.parts;
      if (is_equal != only_equal) continue;
      was.is_matched = is.is_matched = true;
      if (is_equal) {
        ++diff_.unchanged;
      } else {
        tell(ChangeKind::kChanged, &was, &is);
      }
    }
  }

  /// Those that are alike go together in the order of their ids, so that it does not matter which
  /// set comes first.
  void pair_renamed() {
    std::map<std::string, std::pair<std::vector<Entry*>, std::vector<Entry*>>> alike;
    for (auto& [id, was] : before_) {
      if (!was.is_matched) alike[likeness_of(was)].first.push_back(&was);
    }
    for (auto& [id, is] : after_) {
      if (!is.is_matched) alike[likeness_of(is)].second.push_back(&is);
    }
    for (auto& [likeness, both] : alike) {
      auto& [was, is] = both;
      for (std::size_t i = 0; i < std::min(was.size(), is.size()); ++i) {
        was[i]->is_matched = is[i]->is_matched = true;
        tell(ChangeKind::kRenamed, was[i], is[i]);
      }
    }
  }

  static std::string likeness_of(const Entry& entry) {
    return fmt::format("{}{}", to_string(entry.form), entry.parts.likeness());
  }

  void tell_unmatched() {
    for (const auto& [id, was] : before_) {
      if (!was.is_matched) tell(ChangeKind::kRemoved, &was, nullptr);
    }
    for (const auto& [id, is] : after_) {
      if (!is.is_matched) tell(ChangeKind::kAdded, nullptr, &is);
    }
  }

  void tell(ChangeKind kind, const Entry* was, const Entry* is) {
    const Entry& now = is != nullptr ? *is : *was;
    PolicyChange change{.kind = kind, .form = now.form, .id = now.id};
    if (kind == ChangeKind::kRenamed) change.id_before = was->id;
    if (was != nullptr) {
      change.before = was->text();
      change.source_before = was->body->source;
    }
    if (is != nullptr) {
      change.after = is->text();
      change.source_after = is->body->source;
    }
    if (was != nullptr && is != nullptr) change.parts = diff_parts(was->parts, is->parts);
    diff_.changes.push_back(std::move(change));
  }

  void name_links() {
    for (PolicyChange& change : diff_.changes) {
      if (change.form != PolicyForm::kTemplate || change.kind != ChangeKind::kChanged) continue;
      for (const auto& [id, entry] : after_) {
        if (entry.form == PolicyForm::kLink && entry.body->id == change.id) {
          change.links.push_back(id);
        }
      }
    }
  }

  Entries before_;
  Entries after_;
  PolicyDiff diff_;
};

codec::Json to_json(const PolicyChange& change) {
  boost::json::object out{
      {"kind", to_string(change.kind)}, {"form", to_string(change.form)}, {"id", change.id}};
  const auto put = [&out](const char* key, const std::string& text) {
    if (!text.empty()) out[key] = text;
  };
  put("id_before", change.id_before);
  put("file_before", change.source_before);
  put("file_after", change.source_after);
  put("before", change.before);
  put("after", change.after);
  boost::json::array parts;
  for (const PartChange& part : change.parts) parts.push_back(to_json(part));
  if (!parts.empty()) out["parts"] = std::move(parts);
  if (!change.links.empty())
    out["links"] = boost::json::array(change.links.begin(), change.links.end());
  return out;
}

std::string indented(std::string_view text) {
  std::string out = "    ";
  for (const char c : printable(text)) {
    out += c;
    if (c == '\n') out += "    ";
  }
  return out + "\n";
}

std::string to_text(const PolicyChange& change) {
  const std::string& file =
      change.kind == ChangeKind::kRemoved ? change.source_before : change.source_after;
  std::string out =
      fmt::format("{} {} `{}`", sign_of(change.kind), to_string(change.form), printable(change.id));
  if (!change.id_before.empty())
    out += fmt::format(", which was `{}`", printable(change.id_before));
  if (!file.empty()) out += fmt::format(" ({})", printable(file));
  out += '\n';
  for (const PartChange& part : change.parts) out += to_text(part);
  if (change.kind == ChangeKind::kAdded) out += indented(change.after);
  if (change.kind == ChangeKind::kRemoved) out += indented(change.before);
  for (const std::string& link : change.links) {
    out += fmt::format("    and so the link `{}`\n", printable(link));
  }
  return out;
}

}  // namespace

std::string_view to_string(PolicyForm form) {
  switch (form) {
    case PolicyForm::kPolicy: return "policy";
    case PolicyForm::kTemplate: return "template";
    case PolicyForm::kLink: break;
  }
  return "link";
}

std::size_t PolicyDiff::count(ChangeKind kind) const {
  return static_cast<std::size_t>(std::ranges::count(changes, kind, &PolicyChange::kind));
}

PolicyDiff diff_policies(const PolicySet& before, const PolicySet& after) {
  return PolicyComparison(before, after).run();
}

codec::Json to_json(const PolicyDiff& diff) {
  boost::json::array changes;
  for (const PolicyChange& change : diff.changes) changes.push_back(to_json(change));
  return boost::json::object{{"added", diff.count(ChangeKind::kAdded)},
                             {"removed", diff.count(ChangeKind::kRemoved)},
                             {"changed", diff.count(ChangeKind::kChanged)},
                             {"renamed", diff.count(ChangeKind::kRenamed)},
                             {"unchanged", diff.unchanged},
                             {"changes", std::move(changes)}};
}

std::string to_text(const PolicyDiff& diff) {
  std::string out;
  for (const PolicyChange& change : diff.changes) out += to_text(change);
  return out;
}

}  // namespace wardlock::cedar
