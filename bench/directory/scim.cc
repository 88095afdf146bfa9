#include <fmt/format.h>

#include <charconv>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "administration/errand.h"
#include "api/scim/endpoints.h"
#include "base/check.h"
#include "bench/directory/bare_directory.h"
#include "bench/directory/parts.h"
#include "codec/json.h"
#include "crypto/random.h"
#include "directory/registry/registry.h"
#include "directory/registry/tables.h"
#include "net/query_string.h"

// SCIM's requests, from their bytes to the bytes of the answer, without HTTP between, beside
// SQLite's own interface.

namespace wardlock::directory {
namespace {

/// What the policies of administration cost is another part's figure.
class OpenGate : public administration::Gate {
 public:
  Result<void> check(administration::Deed, Kind) override { return {}; }
  Result<void> check(administration::Deed, const Thing&) override { return {}; }
  Result<void> check(administration::Deed, Relation, const Thing&, const Thing&) override {
    return {};
  }
  Result<void> check(administration::ClientDeed, const administration::ClientStanding&) override {
    return {};
  }
  Result<void> check(administration::PolicyDeed, const administration::PolicyStanding&) override {
    return {};
  }
};

class Client {
 public:
  explicit Client(Registry& registry) : registry_(registry) {}

  net::HttpResponse send(std::string_view method, std::string_view path, std::string_view query,
                         std::string_view body = {}) {
    net::HttpRequest request{.method = method, .target = path, .path = path, .query = query};
    if (!body.empty()) request.headers = {{"Content-Type", "application/scim+json"}};
    request.body = body;
    const administration::Errand errand{.registry = registry_,
                                        .gate = gate_,
                                        .mandate = mandate_,
                                        .base_url = "https://pdp.example",
                                        .now = now_ms()};
    net::HttpResponse response;
    scim::answer(request, errand, response);
    CHECK(response.status == 200);
    return response;
  }

 private:
  Registry& registry_;
  OpenGate gate_;
  Mandate mandate_ = {
      .tenant = std::string(kBenchTenant), .actor_type = "Service", .actor_id = "personnel"};
};

std::string bulk_of_people(int first) {
  std::string body =
      R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[)";
  for (int i = first; i < first + kPeopleAtOnce; ++i) {
    if (i != first) body += ',';
    body += fmt::format(
        R"({{"method":"POST","path":"/Users","bulkId":"{0}","data":{{)"
        R"("schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"user-{0}",)"
        R"("displayName":"Dr. Person {0}","name":{{"familyName":"Family {1}","givenName":"Person"}},)"
        R"("title":"{2}","emails":[{{"value":"user-{0}@st-mary.example","type":"work"}}]}}}})",
        i, i % 1000, i % 7 == 0 ? "Chief physician" : "Nurse");
  }
  return body + "]}";
}

std::function<void()> bulks_of(Client& client, int first) {
  std::vector<std::string> requests;
  for (int i = first; i < first + kPeopleInRound; i += kPeopleAtOnce) {
    requests.push_back(bulk_of_people(i));
  }
  return [&client, requests = std::move(requests)] {
    for (const std::string& request : requests) {
      const auto answer = client.send("POST", "/scim/v2/Bulk", "", request);
      CHECK(!answer.body.contains(R"("response")"));  // of what is refused
    }
  };
}

/// A question over SCIM, and what one would ask SQLite for the same answer: the things, how many
/// there are where the page does not show it, and their groups and roles.
struct Question {
  std::string_view name;
  std::string query;
  std::string where;  ///< over `attribute a JOIN thing t`
  std::string order;
  bool needs_total = false;
};

std::vector<Question> questions() {
  const auto filter = [](std::string_view text) {
    return fmt::format("filter={}", net::percent_encoded(text));
  };
  return {
      {"the user of a name", filter(R"(userName eq "user-4242")"),
       "a.name = 'userName' AND a.value = 'user-4242'", "t.id"},
      {"100 users by family name", filter(R"(name.familyName eq "Family 7")"),
       "a.name = 'name.familyName' AND a.value = 'family 7'", "t.id"},
      {"11 users by the start of a name", filter(R"(userName sw "user-4242")"),
       "a.name = 'userName' AND a.value >= 'user-4242' AND a.value < 'user-4243'", "t.id"},
      {"100 of 14,286 users by title", filter(R"(title eq "Chief physician")"),
       "a.name = 'title' AND a.value = 'chief physician'", "t.id", true},
  };
}

std::size_t ask_bare(Bare& database, const Question& question) {
  const std::string from = fmt::format(
      "FROM attribute a JOIN thing t ON t.id = a.thing WHERE a.tenant = 'st-mary' AND "
      "a.kind = 'person' AND t.state <> 'removed' AND {}",
      question.where);
  const auto things = ask(database, fmt::format("SELECT t.id, t.kind, t.state, t.version, "
                                                "t.created_ms, t.changed_ms, t.document {} "
                                                "ORDER BY {} LIMIT 100",
                                                from, question.order));
  std::string ids;
  for (const BareThing& thing : things)
    ids += fmt::format("{}'{}'", ids.empty() ? "" : ",", thing.id);
  database.run(fmt::format(
      "SELECT kind, object, subject FROM relation WHERE tenant = 'st-mary' AND subject IN ({})",
      ids));
  if (question.needs_total) database.run("SELECT count(*) " + from);
  return things.size();
}

/// How many things the page has.
std::size_t items_of(std::string_view list) {
  constexpr std::string_view kName = R"("itemsPerPage":)";
  const std::size_t at = list.find(kName);
  CHECK(at != std::string_view::npos);
  std::size_t items = 0;
  const char* const begin = list.data() + at + kName.size();
  CHECK(std::from_chars(begin, list.data() + list.size(), items).ec == std::errc());
  return items;
}

std::vector<BothWays> both_ways(Client& client, Bare& bare) {
  std::vector<BothWays> all;
  for (const Question& question : questions()) {
    all.push_back({.name = question.name,
                   .ours =
                       [&client, query = question.query] {
                         return items_of(client.send("GET", "/scim/v2/Users", query).body);
                       },
                   .theirs = [&bare, question] { return ask_bare(bare, question); }});
  }
  return all;
}

}  // namespace

Result<bool> bench_scim(const std::string& folder) {
  const std::string path = folder + "/scim.db";
  const auto store = TRY(storage::Store::open({.url = "sqlite:" + path}, migrations()));
  Registry registry(*store,
                    {.clock = now_ms, .fill_random = crypto::fill_random, .node = "node-1"});
  Client client(registry);
  const bool writes =
      compare_entering("scim", "100,000 users by bulks of 100", path, folder + "/bare.db",
                       [&](int first) { return bulks_of(client, first); });
  Bare bare(path);
  return compare_asking("scim", both_ways(client, bare)) && writes;
}

}  // namespace wardlock::directory
