// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "intents/classify.hpp"
#include "replies/guard.hpp"
#include "replies/policy.hpp"
#include "replies/template.hpp"

#include <vector>

namespace kefu {

/// Everything operators edit, checked and compiled: an immutable snapshot, swapped whole on reload.
struct Catalog {
    Classifier classifier;
    Templates templates;
    Guard guard;
    Playbooks playbooks;
    Policy policy;
};

/// The shop's own words for templates and rules, from kefud.yaml.
struct ShopSettings {
    std::string name = "kefud demo";
    std::string locale = "zh-Hant";
    std::string time_zone = "Asia/Taipei";
    std::vector<std::string> order_number_patterns;
};

/// The texts a catalog is made of, each named as errors shall show it. Paths are relative: intents/topics.yaml, intents/<lang>.yaml,
/// replies/<lang>.yaml, playbooks/<name>.yaml, calendars/<name>.yaml, policy.yaml, guard.yaml.
struct CatalogSources {
    std::vector<SourceText> intents;
    std::vector<SourceText> replies;
    std::vector<SourceText> playbooks;
    std::vector<SourceText> calendars;
    SourceText policy;
    SourceText guard;
    bool examples_checked = false;  ///< the packs' and the guard's examples were run before
};

/// Compiles all of it and checks one part against the other. Reports everything it finds.
Checked<Catalog> build_catalog(CatalogSources const& sources, ShopSettings const& shop);

}  // namespace kefu
