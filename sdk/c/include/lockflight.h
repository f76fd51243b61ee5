/* Everything a lockflight plugin in C needs. `README.md` beside this folder says how a plugin is laid out.
 *
 * Memory: whatever the SDK hands out lives until the call of the stage ends, and nothing has to be freed. The one exception is
 * said where it holds: rows of a scan live until the next `lf_next`.
 *
 * Faults of the plugin itself, such as a column index out of range, end the stage with a line in its log (`lf_die`). */
#ifndef LOCKFLIGHT_H
#define LOCKFLIGHT_H

#include "lockflight/types.h"
#include "lockflight/text.h"
#include "lockflight/answers.h"
#include "lockflight/config.h"
#include "lockflight/job.h"
#include "lockflight/table.h"
#include "lockflight/write.h"
#include "lockflight/stages.h"

#endif
