// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/traits.hpp"

#include "tests/support/shared_data.hpp"
#include "tests/support/source_dir.hpp"

#include <gtest/gtest.h>

namespace kefu {
namespace {

TEST(ChannelsPage, says_what_the_code_declares) {
    EXPECT_EQ(read_text(source_dir() / "docs" / "channels.md"), channels_page()) << "kefud schema channels > docs/channels.md";
}

TEST(ChannelsPage, leaves_nothing_open) {
    for (std::size_t i = 0; i < names(ChannelType{}).size(); ++i) {
        auto const& traits = traits_of(static_cast<ChannelType>(i));
        for (auto const text :
             {traits.receive, traits.send, traits.media, traits.dedupe_key, traits.idempotency, traits.order, traits.ambiguous, traits.limits}) {
            EXPECT_FALSE(text.empty()) << i;
            EXPECT_EQ(text.find('|'), std::string_view::npos) << text;
        }
    }
}

}  // namespace
}  // namespace kefu
