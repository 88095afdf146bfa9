// Charts of patients, shown to whom Wardlock allows: a policy enforcement point in C++.
//
//   chart_service WARDLOCK-URL CHARTS.json [PORT]
//
// The token that Wardlock knows this service by is in WARDLOCK_TOKEN, if it wants one. Who asks is
// in the fields X-Person and X-Authenticated-At, which stand here for your own sign-in.
#include <httplib.h>

#include <algorithm>
#include <boost/json.hpp>
#include <ctime>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

namespace {

namespace json = boost::json;

struct Person {
  std::string id;
  std::string purpose;
  std::time_t authenticated_at = 0;
};

/// What the person gets, and what is to be kept of it.
struct Given {
  int status = 403;
  json::object body = {{"error", "not allowed"}};
  std::string cache_control = "no-store";
  std::string challenge = {};
  std::vector<json::object> events = {};
};

const json::array kFulfils = {"mask-fields",    "log-purpose", "notify",
                              "reauthenticate", "watermark",   "expire"};

bool has(const json::array& texts, std::string_view text) {
  return std::ranges::find(texts, json::value(text)) != texts.end();
}

/// What a reply of Wardlock binds this application to, done. A reply that is not as it should be
/// throws.
class Duties {
 public:
  explicit Duties(const json::object& reply) {
    const auto* context = reply.if_contains("context");
    if (context == nullptr) return;
    if (const auto* names = context->as_object().if_contains("obligations")) {
      names_ = names->as_array();
    }
    if (const auto* terms = context->as_object().if_contains("obligation_terms")) {
      terms_ = terms->as_object();
    }
  }

  bool are_known() const {
    return std::ranges::all_of(
        names_, [](const json::value& name) { return has(kFulfils, name.as_string()); });
  }
  bool owes(std::string_view name) const { return has(names_, name); }
  std::int64_t seconds(std::string_view name, std::string_view term) const {
    return terms_.at(name).as_object().at(term).as_int64();
  }
  json::array words(std::string_view name, std::string_view term) const {
    return terms_.at(name).as_object().at(term).as_array();
  }

 private:
  json::array names_;
  json::object terms_;
};

Given refused(int status, std::string_view error, std::string challenge = {}) {
  return {.status = status, .body = {{"error", error}}, .challenge = std::move(challenge)};
}

Given show(const Duties& duties, const json::object& chart, const Person& who) {
  Given given{.status = 200, .body = chart};
  if (duties.owes("mask-fields")) {
    const json::array hidden = duties.words("mask-fields", "fields");
    for (const json::value& name : hidden) given.body.erase(name.as_string());
    given.body["withheld"] = hidden;
  }
  if (duties.owes("watermark")) given.body["watermark"] = "shown to " + who.id;
  if (duties.owes("expire")) {
    given.cache_control = "private, max-age=" + std::to_string(duties.seconds("expire", "after"));
  }
  if (duties.owes("log-purpose")) {
    given.events.push_back({{"event", "access"}, {"person", who.id}, {"purpose", who.purpose}});
  }
  if (duties.owes("notify")) {
    given.events.push_back(
        {{"event", "notify"}, {"roles", duties.words("notify", "roles")}, {"person", who.id}});
  }
  return given;
}

Given enforce(const json::object& reply, const json::object& chart, const Person& who) {
  const Duties duties(reply);
  if (reply.at("decision") != true || !duties.are_known()) return {};
  if (duties.owes("reauthenticate")) {
    const std::int64_t within = duties.seconds("reauthenticate", "within");
    if (std::time(nullptr) - who.authenticated_at > within) {
      return refused(401, "sign in again",
                     "Bearer error=\"insufficient_user_authentication\", max_age=\"" +
                         std::to_string(within) + "\"");
    }
  }
  if (duties.owes("log-purpose") && who.purpose.empty()) {
    return refused(400, "say what it is for, in the field Purpose");
  }
  return show(duties, chart, who);
}

/// The reply; nothing: there is no decision, and that is no permission.
std::optional<json::object> ask(const std::string& wardlock, const Person& who,
                                const std::string& chart) {
  httplib::Client client(wardlock);
  client.set_read_timeout(5);
  httplib::Headers headers;
  if (const char* token = std::getenv("WARDLOCK_TOKEN")) {
    headers.emplace("Authorization", std::string("Bearer ") + token);
  }
  json::object context;
  if (!who.purpose.empty()) context["purpose"] = who.purpose;
  const json::object question = {{"subject", {{"type", "Person"}, {"id", who.id}}},
                                 {"action", {{"name", "view"}}},
                                 {"resource", {{"type", "Chart"}, {"id", chart}}},
                                 {"context", context},
                                 {"options", {{"obligations", kFulfils}}}};
  const auto answer =
      client.Post("/access/v1/evaluation", headers, json::serialize(question), "application/json");
  if (!answer || answer->status != 200) return std::nullopt;
  return json::parse(answer->body).as_object();
}

Given answer(const std::string& wardlock, const json::object& charts, const Person& who,
             const std::string& id) {
  if (who.id.empty()) return refused(400, "GET /charts/ID");
  const auto reply = ask(wardlock, who, id);
  if (!reply) return refused(503, "no decision could be had");
  const auto* chart = charts.if_contains(id);
  Given given = enforce(*reply, chart == nullptr ? json::object() : chart->as_object(), who);
  // What is not there is told to nobody who may not see it.
  if (given.status == 200 && chart == nullptr) return refused(404, "there is no such chart");
  for (json::object& event : given.events) {
    event["chart"] = id;
    std::cout << json::serialize(event) << std::endl;
  }
  return given;
}

Person person_of(const httplib::Request& request) {
  Person who{.id = request.get_header_value("X-Person"),
             .purpose = request.get_header_value("Purpose")};
  const std::string at = request.get_header_value("X-Authenticated-At");
  who.authenticated_at = std::strtoll(at.c_str(), nullptr, 10);
  return who;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: chart_service WARDLOCK-URL CHARTS.json [PORT]\n";
    return 2;
  }
  const std::string wardlock = argv[1];
  std::ifstream file(argv[2]);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const json::object charts = json::parse(text).as_object();

  httplib::Server server;
  server.Get(R"(/charts/([\w-]+))",
             [&](const httplib::Request& request, httplib::Response& response) {
               Given given = refused(503, "no decision could be had");
               try {
                 given = answer(wardlock, charts, person_of(request), request.matches[1]);
               } catch (const std::exception&) {
                 // A reply that cannot be understood is no permission either.
               }
               response.status = given.status;
               response.set_header("Cache-Control", given.cache_control);
               if (!given.challenge.empty())
                 response.set_header("WWW-Authenticate", given.challenge);
               response.set_content(json::serialize(given.body), "application/json");
             });
  int port = argc > 3 ? std::atoi(argv[3]) : 0;
  if (port == 0) {
    port = server.bind_to_any_port("127.0.0.1");
  } else if (!server.bind_to_port("127.0.0.1", port)) {
    std::cerr << "cannot listen on port " << port << '\n';
    return 1;
  }
  std::cout << "listening on " << port << std::endl;
  return server.listen_after_bind() ? 0 : 1;
}
