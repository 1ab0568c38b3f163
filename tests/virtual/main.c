/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cantine-virtual-reader: the command line. `serve` is the reader; every other command is an order
 * to one that serves.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/macro.h"
#include "virtual/client.h"
#include "virtual/serve.h"
#include "virtual/timing.h"

#ifndef CANTINE_VERSION
#define CANTINE_VERSION "development"
#endif

static const char *arg_control;
static const char *arg_link;
static unsigned arg_speed = LINE_SPEED_DEFAULT;
static bool arg_verbose;

static const char help[] =
    "A PN532 NFC reader without hardware: a chip on a pseudo-terminal, and badges to hold to it.\n"
    "\n"
    "  cantine-virtual-reader serve --link PATH --control SOCKET [--speed BAUD] [--verbose]\n"
    "      Be a reader until SIGTERM or Ctrl-C. PATH becomes a link to the reader's serial line; "
    "give\n"
    "      it to libnfc as pn532_uart:PATH. Prints one line, \"ready: ...\", once it is there.\n"
    "        --speed BAUD   bytes travel at this speed in real time (default 115200)\n"
    "        --verbose      every frame as hex on stderr\n"
    "\n"
    "  cantine-virtual-reader --control SOCKET COMMAND\n"
    "      put UID [BADGE]         put a badge down; it stays until it is taken\n"
    "      take [UID]              take this badge away, or all\n"
    "      tap UID [BADGE]         hold a badge there until it is read (0.2 s to 5 s), take it "
    "away\n"
    "          [--for TIME]          ... or hold it there for exactly this time, such as 200ms\n"
    "      list                    which badges lie there\n"
    "      unplug                  pull the reader's plug: its host sees a hang-up, the link is "
    "gone\n"
    "      replug                  plug it in again; badges stay where they are\n"
    "      fault KIND              from now on the reader is bad; the newest fault alone counts\n"
    "          [--command HEX]       ... only at this command of the PN532, such as 4A\n"
    "          [--count N]           ... only the next N commands, else until heal\n"
    "          [--by TIME]           ... late and drip: so much (default 400ms and 150ms)\n"
    "      heal                    it is good again; says how many commands were spoilt\n"
    "\n"
    "UID is 4, 7 or 10 bytes in hex, in either case, with or without spaces and colons; or "
    "\"random\":\n"
    "a new UID 08xxxxxx at each activation, as phones have it.\n"
    "\n"
    "BADGE says what the badge is:\n"
    "      --kind KIND   classic (default for 4 bytes), ntag (7), desfire (10), phone (random)\n"
    "                    or type-b (ISO 14443-B, 4 bytes)\n"
    "      --atqa HEX    two bytes as nfc-list prints them, such as 0044\n"
    "      --sak HEX     one byte; with bit 20 the badge speaks ISO 14443-4 and has an ATS\n"
    "      --ats HEX     as nfc-list prints it, without its length byte\n"
    "\n"
    "KIND of fault:\n"
    "      mute         neither ACK nor answer     no-ack      the ACK is missing\n"
    "      no-answer    the answer is missing      nack        a NACK, nothing else\n"
    "      bad-lcs      bad length checksum        bad-dcs     bad data checksum\n"
    "      wrong-code   another command's answer   error       an error frame\n"
    "      half         half of the answer         stale       first the last answer once more\n"
    "      garbage      noise instead              flood       noise without end, asked or not\n"
    "      late         the answer comes late      drip        a long answer, byte by byte\n"
    "      status       bit 7 of the status byte   ats         a badge's ATS has the length 0\n"
    "\n"
    "CANTINE_VIRTUAL_READER in the environment stands in for --control SOCKET. Each command prints "
    "one\n"
    "line; times in it are CLOCK_MONOTONIC in microseconds:\n"
    "      put 04A1B2C3D4E5F6 at 123456789012\n"
    "      tap 04A1B2C3D4E5F6 at 123456789012 read 123456798210 as 04A1B2C3D4E5F6 taken "
    "123456989012\n"
    "      tap 04A1B2C3D4E5F6 at 123456789012 read never taken 123456989012\n"
    "Exit status: 0 done, 1 failed, 2 wrong usage.\n"
    "\n"
    "Try it:\n"
    "      cantine-virtual-reader serve --link /tmp/reader --control /tmp/reader.sock &\n"
    "      cantine-virtual-reader --control /tmp/reader.sock put 04:A1:B2:C3:D4:E5:F6\n"
    "      LIBNFC_DEVICE=pn532_uart:/tmp/reader nfc-list\n";

static int usage_error(const char *what, const char *word)
{
    fprintf(stderr, "cantine-virtual-reader: %s%s: see cantine-virtual-reader --help\n", what,
            word);
    return 2;
}

static bool speed_parse(const char *text, unsigned *ret)
{
    char *end;
    unsigned long speed = strtoul(text, &end, 10);

    if (*end != '\0' || speed < SERVE_SPEED_MIN || speed > SERVE_SPEED_MAX)
        return false;
    *ret = (unsigned)speed;
    return true;
}

/*
 * Options up to the command, and, for serve, after it too; those of other commands are the reader's
 * to understand. Returns the exit status, or -1 to go on.
 */
static int options_parse(int argc, char *argv[])
{
    static const struct option options[] = {
        {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'V'},
        {"control", required_argument, NULL, 'c'},
        {"link", required_argument, NULL, 'l'},
        {"speed", required_argument, NULL, 's'},
        {"verbose", no_argument, NULL, 'v'},
        {0},
    };
    int option;

    while ((option = getopt_long(argc, argv, "+:hV", options, NULL)) >= 0) {
        switch (option) {
        case 'h':
            fputs(help, stdout);
            return 0;
        case 'V':
            puts("cantine-virtual-reader " CANTINE_VERSION);
            return 0;
        case 'c':
            arg_control = optarg;
            break;
        case 'l':
            arg_link = optarg;
            break;
        case 's':
            if (!speed_parse(optarg, &arg_speed))
                return usage_error("bad speed ", optarg);
            break;
        case 'v':
            arg_verbose = true;
            break;
        case ':':
            return usage_error("no value for ", argv[optind - 1]);
        default:
            return usage_error("unknown option ", argv[optind - 1]);
        }
    }
    return -1;
}

static int run_serve(void)
{
    const struct serve_options options = {
        .link = arg_link,
        .control = arg_control,
        .speed = arg_speed,
        .verbose = arg_verbose,
    };

    if (!arg_link)
        return usage_error("serve needs ", "--link PATH");
    if (!arg_control)
        return usage_error("serve needs ", "--control SOCKET");
    return serve(&options);
}

int main(int argc, char *argv[])
{
    int r;

    arg_control = getenv("CANTINE_VIRTUAL_READER");
    r = options_parse(argc, argv);
    if (r >= 0)
        return r;
    argc -= optind;
    argv += optind;
    if (argc == 0)
        return usage_error("no command", "");

    if (streq(argv[0], "serve")) {
        optind = 0; /* from the start, in the words after "serve"; getopt(3), "NOTES" */
        r = options_parse(argc, argv);
        if (r >= 0)
            return r;
        if (optind < argc)
            return usage_error("serve does not know ", argv[optind]);
        return run_serve();
    }
    if (!arg_control)
        return usage_error("which reader? ", "give --control SOCKET or set CANTINE_VIRTUAL_READER");
    return client_order(arg_control, argc, argv);
}
