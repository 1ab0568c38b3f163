/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A door without hardware: for trying Cantine out, and for a place where only presence is counted.
 */

#include "door/actuator.h"

static int virtual_write(void *state, bool unlocked)
{
    (void)state;
    (void)unlocked;
    return 0;
}

static int virtual_mend(void *state)
{
    (void)state;
    return 0;
}

static const char *virtual_fault(const void *state)
{
    (void)state;
    return NULL;
}

static void virtual_free(void *state)
{
    (void)state;
}

int actuator_virtual_new(struct actuator **ret)
{
    static const struct actuator_kind kind = {virtual_write, virtual_mend, virtual_fault,
                                              virtual_free};

    return actuator_new(&kind, NULL, ret);
}
