// SPDX-License-Identifier: Apache-2.0
#include "intents/entities.hpp"
#include "intents/date.hpp"
#include "intents/money.hpp"
#include "intents/tracking_number.hpp"

#include <gtest/gtest.h>

namespace kefu {
namespace {

/// "order_number 55120 <#55120>; ...": kind, value, and the original in angle brackets.
std::string found(std::string const& text, std::vector<std::string> const& patterns = {}) {
    auto const finder = EntityFinder::create(patterns).value();
    std::string all;
    for (auto const& entity : finder.find(text, normalize(text))) {
        all += (all.empty() ? "" : "; ") + std::string{to_string(entity.kind)} + ' ' + entity.value + " <" +
               text.substr(entity.start_byte, entity.end_byte - entity.start_byte) + '>';
    }
    return all;
}

struct EntityCase {
    char const* name;
    char const* text;
    char const* expected;
};
class Entities : public testing::TestWithParam<EntityCase> {};
TEST_P(Entities, are) { EXPECT_EQ(found(GetParam().text), GetParam().expected); }

auto const name_of = [](auto const& test) { return std::string{test.param.name}; };

INSTANTIATE_TEST_SUITE_P(
    OrderNumber, Entities,
    testing::Values(
        EntityCase{"after_a_short_word", "obj 4477", "order_number 4477 <4477>"}, EntityCase{"in_chinese", "訂單 8842 還沒到", "order_number 8842 <8842>"},
        EntityCase{"after_a_sign", "order #55120", "order_number 55120 <55120>"},
        EntityCase{"after_a_verb", "Prosím zrušit 55120", "order_number 55120 <55120>"}, EntityCase{"alone", "A1234567", "order_number A1234567 <A1234567>"},
        EntityCase{"alone_with_a_full_stop", " 20553. ", "order_number 20553 <20553>"},
        EntityCase{"only_a_sign", "#1024 kde to je", "order_number 1024 <1024>"},
        EntityCase{"with_dashes", "objednávka č. ord-2024-0012", "order_number ORD-2024-0012 <ord-2024-0012>"},
        EntityCase{"full_width", "訂單編號：２０２４１１０３８８７", "order_number 20241103887 <２０２４１１０３８８７>"},
        EntityCase{"equal_letters_stay", "order AAA12345", "order_number AAA12345 <AAA12345>"},
        EntityCase{"groups_of_four", "order 1234 5678 9012", "order_number 123456789012 <1234 5678 9012>"},
        EntityCase{"before_the_word", "20241103887這張訂單", "order_number 20241103887 <20241103887>"},
        EntityCase{"not_but", "Order not 10023455 but order 10023456?", "order_number 10023456 <10023456>"},
        EntityCase{"not_last", "objednávka 10023456, ne objednávka 10023455", "order_number 10023456 <10023456>"},
        EntityCase{"denied_in_chinese", "訂單不是10023455，訂單是10023456", "order_number 10023456 <10023456>"},
        EntityCase{"corrected", "order 10023455, sorry, 10023456", "order_number 10023456 <10023456>"},
        EntityCase{"corrected_in_chinese", "單號10023455 打錯了 應該是10023456", "order_number 10023456 <10023456>"},
        EntityCase{"an_apology_is_no_correction", "Order 10023455 hasn't come. Sorry to ask again, my postcode is 90210.", "order_number 10023455 <10023455>"},
        EntityCase{"nor_between_two", "Order 10023455 never came. I am sorry to write again so soon, but order 10023466 broke",
                   "order_number 10023455 <10023455>; order_number 10023466 <10023466>"},
        EntityCase{"both", "orders 10023455 and 10023456", "order_number 10023455 <10023455>; order_number 10023456 <10023456>"},
        EntityCase{"taobao", "订单号3987654321098765432", "order_number 3987654321098765432 <3987654321098765432>"},
        EntityCase{"no_order_word", "mám doma 55120 věcí", ""}, EntityCase{"too_few_digits", "order 123", ""},
        EntityCase{"too_long", "order 123456789012345678901", ""}, EntityCase{"a_year", "objednávka 2023", ""},
        EntityCase{"a_date", "order from 2024-11-22", "date 2024-11-22 <2024-11-22>"},
        EntityCase{"a_date_with_dots", "objednáno 22.11.2024", "date 2024-11-22 <22.11.2024>"}, EntityCase{"a_card", "order paid by card ending 4421", ""},
        EntityCase{"in_a_link", "order https://shop.example/o?id=88123", ""}),
    name_of);

INSTANTIATE_TEST_SUITE_P(Phone, Entities,
                         testing::Values(EntityCase{"taiwan", "電話 0912-345-678", "phone 0912345678 <0912-345-678>"},
                                         EntityCase{"taiwan_in_one", "0912345678", "phone 0912345678 <0912345678>"},
                                         EntityCase{"china", "13812345678 打给我", "phone 13812345678 <13812345678>"},
                                         EntityCase{"czech", "volejte +420 777 123 456", "phone +420777123456 <+420 777 123 456>"},
                                         EntityCase{"czech_in_threes", "tel. 777 123 456", "phone 777123456 <777 123 456>"},
                                         EntityCase{"czech_in_one", "mobil 777123456", "phone 777123456 <777123456>"},
                                         EntityCase{"international", "call +1 (415) 555-0132", "phone +14155550132 <+1 (415) 555-0132>"},
                                         EntityCase{"landline", "02-2345-6789", "phone 0223456789 <02-2345-6789>"},
                                         EntityCase{"behind_an_order_word_it_is_an_order", "订单号13812345678", "order_number 13812345678 <13812345678>"},
                                         EntityCase{"a_phone_word_between", "訂單電話 0912345678", "phone 0912345678 <0912345678>"}),
                         name_of);

INSTANTIATE_TEST_SUITE_P(
    Money, Entities,
    testing::Values(EntityCase{"taiwan", "NT$1,290", "money 1290 TWD <NT$1,290>"}, EntityCase{"yuan", "退我300元", "money 300 元 <300元>"},
                    EntityCase{"kuai", "才50塊錢", "money 50 块 <50塊>"}, EntityCase{"full_width_yen", "￥99.90", "money 99.90 ¥ <￥99.90>"},
                    EntityCase{"czech", "vraťte mi 1 290 Kč", "money 1290 CZK <1 290 Kč>"}, EntityCase{"czech_dash", "stálo to 500,-", "money 500 CZK <500,->"},
                    EntityCase{"euro_behind", "12,50 €", "money 12.50 EUR <12,50 €>"}, EntityCase{"euro_before", "€12.50", "money 12.50 EUR <€12.50>"},
                    EntityCase{"dollar", "a $20 refund", "money 20 $ <$20>"}, EntityCase{"pound", "£1,250.00", "money 1250.00 GBP <£1,250.00>"},
                    EntityCase{"not_an_order", "refund 1290 CZK", "money 1290 CZK <1290 CZK>"}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Others, Entities,
    testing::Values(EntityCase{"email", "pište na Jan.Novak+x@Example.co.uk.", "email jan.novak+x@example.co.uk <Jan.Novak+x@Example.co.uk>"},
                    EntityCase{"email_in_chinese", "我的信箱abc@mail.tw謝謝", "email abc@mail.tw <abc@mail.tw>"}, EntityCase{"not_an_email", "@shop a@b", ""},
                    EntityCase{"equal_letters_in_an_email", "eee@xxx.com", "email eee@xxx.com <eee@xxx.com>"},
                    EntityCase{"tracking", "RR 473 124 829 cz", "tracking_number RR473124829CZ <RR 473 124 829 cz>"},
                    EntityCase{"tracking_with_a_wrong_check_digit", "kde je RR473124828CZ", ""},
                    EntityCase{"several", "obj 4477, tel 777 123 456, a@b.cz",
                               "order_number 4477 <4477>; phone 777123456 <777 123 456>; email a@b.cz <a@b.cz>"},
                    EntityCase{"none", "退款", ""}),
    name_of);

INSTANTIATE_TEST_SUITE_P(Tracking, Entities,
                         testing::Values(EntityCase{"ups", "where is 1Z999AA10123456784", "tracking_number 1Z999AA10123456784 <1Z999AA10123456784>"},
                                         EntityCase{"ups_with_a_wrong_check_digit", "where is 1Z999AA10123456785 now", ""},
                                         EntityCase{"sf", "SF1234567890123到哪了", "tracking_number SF1234567890123 <SF1234567890123>"},
                                         EntityCase{"packeta", "zásilka Z 123 4567 890", "tracking_number Z1234567890 <Z 123 4567 890>"},
                                         EntityCase{"dhl_by_its_name", "dhl 1234567891 prosím", "tracking_number 1234567891 <1234567891>"},
                                         EntityCase{"t_cat_by_its_name", "黑貓單號 906123456789", "tracking_number 906123456789 <906123456789>"},
                                         EntityCase{"dpd_by_its_name", "DPD 15501234567890", "tracking_number 15501234567890 <15501234567890>"},
                                         EntityCase{"without_a_courier_an_order", "訂單 906123456789", "order_number 906123456789 <906123456789>"}),
                         name_of);

INSTANTIATE_TEST_SUITE_P(
    Date, Entities,
    testing::Values(EntityCase{"next_wednesday", "下週三送到嗎", "date weekday 3 +1 <下週三>"},
                    EntityCase{"before_yesterday", "前天下單的", "date today-2 <前天>"}, EntityCase{"days_ago", "三天前就說寄了", "date today-3 <三天前>"},
                    EntityCase{"days_ahead", "2天后到", "date today+2 <2天后>"}, EntityCase{"month_and_day", "11月21日前", "date 11-21 <11月21日>"},
                    EntityCase{"slash", "11/21 買的", "date 11-21 <11/21>"},
                    EntityCase{"day_first_where_the_month_cannot_be", "on 21/11", "date 11-21 <21/11>"},
                    EntityCase{"czech_monday", "přijďte v pondělí", "date weekday 1 <v pondělí>"},
                    EntityCase{"czech_last_tuesday", "minulé úterý", "date weekday 2 -1 <minulé úterý>"},
                    EntityCase{"czech_day", "dorazí 3. 12.?", "date 12-03 <3. 12.>"}, EntityCase{"czech_month", "do 5. prosince", "date 12-05 <5. prosince>"},
                    EntityCase{"czech_days", "za 3 dny a před 2 dny", "date today+3 <za 3 dny>; date today-2 <před 2 dny>"},
                    EntityCase{"last_tuesday", "ordered last Tue", "date weekday 2 -1 <last Tue>"},
                    EntityCase{"english_month", "by Nov 21st", "date 11-21 <Nov 21st>"}, EntityCase{"english_words", "tomorrow", "date today+1 <tomorrow>"},
                    EntityCase{"no_day_of_the_calendar", "31/31 nebo 30. 2.", ""}, EntityCase{"always_open", "24/7", ""},
                    EntityCase{"words_that_only_look_like_days", "I sat in the sun", ""}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Goods, Entities,
    testing::Values(EntityCase{"size_word", "size M please", "size M <size M>"}, EntityCase{"czech_size", "velikost 38", "size 38 <velikost 38>"},
                    EntityCase{"chinese_size", "換42码", "size 42 <42码>"}, EntityCase{"equal_letters_in_a_size", "XXXL有嗎", "size XXXL <XXXL>"},
                    EntityCase{"colour", "黑色的", "colour black <黑色>"}, EntityCase{"czech_colour", "chci červenou", "colour red <červenou>"},
                    EntityCase{"english_colour", "a gray one", "colour grey <gray>"}, EntityCase{"no_size", "I'm late, it's ok", ""}),
    name_of);

INSTANTIATE_TEST_SUITE_P(Address, Entities,
                         testing::Values(EntityCase{"taiwan", "寄到台北市信義區市府路45號5樓", "address 台北市信義區市府路45號5樓 <台北市信義區市府路45號5樓>"},
                                         EntityCase{"china", "地址:广东省深圳市南山区科技路12号",
                                                    "address 广东省深圳市南山区科技路12号 <广东省深圳市南山区科技路12号>"},
                                         EntityCase{"czech", "Nerudova 12, 118 00 Praha", "address Nerudova 12, 118 00 Praha <Nerudova 12, 118 00 Praha>"},
                                         EntityCase{"english", "221 Baker Street", "address 221 Baker Street <221 Baker Street>"}),
                         name_of);

TEST(AmountInCharacters, reads_hundreds_thousands_and_ten_thousands) {
    EXPECT_EQ(amount_in_characters("賠我五千"), 5000);
    EXPECT_EQ(amount_in_characters("三萬二才夠"), 32000);
    EXPECT_EQ(amount_in_characters("两万五千块"), 25000);
    EXPECT_EQ(amount_in_characters("十五萬"), 150000);
    EXPECT_EQ(amount_in_characters("等了三天, 兩千五百"), 2500);
    EXPECT_EQ(amount_in_characters("買了三件"), std::nullopt);
    EXPECT_EQ(amount_in_characters(""), std::nullopt);
}

TEST(MoneyOf, is_in_minor_units_of_its_currency) {
    auto const money = [](std::string value) { return money_of({EntityKind::money, std::move(value), 0, 0}); };
    EXPECT_EQ(money("1290 CZK"), (Money{129000, "CZK"}));
    EXPECT_EQ(money("12.5 EUR"), (Money{1250, "EUR"}));
    EXPECT_EQ(money("300 元"), (Money{30000, "元"}));
    EXPECT_EQ(money("500 JPY"), (Money{500, "JPY"}));
    EXPECT_EQ(money("99999999999999999999 CZK"), std::nullopt);
    EXPECT_EQ(money_of({EntityKind::phone, "12 34", 0, 0}), std::nullopt);
}

TEST(NamedDayOf, reads_back_what_the_value_says) {
    std::vector<NamedDay> days{{.year = 2024, .month = 2, .day = 29}, {.month = 12, .day = 3}, {.weekday = 7}};
    for (int i = -20; i <= 20; ++i) days.push_back({.from_today = i});
    for (int i = -2; i <= 2; ++i) days.push_back({.weekday = 3, .week = i});
    for (auto const& day : days) EXPECT_EQ(named_day_of({EntityKind::date, to_value(day), 0, 0}), day) << to_value(day);
    EXPECT_EQ(named_day_of({EntityKind::size, "12-03", 0, 0}), std::nullopt);
}

TEST(TrackingNumber, has_the_check_digit_of_its_courier_and_no_other) {
    auto const wrong_digits = [](std::string number, std::size_t at, std::string const& before) {
        int accepted = 0;
        for (char c = '0'; c <= '9'; ++c) {
            number[at] = c;
            accepted += is_tracking_number(number, before) ? 1 : 0;
        }
        return accepted;
    };
    EXPECT_EQ(wrong_digits("RR473124829CZ", 10, ""), 1);
    EXPECT_EQ(wrong_digits("1Z999AA10123456784", 17, ""), 1);
    EXPECT_EQ(wrong_digits("123456789012", 11, "fedex "), 1);
    EXPECT_EQ(wrong_digits("123456789012", 11, "no courier"), 0);
    EXPECT_TRUE(is_tracking_number("986578788855", "fedex"));
}

TEST(EntitiesOfAShop, replace_the_default_rule) {
    EXPECT_EQ(found("moje objednávka 55120 a kf-0012 34", {R"((?i)KF-\d{4} ?\d{2})"}), "order_number KF-001234 <kf-0012 34>");
}

}  // namespace
}  // namespace kefu
