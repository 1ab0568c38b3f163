/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "door/actuator.h"

#include <errno.h>

int actuator_new(const struct actuator_kind *kind, void *state, struct actuator **ret)
{
    struct actuator *actuator = malloc(sizeof(*actuator));

    if (!actuator) {
        kind->free(state);
        return -ENOMEM;
    }
    *actuator = (struct actuator){kind, state};
    *ret = actuator;
    return 0;
}

struct actuator *actuator_free(struct actuator *actuator)
{
    if (!actuator)
        return NULL;
    (void)actuator->kind->write(actuator->state, false);
    actuator->kind->free(actuator->state);
    free(actuator);
    return NULL;
}

int actuator_write(struct actuator *actuator, bool unlocked)
{
    return actuator->kind->write(actuator->state, unlocked);
}

int actuator_mend(struct actuator *actuator)
{
    return actuator->kind->mend(actuator->state);
}

const char *actuator_fault(const struct actuator *actuator)
{
    return actuator->kind->fault(actuator->state);
}
