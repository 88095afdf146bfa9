#include <fmt/format.h>
#include <gtest/gtest.h>
#include <malloc.h>

#include <atomic>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/published.h"
#include "cedar/entities/entity_store.h"

namespace wardlock::cedar {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kCountsMemory = false;  // a sanitizer's memory is not counted by malloc
#else
constexpr bool kCountsMemory = true;
#endif

/// Bytes in use: those that malloc gave out, with what it itself needs, and those that were mapped
/// beside it.
std::size_t bytes_in_use() {
  const auto info = mallinfo2();
  std::ifstream status("/proc/self/status");
  std::size_t mapped = 0;
  for (std::string word; status >> word;) {
    if (word == "VmData:") status >> mapped;
  }
  return info.uordblks + mapped * 1024 - info.arena;
}

std::string id_of(std::size_t i) { return fmt::format("report-{:05}", i); }
EntityUid uid_of(std::string_view type, std::string_view id) {
  return {type, id, hash_uid(type, id)};
}

/// A laboratory's report as a hospital has millions: four attributes, one parent.
EntityDraft report(Arena& arena, std::size_t i, std::string_view status) {
  const EntityUid* patient = make_uid(arena, "Hospital::Patient", fmt::format("{}", i / 10));
  const Field attributes[] = {
      {"number", Value::integer(static_cast<std::int64_t>(i))},
      {"orderedBy", Value::entity(make_uid(arena, "Hospital::User", fmt::format("{}", i % 100)))},
      {"patient", Value::entity(patient)},
      {"status", Value::string(status)},
  };
  return {.uid = make_uid(arena, "Hospital::LabReport", id_of(i)),
          .attributes = arena.copy(std::span(attributes)),
          .parents = arena.copy(std::span(&patient, 1))};
}

/// Patients lie on a ward, wards are in the hospital: three ancestors of a report.
EntityStore hospital(std::size_t reports, std::size_t patients) {
  EntityStore::Builder builder;
  Arena& arena = builder.arena();
  const auto add = [&](std::string_view type, std::string_view id, const EntityUid* parent) {
    EXPECT_TRUE(builder.add({.uid = make_uid(arena, type, id),
                             .parents = arena.copy(std::span(&parent, parent ? 1 : 0))}));
  };
  add("Hospital::House", "h", nullptr);
  for (int i = 0; i < 20; ++i) {
    add("Hospital::Ward", fmt::format("{}", i), make_uid(arena, "Hospital::House", "h"));
  }
  for (std::size_t i = 0; i < patients; ++i) {
    add("Hospital::Patient", fmt::format("{}", i),
        make_uid(arena, "Hospital::Ward", fmt::format("{}", i % 20)));
  }
  for (std::size_t i = 0; i < reports; ++i) {
    EXPECT_TRUE(builder.add(report(arena, i, i % 3 ? "final" : "preliminary")));
  }
  return *std::move(builder).build();
}

TEST(EntityMemory, AnEntityTakesAtMost200Bytes) {
  if (!kCountsMemory) GTEST_SKIP();
  constexpr std::size_t kReports = 100'000, kPatients = 10'000;
  const auto bytes_of = [](std::size_t reports) {
    const std::size_t before = bytes_in_use();
    const EntityStore store = hospital(reports, kPatients);
    EXPECT_EQ(store.size(), reports + kPatients + 21);
    return bytes_in_use() - before;
  };
  bytes_of(10);  // what is made once
  const double per_report = static_cast<double>(bytes_of(kReports) - bytes_of(0)) / kReports;
  RecordProperty("bytes_per_report", std::to_string(per_report));
  EXPECT_LE(per_report, 200);
  EXPECT_GE(per_report, 100) << "this counts too little";
}

TEST(EntityMemory, AReportIsWhatIsMeasured) {
  const EntityStore store = hospital(100, 10);
  const Entity* entity = store.find(uid_of("Hospital::LabReport", id_of(55)));
  ASSERT_NE(entity, nullptr);
  EXPECT_EQ(entity->uid()->id.size(), 12U);
  EXPECT_EQ(entity->attributes().size(), 4U);
  EXPECT_EQ(entity->ancestors().size(), 3U);
}

TEST(EntityMemory, AChangeCopiesAPathAndNotTheStore) {
  if (!kCountsMemory) GTEST_SKIP();
  const EntityStore store = hospital(100'000, 10'000);
  EntityChanges changes;
  changes.put(report(changes.arena(), 77, "amended"));
  const std::size_t before = bytes_in_use();
  const auto next = store.apply(changes);
  ASSERT_TRUE(next);
  EXPECT_LE(bytes_in_use() - before, 16'384U);
  const auto status = [](const EntityStore& in) {
    const Entity* entity = in.find(uid_of("Hospital::LabReport", id_of(77)));
    return entity->attributes().find("status")->as_string();
  };
  EXPECT_EQ(status(*next), "amended");
  EXPECT_EQ(status(store), "final");
}

TEST(EntityMemory, WhatNobodySeesIsGivenBack) {
  if (!kCountsMemory) GTEST_SKIP();
  const std::size_t without = bytes_in_use();
  {
    std::optional<EntityStore> newest = hospital(10'000, 1'000);
    const auto change = [&](std::size_t i) {
      EntityChanges changes;
      changes.put(report(changes.arena(), i % 10'000, i % 2 ? "amended" : "final"));
      newest = *newest->apply(changes);
    };
    for (std::size_t i = 0; i < 20'000; ++i) change(i);
    const std::size_t settled = bytes_in_use();
    for (std::size_t i = 0; i < 20'000; ++i) change(i);
    EXPECT_LE(bytes_in_use(), settled + 65'536);

    // One old version holds what it sees, through all that follow it.
    std::optional<EntityStore> old = newest;
    for (std::size_t i = 0; i < 1'000; ++i) change(i);
    EXPECT_EQ(old->entities().size(), newest->entities().size());
    EXPECT_GT(bytes_in_use(), settled + 1'000'000);
    old.reset();
    EXPECT_LE(bytes_in_use(), settled + 65'536);
  }
  EXPECT_LE(bytes_in_use(), without + 65'536);
}

TEST(EntityMemory, ALongRowDies) {
  const EntityStore first = hospital(100, 10);
  std::optional<EntityStore> newest = first;
  for (std::size_t i = 0; i < 100'000; ++i) {
    EntityChanges changes;
    changes.put(report(changes.arena(), i % 100, "final"));
    newest = *newest->apply(changes);
  }
  EXPECT_EQ(newest->size(), first.size());
  EXPECT_TRUE(newest->is_of_one_row_with(first));
}

/// Versions that die on whatever thread let go of them last, while others are made.
TEST(EntityStore, IsReadWhileOthersAreMade) {
  const std::size_t reports = 1'000;
  Published<EntityStore> published(
      std::make_shared<const EntityStore>(hospital(reports, reports / 10)));
  std::atomic<bool> is_done = false;
  std::vector<std::thread> readers;
  std::atomic<std::size_t> wrong = 0;
  for (std::size_t thread = 0; thread < 3; ++thread) {
    readers.emplace_back([&, thread] {
      Published<EntityStore>::Reader reader(published);
      std::vector<EntityStore> kept;
      for (std::size_t i = thread; !is_done; i += 7) {
        reader.read([&](const EntityStore& store) {
          const Entity* entity = store.find(uid_of("Hospital::LabReport", id_of(i % reports)));
          const bool is_right = entity != nullptr && entity->ancestors().size() == 3 &&
                                entity->attributes().find("patient")->as_entity().id ==
                                    fmt::format("{}", i % reports / 10);
          if (!is_right) ++wrong;
          if (i % 5 == 0) kept.push_back(store);
        });
        if (kept.size() > 3) kept.erase(kept.begin());
        for (const EntityStore& store : kept) {
          if (store.find(uid_of("Hospital::Patient", "3")) == nullptr) ++wrong;
        }
      }
    });
  }
  EntityStore newest = hospital(0, 0);
  Published<EntityStore>::Reader(published).read([&](const EntityStore& store) { newest = store; });
  for (std::size_t i = 0; i < 2'000; ++i) {
    EntityChanges changes;
    changes.put(report(changes.arena(), i * 13 % reports, i % 2 ? "amended" : "final"));
    newest = *newest.apply(changes);
    published.publish(std::make_shared<const EntityStore>(newest));
  }
  is_done = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(wrong, 0U);
}

}  // namespace
}  // namespace wardlock::cedar
