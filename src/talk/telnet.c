/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "talk/telnet.h"

enum { TEXT, COMMAND, OPTION, SUBNEGOTIATION, SUBNEGOTIATION_COMMAND };

/* RFC 854; the lowest command is EOF (236, RFC 1184). */
enum { LOWEST = 236, SE = 240, SB = 250, WILL = 251, DONT = 254, IAC = 255 };

/* The byte after IAC. Returns how many bytes of text there are now. */
static size_t command(struct telnet *telnet, unsigned char byte, char *out)
{
    telnet->state = TEXT;
    if (byte == SB) {
        telnet->state = SUBNEGOTIATION;
        telnet->swallowed = 0;
    } else if (byte >= WILL && byte <= DONT) {
        telnet->state = OPTION;
    } else if (byte == IAC) {
        out[0] = (char)IAC;
        return 1;
    } else if (byte < LOWEST) {
        /* No command: the byte before was meant as text, in whatever encoding. */
        out[0] = (char)IAC;
        out[1] = (char)byte;
        return 2;
    }
    return 0;
}

static void subnegotiation(struct telnet *telnet, unsigned char byte)
{
    if (++telnet->swallowed > TELNET_SUBNEGOTIATION_MAX)
        telnet->state = TEXT;
    else if (byte == IAC)
        telnet->state = SUBNEGOTIATION_COMMAND;
}

/* Within a subnegotiation IAC stands for itself or before SE; before anything else it ends it. */
static size_t subnegotiation_command(struct telnet *telnet, unsigned char byte, char *out)
{
    if (byte == IAC) {
        telnet->state = SUBNEGOTIATION;
        return 0;
    }
    if (byte == SE) {
        telnet->state = TEXT;
        return 0;
    }
    return command(telnet, byte, out);
}

static size_t strip_byte(struct telnet *telnet, unsigned char byte, char *out)
{
    switch (telnet->state) {
    case COMMAND:
        return command(telnet, byte, out);
    case OPTION:
        telnet->state = TEXT;
        telnet->negotiates = true;
        return 0;
    case SUBNEGOTIATION:
        subnegotiation(telnet, byte);
        return 0;
    case SUBNEGOTIATION_COMMAND:
        return subnegotiation_command(telnet, byte, out);
    default:
        if (byte == IAC) {
            telnet->state = COMMAND;
            return 0;
        }
        out[0] = (char)byte;
        return 1;
    }
}

size_t telnet_strip(struct telnet *telnet, const char *in, size_t length, char *out)
{
    size_t used = 0;

    for (size_t i = 0; i < length; i++)
        used += strip_byte(telnet, (unsigned char)in[i], out + used);
    return used;
}
