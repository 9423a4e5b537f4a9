// SPDX-License-Identifier: Apache-2.0
#include "replies/json.hpp"

#include "replies/json_codec.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <gtest/gtest.h>

#include <random>

namespace kefu {

namespace {

/// Fills every member of every struct with something that is not its default, so that a member the codec forgets makes a difference.
class Filler {
  public:
    explicit Filler(std::uint32_t seed) : random_(seed) {}

    template <class T>
    T make() {
        T value{};
        fill(value);
        return value;
    }

  private:
    template <class T>
    void fill(T& value) {
        if constexpr (json_codec::Struct<T>)
            boost::mp11::mp_for_each<json_codec::Members<T>>([&](auto member) { fill(value.*member.pointer); });
        else if constexpr (std::is_same_v<T, bool>)
            value = number(0, 1) == 1;
        else if constexpr (std::is_enum_v<T>)
            value = static_cast<T>(number(0, json_codec::names_of(value).size() - 1));
        else if constexpr (std::is_floating_point_v<T>)
            value = static_cast<double>(number(1, 1'000'000)) / 1e6;
        else
            value = static_cast<T>(number(1, 1'000'000));
    }
    void fill(std::uint64_t& value) { value = number(1, UINT64_MAX); }
    void fill(std::string& value) {
        static char const* const words[]{"a", "退款\"\\", "ěšč\n", "\x01", "👍", " "};
        value.clear();
        for (std::size_t i = number(1, 4); i > 0; --i) value += words[number(0, 5)];
    }
    void fill(Timestamp& value) { value = from_millis(static_cast<std::int64_t>(number(1, 4'000'000'000'000))); }
    template <class Tag>
    void fill(StrongId<Tag>& value) {
        fill(value.value);
    }
    template <class T>
    void fill(std::vector<T>& values) {
        values.resize(number(1, 3));
        for (auto& value : values) fill(value);
    }
    template <class T>
    void fill(std::optional<T>& value) {
        if (number(0, 1) == 1) fill(value.emplace());
    }
    template <class T>
    void fill(std::map<std::string, T>& values) {
        for (std::size_t i = number(1, 3); i > 0; --i) {
            std::string key;
            fill(key);
            fill(values[key]);
        }
    }
    void fill(std::array<double, label_count>& values) {
        for (auto& value : values) fill(value);
    }
    void fill(Argument& value) {
        switch (number(0, 2)) {
            case 0:
                fill(value.emplace<std::string>());
                break;
            case 1:
                fill(value.emplace<double>());
                break;
            default:
                fill(value.emplace<Timestamp>());
        }
    }
    std::uint64_t number(std::uint64_t least, std::uint64_t most) { return std::uniform_int_distribution<std::uint64_t>{least, most}(random_); }

    std::mt19937 random_;
};

boost::json::value through_text(boost::json::value const& value) { return boost::json::parse(boost::json::serialize(value)); }

/// Every alternative of a variant, filled.
template <class Variant, std::size_t... I>
std::vector<Variant> one_of_each(Filler& filler, std::index_sequence<I...>) {
    return {Variant{filler.make<std::variant_alternative_t<I, Variant>>()}...};
}

TEST(Json, brings_conversations_back_as_they_were) {
    for (std::uint32_t seed = 0; seed < 200; ++seed) {
        auto const conversation = Filler{seed}.make<Conversation>();
        auto const read = conversation_from_json(through_text(to_json(conversation)));
        ASSERT_TRUE(read) << read.error().to_string();
        ASSERT_EQ(*read, conversation) << seed;
    }
    EXPECT_EQ(conversation_from_json(to_json(Conversation{})).value(), Conversation{});
}

TEST(Json, brings_events_and_effects_back_as_they_were) {
    for (std::uint32_t seed = 0; seed < 100; ++seed) {
        Filler filler{seed};
        for (auto const& event : one_of_each<Event>(filler, std::make_index_sequence<std::variant_size_v<Event>>{}))
            ASSERT_EQ(event_from_json(through_text(to_json(event))).value(), event) << event_name(event) << ' ' << seed;
        for (auto const& effect : one_of_each<Effect>(filler, std::make_index_sequence<std::variant_size_v<Effect>>{}))
            ASSERT_EQ(effect_from_json(through_text(to_json(effect))).value(), effect) << effect_name(effect) << ' ' << seed;
    }
}

TEST(Json, escapes_a_character_wherever_it_stands) {
    for (std::string const special : {"\"", "\\", "\n", "\x1f", "\x7f", "退", "\xff"}) {
        for (std::size_t length = 0; length < 20; ++length) {
            for (std::size_t at = 0; at <= length; ++at) {
                auto const text = std::string(at, 'a') + special + std::string(length - at, '~');
                boost::json::parse_options options;
                options.allow_invalid_utf8 = true;
                auto const written = boost::json::parse(to_json_text(Event{TimerFired{text}}), {}, options);
                ASSERT_EQ(std::string{written.at("name").as_string()}, text);
            }
        }
    }
}

TEST(Json, leaves_out_what_is_as_always) {
    Conversation conversation;
    conversation.id = ConversationId{"line/U1"};
    conversation.owner = Owner::waiting;
    EXPECT_EQ(boost::json::serialize(to_json(conversation)), R"({"id":"line/U1","owner":"waiting"})");
    EXPECT_EQ(boost::json::serialize(to_json(Event{TimerFired{"quiet"}})), R"({"type":"timer_fired","name":"quiet"})");
}

TEST(Json, writes_effects_in_full) {
    EXPECT_EQ(boost::json::serialize(to_json(Effect{SetTimer{"quiet", from_millis(1500)}})), R"({"type":"set_timer","name":"quiet","due":1500})");
    auto const escalate = to_json(Escalate{}).as_object();
    EXPECT_TRUE(escalate.contains("urgent"));
    EXPECT_TRUE(escalate.contains("answer_by"));
}

TEST(Json, writes_classifications_as_classify_prints_them) {
    Classification meaning;
    meaning.language = "cs";
    meaning.labels = {Label::refund};
    meaning.scores[2] = 0.5;
    meaning.evidence = {{1, 2, "cs/x", "refund_request"}};
    auto const written = to_json(meaning).as_object();
    EXPECT_EQ(written.at("scores").as_object().at("refund").as_double(), 0.5);
    EXPECT_EQ(written.at("labels").as_array().at(0).as_string(), "refund");
    EXPECT_EQ(written.at("evidence").as_array().at(0).as_object().at("start").to_number<int>(), 1);
    EXPECT_EQ(written.at("anger").as_object().at("kinds").as_array().size(), 0u);
}

TEST(Json, reads_what_older_and_newer_versions_wrote) {
    auto const read = conversation_from_json(boost::json::parse(R"({"id":"a","invented_later":{"x":1},"open":{"number":2,"also":[]}})")).value();
    EXPECT_EQ(read.id.value, "a");
    EXPECT_EQ(read.open.number, 2u);
    EXPECT_EQ(read.owner, Owner::bot);
    EXPECT_TRUE(read.reachable);
}

TEST(Json, names_the_member_that_is_wrong) {
    auto const error = [](char const* text) { return conversation_from_json(boost::json::parse(text)).error(); };
    EXPECT_EQ(error("[]").to_string(), "expected an object");
    EXPECT_EQ(error(R"({"owner":"nobody"})").to_string(), "owner: there is no such value");
    EXPECT_EQ(error(R"({"received":-1})").to_string(), "received: expected a whole number in range");
    EXPECT_EQ(error(R"({"received":"1"})").to_string(), "received: expected a whole number in range");
    EXPECT_EQ(error(R"({"unanswered":[{},{"meaning":{"language":3}}]})").to_string(), "unanswered[1].meaning.language: expected a string");
    EXPECT_EQ(error(R"({"open":{"photos":[1]}})").to_string(), "open.photos[0]: expected a string");
    EXPECT_EQ(error(R"({"told":{"a":true}})").to_string(), "told.a: expected a whole number in range");
    EXPECT_EQ(error(R"({"reachable":1})").to_string(), "reachable: expected true or false");
    EXPECT_EQ(error(R"({"said":{}})").code, Errc::bad_payload);
    EXPECT_EQ(event_from_json(boost::json::parse(R"({"type":"tea"})")).error().to_string(), "type: there is no such kind");
    EXPECT_EQ(event_from_json(boost::json::parse(R"({})")).error().to_string(), "type: expected a string");
    EXPECT_EQ(event_from_json(boost::json::parse("7")).error().to_string(), "expected an object");
}

}  // namespace

}  // namespace kefu
