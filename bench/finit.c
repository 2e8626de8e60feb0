// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The floor: nothing but an override for each address, and the finit_module calls for the
 * files named, the last with options. What is loaded already is passed over. Looks at nothing
 * and says nothing.
 *
 * usage: finit OPTIONS [ADDRESS...] FILE...
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int finit_module(int fd, const char *options, int flags); /* defined, but in no header */

#define MODULE_INIT_COMPRESSED_FILE 4

static int write_override(const char *address)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/driver_override", address);
	fd = open(path, O_WRONLY);
	if (fd < 0 || write(fd, "vfio-pci", 8) != 8)
		return -1;
	return close(fd);
}

int main(int argc, char **argv)
{
	int i = 2;

	for (; i < argc && *argv[i] != '/'; i++)
		if (write_override(argv[i]))
			return 1;
	for (; i < argc; i++) {
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
