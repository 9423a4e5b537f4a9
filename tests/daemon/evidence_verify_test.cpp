// SPDX-License-Identifier: Apache-2.0
#include "daemon/crypto.hpp"
#include "daemon/evidence/entry.hpp"
#include "tests/support/evidence_world.hpp"

#include <gmock/gmock.h>

#include <algorithm>

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

namespace kefu {

namespace {

/// A dossier with two messages, an escalation and a photo, and its evidence.json as lines with their line ends.
class EvidenceVerify : public testing::Test {
  protected:
    void SetUp() override {
        world.shop.apply(message_from("mei", "給我退八折,不然一星評論等著", noon, "e1"));
        world.shop.apply(message_from("mei", "second", noon, "e2"));
        world.shop.apply(arrival_of("mei", MediaStored{MessageId{"m-e1"}, "ab/photo.jpg", "image/jpeg", {}}));
        write_bytes(world.shop.folder() / "media/ab/photo.jpg", "a photo's bytes");
        world.write();
        std::istringstream all{world.json()};
        for (std::string line; std::getline(all, line);) lines.push_back(line + '\n');
    }

    std::filesystem::path folder() const { return world.shop.folder() / "dossier"; }
    static std::vector<std::string> findings_of(std::string const& json) {
        std::istringstream in{json};
        return verify_record(in, {}).findings;
    }
    std::vector<std::string> findings() const {
        std::string json;
        for (auto const& line : lines) json += line;
        return findings_of(json);
    }
    std::string& entry(std::size_t number) { return lines.at(number); }  // the first line is not an entry
    std::size_t entries() const { return lines.size() - 2; }

    EvidenceWorld world;
    std::vector<std::string> lines;
};

/// Takes a line that verifies, changes it, and writes it anew with hashes that fit: what somebody would do who knows the format.
std::string forged(std::string const& line, std::function<void(SealedEntry&)> const& change) {
    auto sealed = from_line(std::string_view{line}.substr(0, line.rfind('}') + 1)).value();
    change(sealed);
    for (auto& field : sealed.fields) field.commitment = commitment_of(field);
    sealed.hash = hash_of(sealed);
    return to_line(sealed) + ",\n";
}

}  // namespace

TEST_F(EvidenceVerify, finds_every_byte_that_is_changed_in_the_record) {
    std::string json = world.json();
    for (std::size_t at = 0; at < json.size(); ++at) {
        char const was = json[at];
        json[at] = static_cast<char>(was ^ (1 << (at % 8)));
        ASSERT_THAT(findings_of(json), Not(IsEmpty())) << "byte " << at << ", '" << was << '\'';
        json[at] = was;
    }
    EXPECT_THAT(findings_of(json), IsEmpty());
}

TEST_F(EvidenceVerify, finds_bytes_that_are_taken_out_or_put_in) {
    std::string const json = world.json();
    for (std::size_t at = 0; at < json.size(); at += 7) {
        auto shorter = json;
        shorter.erase(at, 1);
        ASSERT_THAT(findings_of(shorter), Not(IsEmpty())) << "without byte " << at;
        auto longer = json;
        longer.insert(at, 1, ' ');
        ASSERT_THAT(findings_of(longer), Not(IsEmpty())) << "with a blank at " << at;
    }
    EXPECT_THAT(findings_of(json + '\n'), ElementsAre("something was added after the final hash"));
}

TEST_F(EvidenceVerify, finds_every_byte_that_is_changed_in_the_page_and_the_photo) {
    for (auto const* const name : {"evidence.html", "media/ab/photo.jpg"}) {
        auto bytes = read_bytes(folder() / name);
        for (std::size_t at = 0; at < bytes.size(); at += 1 + bytes.size() / 100) {
            char const was = bytes[at];
            bytes[at] = static_cast<char>(was ^ (1 << (at % 8)));
            write_bytes(folder() / name, bytes);
            ASSERT_THAT(world.verify().findings, ElementsAre(std::string{name} + ": was changed")) << at;
            bytes[at] = was;
        }
        write_bytes(folder() / name, bytes);
    }
    EXPECT_THAT(world.verify().findings, IsEmpty());
}

TEST_F(EvidenceVerify, finds_every_entry_that_is_missing) {
    auto const whole = lines;
    for (std::size_t number = 1; number <= entries(); ++number) {
        lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(number));
        bool const last = number == whole.size() - 2;
        std::string const expected = last ? "the final hash is not that of the last entry" : "entry " + std::to_string(number) + " is missing";
        EXPECT_THAT(findings(), Contains(expected));
        lines = whole;
    }
    lines.erase(lines.begin() + 3, lines.begin() + 5);
    EXPECT_THAT(findings(), Contains("entries 3 to 4 are missing"));
}

TEST_F(EvidenceVerify, finds_every_two_entries_that_are_swapped) {
    auto const whole = lines;
    for (std::size_t first = 1; first < entries(); ++first) {
        for (std::size_t second = first + 1; second < entries(); ++second) {
            std::swap(entry(first), entry(second));
            EXPECT_THAT(findings(), Contains(HasSubstr("stands after entry"))) << first << ' ' << second;
            lines = whole;
        }
    }
}

TEST_F(EvidenceVerify, finds_every_entry_that_is_there_twice) {
    auto const whole = lines;
    for (std::size_t number = 1; number < entries(); ++number) {
        lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(number), entry(number));
        EXPECT_THAT(findings(), Contains("entry " + std::to_string(number) + " (line " + std::to_string(number + 2) + "): is there twice"));
        lines = whole;
    }
}

TEST_F(EvidenceVerify, names_the_field_that_was_changed) {
    auto const at = entry(2).find("八折");
    entry(2).replace(at, std::string_view{"八折"}.size(), "九折");
    EXPECT_THAT(findings(), ElementsAre("entry 2: 'text' was changed"));
}

TEST_F(EvidenceVerify, finds_a_forged_entry_whose_own_hashes_fit) {
    entry(2) = forged(entry(2), [](SealedEntry& sealed) { sealed.fields.at(0).value = "somebody else"; });
    EXPECT_THAT(findings(), ElementsAre("entry 3: does not follow the entry before it"));
}

TEST_F(EvidenceVerify, lets_no_byte_wander_from_the_value_to_the_salt) {
    entry(2) = forged(entry(2), [](SealedEntry& sealed) { sealed.previous = chain_start(); });
    auto sealed = from_line(std::string_view{entry(2)}.substr(0, entry(2).rfind('}') + 1)).value();
    auto& field = sealed.fields.at(0);
    field.salt += field.value->front();
    field.value->erase(0, 1);
    EXPECT_EQ(hex(sha256(field.salt + *field.value)), field.commitment);
    EXPECT_NE(commitment_of(field), field.commitment);
}

TEST_F(EvidenceVerify, finds_files_that_are_missing_added_or_elsewhere) {
    write_bytes(folder() / "media/ab/other.jpg", "x");
    EXPECT_THAT(world.verify().findings, ElementsAre("media/ab/other.jpg: was added; no entry is about it"));
    std::filesystem::remove(folder() / "media/ab/other.jpg");

    std::filesystem::rename(folder() / "media/ab/photo.jpg", world.shop.folder() / "photo.jpg");
    EXPECT_THAT(world.verify().findings, ElementsAre("media/ab/photo.jpg: is missing"));
    std::filesystem::create_symlink(world.shop.folder() / "photo.jpg", folder() / "media/ab/photo.jpg");
    EXPECT_THAT(world.verify().findings, ElementsAre("media/ab/photo.jpg: is no regular file"));
}

TEST_F(EvidenceVerify, reads_no_file_outside_the_folder) {
    for (auto const* const name : {"../photo.jpg", "/etc/passwd", "media/../../photo.jpg", "evidence.json", ""}) {
        auto const& last = entry(entries());
        lines.at(entries()) = forged(last, [&](SealedEntry& sealed) {
            for (auto& field : sealed.fields)
                if (field.name == "file") field.value = name;
        });
        std::string json;
        for (auto const& line : lines) json += line;
        std::istringstream in{json};
        EXPECT_THAT(verify_record(in, folder()).findings, Contains("'" + std::string{name} + "' cannot be a file of a dossier"));
    }
}

TEST_F(EvidenceVerify, cannot_be_fooled_by_erasing_the_hash_of_a_file) {
    auto sealed = from_line(std::string_view{entry(entries())}.substr(0, entry(entries()).rfind('}') + 1)).value();
    for (auto& field : sealed.fields)
        if (field.name == "sha256") field.value.reset();
    entry(entries()) = to_line(sealed) + '\n';
    EXPECT_THAT(findings(), IsEmpty());
    write_bytes(folder() / "evidence.json", [&] {
        std::string json;
        for (auto const& line : lines) json += line;
        return json;
    }());
    EXPECT_THAT(world.verify().findings, Contains("evidence.html: was added; no entry is about it"));
}

TEST_F(EvidenceVerify, holds_when_everything_in_it_was_erased) {
    auto const before = world.verify();
    EXPECT_GT(erase_dossier(folder()).value(), 10u);
    auto const after = world.verify();
    EXPECT_THAT(after.findings, IsEmpty());
    EXPECT_EQ(after.final_hash, before.final_hash);
    EXPECT_EQ(after.entries, before.entries);
    EXPECT_THAT(world.json(), Not(HasSubstr("value")));
    EXPECT_FALSE(std::filesystem::exists(folder() / "evidence.html"));
    write_bytes(folder() / "evidence.html", "made up");
    EXPECT_THAT(world.verify().findings, Contains("evidence.html: was added; no entry is about it"));
}

TEST_F(EvidenceVerify, is_not_erased_over_what_was_changed) {
    auto json = world.json();
    auto const at = json.find("\"value\":\"") + 9;
    json[at] = json[at] == 'x' ? 'y' : 'x';
    write_bytes(folder() / "evidence.json", json);
    EXPECT_EQ(erase_dossier(folder()).error().code, Errc::conflict);
    EXPECT_EQ(world.json(), json);
}

TEST(EvidenceFolder, that_cannot_be_read_is_an_error) { EXPECT_EQ(verify_dossier("/no/such/dossier").error().message, "/no/such/dossier: cannot be read"); }

}  // namespace kefu
