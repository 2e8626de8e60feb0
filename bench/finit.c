// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The floor: nothing but the finit_module calls for the files named, the last with options.
 * What is loaded already is passed over. Knows nothing of devices.
 *
 * usage: finit OPTIONS FILE...
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

int finit_module(int fd, const char *options, int flags); /* defined, but in no header */

#define MODULE_INIT_COMPRESSED_FILE 4

int main(int argc, char **argv)
{
	for (int i = 2; i < argc; i++) {
		const char *end = strrchr(argv[i], '.');
		int fd = open(argv[i], O_RDONLY);
		int flags = end && strcmp(end, ".ko") ? MODULE_INIT_COMPRESSED_FILE : 0;

		if (fd < 0)
			return 1;
		if (finit_module(fd, i + 1 == argc ? argv[1] : "", flags) &&
		    errno != EEXIST)
			return i;
		close(fd);
	}
	return 0;
}
