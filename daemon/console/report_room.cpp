// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/report_room.hpp"

namespace kefu {

net::awaitable<Result<std::string>> ReportRoom::make(std::string key, Read read, Work work) {
    Turn const turn{*this};
    if (!turn.fits()) co_return Error{Errc::unavailable, "too many reports are being made; try again in a moment"};
    auto make_one = [this, key = std::move(key), read = std::move(read), work = std::move(work)]() -> Result<std::string> {
        if (!newest_ || newest_->key != key) {
            newest_.reset();  // two of them need not fit into memory
            auto fresh = read();
            if (!fresh) return fresh.error();
            newest_ = Kept{key, read, std::move(*fresh)};
        }
        auto made = work(newest_->traffic);
        if (waiting_.load() <= 1) newest_.reset();
        return made;
    };
    co_return co_await on_pool(thread_, std::move(make_one));
}

}  // namespace kefu
