// SPDX-License-Identifier: Apache-2.0
#include "intents/icu.hpp"

#include <unicode/translit.h>
#include <unicode/uniset.h>
#include <unicode/usetiter.h>

#include <memory>

namespace kefu {

std::unordered_map<char32_t, char32_t> changed_by_transliterator(char const* id) {
    UErrorCode status = U_ZERO_ERROR;
    std::unique_ptr<icu::Transliterator> const transliterator{icu::Transliterator::createInstance(id, UTRANS_FORWARD, status)};
    icu_check(status);
    icu::UnicodeSet sources;
    transliterator->getSourceSet(sources);

    std::unordered_map<char32_t, char32_t> changes;
    for (icu::UnicodeSetIterator source{sources}; source.next();) {
        if (source.isString()) continue;
        auto const from = source.getCodepoint();
        icu::UnicodeString text{from};
        transliterator->transliterate(text);
        if (text.countChar32() == 1 && text.char32At(0) != from) changes.emplace(from, text.char32At(0));
    }
    return changes;
}

}  // namespace kefu
