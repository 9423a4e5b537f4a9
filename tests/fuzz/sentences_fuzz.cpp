// SPDX-License-Identifier: Apache-2.0
// Any bytes as a file of sentences: read or refused, each error with a place inside the file.
#include "intents/sentences.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    kefu::SourceText const file{"cs.jsonl", {reinterpret_cast<char const*>(data), size}};
    kefu::Errors errors;
    for (auto const& sentence : kefu::read_sentences(file, errors)) {
        if (sentence.text.empty() || sentence.language.empty()) std::abort();
    }
    for (auto const& error : errors) {
        if (!error.where || error.where->line < 1 || error.where->column < 1) std::abort();
    }
    return 0;
}
