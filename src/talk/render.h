/* SPDX-License-Identifier: MIT */
#ifndef TALK_RENDER_H
#define TALK_RENDER_H

#include "chat/face.h"

/* Events as lines for people. */
extern const struct chat_face talk_face;

#endif
