// SPDX-License-Identifier: Apache-2.0
// Any bytes as a message to the packs that come with kefud, and as an expression of a pack beside them: no crash, no hang, offsets
// inside the text, and PatternSet finds what RE2 finds.
#include "intents/classify.hpp"
#include "intents/date.hpp"
#include "intents/money.hpp"
#include "intents/normalize.hpp"
#include "intents/pattern_set.hpp"
#include "tests/support/source_dir.hpp"

#include <re2/re2.h>
#include <re2/stringpiece.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

kefu::Classifier const& classifier() {
    static auto const built = [] {
        std::vector<kefu::SourceText> files;
        for (auto const& entry : std::filesystem::directory_iterator{kefu::source_dir() / "intents/packs"}) {
            std::ifstream in{entry.path()};
            std::ostringstream text;
            text << in.rdbuf();
            files.push_back({entry.path().filename().string(), text.str()});
        }
        kefu::ClassifyOptions options;
        options.check_examples = false;  // the tests do
        return kefu::Classifier::build(files, options).value();
    }();
    return built;
}

// The first match of each expression must be RE2's.
void compare_with_re2(std::string_view source, std::string_view text) {
    auto const expressions = kefu::read_expression(source);
    if (!expressions) return;
    std::vector<kefu::PatternSet::Source> sources;
    for (auto const& expression : *expressions) sources.push_back({expression, {}, 0});
    auto const set = kefu::PatternSet::compile(sources);
    if (!set) return;
    std::vector<kefu::PatternSet::Hit> hits;
    set->search(text, kefu::PatternSet::all_groups, hits);
    for (std::uint32_t i = 0; i < sources.size(); ++i) {
        RE2 const re2{sources[i].expression.regexp, RE2::Quiet};
        re2::StringPiece match;
        bool const found = re2.Match({text.data(), text.size()}, 0, text.size(), RE2::UNANCHORED, &match, 1) && !match.empty();
        auto const hit = std::find_if(hits.begin(), hits.end(), [i](auto const& it) { return it.expression == i; });
        require(found == (hit != hits.end()));
        if (found) require(text.data() + hit->start == match.data() && hit->end - hit->start == match.size());
    }
}

}  // namespace

// Reading the packs takes longer than an input may.
extern "C" int LLVMFuzzerInitialize(int*, char***) {
    (void)classifier();
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const input{reinterpret_cast<char const*>(data), size};
    auto const result = classifier().classify(input);
    for (auto const& evidence : result.evidence) require(evidence.start_byte < evidence.end_byte && evidence.end_byte <= size);
    for (auto const& entity : result.entities) require(entity.start_byte < entity.end_byte && entity.end_byte <= size && !entity.value.empty());
    for (auto const& entity : result.entities) {
        if (entity.kind == kefu::EntityKind::date) {
            auto const day = kefu::named_day_of(entity);
            require(day && kefu::to_value(*day) == entity.value);
        }
        if (auto const money = kefu::money_of(entity)) require(money->minor_units >= 0 && !money->currency.empty());
    }
    for (auto const score : result.scores) require(score >= 0 && score <= 1);
    require(result.anger.level >= 0 && result.anger.level <= 1);

    if (auto const end = input.find('\n'); end != std::string_view::npos && end < 200) {
        compare_with_re2(input.substr(0, end), kefu::normalize(input.substr(end + 1)).text);
    }
    return 0;
}
