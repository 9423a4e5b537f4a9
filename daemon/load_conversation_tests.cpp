// SPDX-License-Identifier: Apache-2.0
#include "config/suggest.hpp"
#include "config/yaml.hpp"
#include "daemon/conversation_tests.hpp"

#include <boost/json/object.hpp>

#include <algorithm>

namespace kefu {

namespace {

using namespace std::chrono_literals;

constexpr char const* default_start = "2026-11-24T10:00";  // a Tuesday

class TestReader {
  public:
    TestReader(Catalog const& catalog, Errors& errors) : catalog_(catalog), errors_(errors) {}

    ConversationTest read(yaml::Value const& value, std::string const& locale) {
        ConversationTest test;
        test.where = value.where();
        test.locale = locale;
        yaml::Object object{value, errors_};
        if (auto const name = object.require("name")) test.name = name->string(errors_).value_or("");
        if (auto const own = object.get("locale")) test.locale = own->string(errors_).value_or("");
        auto const channel = object.get("channel");
        test.channel = channel ? channel->string(errors_).value_or("test") : "test";
        auto const at = object.get("at");
        test.start = at ? read_start(*at) : start_of(default_start).value();
        if (auto const orders = object.get("orders")) test.orders = read_played_orders(*orders);
        auto const turns = object.require("turns");
        object.finish();
        if (turns)
            for (auto const& turn : turns->items(errors_)) test.turns.push_back(read_turn(turn, test.turns.empty()));
        return test;
    }

  private:
    std::optional<Timestamp> start_of(std::string const& text) const {
        if (text.size() != 16) return std::nullopt;
        auto const wall = from_rfc3339(text + ":00Z");
        return wall ? std::optional{from_local(*wall, catalog_.policy.time_zone)} : std::nullopt;
    }

    Timestamp read_start(yaml::Value const& value) {
        auto const start = start_of(value.string(errors_).value_or(""));
        if (!start) errors_.push_back(value.error("expected the shop's time such as '2026-11-24T10:00'"));
        return start.value_or(Timestamp{});
    }

    PlayedOrders read_played_orders(yaml::Value const& value) {
        boost::json::object all;
        for (auto const& [number, where, order] : value.entries(errors_)) {
            boost::json::object fields;
            for (auto const& [name, place, field] : order.entries(errors_)) {
                if (name == "amount")
                    fields[name] = field.number(errors_, 0, 1e12).value_or(0);
                else if (name == "linked")
                    fields[name] = field.boolean(errors_).value_or(true);
                else
                    fields[name] = field.string(errors_).value_or("");
            }
            all[number] = std::move(fields);
        }
        auto orders = read_orders(all, catalog_.policy.time_zone);
        if (!orders) errors_.push_back(value.error(orders.error().message));
        return orders ? *std::move(orders) : PlayedOrders{};
    }

    TestTurn read_turn(yaml::Value const& value, bool first) {
        TestTurn turn;
        turn.where = value.where();
        turn.after = first ? 0ms : 60'000ms;
        yaml::Object object{value, errors_};
        auto const customer = object.get("customer");
        auto const agent = object.get("agent");
        auto const wait = object.get("wait");
        if (int{customer.has_value()} + int{agent.has_value()} + int{wait.has_value()} != 1)
            errors_.push_back(value.error("a turn has exactly one of customer, agent and wait"));
        if (auto const after = object.get("after")) turn.after = after->duration(errors_).value_or(turn.after);
        if (customer) turn.what = read_customer(*customer, object);
        if (agent) {
            auto const does = agent->string(errors_).value_or("");
            if (does != "joins" && does != "leaves") errors_.push_back(agent->error("expected joins or leaves"));
            turn.what = PersonDoes{does == "joins"};
        }
        if (wait) {
            turn.after = wait->duration(errors_).value_or(0ms);
            turn.what = TimePasses{};
        }
        read_expected(object, turn.expected);
        object.finish();
        return turn;
    }

    CustomerSays read_customer(yaml::Value const& value, yaml::Object& object) {
        CustomerSays says;
        says.text = value.string(errors_).value_or("");
        if (auto const photos = object.get("photos")) says.photos = static_cast<int>(photos->integer(errors_, 0, 10).value_or(0));
        says.attachments.assign(static_cast<std::size_t>(says.photos), ContentKind::image);
        if (auto const kinds = object.get("attachments"))
            for (auto const& kind : kinds->items(errors_)) {
                auto const name = kind.string(errors_).value_or("");
                auto const found = std::find(content_kind_names.begin(), content_kind_names.end(), name);
                if (found == content_kind_names.end())
                    errors_.push_back(kind.error("there is no kind of content '" + name + "'"));
                else
                    says.attachments.push_back(static_cast<ContentKind>(found - content_kind_names.begin()));
            }
        return says;
    }

    void read_expected(yaml::Object& object, Expected& expected) {
        if (auto const labels = object.get("labels")) {
            expected.labels = labels->strings(errors_);
            for (auto const& label : *expected.labels)
                if (!label_from_string(label)) errors_.push_back(labels->error("there is no label '" + label + "'"));
        }
        if (auto const replies = object.get("replies")) {
            expected.replies = replies->strings(errors_);
            for (auto const& id : *expected.replies)
                if (!catalog_.templates.has(id))
                    errors_.push_back(replies->error("there is no template '" + id + "'" + did_you_mean(id, catalog_.templates.ids())));
        }
        if (auto const says = object.get("says")) expected.says = says->strings(errors_);
        if (auto const never = object.get("never")) expected.never = never->strings(errors_);
        if (auto const owner = object.get("owner")) {
            expected.owner = owner->string(errors_);
            if (expected.owner && !owner_from_string(*expected.owner)) errors_.push_back(owner->error("expected bot, waiting, person or closed"));
        }
        if (auto const escalates = object.get("escalates")) expected.escalates = escalates->string(errors_);
        if (auto const tier = object.get("tier")) {
            expected.tier = tier->string(errors_);
            if (expected.tier && catalog_.policy.rank(*expected.tier) < 0) errors_.push_back(tier->error("there is no tier '" + *expected.tier + "'"));
        }
        if (auto const facts = object.get("case"))
            for (auto const& [name, where, fact] : facts->entries(errors_)) expected.facts[name] = fact.string(errors_).value_or("");
    }

    Catalog const& catalog_;
    Errors& errors_;
};

}  // namespace

Checked<std::vector<ConversationTest>> load_conversation_tests(std::vector<SourceText> const& files, Catalog const& catalog) {
    Errors errors;
    std::vector<ConversationTest> tests;
    TestReader reader{catalog, errors};
    for (auto const& file : files) {
        auto const root = yaml::parse(file.text, file.name, errors);
        if (!root) continue;
        yaml::Object object{*root, errors};
        auto const locale = object.get("locale");
        auto const items = object.require("tests");
        object.finish();
        auto const name = locale ? locale->string(errors).value_or("") : std::string{};
        if (items)
            for (auto const& item : items->items(errors)) tests.push_back(reader.read(item, name));
    }
    if (!errors.empty()) return errors;
    return tests;
}

}  // namespace kefu
