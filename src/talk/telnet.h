/* SPDX-License-Identifier: MIT */
/*
 * What a telnet client puts between the bytes of a text (RFC 854, 855): commands of two bytes,
 * negotiations of three, and subnegotiations of any length. All of it is swallowed and none
 * answered, as if to say nothing but plain text is spoken here. Any byte may be part of it, line
 * ends too, so its state lives on from one line to the next.
 *
 * A client that negotiates is told when not to show what is typed (RFC 857): that the server will do so,
 * which it then does not. To others that would be two bytes of rubbish.
 */
#ifndef TALK_TELNET_H
#define TALK_TELNET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zero: in the middle of text. */
struct telnet {
    uint8_t state;
    bool negotiates;    /* something has been negotiated: this is a telnet client */
    uint16_t swallowed; /* bytes of the subnegotiation so far */
};

/*
 * A subnegotiation longer than that is none: what comes after it is text again, so that a byte of
 * another character set does not make somebody mute.
 */
#define TELNET_SUBNEGOTIATION_MAX 512

#define TELNET_NEGOTIATION 3 /* bytes of one of */
#define TELNET_WILL_ECHO   "\xff\xfb\x01"
#define TELNET_WONT_ECHO   "\xff\xfc\x01"

/*
 * Writes what is text of the LENGTH bytes at IN to OUT, which has room for LENGTH + 1 bytes, and
 * returns how many they are.
 */
size_t telnet_strip(struct telnet *telnet, const char *in, size_t length, char *out);

#endif
