/* Books in which each kind of account is, learned in an order of the test's choice. */
#include "tests/mirror/books.h"

#include <string.h>

const struct mirror_origin books_origin = {.chain_id = 31337, .from_block = 10};

void books_market(struct market *out, uint32_t reserves)
{
    struct address root = {{7, 7}};

    market_init(out, "main", 0, &root);
    out->revision = 3;
    out->block.number = 1000;
    memset(&out->block.hash, 0xab, sizeof(out->block.hash));
    out->timestamp_s = 1700000000;
    for (uint32_t i = 0; i < reserves; i++) {
        struct address asset = {{0xee, (uint8_t)i, 1}};

        market_set_asset(out, i, &asset);
    }
}

struct address books_account(uint32_t number)
{
    struct address address = {{0}};

    number *= 2654435761u; /* odd: no two the same */
    memcpy(address.byte, &number, sizeof(number));
    return address;
}

void books_apply(struct book *book, uint32_t slot, enum account_fact_kind kind, uint32_t reserve,
                 uint64_t value)
{
    const struct account_fact fact = {
        .kind = kind, .account = slot, .reserve = reserve, .value = u256_of(value)};

    book_apply(book, &fact);
}

uint32_t books_add(struct book *book, uint32_t number, uint32_t in, uint32_t from)
{
    struct address account = books_account(number);
    uint32_t slot = book_touch(book, &account, RESERVE_NONE);
    uint64_t config = (uint64_t)2 << (2 * in) | (uint64_t)1 << (2 * from);

    books_apply(book, slot, ACCOUNT_FACT_CONFIG, RESERVE_NONE, config);
    books_apply(book, slot, ACCOUNT_FACT_CATEGORY, RESERVE_NONE, number % 3);
    books_apply(book, slot, ACCOUNT_FACT_SUPPLIED, in, (uint64_t)number * 1000000007 + 1);
    books_apply(book, slot, ACCOUNT_FACT_OWED, from, number % 5 == 0 ? 0 : number);
    return slot;
}

struct book *books_mixed(uint32_t count, uint32_t first)
{
    struct book *book = book_new(first + 1);

    for (uint32_t i = 0; i < count; i++) {
        const uint32_t number = (first + i) % count;
        struct address account = books_account(number);

        if (number % 11 == 0) {
            (void)book_touch(book, &account, RESERVE_NONE); /* never read */
            continue;
        }
        uint32_t slot = books_add(book, number, number % 4, 4 + number % 3);
        if (number % 11 == 1)
            (void)book_touch(book, &account, number % 4);
        else if (number % 11 == 2)
            (void)book_touch(book, &account, 7); /* a leg whose flags are to come */
        else if (number % 11 == 3)
            book_set_drifted(book, slot, true);
        else if (number % 11 == 4)
            books_apply(book, slot, ACCOUNT_FACT_UNSUPPORTED, number % 4, 1);
        else if (number % 11 == 5) /* what nobody needs is known all the same */
            books_apply(book, slot, ACCOUNT_FACT_OWED, number % 4, 99);
    }
    return book;
}
