/* Nonces: given once, holes first, none lost over a restart. */
#include "tests/submit/fleets.h"

#include <stdlib.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "base/text.h"

Test(fleet, gives_no_nonce_before_the_chains_count_is_known)
{
    struct fleet *fleet = must_alloc(1, sizeof(*fleet));
    uint64_t nonce;

    cr_assert(zero(ptr, flight_drafted(fleet, 1)));
    cr_assert(not(fleet_next_nonce(&nonce, fleet)));
    free(fleet);
}

Test(fleet, counts_nonces_up_from_the_chains_count)
{
    struct fleet *fleet = fleet_new(7);

    cr_assert(eq(u64, flight_drafted(fleet, 1)->nonce, 7));
    cr_assert(eq(u64, flight_drafted(fleet, 2)->nonce, 8));
    cr_assert(eq(u64, flight_drafted(fleet, 3)->nonce, 9));
    cr_assert(eq(u32, fleet_live(fleet), 3));
    free(fleet);
}

Test(fleet, counts_ids_up_from_one)
{
    struct fleet *fleet = fleet_new(7);

    cr_assert(eq(u64, flight_drafted(fleet, 1)->id, 1));
    cr_assert(eq(u64, flight_drafted(fleet, 2)->id, 2));
    free(fleet);
}

Test(fleet, refuses_a_count_at_the_end_of_the_scale)
{
    struct fleet *fleet = fleet_new(UINT64_MAX - 1);

    cr_assert(eq(u64, flight_drafted(fleet, 1)->nonce, UINT64_MAX - 1));
    cr_assert(zero(ptr, flight_drafted(fleet, 2)));
    fleet_set_nonce(fleet, UINT64_MAX);
    cr_assert(zero(ptr, flight_drafted(fleet, 3)));
    free(fleet);
}

Test(fleet, refuses_one_flight_more_than_it_has_slots)
{
    struct fleet *fleet = fleet_new(0);

    for (uint32_t i = 0; i < FLIGHTS_MAX; i++)
        cr_assert(eq(u64, flight_drafted(fleet, 1)->nonce, i));
    cr_assert(zero(ptr, flight_drafted(fleet, 1)));
    free(fleet);
}

Test(fleet, refuses_more_data_than_a_flight_holds)
{
    struct fleet *fleet = fleet_new(0);
    const struct address to = {{1}};
    uint8_t data[FLIGHT_DATA_MAX + 1] = {0};

    cr_assert(zero(ptr, fleet_draft(fleet, &to, bytes_of(data, sizeof(data)), 0)));
    cr_assert(not(zero(ptr, fleet_draft(fleet, &to, bytes_of(data, FLIGHT_DATA_MAX), 0))));
    free(fleet);
}

Test(fleet, gives_the_last_nonce_again_after_a_withdrawal)
{
    struct fleet *fleet = fleet_new(3);
    struct flight *flight;

    (void)flight_drafted(fleet, 1);
    flight = flight_drafted(fleet, 2);
    flight_withdraw(fleet, flight);
    flight_release(fleet, flight);
    cr_assert(eq(u64, flight_drafted(fleet, 3)->nonce, 4));
    free(fleet);
}

Test(fleet, fills_a_hole_before_it_counts_on)
{
    struct fleet *fleet = fleet_new(3);
    struct flight *middle;

    (void)flight_drafted(fleet, 1);
    middle = flight_drafted(fleet, 2);
    (void)flight_drafted(fleet, 3);
    flight_withdraw(fleet, middle);
    cr_assert(eq(u64, flight_drafted(fleet, 4)->nonce, 4));
    cr_assert(eq(u64, flight_drafted(fleet, 5)->nonce, 6));
    free(fleet);
}

Test(fleet, never_gives_a_used_nonce_though_the_count_is_old)
{
    struct fleet *fleet = fleet_new(3);
    struct flight *flight = flight_launched(fleet, 1);
    struct receipt receipt = receipt_of(flight, true);

    flight_receipt(fleet, flight, &receipt);
    flight_release(fleet, flight);
    cr_assert(eq(u64, flight_drafted(fleet, 2)->nonce, 4));
    free(fleet);
}

Test(fleet, never_gives_a_nonce_that_another_took)
{
    struct fleet *fleet = fleet_new(3);
    struct flight *flight = flight_launched(fleet, 1);

    flight_overtaken(fleet, flight);
    flight_release(fleet, flight);
    cr_assert(eq(u64, flight_drafted(fleet, 2)->nonce, 4));
    free(fleet);
}

Test(fleet, believes_a_count_that_fell_with_a_reorg)
{
    struct fleet *fleet = fleet_new(9);

    fleet_set_nonce(fleet, 5);
    cr_assert(eq(u64, flight_drafted(fleet, 1)->nonce, 5));
    free(fleet);
}

Test(fleet, steps_over_live_nonces_when_the_count_jumps_between_them)
{
    struct fleet *fleet = fleet_new(3);

    (void)flight_launched(fleet, 1); /* 3 */
    (void)flight_launched(fleet, 2); /* 4 */
    (void)flight_launched(fleet, 3); /* 5 */
    fleet_set_nonce(fleet, 4);
    cr_assert(eq(u64, flight_drafted(fleet, 4)->nonce, 6));
    fleet_set_nonce(fleet, 40);
    cr_assert(eq(u64, flight_drafted(fleet, 5)->nonce, 40));
    free(fleet);
}

Test(fleet, finds_flights_by_id_and_live_ones_by_account)
{
    struct fleet *fleet = fleet_new(3);
    struct flight *flight = flight_drafted(fleet, 1);
    const struct address account = flight->account;
    const struct address stranger = {{9}};

    cr_assert(eq(ptr, fleet_find(fleet, flight->id), flight));
    cr_assert(zero(ptr, fleet_find(fleet, 99)));
    cr_assert(zero(ptr, fleet_find(fleet, 0)));
    cr_assert(eq(ptr, (void *)fleet_of_account(fleet, 0, &account), flight));
    cr_assert(zero(ptr, (void *)fleet_of_account(fleet, 1, &account)));
    cr_assert(zero(ptr, (void *)fleet_of_account(fleet, 0, &stranger)));
    flight_withdraw(fleet, flight);
    cr_assert(zero(ptr, (void *)fleet_of_account(fleet, 0, &account)));
    free(fleet);
}

/* ---- restart */

static void restore_all(struct fleet *to, const struct fleet *from)
{
    for (size_t i = FLIGHTS_MAX; i-- > 0;) {
        TEXT json = {0};
        if (from->flight[i].state == FLIGHT_FREE)
            continue;
        flight_encode(&json, &from->flight[i]);
        cr_assert(fleet_restore(to, text_bytes(&json)), "%s", text_string(&json));
    }
}

Test(fleet, comes_back_with_its_nonces_and_ids)
{
    struct fleet *before = fleet_new(3);
    struct fleet *after = must_alloc(1, sizeof(*after));
    struct flight *ended = flight_launched(before, 1);
    struct receipt receipt = receipt_of(ended, true);

    (void)flight_launched(before, 2); /* 4 */
    (void)flight_drafted(before, 3);  /* 5 */
    flight_receipt(before, ended, &receipt);
    restore_all(after, before);

    cr_assert(eq(u32, fleet_live(after), 2));
    cr_assert(zero(ptr, flight_drafted(after, 9)), "no nonce before the chain was asked");
    fleet_set_nonce(after, 4);
    cr_assert(eq(u64, flight_drafted(after, 4)->nonce, 6));
    cr_assert(eq(u64, fleet_find(after, 4)->nonce, 6), "ids count on");
    free(before);
    free(after);
}

Test(fleet, counts_ids_on_past_a_flight_that_has_ended)
{
    struct fleet *before = fleet_new(3);
    struct fleet *after = fleet_new(3);
    struct flight *flight = flight_drafted(before, 1);

    flight->id = 41;
    flight_withdraw(before, flight);
    restore_all(after, before);
    cr_assert(eq(u32, fleet_live(after), 0));
    cr_assert(eq(u64, flight_drafted(after, 1)->id, 42));
    free(before);
    free(after);
}

Test(fleet, doubts_what_was_signed_before_the_restart)
{
    struct fleet *before = fleet_new(3);
    struct fleet *after = fleet_new(3);
    uint64_t sent = flight_launched(before, 1)->id;
    uint64_t drafted = flight_drafted(before, 2)->id;

    restore_all(after, before);
    cr_assert(fleet_find(after, sent)->in_doubt);
    cr_assert(not(fleet_find(after, drafted)->in_doubt));
    flight_sent(fleet_find(after, sent), SEND_REJECTED, 2000);
    cr_assert(flight_is_live(fleet_find(after, sent)), "it may lie with a node since before");
    free(before);
    free(after);
}

Test(fleet, refuses_a_flight_twice_or_a_nonce_twice)
{
    struct fleet *before = fleet_new(3);
    struct fleet *after = fleet_new(3);
    struct flight *flight = flight_drafted(before, 1);
    TEXT first = {0};
    TEXT same_nonce = {0};
    TEXT same_id = {0};

    flight_encode(&first, flight);
    flight->id = 2;
    flight_encode(&same_nonce, flight);
    flight->id = 1;
    flight->nonce = 4;
    flight_encode(&same_id, flight);
    cr_assert(fleet_restore(after, text_bytes(&first)));
    cr_assert(not(fleet_restore(after, text_bytes(&first))));
    cr_assert(not(fleet_restore(after, text_bytes(&same_nonce))));
    cr_assert(not(fleet_restore(after, text_bytes(&same_id))));
    cr_assert(eq(u32, fleet_live(after), 1));
    free(before);
    free(after);
}

Test(fleet, refuses_to_come_back_with_more_than_its_slots)
{
    struct fleet *fleet = fleet_new(3);
    struct fleet *other = fleet_new(3000);
    TEXT json = {0};

    for (uint32_t i = 0; i < FLIGHTS_MAX; i++)
        (void)flight_drafted(fleet, 1);
    struct flight *flight = flight_drafted(other, 1);
    flight->id = 9999;
    flight_encode(&json, flight);
    cr_assert(not(fleet_restore(fleet, text_bytes(&json))));
    free(fleet);
    free(other);
}

Test(fleet, refuses_garbage_and_the_last_id_there_is)
{
    struct fleet *fleet = fleet_new(3);

    cr_assert(not(fleet_restore(fleet, bytes_of_text(""))));
    cr_assert(not(fleet_restore(fleet, bytes_of_text("{}"))));
    cr_assert(not(fleet_restore(fleet, bytes_of_text("[1,2]"))));
    free(fleet);
}

/* ---- any order of events */

static bool nonces_are_apart(const struct fleet *fleet)
{
    for (size_t i = 0; i < FLIGHTS_MAX; i++) {
        for (size_t j = i + 1; j < FLIGHTS_MAX; j++) {
            if (flight_is_live(&fleet->flight[i]) && flight_is_live(&fleet->flight[j]) &&
                fleet->flight[i].nonce == fleet->flight[j].nonce)
                return false;
        }
    }
    return true;
}

/* The lowest nonce that neither the chain nor a live flight has, found the slow way. */
static uint64_t lowest_free(const struct fleet *fleet)
{
    for (uint64_t nonce = fleet->transaction_count;; nonce++) {
        bool is_free = true;
        for (size_t i = 0; i < FLIGHTS_MAX; i++)
            is_free &= !flight_is_live(&fleet->flight[i]) || fleet->flight[i].nonce != nonce;
        if (is_free)
            return nonce;
    }
}

/* What is not looked at has nothing live in it. */
static bool all_are_looked_at(const struct fleet *fleet)
{
    uint32_t live = 0;

    for (size_t i = 0; i < FLIGHTS_MAX; i++)
        live += flight_is_live(&fleet->flight[i]);
    return live == fleet_live(fleet);
}

static void draft_is_lowest(struct fleet *fleet, uint8_t account)
{
    uint64_t expected = lowest_free(fleet);
    struct flight *flight = flight_drafted(fleet, account);

    if (flight != NULL)
        cr_assert(eq(u64, flight->nonce, expected));
}

static void event_apply(struct fleet *fleet, struct flight *flight, uint64_t draw)
{
    struct receipt receipt = receipt_of(flight, draw & 1024);
    BUFFER raw = {0};

    switch (draw % 8) {
    case 0:
        flight_sign(&raw, flight, CHAIN_ID);
        if (flight_signed(flight, buffer_bytes(&raw), CHAIN_ID))
            cr_assert(eq(int, flight->state, FLIGHT_SIGNED));
        break;
    case 1:
        flight_withdraw(fleet, flight);
        break;
    case 2:
    case 3:
        flight_sent(flight, (enum send_outcome)(draw / 8 % 4), 5000);
        break;
    case 4:
        flight_receipt(fleet, flight, &receipt);
        break;
    case 5:
        flight_overtaken(fleet, flight);
        break;
    default:
        if (flight->state != FLIGHT_FREE && !flight_is_live(flight))
            flight_release(fleet, flight);
        break;
    }
}

Test(fleet, never_has_two_live_flights_of_one_nonce_in_any_order_of_events)
{
    uint64_t seed = 20240805;

    for (int story = 0; story < 20; story++) {
        struct fleet *fleet = fleet_new(random_next(&seed) % 5);
        for (int step = 0; step < 300; step++) {
            uint64_t draw = random_next(&seed);
            if (draw % 3 == 0)
                draft_is_lowest(fleet, (uint8_t)step);
            else
                event_apply(fleet, &fleet->flight[draw % 24], random_next(&seed));
            if (draw % 97 == 0) /* a head */
                fleet_set_nonce(fleet, fleet->transaction_count + draw % 5);
            if (draw % 101 == 0) /* a lagging node, or a reorg */
                fleet_set_nonce(fleet, fleet->transaction_count / 2);
            cr_assert(nonces_are_apart(fleet), "story %d, step %d", story, step);
            cr_assert(all_are_looked_at(fleet), "story %d, step %d", story, step);
        }
        free(fleet);
    }
}

Test(fleet, comes_back_equal_after_a_restart_at_any_moment)
{
    uint64_t seed = 99;

    for (int story = 0; story < 40; story++) {
        struct fleet *fleet = fleet_new(random_next(&seed) % 5);
        struct fleet *after = must_alloc(1, sizeof(*after));
        for (int step = 0; step < 60; step++) {
            uint64_t draw = random_next(&seed);
            if (draw % 2 == 0)
                draft_is_lowest(fleet, (uint8_t)step);
            else
                event_apply(fleet, &fleet->flight[draw / 2 % 24], random_next(&seed));
        }
        restore_all(after, fleet);
        fleet_set_nonce(after, fleet->transaction_count);
        cr_assert(eq(u32, fleet_live(after), fleet_live(fleet)));
        cr_assert(eq(u64, lowest_free(after), lowest_free(fleet)));
        free(fleet);
        free(after);
    }
}
