#include "authn/oauth/devices.h"

#include <gtest/gtest.h>

#include "authn/oauth/oauth_for_test.h"

namespace wardlock::oauth {
namespace {

class DevicesTest : public OAuthForTest {};
WARDLOCK_ON_EACH_DATABASE(DevicesTest);

TEST_P(DevicesTest, ADeviceGetsTokensOnceItsPersonSaidYes) {
  const Client pump = client(
      R"({"grant_types": ["urn:ietf:params:oauth:grant-type:device_code", "refresh_token"],
          "token_endpoint_auth_method": "none", "redirect_uris": []})");
  const Parameters asked = {{"scope", "openid"}};
  const DeviceOffer offer =
      must(provider_->devices.begin(at(), must(authenticated(pump, asked)), asked));
  EXPECT_EQ(offer.user_code.size(), 9U);
  const auto poll = [&] {
    return request(pump, {{"grant_type", "urn:ietf:params:oauth:grant-type:device_code"},
                          {"device_code", offer.device_code}});
  };
  EXPECT_REFUSED(poll(), Fault::kAuthorizationPending);
  EXPECT_REFUSED(poll(), Fault::kSlowDown);
  now_ += 6'000;
  EXPECT_REFUSED(poll(), Fault::kSlowDown) << "the interval grew";
  std::string typed = offer.user_code;
  typed.erase(4, 1);
  EXPECT_EQ(must(provider_->devices.find(at(), typed)).client_name, "Ward list");
  EXPECT_REFUSED(provider_->devices.find(at("other"), typed), Fault::kInvalidRequest);
  ASSERT_TRUE(provider_->devices.approve(at(), typed, session(grey_), {}));
  EXPECT_REFUSED(provider_->devices.find(at(), typed), Fault::kInvalidRequest);
  now_ += 20'000;
  const TokenAnswer answer = must(poll());
  EXPECT_EQ(claims_of(answer.id_token).at("sub").as_string(), grey_);
  EXPECT_REFUSED(poll(), Fault::kInvalidGrant) << "twice";
}

TEST_P(DevicesTest, ADeviceGetsNothingWhereNobodySaidYes) {
  const Client pump = client(
      R"({"grant_types": ["urn:ietf:params:oauth:grant-type:device_code"],
          "token_endpoint_auth_method": "none", "redirect_uris": []})");
  const Parameters asked = {{"scope", "openid"}};
  const auto begin = [&] {
    return must(provider_->devices.begin(at(), must(authenticated(pump, asked)), asked));
  };
  const auto poll = [&](const DeviceOffer& offer) {
    return request(pump, {{"grant_type", "urn:ietf:params:oauth:grant-type:device_code"},
                          {"device_code", offer.device_code}});
  };
  const DeviceOffer denied = begin();
  ASSERT_TRUE(provider_->devices.deny(at(), denied.user_code));
  EXPECT_REFUSED(poll(denied), Fault::kAccessDenied);
  EXPECT_REFUSED(poll(denied), Fault::kInvalidGrant);
  const DeviceOffer late = begin();
  const DeviceOffer ended = begin();
  EXPECT_REFUSED(provider_->devices.approve(at(), "BBBB-BBBB", session(grey_), {}),
                 Fault::kInvalidRequest);
  EXPECT_REFUSED(
      provider_->devices.approve(at(), ended.user_code, session(grey_), {.scopes = {"email"}}),
      Fault::kInvalidScope);
  ASSERT_TRUE(provider_->devices.approve(at(), ended.user_code, session(grey_), {}));
  ASSERT_TRUE(provider_->logouts.session_ended(at(), "session-1", grey_));
  EXPECT_REFUSED(poll(ended), Fault::kAccessDenied) << "the session has ended";
  now_ += Devices::kLifetimeMs;
  EXPECT_REFUSED(poll(late), Fault::kExpiredToken);
  EXPECT_REFUSED(provider_->devices.approve(at(), late.user_code, session(grey_), {}),
                 Fault::kInvalidRequest);
}

}  // namespace
}  // namespace wardlock::oauth
