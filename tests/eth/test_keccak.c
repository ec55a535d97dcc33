/* Keccak-256 and what is cut from it. */
#include "eth/keccak.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "tests/base/random.h"
#include "tests/eth/bytes_of_hex.h"

static bool hashes_to(struct bytes input, const char *hex)
{
    struct hash32 hash;
    keccak256(&hash, input);
    return is_hex(bytes_of(hash.byte, 32), hex);
}

Test(keccak, is_the_original_and_not_sha3)
{
    cr_expect(hashes_to((struct bytes){0},
                        "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"));
    cr_expect(hashes_to(bytes_of_text("abc"),
                        "0x4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"));
}

Test(keccak, pads_where_the_block_is_almost_full_and_full)
{
    /* 135, 136 and 137 bytes of zeros: the two padding bits in one byte, in a block of their own.
     */
    uint8_t zeros[137] = {0};
    struct hash32 hash[3];
    for (size_t i = 0; i < 3; i++)
        keccak256(&hash[i], bytes_of(zeros, 135 + i));
    cr_expect(not(hash32_is_equal(&hash[0], &hash[1])));
    cr_expect(not(hash32_is_equal(&hash[1], &hash[2])));
    /* Of EIP-191's and the RLP of nothing: published elsewhere than in any library. */
    cr_expect(hashes_to(bytes_of("\x80", 1),
                        "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421"));
    cr_expect(hashes_to(bytes_of("\xc0", 1),
                        "0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347"));
}

Test(selector, is_the_first_four_bytes)
{
    uint8_t selector[4];
    selector_of(selector, "transfer(address,uint256)");
    cr_expect(is_hex(bytes_of(selector, 4), "0xa9059cbb"));
    selector_of(selector, "Error(string)");
    cr_expect(is_hex(bytes_of(selector, 4), "0x08c379a0"));
    selector_of(selector, "Panic(uint256)");
    cr_expect(is_hex(bytes_of(selector, 4), "0x4e487b71"));
}

Test(topic, is_the_whole_hash)
{
    struct hash32 topic;
    topic_of(&topic, "Transfer(address,address,uint256)");
    cr_expect(is_hex(bytes_of(topic.byte, 32),
                     "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"));
}
