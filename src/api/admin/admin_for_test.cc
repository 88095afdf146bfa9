#include "api/admin/admin_for_test.h"

#include <fmt/format.h>

#include <array>

namespace wardlock::admin {

using administration::Deed;

namespace {

std::string_view name_of_deed(Deed deed) { return administration::to_string(deed); }

}  // namespace

Result<void> GateForTest::check(Deed deed, directory::Kind kind) {
  return answer(fmt::format("{} all {}", name_of_deed(deed), to_string(kind)));
}
Result<void> GateForTest::check(Deed deed, const directory::Thing& thing) {
  return answer(fmt::format("{} {}", name_of_deed(deed), to_string(thing.kind)));
}
Result<void> GateForTest::check_state(const directory::Thing& thing, std::string_view next) {
  return answer(fmt::format("setState {} to {}", to_string(thing.kind), next));
}
Result<void> GateForTest::check(Deed deed, directory::Relation relation,
                                const directory::Thing& subject, const directory::Thing& object) {
  return answer(fmt::format("{} {} {} {}", name_of_deed(deed), to_string(relation),
                            to_string(subject.kind), to_string(object.kind)));
}

Result<void> GateForTest::check(administration::ClientDeed deed,
                                const administration::ClientStanding& client) {
  return answer(fmt::format("{}{}{}", administration::to_string(deed),
                            client.administers ? " that administers" : "",
                            client.thing.empty() ? "" : " that is a thing"));
}

Result<void> GateForTest::check(administration::PolicyDeed deed,
                                const administration::PolicyStanding& policies) {
  return answer(fmt::format("{} {}{}{}", administration::to_string(deed), policies.environment,
                            policies.meaning.empty() ? "" : " as ", policies.meaning));
}

Result<void> GateForTest::check_source(std::string_view source, bool is_its) {
  return answer(fmt::format("tell as {}{}", source, is_its ? "" : " who is another"));
}

Result<void> GateForTest::answer(const std::string& question) {
  asked.push_back(question);
  if (asked.size() > most) return fail(ErrorCode::kUnavailable, "ask later");
  for (const std::string& beginning : denies) {
    if (question.starts_with(beginning)) {
      return fail(ErrorCode::kPermissionDenied, "you may not " + question);
    }
  }
  return {};
}

std::string Answer::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return "";
}

std::string Answer::at(std::string_view path) const {
  const codec::Json* here = &body;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('.'), path.size());
    const std::string_view step = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    if (here->is_array()) {
      const std::size_t index = std::stoul(std::string(step));
      if (index >= here->get_array().size()) return "";
      here = &here->get_array()[index];
    } else {
      here = here->is_object() ? here->get_object().if_contains(step) : nullptr;
    }
    if (here == nullptr) return "";
  }
  return here->is_string() ? std::string(here->get_string()) : codec::to_json_text(*here);
}

std::size_t Answer::count(std::string_view list) const {
  const codec::Json* found = body.is_object() ? body.get_object().if_contains(list) : nullptr;
  return found != nullptr && found->is_array() ? found->get_array().size() : 9999;
}

Answer AdminForTest::ask(std::string_view method, std::string_view target, std::string_view body,
                         const Headers& headers) {
  const std::string path = "/admin/v1/" + std::string(target.substr(0, target.find('?')));
  net::HttpRequest request{.method = method, .target = target, .path = path, .body = body};
  if (target.contains('?')) request.query = target.substr(target.find('?') + 1);
  if (!body.empty()) request.headers.push_back({"Content-Type", "application/json"});
  for (const auto& [name, value] : headers) {
    std::erase_if(request.headers, [&](const auto& each) { return each.name == name; });
    request.headers.push_back({name, value});
  }
  net::HttpResponse response;
  answer(request,
         {.registry = *registry_,
          .gate = gate_,
          .mandate = mandate_,
          .base_url = "https://host/st-mary",
          .now = now_,
          .trail = trail_,
          .view = view_,
          .accounts = accounts_,
          .sign_ins = sign_ins_,
          .sign_in = sign_in_,
          .told = told_,
          .issuers = {},
          .policies = policies_},
         response);
  Answer out{.status = response.status, .body = nullptr};
  const bool is_json = response.content_type.find("json") != std::string::npos;
  if (!response.body.empty()) {
    out.body = is_json ? directory::json(response.body) : codec::Json(response.body);
  }
  for (const auto& field : response.headers) out.headers.emplace_back(field.name, field.value);
  out.headers.emplace_back("Content-Type", response.content_type);
  return out;
}

}  // namespace wardlock::admin
