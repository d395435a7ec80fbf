// Archives: what tar writes is read back, and no cut or changed byte goes unnoticed.

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include <lib/readers/tar.hpp>

namespace fathom {
namespace {

namespace fs = std::filesystem;

/// Files as GNU tar packs them, in the format that tools/run uses.
std::vector<std::byte> pack(const std::map<std::string, std::string>& files) {
    const fs::path folder =
        fs::path(testing::TempDir()) / ("fathom_tar." + std::to_string(getpid()));
    fs::create_directories(folder / "in");
    for (const auto& [name, text] : files) {
        fs::create_directories((folder / "in" / name).parent_path());
        std::ofstream(folder / "in" / name) << text;
    }
    const std::string command = "tar --format=ustar --sort=name -C '" + (folder / "in").string() +
                                "' -cf '" + (folder / "out.tar").string() + "' .";
    EXPECT_EQ(std::system(command.c_str()), 0);
    std::ifstream packed(folder / "out.tar", std::ios::binary);
    const std::string content{std::istreambuf_iterator<char>(packed), {}};
    fs::remove_all(folder);
    std::vector<std::byte> bytes(content.size());
    std::memcpy(bytes.data(), content.data(), content.size());
    return bytes;
}

/// Reads all files; the error, if there is one, ends the walk.
std::map<std::string, std::string> unpack(Bytes bytes, std::optional<Error>& error) {
    std::map<std::string, std::string> files;
    TarReader reader(bytes);
    for (;;) {
        const auto file = reader.next();
        if (!file.ok()) {
            error = file.error();
            return files;
        }
        if (!*file) {
            return files;
        }
        const Bytes content = (*file)->content;
        files[std::string((*file)->name)] =
            std::string(reinterpret_cast<const char*>(content.data()), content.size());
    }
}

std::map<std::string, std::string> sample() {
    return {{"./a.txt", "alpha\n"},
            {"./empty", ""},
            {"./sub/b.txt", std::string(512, 'b')},
            {"./sub/c.txt", std::string(1000, 'c')},
            {"./" + std::string(90, 'd') + "/" + std::string(80, 'e'), "a name in two parts"}};
}

TEST(Tar, ReadsWhatTarWrote) {
    const auto archive = pack(sample());
    EXPECT_TRUE(looks_like_tar(archive));
    std::optional<Error> error;
    EXPECT_EQ(unpack(archive, error), sample());
    EXPECT_FALSE(error);
}

TEST(Tar, EveryCutIsRefused) {
    auto archive = pack({{"./a.txt", std::string(700, 'a')}});
    while (archive.size() > 3 * 512 + 1024) {
        archive.pop_back();  // only the end mark's first block is needed
    }
    std::size_t first_good = 0;
    for (std::size_t size = 0; size <= archive.size(); ++size) {
        const std::vector<std::byte> cut(archive.begin(),
                                         archive.begin() + static_cast<std::ptrdiff_t>(size));
        std::optional<Error> error;
        unpack(cut, error);
        if (!error) {
            first_good = first_good == 0 ? size : first_good;
        } else {
            EXPECT_EQ(error, Error::truncated) << size;
            EXPECT_EQ(first_good, 0u);
        }
    }
    EXPECT_EQ(first_good % 512, 0u);
    EXPECT_GT(first_good, 512u + 1024u);
}

TEST(Tar, EveryChangedByteOfAHeaderIsNoticed) {
    const auto archive = pack({{"./a.txt", "alpha"}});
    // The first member is the folder itself.
    for (std::size_t i = 512; i < 1024; ++i) {
        if (i == 512 + 155) {
            continue;  // behind the NUL that ends the checksum
        }
        auto changed = archive;
        changed[i] ^= std::byte{0x01};
        std::optional<Error> error;
        unpack(changed, error);
        EXPECT_TRUE(error) << i;
    }
}

TEST(Tar, PlainTextIsNoArchive) {
    const std::string text(2000, 'x');
    EXPECT_FALSE(looks_like_tar({reinterpret_cast<const std::byte*>(text.data()), text.size()}));
    EXPECT_FALSE(looks_like_tar({}));
}

}  // namespace
}  // namespace fathom
