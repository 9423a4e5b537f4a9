// SPDX-License-Identifier: Apache-2.0
#include "config/roff.hpp"
#include "config/schema.hpp"
#include "config/settings_types.hpp"

namespace kefu {

namespace {

template <Section T>
std::string items_of(T const& section, std::string const& name) {
    std::string items;
    std::string sections;
    T::fields(section, [&]<class M>(std::string_view key, M const& member, std::string_view meaning, Field const& field = {}) {
        auto const words = meaning_text<M>(meaning, field);
        if constexpr (OneValue<M>) {
            auto const standard = yaml_text(member);
            std::string const ending = field.required ? ". Required." : standard == "''" || standard == "[]" ? "." : ". Default: " + standard + ".";
            items += roff_item(roff_bold(key) + ": \\fI" + roff_text(type_text<M>(field)) + "\\fR", words + ending);
        } else {
            std::string const inner = (name.empty() ? "" : name + '.') + std::string{key};
            if constexpr (Section<M>) {
                sections += ".SS " + roff_text(inner) + "\n" + roff_text(words) + ".\n" + items_of(member, inner);
            } else {
                sections += ".SS " + roff_text(inner + "[]") + "\nA list: " + roff_text(words) + ".\n" + items_of(typename M::value_type{}, inner + "[]");
            }
        }
    });
    return items + sections;
}

constexpr std::string_view introduction = R"(.SH NAME
kefud.yaml \- settings of kefud
.SH DESCRIPTION
The settings of
.BR kefud (1)
in YAML. Every key may be left out unless it is required. Unknown, doubled and mistyped keys are errors;
.B kefud check
names each with its line and column.
.PP
A
.I duration
is written as 250ms, 2s, 10m, 3h or 7d; a
.I size
as 64KiB, 1MiB, 2GiB or a number of bytes.
.PP
A
.I secret
is one of
.TP
.BI credential: NAME
what systemd passes: a file in the folder
.I secrets
beside kefud.yaml, which only root needs to read. Outside of systemd that file itself is read. A unit may name other files with LoadCredential=.
.TP
.BI file: /PATH
a file that the daemon itself can read
.TP
.BI env: NAME
an environment variable
.SH KEYS
)";

constexpr std::string_view ending = R"(.SH EXAMPLE
.EX
shop: {name: My shop, locale: zh\-Hant, time_zone: Asia/Taipei}
channels:
  \- id: line\-main
    type: line
    line:
      destination: U0123456789abcdef0123456789abcdef
      channel_secrets: [credential:line\-secret]
      access_token: credential:line\-token
.EE
.SH SEE ALSO
.BR kefud (1),
.BR kefud\-catalog (7)
)";

}  // namespace

std::string settings_manual(std::string const& version) {
    std::string page{".\\\" Made by kefud manual.\n.TH KEFUD.YAML 5 \"\" \"kefud "};
    page += roff_text(version) + "\"\n";
    page += introduction;
    page += items_of(Settings{}, "");
    page += ending;
    return page;
}

}  // namespace kefu
