// SPDX-License-Identifier: Apache-2.0
#include "daemon/cli/commands.hpp"

#include "daemon/embedded.hpp"

#include <algorithm>
#include <iomanip>
#include <iostream>
#include <string_view>

namespace kefu::cli {

namespace {

constexpr std::string_view folder = "docs/";
constexpr std::string_view ending = ".md";

bool is_page(EmbeddedFile const& file) { return file.name.starts_with(folder) && file.name.ends_with(ending); }

std::string topic_of(EmbeddedFile const& file) { return std::string{file.name.substr(folder.size(), file.name.size() - folder.size() - ending.size())}; }

/// Its first heading.
std::string_view title_of(EmbeddedFile const& file) {
    auto const begin = file.text.find("# ") + 2;
    return file.text.substr(begin, file.text.find('\n', begin) - begin);
}

}  // namespace

std::vector<std::string> help_topics() {
    std::vector<std::string> topics;
    for (auto const& file : embedded_files())
        if (is_page(file)) topics.push_back(topic_of(file));
    std::sort(topics.begin(), topics.end());
    return topics;
}

int print_topic(std::string const& topic) {
    for (auto const& name : help_topics()) {
        auto const& files = embedded_files();
        auto const page = std::find_if(files.begin(), files.end(), [&](auto const& file) { return is_page(file) && topic_of(file) == name; });
        if (topic.empty())
            std::cout << std::left << std::setw(28) << name << title_of(*page) << '\n';
        else if (topic == name)
            std::cout << page->text;
    }
    return ok;
}

}  // namespace kefu::cli
