#include "access/delegation/delegation_desk.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "access/delegation/kept_open_rights.h"
#include "access/delegation/tables.h"
#include "access/grant/glass_for_test.h"
#include "directory/registry/read_from.h"

namespace wardlock::access {
namespace {

using directory::Kind;
using directory::OpenGrant;

constexpr std::int64_t kHour = kGlassHour;

/// A hospital in which people delegate, on each kind of database; the clock stands still.
class DelegationDeskTest : public GlassForTest {
 protected:
  DelegationDeskTest() : GlassForTest({kDelegationTables}) {}

  DelegationWish care() const {
    return {.delegator = lind_.id,
            .delegate = reyes_.id,
            .target = "",
            .actions = {"view"},
            .purpose = "FAMRQT",
            .ends_ms = now_ + 4 * kHour};
  }
  DelegationWish cover(const Thing& from, const Thing& to) const {
    DelegationWish wish = care();
    wish.delegator = from.id;
    wish.delegate = to.id;
    wish.target = lind_.id;
    return wish;
  }
  Result<ChangedDelegation> try_make(const Thing& who, const DelegationWish& wish) {
    return desk_->make(by(who), wish);
  }
  KeptDelegation make(const Thing& who, const DelegationWish& wish) {
    return must(try_make(who, wish)).delegation;
  }
  KeptDelegation kept(const KeptDelegation& delegation) {
    return must(desk_->find(delegation.tenant, delegation.id));
  }
  std::size_t tend() {
    return must(desk_->tend(own(), [] { return true; }));
  }
  std::optional<OpenGrant> seen(const KeptDelegation& delegation) {
    return must(directory::read_from<std::optional<OpenGrant>>(*store_, [&](storage::Work& work) {
      return rights_.read(work, delegation.tenant, delegation.id);
    }));
  }
  std::vector<std::string> about(const Thing& thing) {
    std::vector<std::string> ids;
    for (const auto& each : must(desk_->about(mandate_.tenant, thing.id, "", 100))) {
      ids.push_back(each.id);
    }
    return ids;
  }

  std::unique_ptr<DelegationDesk> desk_ = std::make_unique<DelegationDesk>(*store_, surroundings_);
  KeptOpenRights rights_;
  const Thing reyes_ = person("reyes");
  const Thing cole_ = person("cole");
  const Thing clerk_ = person("clerk");
};
WARDLOCK_ON_EACH_DATABASE(DelegationDeskTest);

TEST_P(DelegationDeskTest, OneIsKeptToldAndSeen) {
  const ChangedDelegation made = must(try_make(clerk_, care()));
  const KeptDelegation one = kept(made.delegation);
  EXPECT_EQ(one.delegator, lind_.id);
  EXPECT_EQ(one.delegate, reyes_.id);
  EXPECT_EQ(one.target, lind_.id) << "a patient's is for the patient";
  EXPECT_EQ(one.made_by, clerk_.id) << "and it is on record who entered it";
  EXPECT_EQ(one.begins_ms, now_);
  const auto entries = feed();
  EXPECT_EQ(entries.back().kind, directory::kOpenDelegationEntry);
  EXPECT_EQ(entries.back().id, one.id);
  EXPECT_EQ(entries.back().revision, made.revision);
  const std::string event = last_event();
  for (const std::string& part : {std::string("role_change"), std::string(R"("action":"delegate")"),
                                  one.id, lind_.id, reyes_.id, clerk_.id}) {
    EXPECT_TRUE(event.contains(part)) << part << " in " << event;
  }
  const auto open = seen(one);
  ASSERT_TRUE(open && open->delegation);
  EXPECT_EQ(open->person, reyes_.id);
  EXPECT_EQ(open->target, lind_.id);
  EXPECT_EQ(open->delegation->delegator, lind_.id);
  EXPECT_EQ(open->delegation->by, "patient");
  EXPECT_EQ(open->reason, "FAMRQT");
  EXPECT_EQ(open->hidden, "");
  for (const Thing& each : {lind_, reyes_}) {
    EXPECT_EQ(about(each), std::vector<std::string>{one.id});
  }
  EXPECT_EQ(about(cole_), std::vector<std::string>());
}

TEST_P(DelegationDeskTest, WhatIsRefused) {
  const auto refused = [&](const Thing& who, const DelegationWish& wish) {
    const ErrorCode code = code_of(try_make(who, wish));
    EXPECT_EQ(about(lind_), std::vector<std::string>());
    return code;
  };
  DelegationWish wish = cover(swift_, swift_);
  EXPECT_EQ(refused(clerk_, wish), ErrorCode::kInvalidArgument) << "to themselves";
  EXPECT_EQ(refused(reyes_, care()), ErrorCode::kPermissionDenied)
      << "to themselves, in another's name";
  wish = care();
  wish.delegator = "0190e8a0-0000-7000-8000-000000000000";
  EXPECT_EQ(refused(clerk_, wish), ErrorCode::kNotFound);
  wish = care();
  wish.delegate = "nobody";
  EXPECT_EQ(refused(clerk_, wish), ErrorCode::kNotFound);
  wish.delegate = patient("MR-9").id;
  EXPECT_EQ(refused(clerk_, wish), ErrorCode::kInvalidArgument) << "to people alone";
  wish = cover(swift_, cole_);
  wish.target = "MR-200";
  EXPECT_EQ(refused(swift_, wish), ErrorCode::kNotFound) << "ids, and no names";
  wish.target = cole_.id;
  EXPECT_EQ(refused(swift_, wish), ErrorCode::kInvalidArgument);
  wish.target = "";
  EXPECT_EQ(refused(swift_, wish), ErrorCode::kNotFound) << "a person's is for something";
  wish = care();
  wish.target = patient("MR-10").id;
  EXPECT_EQ(refused(clerk_, wish), ErrorCode::kInvalidArgument) << "another patient's";
  wish = care();
  wish.words = std::string(1'000'000, 'x');
  EXPECT_EQ(refused(clerk_, wish), ErrorCode::kInvalidArgument);
  wish = care();
  wish.ends_ms = now_;
  EXPECT_EQ(refused(clerk_, wish), ErrorCode::kInvalidArgument);
  set_state(reyes_, "suspended");
  EXPECT_EQ(refused(clerk_, care()), ErrorCode::kFailedPrecondition);
}

TEST_P(DelegationDeskTest, AnotherTenantHasNoneOfIt) {
  const KeptDelegation one = make(clerk_, care());
  directory::Mandate elsewhere = by(clerk_);
  elsewhere.tenant = "st-john";
  EXPECT_EQ(code_of(desk_->make(elsewhere, care())), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(desk_->find("st-john", one.id)), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(desk_->revoke(elsewhere, one.id)), ErrorCode::kNotFound);
  EXPECT_TRUE(must(desk_->about("st-john", lind_.id, "", 10)).empty());
  EXPECT_EQ(code_of(desk_->find_named("st-john", Kind::kPatient, "MR-200")), ErrorCode::kNotFound);
  EXPECT_FALSE(must(directory::read_from<std::optional<OpenGrant>>(
      *store_, [&](storage::Work& work) { return rights_.read(work, "st-john", one.id); })));
  EXPECT_FALSE(kept(one).ended_ms);
}

TEST_P(DelegationDeskTest, RevokedItIsOverForEver) {
  const KeptDelegation one = make(clerk_, care());
  const ChangedDelegation ended = must(desk_->revoke(by(reyes_, "not needed"), one.id));
  EXPECT_EQ(ended.delegation.end, DelegationEnd::kRevoked);
  EXPECT_EQ(kept(one).ended_by, reyes_.id);
  EXPECT_EQ(feed().back().revision, ended.revision);
  EXPECT_TRUE(last_event().contains(R"("action":"end_delegation")"));
  EXPECT_TRUE(last_event().contains("not needed"));
  EXPECT_FALSE(seen(one));
  EXPECT_EQ(code_of(desk_->revoke(by(reyes_), one.id)), ErrorCode::kFailedPrecondition);
  now_ -= kHour;
  EXPECT_FALSE(seen(one)) << "whatever the clock says";
  EXPECT_EQ(tend(), 0U);
}

TEST_P(DelegationDeskTest, TimeEndsIt) {
  const KeptDelegation one = make(clerk_, care());
  DelegationWish later = care();
  later.begins_ms = now_ + 2 * kHour;
  const KeptDelegation waiting = make(clerk_, later);
  EXPECT_EQ(seen(waiting)->opens_ms, now_ + 2 * kHour);
  now_ += 4 * kHour - 1;
  EXPECT_EQ(tend(), 0U);
  now_ += 1;
  EXPECT_EQ(code_of(desk_->revoke(by(reyes_), one.id)), ErrorCode::kFailedPrecondition);
  EXPECT_EQ(tend(), 2U);
  EXPECT_EQ(kept(one).end, DelegationEnd::kExpired);
  now_ -= 3 * kHour;
  EXPECT_EQ(kept(one).end, DelegationEnd::kExpired) << "and it stays so";
  EXPECT_FALSE(seen(one));
  EXPECT_EQ(tend(), 0U);
}

TEST_P(DelegationDeskTest, WhoLeavesEndsIt) {
  const KeptDelegation by_swift = make(swift_, cover(swift_, cole_));
  const KeptDelegation to_swift = make(cole_, cover(cole_, swift_));
  const KeptDelegation other = make(clerk_, care());
  set_state(swift_, "suspended");
  EXPECT_NE(seen(by_swift)->hidden, "") << "at once, whatever policies see of people";
  EXPECT_NE(seen(to_swift)->hidden, "");
  EXPECT_EQ(tend(), 2U);
  EXPECT_EQ(kept(by_swift).end, DelegationEnd::kLeft);
  EXPECT_EQ(kept(to_swift).end, DelegationEnd::kLeft);
  set_state(swift_, "active");
  EXPECT_FALSE(seen(by_swift)) << "back at work they delegate anew";
  EXPECT_FALSE(kept(other).ended_ms);
}

TEST_P(DelegationDeskTest, APatientWhoIsMergedTakesItAlong) {
  const Thing real = patient("MR-77");
  const KeptDelegation one = make(clerk_, care());
  merge(lind_, real);
  EXPECT_EQ(tend(), 0U);
  const auto open = seen(one);
  ASSERT_TRUE(open);
  EXPECT_EQ(open->target, real.id);
  EXPECT_EQ(open->delegation->delegator, real.id);
  EXPECT_EQ(about(real), std::vector<std::string>{one.id}) << "there it is looked for";
  EXPECT_TRUE(last_event().contains("merged")) << last_event();
  const std::size_t told = feed().size();
  EXPECT_EQ(tend(), 0U);
  EXPECT_EQ(feed().size(), told) << "once";
}

TEST_P(DelegationDeskTest, OneHasNotAnyNumberOfThem) {
  const KeptDelegation first = make(swift_, cover(swift_, cole_));
  for (std::size_t i = 1; i < kMostUnendedAlike; ++i) make(swift_, cover(swift_, cole_));
  EXPECT_EQ(code_of(try_make(swift_, cover(swift_, cole_))), ErrorCode::kFailedPrecondition);
  make(swift_, cover(swift_, reyes_));
  DelegationWish other = cover(swift_, cole_);
  other.target = patient("MR-78").id;
  make(swift_, other);
  must(desk_->revoke(by(swift_), first.id));
  make(swift_, cover(swift_, cole_));
}

TEST_P(DelegationDeskTest, PassedOnItEndsWithWhatItPassesOn) {
  DelegationWish first = cover(swift_, cole_);
  first.may_pass_on = true;
  const KeptDelegation one = make(swift_, first);
  DelegationWish second = cover(cole_, reyes_);
  second.passes_on = one.id;
  second.target = "";
  second.may_pass_on = true;
  const KeptDelegation other = make(cole_, second);
  EXPECT_EQ(other.target, lind_.id);
  EXPECT_EQ(seen(other)->delegation->passes_on, one.id);
  DelegationWish back = cover(reyes_, swift_);
  back.passes_on = other.id;
  EXPECT_EQ(code_of(try_make(reyes_, back)), ErrorCode::kInvalidArgument) << "no circle";
  DelegationWish stranger = cover(clerk_, reyes_);
  stranger.passes_on = one.id;
  EXPECT_EQ(code_of(try_make(clerk_, stranger)), ErrorCode::kPermissionDenied);
  DelegationWish unknown = cover(cole_, reyes_);
  unknown.passes_on = "0190e8a0-0000-7000-8000-000000000000";
  EXPECT_EQ(code_of(try_make(cole_, unknown)), ErrorCode::kNotFound);
  must(desk_->revoke(by(swift_), one.id));
  EXPECT_EQ(kept(other).end, DelegationEnd::kCut);
  EXPECT_FALSE(seen(other));
}

TEST_P(DelegationDeskTest, OfThoseWhoEndItAtOnceOneDoes) {
  for (int round = 0; round < 5; ++round) {
    const KeptDelegation one = make(clerk_, care());
    std::atomic<int> ended = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        const auto done = desk_->revoke(by(reyes_), one.id);
        if (done) ++ended;
        if (!done) {
          EXPECT_EQ(done.error().code, ErrorCode::kFailedPrecondition);
        }
      });
    }
    for (std::thread& each : threads) each.join();
    EXPECT_EQ(ended, 1);
    EXPECT_EQ(kept(one).end, DelegationEnd::kRevoked);
  }
}

TEST_P(DelegationDeskTest, AllThatAreOpenAreReadWithTheGrants) {
  const GlassGrant grant = open_glass(swift_, lind_);
  const KeptDelegation one = make(clerk_, care());
  const KeptDelegation over = make(swift_, cover(swift_, cole_));
  must(desk_->revoke(by(cole_), over.id));
  const auto all = must(directory::read_from<std::vector<OpenGrant>>(
      *store_, [&](storage::Work& work) { return rights_.read_all(work, mandate_.tenant); }));
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].id, grant.id);
  EXPECT_FALSE(all[0].delegation);
  EXPECT_EQ(all[1].id, one.id);
}

TEST_P(DelegationDeskTest, PeopleAreFoundByTheirNames) {
  EXPECT_EQ(must(desk_->find_named(mandate_.tenant, Kind::kPerson, "reyes")).id, reyes_.id);
  EXPECT_EQ(must(desk_->find_named(mandate_.tenant, Kind::kPerson, reyes_.id)).id, reyes_.id);
  EXPECT_EQ(must(desk_->find_named(mandate_.tenant, Kind::kPatient, "MR-200")).id, lind_.id);
  const Thing mary = organisation("st-mary-clinic");
  EXPECT_EQ(must(desk_->find_named(mandate_.tenant, Kind::kOrganisation, "st-mary-clinic")).id,
            mary.id);
  const Thing seven = ward("ward-7", mary);
  EXPECT_EQ(must(desk_->find_named(mandate_.tenant, Kind::kLocation, "ward-7")).id, seven.id);
  EXPECT_EQ(code_of(desk_->find_named(mandate_.tenant, Kind::kPerson, lind_.id)),
            ErrorCode::kNotFound);
}

TEST_P(DelegationDeskTest, AnOrganisationDelegatesForOneDevice) {
  const Thing acme = organisation("acme");
  const Thing pump = device(device_model(acme), "SN-7");
  DelegationWish wish = care();
  wish.delegator = acme.id;
  wish.target = pump.id;
  wish.actions = {"runDiagnostics"};
  EXPECT_EQ(code_of(try_make(clerk_, wish)), ErrorCode::kInvalidArgument) << "without a ticket";
  wish.ticket = "T-481";
  const KeptDelegation one = make(clerk_, wish);
  EXPECT_EQ(seen(one)->delegation->ticket, "T-481");
  EXPECT_EQ(seen(one)->delegation->by, "organisation");
  EXPECT_EQ(tend(), 0U) << "a device is serviced out of service";
  set_state(pump, "retired");
  EXPECT_EQ(tend(), 1U);
  EXPECT_EQ(kept(one).end, DelegationEnd::kGone);
  EXPECT_EQ(code_of(try_make(clerk_, wish)), ErrorCode::kFailedPrecondition);
  wish.target = lind_.id;
  EXPECT_FALSE(try_make(clerk_, wish)) << "for a patient";
}

}  // namespace
}  // namespace wardlock::access
