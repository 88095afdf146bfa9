#include "directory/registry/hospital_for_test.h"

#include <cstdlib>
#include <ctime>
#include <limits>

#include "directory/registry/tables.h"
#include "event/draft.h"

namespace wardlock::directory {
namespace {

[[noreturn]] void stop(const Error& error) {
  ADD_FAILURE() << to_string(error.code) << ": " << error.message;
  std::abort();
}

template <typename T>
T must(Result<T> result) {
  if (!result) stop(result.error());
  return std::move(*result);
}

}  // namespace

std::chrono::nanoseconds used_by(const std::function<void()>& work) {
  const auto used = [] {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
  };
  const auto before = used();
  work();
  return used() - before;
}

codec::Json json(std::string_view text) { return must(codec::parse_json(text)); }

HospitalForTest::HospitalForTest() : store_(open(migrations())) {
  std::uint8_t seed = 0;
  registry_ = std::make_unique<Registry>(
      *store_, Surroundings{.clock = [this] { return now_; },
                            .fill_random =
                                [seed, count = std::uint64_t{0}](auto bytes) mutable {
                                  ++count;
                                  for (std::size_t i = 0; i < bytes.size(); ++i) {
                                    bytes[i] = static_cast<std::uint8_t>(
                                        i < 2 ? seed : count >> (8 * (bytes.size() - 1 - i)));
                                  }
                                },
                            .node = "node-1"});
  outbox_ = std::make_unique<Outbox>(*store_, "node-1");
}

std::uint64_t HospitalForTest::write(const Registry::Call& call) {
  return must(registry_->write(mandate_, call));
}

Error HospitalForTest::refused(const Registry::Call& call) {
  const auto written = registry_->write(mandate_, call);
  EXPECT_FALSE(written) << "was not refused";
  return written ? Error{} : written.error();
}

Thing HospitalForTest::create(Kind kind, std::string_view document, std::string_view state) {
  std::optional<Thing> thing;
  write([&](Edit& edit) -> Result<void> {
    thing = TRY(edit.create(kind, json(document), state));
    return {};
  });
  return *thing;
}

Thing HospitalForTest::person(const std::string& user_name, const std::string& more) {
  return create(Kind::kPerson, R"({"userName":")" + user_name + "\"" + more + "}", "active");
}
Thing HospitalForTest::patient(const std::string& record_number) {
  return create(Kind::kPatient, R"({"recordNumber":")" + record_number + "\"}");
}
Thing HospitalForTest::role(const std::string& name) {
  return create(Kind::kRole, R"({"displayName":")" + name + "\"}");
}
Thing HospitalForTest::group(const std::string& name) {
  return create(Kind::kGroup, R"({"displayName":")" + name + "\"}");
}
Thing HospitalForTest::organisation(const std::string& code, const std::string& more) {
  return create(
      Kind::kOrganisation,
      R"({"displayName":"X","organisationType":"hospital","code":")" + code + "\"" + more + "}");
}
Thing HospitalForTest::ward(const std::string& code, const Thing& organisation) {
  return create(Kind::kLocation, R"({"displayName":"W","locationType":"ward","code":")" + code +
                                     R"(","organisation":")" + organisation.id + "\"}");
}
Thing HospitalForTest::device_model(const Thing& manufacturer, const std::string& number) {
  return create(Kind::kDeviceModel, R"({"displayName":"Pump","modelNumber":")" + number +
                                        R"(","manufacturer":")" + manufacturer.id + "\"}");
}
Thing HospitalForTest::device(const Thing& model, const std::string& serial) {
  return create(Kind::kDevice,
                R"({"serialNumber":")" + serial + R"(","model":")" + model.id + "\"}");
}

KeptRelation HospitalForTest::relate(const NewRelation& relation) {
  std::optional<KeptRelation> kept;
  write([&](Edit& edit) -> Result<void> {
    kept = TRY(edit.relate(relation));
    return {};
  });
  return *kept;
}

Thing HospitalForTest::find(std::string_view id) {
  return must(registry_->find(mandate_.tenant, id));
}

std::vector<KeptRelation> HospitalForTest::relations(const RelationFilter& filter) {
  return must(registry_->relations(mandate_.tenant, filter));
}

std::vector<FeedEntry> HospitalForTest::feed(std::uint64_t after) {
  return must(registry_->changes_after(after, 10'000));
}

std::vector<std::string> HospitalForTest::events() {
  std::vector<std::string> texts;
  for (const WaitingEvent& waiting : must(outbox_->waiting(10'000))) {
    texts.emplace_back(must(event::read_draft(waiting.draft)).clear_json);
  }
  return texts;
}

std::string HospitalForTest::last_event() {
  const auto waiting = must(outbox_->waiting(10'000));
  if (waiting.empty()) return "";
  const event::DraftView draft = must(event::read_draft(waiting.back().draft));
  std::string text(draft.clear_json);
  for (const event::DraftPart& part : draft.parts()) {
    text += " " + std::string(event::to_string(part.part)) + " of " +
            std::string(part.subject.type) + "/" + std::string(part.subject.id) + ": " +
            std::string(part.json);
  }
  return text;
}

std::vector<std::string> HospitalForTest::names(const Query& query, Kind kind,
                                                std::string_view attribute) {
  std::vector<std::string> found;
  for (const Thing& thing : must(registry_->list(mandate_.tenant, kind, query)).things) {
    const auto* value = thing.document.json().if_contains(attribute);
    found.emplace_back(value == nullptr ? "" : value->as_string());
  }
  return found;
}

}  // namespace wardlock::directory
