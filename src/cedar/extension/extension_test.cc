#include "cedar/extension/extension.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

namespace wardlock::cedar {
namespace {

using enum ExtensionFunction;

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kDay = 86'400'000;

class CallExtension : public ::testing::Test {
 protected:
  Result<Value> call(ExtensionFunction function, std::vector<Value> arguments) {
    return call_extension(function, arguments, arena_);
  }

  void expect(const Value& expected, ExtensionFunction function, std::vector<Value> arguments) {
    const Result<Value> result = call(function, std::move(arguments));
    ASSERT_TRUE(result) << to_string(function) << ": " << result.error().message;
    EXPECT_EQ(*result, expected) << to_string(function) << " gave " << to_text(*result);
  }

  void expect_error(std::string_view message, ExtensionFunction function,
                    std::vector<Value> arguments) {
    const Result<Value> result = call(function, std::move(arguments));
    ASSERT_FALSE(result) << to_string(function) << " gave " << to_text(*result);
    EXPECT_TRUE(result.error().message.starts_with(message)) << result.error().message;
    EXPECT_EQ(result.error().message.find('\n'), std::string::npos);
  }

  Value ip(std::string_view text) { return Value::ip(arena_.make<IpAddress>(*parse_ip(text))); }

  Arena arena_;
};

Value text(std::string_view s) { return Value::string(s); }

TEST_F(CallExtension, Constructs) {
  expect(Value::decimal(-5000), kDecimal, {text("-0.5")});
  expect(Value::datetime(kDay), kDatetime, {text("1970-01-02")});
  expect(Value::duration(-1), kDuration, {text("-1ms")});
  expect(ip("10.0.0.0/8"), kIp, {text("10.0.0.0/8")});
}

TEST_F(CallExtension, ConstructorsSayWhatToWrite) {
  expect_error("`decimal` cannot read `\"1\"`; write `1.5`", kDecimal, {text("1")});
  expect_error("`ip` cannot read `\"10.0.0.01\"`; write `10.0.0.1`", kIp, {text("10.0.0.01")});
  expect_error("`datetime` cannot read `\"2023-02-29\"`; write ", kDatetime, {text("2023-02-29")});
  expect_error("`duration` cannot read `\"1w\"`; write `1d2h", kDuration, {text("1w")});
}

TEST_F(CallExtension, MessagesStayOnOneShortLine) {
  expect_error("`decimal` cannot read `\"1.0\\n\"`", kDecimal, {text("1.0\n")});
  expect_error("`ip` cannot read 5000 bytes of text; ", kIp, {text(std::string(5000, 'x'))});
}

TEST_F(CallExtension, ComparesDecimals) {
  const Value small = Value::decimal(kMin), zero = Value::decimal(0), large = Value::decimal(kMax);
  expect(Value::boolean(true), kLessThan, {small, zero});
  expect(Value::boolean(false), kLessThan, {zero, zero});
  expect(Value::boolean(false), kLessThan, {large, zero});
  expect(Value::boolean(true), kLessThanOrEqual, {zero, zero});
  expect(Value::boolean(false), kLessThanOrEqual, {large, small});
  expect(Value::boolean(true), kGreaterThan, {large, small});
  expect(Value::boolean(false), kGreaterThan, {zero, zero});
  expect(Value::boolean(true), kGreaterThanOrEqual, {zero, zero});
  expect(Value::boolean(false), kGreaterThanOrEqual, {small, zero});
}

TEST_F(CallExtension, AsksAddresses) {
  expect(Value::boolean(true), kIsIpv4, {ip("1.1.1.1")});
  expect(Value::boolean(false), kIsIpv4, {ip("::1")});
  expect(Value::boolean(false), kIsIpv6, {ip("1.1.1.1")});
  expect(Value::boolean(true), kIsIpv6, {ip("::1")});
  expect(Value::boolean(true), kIsLoopback, {ip("127.0.0.1")});
  expect(Value::boolean(false), kIsLoopback, {ip("10.0.0.1")});
  expect(Value::boolean(true), kIsMulticast, {ip("ff00::1")});
  expect(Value::boolean(false), kIsMulticast, {ip("::1")});
  expect(Value::boolean(true), kIsInRange, {ip("10.0.0.1"), ip("10.0.0.0/8")});
  expect(Value::boolean(false), kIsInRange, {ip("10.0.0.0/8"), ip("10.0.0.1")});
}

TEST_F(CallExtension, MovesDatetimes) {
  expect(Value::datetime(kDay - 1), kOffset, {Value::datetime(kDay), Value::duration(-1)});
  expect(Value::datetime(kMax), kOffset, {Value::datetime(0), Value::duration(kMax)});
  expect(Value::datetime(-1), kOffset, {Value::datetime(kMax), Value::duration(kMin)});
  expect_error("the datetime that `offset` would give is out of range", kOffset,
               {Value::datetime(1), Value::duration(kMax)});
  expect_error("the datetime that `offset` would give is out of range", kOffset,
               {Value::datetime(-1), Value::duration(kMin)});
}

TEST_F(CallExtension, SubtractsDatetimes) {
  expect(Value::duration(-2), kDurationSince, {Value::datetime(1), Value::datetime(3)});
  expect(Value::duration(kMax), kDurationSince, {Value::datetime(-1), Value::datetime(kMin)});
  expect_error("the duration that `durationSince` would give is out of range", kDurationSince,
               {Value::datetime(0), Value::datetime(kMin)});
  expect_error("the duration that `durationSince` would give is out of range", kDurationSince,
               {Value::datetime(kMin), Value::datetime(1)});
}

TEST_F(CallExtension, ToDateFloors) {
  expect(Value::datetime(kDay), kToDate, {Value::datetime(2 * kDay - 1)});
  expect(Value::datetime(kDay), kToDate, {Value::datetime(kDay)});
  expect(Value::datetime(-kDay), kToDate, {Value::datetime(-1)});
  expect(Value::datetime(-kDay), kToDate, {Value::datetime(-kDay)});
  expect(Value::datetime(106'751'991'167 * kDay), kToDate, {Value::datetime(kMax)});
  expect(Value::datetime(-106'751'991'167 * kDay), kToDate,
         {Value::datetime(-106'751'991'167 * kDay)});
  expect_error("the datetime that `toDate` would give is out of range", kToDate,
               {Value::datetime(-106'751'991'167 * kDay - 1)});
  expect_error("the datetime that `toDate` would give is out of range", kToDate,
               {Value::datetime(kMin)});
}

TEST_F(CallExtension, ToTimeIsNeverNegative) {
  expect(Value::duration(1), kToTime, {Value::datetime(kDay + 1)});
  expect(Value::duration(kDay - 1), kToTime, {Value::datetime(-1)});
  expect(Value::duration(0), kToTime, {Value::datetime(-kDay)});
  expect(Value::duration(60'424'192), kToTime, {Value::datetime(kMin)});
}

TEST_F(CallExtension, DurationsTruncateTowardsZero) {
  expect(Value::integer(kMin), kToMilliseconds, {Value::duration(kMin)});
  expect(Value::integer(-1), kToSeconds, {Value::duration(-1999)});
  expect(Value::integer(0), kToSeconds, {Value::duration(-1)});
  expect(Value::integer(0), kToMinutes, {Value::duration(59'999)});
  expect(Value::integer(1), kToMinutes, {Value::duration(60'000)});
  expect(Value::integer(-1), kToHours, {Value::duration(-7'199'999)});
  expect(Value::integer(-1), kToDays, {Value::duration(-kDay - 1)});
  expect(Value::integer(106'751'991'167), kToDays, {Value::duration(kMax)});
}

/// An argument list of the right kinds for each function.
std::vector<Value> arguments_of(ExtensionFunction function, const IpAddress* address) {
  switch (function) {
    case kDecimal: return {text("1.0")};
    case kIp: return {text("::1")};
    case kDatetime: return {text("1970-01-01")};
    case kDuration: return {text("1d")};
    case kLessThan:
    case kLessThanOrEqual:
    case kGreaterThan:
    case kGreaterThanOrEqual: return {Value::decimal(1), Value::decimal(1)};
    case kIsIpv4:
    case kIsIpv6:
    case kIsLoopback:
    case kIsMulticast: return {Value::ip(address)};
    case kIsInRange: return {Value::ip(address), Value::ip(address)};
    case kOffset: return {Value::datetime(1), Value::duration(1)};
    case kDurationSince: return {Value::datetime(1), Value::datetime(1)};
    case kToDate:
    case kToTime: return {Value::datetime(1)};
    default: return {Value::duration(1)};
  }
}

TEST_F(CallExtension, EveryFunctionRefusesAnyOtherNumberOrKind) {
  const IpAddress address = *parse_ip("::1");
  const std::vector<Value> kinds = {
      Value::boolean(true), Value::integer(1),
      text("1970-01-01"),   Value::set({}),
      Value::record({}),    Value::decimal(1),
      Value::datetime(1),   Value::duration(1),
      Value::ip(&address),  Value::entity(make_uid(arena_, "A", "a"))};
  for (int i = 0; i <= static_cast<int>(kToDays); ++i) {
    const auto function = static_cast<ExtensionFunction>(i);
    const std::vector<Value> right = arguments_of(function, &address);
    EXPECT_TRUE(call(function, right)) << to_string(function);

    EXPECT_FALSE(call(function, {})) << to_string(function);
    std::vector<Value> more = right;
    more.push_back(right.back());
    EXPECT_FALSE(call(function, more)) << to_string(function);
    EXPECT_FALSE(call(function, {right.begin(), right.end() - 1})) << to_string(function);

    for (std::size_t place = 0; place < right.size(); ++place) {
      for (const Value& other : kinds) {
        if (other.kind() == right[place].kind()) continue;
        std::vector<Value> wrong = right;
        wrong[place] = other;
        EXPECT_FALSE(call(function, wrong)) << to_string(function) << " of " << to_text(other);
      }
    }
  }
}

TEST_F(CallExtension, ArgumentErrorsNameTheFunction) {
  expect_error("`ip` takes 1 argument, not 2", kIp, {text("::1"), text("::1")});
  expect_error("`lessThan` takes 1 argument, not 0", kLessThan, {Value::decimal(1)});
  expect_error("`toDate` takes 0 arguments, not 1", kToDate,
               {Value::datetime(1), Value::datetime(1)});
  expect_error("the receiver of `isIpv4` must be of type `ipaddr`, not `string`", kIsIpv4,
               {text("::1")});
  expect_error("the argument of `offset` must be of type `duration`, not `datetime`", kOffset,
               {Value::datetime(1), Value::datetime(1)});
}

}  // namespace
}  // namespace wardlock::cedar
