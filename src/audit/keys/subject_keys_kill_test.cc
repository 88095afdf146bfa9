// A process that makes and erases keys and is killed at any moment.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>
#include <thread>

#include "audit/keys/subject_keys_fixture.h"

namespace wardlock::audit {
namespace {

struct Step {
  char what;  ///< 'm' made, 'e' erased
  std::int32_t subject;
  KeyId id;
};

std::string id_of(std::int32_t number) { return "p-" + std::to_string(number); }

/// Makes keys and erases some, and says each that was done, until it is killed.
[[noreturn]] void make_and_erase(const std::string& path, const SymmetricKey& master, int out,
                                 std::int32_t number) {
  const auto keys = SubjectKeys::open({.path = path}, master);
  if (!keys) _exit(1);
  for (;; number += 3) {
    const std::string ids[] = {id_of(number), id_of(number + 1), id_of(number + 2)};
    std::vector<Subject> subjects;
    for (const std::string& id : ids) subjects.push_back({"t", "Patient", id});
    std::vector<SubjectKey> made;
    if (!(*keys)->find_or_create(subjects, made)) _exit(2);
    for (std::int32_t i = 0; i < 3; ++i) {
      const Step step{'m', number + i, made[static_cast<std::size_t>(i)].id};
      if (write(out, &step, sizeof step) != sizeof step) _exit(3);
    }
    const auto erased = (*keys)->erase(subjects[1], 1);
    if (!erased || !*erased) _exit(4);
    const Step step{'e', number + 1, (*erased)->key_id};
    if (write(out, &step, sizeof step) != sizeof step) _exit(3);
  }
}

TEST_F(SubjectKeysTest, AKillLosesNothingThatWasSaid) {
  std::map<std::int32_t, Step> said;
  std::mt19937 random(std::random_device{}());
  for (int round = 0; round < 15; ++round) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const std::int32_t first = round * 99'999;
    const pid_t child = fork();
    if (child == 0) {
      close(ends[0]);
      make_and_erase(path_, master_, ends[1], first);
    }
    close(ends[1]);
    Step step;
    // At the first sign of life, and then after a moment of any length.
    ASSERT_EQ(read(ends[0], &step, sizeof step), static_cast<ssize_t>(sizeof step));
    said[step.subject] = step;
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 100'000));
    kill(child, SIGKILL);
    while (read(ends[0], &step, sizeof step) == sizeof step) said[step.subject] = step;
    close(ends[0]);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "it ended by itself: " << WEXITSTATUS(status);

    const auto keys = open();
    const auto at_rest = wrapped();
    for (const auto& [number, last] : said) {
      const std::string id = id_of(number);
      const auto key = keys->find_subject({"t", "Patient", id}).value();
      if (last.what == 'e') {
        EXPECT_EQ(answer(*keys, last.id), Answer::kErased);
        EXPECT_EQ(key, std::nullopt);
        EXPECT_EQ(at_rest.at(std::string(last.id.begin(), last.id.end())), std::string(104, '\0'));
      } else if (number % 3 != 1) {  // those were about to be erased
        ASSERT_TRUE(key) << number;
        EXPECT_EQ(key->id, last.id);
      }
    }
    auto database = storage::Database::open(path_, {.is_read_only = true}).value();
    auto check = database.prepare("PRAGMA integrity_check").value();
    ASSERT_TRUE(check.step().value());
    EXPECT_EQ(check.text(0), "ok");
  }
  EXPECT_GT(said.size(), 45U);
}

}  // namespace
}  // namespace wardlock::audit
