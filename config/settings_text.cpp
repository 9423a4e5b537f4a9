// SPDX-License-Identifier: Apache-2.0
#include "config/schema.hpp"
#include "config/settings_types.hpp"

namespace kefu {

namespace {

/// `|` would end the cell.
std::string cell(std::string const& text) {
    std::string out;
    for (char c : text) out += c == '|' ? std::string{"\\|"} : std::string{c};
    return out;
}

template <Section T>
std::string reference_of(T const& section, std::string const& name) {
    std::string rows;
    std::string sections;
    T::fields(section, [&]<class M>(std::string_view key, M const& member, std::string_view meaning, Field const& field = {}) {
        if constexpr (OneValue<M>) {
            std::string const standard = field.required ? "required" : yaml_text(member) == "''" ? "" : '`' + yaml_text(member) + '`';
            rows += "| `" + std::string{key} + "` | " + type_text<M>(field) + " | " + standard + " | " + cell(meaning_text<M>(meaning, field)) + " |\n";
        } else {
            std::string const inner = (name.empty() ? "" : name + '.') + std::string{key};
            if constexpr (Section<M>) {
                sections += "\n## " + inner + "\n\n" + meaning_text<M>(meaning, field) + "\n\n" + reference_of(member, inner);
            } else {
                sections += "\n## " + inner + "[]\n\nA list: " + std::string{meaning} + "\n\n" + reference_of(typename M::value_type{}, inner + "[]");
            }
        }
    });
    if (rows.empty()) return sections.empty() ? sections : sections.substr(1);
    return "| key | what | default | meaning |\n|---|---|---|---|\n" + rows + sections;
}

/// The settings of one section as commented YAML.
class Example {
  public:
    template <Section T>
    void write(T const& section, std::size_t depth, bool commented) {
        T::fields(section, [&]<class M>(std::string_view key, M const& member, std::string_view meaning, Field const& field = {}) {
            if constexpr (OneValue<M>) {
                explain<M>(meaning, field, depth);
                line(depth, true, std::string{key} + ": " + (field.example.empty() ? yaml_text(member) : std::string{field.example} + "  # example"));
            } else {
                if (depth == 0) out_ += '\n';
                explain<M>(meaning, field, depth);
                line(depth, commented, std::string{key} + ':');
                if constexpr (Section<M>) {
                    write(member, depth + 1, commented);
                } else {
                    write_items<typename M::value_type>(depth + 1);
                }
            }
        });
    }

    std::string take() { return std::move(out_); }

  private:
    void line(std::size_t depth, bool commented, std::string const& text) {
        out_ += std::string(2 * depth, ' ');
        if (commented) out_ += '#';
        out_ += text;
        out_ += '\n';
    }

    template <class M>
    void explain(std::string_view meaning, Field const& field, std::size_t depth) {
        std::string text = meaning_text<M>(meaning, field);
        if constexpr (NamedEnum<M>) text += " [" + type_text<M>(field) + ']';
        line(depth, false, "# " + text);
    }

    /// One item for each `type` there is: the first with everything, the others with what only they have.
    template <Section T>
    void write_items(std::size_t depth) {
        T const item{};
        std::vector<std::string> types;
        T::fields(item, [&]<class M>(std::string_view key, M const&, std::string_view, Field const& = {}) {
            if constexpr (NamedEnum<M>)
                if (key == "type")
                    for (auto const name : names(M{})) types.emplace_back(name);
        });
        if (types.empty()) types.emplace_back();
        for (auto const& type : types) write_item(item, depth, type, &type == &types.front());
    }

    template <Section T>
    void write_item(T const& defaults, std::size_t depth, std::string const& type, bool everything) {
        bool first = true;
        T::fields(defaults, [&]<class M>(std::string_view key, M const& member, std::string_view meaning, Field const& field = {}) {
            bool const own = !field.only_for.empty() && field.only_for == type;
            bool const common = field.only_for.empty() && (everything || field.required);
            if (!own && !common) return;
            std::size_t const at = first ? depth : depth + 1;
            if (everything || own) explain<M>(meaning, field, at);
            std::string const begin = (first ? "- " : "") + std::string{key} + ':';
            first = false;
            if constexpr (OneValue<M>) {
                std::string const value = key == "type"            ? type
                                          : key == "id"            ? id_for(type)
                                          : !field.example.empty() ? std::string{field.example}
                                                                   : yaml_text(member);
                line(at, true, begin + ' ' + value);
            } else {
                static_assert(Section<M>);
                line(at, true, begin);
                write(member, at + 1, true);
            }
        });
    }

    /// "line-main" for the first type, line.
    static std::string id_for(std::string type) {
        for (char& c : type)
            if (c == '_') c = '-';
        return type + "-main";
    }

    std::string out_;
};

}  // namespace

std::string settings_reference() {
    return "# Settings\n\nMade from config/settings.hpp. A duration is written as 250ms, 2s, 10m, 3h or 7d; a size as 64KiB, 1MiB, 2GiB or a number of bytes;\n"
           "a secret as file:/path, env:NAME or credential:NAME (systemd's LoadCredential=).\n\n" +
           reference_of(Settings{}, "");
}

std::string settings_example() {
    Example example;
    example.write(Settings{}, 0, false);
    return "# kefud's settings, all of them, each at its default or with an example. Take the '#' in front of a key away to change it.\n"
           "# Durations: 250ms, 2s, 10m, 3h, 7d. Sizes: 64KiB, 1MiB, 2GiB. Secrets: file:/path, env:NAME, credential:NAME (systemd's LoadCredential=).\n"
           "# After a change: kefud check --config FILE, then systemctl reload kefud.\n\n" +
           example.take();
}

}  // namespace kefu
