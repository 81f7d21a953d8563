/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A guest agent that answers as it is told, also with lies: a thread at the other end of a socket.
 */
#pragma once

#include "agent/agent.h"

typedef enum {
    FAKE_SYNC_WELL,      /* as the protocol says */
    FAKE_SYNC_SILENT,    /* no answer */
    FAKE_SYNC_WRONG,     /* another number */
    FAKE_SYNC_PLAIN,     /* knows only guest-sync */
    FAKE_SYNC_NONE,      /* knows neither */
    FAKE_SYNC_ECHO,      /* sends back what it gets, like a terminal */
    FAKE_SYNC_LAST_ONLY, /* answers the newest of all syncs it got, after garbage */
} FakeSync;

typedef struct FakeAgent FakeAgent;

/* Starts one; *AGENT, which the caller unrefs, is at the other end. */
FakeAgent *fake_agent_new(VxAgent **agent);
/* Waits for its thread, which ends when the agent is gone. */
void fake_agent_free(FakeAgent *fake);

/* What follows is for the time when no command is under way. */
void fake_agent_set_sync(FakeAgent *fake, FakeSync sync);
/* The next command (syncs are not counted) is answered with the LENGTH bytes of DATA as they are, after DELAY_MS. */
void fake_agent_answer_bytes(FakeAgent *fake, const void *data, gsize length, unsigned delay_ms);
/* The same for a text, with a newline behind it. */
void fake_agent_answer(FakeAgent *fake, const char *text);
/* The next command is answered by closing the connection. */
void fake_agent_answer_closing(FakeAgent *fake);
/* The next command is answered with BYTE, more often than any answer may be long. */
void fake_agent_answer_endlessly(FakeAgent *fake, char byte);
/* Stops reading. */
void fake_agent_stop_reading(FakeAgent *fake);

/* Commands without an answer of their own get {"return":N} for arguments {"n":N}, and {"return":{}} otherwise. */

/* The last command that came, without its line end, syncs not counted; the caller frees it. NULL if none came. */
char *fake_agent_last(FakeAgent *fake);
/* How many syncs came. */
unsigned fake_agent_n_syncs(FakeAgent *fake);
