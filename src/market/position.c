/* A position's legs lie in order of reserve; few enough that halving finds one in a handful of
 * steps. */
#include "market/position.h"

const struct leg *position_leg(const struct position *position, uint32_t reserve)
{
    uint32_t low = 0;
    uint32_t high = position->leg_count;

    while (low < high) {
        uint32_t middle = (low + high) / 2;
        const struct leg *leg = &position->legs[middle];
        if (leg->reserve == reserve) {
            return leg;
        }
        if (leg->reserve < reserve) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}
