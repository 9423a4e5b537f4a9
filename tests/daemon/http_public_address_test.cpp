// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/public_address.hpp"

#include <gtest/gtest.h>

namespace kefu {
namespace {

class NotPublic : public testing::TestWithParam<char const*> {};
TEST_P(NotPublic, is_refused) { EXPECT_FALSE(is_public(boost::asio::ip::make_address(GetParam()))); }
INSTANTIATE_TEST_SUITE_P(Addresses, NotPublic,
                         testing::Values("0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.0.1",
                                         "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.168.1.1", "198.18.0.1",
                                         "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "::",
                                         "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b:1::1", "100::1", "2001::1",
                                         "2001:db8::1", "2002:7f00:1::", "3fff::1", "fc00::1", "fd12:3456::1", "fe80::1", "fec0::1", "ff02::1", "4000::1"));

class Public : public testing::TestWithParam<char const*> {};
TEST_P(Public, is_taken) { EXPECT_TRUE(is_public(boost::asio::ip::make_address(GetParam()))); }
INSTANTIATE_TEST_SUITE_P(Addresses, Public,
                         testing::Values("1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0", "169.253.0.1",
                                         "172.15.255.255", "172.32.0.0", "192.0.1.1", "192.167.255.255", "198.17.255.255", "198.20.0.0", "223.255.255.255",
                                         "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2001:200::1", "2001:4860:4860::8888", "2400:cb00::1", "2606:4700::1111",
                                         "2a00:1450::1"));

}  // namespace
}  // namespace kefu
