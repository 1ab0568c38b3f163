/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reader/device.h"

#include <nfc/nfc.h>

struct device {
    const char *connection;
    nfc_context *context;
    nfc_device *nfc; /* NULL while closed */
};

static const nfc_modulation modulations[] = {
    [AIR_A] = {.nmt = NMT_ISO14443A, .nbr = NBR_106},
    [AIR_B] = {.nmt = NMT_ISO14443B, .nbr = NBR_106},
};

static int errno_of(int code)
{
    switch (code) {
    case NFC_ETIMEOUT:
        return -ETIMEDOUT;
    case NFC_ENOTSUCHDEV:
        return -ENODEV;
    default:
        return -EIO;
    }
}

/* True if the code is about the badge on the air: the chip itself has answered. */
static bool code_is_of_the_air(int code)
{
    return code == NFC_ERFTRANS || code == NFC_ETGRELEASED || code == NFC_EDEVNOTSUPP ||
           code == NFC_EMFCAUTHFAIL;
}

/* libnfc reads these at start, and again for each line that it would like to print. */
static void environment_clean(void)
{
    static const char *const names[] = {"LIBNFC_DEFAULT_DEVICE", "LIBNFC_DEVICE",
                                        "LIBNFC_AUTO_SCAN", "LIBNFC_INTRUSIVE_SCAN"};

    for (size_t i = 0; i < ELEMENTSOF(names); i++)
        (void)unsetenv(names[i]);
    /* Its words would repeat with every try; what matters is said once, as the reader's state. */
    (void)setenv("LIBNFC_LOG_LEVEL", "0", 1);
}

int device_new(const char *connection, struct device **ret)
{
    CLEANUP(cleanup_device) struct device *device = calloc(1, sizeof(*device));

    if (!device)
        return -ENOMEM;
    device->connection = connection;
    environment_clean();
    nfc_init(&device->context);
    if (!device->context)
        return -ENOMEM;
    *ret = TAKE_PTR(device);
    return 0;
}

struct device *device_free(struct device *device)
{
    if (!device)
        return NULL;
    device_close(device);
    if (device->context)
        nfc_exit(device->context);
    free(device);
    return NULL;
}

/*
 * A chip whose answer to GetFirmwareVersion was lost is opened all the same, but knows no
 * modulation; selecting on it would end the process by an assertion.
 */
static int device_check(struct device *device)
{
    const nfc_modulation_type *types = NULL;
    int r;

    r = nfc_device_get_supported_modulation(device->nfc, N_INITIATOR, &types);
    if (r < 0)
        return errno_of(r);
    for (; types && *types; types++)
        if (*types == modulations[AIR_A].nmt)
            return 0;
    return -EIO;
}

static int device_begin(struct device *device)
{
    int r;

    r = device_check(device);
    if (r < 0)
        return r;
    r = nfc_initiator_init(device->nfc);
    if (r < 0)
        return errno_of(r);
    /* An endless selection ends in a time-out that the chip doesn't hear of. */
    r = nfc_device_set_property_bool(device->nfc, NP_INFINITE_SELECT, false);
    return r < 0 ? errno_of(r) : 0;
}

int device_open(struct device *device)
{
    nfc_connstring connection;
    int r;

    (void)snprintf(connection, sizeof(connection), "%s", device->connection);
    device->nfc = nfc_open(device->context, connection);
    if (!device->nfc)
        return -ENODEV;
    r = device_begin(device);
    if (r < 0)
        device_close(device);
    return r;
}

void device_close(struct device *device)
{
    if (device->nfc)
        nfc_close(device->nfc);
    device->nfc = NULL;
}

bool device_is_open(const struct device *device)
{
    return device->nfc != NULL;
}

const char *device_name(struct device *device)
{
    return nfc_device_get_name(device->nfc);
}

/* 1 if somebody answered and is selected, 0 if nobody did, or a negative errno. */
static int device_select(struct device *device, enum air air, nfc_target *ret)
{
    int r = nfc_initiator_select_passive_target(device->nfc, modulations[air], NULL, 0, ret);

    if (r == 0 || code_is_of_the_air(r))
        return 0;
    return r < 0 ? errno_of(r) : 1;
}

static int device_poll_a(struct device *device, struct reader_card *ret)
{
    nfc_target target = {0};
    const nfc_iso14443a_info *badge = &target.nti.nai;
    struct reader_card card = {.header = MESSAGE_HEADER(READER_CARD, struct reader_card)};
    int r;

    r = device_select(device, AIR_A, &target);
    card.read_at = time_monotonic();
    if (r <= 0)
        return r;
    if (!uid_length_valid(badge->szUidLen))
        return -EIO;
    card.uid.length = (uint8_t)badge->szUidLen;
    memcpy(card.uid.bytes, badge->abtUid, card.uid.length);
    memcpy(card.atqa, badge->abtAtqa, sizeof(card.atqa));
    card.sak = badge->btSak;
    card.ats_length = (uint8_t)MIN_OF(badge->szAtsLen, sizeof(card.ats));
    memcpy(card.ats, badge->abtAts, card.ats_length);
    *ret = card;
    return 1;
}

static int device_poll_b(struct device *device, struct reader_card *ret)
{
    nfc_target first = {0}, second = {0};
    struct reader_card card = {.header = MESSAGE_HEADER(READER_CARD, struct reader_card)};
    const uint8_t *pupi = first.nti.nbi.abtPupi;
    int r;

    r = device_select(device, AIR_B, &first);
    if (r <= 0)
        return r;
    r = device_field_renew(device);
    if (r < 0)
        return r;
    r = device_select(device, AIR_B, &second);
    card.read_at = time_monotonic();
    if (r <= 0)
        return r;
    card.uid.length = sizeof(first.nti.nbi.abtPupi);
    memcpy(card.uid.bytes, pupi, card.uid.length);
    if (memcmp(pupi, second.nti.nbi.abtPupi, card.uid.length) != 0)
        card.uid.bytes[0] = UID_RANDOM_FIRST;
    *ret = card;
    return 1;
}

int device_poll(struct device *device, enum air air, struct reader_card *ret)
{
    return air == AIR_A ? device_poll_a(device, ret) : device_poll_b(device, ret);
}

int device_badge_stays(struct device *device)
{
    int r = nfc_initiator_target_is_present(device->nfc, NULL);

    if (r == NFC_SUCCESS)
        return 1;
    return code_is_of_the_air(r) ? 0 : errno_of(r);
}

int device_badge_halt(struct device *device)
{
    int r = nfc_initiator_deselect_target(device->nfc);

    return r < 0 && !code_is_of_the_air(r) ? errno_of(r) : 0;
}

int device_field_renew(struct device *device)
{
    int r;

    r = nfc_device_set_property_bool(device->nfc, NP_ACTIVATE_FIELD, false);
    if (r >= 0)
        r = nfc_device_set_property_bool(device->nfc, NP_ACTIVATE_FIELD, true);
    return r < 0 ? errno_of(r) : 0;
}
