#include <fmt/format.h>

#include <chrono>
#include <string>
#include <string_view>
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

// SCIM's requests, from their bytes to the bytes of the answer, without HTTP between. What a bulk
// request wrote is read back, and written again through SQLite's own interface: the same rows, as
// many in each transaction. Lists are asked of one file, both ways.

namespace wardlock::directory {
namespace {

constexpr int kPeople = 100'000;
constexpr int kPeopleInRound = 10'000;
constexpr int kPeopleAtOnce = 100;
constexpr int kQuestions = 300;
constexpr std::string_view kTenant = "st-mary";

/// What the policies of administration cost is another part's figure.
class OpenGate : public administration::Gate {
 public:
  Result<void> check(administration::Deed, Kind) override { return {}; }
  Result<void> check(administration::Deed, const Thing&) override { return {}; }
  Result<void> check(administration::Deed, Relation, const Thing&, const Thing&) override {
    return {};
  }
};

std::int64_t now_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

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
      .tenant = std::string(kTenant), .actor_type = "Service", .actor_id = "personnel"};
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

/// In turns, so that the disk is as quick for one as for the other.
bool compare_bulk(Client& client, const std::string& path, const std::string& again) {
  std::vector<Table> tables = {{"thing"}, {"identifier"}, {"attribute"}, {"outbox"}, {"change"}};
  Bare written(path), bare(again);
  for (const storage::Migration& migration : migrations()) {
    bare.run(storage::sql_for_sqlite(migration));
  }
  std::vector<double> ours, theirs;
  for (int first = 0; first < kPeople; first += kPeopleInRound) {
    std::vector<std::string> requests;
    for (int i = first; i < first + kPeopleInRound; i += kPeopleAtOnce) {
      requests.push_back(bulk_of_people(i));
    }
    ours.push_back(seconds_of([&] {
      for (const std::string& request : requests) {
        const auto answer = client.send("POST", "/scim/v2/Bulk", "", request);
        CHECK(!answer.body.contains(R"("response")"));  // of what is refused
      }
    }));
    for (Table& table : tables) read_new_rows(written, table);
    theirs.push_back(seconds_of([&] { write_again(bare, tables, requests.size()); }));
  }
  for (Table& table : tables) forget(table);
  const double a = median(ours), b = median(theirs);
  return report("scim", "100,000 users by bulks of 100", kPeopleInRound / a, kPeopleInRound / b,
                "/s", b / a, 0.5, false);
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

bool compare_lists(Client& client, const std::string& path) {
  Bare bare(path);
  bool is_good = true;
  for (const Question& question : questions()) {
    std::vector<double> ours, theirs;
    for (int i = 0; i < kQuestions; ++i) {
      std::string answer;
      std::size_t expected = 0;
      ours.push_back(
          seconds_of([&] { answer = client.send("GET", "/scim/v2/Users", question.query).body; }));
      theirs.push_back(seconds_of([&] { expected = ask_bare(bare, question); }));
      CHECK(answer.contains(fmt::format(R"("itemsPerPage":{},)", expected)) && expected != 0);
    }
    const double a = median(ours), b = median(theirs);
    is_good = report("scim", question.name, a * 1e6, b * 1e6, "us", a / b, 2, true) && is_good;
  }
  return is_good;
}

}  // namespace

Result<bool> bench_scim(const std::string& folder) {
  const std::string path = folder + "/scim.db";
  const auto store = TRY(storage::Store::open({.url = "sqlite:" + path}, migrations()));
  Registry registry(*store,
                    {.clock = now_ms, .fill_random = crypto::fill_random, .node = "node-1"});
  Client client(registry);
  const bool writes = compare_bulk(client, path, folder + "/bare.db");
  const bool lists = compare_lists(client, path);
  return writes && lists;
}

}  // namespace wardlock::directory
