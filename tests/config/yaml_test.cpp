// SPDX-License-Identifier: Apache-2.0
#include "config/yaml.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace kefu::yaml {
namespace {

std::string joined(Errors const& errors) {
    std::string out;
    for (auto const& error : errors) out += error.to_string() + '\n';
    return out;
}

/// The errors of parsing alone.
std::string refused(std::string_view text) {
    Errors errors;
    auto const value = parse(text, "f.yaml", errors);
    EXPECT_EQ(value.has_value(), errors.empty());
    return joined(errors);
}

Value parsed(std::string_view text) {
    Errors errors;
    auto value = parse(text, "f.yaml", errors);
    EXPECT_EQ(joined(errors), "");
    return value.value();
}

std::string place(SourceLocation const& where) { return std::to_string(where.line) + ':' + std::to_string(where.column); }

std::string repeated(std::string_view text, int times) {
    std::string out;
    for (int i = 0; i < times; ++i) out += text;
    return out;
}

struct Bad {
    char const* name;
    std::string text;
    std::string error;
};

class YamlParse : public testing::TestWithParam<Bad> {};

TEST_P(YamlParse, refuses) { EXPECT_EQ(refused(GetParam().text), "f.yaml:" + GetParam().error + "\n"); }

INSTANTIATE_TEST_SUITE_P(
    Syntax, YamlParse,
    testing::Values(Bad{"duplicate_keys", "port: 1\nhost: a\nport: 2\n", "3:1: duplicate key 'port' (first in line 1)"},
                    Bad{"columns_count_characters", "退款: {退: 1, 退: 2}\n", "1:12: duplicate key '退' (first in line 1)"},
                    Bad{"a_byte_order_mark_is_no_column",
                        "\xEF\xBB\xBF"
                        "b: {a: 1, a: 2}\n",
                        "1:11: duplicate key 'a' (first in line 1)"},
                    Bad{"tab_as_indentation", "a:\n\tb: 1\n", "2:1: a tab cannot indent; use spaces"},
                    Bad{"tab_behind_spaces", "a:\n  \tb: 1\n", "2:3: a tab cannot indent; use spaces"},
                    Bad{"second_document", "a: 1\n---\nb: 2\n", "2:1: a second document begins here; a file holds one"},
                    Bad{"second_empty_document", "---\na: 1\n---\n", "3:1: a second document begins here; a file holds one"},
                    Bad{"list_then_map", "- a\nb: 1\n", "2:1: this does not continue what stands above; look at the indentation"},
                    Bad{"bad_byte", "a: \xFF\n", "1:4: not UTF-8 (byte 0xFF); save the file as UTF-8"},
                    Bad{"overlong_form", "a: \xC0\xAF\n", "1:4: not UTF-8 (byte 0xC0); save the file as UTF-8"},
                    Bad{"half_a_character", "退\xE9\x80", "1:2: not UTF-8 (byte 0xE9); save the file as UTF-8"},
                    Bad{"surrogate", "a: \xED\xA0\x80\n", "1:4: not UTF-8 (byte 0xED); save the file as UTF-8"},
                    Bad{"utf_16", std::string{"\xFF\xFE\x61\x00", 4}, "1:1: not UTF-8 (byte 0xFF); save the file as UTF-8"},
                    Bad{"nul", std::string{"a: \0b\n", 6}, "1:4: the control character U+0000 is not allowed; write it as \"\\u0000\" in double quotes"},
                    // yaml-cpp takes U+0004 for the end of the file.
                    Bad{"end_of_transmission", "a: 1\n\x04\nb: 2\n",
                        "2:1: the control character U+0004 is not allowed; write it as \"\\u0004\" in double quotes"},
                    Bad{"old_mac_line_ends", "a: 1\rb: 2\r", "1:5: a carriage return alone does not end a line; save the file with LF or CRLF line ends"},
                    Bad{"directive", "%YAML 1.1\n---\na: 1\n", "1:1: directives (%YAML, %TAG) are not supported"},
                    Bad{"tag", "a: !!int 1\n", "1:4: tags (!) are not supported; text that begins with '!' needs quotes"},
                    Bad{"merge_key", "a: &x {b: 1}\nc:\n  <<: *x\n", "3:3: merge keys (<<) are not supported"},
                    Bad{"list_as_key", "[a]: 1\n", "1:1: a key must be text, not a list; text that begins with '{' or '[' needs quotes"},
                    Bad{"map_as_key", "? {a: 1}\n: 1\n", "1:3: a key must be text, not a map; text that begins with '{' or '[' needs quotes"},
                    Bad{"null_as_key", "~: 1\n", "1:1: a key must be text"},
                    // yaml-cpp reads all of these and says nothing.
                    Bad{"unclosed_double_quote", "a: \"x\nb: 2\n", "1:4: the closing quote is missing"},
                    Bad{"unclosed_single_quote", "a: 1\nb: 'it''s\n", "2:4: the closing quote is missing"},
                    Bad{"key_without_colon", "a: 1\nport\n", "2:1: ':' is missing after 'port'"},
                    Bad{"key_without_colon_in_braces", "{a: 1, port}", "1:8: ':' is missing after 'port'"},
                    Bad{"no_space_behind_the_colon", "a: 1\ntoken:hush\n", "2:1: a space is missing after 'token:'"}),
    [](auto const& test) { return std::string{test.param.name}; });

INSTANTIATE_TEST_SUITE_P(
    WordsForOperators, YamlParse,
    testing::Values(Bad{"colon_in_text", "a: b: c\n", "1:5: ':' is not possible here; text that contains ': ' needs quotes"},
                    Bad{"outdented_key", "a:\n  b: 1\n c: 2\n", "3:2: this does not fit the keys above; look at the indentation and the quotes"},
                    Bad{"text_behind_quotes", "a: 'x' y\n", "1:8: this does not fit the keys above; look at the indentation and the quotes"},
                    Bad{"outdented_item", "a:\n  - 'x'\n   'y'\n", "3:4: expected '-' here, indented like the ones above"},
                    Bad{"at_sign", "a: @home\n", "1:4: text that begins with this character needs quotes"},
                    Bad{"star", "a: *\n", "1:5: text that begins with '*' needs quotes"},
                    Bad{"unknown_alias", "a: *x\n", "1:4: no anchor (&) before this has that name"},
                    Bad{"open_list", "a: [1, 2\nb: 3\n", "2:2: ',' or ']' is missing"}, Bad{"open_map", "a: {b: 1\nc: 3\n", "2:2: ',' or '}' is missing"},
                    Bad{"closing_bracket", "a: 1\n]\n", "2:1: ']' or '}' is not possible here"},
                    Bad{"pattern_in_double_quotes", "a: \"\\d\"\n", "1:7: unknown escape in double quotes; in single quotes a backslash is only a backslash"},
                    Bad{"item_behind_key", "a: - b\n", "1:4: '-' is not possible here"}),
    [](auto const& test) { return std::string{test.param.name}; });

INSTANTIATE_TEST_SUITE_P(Bombs, YamlParse,
                         testing::Values(Bad{"deep_list", repeated("- ", 33) + "x", "1:65: lists and maps are nested more than 32 deep"},
                                         Bad{"deep_map", repeated("{a: ", 33) + repeated("}", 33), "1:129: lists and maps are nested more than 32 deep"},
                                         Bad{"deep_alias",
                                             "a: &a " + repeated("[", 20) + repeated("]", 20) + "\nb: " + repeated("[", 12) + "*a" + repeated("]", 12),
                                             "2:16: lists and maps are nested more than 32 deep"},
                                         Bad{"alias_in_itself", "a: &x [*x]\n", "1:8: this alias (*) stands inside its own anchor (&)"},
                                         Bad{"billion_laughs",
                                             "a: &a [1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"
                                             "d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\n",
                                             "5:8: the aliases (*) of this file repeat more than 10000 values"},
                                         Bad{"huge_file", repeated("# x\n", (4 << 18) + 1), "1:1: larger than 4 MiB"}),
                         [](auto const& test) { return std::string{test.param.name}; });

TEST(YamlParse, reports_every_duplicate_key) {
    EXPECT_EQ(refused("a: 1\na: 2\nb: {c: 1, c: 2}\n"), "f.yaml:2:1: duplicate key 'a' (first in line 1)\nf.yaml:3:11: duplicate key 'c' (first in line 3)\n");
}

TEST(YamlParse, survives_endless_nesting) {
    EXPECT_NE(refused(repeated("[", 100'000)), "");
    EXPECT_NE(refused(repeated("{a: ", 100'000)), "");
    EXPECT_NE(refused(repeated("- ", 100'000)), "");
}

TEST(YamlParse, takes_what_is_allowed) {
    for (auto const& text : {repeated("- ", 32) + "x", std::string{"a: &x 1\r\nb: *x\r\n"}, std::string{"a: 1\n...\n"}, std::string{"---\na: 1\n"},
                             std::string{"a: |\n  \"not a quote\n"}, std::string{"\"a\": \nb :\n'c' :\n"}, std::string{"a: &x\nb: &y 'z'\n"}})
        EXPECT_EQ(refused(text), "") << text;
}

TEST(YamlParse, an_empty_file_is_a_null_at_its_beginning) {
    for (char const* text : {"", "# nothing\n", "---\n"}) {
        auto const value = parsed(text);
        EXPECT_EQ(value.kind(), Value::Kind::null);
        EXPECT_EQ(value.where().line, 1);
    }
}

TEST(YamlValue, knows_its_place) {
    Errors errors;
    auto const entries = parsed("退款: 好\nlist:\n  - 退: x\n  -\n  - y\nnone:\nend: 1\n").entries(errors);
    ASSERT_EQ(entries.size(), 4u);
    EXPECT_EQ(entries[0].value.where(), (SourceLocation{"f.yaml", 1, 5}));
    auto const items = entries[1].value.items(errors);
    ASSERT_EQ(items.size(), 3u);
    EXPECT_EQ(place(items[0].entries(errors)[0].value.where()), "3:8");
    EXPECT_EQ(place(items[1].where()), "4:3");  // the dash: there is nothing else to point at
    EXPECT_EQ(place(items[2].where()), "5:5");
    EXPECT_EQ(place(entries[2].value.where()), "6:1");  // the key, for the same reason
    EXPECT_EQ(place(entries[3].key_where), "7:1");
    EXPECT_EQ(joined(errors), "");
}

using Read = std::string (*)(Value const&, Errors&);

template <class T>
std::string shown(std::optional<T> const& value) {
    return value ? std::to_string(*value) : "nothing";
}

std::string read_string(Value const& value, Errors& errors) { return value.string(errors).value_or("nothing"); }
std::string read_boolean(Value const& value, Errors& errors) { return shown(value.boolean(errors)); }
std::string read_port(Value const& value, Errors& errors) { return shown(value.integer(errors, 0, 65535)); }
std::string read_share(Value const& value, Errors& errors) { return shown(value.number(errors, 0, 1)); }
std::string read_bytes(Value const& value, Errors& errors) { return shown(value.bytes(errors)); }
std::string read_list(Value const& value, Errors& errors) { return std::to_string(value.strings(errors).size()); }
std::string read_map(Value const& value, Errors& errors) { return std::to_string(value.entries(errors).size()); }
std::string read_any_integer(Value const& value, Errors& errors) {
    return shown(value.integer(errors, std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()));
}
std::string read_count(Value const& value, Errors& errors) { return shown(value.integer(errors, 1, std::numeric_limits<std::int64_t>::max())); }
std::string read_duration(Value const& value, Errors& errors) {
    auto const duration = value.duration(errors);
    return duration ? std::to_string(duration->count()) : "nothing";
}

struct Reading {
    std::string text;
    Read read;
    std::string value;
    std::string error;  // without the place
};

class YamlValueReads : public testing::TestWithParam<Reading> {};

TEST_P(YamlValueReads, the_type_asked_for) {
    auto const& [text, read, value, error] = GetParam();
    Errors errors;
    EXPECT_EQ(read(parsed(text), errors), value) << text;
    EXPECT_EQ(joined(errors), error.empty() ? "" : "f.yaml:1:1: " + error + "\n") << text;
}

INSTANTIATE_TEST_SUITE_P(Text, YamlValueReads,
                         testing::Values(Reading{"no", read_string, "no", ""}, Reading{"017", read_string, "017", ""}, Reading{"'1'", read_string, "1", ""},
                                         Reading{"[a]", read_string, "nothing", "expected text, found a list"},
                                         Reading{"{a: 1}", read_string, "nothing", "expected text, found a map"},
                                         Reading{"~", read_string, "nothing", "expected text, found nothing"}));

INSTANTIATE_TEST_SUITE_P(Booleans, YamlValueReads,
                         testing::Values(Reading{"true", read_boolean, "1", ""}, Reading{"false", read_boolean, "0", ""},
                                         Reading{"yes", read_boolean, "nothing", "expected true or false, found 'yes'"},
                                         Reading{"True", read_boolean, "nothing", "expected true or false, found 'True'"},
                                         Reading{"'true'", read_boolean, "nothing", "expected true or false, found the text 'true' in quotes"}));

INSTANTIATE_TEST_SUITE_P(
    Numbers, YamlValueReads,
    testing::Values(Reading{"0", read_port, "0", ""}, Reading{"65535", read_port, "65535", ""}, Reading{"-5", read_any_integer, "-5", ""},
                    Reading{"9223372036854775807", read_any_integer, "9223372036854775807", ""},
                    Reading{"9223372036854775808", read_any_integer, "nothing", "expected a whole number, found '9223372036854775808'"},
                    Reading{"65536", read_port, "nothing", "expected a whole number from 0 to 65535, found '65536'"},
                    Reading{"0", read_count, "nothing", "expected a whole number of at least 1, found '0'"},
                    Reading{"017", read_port, "nothing", "expected a whole number from 0 to 65535, found '017' (without leading zeros, please)"},
                    Reading{"0x1F", read_port, "nothing", "expected a whole number from 0 to 65535, found '0x1F'"},
                    Reading{"8_080", read_port, "nothing", "expected a whole number from 0 to 65535, found '8_080'"},
                    Reading{"+1", read_port, "nothing", "expected a whole number from 0 to 65535, found '+1'"},
                    Reading{"1.0", read_port, "nothing", "expected a whole number from 0 to 65535, found '1.0'"},
                    Reading{"'80'", read_port, "nothing", "expected a whole number from 0 to 65535, found the text '80' in quotes"},
                    Reading{"0.5", read_share, "0.500000", ""}, Reading{"1", read_share, "1.000000", ""}, Reading{"5e-1", read_share, "0.500000", ""},
                    Reading{"1.5", read_share, "nothing", "expected a number from 0 to 1, found '1.5'"},
                    Reading{".nan", read_share, "nothing", "expected a number from 0 to 1, found '.nan'"},
                    Reading{"nan", read_share, "nothing", "expected a number from 0 to 1, found 'nan'"}));

INSTANTIATE_TEST_SUITE_P(Units, YamlValueReads,
                         testing::Values(Reading{"0", read_duration, "0", ""}, Reading{"'10m'", read_duration, "600000", ""},
                                         Reading{"250ms", read_duration, "250", ""}, Reading{"2s", read_duration, "2000", ""},
                                         Reading{"10m", read_duration, "600000", ""}, Reading{"3h", read_duration, "10800000", ""},
                                         Reading{"7d", read_duration, "604800000", ""},
                                         Reading{"5", read_duration, "nothing", "expected a duration such as 250ms, 2s, 10m, 3h or 7d, found '5'"},
                                         Reading{"1h30m", read_duration, "nothing", "expected a duration such as 250ms, 2s, 10m, 3h or 7d, found '1h30m'"},
                                         Reading{"-2s", read_duration, "nothing", "expected a duration such as 250ms, 2s, 10m, 3h or 7d, found '-2s'"},
                                         Reading{"36501d", read_duration, "nothing", "expected a duration such as 250ms, 2s, 10m, 3h or 7d, found '36501d'"},
                                         Reading{"65536", read_bytes, "65536", ""}, Reading{"64KiB", read_bytes, "65536", ""},
                                         Reading{"1MiB", read_bytes, "1048576", ""}, Reading{"2GiB", read_bytes, "2147483648", ""},
                                         Reading{"64KB", read_bytes, "nothing", "expected a size such as 64KiB, 1MiB, 2GiB or a number of bytes, found '64KB'"},
                                         Reading{"99999999999GiB", read_bytes, "nothing",
                                                 "expected a size such as 64KiB, 1MiB, 2GiB or a number of bytes, found '99999999999GiB'"}));

INSTANTIATE_TEST_SUITE_P(Containers, YamlValueReads,
                         testing::Values(Reading{"[a, b]", read_list, "2", ""}, Reading{"[]", read_list, "0", ""},
                                         Reading{"a", read_list, "0", "expected a list, found 'a'"}, Reading{"{b: 1}", read_map, "1", ""},
                                         Reading{"[b]", read_map, "0", "expected a map (key: value), found a list"},
                                         Reading{repeated("好", 41), read_map, "0", "expected a map (key: value), found '" + repeated("好", 40) + "…'"}));

TEST(YamlObject, names_unknown_keys_and_the_nearest_known_one) {
    Errors errors;
    Object object{parsed("tiemout: 5s\nretries: 3\nPort: 1\nport: 2\n"), errors};
    EXPECT_TRUE(object.get("port"));
    EXPECT_FALSE(object.get("timeout"));
    object.finish();
    EXPECT_EQ(joined(errors),
              "f.yaml:1:1: unknown key 'tiemout' (did you mean 'timeout'?)\nf.yaml:2:1: unknown key 'retries'\n"
              "f.yaml:3:1: unknown key 'Port' (did you mean 'port'?)\n");
}

TEST(YamlObject, requires_keys_and_takes_null_for_absent) {
    Errors errors;
    Object object{parsed("\nid: a\nurl:\n"), errors};
    EXPECT_TRUE(object.require("id"));
    EXPECT_FALSE(object.require("url"));
    EXPECT_FALSE(object.get("url"));
    EXPECT_EQ(joined(errors), "f.yaml:2:1: missing key 'url'\n");
}

TEST(YamlObject, of_something_else_says_so_once) {
    Errors errors;
    Object object{parsed("[a]"), errors};
    EXPECT_FALSE(object.require("id"));
    object.finish();
    EXPECT_EQ(joined(errors), "f.yaml:1:1: expected a map (key: value), found a list\n");
}

}  // namespace
}  // namespace kefu::yaml
