// SPDX-License-Identifier: Apache-2.0
#include "intents/entities.hpp"

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

INSTANTIATE_TEST_SUITE_P(OrderNumber, Entities,
                         testing::Values(EntityCase{"after_a_short_word", "obj 4477", "order_number 4477 <4477>"},
                                         EntityCase{"in_chinese", "訂單 8842 還沒到", "order_number 8842 <8842>"},
                                         EntityCase{"after_a_sign", "order #55120", "order_number 55120 <55120>"},
                                         EntityCase{"after_a_verb", "Prosím zrušit 55120", "order_number 55120 <55120>"},
                                         EntityCase{"alone", "A1234567", "order_number A1234567 <A1234567>"},
                                         EntityCase{"alone_with_a_full_stop", " 20553. ", "order_number 20553 <20553>"},
                                         EntityCase{"only_a_sign", "#1024 kde to je", "order_number 1024 <1024>"},
                                         EntityCase{"with_dashes", "objednávka č. ord-2024-0012", "order_number ORD-2024-0012 <ord-2024-0012>"},
                                         EntityCase{"full_width", "訂單編號：２０２４１１０３８８７", "order_number 20241103887 <２０２４１１０３８８７>"},
                                         EntityCase{"equal_letters_stay", "order AAA12345", "order_number AAA12345 <AAA12345>"},
                                         EntityCase{"groups_of_four", "order 1234 5678 9012", "order_number 123456789012 <1234 5678 9012>"},
                                         EntityCase{"before_the_word", "20241103887這張訂單", "order_number 20241103887 <20241103887>"},
                                         EntityCase{"taobao", "订单号3987654321098765432", "order_number 3987654321098765432 <3987654321098765432>"},
                                         EntityCase{"no_order_word", "mám doma 55120 věcí", ""}, EntityCase{"too_few_digits", "order 123", ""},
                                         EntityCase{"too_long", "order 123456789012345678901", ""}, EntityCase{"a_year", "objednávka 2023", ""},
                                         EntityCase{"a_date", "order from 2024-11-22", ""}, EntityCase{"a_date_with_dots", "objednáno 22.11.2024", ""},
                                         EntityCase{"a_card", "order paid by card ending 4421", ""},
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

TEST(EntitiesOfAShop, replace_the_default_rule) {
    EXPECT_EQ(found("moje objednávka 55120 a kf-0012 34", {R"((?i)KF-\d{4} ?\d{2})"}), "order_number KF-001234 <kf-0012 34>");
}

}  // namespace
}  // namespace kefu
