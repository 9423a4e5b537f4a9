// SPDX-License-Identifier: Apache-2.0
#include "config/roff.hpp"

namespace kefu {

std::string roff_text(std::string_view text) {
    std::string out;
    for (char const c : text) {
        switch (c) {
            case '\\':
                out += "\\e";
                break;
            case '-':
                out += "\\-";  // else a hyphen, which cannot be pasted into a shell
                break;
            case '\'':
                out += "\\(aq";
                break;
            case '`':
                out += "\\(ga";
                break;
            case '^':
                out += "\\(ha";
                break;
            case '~':
                out += "\\(ti";
                break;
            case '\n':
                out += ' ';
                break;
            default:
                out += c;
        }
    }
    return out.starts_with('.') ? "\\&" + out : out;
}

std::string roff_bold(std::string_view text) { return "\\fB" + roff_text(text) + "\\fR"; }

std::string roff_item(std::string const& tag, std::string_view meaning) { return ".TP\n" + tag + "\n" + roff_text(meaning) + "\n"; }

}  // namespace kefu
