// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <unicode/normalizer2.h>
#include <unicode/utypes.h>

#include <stdexcept>
#include <string>
#include <unordered_map>

/// What the tables take from ICU when they are built. None of this runs per message.
namespace kefu {

/// ICU's own data is missing or broken: nothing an operator's file can cause.
inline void icu_check(UErrorCode status) {
    if (U_FAILURE(status)) throw std::runtime_error(std::string{"ICU: "} + u_errorName(status));
}

/// One of ICU's shared, never deleted normalizers: icu_must(&icu::Normalizer2::getNFKCCasefoldInstance).
inline icu::Normalizer2 const& icu_must(icu::Normalizer2 const* (*get)(UErrorCode&)) {
    UErrorCode status = U_ZERO_ERROR;
    auto const* found = get(status);
    icu_check(status);
    return *found;
}

/// The single characters an ICU transliterator ("Traditional-Simplified") turns into another single character.
std::unordered_map<char32_t, char32_t> changed_by_transliterator(char const* id);

}  // namespace kefu
