/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "publisher/account.h"

#include <errno.h>

#define CREDENTIAL "mqtt-password"

/* The first line of the file at `path`, without its end. */
static int secret_read(const char *path, char ret[static ACCOUNT_SECRET_SIZE])
{
    CLEANUP(cleanup_file) FILE *file = fopen(path, "re");
    char line[ACCOUNT_SECRET_SIZE + 1];
    size_t n;

    if (!file)
        return -errno;
    if (!fgets(line, sizeof(line), file))
        return ferror(file) ? -EIO : -ENODATA;
    n = strcspn(line, "\r\n");
    if (n >= ACCOUNT_SECRET_SIZE)
        return -E2BIG;
    line[n] = '\0';
    (void)stpcpy(ret, line);
    return 0;
}

static int password_find(struct account *account, char error[ACCOUNT_ERROR_SIZE])
{
    const char *path = account->config->mqtt.password_file, *credentials;
    char credential[CONFIG_TEXT_SIZE];
    int r;

    if (!path[0]) {
        credentials = getenv("CREDENTIALS_DIRECTORY");
        if (!credentials)
            return 0;
        (void)snprintf(credential, sizeof(credential), "%s/" CREDENTIAL, credentials);
        path = credential;
    }
    r = secret_read(path, account->password);
    if (r == -ENOENT && path == credential)
        return 0;
    if (r < 0)
        (void)snprintf(error, ACCOUNT_ERROR_SIZE,
                       "%s: the broker's password can't be read from it: %s: put the password on "
                       "its first line and let this program's user read it",
                       path, strerror(-r));
    return r;
}

int account_init(const struct config *config, struct account *ret, char error[ACCOUNT_ERROR_SIZE])
{
    struct account account = {.config = config, .will = ACCOUNT_OFFLINE};
    int r;

    if (config->mqtt.port == 0)
        (void)snprintf(account.place, sizeof(account.place), "%s", config->mqtt.host);
    else
        (void)snprintf(account.place, sizeof(account.place), "%s:%u", config->mqtt.host,
                       config->mqtt.port);
    (void)snprintf(account.client_id, sizeof(account.client_id), "cantine-publisher-%s",
                   config->site.id);
    account_topic(&account, "status", NULL, account.will_topic);
    r = password_find(&account, error);
    if (r < 0)
        return r;
    *ret = account;
    return 0;
}

void account_topic(const struct account *account, const char *kind, const char *name,
                   char ret[static ACCOUNT_TOPIC_SIZE])
{
    (void)snprintf(ret, ACCOUNT_TOPIC_SIZE, "%s/%s/%s%s%s", account->config->mqtt.prefix,
                   account->config->site.id, kind, name ? "/" : "", name ? name : "");
}
