#include "prover/invariant/sentence.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace wardlock::prover {
namespace {

std::string begin_of(const Diagnostic& diagnostic, std::string_view text) {
  const Position at = position_at(text, diagnostic.span.begin);
  return fmt::format("{}:{} {}", at.line, at.column, diagnostic.message);
}

/// The first mistake, `line:column message`.
std::string fault(std::string_view text) {
  const auto read = read_sentences(text);
  return read ? "none" : begin_of(read.error().front(), text);
}

/// That of a sentence after its name.
std::string fault_of(std::string_view sentence) {
  return fault(fmt::format("invariant i\n{}", sentence));
}

Sentence only(std::string_view text) {
  auto read = read_sentences(text);
  EXPECT_TRUE(read) << fault(text);
  if (!read || read->size() != 1) return {};
  return std::move(read->front());
}

TEST(Sentences, SayWhoMayDoWhatToWhat) {
  const Sentence sentence = only(R"(
    // a comment
    /// Maintenance staff service devices;
    /// patients are none of their business.
    invariant no-patients-for-maintenance
    never: Role::MaintenanceContractor or any Hospital::Service in Kind::"a b" may view, Hospital::Action::edit
      any Patient or Ward::"3"
      when { context.level > 1 } unless { principal has ward && "}" != "{" // }
      }
      without obligation mask
      except under break-glass
  )");
  EXPECT_EQ(sentence.mood, Sentence::Mood::kNever);
  EXPECT_EQ(sentence.name, "no-patients-for-maintenance");
  EXPECT_EQ(sentence.reason,
            "Maintenance staff service devices; patients are none of their business.");
  ASSERT_EQ(sentence.who.size(), 2);
  EXPECT_EQ(sentence.who[0].type, "");
  EXPECT_EQ(to_text(*sentence.who[0].in), "Role::\"MaintenanceContractor\"");
  EXPECT_EQ(sentence.who[1].type, "Hospital::Service");
  EXPECT_EQ(to_text(*sentence.who[1].in), "Kind::\"a b\"");
  ASSERT_EQ(sentence.actions.size(), 2);
  EXPECT_EQ(to_text(*sentence.actions[0].uid), "Action::\"view\"");
  EXPECT_EQ(to_text(*sentence.actions[1].uid), "Hospital::Action::\"edit\"");
  ASSERT_EQ(sentence.what.size(), 2);
  EXPECT_EQ(sentence.what[0].type, "Patient");
  EXPECT_EQ(sentence.what[0].in, nullptr);
  EXPECT_EQ(to_text(*sentence.what[1].in), "Ward::\"3\"");
  ASSERT_EQ(sentence.provisos.size(), 2);
  EXPECT_FALSE(sentence.provisos[0].is_unless);
  EXPECT_TRUE(sentence.provisos[1].is_unless);
  ASSERT_EQ(sentence.without.size(), 1);
  EXPECT_EQ(sentence.without[0].name, "mask");
  EXPECT_TRUE(sentence.excepts_break_glass);
}

TEST(Sentences, MaySpeakOfEverything) {
  const Sentence sentence =
      only("invariant \"stop, always\" always: anyone may do anything to anything");
  EXPECT_EQ(sentence.mood, Sentence::Mood::kAlways);
  EXPECT_EQ(sentence.name, "stop, always");
  EXPECT_TRUE(sentence.actions.empty());
  ASSERT_EQ(sentence.who.size(), 1);
  EXPECT_EQ(sentence.who[0].in, nullptr);
  EXPECT_EQ(sentence.who[0].type, "");
}

TEST(Sentences, ComeSeveralToAFile) {
  const auto read = read_sentences(
      "invariant a never: anyone may view anything /// next\n invariant b always: anyone may view "
      "anything");
  ASSERT_TRUE(read);
  ASSERT_EQ(read->size(), 2);
  EXPECT_EQ((*read)[1].reason, "next");
  EXPECT_TRUE(read_sentences("// nothing\n")->empty());
}

TEST(Sentences, AreRefusedWithThePlace) {
  EXPECT_EQ(fault("never: anyone may view anything"), "1:1 `invariant` is missing before `never`");
  EXPECT_EQ(fault("invariant"), "1:10 the invariant's name is missing before the end");
  EXPECT_EQ(fault("invariant \"\" never: anyone may view anything"), "1:11 this is no name");
  EXPECT_EQ(fault("/// alone"), "1:10 `invariant` is missing before the end");
  EXPECT_EQ(fault_of("sometimes: anyone may view anything"),
            "2:1 `never:` or `always:` is missing before `sometimes`");
  EXPECT_EQ(fault_of("never anyone may view anything"), "2:7 `:` is missing before `anyone`");
  EXPECT_EQ(fault_of("never: may view anything"), "2:8 `may` is not one entity");
  EXPECT_EQ(fault_of("never: Nurse may view anything"), "2:8 `Nurse` is not one entity");
  EXPECT_EQ(fault_of("never: any may view anything"), "2:16 `may` is missing before `view`");
  EXPECT_EQ(fault_of("never: any Role::\"x\" may view anything"), "2:12 `Role::x` is not a type");
  EXPECT_EQ(fault_of("never: any if may view anything"), "2:12 `if` is not a type");
  EXPECT_EQ(fault_of("never: any User in Nurse may view anything"),
            "2:20 `Nurse` is not one entity");
  EXPECT_EQ(fault_of("never: anyone view anything"), "2:15 `may` is missing before `view`");
  EXPECT_EQ(fault_of("never: anyone may view"), "2:23 what is missing before the end");
  EXPECT_EQ(fault_of("never: anyone may view, anything"), "2:33 what is missing before the end");
  EXPECT_EQ(fault_of("never: anyone may Role::x anything"), "2:19 `Role::x` is no action");
  EXPECT_EQ(fault_of("never: anyone may do anything any Patient"),
            "2:31 `to` is missing before `any`");
}

TEST(Sentences, HaveTailsOfFewKinds) {
  const auto tail = [](std::string_view text) {
    return fault(fmt::format("invariant i never: anyone may view anything {}", text));
  };
  EXPECT_EQ(tail("when true"), "1:50 `{` is missing before `true`");
  EXPECT_EQ(tail("when { 1 + }"), "1:56 unexpected end of the text");
  EXPECT_EQ(tail("when { true"), "1:50 the condition has no end");
  EXPECT_EQ(tail("when { \"}"), "1:50 the condition has no end");
  EXPECT_EQ(tail("without mask"), "1:53 `obligation` is missing before `mask`");
  EXPECT_EQ(tail("without obligation"), "1:63 the obligation's name is missing before the end");
  EXPECT_EQ(tail("except break-glass"), "1:52 `under break-glass` is missing before `break-glass`");
  EXPECT_EQ(tail("please"),
            "1:45 `when`, `unless`, `without obligation`, `except under break-glass` or another "
            "invariant is missing before `please`");
  EXPECT_EQ(fault("invariant i always: anyone may view anything except under break-glass"),
            "1:46 `always` never speaks of overrides");
}

TEST(Sentences, AreMadeOfFewSigns) {
  EXPECT_EQ(fault("invariant é"), "1:11 `é` means nothing here");
  EXPECT_EQ(fault("invariant i never; anyone"), "1:18 `;` means nothing here");
  EXPECT_EQ(fault("invariant \"i"), "1:11 the text has no end");
  EXPECT_EQ(fault("invariant \xFF"), "1:11 the text is not UTF-8");
  EXPECT_EQ(fault("invariant \"\\q\" never: anyone may view anything"), "1:11 this is no name");
}

TEST(Sentences, HaveNamesOfTheirOwn) {
  EXPECT_EQ(fault("invariant a never: anyone may view anything\n"
                  "invariant a never: anyone may view anything"),
            "2:11 two invariants are called `a`");
}

TEST(Sentences, AreAllLookedAt) {
  const auto read = read_sentences("invariant a never\ninvariant b never: x\ninvariant c");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().size(), 3);
}

TEST(Sentences, AreNotTooMany) {
  std::string text;
  for (int i = 0; i < 3; ++i) text += fmt::format("invariant i{} never: anyone may a anything ", i);
  EXPECT_TRUE(read_sentences(text, {.max_sentences = 3}));
  EXPECT_FALSE(read_sentences(text, {.max_sentences = 2}));
  EXPECT_FALSE(read_sentences(text, {.max_bytes = 10}));
  EXPECT_EQ(read_sentences("? ? ?", {.max_diagnostics = 1}).error().size(), 1);
}

}  // namespace
}  // namespace wardlock::prover
