/* Rounds of questions to the fake pool, as the daemon asks them. */
#include <string.h>

#include "tests/protocol/fake_pool.h"

static void want_accounts(struct read_list *reads, const struct market *market,
                          const struct book *book)
{
    uint32_t cursor = 0;
    uint32_t slot;

    while ((slot = book_next_stale(book, &cursor)) != TABLE_NONE) {
        struct position position = book_position(book, slot);
        protocol_at(market->protocol)->want_account(reads, market, &position, slot);
    }
}

static void wanted(struct read_list *out, const struct market *market, const struct book *book)
{
    protocol_at(market->protocol)->want_market(out, market);
    if (book != NULL)
        want_accounts(out, market, book);
}

static void answer_all(struct fake_pool *fake, struct market *market, struct book *book,
                       const struct read_list *reads)
{
    for (size_t i = 0; i < reads->count; i++) {
        const struct read *read = &reads->read[fake->answers_backwards ? reads->count - 1 - i : i];
        BUFFER data = {0};
        struct account_fact fact;
        bool succeeded = fake_answer(&data, fake, read);
        (void)protocol_at(market->protocol)
            ->accept(&fact, market, read, succeeded, buffer_bytes(&data));
        if (book != NULL && fact.kind != ACCOUNT_FACT_NONE)
            book_apply(book, &fact);
    }
}

size_t fake_round(struct fake_pool *fake, struct market *market, struct book *book)
{
    struct read_list reads = {0};

    wanted(&reads, market, book);
    answer_all(fake, market, book, &reads);
    size_t count = reads.count;
    read_list_release(&reads);
    return count;
}

static bool has_read(const struct read_list *list, const struct read *read)
{
    for (size_t i = 0; i < list->count; i++) {
        if (memcmp(&list->read[i], read, sizeof(*read)) == 0)
            return true;
    }
    return false;
}

static bool is_in_vain(const struct read_list *reads, const struct read_list *before)
{
    for (size_t i = 0; i < reads->count; i++) {
        if (!has_read(before, &reads->read[i]))
            return false;
    }
    return true;
}

void fake_settle(struct fake_pool *fake, struct market *market, struct book *book)
{
    struct read_list reads[2] = {{0}};

    for (uint32_t i = 0; i < 20; i++) {
        struct read_list *now = &reads[i % 2];

        read_list_clear(now);
        wanted(now, market, book);
        if (is_in_vain(now, &reads[1 - i % 2]))
            break;
        answer_all(fake, market, book, now);
    }
    read_list_release(&reads[0]);
    read_list_release(&reads[1]);
}
