// SPDX-License-Identifier: Apache-2.0
// The first byte says what is damaged: any bytes as a model file, or a good model that reads any text.
#include "intents/model.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

kefu::Model const& good_model() {
    static std::string const bytes = [] {
        kefu::Model::Parts parts;
        parts.scale.fill(0.01F);
        parts.calibrations.push_back({});
        for (std::size_t i = 0; i < kefu::Model::bucket_count * kefu::Model::bucket_bytes; ++i) parts.buckets += static_cast<char>(i * 31);
        return kefu::Model::to_bytes(parts);
    }();
    static kefu::Model const model = kefu::Model::from_bytes(bytes).value();
    return model;
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
    (void)good_model();
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size == 0) return 0;
    std::string_view const rest{reinterpret_cast<char const*>(data) + 1, size - 1};
    if (data[0] % 2 == 0) {
        (void)kefu::Model::from_bytes(rest);
        return 0;
    }
    for (float const score : good_model().score(rest, kefu::normalize(rest), "cs").labels) {
        if (!std::isfinite(score)) std::abort();
    }
    (void)good_model().contributions(rest, kefu::normalize(rest), "");
    return 0;
}
