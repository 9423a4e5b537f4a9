// SPDX-License-Identifier: Apache-2.0
#include "replies/guard_parts.hpp"

#include "config/suggest.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <functional>

namespace kefu {

namespace {

constexpr std::string_view use = "(?&";
constexpr std::size_t longest = 64 * 1024;  // parts in parts in parts grow fast

bool is_name(std::string_view name) { return RE2::FullMatch({name.data(), name.size()}, "[a-z][a-z0-9_]*"); }

/// Behind the escape or character class that starts at `at`, where `(?&` has no meaning; `at` when there is none.
std::size_t skip_quoted(std::string_view pattern, std::size_t at) {
    if (pattern[at] == '\\') return std::min(at + 2, pattern.size());
    if (pattern[at] != '[') return at;
    ++at;
    if (at < pattern.size() && pattern[at] == '^') ++at;
    if (at < pattern.size() && pattern[at] == ']') ++at;  // in front it stands for itself
    while (at < pattern.size() && pattern[at] != ']') at += pattern[at] == '\\' ? 2 : 1;
    return std::min(at + 1, pattern.size());
}

/// `find` gives a part's text, or nothing and reports by itself.
std::optional<std::string> replace_uses(std::string_view pattern, std::function<std::optional<std::string>(std::string const&)> const& find,
                                        yaml::Value const& place, Errors& errors) {
    std::string out;
    for (std::size_t at = 0; at < pattern.size();) {
        if (pattern.substr(at).starts_with(use)) {
            auto const end = pattern.find(')', at);
            if (end == std::string_view::npos) {
                errors.push_back(place.error("'(?&' needs a part's name and ')'"));
                return std::nullopt;
            }
            auto const text = find(std::string{pattern.substr(at + use.size(), end - at - use.size())});
            if (!text) return std::nullopt;
            out += "(?:" + *text + ")";
            at = end + 1;
        } else {
            auto const next = std::max(skip_quoted(pattern, at), at + 1);
            out += pattern.substr(at, next - at);
            at = next;
        }
        if (out.size() > longest) {
            errors.push_back(place.error("with its parts written out this is longer than 64 KiB"));
            return std::nullopt;
        }
    }
    return out;
}

}  // namespace

/// Writes each part out once, those it uses first.
class GuardParts::Reader {
  public:
    Reader(yaml::Value const& map, Errors& errors) : entries_(map.entries(errors)), errors_(errors) {
        for (auto const& entry : entries_) names_.push_back(entry.key);
    }

    std::vector<Part> read() {
        for (std::size_t i = 0; i < entries_.size(); ++i) part(i);
        return std::move(done_);
    }

  private:
    std::optional<std::string> part(std::size_t index) {
        auto const& [key, key_where, value] = entries_[index];
        std::string const& name = key;  // a lambda takes no structured binding
        auto const known = std::find_if(done_.begin(), done_.end(), [&](Part const& other) { return other.name == name; });
        if (known != done_.end()) return known->text;
        if (auto const first = std::find(open_.begin(), open_.end(), name); first != open_.end()) {
            std::string circle;
            for (auto step = first; step != open_.end(); ++step) circle += *step + " > ";
            errors_.push_back(value.error("part '" + name + "' contains itself: " + circle + name));
            return std::nullopt;
        }
        open_.push_back(name);
        auto text = write_out(name, key_where, value);
        open_.pop_back();
        done_.push_back({name, text});
        return text;
    }

    std::optional<std::string> write_out(std::string const& name, SourceLocation const& key_where, yaml::Value const& value) {
        if (!is_name(name)) errors_.push_back({Errc::bad_config, "a part's name is lower case letters, digits and '_'", key_where});
        auto const source = value.string(errors_);
        if (!source) return std::nullopt;
        auto const find = [&](std::string const& used) -> std::optional<std::string> {
            auto const at = std::find(names_.begin(), names_.end(), used);
            if (at != names_.end()) return part(static_cast<std::size_t>(at - names_.begin()));
            errors_.push_back(value.error("there is no part '" + used + "'" + did_you_mean(used, names_)));
            return std::nullopt;
        };
        auto text = replace_uses(*source, find, value, errors_);
        if (!text) return std::nullopt;
        RE2::Options options;
        options.set_log_errors(false);
        if (RE2 const whole{*text, options}; !whole.ok()) {  // one half of a group would be reported at each use, and not understood
            errors_.push_back(value.error("not a valid expression: " + whole.error()));
            return std::nullopt;
        }
        return text;
    }

    std::vector<yaml::Value::Entry> entries_;
    std::vector<std::string> names_;
    std::vector<std::string> open_;  // being written out, outermost first
    std::vector<Part> done_;
    Errors& errors_;
};

GuardParts GuardParts::read(yaml::Value const& map, Errors& errors) {
    GuardParts parts;
    parts.parts_ = Reader{map, errors}.read();
    return parts;
}

std::optional<std::string> GuardParts::write_out(std::string_view pattern, yaml::Value const& place, Errors& errors) const {
    auto const find = [&](std::string const& used) -> std::optional<std::string> {
        std::vector<std::string> names;
        for (auto const& part : parts_) {
            if (part.name == used) return part.text;
            names.push_back(part.name);
        }
        errors.push_back(place.error("there is no part '" + used + "'" + did_you_mean(used, names)));
        return std::nullopt;
    };
    return replace_uses(pattern, find, place, errors);
}

}  // namespace kefu
