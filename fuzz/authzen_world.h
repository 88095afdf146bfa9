#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "api/authzen/endpoints.h"
#include "base/check.h"
#include "pdp/snapshot.h"

namespace wardlock::authzen {

inline std::shared_ptr<const pdp::Snapshot> make_snapshot(bool has_schema) {
  pdp::Sources sources;
  sources.policies = {{"fuzz.cedar", R"(
    permit (principal, action, resource) when { principal has level && principal.level > 1 };
    forbid (principal, action == Action::"edit", resource) unless { context.rate < 10 };
    @obligation("mask") forbid (principal, action == Action::"view", resource is Chart)
    unless { context.authentication.level > 1 };
    @override("break-glass") permit (principal, action, resource) when { context has override };)"}};
  sources.entities = pdp::Source{"entities.json", R"([
    {"uid": {"type": "User", "id": "a"}, "attrs": {"level": 2}, "parents": []}])"};
  if (has_schema) {
    sources.schemas = {{"fuzz.cedarschema", R"(
      entity User = { level?: Long, @source("request") from?: ipaddr };
      entity Chart = { @source("request") tags?: Set<String> };
      action view, edit appliesTo { principal: User, resource: [Chart, User],
        context: { rate?: Long, by?: User, at?: datetime, action?: { speed?: Long },
                   authentication: { level: Long, methods: Set<String> } } };)"}};
  }
  auto snapshot = pdp::build_snapshot(sources, pdp::Mode::kStrict);
  CHECK(snapshot);
  return *snapshot;
}

/// Asks with the body at the path, once without a schema and once with one, and gives each answer
/// to `check`.
template <typename Check>
void ask_both(std::string_view path, std::string_view prefer, std::string_view body,
              const Check& check) {
  static const auto plain = make_snapshot(false), typed = make_snapshot(true);
  static const crypto::SealingKey page_key;
  static const pdp::Caller caller = pdp::Caller::unrestricted("fuzzer");
  net::HttpRequest request;
  request.method = "POST";
  request.target = request.path = path;
  request.headers = {
      {"Host", "127.0.0.1"}, {"Content-Type", "application/json"}, {"Prefer", prefer}};
  request.body = body;
  for (const auto& snapshot : {plain, typed}) {
    Arena arena;
    net::HttpResponse response;
    answer(request,
           {.snapshot = *snapshot,
            .caller = caller,
            .arena = arena,
            .now = 1'700'000'000'000,
            .new_id = [](Arena&) { return std::string_view("id"); },
            .page_key = page_key},
           response);
    check(response);
  }
}

}  // namespace wardlock::authzen
