/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files of configuration, and lines of them: read whole, with a limit, and cut
 * into lines in place. The names of files that a file includes, found by
 * wildcards beside it.
 */
#ifndef CONFIG_SOURCE_H
#define CONFIG_SOURCE_H

#include <glob.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <time.h>

#include "config/problem.h"

/* A file that includes itself ends here */
#define CFG_INCLUDE_DEPTH 10

/**
 * struct cfg_stamp - what shows that a file is another one, or was written into
 * @device: where it is
 * @number: of its inode
 * @size: bytes
 * @written: when its content was
 * @changed: when anything of it was
 */
struct cfg_stamp {
	dev_t device;
	ino_t number;
	off_t size;
	struct timespec written;
	struct timespec changed;
};

/**
 * struct cfg_source - a file in memory
 * @name: of the file
 * @text: its bytes, and a 0 behind them
 * @length: number of bytes
 * @rest: what has not been read yet
 * @at: the line that was read last
 * @secret: @text is to be wiped
 * @stamp: of the file when it was read
 * @settled: nobody can write into it again so soon that @stamp wouldn't show it
 */
struct cfg_source {
	char *name;
	char *text;
	size_t length;
	char *rest;
	struct cfg_position at;
	bool secret;
	struct cfg_stamp stamp;
	bool settled;
};

ERROR_MUST_CHECK
struct error *cfg_source_open(const char *path, bool secret,
			      struct cfg_source **source);
char *cfg_source_line(struct cfg_source *source);
bool cfg_source_is_current(const struct cfg_source *source);
void cfg_source_free(struct cfg_source *source);

ERROR_MUST_CHECK
struct error *cfg_source_glob(const struct cfg_source *source,
			      const char *pattern, glob_t *found);

char *cfg_skip_blanks(const char *text);
void cfg_trim(char *text);

#endif /* CONFIG_SOURCE_H */
